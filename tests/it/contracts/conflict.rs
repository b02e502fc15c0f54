//! Collisions: a job runs again and takes effect once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use diesel::connection::SimpleConnection;
use vendgate::store::{Store, StoreError};

use super::{Ground, add, put, reads, used, writes};
use crate::harness::{Engine, Weight, on_an_engine, on_both_engines};

on_both_engines!(
    a_job_that_meets_a_conflict_takes_effect_once,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "n", 0).await;
        let runs = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&runs);
        let answer = store
            .write(move |db| {
                add(db, "n", 1)?;
                match count.fetch_add(1, Ordering::SeqCst) {
                    0 => Err(StoreError::Conflict("a row moved".to_owned())),
                    _ => Ok(()),
                }
            })
            .await;
        // One writer meets nobody: it tells the conflict. Several meet and try again.
        assert_eq!(answer.is_ok(), store.engine() == "postgres");
        let left = reads(&store, "n").await.expect("the row");
        assert_eq!(left, i64::from(answer.is_ok()));
        assert_eq!(runs.load(Ordering::SeqCst), 1 + u32::from(answer.is_ok()));
    }
);

/// Runs a story that only several writers can have.
async fn on_postgres<F: Future<Output = ()>>(story: impl FnOnce(Store) -> F) {
    on_an_engine(Engine::Postgres, Weight::Shop, |engine| async move {
        story(Ground::fresh(engine).open()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_that_stays_is_told_after_five_tries() {
    on_postgres(|store| async move {
        let runs = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&runs);
        let answer = store
            .write(move |db| {
                count.fetch_add(1, Ordering::SeqCst);
                put(db, "never", 1)?;
                Err::<(), _>(StoreError::Conflict("again".to_owned()))
            })
            .await;
        assert!(matches!(answer, Err(StoreError::Conflict(_))));
        assert_eq!(runs.load(Ordering::SeqCst), 5);
        assert_eq!(reads(&store, "never").await, None);
    })
    .await;
}

/// SQLSTATE 40P01, a real one: two jobs lock two rows in opposite orders, and meet in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadlock_is_solved_by_running_one_again() {
    on_postgres(|store| async move {
        writes(&store, "a", 0).await;
        writes(&store, "b", 0).await;
        let runs = Arc::new(AtomicU32::new(0));
        let meet = Arc::new(Barrier::new(2));
        let job = |first: &'static str, second: &'static str| {
            let (store, runs, meet) = (store.clone(), Arc::clone(&runs), Arc::clone(&meet));
            tokio::spawn(async move {
                store
                    .write(move |db| -> Result<(), StoreError> {
                        let run = runs.fetch_add(1, Ordering::SeqCst);
                        add(db, first, 1)?;
                        if run < 2 {
                            meet.wait();
                        }
                        add(db, second, 1)
                    })
                    .await
            })
        };
        let (one, two) = (job("a", "b"), job("b", "a"));
        one.await.expect("answered").expect("done");
        two.await.expect("answered").expect("done");
        // On a busy machine they may meet once more before the first one gets on.
        assert!(runs.load(Ordering::SeqCst) >= 3, "one of them ran twice");
        assert_eq!(reads(&store, "a").await, Some(2));
        assert_eq!(reads(&store, "b").await, Some(2));
    })
    .await;
}

/// SQLSTATE 40001, a real one: a row that a repeatable transaction has read moves under it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_serialization_failure_is_tried_again() {
    on_postgres(|store| async move {
        writes(&store, "n", 0).await;
        let runs = Arc::new(AtomicU32::new(0));
        let (here, there) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let job = {
            let (store, runs) = (store.clone(), Arc::clone(&runs));
            let (here, there) = (Arc::clone(&here), Arc::clone(&there));
            tokio::spawn(async move {
                store
                    .write(move |db| -> Result<(), StoreError> {
                        db.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
                        used(db, "n")?;
                        if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                            here.wait();
                            there.wait();
                        }
                        add(db, "n", 1)
                    })
                    .await
            })
        };
        let meet = |barrier: Arc<Barrier>| tokio::task::spawn_blocking(move || barrier.wait());
        meet(here).await.expect("they met");
        store.write(|db| add(db, "n", 10)).await.expect("a write");
        meet(there).await.expect("they met");
        job.await.expect("answered").expect("done");
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(reads(&store, "n").await, Some(11));
    })
    .await;
}
