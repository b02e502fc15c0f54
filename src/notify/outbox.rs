//! Promises to tell somebody something: rows written in the transaction that promises them,
//! claimed by one worker at a time, tried again with growing gaps, dead after the last.
//!
//! A worker holds a row by its *token*. Whoever takes a row over raises the token, so that a
//! worker whose lease ran out can no longer say how it went. Source: design.md §7, R046, R047.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::clock::{HOUR, MINUTE, Millis, SECOND, SKEW};
use crate::ids::{OrderId, OutboxId, text_enum};
use crate::store::schema::outbox;
use crate::store::{Db, StoreError, both, skip_locked};

pub use super::queue::{Filter, Matter, Promise, Resent, by_id, dead, list, matter, page, resend};

text_enum! {
    /// Which way a promise goes out.
    pub enum Kind {
        /// By email.
        Mail = "mail",
        /// As a signed HTTP request.
        Webhook = "webhook",
    }
}

text_enum! {
    /// Where a promise stands.
    pub enum State {
        /// Its turn is at `next_at`.
        Waiting = "waiting",
        /// A worker holds it until `lease_until`.
        Running = "running",
        /// Kept.
        Done = "done",
        /// Given up: a person looks at it and may send it again.
        Dead = "dead",
    }
}

text_enum! {
    /// What a promise is about.
    pub enum Topic {
        /// The goods are handed out.
        OrderDelivered = "order.delivered",
        /// Paid; the goods wait for stock or for a person.
        OrderPaidWaiting = "order.paid_waiting",
        /// Money goes back for an order.
        OrderRefunded = "order.refunded",
        /// Money came after the order had expired, and goes back.
        OrderExpiredRefund = "order.expired_refund",
        /// An address asks for a link to its orders.
        BuyerLink = "buyer.link",
        /// The staff has answered a request.
        BuyerReply = "buyer.reply",
        /// Something needs the shopkeeper.
        AdminAlert = "admin.alert",
        /// A variant is running out.
        AdminLowStock = "admin.low_stock",
        /// A buyer has written about a paid order.
        AdminRequest = "admin.request",
        /// A mail that staff sent to see how it looks.
        MailTest = "mail.test",
    }
}

/// How long to wait after the first, second, … failed try (the table of standard-webhooks).
pub const GAPS: [Millis; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// Tries before a promise is dead: one at once and one after each gap.
pub const TRIES: i64 = GAPS.len() as i64 + 1;

/// Letters of an error that are kept.
const ERROR_LETTERS: usize = 500;

/// A promise to write down.
#[derive(Debug, Clone)]
pub struct NewPromise {
    /// Made before the transaction.
    pub id: OutboxId,
    /// Which way it goes.
    pub kind: Kind,
    /// What it is about.
    pub topic: Topic,
    /// Says which promise this is: the same words make one row, however often they come.
    pub dedupe: String,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// What the worker needs to find the facts: ids and numbers, no secret, no address.
    pub payload: serde_json::Value,
    /// Now; it is due at once.
    pub now: Millis,
}

/// Writes a promise down. Says whether it is new; a promise already made stays as it is.
pub fn enqueue(db: &mut Db, promise: &NewPromise) -> Result<bool, StoreError> {
    let row = (
        outbox::id.eq(&promise.id),
        outbox::kind.eq(promise.kind),
        outbox::topic.eq(promise.topic),
        outbox::dedupe.eq(&promise.dedupe),
        outbox::order_id.eq(&promise.order_id),
        outbox::payload.eq(promise.payload.to_string()),
        outbox::state.eq(State::Waiting),
        outbox::tries.eq(0),
        outbox::next_at.eq(promise.now),
        outbox::lease_token.eq(0),
        outbox::created_at.eq(promise.now),
    );
    let made = both!(db, |c| diesel::insert_into(outbox::table)
        .values(row)
        .on_conflict(outbox::dedupe)
        .do_nothing()
        .execute(c))?;
    Ok(made == 1)
}

/// A promise that this worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its id; the Message-ID and `webhook-id` come from it and stay the same at every try.
    pub id: OutboxId,
    /// Which way it goes.
    pub kind: Kind,
    /// What it is about, as stored; see [`Claimed::topic`].
    pub topic: String,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// JSON as stored; see [`Claimed::payload`].
    pub payload: String,
    /// Which try this is, from 1.
    pub tries: i64,
    /// Says that the row is ours; for [`finish`] and [`fail`].
    pub token: i64,
    /// When it was promised.
    pub created_at: Millis,
}

