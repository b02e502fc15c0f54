//! The outbox as people see it: the list, and sending a promise again.

use diesel::prelude::*;

use super::outbox::{Kind, State};
use crate::clock::Millis;
use crate::ids::{OrderId, OutboxId};
use crate::store::schema::outbox;
use crate::store::{Db, StoreError};

/// A row of the queue page.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = outbox)]
pub struct Promise {
    /// Its id, and the cursor of [`list`].
    pub id: OutboxId,
    /// Which way it goes.
    pub kind: Kind,
    /// What it is about.
    pub topic: String,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// Where it stands.
    pub state: State,
    /// Tries so far.
    pub tries: i64,
    /// When it is due next, if it waits or runs.
    pub next_at: Millis,
    /// What the last failed try said.
    pub last_error: Option<String>,
    /// When it was promised.
    pub created_at: Millis,
    /// When it was kept.
    pub done_at: Option<Millis>,
}

/// What [`list`] shows; empty shows all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// One way only.
    pub kind: Option<Kind>,
    /// One state only.
    pub state: Option<State>,
}

/// The queue, newest first, older than `before`.
pub fn list(
    db: &mut Db,
    filter: Filter,
    before: Option<&OutboxId>,
    limit: i64,
) -> Result<Vec<Promise>, StoreError> {
    let mut rows = outbox::table.select(Promise::as_select()).into_boxed();
    if let Some(kind) = filter.kind {
        rows = rows.filter(outbox::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        rows = rows.filter(outbox::state.eq(state));
    }
    if let Some(before) = before {
        rows = rows.filter(outbox::id.lt(before));
    }
    Ok(rows.order(outbox::id.desc()).limit(limit).load(db)?)
}

/// Whether a promise of this kind was ever kept, as far as the queue reaches back.
pub fn was_kept(db: &mut Db, kind: Kind) -> Result<bool, StoreError> {
    let kept = outbox::table
        .filter(outbox::kind.eq(kind))
        .filter(outbox::state.eq(State::Done));
    Ok(diesel::select(diesel::dsl::exists(kept)).get_result(db)?)
}

/// What [`resend`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// It is due now, with all its tries before it.
    Queued,
    /// A worker has it in hand at this moment; nothing was changed.
    Running,
    /// There is no such promise.
    Unknown,
}

/// Sends a promise (again) now, whatever became of it. It keeps its id, so a receiver that saw
/// it before knows it by its Message-ID or `webhook-id`.
pub fn resend(db: &mut Db, id: &OutboxId, now: Millis) -> Result<Resent, StoreError> {
    let changed = diesel::update(outbox::table.find(id))
        .filter(outbox::state.ne(State::Running))
        .set((
            outbox::state.eq(State::Waiting),
            outbox::tries.eq(0),
            outbox::next_at.eq(now),
            outbox::lease_until.eq(None::<Millis>),
            outbox::last_error.eq(None::<String>),
            outbox::done_at.eq(None::<Millis>),
        ))
        .execute(db)?;
    if changed == 1 {
        return Ok(Resent::Queued);
    }
    let there: i64 = outbox::table.find(id).count().get_result(db)?;
    Ok(if there == 0 {
        Resent::Unknown
    } else {
        Resent::Running
    })
}
