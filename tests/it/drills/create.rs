//! F27–F29: a payment is asked for and the answer is lost, late, wrong, or "paid" for ever
//! without a notice.

use super::stage::{
    BUYER, FIVE, Goods, OWNER, SOON, account, all_taken, buy, count, gateway, log, merchant_no,
    open_shop, set_up, sold_once, try_another, verified,
};
use crate::harness::{Outcome, Placed, Reply, TestShop, eventually, free_port, on_both_engines};
use serde_json::json;
use std::time::{Duration, Instant};

const TWENTY: Goods = Goods {
    cards: 20,
    reserve: true,
};

async fn ask(shop: &TestShop, variant: &str, method: &str) -> Reply {
    let body = json!({
        "variant": variant, "quantity": 1, "email": BUYER, "method": method,
        "locale": "en", "fields": {},
    });
    shop.try_place(&body).await
}

fn placed(reply: &Reply) -> Placed {
    serde_json::from_slice(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.text()))
}

/// Where the n-th attempt of an order stands.
fn standing(shop: &TestShop, order: &Placed, n: u32) -> Option<String> {
    let no = merchant_no(shop, order, n);
    shop.scalar(&format!(
        "SELECT state FROM attempt WHERE merchant_no = '{no}'"
    ))
}

on_both_engines!(
    /// F27: the create call times out, and the gateway has made it, or has not, or nobody can
    /// tell for long. One number each, one charge each. Fails when `recover` of `payment/open.rs`
    /// sends again under a new number.
    f27_the_answer_to_the_create_is_lost, |shop| async move {
        let gateway = gateway(&shop).await;
        let url = gateway.url();
        let accounts = account("m1", "alipay", 1, &url)
            + &account("m2", "wechat", 1, &url)
            + &account("m3", "card", 1, &url);
        open_shop(&shop, TWENTY, "", &accounts).await;
        for (merchant, create) in [("m1", "timeout_done"), ("m2", "timeout_not_done")] {
            let once = json!({"merchant": merchant, "create": create, "times": 1});
            gateway.switch(once).await;
        }
        let dark = json!({"merchant": "m3", "create": "timeout_done", "query": "http_500"});
        gateway.switch(dark).await;
        let variant = shop.variant("editor").await;
        let (done, not_done, unknown) = tokio::join!(
            ask(&shop, &variant, "alipay"),
            ask(&shop, &variant, "wechat"),
            ask(&shop, &variant, "card"),
        );
        let (done, not_done) = (placed(&done.expect(201)), placed(&not_done.expect(201)));
        let unknown = placed(&unknown.expect(201));
        assert_eq!(standing(&shop, &unknown, 1).as_deref(), Some("unknown"));
        for order in [&done, &not_done] {
            gateway.pay(order.pay_url()).await;
        }
        // What nobody could tell was made all the same, and is paid.
        gateway.clear_switches().await;
        gateway.pay_at_once(&merchant_no(&shop, &unknown, 1)).await;
        for order in [&done, &not_done, &unknown] {
            assert_eq!(shop.goods(order).await.len(), 1);
        }
        assert_eq!(count(&shop, "attempt"), 3, "one number each");
        assert_eq!((count(&shop, "receipt"), count(&shop, "refund")), (3, 0));
        for order in [&done, &not_done, &unknown] {
            let no = merchant_no(&shop, order, 1);
            let creates = log(&gateway, &no, "create").await;
            assert!(!creates.is_empty(), "{no} was sent");
        }
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F28, nothing was made: nobody listens, no TLS there, a documented no. The next account
    /// is used in the same click. Fails when `open` of `payment/open.rs` returns at the first
    /// refusal.
    f28_nothing_was_made, |shop| async move {
        let gateway = gateway(&shop).await;
        let url = gateway.url();
        let nobody = format!("http://127.0.0.1:{}", free_port());
        let no_tls = url.replace("http://", "https://");
        let accounts = account("m1", "alipay", 1, &nobody)
            + &account("m2", "alipay", 2, &no_tls)
            + &account("m3", "alipay", 3, &url)
            + &account("m4", "wechat", 1, &url)
            + &account("m5", "wechat", 2, &url);
        open_shop(&shop, TWENTY, "", &accounts).await;
        gateway.switch(json!({"merchant": "m4", "create": "refuse"})).await;
        for (method, refusals) in [("alipay", 2), ("wechat", 1)] {
            let began = Instant::now();
            let order = buy(&shop, method).await;
            let took = began.elapsed();
            assert!(took < Duration::from_secs(5), "{method}: payable after {took:?}");
            for n in 1..=refusals {
                assert_eq!(standing(&shop, &order, n).as_deref(), Some("refused"), "{n}");
            }
            let last = standing(&shop, &order, refusals + 1);
            assert_eq!(last.as_deref(), Some("created"));
            gateway.pay(order.pay_url()).await;
            assert_eq!(shop.goods(&order).await.len(), 1);
        }
        assert_eq!(count(&shop, "receipt"), 2);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F28, nobody knows what was made: unknown, the buyer takes the other method, and where
    /// both are paid in the end there is one delivery and one refund. Fails when `create` of
    /// `payment/open.rs` does not look at `failure.nothing_made`.
    f28_nobody_knows_what_was_made, |shop| async move {
        let gateway = gateway(&shop).await;
        let url = gateway.url();
        let troubles = [
            ("m1", "alipay", "timeout_done"), ("m2", "card", "reset"),
            ("m3", "paypal", "http_500"), ("m4", "bank", "malformed"),
        ];
        let mut accounts = account("m5", "wechat", 1, &url);
        for (merchant, method, create) in troubles {
            accounts += &account(merchant, method, 1, &url);
            gateway.switch(json!({"merchant": merchant, "create": create})).await;
        }
        let settings = format!("admin_email = \"{OWNER}\"");
        open_shop(&shop, TWENTY, &settings, &accounts).await;
        let variant = shop.variant("editor").await;
        let asked = troubles.map(|(_, method, _)| ask(&shop, &variant, method));
        let orders = futures_util::future::join_all(asked).await;
        let orders: Vec<Placed> = orders.into_iter().map(|r| placed(&r.expect(201))).collect();
        for (order, (_, _, create)) in orders.iter().zip(troubles) {
            let state = standing(&shop, order, 1);
            assert_eq!(state.as_deref(), Some("unknown"), "{create}");
            let other = try_another(&shop, order, "wechat").await.expect(201).json();
            gateway.pay(other["pay"]["url"].as_str().expect("a page to pay at")).await;
            assert_eq!(shop.goods(order).await.len(), 1, "{create}");
        }
        // Two of the four had been made, and are paid as well.
        gateway.clear_switches().await;
        for made in [&orders[0], &orders[3]] {
            gateway.pay_at_once(&merchant_no(&shop, made, 1)).await;
        }
        all_taken(&gateway, "").await;
        eventually(SOON, || async { count(&shop, "receipt") == 6 }).await;
        verified(&shop).await;
        assert_eq!(count(&shop, "receipt WHERE kind = 'duplicate'"), 2);
        assert_eq!(count(&shop, "refund WHERE state = 'done'"), 2);
        assert_eq!(count(&shop, "delivery"), 4);
        assert_eq!(count(&shop, "alert WHERE kind = 'case.duplicate'"), 2);
    }
);

on_both_engines!(
    /// F29: paid, and never a notice: asking finds it within a minute of the shop's clock.
    /// Fails when the job `poll` does nothing.
    f29_the_gateway_never_calls, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "none"})).await;
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        shop.advance_clock(Duration::from_secs(10));
        assert_eq!(shop.goods(&placed).await.len(), 1);
        sold_once(&shop);
        let no = merchant_no(&shop, &placed, 1);
        for kind in ["notice_taken", "notice_refused"] {
            assert_eq!(log(&gateway, &no, kind).await.len(), 0, "{kind}");
        }
        let source = shop.scalar("SELECT source FROM receipt");
        assert_eq!(source.as_deref(), Some("query"));
        verified(&shop).await;
    }
);

