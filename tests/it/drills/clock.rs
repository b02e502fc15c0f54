//! F35: the clock jumps.

use super::stage::{Goods, SOON, alarmed, buy, count, log, set_up, try_another, verified};
use crate::harness::{SmtpMode, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

const SIX: Goods = Goods {
    cards: 6,
    reserve: true,
};

on_both_engines!(
    /// F35: the process dies with everything in hand, and comes back an hour earlier. Nothing
    /// stands still for that hour: payments are asked about, orders end, refunds, mails and the
    /// jobs that run alone go on, each once. Fails when the job `set_back` does nothing.
    f35_the_clock_is_set_back_by_an_hour, Weight::Shop, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, SIX).await;
        // Twice paid: the second money is on its way back, and the gateway does not say so.
        gateway.switch(json!({"refund": "http_500"})).await;
        let twice = buy(&shop, "alipay").await;
        let other = try_another(&shop, &twice, "wechat").await.expect(201).json();
        gateway.pay(twice.pay_url()).await;
        shop.goods(&twice).await;
        // One mail has gone; the next finds a server that hangs.
        shop.smtp().first_mail_to(super::stage::BUYER).await;
        shop.smtp().set(SmtpMode::Hang);
        gateway.pay(other["pay"]["url"].as_str().expect("a page to pay at")).await;
        let back = "refund WHERE state = 'unknown' AND tries >= 1";
        eventually(SOON, || async { count(&shop, back) == 1 }).await;
        // One is paid and one is not, nobody is told, and asking is in vain.
        gateway.switch(json!({"callback": "none", "query": "timeout"})).await;
        let paid = buy(&shop, "alipay").await;
        gateway.pay(paid.pay_url()).await;
        let unpaid = buy(&shop, "wechat").await;
        let running = "outbox WHERE state = 'running'";
        eventually(SOON, || async { count(&shop, running) > 0 }).await;
        shop.advance_clock(Duration::from_secs(6));
        eventually(SOON, || async { log(&gateway, "", "query").await.len() > 1 }).await;
        shop.kill9();

        shop.set_clock_back(Duration::from_secs(3_600));
        shop.smtp().set(SmtpMode::Accept);
        gateway.clear_switches().await;
        let ahead = shop.now() + 30 * 60 * 1_000;
        let far = |what: &str| count(&shop, &format!("{what} > {ahead}"));
        let attempts = "attempt WHERE next_check_at";
        let orders = "orders WHERE next_check_at";
        let refunds = "refund WHERE next_check_at";
        let promises = "outbox WHERE state IN ('waiting', 'running') AND next_at";
        let leases = "lease WHERE until";
        for (what, least) in [(attempts, 2), (orders, 2), (refunds, 1), (promises, 1), (leases, 6)] {
            assert!(far(what) >= least, "{what} is an hour ahead");
        }
        shop.start().await;
        alarmed(&shop, "clock_set_back").await;
        shop.goods(&paid).await;
        for what in [leases, attempts, orders, refunds, promises] {
            eventually(SOON, || async { far(what) == 0 }).await;
        }
        // A lease that a living worker might hold is waited for, once.
        shop.advance_clock(Duration::from_secs(5 * 60 + 10));
        eventually(SOON, || async { count(&shop, "refund WHERE state = 'done'") == 1 }).await;
        // An order that was made before gets one whole time to pay, not an hour more.
        shop.advance_clock(Duration::from_secs(15 * 60));
        shop.order_in(&unpaid, "expired").await;
        verified(&shop).await;
        assert_eq!((count(&shop, "receipt"), count(&shop, "refund")), (3, 1));
        assert_eq!(count(&shop, "delivery"), 2);
        assert_eq!(count(&shop, "outbox WHERE state = 'dead'"), 0);
    }
);
