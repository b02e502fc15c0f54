//! Refunds that a channel refuses, again and again: they stay owed, are tried again, and a
//! person may give them up (F33).

use super::{
    A_FEW_TRIES, ONE, PRICE, asked_back, books_hold, case, closed, mails, owed, paid_without_stock,
    posted, refunds_are, refunds_in, shop_with, show, staff,
};
use crate::drills::stage::{self, FIVE, Goods, buy, count, merchant_no, try_another, verified};
use crate::harness::{Sandbox, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

const PAST_THE_DEADLINE: Duration = Duration::from_secs(16 * 60);

on_both_engines!(
    /// F33: the shop's balance at the channel is low. The refund stays owed and is tried again
    /// until it is done; the buyer sees that it is under way.
    f33_a_refund_the_balance_does_not_cover, |shop| async move {
        let gateway = shop_with(&shop, "epay-1", ONE, "").await;
        let (order, id) = paid_without_stock(&shop, &gateway).await;
        refunds_are(&gateway, "fail").await;
        staff(&shop, &["refund", &id]).await.ok();
        let failed = case(&shop, "refund_failed").await;
        shop.order_in(&order, "refunding").await;
        refunds_in(&shop, "requested", 1).await;
        assert_eq!(owed(&shop, "liab:refund_payable"), PRICE);
        books_hold(&shop).await;
        let before = asked_back(&gateway).await;
        shop.advance_clock(A_FEW_TRIES);
        eventually(stage::SOON, || async { asked_back(&gateway).await > before }).await;
        assert_eq!(show(&shop, &failed).await["may"], json!(["went-back", "did-not-go-back", "give-up"]));

        gateway.clear_switches().await;
        shop.advance_clock(Duration::from_secs(3_600));
        shop.order_in(&order, "refunded").await;
        for id in [&id, &failed] {
            closed(&shop, id).await;
        }
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((owed(&shop, "liab:refund_payable"), posted(&shop, "J14")), (0, 1));
    }
);

/// A refund whose answer is lost in this way ends by itself: the gateway can be asked.
async fn f32(shop: &TestShop, switch: &str) -> Sandbox {
    let gateway = shop_with(shop, "m1", ONE, "").await;
    let (order, id) = paid_without_stock(shop, &gateway).await;
    refunds_are(&gateway, switch).await;
    staff(shop, &["refund", &id]).await.ok();
    refunds_in(shop, "unknown", 1).await;
    gateway.clear_switches().await;
    shop.advance_clock(A_FEW_TRIES);
    shop.order_in(&order, "refunded").await;
    closed(shop, &id).await;
    verified(shop).await;
    books_hold(shop).await;
    assert_eq!((count(shop, "refund"), posted(shop, "J14")), (1, 1));
    assert!(
        !stage::log(&gateway, "", "refund_query").await.is_empty(),
        "it was asked first"
    );
    gateway
}

on_both_engines!(
    /// F32, R044: the gateway did it and its answer was lost. It is asked, and says so.
    f32_a_refund_was_done_and_its_answer_lost, |shop| async move {
        let gateway = f32(&shop, "timeout_done").await;
        assert_eq!(asked_back(&gateway).await, 1, "never sent again");
    }
);

on_both_engines!(
    /// F32, the other way: it was lost before it was done. The gateway knows of nothing, and gets
    /// it once more under its one number.
    f32_a_refund_was_lost_before_it_was_done, |shop| async move {
        let gateway = f32(&shop, "http_500").await;
        let asked = stage::log(&gateway, "", "refund").await;
        let number = |row: &serde_json::Value| {
            let body = row["body"].as_str().unwrap_or_default();
            let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
            body["refund_no"].as_str().map(str::to_owned)
        };
        assert_eq!(asked.len(), 2);
        assert_eq!(number(&asked[0]), number(&asked[1]));
    }
);

on_both_engines!(
    /// Late money that the channel never takes back: given up, it pays for the goods after all.
    late_money_is_given_up_and_delivered, |shop| async move {
        let gateway = shop_with(&shop, "m1", FIVE, "late_money = \"refund\"").await;
        let late = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&late, "expired").await;
        refunds_are(&gateway, "fail").await;
        let no = merchant_no(&shop, &late, 1);
        gateway.control("pay", json!({"merchant_no": no, "late": true})).await;
        shop.order_in(&late, "refunding").await;
        let failed = case(&shop, "refund_failed").await;
        refunds_in(&shop, "requested", 1).await;
        let id = case(&shop, "late").await;
        // It goes back: so the first mail says.
        let told = || async { mails(&shop, "sends your money back") == 1 };
        eventually(stage::SOON, told).await;

        staff(&shop, &["did-not-go-back", &id, "--give-up"]).await.ok();
        shop.order_in(&late, "expired").await;
        closed(&shop, &failed).await;
        assert_eq!((posted(&shop, "J57"), posted(&shop, "J57r")), (1, 1));
        assert_eq!(owed(&shop, "liab:unallocated"), PRICE);
        books_hold(&shop).await;
        let put_away = staff(&shop, &["close", &id]).await.refused();
        assert!(put_away.contains("case deliver"), "{put_away}");

        staff(&shop, &["deliver", &id]).await.ok();
        assert_eq!(shop.goods(&late).await.len(), 1);
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!(show(&shop, &id).await["case"]["state"], "closed");
        assert_eq!((owed(&shop, "liab:unallocated"), owed(&shop, "rev:sales")), (0, PRICE));
        assert_eq!(mails(&shop, "Your refund"), 0, "nothing went back");
    }
);

