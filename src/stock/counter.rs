//! Guarded counters: a limit is one UPDATE that either fits or touches no row, so no number of
//! parallel callers ever gets past it (design.md §3).

use diesel::prelude::*;

use crate::store::schema::counter;
use crate::store::{Db, StoreError, both};

/// Takes `amount` of the counter `name` if it stays within `cap`; false = refused, unchanged.
pub fn take(db: &mut Db, name: &str, amount: i64, cap: i64) -> Result<bool, StoreError> {
    if amount > cap {
        return Ok(false);
    }
    let fresh = (counter::name.eq(name), counter::used.eq(0));
    both!(db, |c| diesel::insert_into(counter::table)
        .values(fresh)
        .on_conflict_do_nothing()
        .execute(c))?;
    let touched = diesel::update(
        counter::table
            .find(name)
            .filter(counter::used.le(cap - amount)),
    )
    .set(counter::used.eq(counter::used + amount))
    .execute(db)?;
    Ok(touched == 1)
}

/// Gives `amount` back. The row's own CHECK refuses to give back more than was taken.
pub fn give_back(db: &mut Db, name: &str, amount: i64) -> Result<(), StoreError> {
    diesel::update(counter::table.find(name))
        .set(counter::used.eq(counter::used - amount))
        .execute(db)?;
    Ok(())
}
