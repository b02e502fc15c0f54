//! Queries of requests.

use diesel::prelude::*;

use super::model::{Message, Request, RequestState, Thread};
use crate::clock::Millis;
use crate::ids::{MessageId, OrderId, RequestId};
use crate::store::schema::{request, request_message};
use crate::store::{Db, StoreError, both};

/// How many wait for the staff, counted up to `most`.
pub fn waiting(db: &mut Db, most: i64) -> Result<i64, StoreError> {
    let found: Vec<RequestId> = request::table
        .filter(request::state.eq(RequestState::Open))
        .order(request::id)
        .limit(most)
        .select(request::id)
        .load(db)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
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

/// The requests of an order, the oldest first.
pub fn heads_of(db: &mut Db, order: &OrderId) -> Result<Vec<Request>, StoreError> {
    Ok(request::table
        .filter(request::order_id.eq(order))
        .order(request::id)
        .select(Request::as_select())
        .load(db)?)
}

/// The same with all that was said.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Thread>, StoreError> {
    heads_of(db, order)?
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

/// Counts one more message of a request that is not closed and has fewer than `most`; false = it
/// is closed, or has as many.
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

/// Closes a request that has at most `seen` messages; false = it was closed, or has more.
pub(super) fn close(
    db: &mut Db,
    id: &RequestId,
    seen: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    let touched = diesel::update(request::table.find(id))
        .filter(request::state.ne(RequestState::Closed))
        .filter(request::messages.le(seen))
        .set((
            request::state.eq(RequestState::Closed),
            request::changed_at.eq(now),
            request::closed_at.eq(now),
        ))
        .execute(db)?;
    Ok(touched == 1)
}
