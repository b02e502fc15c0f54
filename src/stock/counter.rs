//! Guarded counters: a limit is one UPDATE that either fits or touches no row, so no number of
//! parallel callers ever gets past it (design.md §3).

use diesel::prelude::*;

use crate::store::schema::counter;
use crate::store::{Db, Store, StoreError, both, skip_locked};

/// Takes `amount` of the counter `name` if it stays within `cap`; false = refused, unchanged.
pub fn take(db: &mut Db, name: &str, amount: i64, cap: i64) -> Result<bool, StoreError> {
    use diesel::query_dsl::methods::FilterDsl;
    if amount > cap {
        return Ok(false);
    }
    let fresh = (counter::name.eq(name), counter::used.eq(amount));
    // One statement: [`forget_unused`] may take the row away between two.
    let touched = both!(db, |c| diesel::insert_into(counter::table)
        .values(fresh)
        .on_conflict(counter::name)
        .do_update()
        .set(counter::used.eq(counter::used + amount))
        .filter(counter::used.le(cap - amount))
        .execute(c))?;
    Ok(touched == 1)
}

/// Forgets counters of which nothing is used, at most 500; how many.
pub async fn forget_unused(store: &Store) -> Result<usize, StoreError> {
    // Found on a reader: there is no index for it, because every order would have to keep it.
    let idle: Vec<String> = store
        .read(|db| -> Result<_, StoreError> {
            Ok(counter::table
                .filter(counter::used.eq(0))
                .limit(500)
                .select(counter::name)
                .load(db)?)
        })
        .await?;
    if idle.is_empty() {
        return Ok(0);
    }
    store
        .write(move |db| {
            // In order of their names, as every writer takes them, and none that somebody has.
            let still: Vec<String> = skip_locked!(
                db,
                counter::table
                    .filter(counter::name.eq_any(idle.clone()))
                    .filter(counter::used.eq(0))
                    .order(counter::name)
                    .select(counter::name),
                |q, c| q.load(c)
            )?;
            Ok(diesel::delete(
                counter::table
                    .filter(counter::name.eq_any(still))
                    .filter(counter::used.eq(0)),
            )
            .execute(db)?)
        })
        .await
}

/// Gives `amount` back. The row's own CHECK refuses to give back more than was taken.
pub fn give_back(db: &mut Db, name: &str, amount: i64) -> Result<(), StoreError> {
    diesel::update(counter::table.find(name))
        .set(counter::used.eq(counter::used - amount))
        .execute(db)?;
    Ok(())
}
