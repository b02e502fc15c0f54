//! The desk of staff: what a person can do about money and goods that nothing settles by itself.
//! Every end of a refund, goods delivered by hand, orders refunded for what was not delivered,
//! and cases that may not be put away while they hold money.

mod by_hand;
mod hands;
mod held;
mod lost;
mod never;
mod rest;
mod words;

use serde_json::{Value, json};
use std::time::Duration;

use crate::drills::stage::{self, Goods, SOON, account, count};
use crate::harness::{Cli, Placed, Sandbox, TestShop, eventually};

/// What one unit costs.
pub const PRICE: i64 = 1_990;

/// One card on the shelf that nobody holds, so that two can pay for it.
const ONE: Goods = Goods {
    cards: 1,
    reserve: false,
};

/// A shop whose only account is this one, at a gateway on its clock.
async fn shop_with(shop: &TestShop, account_id: &str, goods: Goods, settings: &str) -> Sandbox {
    let gateway = stage::gateway(shop).await;
    let account = account(account_id, "alipay", 1, &gateway.url());
    stage::open_shop(shop, goods, settings, &account).await;
    gateway
}

/// Two buy the last card; the second is paid, has nothing, and a case.
async fn paid_without_stock(shop: &TestShop, gateway: &Sandbox) -> (Placed, String) {
    let first = stage::buy(shop, "alipay").await;
    let second = stage::buy(shop, "alipay").await;
    gateway.pay(first.pay_url()).await;
    shop.goods(&first).await;
    gateway.pay(second.pay_url()).await;
    shop.order_in(&second, "awaiting_stock").await;
    let case = case(shop, "no_stock").await;
    (second, case)
}

/// `vendgate case …` with a note.
async fn staff(shop: &TestShop, deed: &[&str]) -> Cli {
    let args = [&["case"], deed, &["--note", "seen by a person"]].concat();
    shop.cli(&args).await
}

/// The open case of a kind, once there is one.
async fn case(shop: &TestShop, kind: &str) -> String {
    eventually(SOON, || async {
        let open = stage::cases(shop, kind, false).await;
        open.first()
            .and_then(|case| case["id"].as_str())
            .map(str::to_owned)
    })
    .await
}

/// One case as staff see it.
async fn show(shop: &TestShop, id: &str) -> Value {
    let text = shop.cli(&["case", "show", id, "--json"]).await.ok();
    serde_json::from_str(&text).expect("JSON")
}

/// Waits until a case is closed.
async fn closed(shop: &TestShop, id: &str) {
    eventually(SOON, || async {
        let case = format!("money_case WHERE id = '{id}' AND state = 'closed'");
        count(shop, &case) == 1
    })
    .await;
}

/// Waits until so many refunds stand in a state.
async fn refunds_in(shop: &TestShop, state: &str, many: i64) {
    let what = format!("refund WHERE state = '{state}' AND held_until IS NULL");
    eventually(SOON, || async { count(shop, &what) == many }).await;
}

/// How often a template stands in the journal.
fn posted(shop: &TestShop, template: &str) -> i64 {
    count(shop, &format!("journal WHERE template = '{template}'"))
}

/// What an account of the book owes now, credits less debits.
fn owed(shop: &TestShop, account: &str) -> i64 {
    let sum = shop.scalar(&format!(
        "SELECT CAST(COALESCE(SUM(CASE side WHEN 'C' THEN amount ELSE -amount END), 0) AS BIGINT) \
         FROM journal_entry WHERE account = '{account}'"
    ));
    sum.expect("a sum").parse().expect("a number")
}

/// Every invariant of the book holds, and no more went back of any money than came.
async fn books_hold(shop: &TestShop) {
    shop.cli(&["ledger", "verify"]).await.ok();
    let wrong = "receipt r WHERE r.refunding > r.amount OR r.refunding <> (SELECT \
        COALESCE(SUM(f.amount), 0) FROM refund f WHERE f.receipt_id = r.id AND f.state <> 'failed')";
    assert_eq!(count(shop, wrong), 0, "refunds and receipts disagree");
}

/// The buyer's mails with this subject word.
fn mails(shop: &TestShop, word: &str) -> usize {
    let mails = shop.smtp().mails_to(stage::BUYER);
    let named =
        |mail: &&crate::harness::Mail| mail.header("subject").is_some_and(|s| s.contains(word));
    mails.iter().filter(named).count()
}

/// The order's page as its buyer sees it.
async fn page(shop: &TestShop, placed: &Placed) -> String {
    let path = format!("/o/{}", placed.order_no);
    let opened = shop
        .http()
        .get(&format!("{path}?token={}", placed.view_token))
        .await
        .expect(303);
    let cookie = opened.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().unwrap_or_default();
    let page = shop
        .http()
        .send("GET", &path, &[("cookie", cookie)], b"")
        .await;
    page.expect(200).text()
}

/// Refunds that the gateway was asked for.
async fn asked_back(gateway: &Sandbox) -> usize {
    stage::log(gateway, "", "refund").await.len()
}

/// The gateway behaves so towards refunds, until it is told otherwise.
async fn refunds_are(gateway: &Sandbox, switch: &str) {
    gateway.switch(json!({"refund": switch})).await;
}

/// Past the first gaps between two tries of a refund.
const A_FEW_TRIES: Duration = Duration::from_secs(60);
