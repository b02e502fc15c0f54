//! F15, F16, F18, F19, F30: money that comes too early, too late, twice, or only in words.

use super::stage::{
    BUYER, FIVE, Goods, OWNER, SOON, account, alarmed, all_taken, buy, cases, count, gateway, log,
    mailed, merchant_no, open_shop, set_up, sold_once, try_another, verified,
};
use crate::harness::{Placed, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const PAST_THE_DEADLINE: Duration = Duration::from_secs(16 * 60);

async fn pay_late(gateway: &Sandbox, merchant_no: &str) {
    let late = json!({"merchant_no": merchant_no, "late": true});
    gateway.control("pay", late).await;
}

/// Nothing was handed out to this order.
async fn without_goods(shop: &TestShop, placed: &Placed) {
    let order = shop.order(&placed.order_no, &placed.view_token).await;
    let goods = order.get("goods").and_then(Value::as_array);
    assert!(goods.is_none_or(Vec::is_empty), "{order}");
}

/// The channel was asked for exactly so many refunds that it did.
async fn refunds_done(gateway: &Sandbox, many: usize) {
    let calls = log(gateway, "", "refund").await;
    let done = calls.iter().filter(|row| row["status"] == 200).count();
    assert_eq!(done, many, "{calls:?}");
}

on_both_engines!(
    /// F15: the notice is faster than the answer to the create call. Fails when the filter
    /// `attempt::state.eq(was)` of `update_attempt` in `payment/store.rs` is removed.
    f15_the_notice_before_the_answer, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "before_answer"})).await;
        let placed = buy(&shop, "alipay").await;
        let goods = shop.goods(&placed).await;
        sold_once(&shop);
        // The late answer was written over nothing: still paid, with the channel's number.
        let state = shop.scalar("SELECT state FROM attempt");
        assert_eq!(state.as_deref(), Some("paid"));
        assert_eq!(count(&shop, "attempt WHERE channel_trade_no IS NOT NULL"), 1);
        let no = merchant_no(&shop, &placed, 1);
        assert_eq!(log(&gateway, &no, "notice_refused").await.len(), 0);
        mailed(&shop, &goods, 1).await;
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F16, the goods are gone: the money goes back by itself, once, and the buyer is told.
    /// Fails when the arm `Meaning::CaptureLate if !captured` of `payment/settle/aside.rs` is removed.
    f16_late_money_for_what_is_sold, |shop| async move {
        let gateway = set_up(&shop, Goods { cards: 1, reserve: true }).await;
        let late = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&late, "expired").await;
        let variant = shop.variant("editor").await;
        let quick = shop.place(&variant, 1, "quick@example.test", "alipay").await;
        gateway.pay(quick.pay_url()).await;
        assert_eq!(shop.goods(&quick).await.len(), 1);

        let no = merchant_no(&shop, &late, 1);
        pay_late(&gateway, &no).await;
        shop.order_in(&late, "refunded").await;
        gateway.notify_again(&no, 20).await;
        all_taken(&gateway, &no).await;
        alarmed(&shop, "case.late").await;
        verified(&shop).await;
        refunds_done(&gateway, 1).await;
        without_goods(&shop, &late).await;
        assert_eq!(count(&shop, "delivery"), 1);
        assert_eq!(count(&shop, "receipt WHERE kind = 'late'"), 1);
        for template in ["J56", "J57", "J14"] {
            let of = format!("journal WHERE template = '{template}'");
            assert_eq!(count(&shop, &of), 1, "{template}: held, owed, gone back");
        }
        let told = shop.smtp().mails_to(BUYER);
        assert_eq!(told.len(), 2, "it goes back; it went back");
        let late_cases = cases(&shop, "late", true).await;
        assert_eq!(late_cases.len(), 1);
        assert_eq!(late_cases[0]["state"], "closed");
    }
);

on_both_engines!(
    /// F16, the goods are still there: late money after expiry and after cancellation delivers.
    f16_late_money_for_what_is_there, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let cancelled = buy(&shop, "wechat").await;
        let path = format!("/api/v1/orders/{}/cancel", cancelled.order_no);
        let bearer = format!("Bearer {}", cancelled.view_token);
        let headers = [("authorization", bearer.as_str())];
        shop.http().post_json(&path, &headers, &json!({})).await.expect(200);
        let expired = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&expired, "expired").await;
        for late in [&cancelled, &expired] {
            pay_late(&gateway, &merchant_no(&shop, late, 1)).await;
            assert_eq!(shop.goods(late).await.len(), 1);
        }
        verified(&shop).await;
        assert_eq!(count(&shop, "delivery"), 2);
        assert_eq!(count(&shop, "refund"), 0);
        let rest = "card WHERE state = 'available'";
        assert_eq!(count(&shop, rest), 3);
    }
);

