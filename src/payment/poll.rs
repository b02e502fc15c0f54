//! Asking a channel about an attempt: by the schedule, when the buyer comes back or presses
//! "I have paid", and for check 11 of the callback pipeline.

use std::time::Duration;

use super::model::{Attempt, AttemptState, Error, Source};
use super::open::{IN_FLIGHT, silence, told};
use super::plan::next_check;
use super::settle::{Settled, fact_of, settle};
use super::store;
use super::till::Till;
use super::unheard;
use super::{due, keys};
use crate::case;
use crate::channel::{Class, Failure, Lookup, QueryAnswer};
use crate::clock::{Millis, SECOND};
use crate::ids::{AccountId, AttemptId, OrderId};
use crate::outbound::{Limits, Reach};
use crate::store::{StoreError, apart};

/// No other node takes a claimed attempt before this.
const LEASE: Millis = 30 * SECOND;

/// How long the schedule waits for one answer.
const BUDGET: Duration = Duration::from_secs(4);

/// With its page open an attempt is asked about this soon: with the pages' own pace of two
/// seconds, at most every ten (design.md §4).
const PAGE_IS_OPEN: Millis = 7 * SECOND;

/// Orders of one look at the open pages.
const PAGES_AT_ONCE: usize = 400;

/// What asking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Money, and what became of it.
    Money(Settled),
    /// Money that could not be booked; a case tells a person.
    Unbooked,
    /// No money; the attempt now stands here.
    Nothing(AttemptState),
    /// Nobody answered, or the answer said nothing.
    Silence,
}

/// The accounts with attempts that are due.
pub async fn accounts_due(till: &Till) -> Result<Vec<AccountId>, StoreError> {
    let now = till.clock.now();
    till.store.read(move |db| due::accounts(db, now)).await
}

/// Takes up to `places` attempts of an account that are due, each to be asked about with
/// [`ask_due`]; of an account that has been silent, one now and then.
pub async fn claim(
    till: &Till,
    account: &AccountId,
    places: usize,
) -> Result<Vec<AttemptId>, StoreError> {
    let now = till.clock.now();
    let limit = till.hearing.may_ask(account, now, places);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let account = account.clone();
    till.store
        .write(move |db| due::claim_attempts(db, &account, now, LEASE, limit))
        .await
}

/// Asks about an attempt that was claimed. Whatever goes wrong, it is asked about again: soon
/// when the database was away, by the schedule when it is the attempt itself.
pub async fn ask_due(till: &Till, id: AttemptId) {
    let wanted = id.clone();
    let asked = async {
        let attempt = till.store.read(move |db| store::attempt(db, &wanted)).await;
        ask(till, attempt?, Source::Query, brief(BUDGET)).await
    };
    let Err(cause) = apart(asked).await else {
        return;
    };
    tracing::error!(attempt = %id, %cause, "an attempt could not be asked about");
    if !cause.passes()
        && let Err(cause) = unheard::pass_over(till, &id, &cause).await
    {
        tracing::error!(attempt = %id, %cause, "an attempt could not be moved on");
    }
}

/// The buyers of these orders look at their pages: open attempts are asked about within seconds.
/// Costs one read, and a write once in a while, however many pages there are.
pub async fn hasten(till: &Till, orders: &[OrderId]) -> Result<(), StoreError> {
    let now = till.clock.now();
    let by = now + PAGE_IS_OPEN;
    for orders in orders.chunks(PAGES_AT_ONCE) {
        let orders = orders.to_vec();
        let open = till
            .store
            .read(move |db| due::payable_of(db, &orders, now))
            .await?;
        let mut late = Vec::new();
        for (id, account, next) in open {
            till.hearing.looked_at(&account, now);
            if next.is_some_and(|next| next > by) {
                late.push(id);
            }
        }
        if !late.is_empty() {
            till.store
                .write(move |db| due::hasten(db, &late, by))
                .await?;
        }
    }
    Ok(())
}

/// The same for all pages that are open on this node; called as often as they are looked
/// through, it acts every other second.
pub async fn hasten_open_pages(till: &Till, orders: &[OrderId]) {
    if !orders.is_empty()
        && till.hearing.pages_are_due()
        && let Err(cause) = hasten(till, orders).await
    {
        tracing::warn!(%cause, "open pages could not hasten their polls");
    }
}

/// Asks the channel about one attempt and writes what it says; money goes through `settle`.
pub async fn ask(
    till: &Till,
    attempt: Attempt,
    source: Source,
    limits: Limits,
) -> Result<Found, Error> {
    let answer = query(till, &attempt, limits).await;
    let now = till.clock.now();
    match answer.map(QueryAnswer::money) {
        Ok(Ok(money)) => {
            let fact = fact_of(&attempt, money, source);
            let settled = match apart(settle(till, fact.clone(), None)).await {
                Ok(settled) => settled,
                Err(cause) if cause.passes() => return Err(cause),
                Err(cause) => {
                    unheard::unbooked(till, attempt, &fact, &cause, now).await?;
                    return Ok(Found::Unbooked);
                }
            };
            if settled == Settled::TradeNoTaken {
                let state = attempt.state;
                note(till, attempt, state, None, now).await?;
            }
            Ok(Found::Money(settled))
        }
        Ok(Err(answer)) => {
            let state = read(&attempt, &answer, now);
            note(till, attempt, state, None, now).await?;
            Ok(Found::Nothing(state))
        }
        Err(failure) => {
            let state = attempt.state;
            note(till, attempt, state, Some(failure), now).await?;
            Ok(Found::Silence)
        }
    }
}

