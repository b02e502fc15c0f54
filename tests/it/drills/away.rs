//! F20, F25: what the shop leans on is away.

use super::stage::{FIVE, Goods, SOON, buy, count, log, mailed, set_up, verified};
use crate::harness::{Engine, Proxy, TestShop, eventually, on_both_engines};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const BUYERS: usize = 20;

on_both_engines!(
    /// F20: the database is away while twenty buyers pay. Every notice is answered with a
    /// failure, and every order is delivered when the gateway comes again. Fails when the last
    /// line of `notice` in `payment/web.rs` answers 200 instead of `SERVICE_UNAVAILABLE`.
    f20_the_database_is_away, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).prepare();
        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let mut line = None;
        if engine == Engine::Postgres {
            let (proxy, through) = Proxy::before(&url).await;
            shop.set_env("VENDGATE_DATABASE_URL", Some(&through));
            line = Some(proxy);
        }
        shop.start().await;
        let gateway = set_up(&shop, Goods { cards: BUYERS, reserve: true }).await;
        gateway.switch(json!({"query": "http_500"})).await;
        let variant = shop.variant("editor").await;
        let mut placed = Vec::new();
        for n in 0..BUYERS {
            let email = format!("b{n}@example.test");
            placed.push(shop.place(&variant, 1, &email, "alipay").await);
        }

        let mut lock = None;
        match &line {
            Some(line) => line.cut(),
            None => {
                let file = url.trim_start_matches("sqlite:");
                let mut held = SqliteConnection::establish(file).expect("the file opens");
                held.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE")
                    .expect("the file can be held");
                lock = Some(held);
            }
        }
        for order in &placed {
            gateway.pay(order.pay_url()).await;
        }
        eventually(SOON, || async {
            log(&gateway, "", "notice_refused").await.len() >= BUYERS
        })
        .await;
        let refused = log(&gateway, "", "notice_refused").await;
        assert!(refused.iter().all(|row| row["status"] != 200), "no success is told");
        assert_eq!(log(&gateway, "", "notice_taken").await.len(), 0);
        if engine == Engine::Postgres {
            shop.http().get("/readyz").await.expect(503);
        }

        match &line {
            Some(line) => line.restore(),
            None => drop(lock.take()),
        }
        eventually(SOON, || async { shop.http().get("/readyz").await.status == 200 }).await;
        shop.advance_clock(Duration::from_secs(60));
        let mut seen = BTreeSet::new();
        for order in &placed {
            let goods = shop.goods(order).await;
            assert_eq!(goods.len(), 1);
            seen.extend(goods);
        }
        assert_eq!(seen.len(), BUYERS, "each card has one owner");
        shop.advance_clock(Duration::from_secs(6 * 60));
        verified(&shop).await;
        assert_eq!(count(&shop, "receipt"), 20);
        assert_eq!(count(&shop, "delivery"), 20);
    }
);

on_both_engines!(
    /// F25: the mail server is away for more than an hour. The page has the goods at once;
    /// the mail goes out once, when it can, after growing gaps.
    f25_the_mail_server_is_away, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        shop.smtp().down();
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        let goods = shop.goods(&placed).await;
        // The tries, and the gap before the next one, in seconds.
        for (tries, gap) in [(1, 5), (2, 300), (3, 1_800), (4, 7_200)] {
            let tried = format!("outbox WHERE state = 'waiting' AND tries = {tries}");
            eventually(SOON, || async { count(&shop, &tried) == 1 }).await;
            let ahead = format!("{tried} AND last_error IS NOT NULL");
            assert_eq!(count(&shop, &ahead), 1, "the queue says why");
            if gap == 7_200 {
                shop.smtp().up();
            }
            shop.advance_clock(Duration::from_secs(gap + 1));
        }
        mailed(&shop, &goods, 1).await;
        assert_eq!(shop.smtp().mails_to(super::stage::BUYER).len(), 1);
        verified(&shop).await;
    }
);
