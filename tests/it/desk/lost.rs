//! A refund whose answer was lost, at a channel that cannot be asked about it (epay V1): a
//! person looks, and says what became of it.

use super::{
    A_FEW_TRIES, ONE, PRICE, asked_back, books_hold, case, closed, mails, paid_without_stock,
    posted, refunds_are, refunds_in, shop_with, show, staff,
};
use crate::drills::stage::{self, cases, count, verified};
use crate::harness::{Placed, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::json;

/// A refund through epay V1 that nobody knows the end of; the case of its order and its own.
async fn lost(shop: &TestShop, how: &str) -> (Sandbox, Placed, String, String) {
    let gateway = shop_with(shop, "epay-1", ONE, "").await;
    let (order, id) = paid_without_stock(shop, &gateway).await;
    refunds_are(&gateway, how).await;
    staff(shop, &["refund", &id]).await.ok();
    shop.order_in(&order, "refunding").await;
    refunds_in(shop, "unknown", 1).await;
    shop.advance_clock(A_FEW_TRIES);
    let failed = case(shop, "refund_failed").await;
    refunds_in(shop, "unknown", 1).await;
    gateway.clear_switches().await;
    (gateway, order, id, failed)
}

on_both_engines!(
    /// The gateway did it: `went-back` does what its answer would have done, once.
    a_lost_refund_that_went_back, |shop| async move {
        let (gateway, order, id, failed) = lost(&shop, "timeout_done").await;
        // It is owed, and nothing else may be done about the money meanwhile.
        books_hold(&shop).await;
        for case in [&id, &failed] {
            let view = show(&shop, case).await;
            assert_eq!(view["may"], json!(["went-back", "did-not-go-back", "give-up"]));
            assert_eq!(view["refund"]["state"], "unknown");
            for deed in ["close", "deliver", "refund"] {
                staff(&shop, &[deed, case]).await.refused();
            }
        }
        assert_eq!(count(&shop, "refund WHERE next_check_at IS NULL"), 1, "no blind repeat is due");
        shop.advance_clock(A_FEW_TRIES * 60 * 24);
        assert_eq!(asked_back(&gateway).await, 1);

        staff(&shop, &["went-back", &failed]).await.ok();
        let after = shop.order_in(&order, "refunded").await;
        assert_eq!(after["refunded_amount"], PRICE);
        closed(&shop, &id).await;
        closed(&shop, &failed).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!(asked_back(&gateway).await, 1);
        assert_eq!((posted(&shop, "J41"), posted(&shop, "J14")), (1, 1));
        assert_eq!(mails(&shop, "Your refund"), 1);
        let again = staff(&shop, &["went-back", &failed]).await.refused();
        assert!(again.contains("closed"), "{again}");
        // Who said so stands in the order's history.
        let said = "order_event WHERE kind = 'refund_confirmed' AND actor LIKE 'staff:%'";
        assert_eq!(count(&shop, said), 1);
    }
);

on_both_engines!(
    /// The gateway did not: `did-not-go-back` sends it again, with its one number.
    a_lost_refund_that_did_not_go_back_is_sent_again, |shop| async move {
        let (gateway, order, id, failed) = lost(&shop, "http_500").await;
        let number = shop.scalar("SELECT merchant_refund_no FROM refund");
        staff(&shop, &["did-not-go-back", &id]).await.ok();
        shop.order_in(&order, "refunded").await;
        closed(&shop, &id).await;
        closed(&shop, &failed).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!(asked_back(&gateway).await, 2);
        assert_eq!(shop.scalar("SELECT merchant_refund_no FROM refund"), number);
        assert_eq!((posted(&shop, "J41"), posted(&shop, "J14")), (1, 1));
        assert_eq!(mails(&shop, "Your refund"), 1);
    }
);

on_both_engines!(
    /// The gateway never will: given up, the money is owed for goods again, and its case decides
    /// once more, under a new number.
    a_lost_refund_is_given_up_and_decided_again, |shop| async move {
        let (gateway, order, id, failed) = lost(&shop, "http_500").await;
        staff(&shop, &["did-not-go-back", &failed, "--give-up"]).await.ok();
        shop.order_in(&order, "awaiting_stock").await;
        closed(&shop, &failed).await;
        books_hold(&shop).await;
        assert_eq!((posted(&shop, "J41"), posted(&shop, "J41r")), (1, 1));
        assert_eq!(count(&shop, "refund WHERE state = 'failed' AND next_check_at IS NULL"), 1);
        assert_eq!(count(&shop, "receipt WHERE refunding = 0"), 2);
        let view = show(&shop, &id).await;
        assert_eq!((&view["case"]["state"], &view["case"]["refund_id"]), (&json!("open"), &json!(null)));
        assert_eq!(view["may"], json!(["deliver", "refund"]));
        shop.advance_clock(A_FEW_TRIES * 60 * 24);
        assert_eq!(asked_back(&gateway).await, 1, "what is given up is not sent");

        staff(&shop, &["refund", &id]).await.ok();
        shop.order_in(&order, "refunded").await;
        verified(&shop).await;
        books_hold(&shop).await;
        let numbers = shop.scalar("SELECT count(DISTINCT merchant_refund_no) FROM refund");
        assert_eq!(numbers.as_deref(), Some("2"));
        assert_eq!((posted(&shop, "J41"), posted(&shop, "J14")), (2, 1));
        assert_eq!(mails(&shop, "Your refund"), 1, "one went back");
    }
);

on_both_engines!(
    /// Killed between the call and its answer: whoever might still have it in hand is waited for,
    /// and then it is as lost as any other.
    a_refund_killed_under_way_waits_for_its_lease,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).fail("after_refund_send=kill@1").start().await;
        let gateway = shop_with(&shop, "epay-1", ONE, "").await;
        let (order, id) = paid_without_stock(&shop, &gateway).await;
        staff(&shop, &["refund", &id]).await.ok();
        shop.died().await;
        for deed in ["went-back", "did-not-go-back"] {
            let refused = staff(&shop, &[deed, &id]).await.refused();
            assert!(refused.contains("being sent right now"), "{refused}");
        }
        shop.set_env("VENDGATE_FAIL", None);
        shop.start().await;
        shop.advance_clock(A_FEW_TRIES * 3);
        case(&shop, "refund_failed").await;
        refunds_in(&shop, "unknown", 1).await;
        staff(&shop, &["went-back", &id]).await.ok();
        shop.order_in(&order, "refunded").await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((asked_back(&gateway).await, posted(&shop, "J14")), (1, 1));
    }
);

