//! F01–F12: SIGKILL at every place between a notice and the goods, then a restart.

use super::stage::{
    FIVE, Goods, all_taken, buy, count, log, mailed, merchant_no, set_up, sold_once, verified,
};
use super::{drawn, seed};
use crate::harness::{Engine, Sandbox, TestShop, on_both_engines};
use serde_json::json;
use std::time::Duration;

/// What the dead process leaves behind.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// Not a trace of the payment.
    Nothing,
    /// All of it.
    Everything,
    /// One or the other.
    Either,
}

/// Dies at `point` while it takes the notice of a payment, and starts again. The gateway tells
/// nothing when it is asked, so that only its own second notice can bring a lost one back. The
/// seed says how long the process hangs at the point before it dies, whether the stock is held,
/// and how many other orders wait for their money meanwhile.
async fn killed_at(engine: Engine, point: &str, left: Left) {
    let seed = seed();
    let hangs = drawn(seed, "hangs", 40);
    let fail = if point.contains('=') {
        point.to_owned()
    } else {
        format!("{point}=kill:{hangs}")
    };
    let shop = TestShop::on(engine).fail(&fail).start().await;
    let goods = Goods {
        reserve: drawn(seed, "reserve", 2) == 0,
        ..FIVE
    };
    let gateway = set_up(&shop, goods).await;
    gateway.switch(json!({"query": "http_500"})).await;
    let variant = shop.variant("editor").await;
    for n in 0..drawn(seed, "waiting", 4) {
        let email = format!("waiting-{n}@example.test");
        shop.place(&variant, 1, &email, "wechat").await;
    }
    let placed = buy(&shop, "alipay").await;
    gateway.pay(placed.pay_url()).await;
    shop.died().await;
    aftermath(&shop, &gateway, &placed, left).await;
}

/// After the end: whole or absent, and one delivery once the shop is back.
async fn aftermath(
    shop: &TestShop,
    gateway: &Sandbox,
    placed: &crate::harness::Placed,
    left: Left,
) {
    let no = merchant_no(shop, placed, 1);
    let landed = count(shop, "receipt") == 1;
    match left {
        Left::Either => {}
        _ => assert_eq!(landed, left == Left::Everything, "the receipt"),
    }
    let traces = [
        "notice",
        "delivery",
        "journal",
        "orders WHERE state <> 'pending_payment'",
        "card WHERE state = 'delivered'",
    ];
    let first = if landed {
        Some(sold_once(shop))
    } else {
        for trace in traces {
            assert_eq!(count(shop, trace), 0, "{trace}");
        }
        None
    };

    shop.set_env("VENDGATE_FAIL", None);
    shop.start().await;
    // The gateway's next tries are due now.
    shop.advance_clock(Duration::from_secs(20));
    all_taken(gateway, &no).await;
    assert!(
        !log(gateway, &no, "notice_taken").await.is_empty(),
        "the notice was taken in the end"
    );
    let goods = shop.goods(placed).await;
    assert_eq!(goods.len(), 1);
    let card = sold_once(shop);
    assert!(first.is_none_or(|first| first == card), "the same card");
    // A worker that died while it sent holds its row this long.
    shop.advance_clock(Duration::from_secs(6 * 60));
    mailed(shop, &goods, 2).await;
    assert_eq!(count(shop, "alert"), 0, "nothing needs the owner");
    assert_eq!(shop.goods(placed).await, goods);
    verified(shop).await;
}

on_both_engines!(
    /// F01, K1. Fails when `next_try` of `sandbox/promise.rs` gives no second try.
    f01_before_the_notice_is_read, Weight::Shop, |engine| async move {
        killed_at(engine, "callback_received", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F02, K2. Fails on PostgreSQL when `BEGIN` of `store/postgres.rs` is removed: the raw
    /// log row stays.
    f02_after_the_raw_log, Weight::Shop, |engine| async move {
        killed_at(engine, "after_raw_log", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F03, K3. Fails when `settle(till, fact, Some(row)).await?` of `payment/callback.rs` is
    /// started without being awaited: the success is told too early.
    f03_before_the_transaction, Weight::Shop, |engine| async move {
        killed_at(engine, "before_settle", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F04, K4. Fails when `BEGIN` of `store/postgres.rs` is removed: the receipt stays.
    f04_after_the_order_update, Weight::Shop, |engine| async move {
        killed_at(engine, "after_order_update", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F05, K5. Fails when `BEGIN IMMEDIATE`, `SAVEPOINT` and `COMMIT` of `store/writer.rs` are
    /// removed (SQLite): half of the payment stays.
    f05_after_the_cards, Weight::Shop, |engine| async move {
        killed_at(engine, "after_cards", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F06, K6. Fails when `BEGIN IMMEDIATE`, `SAVEPOINT` and `COMMIT` of `store/writer.rs` are
    /// removed (SQLite): the receipt stays.
    f06_after_the_journal, Weight::Shop, |engine| async move {
        killed_at(engine, "after_journal", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F07, K7. Fails when `BEGIN` of the store is removed, and when the settlement of
    /// `payment/callback.rs` is not awaited before the answer.
    f07_before_the_commit, Weight::Shop, |engine| async move {
        killed_at(engine, "before_commit/settle", Left::Nothing).await;
    }
);

on_both_engines!(
    /// F08, K8. Fails when `return Ok(Verdict::Accepted("repeated"))` of `payment/callback.rs` is
    /// removed for a refusal: the gateway never hears a success.
    f08_after_the_commit, Weight::Shop, |engine| async move {
        killed_at(engine, "after_commit/settle", Left::Everything).await;
    }
);

on_both_engines!(
    /// F08, K8 at its last moment: settled in every respect, and not yet answered. Fails with
    /// the same line as above.
    f08_before_the_answer, Weight::Shop, |engine| async move {
        killed_at(engine, "before_answer", Left::Everything).await;
    }
);

on_both_engines!(
    /// F09, K9: the answer has left, the mail has not. Fails when `claim` of `notify/outbox.rs`
    /// takes only waiting rows, without `running`.
    f09_before_the_outbox, Weight::Shop, |engine| async move {
        killed_at(engine, "outbox_claimed=kill:300", Left::Everything).await;
    }
);

on_both_engines!(
    /// F10, K10: the mail server has the message, the outbox does not know. Fails with the same
    /// line as F09.
    f10_after_the_mail, Weight::Shop, |engine| async move {
        killed_at(engine, "after_send", Left::Everything).await;
    }
);

on_both_engines!(
    /// F12, K12. SQLite: in the middle of checkpoints of the log that holds the payment.
    /// PostgreSQL, whose checkpoints are another process's: at any commit while it is paid. Fails
    /// on SQLite when `COMMIT` of `store/writer.rs` comes after the checkpoint.
    f12_in_a_checkpoint, Weight::Shop, |engine| async move {
        if engine == Engine::Sqlite {
            return killed_at(engine, "wal_checkpoint/settle=kill:20", Left::Everything).await;
        }
        let shop = TestShop::on(engine).start().await;
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"query": "http_500"})).await;
        let placed = buy(&shop, "alipay").await;
        let nth = drawn(seed(), "commit", 30) + 4;
        println!("killed at commit {nth}");
        shop.kill9();
        shop.set_env("VENDGATE_FAIL", Some(&format!("after_commit=kill@{nth}")));
        // An early commit kills it before it is ready: then the payment finds it down.
        if let Err(log) = shop.try_start().await {
            println!("died while it started: {} bytes of log", log.len());
        }
        gateway.pay(placed.pay_url()).await;
        shop.died().await;
        aftermath(&shop, &gateway, &placed, Left::Either).await;
    }
);
