//! A party that says nothing: it holds up nobody else, and what waits for it ends in a person's
//! hands, not in silence.

use super::stage::{
    FIVE, Goods, OWNER, SOON, account, alarmed, all_taken, buy, cases, count, gateway, log,
    merchant_no, open_shop, set_up, verified,
};
use crate::harness::{Placed, Sandbox, TestShop, eventually, on_both_engines};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3_600);

/// `many` unpaid orders at the account that takes `method`.
async fn crowd(shop: &TestShop, many: usize, method: &str) -> Vec<Placed> {
    let variant = shop.variant("editor").await;
    let placing = (0..many).map(|n| {
        let email = format!("{method}-{n}@example.test");
        let variant = &variant;
        async move { shop.place(variant, 1, &email, method).await }
    });
    stream::iter(placing).buffer_unordered(8).collect().await
}

/// The gateway takes questions of m1 and never answers them; of others it does.
async fn silence_m1(gateway: &Sandbox) {
    let mute = json!({"merchant": "m1", "query": "timeout", "close": "timeout_done"});
    gateway.switch(mute).await;
}

on_both_engines!(
    /// 200 payments of one account are due and it says nothing; money at another account is
    /// found as fast as without it. Fails when `poll` of `payment/job.rs` claims for all
    /// accounts at once and waits for the slowest.
    a_silent_account_delays_no_other, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, Goods { cards: 210, reserve: true }).await;
        gateway.switch(json!({"callback": "none"})).await;
        silence_m1(&gateway).await;
        let waiting = crowd(&shop, 200, "alipay").await;
        // Each of them is due, and was due before the one that is paid.
        shop.advance_clock(Duration::from_secs(40));
        let placed = buy(&shop, "wechat").await;
        gateway.pay(placed.pay_url()).await;
        let began = Instant::now();
        shop.advance_clock(Duration::from_secs(7));
        shop.goods(&placed).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "found after {took:?}");

        // The silent one is probed, not stormed, and what was paid there is found when it
        // answers again.
        tokio::time::sleep(Duration::from_secs(8)).await;
        let questions = log(&gateway, "", "query").await.len();
        assert!(questions < 60, "{questions} questions to an account that is silent");
        gateway.clear_switches().await;
        gateway.switch(json!({"callback": "none"})).await;
        for order in &waiting[..3] {
            gateway.pay(order.pay_url()).await;
        }
        shop.advance_clock(Duration::from_secs(75));
        for order in &waiting[..3] {
            shop.goods(order).await;
        }
        assert_eq!(count(&shop, "receipt WHERE source = 'query'"), 4);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// 100 orders end at an account that says nothing, and hold their cards until patience
    /// ends; orders of another account give theirs back in time. Fails when `expire` of
    /// `payment/job.rs` ends all due orders in one lane.
    a_silent_account_holds_only_its_own_stock, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, Goods { cards: 103, reserve: true }).await;
        silence_m1(&gateway).await;
        crowd(&shop, 100, "alipay").await;
        let others = crowd(&shop, 3, "wechat").await;
        assert_eq!(count(&shop, "card WHERE state = 'reserved'"), 103);
        let began = Instant::now();
        shop.advance_clock(Duration::from_secs(15 * 60 + 5));
        let ends = others.iter().map(|order| shop.order_in(order, "expired"));
        join_all(ends).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "ended after {took:?}");
        assert_eq!(count(&shop, "card WHERE state = 'reserved'"), 100);
        // 120 seconds in all, then the stock is free whatever the account says.
        shop.advance_clock(Duration::from_secs(110));
        eventually(SOON, || async { count(&shop, "card WHERE state = 'reserved'") == 0 }).await;
        let watched = "attempt WHERE account_id = 'm1' AND next_check_at IS NOT NULL";
        assert_eq!(count(&shop, watched), 100, "late money would be found");
        verified(&shop).await;
    }
);

/// The open and closed cases of attempts that nobody told the end of.
async fn silences(shop: &TestShop) -> (usize, usize) {
    let open = cases(shop, "unmatched", false).await.len();
    (open, cases(shop, "unmatched", true).await.len() - open)
}