on_both_engines!(
    /// No connection, and an account that is off: nothing left this machine, so nobody has to
    /// look for it, and it goes out when it can.
    what_never_left_is_not_lost, |shop| async move {
        let gateway = shop_with(&shop, "epay-1", ONE, "").await;
        let (order, id) = paid_without_stock(&shop, &gateway).await;
        gateway.kill9();
        staff(&shop, &["refund", &id]).await.ok();
        let tried = |least: i64| {
            let what = format!("refund WHERE tries >= {least} AND held_until IS NULL");
            let shop = &shop;
            async move { eventually(stage::SOON, || async { count(shop, &what) == 1 }).await }
        };
        let stands = || shop.scalar("SELECT state FROM refund");
        tried(1).await;
        assert_eq!(stands().as_deref(), Some("requested"));
        let off = stage::account("epay-1", "alipay", 1, &gateway.url());
        shop.apply(&off.replace("\"enabled\"", "\"off\"")).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        shop.advance_clock(A_FEW_TRIES);
        tried(2).await;
        assert_eq!(stands().as_deref(), Some("requested"));
        assert!(cases(&shop, "refund_failed", true).await.is_empty(), "nobody has to look");
        books_hold(&shop).await;

        gateway.up().await;
        shop.apply(&off).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        shop.advance_clock(A_FEW_TRIES * 10);
        shop.order_in(&order, "refunded").await;
        closed(&shop, &id).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!(asked_back(&gateway).await, 1);
    }
);
