//! Queries of the staff.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{LinkRow, Session, Staff};
use crate::clock::Millis;
use crate::ids::{SessionId, StaffId};
use crate::store::schema::{staff, staff_link, staff_session};
use crate::store::{Db, StoreError};

/// Whether the shop has staff.
pub fn is_anybody(db: &mut Db) -> Result<bool, StoreError> {
    Ok(diesel::select(exists(staff::table.select(staff::id))).get_result(db)?)
}

/// Everybody, by address.
pub fn all(db: &mut Db) -> Result<Vec<Staff>, StoreError> {
    Ok(staff::table
        .order(staff::email)
        .select(Staff::as_select())
        .load(db)?)
}

/// Who signs in with this address.
pub fn by_email(db: &mut Db, email: &str) -> Result<Option<Staff>, StoreError> {
    Ok(staff::table
        .filter(staff::email.eq(email))
        .select(Staff::as_select())
        .get_result(db)
        .optional()?)
}

/// Who this is.
pub fn by_id(db: &mut Db, id: &StaffId) -> Result<Option<Staff>, StoreError> {
    Ok(staff::table
        .find(id)
        .select(Staff::as_select())
        .get_result(db)
        .optional()?)
}

pub(super) fn insert(db: &mut Db, row: &Staff) -> Result<(), StoreError> {
    diesel::insert_into(staff::table).values(row).execute(db)?;
    Ok(())
}

pub(super) fn set_password(
    db: &mut Db,
    id: &StaffId,
    hash: &str,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(staff::table.find(id))
        .set((staff::password_hash.eq(hash), staff::changed_at.eq(now)))
        .execute(db)?;
    Ok(())
}

/// Uses a time step; false = its code was used before, or a later one.
pub(super) fn use_step(db: &mut Db, id: &StaffId, step: i64) -> Result<bool, StoreError> {
    let used = diesel::update(staff::table.find(id).filter(staff::totp_step.lt(step)))
        .set(staff::totp_step.eq(step))
        .execute(db)?;
    Ok(used == 1)
}

pub(super) fn set_totp(db: &mut Db, id: &StaffId, sealed: Option<&[u8]>) -> Result<(), StoreError> {
    diesel::update(staff::table.find(id))
        .set(staff::totp.eq(sealed))
        .execute(db)?;
    Ok(())
}

/// A link that is not used and not too old.
pub fn live_link(db: &mut Db, hash: &str, now: Millis) -> Result<Option<LinkRow>, StoreError> {
    Ok(staff_link::table
        .find(hash)
        .filter(staff_link::used_at.is_null())
        .filter(staff_link::expires_at.gt(now))
        .select(LinkRow::as_select())
        .get_result(db)
        .optional()?)
}

pub(super) fn insert_link(db: &mut Db, row: &LinkRow) -> Result<(), StoreError> {
    diesel::insert_into(staff_link::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// Links for the same end that were not used open nothing any more.
pub(super) fn kill_links(db: &mut Db, staff_id: Option<&StaffId>) -> Result<(), StoreError> {
    match staff_id {
        Some(id) => {
            diesel::delete(staff_link::table.filter(staff_link::staff_id.eq(id))).execute(db)?
        }
        None => {
            diesel::delete(staff_link::table.filter(staff_link::staff_id.is_null())).execute(db)?
        }
    };
    Ok(())
}

/// Uses a link; false = somebody was first, or it is too old.
pub(super) fn use_link(db: &mut Db, hash: &str, now: Millis) -> Result<bool, StoreError> {
    let used = diesel::update(
        staff_link::table
            .find(hash)
            .filter(staff_link::used_at.is_null())
            .filter(staff_link::expires_at.gt(now)),
    )
    .set(staff_link::used_at.eq(now))
    .execute(db)?;
    Ok(used == 1)
}

pub(super) fn insert_session(db: &mut Db, row: &Session) -> Result<(), StoreError> {
    diesel::insert_into(staff_session::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// The session of a token's hash, and whose it is.
pub fn session(db: &mut Db, hash: &str) -> Result<Option<(Session, Staff)>, StoreError> {
    let session: Option<Session> = staff_session::table
        .filter(staff_session::hash.eq(hash))
        .select(Session::as_select())
        .get_result(db)
        .optional()?;
    let Some(session) = session else {
        return Ok(None);
    };
    Ok(by_id(db, &session.staff_id)?.map(|staff| (session, staff)))
}

/// The sessions somebody has open, the newest first.
pub fn open_sessions(db: &mut Db, id: &StaffId) -> Result<Vec<Session>, StoreError> {
    Ok(staff_session::table
        .filter(staff_session::staff_id.eq(id))
        .filter(staff_session::ended_at.is_null())
        .order(staff_session::created_at.desc())
        .select(Session::as_select())
        .load(db)?)
}

pub(super) fn touch(db: &mut Db, id: &SessionId, now: Millis) -> Result<(), StoreError> {
    diesel::update(staff_session::table.find(id))
        .set(staff_session::seen_at.eq(now))
        .execute(db)?;
    Ok(())
}

pub(super) fn set_proved(db: &mut Db, id: &SessionId, now: Millis) -> Result<(), StoreError> {
    diesel::update(staff_session::table.find(id))
        .set(staff_session::proved_at.eq(now))
        .execute(db)?;
    Ok(())
}

/// Ends one session of somebody's; false = it is not theirs, or over.
pub(super) fn end_session(
    db: &mut Db,
    staff_id: &StaffId,
    id: &SessionId,
    now: Millis,
) -> Result<bool, StoreError> {
    let ended = diesel::update(
        staff_session::table
            .find(id)
            .filter(staff_session::staff_id.eq(staff_id))
            .filter(staff_session::ended_at.is_null()),
    )
    .set(staff_session::ended_at.eq(now))
    .execute(db)?;
    Ok(ended == 1)
}

/// Ends the session of a token's hash, whoever it belongs to.
pub(super) fn end_by_hash(db: &mut Db, hash: &str, now: Millis) -> Result<(), StoreError> {
    diesel::update(
        staff_session::table
            .filter(staff_session::hash.eq(hash))
            .filter(staff_session::ended_at.is_null()),
    )
    .set(staff_session::ended_at.eq(now))
    .execute(db)?;
    Ok(())
}

/// Ends all sessions of somebody's but this one.
pub(super) fn end_others(
    db: &mut Db,
    id: &StaffId,
    here: &SessionId,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(
        staff_session::table
            .filter(staff_session::staff_id.eq(id))
            .filter(staff_session::id.ne(here))
            .filter(staff_session::ended_at.is_null()),
    )
    .set(staff_session::ended_at.eq(now))
    .execute(db)?;
    Ok(())
}

/// Ends all sessions of somebody's; how many.
pub(super) fn end_all(db: &mut Db, id: &StaffId, now: Millis) -> Result<usize, StoreError> {
    Ok(diesel::update(
        staff_session::table
            .filter(staff_session::staff_id.eq(id))
            .filter(staff_session::ended_at.is_null()),
    )
    .set(staff_session::ended_at.eq(now))
    .execute(db)?)
}

/// Forgets sessions and links that were over before `then`; at most `limit` of each.
pub(super) fn forget(db: &mut Db, then: Millis, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<SessionId> = staff_session::table
        .filter(staff_session::seen_at.lt(then))
        .select(staff_session::id)
        .limit(limit)
        .load(db)?;
    let gone =
        diesel::delete(staff_session::table.filter(staff_session::id.eq_any(old))).execute(db)?;
    diesel::delete(staff_link::table.filter(staff_link::expires_at.lt(then))).execute(db)?;
    Ok(gone)
}
