//! Sending refunds and asking about them until they are final.
//!
//! A refund is written down as *unknown* before it is sent. An unknown one is asked about first;
//! only when the channel says that it knows no such refund is it sent again, with its one
//! number. A channel that cannot be asked leaves an unknown refund to a person. What provably
//! never left this machine is written back as *requested*: nobody has to look for it.

use super::model::{Error, Refund, RefundState};
use super::{ends, store};
use crate::account::{Account, AccountState, Accounts, Facts};
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Failure, RefundAnswer, RefundCharge, Refunds, Reply, Request};
use crate::clock::{Clock, HOUR, MINUTE, Millis, SECOND};
use crate::ids::{AccountId, RefundId};
use crate::money::Money;
use crate::notify::alert::Severity;
use crate::notify::{Alarm, Promises};
use crate::order;
use crate::outbound::{Limits, Outbound, Reach, SendError};
use crate::random::{Derived, Random};
use crate::store::{Db, Store, StoreError, apart};

/// What a refund worker works with.
pub struct Desk<'a> {
    /// The door.
    pub store: &'a Store,
    /// Tells now.
    pub clock: &'a dyn Clock,
    /// Makes nonces and ids.
    pub random: &'a dyn Random,
    /// The open accounts.
    pub accounts: &'a Accounts,
    /// Sends.
    pub outbound: &'a Outbound,
    /// Of this shop, as channels reach it; without a trailing `/`.
    pub base_url: &'a str,
    /// Who hears of it.
    pub promises: Promises,
}

/// Gaps between tries: the last one repeats.
const GAPS: [Millis; 7] = [
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    HOUR,
    6 * HOUR,
    24 * HOUR,
];
/// After so many tries a person looks (the refund goes on being asked about daily).
const TRIES_BEFORE_A_PERSON: i64 = 8;
/// No other node takes a claimed refund before this.
pub(super) const LEASE: Millis = 2 * MINUTE;

/// When a refund that this program failed at is taken on again.
const STUCK_FOR: Millis = 15 * MINUTE;

/// The accounts with refunds that are due.
pub async fn accounts_due(desk: &Desk<'_>) -> Result<Vec<AccountId>, StoreError> {
    let now = desk.clock.now();
    desk.store
        .read(move |db| store::accounts_due(db, now))
        .await
}

/// Takes refunds of an account that are due, up to `limit`.
pub async fn claim(
    desk: &Desk<'_>,
    account: &AccountId,
    limit: usize,
) -> Result<Vec<RefundId>, StoreError> {
    let (account, now) = (account.clone(), desk.clock.now());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    desk.store
        .write(move |db| store::claim_due(db, &account, now, LEASE, limit))
        .await
}

/// Sends or asks about a refund that was claimed. Whatever goes wrong, it is taken on again.
pub async fn take_on(desk: &Desk<'_>, id: RefundId) {
    let wanted = id.clone();
    let step = async {
        let refund = desk.store.read(move |db| store::by_id(db, &wanted)).await?;
        step(desk, refund).await
    };
    let Err(cause) = apart(step).await else {
        return;
    };
    tracing::error!(refund = %id, %cause, "a refund could not be taken on");
    if let Err(cause) = stuck(desk, &id).await {
        tracing::error!(refund = %id, %cause, "a refund could not be put off");
    }
}

