//! Check 11: the channel itself is asked before goods leave.
//!
//! One flight for each attempt: however many notices come at once, the channel is asked once, and
//! all of them hear its answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::Verdict;
use super::log::{NoticeRow, insert_notice};
use crate::account::Account;
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Check, Failure, QueryAnswer};
use crate::clock::{Millis, SECOND};
use crate::ids::AttemptId;
use crate::money::Money;
use crate::payment::model::{Attempt, Error};
use crate::payment::till::Till;
use crate::payment::{poll, store};
use crate::store::StoreError;

/// How long check 11 may take, in all.
const BUDGET: Duration = Duration::from_millis(2_500);
/// Channels send a notice a moment before their own books show it: a "not paid" is heard twice.
const SETTLES_IN: Duration = Duration::from_millis(800);

type Flight = Shared<BoxFuture<'static, Result<QueryAnswer, Failure>>>;

/// The questions that are under way, this node's.
#[derive(Default)]
pub struct Flights(Mutex<HashMap<AttemptId, Flight>>);

/// Asks the channel whether an attempt is paid, joining the question that is under way.
pub(super) async fn confirm(till: &Till, attempt: &Attempt) -> Result<QueryAnswer, Failure> {
    let flight = {
        let mut flights = till
            .flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        flights
            .entry(attempt.id.clone())
            .or_insert_with(|| twice(till.clone(), attempt.clone()).boxed().shared())
            .clone()
    };
    let answer = flight.clone().await;
    let mut flights = till
        .flights
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if flights
        .get(&attempt.id)
        .is_some_and(|known| known.ptr_eq(&flight))
    {
        flights.remove(&attempt.id);
    }
    answer
}

async fn twice(till: Till, attempt: Attempt) -> Result<QueryAnswer, Failure> {
    let began = tokio::time::Instant::now();
    let first = poll::query(&till, &attempt, poll::brief(BUDGET)).await?;
    let left = BUDGET.saturating_sub(began.elapsed() + SETTLES_IN);
    if first.clone().money().is_ok() || left.is_zero() {
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
    row: NoticeRow,
    now: Millis,
) -> Result<Verdict, Error> {
    let (seed, promises) = (till.seed(), till.promises());
    let row = row.with_verdict("contradicted");
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
    till.store
        .write(move |db| -> Result<(), StoreError> {
            let random = seed.random();
            insert_notice(db, &row)?;
            case::open(db, &promises, new.clone(), &random, now)?;
            store::check_by(db, &id, now + 5 * SECOND)
        })
        .await?;
    Ok(Verdict::Refused(
        Check::Confirmed,
        "the channel says it is not paid",
    ))
}
