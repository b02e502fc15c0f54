//! Idempotency: a request that is sent twice places one order and is answered once.
//!
//! Comes in: a caller, their key, and the bytes that make the request what it is. Goes out: an
//! order id to place under, or the first answer again; [`once`] does both. One row per (route, caller, key) keeps
//! the hash of the request and, once there is one, the sealed answer, for 24 hours. The row is
//! written before anything else, so of any number of equal requests one does the work; when its
//! process dies, the lease ends after 60 s and the same key goes on with the same order id.
//! Source: design.md §8.

mod claim;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use diesel::prelude::*;

use crate::app::App;
use crate::clock::{DAY, MINUTE, Millis, SECOND};
use crate::ids::OrderId;
use crate::store::schema::idempotency;
use crate::store::{Db, StoreError, both, locked};
use crate::web::problem::Problem;
use crate::web::whole::whole;

pub use claim::{Claim, Key};

/// Answers are kept this long.
const RETENTION: Millis = DAY;
/// A request that has not finished by now is taken for dead.
const LEASE: Millis = 60 * SECOND;
/// A guest who repeats a request is shown the view token for so long.
const TOKEN_AGAIN: Millis = 15 * MINUTE;
/// While the first request runs, it is worth asking again after so many seconds.
const SOON: Millis = 2;

/// The right to work on a claim, until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The id to place the order under.
    pub order: OrderId,
    /// Tells this holder from the next one.
    lease_until: Millis,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, now or before; this is the answer.
    Answer {
        /// The order it was done under.
        order: OrderId,
        /// The HTTP status.
        status: u16,
        /// The body, exactly.
        body: Vec<u8>,
        /// Whether the view token may be shown; else the caller takes it out.
        with_token: bool,
    },
    /// It is being done now.
    Running {
        /// Seconds after which to ask again.
        retry_after: u64,
    },
    /// The key belongs to another request.
    Mismatch,
}

/// How a request begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has asked this before: do it.
    Fresh(Held),
    /// It was begun and never finished: go on where it stopped.
    Resume(Held),
    /// There is nothing to do.
    Known(Outcome),
}

impl Outcome {
    /// The refusal that stands for this, where it is one.
    pub fn refusal(&self) -> Option<Problem> {
        match self {
            Outcome::Running { retry_after } => Some(
                Problem::new(
                    StatusCode::CONFLICT,
                    "in-progress",
                    "The same request is being worked on",
                    "A request with this Idempotency-Key has begun and is not finished. It goes \
                     on; send the same request again to have its answer.",
                )
                .retry_in(*retry_after),
            ),
            Outcome::Mismatch => Some(
                Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "key-reused",
                    "The Idempotency-Key belongs to another request",
                    "This key came with another body before; what that request did stands. \
                     Nothing was done now. Use a new key for a new request.",
                )
                .in_field("Idempotency-Key"),
            ),
            Outcome::Answer { .. } => None,
        }
    }
}

/// Why no answer was made.
pub trait Refusal: From<StoreError> + Send + Sync + 'static {
    /// Whether it is certain that nothing was made, so that the key is free for another try.
    fn nothing_made(&self) -> bool;
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency)]
struct Row {
    route: String,
    caller: String,
    key: String,
    body_hash: String,
    order_id: OrderId,
    lease_until: Millis,
    status: Option<i32>,
    response: Option<Vec<u8>>,
    created_at: Millis,
}

/// The associated data an answer is sealed with.
fn place(order: &OrderId) -> String {
    format!("order/{order}/answer")
}

/// What the row says, its answer still sealed.
enum Found {
    Begun(Begun),
    Answered(Row),
}