/// A refund whose step fails in this program (a row that cannot be read, a posting that is
/// refused): it is tried again every quarter of an hour, and the owner is told once.
async fn stuck(desk: &Desk<'_>, id: &RefundId) -> Result<(), StoreError> {
    let (id, now, promises) = (id.clone(), desk.clock.now(), desk.promises);
    let seed: [u8; 32] = desk.random.bytes();
    desk.store
        .write(move |db| {
            store::put_off(db, &id, now + STUCK_FOR)?;
            let alarm = Alarm {
                kind: "refund_stuck",
                cause: &format!("refund_stuck/{id}"),
                severity: Severity::Critical,
                body: format!(
                    "Refund {id} cannot be taken on: the log of the process says why. It is \
                     tried again every quarter of an hour. Look into the channel's own console \
                     whether the money went back."
                ),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await
}

/// What a try found.
enum Outcome {
    Answer(RefundAnswer),
    Failed(Failure),
    /// Nothing left this machine.
    NotSent(String),
    /// Nobody answered, or nobody understood the answer.
    Silence(String),
    /// Nobody can be asked.
    Unaskable(&'static str),
}

async fn step(desk: &Desk<'_>, refund: Refund) -> Result<(), Error> {
    let was = refund.state;
    let account = desk
        .accounts
        .by_id(&refund.account_id)
        .filter(|a| a.facts.state != AccountState::Off);
    let (refunds, notify_url) = match account.as_deref().map(ways_back) {
        Some(Ok((refunds, facts))) => (refunds, facts.notify_url(desk.base_url)),
        Some(Err(why)) => return record(desk, refund, was, why).await,
        None => {
            let why = Outcome::NotSent("the account is off".into());
            return record(desk, refund, was, why).await;
        }
    };
    let outcome = if was == RefundState::Requested {
        Outcome::Answer(RefundAnswer::NotFound)
    } else {
        ask(desk, refunds, &refund, &notify_url).await?
    };
    if !matches!(outcome, Outcome::Answer(RefundAnswer::NotFound)) {
        return record(desk, refund, was, outcome).await;
    }
    let Some(refund) = write_down(desk, refund).await? else {
        return Ok(());
    };
    crate::fault::point("before_refund_send");
    let outcome = send(desk, refunds, &refund, &notify_url).await?;
    crate::fault::point("after_refund_send");
    record(desk, refund, was, outcome).await
}

/// The way back through an account, or why nothing can be sent there.
fn ways_back(account: &Account) -> Result<(&dyn Refunds, &Facts), Outcome> {
    match &account.channel {
        Ok(channel) => channel
            .refunds()
            .map(|refunds| (refunds, &account.facts))
            .ok_or(Outcome::Unaskable("the channel has no refunds by API")),
        Err(wrong) => Err(Outcome::NotSent(format!(
            "the account does not start: {wrong}"
        ))),
    }
}

/// Marks a refund as sent before it is: whatever happens now, it is asked about first. None =
/// somebody else has moved it.
async fn write_down(desk: &Desk<'_>, refund: Refund) -> Result<Option<Refund>, Error> {
    let was = refund.state;
    let until = Some(desk.clock.now() + LEASE);
    let unknown = Refund {
        state: RefundState::Unknown,
        next_check_at: until,
        held_until: until,
        ..refund
    };
    let row = unknown.clone();
    let moved = desk
        .store
        .write(move |db| store::update(db, &row, was))
        .await?;
    Ok(moved.then_some(unknown))
}

async fn send(
    desk: &Desk<'_>,
    refunds: &dyn Refunds,
    refund: &Refund,
    notify_url: &str,
) -> Result<Outcome, Error> {
    let charge = charge(desk, refund, notify_url).await?;
    Ok(match exchange(desk, &refunds.refund(&charge)).await {
        Ok(reply) => match refunds.read_refund(&charge, &reply) {
            Ok(answer) => Outcome::Answer(answer),
            Err(failure) => Outcome::Failed(failure),
        },
        Err(outcome) => outcome,
    })
}

async fn ask(
    desk: &Desk<'_>,
    refunds: &dyn Refunds,
    refund: &Refund,
    notify_url: &str,
) -> Result<Outcome, Error> {
    let charge = charge(desk, refund, notify_url).await?;
    let Some(request) = refunds.query_refund(&charge) else {
        return Ok(Outcome::Unaskable(
            "the channel cannot be asked about a refund whose answer was lost",
        ));
    };
    Ok(match exchange(desk, &request).await {
        Ok(reply) => match refunds.read_refund_query(&charge, &reply) {
            Ok(answer) => Outcome::Answer(answer),
            // A clear "it failed": it stays owed and is sent again (F33).
            Err(failure) if failure.nothing_made => Outcome::Failed(failure),
            Err(failure) => Outcome::Silence(failure.to_string()),
        },
        Err(outcome) => outcome,
    })
}

async fn exchange(desk: &Desk<'_>, request: &Request) -> Result<Reply, Outcome> {
    desk.outbound
        .send(request, Reach::Configured, Limits::default())
        .await
        .map_err(|error| match error {
            SendError::NotSent { .. } => Outcome::NotSent(error.to_string()),
            SendError::Unknown { .. } => Outcome::Silence(error.to_string()),
        })
}

async fn charge(desk: &Desk<'_>, refund: &Refund, notify_url: &str) -> Result<RefundCharge, Error> {
    let row = refund.clone();
    let (merchant_no, channel_trade_no, paid) = desk
        .store
        .read(move |db| store::attempt_numbers(db, &row))
        .await?;
    Ok(RefundCharge {
        merchant_no,
        channel_trade_no,
        refund_no: refund.merchant_refund_no.clone(),
        amount: refund.amount,
        paid,
        currency: refund.currency,
        notify_url: notify_url.to_owned(),
        now: desk.clock.now(),
        nonce: desk.random.bytes(),
    })
}

/// Writes what a try found, with everything that follows from it. `before` is where the refund
/// stood when the try began.
async fn record(
    desk: &Desk<'_>,
    refund: Refund,
    before: RefundState,
    outcome: Outcome,
) -> Result<(), Error> {
    let now = desk.clock.now();
    let seed: [u8; 32] = desk.random.bytes();
    let promises = desk.promises;
    let was = refund.state;
    let mut row = refund;
    row.tries += 1;
    row.changed_at = now;
    row.held_until = None;
    row.next_check_at = Some(now + gap(row.tries));
    let mut tell = None;
    let mut tried = TRIED;
    match outcome {
        Outcome::Answer(RefundAnswer::Done { channel_refund_no }) => {
            row.state = RefundState::Done;
            row.channel_refund_no = channel_refund_no.or(row.channel_refund_no);
            row.next_check_at = None;
        }
        Outcome::Answer(RefundAnswer::Pending) => row.state = RefundState::Pending,
        Outcome::Answer(RefundAnswer::NotFound) => {}
        Outcome::NotSent(why) => {
            // What an earlier try may have done is as unknown as before.
            row.state = before;
            row.failure = Some(why);
            tried = match before {
                RefundState::Requested => STUCK,
                _ => TRIED,
            };
        }
        Outcome::Silence(why) => row.failure = Some(why),
        Outcome::Failed(failure) => {
            row.failure = Some(failure.to_string());
            if failure.nothing_made {
                // A clear no: nothing went back. It stays owed, and a person is told; the next
                // try may find the balance filled again (F33).
                row.state = RefundState::Requested;
                tell = Some(REFUSED);
            }
        }
        Outcome::Unaskable(why) => {
            // It stays as it is, and owed, until a person has looked.
            row.failure = Some(why.to_owned());
            row.next_check_at = None;
            tell = Some(LOOK);
        }
    }
    if row.tries >= TRIES_BEFORE_A_PERSON && row.state != RefundState::Done {
        tell = Some(tried);
    }
    desk.store
        .write(move |db| -> Result<(), Error> {
            let random = Derived::from_seed(seed);
            let mut order = order::store::lock(db, &row.order_id)?;
            if !store::update(db, &row, was)? {
                return Ok(tell_too_late(db, &promises, &row, &random, now)?);
            }
            if let Some(what) = tell {
                tell_staff(db, &promises, &row, what, &random, now)?;
            }
            if row.state == RefundState::Done {
                ends::confirm(db, &promises, &mut order, &row, "system", &random, now)?;
            }
            Ok(())
        })
        .await
}

const REFUSED: &str = "The channel refuses the refund; it stays owed and is tried again. If it     never will do it, give it up with `vendgate case did-not-go-back --give-up`.";
const LOOK: &str = "Look into the channel's own console, then say what you found with \
    `vendgate case went-back` or `vendgate case did-not-go-back`.";
const STUCK: &str = "Nothing could be sent so far. Bring the account back; or pay it back by hand \
    in the channel's own console, then say so with `vendgate case went-back`.";
const TRIED: &str = "It has been tried many times; look into the channel's own console, then say \
    what you found with `vendgate case went-back` or `vendgate case did-not-go-back`.";

/// What a worker found, when a person has ended the refund meanwhile: money that went back
/// although it was given up must not be found only by the bills.
fn tell_too_late(
    db: &mut Db,
    promises: &Promises,
    row: &Refund,
    random: &dyn Random,
    now: Millis,
) -> Result<(), StoreError> {
    let went = matches!(row.state, RefundState::Done | RefundState::Pending);
    if !went || store::by_id(db, &row.id)?.state != RefundState::Failed {
        return Ok(());
    }
    let alarm = Alarm {
        kind: "refund_given_up",
        cause: &format!("refund_given_up/{}", row.id),
        severity: Severity::Critical,
        body: format!(
            "Refund {} was given up, but the channel says that it is {}. The books do not have \
             it. Refund nothing more for this order before you have looked in the channel's own \
             console.",
            row.merchant_refund_no, row.state
        ),
    };
    promises.alarm(db, random, alarm, now)
}

fn tell_staff(
    db: &mut Db,
    promises: &Promises,
    refund: &Refund,
    what: &str,
    random: &dyn Random,
    now: Millis,
) -> Result<(), StoreError> {
    let money = Money::new(refund.amount, refund.currency);
    let new = NewCase {
        kind: CaseKind::RefundFailed,
        cause: format!("refund/{}", refund.id),
        money,
        proposal: "investigate",
        summary: format!(
            "Refund {} of {} through {}: {}. {what}",
            refund.merchant_refund_no,
            money.display_with_code(),
            refund.account_id,
            refund.failure.as_deref().unwrap_or("no answer"),
        ),
        order_id: Some(refund.order_id.clone()),
        attempt_id: Some(refund.attempt_id.clone()),
        receipt_id: Some(refund.receipt_id.clone()),
        refund_id: Some(refund.id.clone()),
        account_id: Some(refund.account_id.clone()),
    };
    case::open(db, promises, new, random, now)?;
    Ok(())
}

/// When a refund that was tried so often is tried again.
pub(super) fn gap(tries: i64) -> Millis {
    let at = usize::try_from(tries.max(1) - 1).unwrap_or(0);
    GAPS.get(at).copied().unwrap_or(24 * HOUR)
}
