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

on_both_engines!(
    /// A worker that hears "done" only after a person has given the refund up tells so at once:
    /// the money is back, and the next refund would be the second. Fails when `tell_too_late` of
    /// `refund/send.rs` is not called.
    a_refund_found_done_after_it_was_given_up_is_told, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).fail("after_refund_send=delay:12000@1").start().await;
        let owner = format!("admin_email = \"{}\"", stage::OWNER);
        let gateway = shop_with(&shop, "epay-1", ONE, &owner).await;
        let (_order, id) = paid_without_stock(&shop, &gateway).await;
        staff(&shop, &["refund", &id]).await.ok();
        eventually(stage::SOON, || async { asked_back(&gateway).await == 1 }).await;
        // The first worker is still on its way when its lease ends; the second cannot ask.
        shop.advance_clock(A_FEW_TRIES * 3);
        let failed = case(&shop, "refund_failed").await;
        staff(&shop, &["did-not-go-back", &failed, "--give-up"]).await.ok();
        stage::alarmed(&shop, "refund_given_up").await;
        refunds_in(&shop, "failed", 1).await;
        assert_eq!(posted(&shop, "J14"), 0, "the books wait for a person");
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// A refund that cannot even be read stops no other, is told, and is sent once it is mended.
    /// Fails when `claim_due` of `refund/store.rs` reads whole rows, or `stuck` is not called.
    one_unreadable_refund_stops_no_other, |shop| async move {
        let owner = format!("admin_email = \"{}\"", stage::OWNER);
        let gateway = shop_with(&shop, "m1", ONE, &owner).await;
        let mut orders = Vec::new();
        for _ in 0..3 {
            orders.push(stage::buy(&shop, "alipay").await);
        }
        for order in &orders {
            gateway.pay(order.pay_url()).await;
        }
        let waiting = "orders WHERE state = 'awaiting_stock'";
        eventually(stage::SOON, || async { count(&shop, waiting) == 2 }).await;
        refunds_are(&gateway, "http_500").await;
        for open in cases(&shop, "no_stock", false).await {
            staff(&shop, &["refund", open["id"].as_str().expect("an id")]).await.ok();
        }
        refunds_in(&shop, "unknown", 2).await;
        let first = "(SELECT min(id) FROM refund)";
        shop.tamper(&format!("UPDATE refund SET currency = '???' WHERE id = {first}"));
        gateway.clear_switches().await;
        shop.advance_clock(A_FEW_TRIES);
        stage::alarmed(&shop, "refund_stuck").await;
        refunds_in(&shop, "done", 1).await;
        shop.tamper(&format!("UPDATE refund SET currency = 'CNY' WHERE id = {first}"));
        shop.advance_clock(A_FEW_TRIES * 16);
        refunds_in(&shop, "done", 2).await;
        verified(&shop).await;
        books_hold(&shop).await;
    }
);
