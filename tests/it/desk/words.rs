//! A database of the version before: what its refunds said of themselves is kept.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use vendgate::ids::OrderId;
use vendgate::ledger::postings::RefundFrom;
use vendgate::refund::{self, Grounds, RefundState};
use vendgate::store::{Store, StoreError, StoreUrl, migrate_by};

use crate::harness::{Engine, TempDir, fresh_database, on_both_engines};
use crate::limits::refunds::PAID;

/// Runs plain SQL on a database as it is, without bringing it up to date.
fn execute(url: &str, sql: &str) {
    let done = match url.strip_prefix("sqlite:") {
        Some(file) => SqliteConnection::establish(file)
            .expect("the file opens")
            .batch_execute(sql),
        None => PgConnection::establish(url)
            .expect("the database answers")
            .batch_execute(sql),
    };
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

on_both_engines!(
    refunds_keep_their_grounds,
    Weight::Shop,
    |engine| async move {
        let dir = TempDir::new("grounds");
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", dir.join("shop.db").display()),
            Engine::Postgres => fresh_database(),
        };
        let parsed: StoreUrl = url.parse().expect("a URL");
        let first = migrate_by(&parsed, 1).expect("the first version").applied;
        assert_eq!(first.len(), 1);
        execute(&url, PAID);
        for (n, reason) in [
            "late/unallocated",
            "duplicate/second_payment",
            "staff/unfulfilled",
        ]
        .into_iter()
        .enumerate()
        {
            execute(
                &url,
                &format!(
                    "INSERT INTO refund VALUES ('f{n}','o','p','r','a','epay-main','n{n}','d{n}',NULL, \
                 'CNY',{n}00 + 1,'unknown','{reason}','lost',3,{n},7,9)"
                ),
            );
        }
        let (store, migrated) = Store::open(&parsed).expect("it opens");
        assert!(!migrated.applied.is_empty());
        let refunds = store
            .read(|db| refund::store::of_order(db, &OrderId("o".to_owned())))
            .await
            .expect("refunds");
        let words: Vec<_> = refunds.iter().map(|f| (f.grounds, f.source)).collect();
        assert_eq!(
            words,
            [
                (Grounds::Late, RefundFrom::Unallocated),
                (Grounds::Duplicate, RefundFrom::SecondPayment),
                (Grounds::Staff, RefundFrom::Unfulfilled),
            ]
        );
        for refund in &refunds {
            assert_eq!(refund.state, RefundState::Unknown);
            assert_eq!(
                (refund.tries, refund.next_check_at, refund.held_until),
                (3, Some(9), None)
            );
        }
        // Of a word that nobody knows there is no row.
        let unknown = store
            .write(|db| {
                let sql = "UPDATE refund SET grounds = 'whim' WHERE id = 'f0'";
                Ok::<_, StoreError>(db.batch_execute(sql)?)
            })
            .await;
        assert!(
            matches!(unknown, Err(StoreError::Constraint(_))),
            "{unknown:?}"
        );
    }
);
