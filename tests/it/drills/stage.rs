//! What every drill stands on: a stocked shop, its gateway, and the questions asked afterwards.

use crate::harness::{Placed, Reply, Sandbox, TestShop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

/// Who buys, unless a drill needs many.
pub const BUYER: &str = "stranger@example.test";
/// Who hears the alarms.
pub const OWNER: &str = "owner@example.test";
/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-drills-0123456789abcdef";
const EPAY_KEY: &str = "0123456789abcdef0123456789abcdef";
/// A bound for broken code on a busy machine; no drill that passes waits for it.
pub const SOON: Duration = Duration::from_secs(60);

/// What a shop sells.
#[derive(Clone, Copy)]
pub struct Goods {
    pub cards: usize,
    pub reserve: bool,
}

/// Five cards, held when ordered.
pub const FIVE: Goods = Goods {
    cards: 5,
    reserve: true,
};

/// A channel account to apply.
pub fn account(id: &str, method: &str, priority: u32, base_url: &str) -> String {
    let (kind, base_url, keys) = if id.starts_with("epay") {
        let keys = format!("version = \"v1\"\npid = \"1001\"\nkey = \"{EPAY_KEY}\"");
        ("epay", format!("{base_url}/epay"), keys)
    } else {
        let keys = format!("merchant = \"{id}\"\nkey = \"{KEY}\"");
        ("sandbox", base_url.to_owned(), keys)
    };
    format!(
        "[[channel_account]]\nid = \"{id}\"\nkind = \"{kind}\"\nstate = \"enabled\"\n\
         methods = [\"{method}\"]\nbase_url = \"{base_url}\"\npriority = {priority}\n\
         [channel_account.credentials]\n{keys}\n"
    )
}

/// A gateway on the shop's clock, with the merchants of [`account`].
pub async fn gateway(shop: &TestShop) -> Sandbox {
    let gateway = Sandbox::on_the_clock_of(shop).await;
    for id in ["m1", "m2", "m3", "m4", "m5"] {
        gateway.merchant(json!({"id": id, "key": KEY})).await;
    }
    gateway
        .merchant(json!({"pid": "1001", "key": EPAY_KEY}))
        .await;
    gateway
}

/// Applies settings (lines of `[shop]`), one product and these accounts.
pub async fn open_shop(shop: &TestShop, goods: Goods, settings: &str, accounts: &str) {
    let cards: String = (0..goods.cards)
        .map(|n| format!("CARD-{n:04}-SECRET\n"))
        .collect();
    shop.write_file("cards.txt", cards);
    let reserve = goods.reserve;
    let file = format!(
        "[shop]\nname = \"演练\"\ncurrency = \"CNY\"\nunpaid_per_network = 10000\n{settings}\n\
         [[category]]\nslug = \"keys\"\nname = {{ zh = \"密钥\", en = \"Keys\" }}\n\
         [[product]]\nslug = \"editor\"\ncategory = \"keys\"\n\
         name = {{ zh = \"编辑器\", en = \"Editor\" }}\ndelivery = \"card_pool\"\n\
         reserve = {reserve}\n[[product.variant]]\nsku = \"editor-1y\"\nprice = 1990\n\
         [[cards]]\nvariant = \"editor-1y\"\nfile = \"cards.txt\"\n{accounts}"
    );
    shop.apply(&file).await;
}

/// The usual drill: account m1 takes alipay, m2 takes wechat, the owner reads mail.
pub async fn set_up(shop: &TestShop, goods: Goods) -> Sandbox {
    let gateway = gateway(shop).await;
    let url = gateway.url();
    let accounts = account("m1", "alipay", 1, &url) + &account("m2", "wechat", 2, &url);
    let settings = format!("admin_email = \"{OWNER}\"");
    open_shop(shop, goods, &settings, &accounts).await;
    gateway
}

/// One unit, by alipay unless the drill says otherwise.
pub async fn buy(shop: &TestShop, method: &str) -> Placed {
    let variant = shop.variant("editor").await;
    shop.place(&variant, 1, BUYER, method).await
}

/// Another way to pay the same order.
pub async fn try_another(shop: &TestShop, placed: &Placed, method: &str) -> Reply {
    let path = format!("/api/v1/orders/{}/attempts", placed.order_no);
    let bearer = format!("Bearer {}", placed.view_token);
    let headers = [("authorization", bearer.as_str())];
    let http = shop.http();
    http.post_json(&path, &headers, &json!({"method": method}))
        .await
}

/// The number under which the gateway knows the n-th attempt of an order.
pub fn merchant_no(shop: &TestShop, placed: &Placed, n: u32) -> String {
    let no = &placed.order_no;
    let found = shop.scalar(&format!(
        "SELECT a.merchant_no FROM attempt a JOIN orders o ON o.id = a.order_id \
         WHERE o.order_no = '{no}' AND a.n = {n}"
    ));
    found.expect("the attempt is written down")
}

/// A number of the database.
pub fn count(shop: &TestShop, what: &str) -> i64 {
    let text = shop.scalar(&format!("SELECT count(*) FROM {what}"));
    text.expect("a count").parse().expect("a number")
}

/// Whatever was promised is kept, or in a person's hands.
pub async fn quiet(shop: &TestShop) {
    eventually(SOON, || async {
        count(shop, "unsealed") == 0
            && count(shop, "outbox WHERE state IN ('waiting', 'running')") == 0
            && count(
                shop,
                "refund WHERE state IN ('requested', 'unknown', 'pending')",
            ) == 0
    })
    .await;
}

/// Quiet, and every invariant of the book holds.
pub async fn verified(shop: &TestShop) {
    quiet(shop).await;
    shop.cli(&["ledger", "verify"]).await.ok();
}

/// The gateway's log about one payment (or, for "", all), one kind of row.
pub async fn log(gateway: &Sandbox, merchant_no: &str, kind: &str) -> Vec<Value> {
    let log = gateway.traffic(merchant_no).await;
    let rows = log["log"].as_array().cloned().unwrap_or_default();
    rows.into_iter().filter(|row| row["kind"] == kind).collect()
}

/// Waits until the gateway owes the shop no notice any more.
pub async fn all_taken(gateway: &Sandbox, merchant_no: &str) {
    eventually(SOON, || async {
        let path = format!("/control/notices?merchant_no={merchant_no}");
        let standing = gateway.http().get(&path).await.expect(200).json();
        standing["due"].as_i64().unwrap_or(0) == 0 && standing["held"].as_i64().unwrap_or(0) == 0
    })
    .await;
}

/// The open cases (or all of them) of one kind.
pub async fn cases(shop: &TestShop, kind: &str, all: bool) -> Vec<Value> {
    let mut args = vec!["case", "list", "--json"];
    args.extend(all.then_some("--all"));
    let text = shop.cli(&args).await.ok();
    let rows: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
    rows.into_iter().filter(|row| row["kind"] == kind).collect()
}

/// The alarm of this kind is raised, and the owner got one mail about it.
pub async fn alarmed(shop: &TestShop, kind: &str) {
    eventually(SOON, || async {
        count(shop, &format!("alert WHERE kind = '{kind}'")) > 0
    })
    .await;
    eventually(SOON, || async {
        let mails = shop.smtp().mails_to(OWNER);
        mails.iter().any(|mail| mail.text().contains(kind))
    })
    .await;
}

/// The buyer's mails: at least one, at most `most`, all the same message with these goods.
pub async fn mailed(shop: &TestShop, goods: &[String], most: usize) {
    shop.smtp().first_mail_to(BUYER).await;
    quiet(shop).await;
    let mails = shop.smtp().mails_to(BUYER);
    assert!(mails.len() <= most, "{} mails", mails.len());
    for mail in &mails {
        assert_eq!(mail.header("message-id"), mails[0].header("message-id"));
        assert!(goods.iter().all(|card| mail.text().contains(card)));
    }
}

/// One order was sold: one receipt, one charge, one delivery of one card; returns the card.
pub fn sold_once(shop: &TestShop) -> String {
    assert_eq!(count(shop, "receipt"), 1, "receipts");
    assert_eq!(count(shop, "journal WHERE template = 'J01'"), 1, "charges");
    assert_eq!(count(shop, "journal WHERE template = 'J37'"), 1, "accruals");
    assert_eq!(count(shop, "delivery"), 1, "deliveries");
    assert_eq!(count(shop, "card WHERE state = 'delivered'"), 1, "cards");
    let card = shop.scalar("SELECT card_id FROM delivery");
    card.expect("the delivery names its card")
}