/// Does `work` once for all requests of one claim, and answers each of them with its body. Once
/// begun it goes to its end, and its answer is kept, whether or not the client waits. `work`
/// gets the id to place under, and whether somebody may have begun under it before.
pub async fn once<F, W, E>(
    app: &Arc<App>,
    claim: Claim,
    status: StatusCode,
    work: F,
) -> Result<Outcome, E>
where
    F: FnOnce(OrderId, bool) -> W + Send + 'static,
    W: Future<Output = Result<Vec<u8>, E>> + Send,
    E: Refusal,
{
    let app = Arc::clone(app);
    whole(async move {
        let (held, resumed) = match begin(&app, &claim).await? {
            Begun::Fresh(held) => (held, false),
            Begun::Resume(held) => (held, true),
            Begun::Known(outcome) => return Ok(outcome),
        };
        let done = work(held.order.clone(), resumed).await;
        let kept = match &done {
            Ok(body) => finish(&app, &claim, &held, status.as_u16(), body).await,
            Err(refusal) if refusal.nothing_made() => forget(&app, &claim, &held).await,
            Err(_) => release(&app, &claim, &held).await,
        };
        // The lease ends, and the next one goes on with the same order.
        if let Err(cause) = kept {
            tracing::warn!(order = %held.order, %cause, "the answer of a request was not kept");
        }
        Ok(Outcome::Answer {
            order: held.order,
            status: status.as_u16(),
            body: done?,
            with_token: true,
        })
    })
    .await?
}

/// Waits until nobody works on the claim, or `patience` is over. Reads only.
pub async fn wait(app: &App, claim: &Claim, patience: Duration) -> Result<(), StoreError> {
    const GAP: Duration = Duration::from_millis(100);
    let until = Instant::now() + patience;
    loop {
        let (at, now) = (claim.clone(), app.clock.now());
        let running = app
            .store
            .read(move |db| -> Result<bool, StoreError> {
                let found = idempotency::table
                    .find((at.route, &at.caller, &at.key))
                    .filter(idempotency::status.is_null())
                    .filter(idempotency::lease_until.gt(now))
                    .select(idempotency::created_at)
                    .first::<Millis>(db)
                    .optional()?;
                Ok(found.is_some())
            })
            .await?;
        if !running || Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(GAP).await;
    }
}

/// Takes the claim, or says who has it. Of any number of equal requests, one is `Fresh`.
pub async fn begin(app: &App, claim: &Claim) -> Result<Begun, StoreError> {
    let now = app.clock.now();
    let row = Row {
        route: claim.route.to_owned(),
        caller: claim.caller.clone(),
        key: claim.key.clone(),
        body_hash: claim.body_hash.clone(),
        order_id: OrderId::new(now, &*app.random),
        lease_until: now + LEASE,
        status: None,
        response: None,
        created_at: now,
    };
    match app.store.write(move |db| take(db, &row, now)).await? {
        Found::Begun(begun) => Ok(begun),
        Found::Answered(row) => {
            let sealed = row.response.unwrap_or_default();
            let body = app
                .sealer
                .open(&sealed, &place(&row.order_id))
                .map_err(|e| StoreError::corrupt(format!("answer of {}: {e}", row.order_id)))?;
            Ok(Begun::Known(Outcome::Answer {
                order: row.order_id,
                status: row.status.and_then(|s| s.try_into().ok()).unwrap_or(500),
                body: body.to_vec(),
                with_token: now - row.created_at <= TOKEN_AGAIN,
            }))
        }
    }
}

