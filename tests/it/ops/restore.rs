//! F45: the database is put back to an earlier time. What was sold meanwhile is not in it; no
//! card is sold twice all the same, and no paid order is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::{back_up, put_back};
use crate::drills::stage::{self, Goods, SOON, cases, count, merchant_no, verified};
use crate::harness::{Engine, Placed, Sandbox, TestShop, eventually, on_both_engines};

/// Cards are held when ordered.
const TWELVE: Goods = Goods {
    cards: 12,
    reserve: true,
};

async fn buy(shop: &TestShop, who: &str) -> Placed {
    let variant = shop.variant("editor").await;
    let email = format!("{who}@example.test");
    shop.place(&variant, 1, &email, "alipay").await
}

fn card(n: usize) -> String {
    format!("CARD-{n:04}-SECRET")
}

async fn cancel(shop: &TestShop, placed: &Placed) {
    let path = format!("/api/v1/orders/{}/cancel", placed.order_no);
    let bearer = format!("Bearer {}", placed.view_token);
    let headers = [("authorization", bearer.as_str())];
    let answer = shop.http().post_json(&path, &headers, &json!({})).await;
    answer.expect(200);
}

/// The gateway took the money, whatever the shop has done about the order meanwhile.
async fn paid_late(gateway: &Sandbox, no: &str) {
    let late = json!({"merchant_no": no, "late": true});
    gateway.control("pay", late).await;
}

async fn sold_out(shop: &TestShop) {
    let variant = shop.variant("editor").await;
    let body = json!({
        "variant": variant, "quantity": 1, "email": "new@example.test", "method": "alipay",
        "locale": "en", "fields": {},
    });
    let reply = shop.try_place(&body).await;
    assert_eq!(reply.status, 409, "{}", reply.text());
}

async fn release(shop: &TestShop, words: &[&str]) -> Value {
    let args = [
        &["cards", "release", "--variant", "editor-1y", "--json"],
        words,
    ]
    .concat();
    serde_json::from_str(&shop.cli(&args).await.ok()).expect("JSON")
}

