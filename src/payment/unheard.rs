//! Attempts that nobody can tell the end of: the channel stayed silent for the whole watch, or
//! told of money that cannot be booked. Each ends in a money case, none in silence.

use super::due;
use super::model::{Attempt, AttemptState, Error, ReceiptFact};
use super::open::told;
use super::poll;
use super::till::Till;
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Class, Failure, Text};
use crate::clock::Millis;
use crate::ids::AttemptId;
use crate::money::Money;
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::store::{Db, StoreError};

/// Letters of an error that are kept with an attempt.
const ERROR_LETTERS: usize = 200;

fn silent_cause(attempt: &AttemptId) -> String {
    format!("silent/{attempt}")
}

fn unbooked_cause(attempt: &AttemptId) -> String {
    format!("unbooked/{attempt}")
}

/// Whether an attempt is asked about no more although its channel did not answer the last
/// question: what it said before, if it said anything, may no longer be so. PURE.
pub(super) fn ends_in_silence(attempt: &Attempt, answered: bool) -> bool {
    use AttemptState::{Created, Expired, Failed, Planned, Unknown};
    !answered
        && attempt.next_check_at.is_none()
        && matches!(
            attempt.state,
            Planned | Unknown | Created | Failed | Expired
        )
}

/// The case of such an attempt. PURE.
pub(super) fn silent(attempt: &Attempt) -> NewCase {
    let money = Money::new(attempt.amount, attempt.currency);
    NewCase {
        summary: format!(
            "Account {} does not answer about attempt {} ({}) any more, and the time of asking is \
             over. Look it up in the channel's own console. If it is paid there, let \
             the channel send its notice again; the case closes when the channel answers. If it \
             is not, close the case.",
            attempt.account_id,
            attempt.merchant_no,
            money.display_with_code(),
        ),
        ..about(attempt, silent_cause(&attempt.id), money)
    }
}

fn about(attempt: &Attempt, cause: String, money: Money) -> NewCase {
    NewCase {
        kind: CaseKind::Unmatched,
        cause,
        money,
        proposal: "investigate",
        summary: String::new(),
        order_id: Some(attempt.order_id.clone()),
        attempt_id: Some(attempt.id.clone()),
        receipt_id: None,
        refund_id: None,
        account_id: Some(attempt.account_id.clone()),
    }
}

/// The channel has answered about an attempt after all: the case of its silence closes.
pub(super) fn answered(db: &mut Db, attempt: &Attempt, now: Millis) -> Result<(), StoreError> {
    // Whatever opens such a case has stored a failure before.
    if attempt.failure.is_none() {
        return Ok(());
    }
    let how = "the channel has answered";
    case::store::close_cause(db, &silent_cause(&attempt.id), how, now)
}

/// Money of an attempt is booked: no case of it is left.
pub(super) fn booked(db: &mut Db, attempt: &Attempt, now: Millis) -> Result<(), StoreError> {
    if attempt.failure.is_none() {
        return Ok(());
    }
    answered(db, attempt, now)?;
    case::store::close_cause(db, &unbooked_cause(&attempt.id), "the money is booked", now)
}

/// The channel says that an attempt is paid, and booking it fails for good: a person is told
/// once, and the attempt goes on by the schedule, for the cause may be mended meanwhile.
pub(super) async fn unbooked(
    till: &Till,
    mut attempt: Attempt,
    fact: &ReceiptFact,
    cause: &Error,
    now: Millis,
) -> Result<(), Error> {
    tracing::error!(attempt = attempt.merchant_no, %cause, "confirmed money cannot be booked");
    let money = Money::new(fact.amount, fact.currency);
    let case = NewCase {
        summary: format!(
            "Account {} says that attempt {} is paid ({}, number {}), but booking it fails: \
             {cause}. Nothing was delivered. It is tried again by itself; the log says more.",
            attempt.account_id,
            attempt.merchant_no,
            money.display_with_code(),
            fact.channel_trade_no,
        ),
        ..about(&attempt, unbooked_cause(&attempt.id), money)
    };
    let (seed, promises) = (till.seed(), till.promises());
    till.store
        .write(move |db| case::open(db, &promises, case.clone(), &seed.random(), now))
        .await?;
    let failure = Failure {
        class: Class::Unknown,
        code: cause.to_string().chars().take(ERROR_LETTERS).collect(),
        text: Text::fixed(
            "付款正在由人工确认，请勿重复支付",
            "A person is confirming the payment; do not pay again",
        ),
        counts: false,
        nothing_made: false,
    };
    attempt.failure = Some(told(&failure));
    let state = attempt.state;
    poll::note(till, attempt, state, None, now).await
}

/// An attempt whose row cannot be read, or whose asking fails by a defect: it goes on by the
/// schedule, and the owner is told once.
pub(super) async fn pass_over(till: &Till, id: &AttemptId, cause: &Error) -> Result<(), Error> {
    let (id, cause) = (id.clone(), cause.to_string());
    let (seed, promises, now) = (till.seed(), till.promises(), till.clock.now());
    let jitter = (*till.random).below(401);
    till.store
        .write(move |db| -> Result<(), Error> {
            due::pass_over(db, &id, now, jitter)?;
            let alarm = Alarm {
                kind: "attempt_stuck",
                cause: &format!("attempt_stuck/{id}"),
                severity: Severity::Critical,
                body: format!(
                    "Attempt {id} cannot be asked about: {cause}. It is tried again by itself; \
                     look it up in the channel's own console meanwhile."
                ),
            };
            Ok(promises.alarm(db, &seed.random(), alarm, now)?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::poll::tests::attempt;

    /// Only an attempt whose last question was not answered is a case.
    #[test]
    fn what_was_answered_ends_without_a_case() {
        use AttemptState::*;
        for state in AttemptState::ALL {
            let ended = attempt(*state);
            assert!(!ends_in_silence(&ended, true), "{state}");
            let unanswered = matches!(state, Planned | Unknown | Created | Failed | Expired);
            assert_eq!(ends_in_silence(&ended, false), unanswered, "{state}");
            let watched = Attempt {
                next_check_at: Some(1),
                ..ended
            };
            assert!(!ends_in_silence(&watched, false), "{state}");
        }
    }
}
