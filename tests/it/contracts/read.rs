//! Reading: one moment, no writing, and no connection is worse for it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use vendgate::store::{Db, StoreError};

use super::{Gate, Ground, add, put, reads, used, writes};
use crate::harness::{Engine, on_both_engines, postgres_scalar};

on_both_engines!(
    a_read_of_several_statements_sees_one_moment,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "n", 1).await;
        let gate = Gate::default();
        let reader = {
            let (store, gate) = (store.clone(), gate.clone());
            tokio::spawn(async move {
                store
                    .read(move |db| {
                        let first = used(db, "n")?;
                        gate.wait();
                        Ok::<_, StoreError>((first, used(db, "n")?, used(db, "late")?))
                    })
                    .await
            })
        };
        gate.reached(1).await;
        store.write(|db| add(db, "n", 1)).await.expect("a write");
        writes(&store, "late", 1).await;
        gate.open();
        let seen = reader.await.expect("it ran").expect("a read");
        assert_eq!(seen, (Some(1), Some(1), None));
        assert_eq!(
            reads(&store, "n").await,
            Some(2),
            "the next one sees the next moment"
        );
    }
);

on_both_engines!(a_read_cannot_write, Weight::Shop, |engine| async move {
    let ground = Ground::fresh(engine);
    let store = ground.open();
    let refused = store.read(|db| put(db, "sneaked", 1)).await;
    assert!(refused.is_err());
    assert_eq!(reads(&store, "sneaked").await, None);
});

fn breaks(db: &mut Db) -> Result<(), StoreError> {
    Ok(db.batch_execute("SELECT nothing FROM nowhere")?)
}

on_both_engines!(
    reads_and_writes_that_break_leave_clean_connections,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "n", 1).await;
        // More of each than there are connections.
        for _ in 0..20 {
            let read = store
                .read(|db| -> Result<(), StoreError> {
                    used(db, "n")?;
                    panic!("a reader breaks")
                })
                .await;
            assert!(matches!(read, Err(StoreError::Panicked(_))), "{read:?}");
            assert!(matches!(
                store.read(breaks).await,
                Err(StoreError::Database(_))
            ));
            let wrote = store
                .write(|db| -> Result<(), StoreError> {
                    add(db, "n", 1)?;
                    panic!("a writer breaks")
                })
                .await;
            assert!(matches!(wrote, Err(StoreError::Panicked(_))), "{wrote:?}");
            assert!(matches!(
                store.write(breaks).await,
                Err(StoreError::Database(_))
            ));
        }
        // No reader is left in an old moment, no writer in an open transaction.
        for n in 2..40 {
            store.write(|db| add(db, "n", 1)).await.expect("a write");
            assert_eq!(reads(&store, "n").await, Some(n));
        }
        if engine == Engine::Postgres {
            let url = match &ground.url {
                vendgate::store::StoreUrl::Postgres(url) => url.clone(),
                other => panic!("{other:?}"),
            };
            let open = "SELECT count(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            assert_eq!(postgres_scalar(&url, open).as_deref(), Some("0"));
        }
    }
);

/// The door has begun the transaction already: a second one inside is refused where it can be
/// seen, so no room relies on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_begins_no_transaction_of_its_own() {
    let ground = Ground::fresh(Engine::Sqlite);
    let store = ground.open();
    let nested = store
        .write(|db| -> Result<(), StoreError> {
            db.transaction(|db| {
                diesel::sql_query("SELECT 1").execute(db)?;
                Ok::<_, diesel::result::Error>(())
            })?;
            Ok(())
        })
        .await;
    assert!(nested.is_err());
    writes(&store, "after", 1).await;
}
