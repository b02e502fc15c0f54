//! F20, F21, F23, F25: what the shop leans on is away, or slow.

use super::in_full;
use super::stage::{
    BUYER, FIVE, Goods, SOON, all_taken, buy, count, log, mailed, set_up, verified,
};
use crate::harness::{
    Engine, Placed, Proxy, Redis, Sandbox, TestShop, Weight, eventually, on_both_engines, turn,
};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const BUYERS: usize = 20;
const TWENTY: Goods = Goods {
    cards: BUYERS,
    reserve: true,
};

/// Twenty orders of one unit, which nobody has paid yet.
async fn twenty_orders(shop: &TestShop) -> Vec<Placed> {
    let variant = shop.variant("editor").await;
    let mut placed = Vec::new();
    for n in 0..BUYERS {
        let email = format!("b{n}@example.test");
        placed.push(shop.place(&variant, 1, &email, "alipay").await);
    }
    placed
}

/// Each has goods of its own, and nothing happened twice.
async fn all_delivered_once(shop: &TestShop, placed: &[Placed]) {
    let mut seen = BTreeSet::new();
    for order in placed {
        let goods = shop.goods(order).await;
        assert_eq!(goods.len(), 1);
        seen.extend(goods);
    }
    assert_eq!(seen.len(), BUYERS, "each card has one owner");
    shop.advance_clock(Duration::from_secs(6 * 60));
    verified(shop).await;
    assert_eq!(count(shop, "receipt"), 20);
    assert_eq!(count(shop, "delivery"), 20);
}

/// Waits until so many notices were refused in all.
async fn refusals(gateway: &Sandbox, many: usize) {
    eventually(SOON * 2, || async {
        log(gateway, "", "notice_refused").await.len() >= many
    })
    .await;
}

on_both_engines!(
    /// F20: the database is away for a minute while twenty buyers pay and the gateway tells each
    /// payment three times. Every notice is answered with a failure, and every order is
    /// delivered when the gateway comes again. The minute is the shop's and the gateway's own;
    /// `make drills` waits for it on the machine's clock. Fails when the last line of `notice`
    /// in `payment/web.rs` answers 200 instead of `SERVICE_UNAVAILABLE`.
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
        let gateway = set_up(&shop, TWENTY).await;
        gateway.switch(json!({"query": "http_500"})).await;
        let placed = twenty_orders(&shop).await;

        let mut lock = None;
        let away = Instant::now();
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
        refusals(&gateway, BUYERS).await;
        for (wave, later) in [(2, 20), (3, 40)] {
            shop.advance_clock(Duration::from_secs(later));
            refusals(&gateway, wave * BUYERS).await;
        }
        if in_full() {
            tokio::time::sleep(Duration::from_secs(60).saturating_sub(away.elapsed())).await;
        }
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
        all_delivered_once(&shop, &placed).await;
    }
);

