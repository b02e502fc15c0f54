//! The outbox as people see it: the list, and sending a promise again.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::outbox::{Kind, State, Topic};
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
    /// One topic only.
    pub topic: Option<Topic>,
}

/// What a promise is about, for whoever collects the facts of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Matter {
    /// Its id.
    pub id: OutboxId,
    /// Which way it goes.
    pub kind: Kind,
    /// What it is about, as stored.
    pub topic: String,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// JSON as stored.
    pub payload: String,
    /// When it was promised.
    pub created_at: Millis,
}

impl Matter {
    /// The payload as `T`.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.payload)
    }
}

/// What this promise is about.
pub fn matter(db: &mut Db, id: &OutboxId) -> Result<Option<Matter>, StoreError> {
    let row = outbox::table.find(id).select(Matter::as_select());
    Ok(row.get_result(db).optional()?)
}

/// One row of the queue.
pub fn by_id(db: &mut Db, id: &OutboxId) -> Result<Option<Promise>, StoreError> {
    let row = outbox::table.find(id).select(Promise::as_select());
    Ok(row.get_result(db).optional()?)
}

/// How many promises were given up, counted up to `most`.
pub fn dead(db: &mut Db, most: i64) -> Result<i64, StoreError> {
    let dead = outbox::table
        .filter(sql::<Bool>("state = 'dead'"))
        .select(outbox::id)
        .limit(most);
    Ok(i64::try_from(dead.load::<OutboxId>(db)?.len()).unwrap_or(most))
}

/// The queue, newest first, older than `before`.
pub fn list(
    db: &mut Db,
    filter: Filter,
    before: Option<&OutboxId>,
    limit: i64,
) -> Result<Vec<Promise>, StoreError> {
    page(db, filter, false, before, limit)
}

/// The queue, newest or oldest first, beyond `cursor`.
pub fn page(
    db: &mut Db,
    filter: Filter,
    oldest_first: bool,
    cursor: Option<&OutboxId>,
    limit: i64,
) -> Result<Vec<Promise>, StoreError> {
    let mut rows = outbox::table.select(Promise::as_select()).into_boxed();
    if let Some(kind) = filter.kind {
        rows = rows.filter(outbox::kind.eq(kind));
    }
    if let Some(topic) = filter.topic {
        rows = rows.filter(outbox::topic.eq(topic.as_str()));
    }
    if let Some(state) = filter.state {
        // Written out, because only then can the planners prove the partial indexes.
        rows = rows.filter(sql::<Bool>(&format!("state = '{state}'")));
    }
    rows = match (cursor, oldest_first) {
        (None, _) => rows,
        (Some(id), true) => rows.filter(outbox::id.gt(id.clone())),
        (Some(id), false) => rows.filter(outbox::id.lt(id.clone())),
    };
    let rows = match oldest_first {
        true => rows.order(outbox::id.asc()),
        false => rows.order(outbox::id.desc()),
    };
    Ok(rows.limit(limit).load(db)?)
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
