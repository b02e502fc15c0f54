//! Money that is held: what it may become, and that its case stays until it has become it.

use super::{
    PRICE, books_hold, case, closed, owed, posted, refunds_are, refunds_in, shop_with, show, staff,
};
use crate::drills::stage::{FIVE, buy, count, merchant_no, verified};
use crate::harness::{Placed, Sandbox, TestShop, on_both_engines};
use serde_json::json;
use std::time::Duration;

/// An order that ended, and then got money: so much, as the channel says.
async fn late(shop: &TestShop, amount: i64) -> (Sandbox, Placed) {
    let gateway = shop_with(shop, "m1", FIVE, "").await;
    let order = buy(shop, "alipay").await;
    shop.advance_clock(Duration::from_secs(16 * 60));
    shop.order_in(&order, "expired").await;
    let told = json!({"wrong_amount": amount - PRICE, "query": {"amount": amount}});
    gateway.switch(told).await;
    let no = merchant_no(shop, &order, 1);
    let pay = json!({"merchant_no": no, "late": true});
    gateway.control("pay", pay).await;
    (gateway, order)
}

on_both_engines!(
    /// Late and too much: staff deliver, and what was too much goes back; the case closes with it.
    late_and_over_is_delivered_and_the_excess_goes_back, |shop| async move {
        let (gateway, order) = late(&shop, PRICE + 250).await;
        let id = case(&shop, "over").await;
        assert_eq!(owed(&shop, "liab:unallocated"), PRICE + 250);
        assert_eq!(show(&shop, &id).await["may"], json!(["deliver", "refund"]));
        let refused = staff(&shop, &["close", &id]).await.refused();
        assert!(refused.contains("case deliver"), "{refused}");

        refunds_are(&gateway, "fail").await;
        staff(&shop, &["deliver", &id]).await.ok();
        assert_eq!(shop.goods(&order).await.len(), 1);
        let failed = case(&shop, "refund_failed").await;
        refunds_in(&shop, "requested", 1).await;
        assert_eq!(show(&shop, &id).await["case"]["state"], "open", "250 are not back yet");
        let refused = staff(&shop, &["close", &id]).await.refused();
        assert!(refused.contains("case went-back"), "{refused}");
        books_hold(&shop).await;

        // The channel never will: the 250, and no more, go back by another refund.
        staff(&shop, &["did-not-go-back", &failed, "--give-up"]).await.ok();
        assert_eq!((owed(&shop, "liab:unallocated"), owed(&shop, "rev:sales")), (250, PRICE));
        assert_eq!(show(&shop, &id).await["may"], json!(["refund"]));
        gateway.clear_switches().await;
        staff(&shop, &["refund", &id]).await.ok();
        closed(&shop, &id).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((owed(&shop, "liab:unallocated"), owed(&shop, "liab:refund_payable")), (0, 0));
        assert_eq!(count(&shop, "refund WHERE amount = 250 AND state = 'done'"), 1);
        assert_eq!((posted(&shop, "J56a"), posted(&shop, "J37")), (1, 1));
        let after = shop.order(&order.order_no, &order.view_token).await;
        assert_eq!((&after["state"], &after["refunded_amount"]), (&json!("delivered"), &json!(0)));
    }
);

on_both_engines!(
    /// Too little buys nothing: it goes back whole, and its case is not put away before.
    short_money_only_goes_back, |shop| async move {
        let (_gateway, order) = late(&shop, PRICE - 1).await;
        let id = case(&shop, "short").await;
        assert_eq!(show(&shop, &id).await["may"], json!(["refund"]));
        for (deed, why) in [("deliver", "less came"), ("close", "case refund"), ("went-back", "no refund")] {
            let refused = staff(&shop, &[deed, &id]).await.refused();
            assert!(refused.contains(why), "{deed}: {refused}");
        }
        assert_eq!(count(&shop, "case_note"), 0, "what is refused leaves nothing");
        staff(&shop, &["refund", &id]).await.ok();
        closed(&shop, &id).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((posted(&shop, "J57"), posted(&shop, "J14")), (1, 1));
        assert_eq!(owed(&shop, "liab:unallocated"), 0);
        let after = shop.order(&order.order_no, &order.view_token).await;
        assert_eq!(after["state"], "expired");
    }
);

on_both_engines!(
    /// A case that holds no money is put away by a word.
    a_case_without_money_is_closed, |shop| async move {
        let gateway = shop_with(&shop, "epay-1", FIVE, "").await;
        gateway.switch(json!({"lie": true})).await;
        buy(&shop, "alipay").await;
        let id = case(&shop, "contradicted").await;
        assert_eq!(show(&shop, &id).await["may"], json!(["close"]));
        staff(&shop, &["close", &id]).await.ok();
        let again = staff(&shop, &["close", &id]).await.refused();
        assert!(again.contains("the case is closed"), "{again}");
        let view = show(&shop, &id).await;
        assert_eq!(view["case"]["resolution"], "seen by a person");
        assert_eq!(view["may"], json!([]));
        assert_eq!(view["notes"].as_array().map(Vec::len), Some(1));
        books_hold(&shop).await;
    }
);