/// Somebody else holds the database for two seconds, four times, with hardly a pause.
fn hold(engine: Engine, url: &str) {
    let (take, give) = match engine {
        Engine::Sqlite => ("BEGIN IMMEDIATE", "ROLLBACK"),
        Engine::Postgres => (
            "BEGIN; LOCK TABLE orders, receipt IN ACCESS EXCLUSIVE MODE",
            "ROLLBACK",
        ),
    };
    let play = |db: &mut dyn SimpleConnection| {
        for _ in 0..4 {
            db.batch_execute(take).expect("it can be held");
            std::thread::sleep(Duration::from_secs(2));
            db.batch_execute(give).expect("it can be let go");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    match engine {
        Engine::Sqlite => {
            let file = url.trim_start_matches("sqlite:");
            let mut db = SqliteConnection::establish(file).expect("the file opens");
            db.batch_execute("PRAGMA busy_timeout = 10000")
                .expect("a setting");
            play(&mut db);
        }
        Engine::Postgres => {
            play(&mut PgConnection::establish(url).expect("the database answers"));
        }
    }
}

on_both_engines!(
    /// F21: the database hardly answers: another process holds it for two seconds, over and
    /// over, while twenty buyers pay. Nobody waits for ever, nothing is half done, and ten
    /// seconds after the last hold a new buyer has the goods. (That the queue is bounded and
    /// refuses beyond is a contract: `a_full_queue_refuses_at_once_and_loses_nobody`.)
    f21_the_database_is_slow, Weight::Heavy, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let goods = Goods { cards: BUYERS + 1, ..TWENTY };
        let gateway = set_up(&shop, goods).await;
        let placed = twenty_orders(&shop).await;
        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let held = tokio::task::spawn_blocking(move || hold(engine, &url));
        for order in &placed {
            gateway.pay(order.pay_url()).await;
        }
        held.await.expect("it lets go");
        let free = Instant::now();
        let variant = shop.variant("editor").await;
        let next = shop.place(&variant, 1, BUYER, "wechat").await;
        gateway.pay(next.pay_url()).await;
        assert_eq!(shop.goods(&next).await.len(), 1);
        assert!(free.elapsed() < Duration::from_secs(10), "{:?}", free.elapsed());
        // Whatever was refused meanwhile is told again.
        shop.advance_clock(Duration::from_secs(60));
        all_taken(&gateway, "").await;
        for order in &placed {
            assert_eq!(shop.goods(order).await.len(), 1);
        }
        verified(&shop).await;
        assert_eq!((count(&shop, "receipt"), count(&shop, "delivery")), (21, 21));
    }
);

/// F23: Redis goes away while the shop runs, is away while it starts, and comes back. It never
/// holds truth: orders are placed, limited, paid and delivered all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_redis_is_away() {
    let _turn = turn(Weight::Heavy).await;
    let mut redis = Redis::start();
    let shop = TestShop::on(Engine::Postgres)
        .env("VENDGATE_REDIS_URL", &format!("{}/0", redis.url()))
        .start()
        .await;
    let gateway = set_up(&shop, FIVE).await;
    shop.apply("[shop]\nunpaid_per_email = 1\n").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let sell = async |when: &str| {
        let placed = buy(&shop, "alipay").await;
        let variant = shop.variant("editor").await;
        let body = json!({
            "variant": variant, "quantity": 1, "email": BUYER, "method": "alipay",
            "locale": "en", "fields": {},
        });
        assert_eq!(
            shop.try_place(&body).await.status,
            429,
            "{when}: one unpaid order each"
        );
        let asked = Instant::now();
        gateway.pay(placed.pay_url()).await;
        assert_eq!(shop.goods(&placed).await.len(), 1, "{when}");
        assert!(
            asked.elapsed() < Duration::from_secs(10),
            "{when}: {:?}",
            asked.elapsed()
        );
    };
    sell("with Redis").await;
    redis.down();
    sell("without Redis").await;
    shop.stop();
    shop.start().await;
    sell("started without Redis").await;
    redis.up();
    sell("with Redis again").await;
    verified(&shop).await;
    assert_eq!((count(&shop, "receipt"), count(&shop, "delivery")), (4, 4));
}

on_both_engines!(
    /// F25: the mail server is away for more than an hour. The page has the goods at once;
    /// the mail goes out once, when it can, after growing gaps. Fails when `GAPS` of
    /// `notify/outbox.rs` are all five seconds.
    f25_the_mail_server_is_away, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        shop.smtp().down();
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        let goods = shop.goods(&placed).await;
        // The tries, and the gap before the next one, in seconds.
        for (tries, gap) in [(1, 5_i64), (2, 300), (3, 1_800), (4, 7_200)] {
            let tried = format!("outbox WHERE state = 'waiting' AND tries = {tries}");
            eventually(SOON, || async { count(&shop, &tried) == 1 }).await;
            let ahead = format!("{tried} AND last_error IS NOT NULL");
            assert_eq!(count(&shop, &ahead), 1, "the queue says why");
            let ahead = shop.scalar(
                "SELECT next_at FROM outbox WHERE kind = 'mail' AND state = 'waiting'",
            );
            let ahead: i64 = ahead.expect("it waits").parse().expect("a time");
            let ahead = ahead - shop.now_ms();
            // Growing: what is left of the gap is more than the whole gap before it.
            assert!(
                (gap * 1_000 - 60_000..=gap * 1_000).contains(&ahead) && (gap < 60 || ahead > gap * 900),
                "try {tries} is followed by one in {ahead} ms, not in {gap} s"
            );
            if gap == 7_200 {
                shop.smtp().up();
            }
            shop.advance_clock(Duration::from_secs(gap.unsigned_abs() + 1));
        }
        mailed(&shop, &goods, 1).await;
        assert_eq!(shop.smtp().mails_to(BUYER).len(), 1);
        verified(&shop).await;
    }
);
