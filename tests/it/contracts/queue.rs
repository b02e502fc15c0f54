//! The queue is bounded: who finds it full is told at once, and nobody who waits is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use vendgate::store::StoreError;

use super::{Gate, Ground, LONG, add, hold, reads, writes};
use crate::harness::{eventually, on_both_engines};

const CALLERS: usize = 4_500;
/// Where one waits at most, and the job that holds the writer.
const PLACES: usize = 4_096 + 1;

on_both_engines!(
    a_full_queue_refuses_at_once_and_loses_nobody,
    Weight::Heavy,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        writes(&store, "done", 0).await;
        let gate = Gate::default();
        let holders = if store.engine() == "postgres" { 16 } else { 1 };
        let held: Vec<_> = (0..holders).map(|_| hold(&store, &gate)).collect();
        gate.reached(holders).await;
        let refused = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (store, refused) = (store.clone(), Arc::clone(&refused));
                tokio::spawn(async move {
                    let answer = store.write(|db| add(db, "done", 1)).await;
                    if matches!(answer, Err(StoreError::Busy)) {
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                    answer
                })
            })
            .collect();
        // They are told while the writer is still held.
        let least = CALLERS - PLACES;
        eventually(LONG, || async { refused.load(Ordering::SeqCst) >= least }).await;
        gate.open();
        for one in held {
            one.await.expect("it ran").expect("it held");
        }
        let mut done = 0;
        for answer in join_all(callers).await {
            match answer.expect("answered") {
                Ok(()) => done += 1,
                Err(StoreError::Busy) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(done + refused.load(Ordering::SeqCst), CALLERS);
        assert!(done <= PLACES && done > PLACES / 2, "{done}");
        assert_eq!(reads(&store, "done").await, i64::try_from(done).ok());
        writes(&store, "after", 1).await;
    }
);
