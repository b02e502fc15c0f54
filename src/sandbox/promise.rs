//! Notices the gateway owes the shops: rows with the time of their next try, written in the
//! transaction that pays, so that a crash can repeat a notice but never lose one.

use diesel::prelude::*;

use super::model::{Notice, NoticeState, NoticeStatus, Payment};
use super::schema::{notices, payments};
use super::switches::{Callback, Telling};
use crate::clock::{DAY, Millis, SECOND};

/// Promises notices of a payment, as the switches want them told.
pub(super) fn promise(
    conn: &mut SqliteConnection,
    payment: &Payment,
    status: NoticeStatus,
    telling: Telling,
    now: Millis,
) -> QueryResult<Vec<Notice>> {
    let next_at = match telling.callback {
        Callback::None => return Ok(Vec::new()),
        Callback::DelayMs(ms) => now + i64::from(ms),
        Callback::Normal | Callback::BeforeAnswer | Callback::OutOfOrder => now,
    };
    let row = |status: NoticeStatus, state: NoticeState, follows: Option<i64>| {
        (
            notices::payment.eq(payment.id),
            notices::status.eq(status),
            notices::amount.eq(payment.amount.saturating_add(telling.wrong_amount)),
            notices::parallel.eq(i32::try_from(telling.parallel).unwrap_or(8)),
            notices::created_at.eq(now),
            notices::next_at.eq(next_at),
            notices::state.eq(state),
            notices::follows.eq(follows),
        )
    };
    let mut made = Vec::new();
    for _ in 0..telling.repeat.min(10_000) {
        let notice: Notice = diesel::insert_into(notices::table)
            .values(row(status, NoticeState::Due, None))
            .returning(Notice::as_returning())
            .get_result(conn)?;
        made.push(notice);
    }
    if let (Callback::OutOfOrder, Some(last)) = (telling.callback, made.last()) {
        let held = row(NoticeStatus::Waiting, NoticeState::Held, Some(last.id));
        diesel::insert_into(notices::table)
            .values(held)
            .execute(conn)?;
    }
    Ok(made)
}

/// A notice with its payment; `None` when it is no longer due.
pub(super) fn to_send(
    conn: &mut SqliteConnection,
    id: i64,
) -> QueryResult<Option<(Notice, Payment)>> {
    let notice = notices::table
        .find(id)
        .filter(notices::state.eq(NoticeState::Due))
        .select(Notice::as_select())
        .first(conn)
        .optional()?;
    let Some(notice) = notice else {
        return Ok(None);
    };
    let payment: Payment = payments::table
        .find(notice.payment)
        .select(Payment::as_select())
        .first(conn)?;
    Ok(Some((notice, payment)))
}

/// Every notice that is still to be sent: the queue after a restart.
pub(super) fn open(conn: &mut SqliteConnection) -> QueryResult<Vec<Notice>> {
    notices::table
        .filter(notices::state.eq(NoticeState::Due))
        .order(notices::next_at)
        .select(Notice::as_select())
        .load(conn)
}

/// Writes down how a sending ended; gives back what is to be sent next because of it.
pub(super) fn sent(
    conn: &mut SqliteConnection,
    notice: &Notice,
    taken: bool,
    now: Millis,
) -> QueryResult<Vec<Notice>> {
    let next_at = next_try(notice, now);
    let state = match (taken, next_at) {
        (true, _) => NoticeState::Done,
        (false, Some(_)) => NoticeState::Due,
        (false, None) => NoticeState::Dead,
    };
    diesel::update(notices::table.find(notice.id))
        .set((
            notices::tries.eq(notice.tries + 1),
            notices::state.eq(state),
            notices::next_at.eq(next_at.unwrap_or(now)),
        ))
        .execute(conn)?;
    let followers = notices::table
        .filter(notices::follows.eq(notice.id))
        .filter(notices::payment.eq(notice.payment))
        .filter(notices::state.eq(NoticeState::Held));
    let mut next: Vec<Notice> = diesel::update(followers)
        .set((
            notices::state.eq(NoticeState::Due),
            notices::next_at.eq(now),
        ))
        .returning(Notice::as_returning())
        .get_results(conn)?;
    if let (NoticeState::Due, Some(next_at)) = (state, next_at) {
        next.push(Notice {
            tries: notice.tries + 1,
            next_at,
            ..notice.clone()
        });
    }
    Ok(next)
}

/// Seconds before the next try, by how many failed.
const GAPS: [i64; 12] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

/// When a notice that failed now is tried again: never after a day.
fn next_try(notice: &Notice, now: Millis) -> Option<Millis> {
    let at = usize::try_from(notice.tries)
        .unwrap_or(0)
        .min(GAPS.len() - 1);
    let next = now + GAPS[at] * SECOND;
    (next - notice.created_at <= DAY).then_some(next)
}