on_both_engines!(
    /// R141: the page says that the bank declined, not that it waits. The buyer may still pay at
    /// the channel's page, and what is not paid is closed there like any other. Fails when
    /// `judge` of `payment/callback.rs` does not call `mark_declined`.
    a_decline_is_told_and_the_payment_stays_good, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let (kept, left) = (buy(&shop, "alipay").await, buy(&shop, "alipay").await);
        for order in [&kept, &left] {
            gateway.press(order.pay_url(), Outcome::Decline).await;
        }
        let declined = "attempt WHERE state = 'failed'";
        eventually(SOON, || async { count(&shop, declined) == 2 }).await;
        let page = format!("/o/{}", kept.order_no);
        let entered = shop.http().get(&format!("{page}?token={}", kept.view_token)).await;
        let cookie = entered.header("set-cookie").expect("a cookie of the order").to_owned();
        let cookie = cookie.split(';').next().unwrap_or_default();
        let headers = [("cookie", cookie), ("accept-language", "en")];
        let status = format!("{page}/status");
        let told = shop.http().send("GET", &status, &headers, b"").await.expect(200).json();
        assert_eq!(told["view"], "failed", "{told}");
        let text = told["text"].as_str().unwrap_or_default();
        assert!(text.contains("declined") || text.contains("拒绝"), "{told}");

        gateway.pay(kept.pay_url()).await;
        assert_eq!(shop.goods(&kept).await.len(), 1);
        shop.advance_clock(Duration::from_secs(16 * 60));
        shop.order_in(&left, "expired").await;
        assert_eq!(count(&shop, "attempt WHERE state = 'closed'"), 1);
        verified(&shop).await;
    }
);