on_both_engines!(
    /// F18: paid twice, at two accounts, at the same moment. Fails when the arm
    /// `Meaning::RefundDuplicate` of `payment/settle/aside.rs` is removed.
    f18_paid_by_both_methods, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        let other = try_another(&shop, &placed, "wechat").await.expect(201).json();
        let other = other["pay"]["url"].as_str().expect("a page to pay at");
        tokio::join!(gateway.pay(placed.pay_url()), gateway.pay(other));
        let goods = shop.goods(&placed).await;
        assert_eq!(goods.len(), 1);
        all_taken(&gateway, "").await;
        eventually(SOON, || async { count(&shop, "receipt") == 2 }).await;
        alarmed(&shop, "case.duplicate").await;
        verified(&shop).await;

        assert_eq!(count(&shop, "receipt WHERE kind = 'captured'"), 1);
        assert_eq!(count(&shop, "receipt WHERE kind = 'duplicate'"), 1);
        assert_eq!(count(&shop, "delivery"), 1);
        assert_eq!(count(&shop, "refund WHERE state = 'done'"), 1);
        refunds_done(&gateway, 1).await;
        assert_eq!(log(&gateway, "", "notice_taken").await.len(), 2, "both succeeded");
        assert_eq!(log(&gateway, "", "notice_refused").await.len(), 0);
        let again = shop.order(&placed.order_no, &placed.view_token).await;
        assert_eq!(again["state"], "delivered");
        assert_eq!(cases(&shop, "duplicate", false).await.len(), 0, "closed by the refund");
        // And said again, both times: nothing more happens.
        for n in [1, 2] {
            gateway.notify_again(&merchant_no(&shop, &placed, n), 20).await;
        }
        all_taken(&gateway, "").await;
        assert_eq!((count(&shop, "receipt"), count(&shop, "refund")), (2, 1));
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F19: two codes of one order at one account, and both are paid. Fails with the same line
    /// as F18.
    f19_paid_twice_at_one_account, |shop| async move {
        let gateway = gateway(&shop).await;
        let accounts = account("m1", "alipay\", \"wechat", 1, &gateway.url());
        let settings = format!("admin_email = \"{OWNER}\"");
        open_shop(&shop, FIVE, &settings, &accounts).await;
        let placed = buy(&shop, "alipay").await;
        let other = try_another(&shop, &placed, "wechat").await.expect(201).json();
        let other = other["pay"]["url"].as_str().expect("a page to pay at");
        assert_ne!(other, placed.pay_url(), "two codes");
        assert_eq!(count(&shop, "attempt WHERE account_id = 'm1'"), 2, "one account");
        tokio::join!(gateway.pay(other), gateway.pay(placed.pay_url()));
        let goods = shop.goods(&placed).await;
        all_taken(&gateway, "").await;
        eventually(SOON, || async { count(&shop, "receipt") == 2 }).await;
        alarmed(&shop, "case.duplicate").await;
        verified(&shop).await;
        assert_eq!(count(&shop, "receipt WHERE kind = 'duplicate'"), 1);
        assert_eq!((goods.len(), count(&shop, "delivery")), (1, 1));
        assert_eq!(count(&shop, "refund WHERE state = 'done'"), 1);
        refunds_done(&gateway, 1).await;
        assert_eq!(log(&gateway, "", "notice_taken").await.len(), 2, "both succeeded");
        assert_eq!(shop.goods(&placed).await, goods, "they stay");
    }
);

on_both_engines!(
    /// F30: a signed notice says paid, the channel itself says not: the key has leaked. Held,
    /// a critical alarm, and nothing leaves until the channel agrees. Fails when `must_confirm` of
    /// `payment/callback.rs` is false.
    f30_a_lying_notice, |shop| async move {
        let gateway = gateway(&shop).await;
        let accounts = account("epay-1", "alipay", 1, &gateway.url());
        let settings = format!("admin_email = \"{OWNER}\"");
        open_shop(&shop, FIVE, &settings, &accounts).await;
        gateway.switch(json!({"lie": true})).await;
        let placed = buy(&shop, "alipay").await;
        let no = merchant_no(&shop, &placed, 1);
        alarmed(&shop, "case.contradicted").await;
        assert_eq!(count(&shop, "alert WHERE severity = 'critical'"), 1);
        let open = cases(&shop, "contradicted", false).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0]["severity"], "critical");
        assert!(!log(&gateway, &no, "notice_refused").await.is_empty());
        assert_eq!(log(&gateway, &no, "notice_taken").await.len(), 0);
        assert_eq!(count(&shop, "receipt") + count(&shop, "delivery"), 0);
        without_goods(&shop, &placed).await;
        let kept = "notice WHERE verdict = 'contradicted'";
        assert!(count(&shop, kept) > 0, "the lie is kept");
        verified(&shop).await;

        gateway.clear_switches().await;
        gateway.pay(placed.pay_url()).await;
        let goods = shop.goods(&placed).await;
        sold_once(&shop);
        mailed(&shop, &goods, 1).await;
        verified(&shop).await;
    }
);
