//! Queries of cases.

use diesel::prelude::*;

use super::model::{CaseKind, MoneyCase};
use crate::clock::Millis;
use crate::ids::{CaseId, NoteId, OrderId, RefundId};
use crate::store::schema::{case_note, money_case};
use crate::store::{Db, StoreError, both, locked};

/// Opens a case; false = one for this cause exists.
pub(super) fn insert(db: &mut Db, row: &MoneyCase) -> Result<bool, StoreError> {
    let new = both!(db, |c| diesel::insert_into(money_case::table)
        .values(row)
        .on_conflict(money_case::dedupe)
        .do_nothing()
        .execute(c))?;
    Ok(new == 1)
}

/// The case with this id.
pub fn by_id(db: &mut Db, id: &CaseId) -> Result<Option<MoneyCase>, StoreError> {
    Ok(money_case::table
        .find(id)
        .select(MoneyCase::as_select())
        .get_result(db)
        .optional()?)
}

/// The open case of one cause.
pub fn open_of_cause(db: &mut Db, dedupe: &str) -> Result<Option<MoneyCase>, StoreError> {
    Ok(money_case::table
        .filter(money_case::dedupe.eq(dedupe))
        .filter(money_case::state.eq("open"))
        .select(MoneyCase::as_select())
        .get_result(db)
        .optional()?)
}

/// The cases of an order, oldest first.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<MoneyCase>, StoreError> {
    Ok(money_case::table
        .filter(money_case::order_id.eq(order))
        .order((money_case::created_at, money_case::id))
        .select(MoneyCase::as_select())
        .load(db)?)
}

/// The case, locked until the transaction ends (after its order).
pub fn lock(db: &mut Db, id: &CaseId) -> Result<MoneyCase, StoreError> {
    Ok(locked!(
        db,
        money_case::table.find(id).select(MoneyCase::as_select()),
        |q, c| q.first(c)
    )?)
}

/// Cases, open ones first, then by when they are due.
pub fn list(db: &mut Db, open_only: bool, limit: i64) -> Result<Vec<MoneyCase>, StoreError> {
    let states: &[&str] = if open_only {
        &["open"]
    } else {
        &["open", "closed"]
    };
    Ok(money_case::table
        .filter(money_case::state.eq_any(states.to_vec()))
        .order((money_case::state.desc(), money_case::due_at))
        .limit(limit)
        .select(MoneyCase::as_select())
        .load(db)?)
}

/// The notes of a case, oldest first: when, who, what.
pub fn notes(db: &mut Db, id: &CaseId) -> Result<Vec<(Millis, String, String)>, StoreError> {
    Ok(case_note::table
        .filter(case_note::case_id.eq(id))
        .order((case_note::at, case_note::id))
        .select((case_note::at, case_note::actor, case_note::body))
        .load(db)?)
}

/// Adds a note to a case.
pub fn add_note(
    db: &mut Db,
    note_id: &NoteId,
    id: &CaseId,
    actor: &str,
    body: &str,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::insert_into(case_note::table)
        .values((
            case_note::id.eq(note_id),
            case_note::case_id.eq(id),
            case_note::at.eq(now),
            case_note::actor.eq(actor),
            case_note::body.eq(body),
        ))
        .execute(db)?;
    Ok(())
}

/// Closes an open case; false = it was not open.
pub fn close(db: &mut Db, id: &CaseId, resolution: &str, now: Millis) -> Result<bool, StoreError> {
    let touched = diesel::update(
        money_case::table
            .find(id)
            .filter(money_case::state.eq("open")),
    )
    .set((
        money_case::state.eq("closed"),
        money_case::resolution.eq(resolution),
        money_case::closed_at.eq(now),
    ))
    .execute(db)?;
    Ok(touched == 1)
}

/// Closes the open cases a refund settles.
pub fn close_of_refund(
    db: &mut Db,
    refund: &RefundId,
    resolution: &str,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(
        money_case::table
            .filter(money_case::refund_id.eq(refund))
            .filter(money_case::state.eq("open")),
    )
    .set((
        money_case::state.eq("closed"),
        money_case::resolution.eq(resolution),
        money_case::closed_at.eq(now),
    ))
    .execute(db)?;
    Ok(())
}

/// The refund that was to settle a case was given up: the case of its money is open and free for
/// another decision, and the one that said that the refund fails is closed. A refund whose money
/// has no other case leaves that one open, with the money.
pub fn decide_again(
    db: &mut Db,
    refund: &RefundId,
    why: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let of_the_money = money_case::table
        .filter(money_case::refund_id.eq(refund))
        .filter(money_case::kind.ne(CaseKind::RefundFailed));
    let opened = diesel::update(of_the_money)
        .set((
            money_case::state.eq("open"),
            money_case::refund_id.eq(None::<RefundId>),
            money_case::resolution.eq(None::<String>),
            money_case::closed_at.eq(None::<Millis>),
        ))
        .execute(db)?;
    if opened > 0 {
        return close_of_refund(db, refund, why, now);
    }
    diesel::update(money_case::table.filter(money_case::refund_id.eq(refund)))
        .set((
            money_case::state.eq("open"),
            money_case::refund_id.eq(None::<RefundId>),
            money_case::proposal.eq("refund"),
            money_case::closed_at.eq(None::<Millis>),
        ))
        .execute(db)?;
    Ok(())
}

/// Closes the open case of one cause, if there is one.
pub fn close_cause(
    db: &mut Db,
    dedupe: &str,
    resolution: &str,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(
        money_case::table
            .filter(money_case::dedupe.eq(dedupe))
            .filter(money_case::state.eq("open")),
    )
    .set((
        money_case::state.eq("closed"),
        money_case::resolution.eq(resolution),
        money_case::closed_at.eq(now),
    ))
    .execute(db)?;
    Ok(())
}

/// Names the refund that settles a case.
pub fn link_refund(db: &mut Db, id: &CaseId, refund: &RefundId) -> Result<(), StoreError> {
    diesel::update(money_case::table.find(id))
        .set(money_case::refund_id.eq(refund))
        .execute(db)?;
    Ok(())
}