fn take(db: &mut Db, new: &Row, now: Millis) -> Result<Found, StoreError> {
    let fresh = || {
        Found::Begun(Begun::Fresh(Held {
            order: new.order_id.clone(),
            lease_until: new.lease_until,
        }))
    };
    let inserted = both!(db, |c| diesel::insert_into(idempotency::table)
        .values(new)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 1 {
        return Ok(fresh());
    }
    let found: Option<Row> = locked!(
        db,
        idempotency::table
            .find((&new.route, &new.caller, &new.key))
            .select(Row::as_select()),
        |q, c| q.get_result(c).optional()
    )?;
    // Forgotten between the two statements: the next run inserts.
    let Some(row) = found else {
        return Err(StoreError::Conflict(
            "the key was just forgotten".to_owned(),
        ));
    };
    let at = idempotency::table.find((&new.route, &new.caller, &new.key));
    if now - row.created_at >= RETENTION {
        diesel::delete(at).execute(db)?;
        both!(db, |c| diesel::insert_into(idempotency::table)
            .values(new)
            .execute(c))?;
        return Ok(fresh());
    }
    if row.body_hash != new.body_hash {
        return Ok(Found::Begun(Begun::Known(Outcome::Mismatch)));
    }
    if row.status.is_some() {
        return Ok(Found::Answered(row));
    }
    if row.lease_until > now {
        let rest = (row.lease_until - now + SECOND - 1) / SECOND;
        let retry_after = u64::try_from(rest.clamp(1, SOON)).unwrap_or(1);
        return Ok(Found::Begun(Begun::Known(Outcome::Running { retry_after })));
    }
    diesel::update(at)
        .set(idempotency::lease_until.eq(new.lease_until))
        .execute(db)?;
    Ok(Found::Begun(Begun::Resume(Held {
        order: row.order_id,
        lease_until: new.lease_until,
    })))
}

/// Keeps the answer. The first one stands; a second one (of a holder whose lease had ended) is
/// passed over.
pub async fn finish(
    app: &App,
    claim: &Claim,
    held: &Held,
    status: u16,
    body: &[u8],
) -> Result<(), StoreError> {
    let sealed = app.sealer.seal(body, &place(&held.order), &*app.random);
    let (claim, order) = (claim.clone(), held.order.clone());
    app.store
        .write(move |db| -> Result<(), StoreError> {
            diesel::update(
                idempotency::table
                    .find((claim.route, &claim.caller, &claim.key))
                    .filter(idempotency::order_id.eq(&order))
                    .filter(idempotency::status.is_null()),
            )
            .set((
                idempotency::status.eq(Some(i32::from(status))),
                idempotency::response.eq(Some(&sealed)),
            ))
            .execute(db)?;
            Ok(())
        })
        .await
}

/// Nothing was made and nothing will be: the key is free again, unless another holder has it.
pub async fn forget(app: &App, claim: &Claim, held: &Held) -> Result<(), StoreError> {
    let (claim, held) = (claim.clone(), held.clone());
    app.store
        .write(move |db| -> Result<(), StoreError> {
            diesel::delete(
                idempotency::table
                    .find((claim.route, &claim.caller, &claim.key))
                    .filter(idempotency::order_id.eq(&held.order))
                    .filter(idempotency::lease_until.eq(held.lease_until))
                    .filter(idempotency::status.is_null()),
            )
            .execute(db)?;
            Ok(())
        })
        .await
}

/// Nobody knows what was made: the next request with the key goes on at once.
pub async fn release(app: &App, claim: &Claim, held: &Held) -> Result<(), StoreError> {
    let (claim, held, now) = (claim.clone(), held.clone(), app.clock.now());
    app.store
        .write(move |db| -> Result<(), StoreError> {
            diesel::update(
                idempotency::table
                    .find((claim.route, &claim.caller, &claim.key))
                    .filter(idempotency::order_id.eq(&held.order))
                    .filter(idempotency::lease_until.eq(held.lease_until)),
            )
            .set(idempotency::lease_until.eq(now))
            .execute(db)?;
            Ok(())
        })
        .await
}

/// Forgets answers past their 24 hours, at most 500; how many.
pub async fn forget_old(app: &App) -> Result<usize, StoreError> {
    let before = app.clock.now() - RETENTION;
    app.store
        .write(move |db| {
            let old: Vec<OrderId> = idempotency::table
                .filter(idempotency::created_at.lt(before))
                .order(idempotency::created_at)
                .limit(500)
                .select(idempotency::order_id)
                .load(db)?;
            // Each row has an order id of its own; the time lets the index find them.
            Ok(diesel::delete(
                idempotency::table
                    .filter(idempotency::created_at.lt(before))
                    .filter(idempotency::order_id.eq_any(old)),
            )
            .execute(db)?)
        })
        .await
}

#[cfg(test)]
mod tests;