on_both_engines!(
    /// Before the backup one buyer has a card and four hold one. In the hour that is lost, one of
    /// the four pays and gets it, one gives up and the card goes to a fifth, a sixth orders, and a
    /// seventh pays without the shop hearing of it. Fails when `withhold` leaves the imports on
    /// sale, when it leaves cards reserved, and when late money of an order of before goes back by
    /// itself.
    a_lost_hour_sells_no_card_twice_and_loses_no_paid_order,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stage::set_up(&shop, TWELVE).await;
        let mut has: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let done = buy(&shop, "done").await;
        gateway.pay(done.pay_url()).await;
        has.insert("done", shop.goods(&done).await);
        let [pays, gives_up, slow, unheard] = [
            buy(&shop, "pays").await,
            buy(&shop, "gives-up").await,
            buy(&shop, "slow").await,
            buy(&shop, "unheard").await,
        ];
        let file = shop.data().with_file_name("an-hour-ago.backup");
        back_up(&shop, &file).await;

        // The hour that is lost.
        shop.advance_clock(Duration::from_secs(300));
        gateway.pay(pays.pay_url()).await;
        has.insert("pays", shop.goods(&pays).await);
        cancel(&shop, &gives_up).await;
        let fifth = buy(&shop, "fifth").await;
        gateway.pay(fifth.pay_url()).await;
        has.insert("fifth", shop.goods(&fifth).await);
        let sixth = buy(&shop, "sixth").await;
        let seventh = buy(&shop, "seventh").await;
        let [of_sixth, of_seventh] = [&sixth, &seventh].map(|o| merchant_no(&shop, o, 1));
        let of_all = [&gives_up, &slow, &unheard].map(|o| merchant_no(&shop, o, 1));
        let [of_gives_up, of_slow, of_unheard] = of_all;
        shop.kill9();
        gateway.pay_at_once(&of_seventh).await;
        gateway.pay_at_once(&of_unheard).await;
        shop.advance_clock(Duration::from_secs(1_800));
        let told = put_back(&shop, &file).await;
        assert!(told.contains("editor-1y: 11 unsold are out of sale"), "{told}");
        assert!(told.contains("vendgate cards release"), "{told}");
        shop.start().await;

        // Nothing of before is sold; the old links are gone, and their cards with them.
        sold_out(&shop).await;
        assert_eq!(shop.order(&done.order_no, &done.view_token).await["state"], "delivered");
        let gone = shop.try_order(&fifth.order_no, &fifth.view_token).await;
        assert_eq!(gone.status, 404);

        // What was paid is found by asking, or comes late; it waits, and none of it goes back.
        for no in [&of_gives_up, &of_slow] {
            paid_late(&gateway, no).await;
        }
        paid_late(&gateway, &of_sixth).await;
        gateway.notify_again(&of_seventh, 1).await;
        for order in [&pays, &gives_up, &slow, &unheard] {
            shop.order_in(order, "awaiting_stock").await;
        }
        eventually(SOON, || async { cases(&shop, "unmatched", false).await.len() == 2 }).await;
        assert_eq!(cases(&shop, "no_stock", false).await.len(), 4);
        assert_eq!(count(&shop, "refund"), 0, "nobody is paid back who may have the goods");
        verified(&shop).await;
        let report = shop.cli(&["doctor", "--json"]).await;
        let report: Value = serde_json::from_str(&report.out).expect("JSON");
        let stock = report["findings"].as_array().and_then(|all| {
            all.iter().find(|finding| finding["area"] == "stock").cloned()
        });
        assert_eq!(stock.expect("the doctor tells")["level"], "warn");

        // Three were ordered in that hour; beside the four that were held, that is all that left.
        let done_now = release(&shop, &["--but-first", "3"]).await;
        assert_eq!(done_now, json!({"variant": "editor-1y", "withdrawn": 7, "on_sale": 4,
            "unknown_lines": []}));
        for (who, order) in
            [("pays", &pays), ("gives-up", &gives_up), ("slow", &slow), ("unheard", &unheard)]
        {
            has.entry(who).or_default().extend(shop.goods(order).await);
        }
        eventually(SOON, || async { cases(&shop, "no_stock", false).await.is_empty() }).await;

        // Cards that were never here are sold at once.
        let fresh = shop.write_file("fresh.txt", "FRESH-1\n").display().to_string();
        let args = ["cards", "import", fresh.as_str(), "--variant", "editor-1y"];
        shop.cli(&args).await.ok();
        let new = buy(&shop, "new").await;
        gateway.pay(new.pay_url()).await;
        has.insert("new", shop.goods(&new).await);
        assert_eq!(has["new"], ["FRESH-1"]);

        let mut seen = BTreeSet::new();
        for (who, cards) in &has {
            for card in cards {
                assert!(seen.insert(card.clone()), "{card} of {who} went to two: {has:?}");
            }
        }
        // Paid: nine. Delivered since or before: seven; the fifth has its card; and two cases.
        assert_eq!(count(&shop, "receipt WHERE kind = 'unmatched'"), 2);
        assert_eq!(cases(&shop, "unmatched", false).await.len(), 2);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// The contents that buyers have are known: they are given up, and nothing else. Fails when
    /// `release` does not look for the contents.
    known_contents_are_given_up_and_the_rest_is_sold,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stage::set_up(&shop, TWELVE).await;
        let file = shop.data().with_file_name("before.backup");
        back_up(&shop, &file).await;
        shop.kill9();
        shop.advance_clock(Duration::from_secs(60));
        put_back(&shop, &file).await;
        shop.start().await;
        sold_out(&shop).await;
        let batches = ["cards", "batches", "--variant", "editor-1y", "--json"];
        let listed: Value = serde_json::from_str(&shop.cli(&batches).await.ok()).expect("JSON");
        assert_eq!(listed["batches"][0]["withheld"], true);
        let refused = shop.cli(&["cards", "release", "--variant", "editor-1y"]).await;
        assert_eq!(refused.code, 2, "which have left is never guessed: {}", refused.err);
        let text = format!("{}\n{}\nNOT-OURS\n", card(0), card(2));
        let known = shop.write_file("known.txt", text).display().to_string();
        let done = release(&shop, &["--delivered", &known]).await;
        assert_eq!(done["withdrawn"], 2);
        assert_eq!(done["on_sale"], 10);
        assert_eq!(done["unknown_lines"], json!([3]));
        // Again is nothing more.
        let again = release(&shop, &["--delivered", &known]).await;
        assert_eq!((&again["withdrawn"], &again["on_sale"]), (&json!(0), &json!(0)));
        let variant = shop.variant("editor").await;
        let order = shop.place(&variant, 10, "next@example.test", "alipay").await;
        gateway.pay(order.pay_url()).await;
        let goods: BTreeSet<String> = shop.goods(&order).await.into_iter().collect();
        let left: BTreeSet<String> = (0..12).filter(|n| ![0, 2].contains(n)).map(card).collect();
        assert_eq!(goods, left);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// Nothing was sold since: all of it is sold again, and a shop that works is not told that it
    /// was put back.
    a_shop_that_lost_nothing_goes_on,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stage::set_up(&shop, TWELVE).await;
        let file = shop.data().with_file_name("moved.backup");
        back_up(&shop, &file).await;
        let refused = match engine {
            Engine::Sqlite => {
                let file = file.display().to_string();
                shop.cli(&["restore", &file, "--force"]).await.refused()
            }
            Engine::Postgres => shop.cli(&["restored"]).await.refused(),
        };
        let running = refused.contains("another process serves") || refused.contains("stop every");
        assert!(running, "{refused}");
        assert_eq!(count(&shop, "restoration"), 0);
        shop.kill9();
        shop.advance_clock(Duration::from_secs(60));
        put_back(&shop, &file).await;
        let done = release(&shop, &["--all"]).await;
        assert_eq!((&done["withdrawn"], &done["on_sale"]), (&json!(0), &json!(12)));
        shop.start().await;
        let order = buy(&shop, "next").await;
        gateway.pay(order.pay_url()).await;
        assert_eq!(shop.goods(&order).await.len(), 1);
        verified(&shop).await;
    }
);
