//! Queries of accounts.

use diesel::prelude::*;

use super::model::AccountRow;
use crate::store::schema::channel_account;
use crate::store::{Db, StoreError, both};

/// All accounts, preferred first.
pub fn all(db: &mut Db) -> Result<Vec<AccountRow>, StoreError> {
    Ok(channel_account::table
        .order((channel_account::priority, channel_account::id))
        .select(AccountRow::as_select())
        .load(db)?)
}

/// Writes an account as it is, new or not.
pub fn put(db: &mut Db, row: &AccountRow) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(channel_account::table)
        .values(row)
        .on_conflict(channel_account::id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}
