//! "I have paid": asks the channels about an order now, while the buyer waits.

use std::time::Duration;

use crate::app::App;
use crate::channel::Method;
use crate::clock::Millis;
use crate::order::{Order, State};
use crate::payment::{self, Attempt, AttemptState, Source};

/// What the buyer waits for an answer.
const BUDGET: Duration = Duration::from_millis(2_500);
/// The newest attempts that are asked about at once.
const AT_ONCE: usize = 3;

/// Asks every channel that may hold money for this order, and settles what they tell. Whatever
/// fails is asked again by the schedule.
pub async fn ask_now(app: &App, order: &Order, source: Source) -> Result<(), payment::Error> {
    if !matches!(
        order.state,
        State::PendingPayment | State::Expired | State::Cancelled
    ) {
        return Ok(());
    }
    let id = order.id.clone();
    let attempts = app
        .store
        .read(move |db| payment::store::attempts_of(db, &id))
        .await?;
    let (till, now) = (app.till(), app.clock.now());
    let asked = attempts
        .into_iter()
        .rev()
        .filter(may_hold_money)
        .take(AT_ONCE)
        .filter(|attempt| app.asked_lately.pass(attempt.id.as_str(), now))
        .map(|attempt| payment::ask(&till, attempt, source, payment::brief(BUDGET)));
    for found in futures_util::future::join_all(asked).await {
        found?;
    }
    Ok(())
}

/// The attempt that answers a wish to pay by `method` again, so that a second click makes no
/// second one: the newest, while the buyer can pay it, or while the channel has not once been
/// asked whether it exists.
pub fn still_good(attempts: &[Attempt], method: Option<Method>, now: Millis) -> Option<&Attempt> {
    let newest = attempts.last()?;
    let good = match newest.state {
        AttemptState::Created => now < newest.expires_at,
        AttemptState::Planned | AttemptState::Unknown => newest.checks == 0,
        _ => false,
    };
    (good && method.is_none_or(|wanted| wanted == newest.method)).then_some(newest)
}

/// Whether the channel of an attempt is worth asking: it may hold money that nobody knows of.
pub fn may_hold_money(attempt: &Attempt) -> bool {
    !matches!(
        attempt.state,
        AttemptState::Paid | AttemptState::Closed | AttemptState::Refused
    )
}
