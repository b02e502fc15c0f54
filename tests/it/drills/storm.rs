//! F13, F14, F17: very many notices, very many buyers, all at once.

use super::stage::{
    FIVE, Goods, all_taken, buy, cases, count, log, mailed, merchant_no, open_shop, set_up,
    sold_once, verified,
};
use super::{drawn, seed};
use crate::harness::{Placed, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

on_both_engines!(
    /// F13: one notice a thousand times over 64 connections. Fails when
    /// `if !store::insert_receipt(…)` of `payment/settle.rs` does not return.
    f13_the_same_notice_a_thousand_times, Weight::Alone, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "none", "query": "http_500"})).await;
        let placed = buy(&shop, "alipay").await;
        let no = merchant_no(&shop, &placed, 1);
        gateway.pay(placed.pay_url()).await;
        let storm = json!({"merchant_no": no, "times": 1000, "parallel": 64});
        gateway.control("notify", storm).await;
        all_taken(&gateway, &no).await;

        let taken = log(&gateway, &no, "notice_taken").await;
        assert_eq!(taken.len(), 1000, "each was answered with success");
        assert_eq!(log(&gateway, &no, "notice_refused").await.len(), 0);
        let mut took: Vec<i64> = taken.iter().filter_map(|row| row["ms"].as_i64()).collect();
        took.sort_unstable();
        assert_eq!(took.len(), 1000);
        println!("F13 on {engine:?}: p50 {} ms, p99 {} ms", took[499], took[989]);
        assert!(took[989] < 2_000, "p99 is {} ms", took[989]);

        let goods = shop.goods(&placed).await;
        sold_once(&shop);
        mailed(&shop, &goods, 1).await;
        assert_eq!(count(&shop, "alert"), 0);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F14: a thousand notices of one trade with ten bodies; only the exact one acts. Fails when
    /// `let exact = …` of `payment/callback.rs` is always true.
    f14_ten_stories_of_one_trade, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "none"})).await;
        let placed = buy(&shop, "alipay").await;
        let no = merchant_no(&shop, &placed, 1);
        gateway.pay(placed.pay_url()).await;
        let stories = [
            ("paid", Some(1991)), ("waiting", None), ("paid", Some(1)), ("closed", None),
            ("paid", None), ("failed", None), ("paid", Some(199_000)), ("waiting", Some(1989)),
            ("paid", Some(1989)), ("closed", Some(5)),
        ];
        // In small turns of another order each, so that the stories mix.
        let seed = seed();
        for turn in 0..10 {
            let mut stories = stories;
            for at in (1..stories.len()).rev() {
                let bound = u64::try_from(at + 1).expect("ten stories");
                let other = drawn(seed, &format!("{turn}/{at}"), bound);
                stories.swap(at, usize::try_from(other).expect("below ten"));
            }
            for (status, amount) in stories {
                let mut told = json!({
                    "merchant_no": no, "times": 10, "parallel": 64, "status": status,
                });
                if let Some(amount) = amount {
                    told["amount"] = json!(amount);
                }
                gateway.control("notify", told).await;
            }
        }
        // Whatever is wrong about money is refused, and so it stays due; the rest is taken.
        let of_status = |rows: &[serde_json::Value], status: &str, amount: &str| {
            let (status, amount) = (format!("\"status\":\"{status}\""), amount.to_owned());
            rows.iter()
                .filter(|row| {
                    let body = row["body"].as_str().unwrap_or_default();
                    body.contains(&status) && body.contains(&amount)
                })
                .count()
        };
        eventually(Duration::from_secs(60), || async {
            log(&gateway, &no, "notice_taken").await.len() >= 600
                && log(&gateway, &no, "notice_refused").await.len() >= 400
        })
        .await;
        let taken = log(&gateway, &no, "notice_taken").await;
        assert_eq!(taken.len(), 600);
        assert_eq!(of_status(&taken, "paid", "\"amount\":1990,"), 100);
        assert_eq!(of_status(&taken, "paid", ""), 100, "no wrong amount was taken");
        for status in ["waiting", "closed"] {
            assert_eq!(of_status(&taken, status, ""), 200, "{status}");
        }
        assert_eq!(of_status(&taken, "failed", ""), 100);

        let goods = shop.goods(&placed).await;
        sold_once(&shop);
        let state = shop.scalar("SELECT state FROM attempt");
        assert_eq!(state.as_deref(), Some("paid"), "no flip moved it");
        assert_eq!(count(&shop, "receipt WHERE amount = 1990"), 1);
        let kept = count(&shop, "notice WHERE failed_check = 'amount'");
        assert!((1..=40).contains(&kept), "{kept} refusals in the raw log");
        let metrics = shop.http().get("/metrics").await.expect(200).text();
        let refused = metrics.lines().find(|line| {
            line.starts_with("vendgate_callbacks_total") && line.contains("verdict=\"amount\"")
        });
        assert!(refused.is_some(), "the refusals are counted:\n{metrics}");
        // The gateway would go on with what was refused for a day.
        gateway.kill9();
        mailed(&shop, &goods, 1).await;
        verified(&shop).await;
    }
);