on_both_engines!(
    /// F18, J54r: a second payment whose refund is given up buys nothing and is not lost; it goes
    /// back by the next refund.
    a_second_payment_is_given_up_and_refunded_again, |shop| async move {
        let gateway = stage::set_up(&shop, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        let other = try_another(&shop, &placed, "wechat").await.expect(201).json();
        let other = other["pay"]["url"].as_str().expect("a page to pay at");
        gateway.pay(placed.pay_url()).await;
        shop.goods(&placed).await;
        refunds_are(&gateway, "fail").await;
        gateway.pay(other).await;
        let failed = case(&shop, "refund_failed").await;
        refunds_in(&shop, "requested", 1).await;
        let id = case(&shop, "duplicate").await;

        staff(&shop, &["did-not-go-back", &failed, "--give-up"]).await.ok();
        assert_eq!(owed(&shop, "liab:unallocated"), PRICE);
        books_hold(&shop).await;
        assert_eq!(show(&shop, &id).await["may"], json!(["refund"]));
        let twice = staff(&shop, &["deliver", &id]).await.refused();
        assert!(twice.contains("paid already"), "{twice}");

        gateway.clear_switches().await;
        staff(&shop, &["refund", &id]).await.ok();
        closed(&shop, &id).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((owed(&shop, "liab:unallocated"), owed(&shop, "liab:refund_payable")), (0, 0));
        assert_eq!((count(&shop, "refund WHERE state = 'done'"), posted(&shop, "J54r")), (1, 1));
        let order = shop.order(&placed.order_no, &placed.view_token).await;
        assert_eq!((&order["state"], &order["refunded_amount"]), (&json!("delivered"), &json!(0)));
    }
);

on_both_engines!(
    /// F19: paid twice at one account, by two codes of one order.
    f19_paid_by_two_codes_of_one_account, |shop| async move {
        let gateway = stage::gateway(&shop).await;
        let both = stage::account("m1", "alipay\", \"wechat", 1, &gateway.url());
        stage::open_shop(&shop, Goods { cards: 2, reserve: true }, "", &both).await;
        let placed = buy(&shop, "alipay").await;
        let other = try_another(&shop, &placed, "wechat").await.expect(201).json();
        let other = other["pay"]["url"].as_str().expect("a page to pay at");
        tokio::join!(gateway.pay(placed.pay_url()), gateway.pay(other));
        assert_eq!(shop.goods(&placed).await.len(), 1);
        eventually(stage::SOON, || async { count(&shop, "refund WHERE state = 'done'") == 1 }).await;
        verified(&shop).await;
        books_hold(&shop).await;
        assert_eq!((count(&shop, "receipt"), count(&shop, "delivery")), (2, 1));
        assert_eq!((posted(&shop, "J54"), posted(&shop, "J14")), (1, 1));
        assert_eq!(asked_back(&gateway).await, 1);
    }
);
