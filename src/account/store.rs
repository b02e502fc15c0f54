//! Queries of accounts.

use diesel::prelude::*;

use super::model::AccountRow;
use crate::clock::Millis;
use crate::ids::AccountId;
use crate::store::schema::{attempt, channel_account, notice, receipt};
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

/// One account.
pub fn by_id(db: &mut Db, id: &AccountId) -> Result<Option<AccountRow>, StoreError> {
    let row = channel_account::table
        .find(id)
        .select(AccountRow::as_select());
    Ok(row.get_result(db).optional()?)
}

/// Open attempts are counted up to here.
pub const MOST_OPEN: i64 = 100;

/// How an account does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// When its channel last sent a notice, whatever became of it.
    pub last_notice: Option<Millis>,
    /// When money was last booked from it.
    pub last_paid: Option<Millis>,
    /// Attempts that are still asked about, up to [`MOST_OPEN`].
    pub open: i64,
}

/// How an account does, by three short looks into indexes.
pub fn health(db: &mut Db, id: &AccountId) -> Result<Health, StoreError> {
    let last_notice = notice::table
        .filter(notice::account_id.eq(id))
        .order(notice::at.desc())
        .select(notice::at)
        .first(db)
        .optional()?;
    let last_paid = receipt::table
        .filter(receipt::account_id.eq(id))
        .order(receipt::created_at.desc())
        .select(receipt::created_at)
        .first(db)
        .optional()?;
    let open: Vec<String> = attempt::table
        .filter(attempt::account_id.eq(id))
        .filter(attempt::next_check_at.is_not_null())
        .limit(MOST_OPEN)
        .select(attempt::id)
        .load(db)?;
    Ok(Health {
        last_notice,
        last_paid,
        open: i64::try_from(open.len()).unwrap_or(MOST_OPEN),
    })
}
