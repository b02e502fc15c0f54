//! The end of an order's time: query, close, query again, then release the stock.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::due;
use super::model::{Attempt, AttemptState, Error, Source};
use super::poll::{self, Found};
use super::settle::Settled;
use super::store;
use super::till::Till;
use crate::channel::{CloseAnswer, Lookup};
use crate::clock::{MINUTE, Millis, SECOND};
use crate::ids::{AccountId, OrderId};
use crate::money::Minor;
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::order::{self, Change, Event, State};
use crate::outbound::Reach;
use crate::staff::audit::Entry;
use crate::store::{StoreError, apart};

/// No other node takes an order that is being ended before this.
const LEASE: Millis = 60 * SECOND;
/// A channel that does not answer by now does not hold the stock (design.md §4: 120 s in all).
const PATIENCE: Millis = 100 * SECOND;
const BUDGET: Duration = Duration::from_secs(5);
/// When an unanswered order is looked at again.
const AGAIN: Millis = 10 * SECOND;
/// When an order that cannot be ended is looked at again.
pub(super) const AFTER_A_DEFECT: Millis = 10 * MINUTE;

/// Orders whose time is over, the longest first, each with the account it waits for.
pub async fn orders_due(
    till: &Till,
    limit: i64,
) -> Result<Vec<(OrderId, Option<AccountId>)>, StoreError> {
    let now = till.clock.now();
    till.store
        .read(move |db| due::orders_due(db, now, limit))
        .await
}

/// Takes those of these orders that are still due, each to be ended with [`end_due`].
pub async fn claim_orders(till: &Till, ids: Vec<OrderId>) -> Result<Vec<OrderId>, StoreError> {
    let now = till.clock.now();
    till.store
        .write(move |db| due::claim_orders(db, &ids, now, LEASE))
        .await
}

/// Ends an order that was claimed. What cannot be ended by a defect is told once and looked at
/// again later.
pub async fn end_due(till: &Till, id: OrderId) {
    let Err(cause) = apart(end_one(till, &id)).await else {
        return;
    };
    tracing::error!(order = %id, %cause, "an order could not be ended");
    if !cause.passes()
        && let Err(cause) = tell_stuck(till, &id, &cause).await
    {
        tracing::error!(order = %id, %cause, "nobody could be told of it");
    }
}

async fn tell_stuck(till: &Till, id: &OrderId, cause: &Error) -> Result<(), StoreError> {
    let (id, cause) = (id.clone(), cause.to_string());
    let (seed, promises, now) = (till.seed(), till.promises(), till.clock.now());
    till.store
        .write(move |db| -> Result<(), StoreError> {
            order::store::check_again(db, &id, Some(now + AFTER_A_DEFECT))?;
            let alarm = Alarm {
                kind: "order_stuck",
                cause: &format!("order_stuck/{id}"),
                severity: Severity::Critical,
                body: format!(
                    "Order {id} cannot be ended: {cause}. It holds its goods until it is; it is \
                     tried again every ten minutes."
                ),
            };
            promises.alarm(db, &seed.random(), alarm, now)
        })
        .await
}

async fn end_one(till: &Till, id: &OrderId) -> Result<(), Error> {
    let wanted = id.clone();
    let (order, attempts) = till
        .store
        .read(move |db| -> Result<_, Error> {
            let order = order::store::by_id(db, &wanted)?;
            let attempts = store::attempts_of(db, &wanted)?;
            Ok((order, attempts))
        })
        .await?;
    if order.state != State::PendingPayment {
        let id = id.clone();
        till.store
            .write(move |db| order::store::check_again(db, &id, None))
            .await?;
        return Ok(());
    }
    if order.amount == Minor::ZERO {
        return super::settle_free(till, id).await;
    }
    let late = till.clock.now() - order.expires_at;
    // Nobody is asked for ever: past patience the stock comes back, the attempts stay watched.
    let asked = if late < PATIENCE {
        attempts
    } else {
        Vec::new()
    };
    match wind_up_all(till, asked).await? {
        Wound::Over => {}
        Wound::Money => return Ok(()),
        // It is due before its deadline only because the clock was set back while it was near
        // its end: it has had one whole time to pay since, and waits for nobody.
        Wound::Unsure if late < 0 => {}
        // Asked again in a few seconds, until patience ends; the attempt stays watched.
        Wound::Unsure => {
            let (id, at) = (id.clone(), till.clock.now() + AGAIN);
            till.store
                .write(move |db| order::store::check_again(db, &id, Some(at)))
                .await?;
            return Ok(());
        }
    }
    finish(till, id, Event::DeadlinePassed, "system").await?;
    Ok(())
}

