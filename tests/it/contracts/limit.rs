//! Limits and uniqueness under 64 callers at once.

use futures_util::future::join_all;
use vendgate::stock;
use vendgate::store::StoreError;

use super::{Ground, put, reads, writes};
use crate::harness::on_both_engines;

on_both_engines!(
    a_guarded_counter_never_passes_its_cap,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        // The first of them all makes the row: that race is part of it.
        let takes = (0..64).map(|n| {
            let store = store.clone();
            let amount = n % 3 + 1;
            tokio::spawn(async move {
                let taken = store
                    .write(move |db| stock::take(db, "cap", amount, 20))
                    .await
                    .expect("answered");
                if taken { amount } else { 0 }
            })
        });
        let takes: Vec<_> = takes.collect();
        let taken: i64 = join_all(takes)
            .await
            .into_iter()
            .map(|took| took.expect("answered"))
            .sum();
        assert_eq!(reads(&store, "cap").await, Some(taken));
        // Amounts of 1 fit until nothing fits.
        assert_eq!(taken, 20);
        let back = store
            .write(|db| stock::give_back(db, "cap", 21))
            .await
            .expect_err("more than was taken");
        assert!(matches!(back, StoreError::Constraint(_)), "{back:?}");
        store
            .write(|db| stock::give_back(db, "cap", 20))
            .await
            .expect("all of it");
        assert_eq!(reads(&store, "cap").await, Some(0));
    }
);

on_both_engines!(
    a_unique_key_admits_one_of_64,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        let writes: Vec<_> = (0..64)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |db| put(db, "once", n)).await })
            })
            .collect();
        let mut winner = None;
        for (n, answer) in (0..).zip(join_all(writes).await) {
            match answer.expect("answered") {
                Ok(()) => assert_eq!(winner.replace(n), None, "a second one"),
                Err(StoreError::Constraint(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(winner.is_some());
        assert_eq!(reads(&store, "once").await, winner);
    }
);

on_both_engines!(
    /// Counters that nobody uses are forgotten while others are taken: no taker is refused for
    /// it, and nothing that is used is lost. Seen to fail on PostgreSQL when `take` makes the row
    /// in one statement and counts in another.
    unused_counters_are_forgotten_without_a_race,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        for n in 0..600 {
            writes(&store, &format!("idle-{n:03}"), i64::from(n == 7)).await;
        }
        let forgotten = stock::forget_unused(&store).await.expect("the first 500");
        assert_eq!(forgotten, 500);
        // Each counter is at nothing half of the time, when it may be forgotten.
        let takers = (0..12).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..80 {
                    let name = format!("busy-{n}");
                    let (taken, given) = (name.clone(), name);
                    let took = store
                        .write(move |db| stock::take(db, &taken, 1, 1))
                        .await
                        .expect("answered");
                    assert!(took, "nobody else takes of it");
                    store
                        .write(move |db| stock::give_back(db, &given, 1))
                        .await
                        .expect("what was taken is there");
                }
            })
        });
        let takers: Vec<_> = takers.collect();
        let tidier = {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..400 {
                    stock::forget_unused(&store).await.expect("tidied");
                }
            })
        };
        for taker in join_all(takers).await {
            taker.expect("never refused");
        }
        tidier.await.expect("tidied");
        while stock::forget_unused(&store).await.expect("the rest") > 0 {}
        let left = store.read(super::all).await.expect("a read");
        assert_eq!(left, [("idle-007".to_owned(), 1)]);
    }
);