/// What the channel says, without writing anything. `Err` = nobody knows.
pub(super) async fn query(
    till: &Till,
    attempt: &Attempt,
    limits: Limits,
) -> Result<QueryAnswer, Failure> {
    let lookup = Lookup {
        merchant_no: attempt.merchant_no.clone(),
        channel_trade_no: attempt.channel_trade_no.clone(),
        now: till.clock.now(),
        nonce: till.random.bytes(),
    };
    query_at(till, &attempt.account_id, &lookup, limits).await
}

/// What the channel of an account says about a number. `Err` = nobody knows.
pub(super) async fn query_at(
    till: &Till,
    id: &AccountId,
    lookup: &Lookup,
    limits: Limits,
) -> Result<QueryAnswer, Failure> {
    let account = till.accounts.by_id(id);
    let channel = account.as_ref().and_then(|a| a.open_channel());
    let Some(channel) = channel else {
        return Err(Failure::unasked(
            Class::Misconfigured,
            "the account is off or does not start",
        ));
    };
    let request = channel.query(lookup);
    let sent = till
        .outbound
        .send(&request, Reach::Configured, limits)
        .await;
    // Whoever answers at once is heard, whatever the answer is worth.
    match &sent {
        Ok(reply) if reply.status < 500 => till.hearing.answered(id),
        Ok(_) | Err(_) => till.hearing.silent(id, lookup.now, till.clock.now()),
    }
    let reply = sent.map_err(|error| silence(&error))?;
    let answer = channel.read_query(lookup, &reply);
    let Err(failure) = answer else {
        return answer;
    };
    // It may be signed with a key that is new.
    let learned = match &account {
        Some(account) => keys::learn_for(till, account, &reply.headers).await,
        None => None,
    };
    match learned.as_ref().and_then(|account| account.open_channel()) {
        Some(channel) => channel.read_query(lookup, &reply),
        None => Err(failure),
    }
}

/// Limits of a query whose caller waits.
pub fn brief(budget: Duration) -> Limits {
    Limits {
        budget,
        ..Limits::default()
    }
}

/// How an answer without money moves an attempt. PURE.
fn read(attempt: &Attempt, answer: &QueryAnswer, now: Millis) -> AttemptState {
    use AttemptState::{Closed, Created, Expired, Failed, Planned, Refused, Unknown};
    let over = now >= attempt.expires_at;
    match (attempt.state, answer) {
        // A row whose process died before it asked, or whose answer was lost.
        (Planned | Unknown, QueryAnswer::Waiting) if over => Expired,
        (Planned | Unknown, QueryAnswer::Waiting) => Unknown,
        // Its create call may still be under way.
        (Planned, QueryAnswer::NotFound) if now < attempt.created_at + IN_FLIGHT => Planned,
        (Planned | Unknown, QueryAnswer::NotFound) if over => Refused,
        (Planned | Unknown, QueryAnswer::NotFound) => attempt.state,
        (Planned | Unknown | Created | Failed, QueryAnswer::Closed) => Closed,
        (Created | Failed, _) if over => Expired,
        (state, _) => state,
    }
}

pub(super) async fn note(
    till: &Till,
    mut attempt: Attempt,
    state: AttemptState,
    failure: Option<Failure>,
    now: Millis,
) -> Result<(), Error> {
    let was = attempt.state;
    let before = attempt.clone();
    attempt.state = state;
    attempt.checks += 1;
    if state != was {
        attempt.changed_at = now;
    }
    let answered = failure.is_none();
    if let Some(failure) = failure {
        attempt.failure = Some(told(&failure));
    }
    let jitter = (*till.random).below(401);
    attempt.next_check_at = match state {
        AttemptState::Closed | AttemptState::Refused => None,
        _ => next_check(
            now,
            attempt.expires_at,
            attempt.watched_until,
            attempt.checks,
            jitter,
        ),
    };
    let silent = unheard::ends_in_silence(&attempt, answered).then(|| unheard::silent(&attempt));
    let (seed, promises) = (till.seed(), till.promises());
    till.store
        .write(move |db| -> Result<(), Error> {
            let mut attempt = attempt.clone();
            // A notice may have asked for an earlier look since this one began: it stands.
            let stored = store::lock_attempt(db, &attempt.id)?.next_check_at;
            if let (Some(sooner), Some(next)) = (stored, attempt.next_check_at)
                && stored != before.next_check_at
            {
                attempt.next_check_at = Some(sooner.min(next));
            }
            if !store::update_attempt(db, &attempt, was)? {
                return Ok(());
            }
            if answered {
                unheard::answered(db, &before, now)?;
            }
            if let Some(silent) = &silent {
                case::open(db, &promises, silent.clone(), &seed.random(), now)?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
#[path = "poll_tests.rs"]
pub(super) mod tests;
