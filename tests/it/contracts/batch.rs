//! Jobs that run together: each is all or nothing, and none is another one's business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use vendgate::store::StoreError;

use super::{Gate, Ground, LONG, add, all, hold, put, reads, sql, used, writes};
use crate::harness::{eventually, on_both_engines};

/// Gives spawned writes the time to stand in the queue; a batch is only a batch then.
async fn they_queue() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

on_both_engines!(
    a_job_that_fails_or_panics_undoes_only_itself,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "shared", 0).await;
        // While the writer is held the jobs gather into one batch.
        let gate = Gate::default();
        let held = hold(&store, &gate);
        gate.reached(1).await;
        let jobs = (0..60).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |db| {
                        put(db, &format!("job-{n:02}"), n)?;
                        add(db, "shared", 1)?;
                        match n % 3 {
                            0 => Ok(n),
                            1 => Err(StoreError::Refused("not this one".to_owned())),
                            _ => panic!("this one breaks"),
                        }
                    })
                    .await
            })
        });
        let jobs: Vec<_> = jobs.collect();
        they_queue().await;
        gate.open();
        held.await.expect("it ran").expect("it held");
        for (n, answer) in (0i64..).zip(join_all(jobs).await) {
            match (n % 3, answer.expect("it was answered")) {
                (0, Ok(back)) => assert_eq!(back, n),
                (1, Err(StoreError::Refused(why))) => assert_eq!(why, "not this one"),
                (2, Err(StoreError::Panicked(why))) => assert_eq!(why, "this one breaks"),
                (_, other) => panic!("job {n}: {other:?}"),
            }
        }
        let rows = store.read(all).await.expect("a read");
        let mut wanted: Vec<(String, i64)> = (0..60)
            .step_by(3)
            .map(|n| (format!("job-{n:02}"), n))
            .collect();
        wanted.push(("shared".to_owned(), 20));
        assert_eq!(rows, wanted);
    }
);

on_both_engines!(
    a_caller_that_goes_away_undoes_nothing,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        let gate = Gate::default();
        let (ours, waits) = (store.clone(), gate.clone());
        let caller = tokio::spawn(async move {
            ours.write(move |db| {
                put(db, "left-behind", 1)?;
                waits.wait();
                Ok::<_, StoreError>(())
            })
            .await
        });
        gate.reached(1).await;
        caller.abort();
        assert!(caller.await.is_err_and(|gone| gone.is_cancelled()));
        gate.open();
        eventually(LONG, || async {
            reads(&store, "left-behind").await == Some(1)
        })
        .await;
    }
);

on_both_engines!(
    what_is_answered_as_done_is_there,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "taken", 7).await;
        // It swallows the failure of its second statement.
        let answer = store
            .write(|db| {
                put(db, "before", 1)?;
                let _ = put(db, "taken", 8);
                Ok::<_, StoreError>(())
            })
            .await;
        let there = reads(&store, "before").await.is_some();
        assert_eq!(answer.is_ok(), there, "{answer:?}");
        assert_eq!(reads(&store, "taken").await, Some(7));
        writes(&store, "after", 1).await;
    }
);

on_both_engines!(
    a_commit_that_fails_fails_its_jobs,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        sql(
            &store,
            "CREATE TABLE child (seller TEXT REFERENCES seller (id) DEFERRABLE INITIALLY DEFERRED)",
        )
        .await
        .expect("a table");
        let gate = Gate::default();
        let held = hold(&store, &gate);
        gate.reached(1).await;
        // Nothing is wrong with it until the end.
        let orphan = {
            let store = store.clone();
            tokio::spawn(async move { sql(&store, "INSERT INTO child VALUES ('nobody')").await })
        };
        let neighbour = {
            let store = store.clone();
            tokio::spawn(async move { store.write(|db| put(db, "neighbour", 1)).await })
        };
        they_queue().await;
        gate.open();
        held.await.expect("it ran").expect("it held");
        let orphan = orphan.await.expect("answered");
        assert!(
            matches!(orphan, Err(StoreError::Constraint(_))),
            "{orphan:?}"
        );
        // In the same batch it shares the fate, on its own it does not. Either way it is told so.
        let neighbour = neighbour.await.expect("answered");
        assert_eq!(
            neighbour.is_ok(),
            store.engine() == "postgres",
            "{neighbour:?}"
        );
        assert_eq!(
            neighbour.is_ok(),
            reads(&store, "neighbour").await.is_some()
        );
        sql(&store, "INSERT INTO child VALUES ('house')")
            .await
            .expect("the next batch is a clean one");
    }
);

/// An error that ends the whole transaction (a full disk) fails the job that met it; the others
/// have touched nothing and run again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_the_batch_and_spares_the_others() {
    let ground = Ground::fresh(crate::harness::Engine::Sqlite);
    let store = ground.open();
    writes(&store, "shared", 0).await;
    let gate = Gate::default();
    let held = {
        let (store, gate) = (store.clone(), gate.clone());
        tokio::spawn(async move {
            store
                .write(move |db| {
                    use diesel::connection::SimpleConnection;
                    db.batch_execute("PRAGMA max_page_count = 200")?;
                    gate.wait();
                    Ok::<_, StoreError>(())
                })
                .await
        })
    };
    gate.reached(1).await;
    let runs = Arc::new(AtomicU32::new(0));
    let jobs: Vec<_> = (0..20)
        .map(|n| {
            let (store, runs) = (store.clone(), Arc::clone(&runs));
            tokio::spawn(async move {
                store
                    .write(move |db| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        add(db, "shared", 1)?;
                        let size = if n == 10 { 4 << 20 } else { 1 };
                        put(db, &format!("{n:02}{}", "x".repeat(size)), 1)
                    })
                    .await
            })
        })
        .collect();
    they_queue().await;
    gate.open();
    held.await.expect("it ran").expect("it held");
    for (n, answer) in join_all(jobs).await.into_iter().enumerate() {
        let answer = answer.expect("answered");
        match n {
            10 => {
                let told = answer.expect_err("too large").to_string();
                assert!(told.contains("full"), "{told}");
            }
            _ => assert!(answer.is_ok(), "job {n}: {answer:?}"),
        }
    }
    assert_eq!(reads(&store, "shared").await, Some(19));
    assert!(runs.load(Ordering::SeqCst) > 20, "the untouched ran again");
    let there = store.read(|db| used(db, "00x")).await.expect("a read");
    assert_eq!(there, Some(1));
}
