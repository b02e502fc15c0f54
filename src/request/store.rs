//! Queries of requests.

use diesel::prelude::*;

use super::model::{Message, Request, RequestState, Thread};
use crate::clock::Millis;
use crate::ids::{MessageId, OrderId, RequestId};
use crate::store::schema::{request, request_message};
use crate::store::{Db, StoreError, both};

/// Requests, newest first, older than `before`: of one state, or of all.
pub fn list(
    db: &mut Db,
    state: Option<RequestState>,
    before: Option<&RequestId>,
    limit: i64,
) -> Result<Vec<Request>, StoreError> {
    let mut rows = request::table.select(Request::as_select()).into_boxed();
    if let Some(state) = state {
        rows = rows.filter(request::state.eq(state));
    }
    if let Some(before) = before {
        rows = rows.filter(request::id.lt(before));
    }
    Ok(rows.order(request::id.desc()).limit(limit).load(db)?)
}

/// How many wait for the staff.
pub fn waiting(db: &mut Db) -> Result<i64, StoreError> {
    Ok(request::table
        .filter(request::state.eq(RequestState::Open))
        .count()
        .get_result(db)?)
}

/// The request with this id.
pub fn by_id(db: &mut Db, id: &RequestId) -> Result<Option<Request>, StoreError> {
    Ok(request::table
        .find(id)
        .select(Request::as_select())
        .get_result(db)
        .optional()?)
}

/// The message with this id.
pub fn message(db: &mut Db, id: &MessageId) -> Result<Option<Message>, StoreError> {
    Ok(request_message::table
        .find(id)
        .select(Message::as_select())
        .get_result(db)
        .optional()?)
}

/// A request with all that was said; none = there is no such request.
pub fn thread(db: &mut Db, id: &RequestId) -> Result<Option<Thread>, StoreError> {
    match by_id(db, id)? {
        Some(request) => Ok(Some(with_messages(db, request)?)),
        None => Ok(None),
    }
}

/// The requests of an order with all that was said, the oldest first.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Thread>, StoreError> {
    let found: Vec<Request> = request::table
        .filter(request::order_id.eq(order))
        .order(request::id)
        .select(Request::as_select())
        .load(db)?;
    found
        .into_iter()
        .map(|request| with_messages(db, request))
        .collect()
}

fn with_messages(db: &mut Db, request: Request) -> Result<Thread, StoreError> {
    let messages = request_message::table
        .filter(request_message::request_id.eq(&request.id))
        .order(request_message::id)
        .select(Message::as_select())
        .load(db)?;
    Ok(Thread { request, messages })
}

/// How many requests of an order are not closed, and how many there are. Whoever decides by it
/// holds the order's lock.
pub(super) fn counts(db: &mut Db, order: &OrderId) -> Result<(i64, i64), StoreError> {
    let all = || request::table.filter(request::order_id.eq(order));
    let unclosed = all().filter(request::state.ne(RequestState::Closed));
    Ok((
        unclosed.count().get_result(db)?,
        all().count().get_result(db)?,
    ))
}

/// The request a message with this key belongs to.
pub(super) fn by_dedupe(db: &mut Db, dedupe: &str) -> Result<Option<RequestId>, StoreError> {
    Ok(request_message::table
        .filter(request_message::dedupe.eq(dedupe))
        .select(request_message::request_id)
        .get_result(db)
        .optional()?)
}

pub(super) fn insert(db: &mut Db, row: &Request) -> Result<(), StoreError> {
    diesel::insert_into(request::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// Writes a message; false = one with this key is there.
pub(super) fn insert_message(db: &mut Db, row: &Message) -> Result<bool, StoreError> {
    let new = both!(db, |c| diesel::insert_into(request_message::table)
        .values(row)
        .on_conflict(request_message::dedupe)
        .do_nothing()
        .execute(c))?;
    Ok(new == 1)
}

/// Counts one more message of a request that is not closed, up to `most`; false = it is closed
/// or as long as it may be.
pub(super) fn count_message(
    db: &mut Db,
    id: &RequestId,
    to: RequestState,
    most: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    let touched = diesel::update(request::table.find(id))
        .filter(request::state.ne(RequestState::Closed))
        .filter(request::messages.lt(most))
        .set((
            request::messages.eq(request::messages + 1),
            request::state.eq(to),
            request::changed_at.eq(now),
        ))
        .execute(db)?;
    Ok(touched == 1)
}

/// Closes a request; false = it was closed.
pub(super) fn close(db: &mut Db, id: &RequestId, now: Millis) -> Result<bool, StoreError> {
    let touched = diesel::update(request::table.find(id))
        .filter(request::state.ne(RequestState::Closed))
        .set((
            request::state.eq(RequestState::Closed),
            request::changed_at.eq(now),
            request::closed_at.eq(now),
        ))
        .execute(db)?;
    Ok(touched == 1)
}