/// Winds all attempts of an order up at once, so that a silent channel keeps none of the others
/// open; the worst of what they say.
async fn wind_up_all(till: &Till, attempts: Vec<Attempt>) -> Result<Wound, Error> {
    let winding = attempts.into_iter().map(|attempt| wind_up(till, attempt));
    let mut worst = Wound::Over;
    let mut failed = None;
    for wound in join_all(winding).await {
        match wound {
            Ok(Wound::Over) => {}
            Ok(Wound::Money) => worst = Wound::Money,
            Ok(Wound::Unsure) if matches!(worst, Wound::Money) => {}
            Ok(Wound::Unsure) => worst = Wound::Unsure,
            Err(cause) => failed = Some(cause),
        }
    }
    match (worst, failed) {
        (Wound::Money, _) => Ok(Wound::Money),
        (_, Some(cause)) => Err(cause),
        (worst, None) => Ok(worst),
    }
}

enum Wound {
    /// No money is there, and (where the channel can close) none can come.
    Over,
    /// It was paid after all.
    Money,
    /// The channel did not answer.
    Unsure,
}

/// Query, close, query again. An account that has been silent is not waited for: the schedule
/// probes it.
async fn wind_up(till: &Till, attempt: Attempt) -> Result<Wound, Error> {
    use AttemptState::{Created, Expired, Failed, Planned, Unknown};
    if !matches!(
        attempt.state,
        Created | Planned | Unknown | Failed | Expired
    ) {
        return Ok(Wound::Over);
    }
    let now = till.clock.now();
    if till.hearing.may_ask(&attempt.account_id, now, 1) == 0 {
        return Ok(Wound::Unsure);
    }
    match poll::ask(till, attempt.clone(), Source::Query, poll::brief(BUDGET)).await? {
        Found::Money(settled) if pays(&settled) => return Ok(Wound::Money),
        // Money that pays nothing is in a case; the order ends all the same.
        Found::Money(_) => return Ok(Wound::Over),
        Found::Silence | Found::Unbooked => return Ok(Wound::Unsure),
        Found::Nothing(AttemptState::Closed | AttemptState::Refused) => return Ok(Wound::Over),
        Found::Nothing(_) => {}
    }
    match close_at_channel(till, &attempt).await {
        Closed::Yes => {
            // Between the query and the close the buyer may have paid.
            match ask_again(till, &attempt).await? {
                Found::Money(settled) if pays(&settled) => Ok(Wound::Money),
                Found::Money(_) => Ok(Wound::Over),
                Found::Nothing(_) => {
                    mark_closed(till, &attempt).await?;
                    Ok(Wound::Over)
                }
                Found::Silence | Found::Unbooked => Ok(Wound::Unsure),
            }
        }
        Closed::Paid => match ask_again(till, &attempt).await? {
            Found::Money(settled) if pays(&settled) => Ok(Wound::Money),
            Found::Money(_) => Ok(Wound::Over),
            _ => Ok(Wound::Unsure),
        },
        Closed::CannotClose => Ok(Wound::Over),
        Closed::Silence => Ok(Wound::Unsure),
    }
}

/// Whether what came has paid the order (now or before).
fn pays(settled: &Settled) -> bool {
    matches!(settled, Settled::Captured { .. } | Settled::Repeated)
}

enum Closed {
    Yes,
    Paid,
    CannotClose,
    Silence,
}

