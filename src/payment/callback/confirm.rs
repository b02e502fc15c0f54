//! Check 11: the channel itself is asked before goods leave.
//!
//! One flight for each attempt: however many notices come at once, the channel is asked once, and
//! all of them hear its answer.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::Verdict;
use crate::account::Account;
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Class, Failure, QueryAnswer};
use crate::clock::{Millis, SECOND};
use crate::ids::AttemptId;
use crate::money::Money;
use crate::payment::model::{Attempt, AttemptState, Error};
use crate::payment::till::Till;
use crate::payment::{poll, store};
use crate::store::StoreError;

/// How long check 11 may take, in all.
const BUDGET: Duration = Duration::from_millis(2_500);
/// Channels send a notice a moment before their own books show it: a "not paid" is heard twice.
const SETTLES_IN: Duration = Duration::from_millis(800);

/// In less time no answer can be expected, and silence would say nothing about the channel.
const WORTH_ASKING: Duration = Duration::from_millis(500);

type Flight = Shared<BoxFuture<'static, Result<QueryAnswer, Failure>>>;

/// The questions that are under way, this node's.
#[derive(Default)]
pub struct Flights(Mutex<HashMap<AttemptId, Flight>>);

impl Flights {
    fn open(&self) -> MutexGuard<'_, HashMap<AttemptId, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the channel whether an attempt is paid, joining the question that is under way.
pub(super) async fn confirm(till: &Till, attempt: &Attempt) -> Result<QueryAnswer, Failure> {
    let flight = till
        .flights
        .open()
        .entry(attempt.id.clone())
        .or_insert_with(|| heard(till.clone(), attempt.clone()).boxed().shared())
        .clone();
    let answer = flight.clone().await;
    let mut flights = till.flights.open();
    if flights
        .get(&attempt.id)
        .is_some_and(|known| known.ptr_eq(&flight))
    {
        flights.remove(&attempt.id);
    }
    answer
}

/// A question that panicked is answered by nobody: it must not stand in the way of the next.
async fn heard(till: Till, attempt: Attempt) -> Result<QueryAnswer, Failure> {
    let asked = AssertUnwindSafe(twice(till, attempt)).catch_unwind().await;
    asked.unwrap_or_else(|_| {
        Err(Failure::unasked(
            Class::Unknown,
            "asking the channel failed in this program",
        ))
    })
}

async fn twice(till: Till, attempt: Attempt) -> Result<QueryAnswer, Failure> {
    let began = tokio::time::Instant::now();
    let first = poll::query(&till, &attempt, poll::brief(BUDGET)).await?;
    let left = BUDGET.saturating_sub(began.elapsed() + SETTLES_IN);
    if first.clone().money().is_ok() || left < WORTH_ASKING {
        return Ok(first);
    }
    tokio::time::sleep(SETTLES_IN).await;
    poll::query(&till, &attempt, poll::brief(left)).await
}

/// The notice says paid, the channel says not (F30): held, a critical case, nothing delivered.
pub(super) async fn contradicted(
    till: &Till,
    account: &Account,
    attempt: &Attempt,
    now: Millis,
) -> Result<Verdict, Error> {
    let (seed, promises) = (till.seed(), till.promises());
    let money = Money::new(attempt.amount, attempt.currency);
    let new = NewCase {
        kind: CaseKind::Contradicted,
        cause: format!("contradicted/{}", attempt.id),
        money,
        proposal: "investigate",
        summary: format!(
            "A signed notice says that attempt {} ({}) at {} is paid, but the channel itself says \
             it is not. Nothing was delivered. If the key leaked, change it now.",
            attempt.merchant_no,
            money.display_with_code(),
            account.facts.id
        ),
        order_id: Some(attempt.order_id.clone()),
        attempt_id: Some(attempt.id.clone()),
        receipt_id: None,
        refund_id: None,
        account_id: Some(account.facts.id.clone()),
    };
    let id = attempt.id.clone();
    let stands = till
        .store
        .write(move |db| -> Result<bool, StoreError> {
            // Somebody else may have heard meanwhile that it is paid.
            if store::lock_attempt(db, &id)?.state == AttemptState::Paid {
                return Ok(false);
            }
            case::open(db, &promises, new.clone(), &seed.random(), now)?;
            store::check_by(db, &id, now + 5 * SECOND)?;
            Ok(true)
        })
        .await?;
    Ok(match stands {
        true => Verdict::Unconfirmed("contradicted", attempt.id.clone()),
        false => Verdict::Accepted("repeated"),
    })
}