on_both_engines!(
    /// A channel that has said nothing for the whole watch: a case for each attempt, which
    /// closes by itself when the channel speaks. What is answered to the last ends without one.
    /// Fails when `note` of `payment/poll.rs` opens no case.
    the_watch_does_not_end_in_silence, |shop| async move {
        let gateway = gateway(&shop).await;
        let url = gateway.url();
        let accounts = account("m1", "alipay", 1, &url)
            + &account("m2", "wechat", 1, &url)
            + &account("epay", "bank", 1, &url);
        open_shop(&shop, FIVE, &format!("admin_email = \"{OWNER}\""), &accounts).await;
        let (paid, waiting) = (buy(&shop, "alipay").await, buy(&shop, "wechat").await);
        let answered = buy(&shop, "bank").await;
        for merchant in ["m1", "m2"] {
            let mute = json!({"merchant": merchant, "query": "http_500", "close": "http_500"});
            gateway.switch(mute).await;
        }
        gateway.switch(json!({"callback": "none"})).await;
        // The money is there, and nobody tells.
        gateway.pay_at_once(&merchant_no(&shop, &paid, 1)).await;
        shop.advance_clock(Duration::from_secs(16 * 60));
        shop.order_in(&answered, "expired").await;
        let heard = "attempt WHERE account_id = 'epay' AND state = 'expired'";
        eventually(SOON, || async { count(&shop, heard) == 1 }).await;
        shop.advance_clock(HOUR);
        shop.order_in(&paid, "expired").await;
        assert_eq!(silences(&shop).await, (0, 0), "it is still watched");

        shop.advance_clock(26 * HOUR);
        let watched = "attempt WHERE next_check_at IS NOT NULL";
        // A silent account is asked one at a time, at growing gaps.
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            shop.advance_clock(Duration::from_secs(70));
        }
        eventually(SOON, || async { count(&shop, watched) == 0 }).await;
        assert_eq!(silences(&shop).await, (2, 0), "one for each that nobody spoke of");
        alarmed(&shop, "case.unmatched").await;
        let rows = cases(&shop, "unmatched", false).await;
        assert!(rows.iter().all(|row| row["proposal"] == "investigate"), "{rows:?}");
        let states = "attempt WHERE account_id <> 'epay' AND state = 'created'";
        assert_eq!(count(&shop, states), 2, "nobody pretends to know");

        // The channel comes back: one says "waiting", one brings the money.
        gateway.clear_switches().await;
        let no = merchant_no(&shop, &waiting, 1);
        gateway.control("notify", json!({"merchant_no": no, "status": "waiting"})).await;
        eventually(SOON, || async { silences(&shop).await == (1, 1) }).await;
        let no = merchant_no(&shop, &paid, 1);
        gateway.notify_again(&no, 1).await;
        all_taken(&gateway, &no).await;
        eventually(SOON, || async { silences(&shop).await == (0, 2) }).await;
        shop.goods(&paid).await;
        verified(&shop).await;
    }
);

on_both_engines!(
    /// While a page is open its payment is asked about every few seconds, by the schedule only
    /// once a minute. Fails when `hasten_open_pages` is not called.
    an_open_page_hastens_the_asking, |shop| async move {
        let _gateway = set_up(&shop, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        let ahead = || {
            let at = shop.scalar("SELECT next_check_at FROM attempt").expect("it is watched");
            at.parse::<i64>().expect("a time") - shop.now()
        };
        for asked in 1..=5 {
            eventually(SOON, || async { ahead() > 0 }).await;
            let wait = u64::try_from(ahead().max(0)).expect("not negative");
            shop.advance_clock(Duration::from_millis(wait + 50));
            // A slow machine is still asking when its lease has moved the time already.
            let so_often = format!("attempt WHERE checks >= {asked}");
            eventually(SOON, || async { count(&shop, &so_often) == 1 }).await;
        }
        eventually(SOON, || async { ahead() > 30_000 }).await;

        let page = format!("/o/{}", placed.order_no);
        let token = format!("{page}?token={}", placed.view_token);
        let entered = shop.http().get(&token).await;
        let cookie = entered.header("set-cookie").expect("a cookie of the order");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let (http, path) = (shop.http().clone(), format!("{page}/events"));
        let open = tokio::spawn(async move {
            http.try_send("GET", &path, &[("cookie", &cookie)], b"").await
        });
        for _ in 0..3 {
            eventually(Duration::from_secs(4), || async { ahead() <= 7_000 }).await;
            shop.advance_clock(Duration::from_millis(7_050));
            eventually(SOON, || async { ahead() > 0 }).await;
        }
        // Nobody looks any more.
        open.abort();
        shop.advance_clock(Duration::from_secs(10));
        eventually(SOON, || async { ahead() > 30_000 }).await;
    }
);

on_both_engines!(
    /// An attempt that cannot be booked, and one that cannot be read: each is told once and goes
    /// on by the schedule; what waits beside them is served, and so are they once the damage is
    /// mended. Fails when `ask` of `payment/poll.rs` returns the error of `settle`.
    a_poisoned_attempt, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "none"})).await;
        let (unbooked, unread) = (buy(&shop, "alipay").await, buy(&shop, "alipay").await);
        let sound = buy(&shop, "alipay").await;
        let of = |order: &Placed| {
            let no = &order.order_no;
            format!("(SELECT id FROM orders WHERE order_no = '{no}')")
        };
        let (booking, reading) = (of(&unbooked), of(&unread));
        shop.tamper(&format!(
            "UPDATE order_item SET delivery = 'broken' WHERE order_id = {booking}; \
             UPDATE attempt SET method = 'broken' WHERE order_id = {reading}"
        ));
        for order in [&unbooked, &unread, &sound] {
            gateway.pay(order.pay_url()).await;
        }
        shop.advance_clock(Duration::from_secs(10));
        shop.goods(&sound).await;
        alarmed(&shop, "attempt_stuck").await;
        alarmed(&shop, "case.unmatched").await;
        let asked = |times: u32, order: &str| {
            let moved = format!("attempt WHERE order_id = {order} AND checks >= {times}");
            count(&shop, &moved) == 1
        };
        for times in 1..=3 {
            eventually(SOON, || async { asked(times, &booking) && asked(times, &reading) }).await;
            shop.advance_clock(Duration::from_secs(40));
        }
        assert_eq!(cases(&shop, "unmatched", true).await.len(), 1);
        assert_eq!(count(&shop, "alert"), 2, "each is told once");
        assert_eq!(count(&shop, "receipt"), 1);

        shop.tamper(&format!(
            "UPDATE order_item SET delivery = 'card_pool' WHERE order_id = {booking}; \
             UPDATE attempt SET method = 'alipay' WHERE order_id = {reading}"
        ));
        shop.advance_clock(Duration::from_secs(80));
        for order in [&unbooked, &unread] {
            shop.goods(order).await;
        }
        eventually(SOON, || async { cases(&shop, "unmatched", false).await.is_empty() }).await;
        verified(&shop).await;
    }
);
