//! F32, F33: money goes back, and the channel's answer is lost, late, or a no.

use super::stage::{
    FIVE, SOON, alarmed, all_taken, buy, cases, count, log, merchant_no, set_up, try_another,
    verified,
};
use crate::harness::{Placed, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Pays one order by both methods, so that the second money has to go back by account m2.
async fn paid_twice(shop: &TestShop, gateway: &Sandbox) -> Placed {
    let placed = buy(shop, "alipay").await;
    let other = try_another(shop, &placed, "wechat")
        .await
        .expect(201)
        .json();
    gateway.pay(placed.pay_url()).await;
    shop.goods(&placed).await;
    let other = other["pay"]["url"].as_str().expect("a page to pay at");
    gateway.pay(other).await;
    all_taken(gateway, &merchant_no(shop, &placed, 2)).await;
    placed
}

/// What the gateway was asked to pay back: how often, and under how many numbers.
async fn asked_back(gateway: &Sandbox) -> (usize, usize) {
    let calls = log(gateway, "", "refund").await;
    let number = |row: &serde_json::Value| {
        let body = row["body"].as_str().unwrap_or_default();
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        body["refund_no"].to_string()
    };
    let numbers: BTreeSet<String> = calls.iter().map(number).collect();
    (calls.len(), numbers.len())
}

/// One refund, whole, done, and posted once.
async fn went_back_once(shop: &TestShop) {
    verified(shop).await;
    assert_eq!(count(shop, "refund"), 1);
    assert_eq!(
        count(shop, "refund WHERE state = 'done' AND amount = 1990"),
        1
    );
    assert_eq!(count(shop, "journal WHERE template = 'J14'"), 1, "J55 once");
    assert_eq!(
        cases(shop, "duplicate", false).await.len(),
        0,
        "closed by it"
    );
    assert_eq!(count(shop, "delivery"), 1, "the goods stay with the buyer");
}

/// Account m2 is asked to pay back, and its answer is lost; all ends well a little later.
async fn a_lost_answer(shop: &TestShop, how: &str) -> Sandbox {
    let gateway = set_up(shop, FIVE).await;
    let lost = json!({"merchant": "m2", "refund": how, "times": 1});
    gateway.switch(lost).await;
    paid_twice(shop, &gateway).await;
    eventually(SOON, || async {
        count(shop, "refund WHERE state = 'unknown' AND tries = 1") == 1
    })
    .await;
    shop.advance_clock(Duration::from_secs(3 * 60));
    went_back_once(shop).await;
    gateway
}

on_both_engines!(
    /// F32 (R044): the channel pays back and its answer is lost. It is asked, says that it did,
    /// and nothing is sent again. Fails when `step` of `refund/send.rs` sends without asking.
    f32_the_answer_to_the_refund_is_lost, |shop| async move {
        let gateway = a_lost_answer(&shop, "timeout_done").await;
        assert_eq!(asked_back(&gateway).await, (1, 1));
        assert!(!log(&gateway, "", "refund_query").await.is_empty(), "it was asked");
    }
);

on_both_engines!(
    /// F32, the other half: the channel did nothing and nobody knows. It is asked, knows nothing
    /// of it, and gets the same number once more. Fails when `write_down` of `refund/send.rs`
    /// gives it a new number.
    f32_the_refund_was_lost_on_the_way, |shop| async move {
        let gateway = a_lost_answer(&shop, "timeout_not_done").await;
        assert_eq!(asked_back(&gateway).await, (2, 1), "twice, under one number");
    }
);

on_both_engines!(
    /// R019: the channel takes its time and tells nobody when it is done: the job finds out. The
    /// day that R018 gives it passes on the shop's clock.
    a_slow_refund_is_found_done, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"merchant": "m2", "refund": "pending"})).await;
        paid_twice(&shop, &gateway).await;
        eventually(SOON, || async { count(&shop, "refund WHERE state = 'pending'") == 1 }).await;
        for _ in 0..4 {
            let asked = log(&gateway, "", "refund_query").await.len();
            shop.advance_clock(Duration::from_secs(6 * 60 * 60));
            eventually(SOON, || async {
                log(&gateway, "", "refund_query").await.len() > asked
            })
            .await;
        }
        assert_eq!(count(&shop, "refund WHERE state = 'pending'"), 1, "still on its way");
        shop.cli(&["ledger", "verify"]).await.ok();
        let no = shop.scalar("SELECT merchant_refund_no FROM refund").expect("a refund");
        let done = json!({"merchant": "m2", "refund_no": no, "state": "done"});
        gateway.control("refund", done).await;
        shop.advance_clock(Duration::from_secs(24 * 60 * 60));
        went_back_once(&shop).await;
        assert_eq!(asked_back(&gateway).await, (1, 1));
    }
);

on_both_engines!(
    /// F33: the channel refuses (its balance is low). What is owed stays owed, it is tried
    /// again, a person has a case and an alarm, and the buyer keeps the goods. Fails when
    /// `tell_staff` of `refund/send.rs` does nothing.
    f33_the_channel_refuses_the_refund, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"merchant": "m2", "refund": "fail"})).await;
        paid_twice(&shop, &gateway).await;
        alarmed(&shop, "case.refund_failed").await;
        let open = cases(&shop, "refund_failed", false).await;
        assert_eq!(open.len(), 1, "{open:?}");
        let tried = asked_back(&gateway).await.0;
        shop.advance_clock(Duration::from_secs(60));
        eventually(SOON, || async { asked_back(&gateway).await.0 > tried }).await;
        assert_eq!(asked_back(&gateway).await.1, 1, "always under one number");
        assert_eq!(count(&shop, "refund WHERE state = 'done'"), 0);
        assert_eq!(count(&shop, "journal WHERE template = 'J14'"), 0);
        // I14: it is owed, and the book says so.
        shop.cli(&["ledger", "verify"]).await.ok();
        assert_eq!(cases(&shop, "refund_failed", false).await.len(), 1, "one case for all tries");
    }
);