impl Claimed {
    /// The topic, if this version knows it.
    pub fn topic(&self) -> Option<Topic> {
        Topic::parse(&self.topic)
    }

    /// The payload as `T`. A row that cannot be read is the row's failure, not the batch's.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.payload)
    }

    /// What it is about, for whoever collects the facts.
    pub fn matter(&self) -> Matter {
        Matter {
            id: self.id.clone(),
            kind: self.kind,
            topic: self.topic.clone(),
            order_id: self.order_id.clone(),
            payload: self.payload.clone(),
            created_at: self.created_at,
        }
    }
}

/// What a claim found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// To be worked on, the longest due first.
    pub work: Vec<Claimed>,
    /// Rows whose last try never came back (its worker died): dead now; raise an alert for each.
    pub dead: Vec<OutboxId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Due {
    id: OutboxId,
    kind: Kind,
    topic: String,
    order_id: Option<OrderId>,
    payload: String,
    tries: i64,
    lease_token: i64,
    created_at: Millis,
}

/// Waiting or running. The states are literals because only then can the planners prove the
/// partial index.
fn open() -> diesel::expression::SqlLiteral<Bool> {
    sql("state IN ('waiting', 'running')")
}

/// Whether a promise of this kind is due.
pub fn is_due(db: &mut Db, kind: Kind, now: Millis) -> Result<bool, StoreError> {
    let due = outbox::table
        .filter(open())
        .filter(outbox::kind.eq(kind))
        .filter(outbox::next_at.le(now));
    Ok(diesel::select(exists(due)).get_result(db)?)
}

/// Takes up to `limit` rows of one kind that are due, or whose worker let its lease run out, for
/// `lease` milliseconds. Each kind is claimed by itself: a dead mail server holds up no webhook.
pub fn claim(
    db: &mut Db,
    kind: Kind,
    now: Millis,
    limit: i64,
    lease: Millis,
) -> Result<Claim, StoreError> {
    // A running row is due when its lease ends: `next_at` says both, so one index serves both.
    let due: Vec<Due> = skip_locked!(
        db,
        outbox::table
            .filter(open())
            .filter(outbox::kind.eq(kind))
            .filter(outbox::next_at.le(now))
            .order((outbox::next_at, outbox::id))
            .limit(limit)
            .select(Due::as_select()),
        |q, c| q.load(c)
    )?;
    let (spent, due): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|row| row.tries >= TRIES);
    let mut claim = Claim::default();
    for row in spent {
        // Only a worker that died leaves such a row: `fail` buries after the last try.
        diesel::update(outbox::table.find(&row.id))
            .set((
                outbox::state.eq(State::Dead),
                outbox::lease_until.eq(None::<Millis>),
                outbox::lease_token.eq(outbox::lease_token + 1),
                outbox::last_error.eq("the worker stopped during the last try"),
            ))
            .execute(db)?;
        claim.dead.push(row.id);
    }
    let ids: Vec<&OutboxId> = due.iter().map(|row| &row.id).collect();
    both!(db, |c| diesel::update(outbox::table)
        .filter(outbox::id.eq_any(&ids))
        .set((
            outbox::state.eq(State::Running),
            outbox::lease_until.eq(now + lease),
            outbox::next_at.eq(now + lease),
            outbox::lease_token.eq(outbox::lease_token + 1),
            outbox::tries.eq(outbox::tries + 1),
        ))
        .execute(c))?;
    claim.work = due
        .into_iter()
        .map(|row| Claimed {
            id: row.id,
            kind: row.kind,
            topic: row.topic,
            order_id: row.order_id,
            payload: row.payload,
            tries: row.tries + 1,
            token: row.lease_token + 1,
            created_at: row.created_at,
        })
        .collect();
    Ok(claim)
}

/// Where a promise stands after a worker told how its try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Kept.
    Done,
    /// It will be tried again.
    Again {
        /// Not before.
        at: Millis,
    },
    /// Given up: raise an alert.
    Dead,
    /// Somebody else has taken the row over: nothing was changed.
    Stale,
}

