//! What the books are made of cannot be changed, whoever holds the connection.

use super::{Ground, sql};
use crate::harness::{Engine, on_both_engines};

/// One row of each table that only grows.
const ROWS: &str = "
INSERT INTO journal VALUES ('j','receipt','r','charge','J01','house',0,'h');
INSERT INTO journal_entry VALUES ('j',1,'asset:clearing:a','D','CNY',1);
INSERT INTO seal VALUES (1,'journal','j','h','','h');
INSERT INTO payment VALUES ('p','CNY',0,0,0);
INSERT INTO orders (id, order_no, seller_id, payment_id, state, version, currency, amount,
    refunded_amount, email, email_hash, locale, event_seq, event_head, created_at, expires_at)
    VALUES ('o','o','house','p','paid',1,'CNY',0,0,'','','en',0,'',0,0);
INSERT INTO order_event VALUES ('o',1,0,'buyer','placed','','paid','{}','','h');
";

on_both_engines!(the_books_only_grow, Weight::Shop, |engine| async move {
    let ground = Ground::fresh(engine);
    let store = ground.open();
    sql(&store, ROWS).await.expect("rows");
    let changes = [
        ("journal", "UPDATE journal SET at = at"),
        ("journal", "DELETE FROM journal"),
        ("journal_entry", "UPDATE journal_entry SET amount = 2"),
        ("journal_entry", "DELETE FROM journal_entry WHERE leg = 1"),
        ("seal", "UPDATE seal SET hash = ''"),
        ("seal", "DELETE FROM seal"),
        ("order_event", "UPDATE order_event SET actor = 'nobody'"),
        ("order_event", "DELETE FROM order_event"),
    ];
    for (table, change) in changes {
        let refused = sql(&store, change).await.expect_err(change).to_string();
        assert!(refused.contains("append-only"), "{table}: {refused}");
    }
    if engine == Engine::Postgres {
        for table in ["journal_entry", "journal CASCADE", "seal", "order_event"] {
            let change = format!("TRUNCATE {table}");
            let refused = sql(&store, &change).await.expect_err(&change).to_string();
            assert!(refused.contains("append-only"), "{table}: {refused}");
        }
    }
});