/// How many buyers come at the same moment.
const AT_ONCE: usize = 16;

/// `buyers` orders of one unit; the answers of those who were refused come back as statuses.
async fn crowd(shop: &Arc<TestShop>, buyers: usize) -> (Vec<Placed>, Vec<u16>) {
    let variant = shop.variant("editor").await;
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..buyers {
        let (shop, gate, variant) = (Arc::clone(shop), Arc::clone(&gate), variant.clone());
        tasks.spawn(async move {
            let _turn = gate.acquire().await.expect("the gate stays");
            let body = json!({
                "variant": variant, "quantity": 1, "email": format!("b{n}@example.test"),
                "method": "alipay", "locale": "en", "fields": {},
            });
            shop.try_place(&body).await
        });
    }
    let (mut placed, mut refused) = (Vec::new(), Vec::new());
    while let Some(reply) = tasks.join_next().await {
        let reply = reply.expect("a buyer asks");
        if reply.status == 201 {
            placed.push(serde_json::from_slice(&reply.body).expect("an order"));
        } else {
            refused.push(reply.status);
        }
    }
    (placed, refused)
}

/// All pay at once.
async fn all_pay(shop: &TestShop, gateway: &Arc<Sandbox>) {
    let numbers = shop.scalar(match shop.engine() {
        crate::harness::Engine::Sqlite => "SELECT group_concat(merchant_no, ' ') FROM attempt",
        crate::harness::Engine::Postgres => "SELECT string_agg(merchant_no, ' ') FROM attempt",
    });
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    for no in numbers.expect("there are attempts").split(' ') {
        let (gateway, gate, no) = (Arc::clone(gateway), Arc::clone(&gate), no.to_owned());
        tasks.spawn(async move {
            let _turn = gate.acquire().await.expect("the gate stays");
            gateway.pay_at_once(&no).await;
        });
    }
    while let Some(paid) = tasks.join_next().await {
        paid.expect("a buyer pays");
    }
    all_taken(gateway, "").await;
}

/// Every card left once, each to another order.
async fn all_distinct(shop: &TestShop, placed: &[Placed], cards: usize) {
    let mut seen = BTreeSet::new();
    for order in placed {
        let order = shop.order(&order.order_no, &order.view_token).await;
        for unit in order["goods"].as_array().into_iter().flatten() {
            let card = unit["content"].as_str().expect("a card").to_owned();
            assert!(seen.insert(card.clone()), "{card} went out twice");
        }
    }
    assert_eq!(seen.len(), cards, "each card has one owner");
    let cards = i64::try_from(cards).expect("few cards");
    assert_eq!(count(shop, "delivery"), cards);
    assert_eq!(
        count(shop, "card WHERE state <> 'delivered'"),
        0,
        "none is left"
    );
}

