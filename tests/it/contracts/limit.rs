//! Limits and uniqueness under 64 callers at once.

use futures_util::future::join_all;
use vendgate::stock;
use vendgate::store::StoreError;

use super::{Ground, put, reads};
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
