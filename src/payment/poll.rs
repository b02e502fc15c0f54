//! Asking a channel about an attempt: by the schedule, when the buyer comes back or presses
//! "I have paid", and for check 11 of the callback pipeline.

use std::time::Duration;

use super::model::{Attempt, AttemptState, Error, Source};
use super::open::{silence, told};
use super::plan::next_check;
use super::settle::{Settled, fact_of, settle};
use super::store;
use super::till::Till;
use crate::channel::{Failure, Lookup, QueryAnswer};
use crate::clock::{Millis, SECOND};
use crate::ids::AccountId;
use crate::outbound::{Limits, Reach};
use crate::store::apart;

/// No other node takes a claimed attempt before this.
const LEASE: Millis = 30 * SECOND;

/// How long the schedule waits for one answer.
const BUDGET: Duration = Duration::from_secs(4);

/// What asking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Money, and what became of it.
    Money(Settled),
    /// No money; the attempt now stands here.
    Nothing(AttemptState),
    /// Nobody answered, or the answer said nothing.
    Silence,
}

/// Asks about attempts that are due, up to `limit` at once; how many were.
pub async fn poll_due(till: &Till, limit: i64) -> Result<usize, Error> {
    let now = till.clock.now();
    let due = till
        .store
        .write(move |db| store::claim_due(db, now, LEASE, limit))
        .await?;
    let count = due.len();
    // A silent channel must not hold up the others for long.
    let asked = due.into_iter().map(|attempt| async move {
        let no = attempt.merchant_no.clone();
        if let Err(cause) = apart(ask(till, attempt, Source::Query, brief(BUDGET))).await {
            tracing::error!(attempt = no, %cause, "an attempt could not be asked about");
        }
    });
    futures_util::future::join_all(asked).await;
    Ok(count)
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
            let settled = settle(till, fact_of(&attempt, money, source), None).await?;
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
    account: &AccountId,
    lookup: &Lookup,
    limits: Limits,
) -> Result<QueryAnswer, Failure> {
    let account = till.accounts.by_id(account);
    let channel = account.as_ref().and_then(|a| a.open_channel());
    let Some(channel) = channel else {
        return Err(Failure {
            class: crate::channel::Class::Misconfigured,
            code: "the account is off or does not start".to_owned(),
            text: crate::channel::Text::fixed(
                "支付渠道暂不可用",
                "The payment channel is not available",
            ),
            counts: false,
            nothing_made: false,
        });
    };
    let request = channel.query(lookup);
    match till
        .outbound
        .send(&request, Reach::Configured, limits)
        .await
    {
        Ok(reply) => channel.read_query(lookup, &reply),
        Err(error) => Err(silence(&error)),
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
    use AttemptState::{Closed, Created, Expired, Planned, Refused, Unknown};
    let over = now >= attempt.expires_at;
    match (attempt.state, answer) {
        // A row whose process died before it asked, or whose answer was lost.
        (Planned | Unknown, QueryAnswer::Waiting) => Unknown,
        (Planned | Unknown, QueryAnswer::NotFound) if over => Refused,
        (Planned | Unknown, QueryAnswer::NotFound) => attempt.state,
        (Planned | Unknown | Created, QueryAnswer::Closed) => Closed,
        (Created, _) if over => Expired,
        (state, _) => state,
    }
}

async fn note(
    till: &Till,
    mut attempt: Attempt,
    state: AttemptState,
    failure: Option<Failure>,
    now: Millis,
) -> Result<(), Error> {
    let was = attempt.state;
    attempt.state = state;
    attempt.checks += 1;
    if state != was {
        attempt.changed_at = now;
    }
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
    till.store
        .write(move |db| store::update_attempt(db, &attempt, was))
        .await?;
    Ok(())
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
