//! "I have paid": asks the channels about an order now, while the buyer waits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::channel::Method;
use crate::clock::{Millis, SECOND};
use crate::ids::AttemptId;
use crate::order::{Order, State};
use crate::payment::{self, Attempt, AttemptState, Source};

/// Each attempt is asked about at most this often.
const GAP: Millis = 2 * SECOND;
/// What the buyer waits for an answer.
const BUDGET: Duration = Duration::from_millis(2_500);
/// The newest attempts that are asked about at once.
const AT_ONCE: usize = 3;

/// When each attempt was last asked about by this process. Past `GAP` an entry says nothing, so
/// it is dropped when the map has grown.
static ASKED: Mutex<Option<HashMap<AttemptId, Millis>>> = Mutex::new(None);

/// Asks every channel that may hold money for this order, and settles what they tell. Whatever
/// fails is asked again by the schedule.
pub async fn ask_now(app: &App, order: &Order) -> Result<(), payment::Error> {
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
        .filter(|attempt| is_turn(&attempt.id, now))
        .map(|attempt| payment::ask(&till, attempt, Source::Return, payment::brief(BUDGET)));
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

fn may_hold_money(attempt: &Attempt) -> bool {
    !matches!(
        attempt.state,
        AttemptState::Paid | AttemptState::Closed | AttemptState::Refused
    )
}

/// Whether `GAP` has passed since this attempt's last turn; if so, it has its turn now.
fn is_turn(attempt: &AttemptId, now: Millis) -> bool {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = asked.get_or_insert_default();
    if asked.len() >= 4_096 {
        asked.retain(|_, at| now - *at < GAP);
    }
    match asked.get(attempt) {
        Some(at) if (0..GAP).contains(&(now - *at)) => false,
        _ => {
            asked.insert(attempt.clone(), now);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_asked_about_once_in_two_seconds() {
        let (one, other) = (AttemptId("one".to_owned()), AttemptId("other".to_owned()));
        assert!(is_turn(&one, 10_000));
        assert!(!is_turn(&one, 11_999));
        assert!(is_turn(&other, 11_999));
        assert!(is_turn(&one, 12_000));
        assert!(!is_turn(&one, 12_001));
    }
}