/// The promise is kept.
pub fn finish(db: &mut Db, id: &OutboxId, token: i64, now: Millis) -> Result<After, StoreError> {
    let changed = diesel::update(outbox::table.find(id))
        .filter(outbox::lease_token.eq(token))
        .filter(outbox::state.eq(State::Running))
        .set((
            outbox::state.eq(State::Done),
            outbox::lease_until.eq(None::<Millis>),
            outbox::last_error.eq(None::<String>),
            outbox::done_at.eq(now),
        ))
        .execute(db)?;
    Ok(if changed == 1 {
        After::Done
    } else {
        After::Stale
    })
}

/// The try failed: `permanent` where another would fail the same way. `error` is kept for the
/// queue page and must hold no secret and no address.
pub fn fail(
    db: &mut Db,
    id: &OutboxId,
    token: i64,
    error: &str,
    now: Millis,
    permanent: bool,
) -> Result<After, StoreError> {
    let tries: Option<i64> = outbox::table
        .find(id)
        .filter(outbox::lease_token.eq(token))
        .filter(outbox::state.eq(State::Running))
        .select(outbox::tries)
        .get_result(db)
        .optional()?;
    let Some(tries) = tries else {
        return Ok(After::Stale);
    };
    let gap = usize::try_from(tries - 1)
        .ok()
        .and_then(|nth| GAPS.get(nth))
        .filter(|_| !permanent);
    let (state, at) = match gap {
        Some(gap) => (State::Waiting, now + gap),
        None => (State::Dead, now),
    };
    let error: String = error.chars().take(ERROR_LETTERS).collect();
    let changed = diesel::update(outbox::table.find(id))
        .filter(outbox::lease_token.eq(token))
        .filter(outbox::state.eq(State::Running))
        .set((
            outbox::state.eq(state),
            outbox::lease_until.eq(None::<Millis>),
            outbox::next_at.eq(at),
            outbox::last_error.eq(error),
        ))
        .execute(db)?;
    Ok(match (changed, state) {
        (1, State::Waiting) => After::Again { at },
        (1, _) => After::Dead,
        _ => After::Stale,
    })
}

/// Rows that are moved at once.
const MOST: i64 = 500;

/// A promise that stands too far ahead: where it stands, and how often it was tried.
pub type TooFar = (OutboxId, State, i64);

/// How far ahead the next turn of a promise stands at most: a lease, or the gap after its tries.
fn furthest(state: State, tries: i64, lease: Millis) -> Millis {
    match state {
        State::Running => lease,
        _ => usize::try_from(tries - 1)
            .ok()
            .and_then(|nth| GAPS.get(nth).copied())
            .unwrap_or(0),
    }
}

/// Promises that stand further ahead than a lease or their gap can put them: the clock was set
/// back since.
pub fn too_far_ahead(db: &mut Db, now: Millis, lease: Millis) -> Result<Vec<TooFar>, StoreError> {
    let at = |state, tries| now + furthest(state, tries, lease) + SKEW;
    let mut bound = format!("CASE WHEN state = 'running' THEN {}", at(State::Running, 1));
    for tries in 0..TRIES {
        bound += &format!(" WHEN tries = {tries} THEN {}", at(State::Waiting, tries));
    }
    bound += &format!(" ELSE {} END", now + SKEW);
    Ok(outbox::table
        .filter(open())
        .filter(outbox::kind.eq_any(Kind::ALL.to_vec()))
        .filter(outbox::next_at.gt(now + SKEW))
        .filter(outbox::next_at.gt(sql::<BigInt>(&bound)))
        .limit(MOST)
        .select((outbox::id, outbox::state, outbox::tries))
        .load(db)?)
}

/// Brings such promises back. A running one gets one whole lease from now on, for its worker may
/// be alive; a waiting one, its whole gap.
pub fn bring_back(
    db: &mut Db,
    far: &[TooFar],
    now: Millis,
    lease: Millis,
) -> Result<(), StoreError> {
    for (id, state, tries) in far {
        let at = now + furthest(*state, *tries, lease);
        let until = (*state == State::Running).then_some(at);
        let as_found = outbox::state.eq(*state).and(outbox::tries.eq(*tries));
        diesel::update(outbox::table.find(id).filter(as_found))
            .set((outbox::next_at.eq(at), outbox::lease_until.eq(until)))
            .execute(db)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