async fn close_at_channel(till: &Till, attempt: &Attempt) -> Closed {
    let account = till.accounts.by_id(&attempt.account_id);
    let channel = account.as_ref().and_then(|a| a.open_channel());
    let Some(close) = channel.and_then(|c| c.close()) else {
        return Closed::CannotClose;
    };
    let lookup = Lookup {
        merchant_no: attempt.merchant_no.clone(),
        channel_trade_no: attempt.channel_trade_no.clone(),
        now: till.clock.now(),
        nonce: till.random.bytes(),
    };
    let request = close.close(&lookup);
    let sent = till
        .outbound
        .send(&request, Reach::Configured, poll::brief(BUDGET))
        .await;
    match sent.map(|reply| close.read_close(&lookup, &reply)) {
        Ok(Ok(CloseAnswer::Closed)) => Closed::Yes,
        Ok(Ok(CloseAnswer::AlreadyPaid)) => Closed::Paid,
        Ok(Ok(CloseAnswer::MayStillPay)) => Closed::CannotClose,
        // "Not supported here" in a well-formed answer: it stays watched instead.
        Ok(Err(failure)) if failure.nothing_made => Closed::CannotClose,
        Ok(Err(_)) | Err(_) => Closed::Silence,
    }
}

async fn ask_again(till: &Till, attempt: &Attempt) -> Result<Found, Error> {
    let id = attempt.id.clone();
    let fresh = till.store.read(move |db| store::attempt(db, &id)).await?;
    poll::ask(till, fresh, Source::Query, poll::brief(BUDGET)).await
}

async fn mark_closed(till: &Till, attempt: &Attempt) -> Result<(), Error> {
    let (id, now) = (attempt.id.clone(), till.clock.now());
    till.store
        .write(move |db| -> Result<(), Error> {
            let mut attempt = store::attempt(db, &id)?;
            let was = attempt.state;
            if was != AttemptState::Paid {
                attempt.state = AttemptState::Closed;
                attempt.changed_at = now;
                attempt.next_check_at = None;
                store::update_attempt(db, &attempt, was)?;
            }
            Ok(())
        })
        .await
}

/// Ends an unpaid order: its stock and counters come back in the same write. False = it was
/// not unpaid any more.
pub async fn finish(till: &Till, id: &OrderId, event: Event, actor: &str) -> Result<bool, Error> {
    end_with(till, id, event, actor, None).await
}

async fn end_with(
    till: &Till,
    id: &OrderId,
    event: Event,
    actor: &str,
    line: Option<Entry>,
) -> Result<bool, Error> {
    let (wanted, now, actor) = (id.clone(), till.clock.now(), actor.to_owned());
    let ended = till
        .store
        .write(move |db| -> Result<bool, Error> {
            let mut order = order::store::lock(db, &wanted)?;
            if order.state != State::PendingPayment {
                return Ok(false);
            }
            let (was, change) = (order.state, Change::new(event, &actor, json!({})));
            order::apply(db, &mut order, &[change], now)?;
            if let Some(line) = &line {
                let line = line
                    .clone()
                    .changed(&json!({"state": was}), &json!({"state": order.state}));
                line.write(db)?;
            }
            Ok(true)
        })
        .await?;
    if ended {
        till.moved(id);
    }
    Ok(ended)
}

/// The buyer gives an unpaid order up (R016): each open attempt is closed at its channel where
/// that is possible; money that comes all the same is late money.
pub async fn cancel(till: &Till, id: &OrderId, actor: &str) -> Result<bool, Error> {
    give_up(till, id, actor, None).await
}

/// The same by one of the staff, whose line of the audit log is written with it.
pub async fn cancel_as(till: &Till, id: &OrderId, line: Entry) -> Result<bool, Error> {
    let actor = line.actor().to_owned();
    give_up(till, id, &actor, Some(line)).await
}

async fn give_up(
    till: &Till,
    id: &OrderId,
    actor: &str,
    line: Option<Entry>,
) -> Result<bool, Error> {
    let wanted = id.clone();
    let attempts = till
        .store
        .read(move |db| store::attempts_of(db, &wanted))
        .await?;
    if matches!(wind_up_all(till, attempts).await?, Wound::Money) {
        return Ok(false);
    }
    end_with(till, id, Event::CancelAsked, actor, line).await
}
