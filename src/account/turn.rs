//! Letting an account do more or less.

use diesel::prelude::*;

use super::model::AccountState;
use crate::clock::Millis;
use crate::ids::AccountId;
use crate::settings;
use crate::store::schema::channel_account;
use crate::store::{Db, Store, StoreError};

/// Turns an account from one state to another, with whatever else belongs into the transaction;
/// every node hears of it within a second. False = it no longer was in `from`, and nothing was
/// written.
pub async fn turn(
    store: &Store,
    id: &AccountId,
    (from, to): (AccountState, AccountState),
    now: Millis,
    also: impl Fn(&mut Db) -> Result<(), StoreError> + Send + 'static,
) -> Result<bool, StoreError> {
    let id = id.clone();
    store
        .write(move |db| {
            let as_seen = channel_account::table
                .find(&id)
                .filter(channel_account::state.eq(from));
            let turned = diesel::update(as_seen)
                .set((
                    channel_account::state.eq(to),
                    channel_account::changed_at.eq(now),
                ))
                .execute(db)?;
            if turned == 1 {
                settings::bump(db)?;
                also(db)?;
            }
            Ok(turned == 1)
        })
        .await
}