/// Behind four hundred who wait for what may never come, one more waits for something that
/// does come: it goes out.
async fn restocked_behind_the_crowd(shop: &TestShop, gateway: &Sandbox) {
    shop.write_file("other.txt", "OTHER-0001-SECRET\n");
    shop.write_file("more.txt", "OTHER-0002-SECRET\n");
    let product = "[[product]]\nslug = \"other\"\ncategory = \"keys\"\n\
        name = { zh = \"别的\", en = \"Other\" }\ndelivery = \"card_pool\"\n\
        reserve = false\n[[product.variant]]\nsku = \"other-1\"\nprice = 100\n";
    let cards = |file: &str| format!("[[cards]]\nvariant = \"other-1\"\nfile = \"{file}\"\n");
    shop.apply(&(product.to_owned() + &cards("other.txt")))
        .await;
    let variant = shop.variant("other").await;
    let first = shop
        .place(&variant, 1, "first@example.test", "alipay")
        .await;
    let second = shop
        .place(&variant, 1, "second@example.test", "alipay")
        .await;
    gateway.pay(first.pay_url()).await;
    shop.order_in(&first, "delivered").await;
    gateway.pay(second.pay_url()).await;
    shop.order_in(&second, "awaiting_stock").await;
    shop.apply(&cards("more.txt")).await;
    assert_eq!(shop.goods(&second).await, ["OTHER-0002-SECRET"]);
}

on_both_engines!(
    /// F17: 500 buyers pay for the last 100 cards, which nobody held for them. Fails when the
    /// filter `card::state.eq(Available)` of `sellable!` in `stock/store.rs` is removed.
    f17_five_hundred_pay_for_a_hundred_cards, Weight::Alone, |engine| async move {
        let shop = Arc::new(TestShop::on(engine).start().await);
        let gateway = Arc::new(super::stage::gateway(&shop).await);
        let goods = Goods { cards: 100, reserve: false };
        let accounts = super::stage::account("m1", "alipay", 1, &gateway.url());
        open_shop(&shop, goods, "", &accounts).await;
        let (placed, refused) = crowd(&shop, 500).await;
        assert_eq!((placed.len(), refused.len()), (500, 0), "all may pay");
        all_pay(&shop, &gateway).await;

        eventually(Duration::from_secs(60), || async {
            count(&shop, "orders WHERE state = 'pending_payment'") == 0
        })
        .await;
        assert_eq!(count(&shop, "orders WHERE state = 'delivered'"), 100);
        assert_eq!(count(&shop, "orders WHERE state = 'awaiting_stock'"), 400);
        all_distinct(&shop, &placed, 100).await;
        assert_eq!(cases(&shop, "no_stock", false).await.len(), 400, "each is a visible case");
        assert_eq!(count(&shop, "alert WHERE kind = 'case.no_stock'"), 400);
        restocked_behind_the_crowd(&shop, &gateway).await;
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F17 with stock held for whoever ordered first: the others are refused before they pay.
    /// Fails with the same line as above.
    f17_held_stock_refuses_the_rest, Weight::Heavy, |engine| async move {
        let shop = Arc::new(TestShop::on(engine).start().await);
        let gateway = Arc::new(set_up(&shop, Goods { cards: 20, reserve: true }).await);
        let (placed, refused) = crowd(&shop, 100).await;
        assert_eq!((placed.len(), refused.len()), (20, 80));
        assert!(refused.iter().all(|status| *status == 409), "{refused:?}");
        all_pay(&shop, &gateway).await;
        for order in &placed {
            shop.order_in(order, "delivered").await;
        }
        all_distinct(&shop, &placed, 20).await;
        assert_eq!(count(&shop, "alert WHERE kind = 'case.no_stock'"), 0);
        verified(&shop).await;
    }
);
