//! Sending refunds and asking about them until they are final.
//!
//! A refund is written down as *unknown* before it is sent. An unknown one is asked about first;
//! only when the channel says that it knows no such refund is it sent again, with its one
//! number. A channel that cannot be asked leaves an unknown refund to a person.

use serde_json::json;

use super::model::{Error, Grounds, Refund, RefundState};
use super::request::source_of;
use super::store;
use crate::account::{Account, AccountState, Accounts};
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Failure, RefundAnswer, RefundCharge};
use crate::clock::{Clock, HOUR, MINUTE, Millis, SECOND};
use crate::ids::JournalId;
use crate::ledger::{self, postings};
use crate::money::Money;
use crate::notify::Promises;
use crate::order::{self, Change, Event, State};
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

/// Sends or asks about refunds that are due; how many.
pub async fn send_due(desk: &Desk<'_>, limit: i64) -> Result<usize, Error> {
    let now = desk.clock.now();
    let due = desk
        .store
        .write(move |db| store::claim_due(db, now, LEASE, limit))
        .await?;
    let count = due.len();
    let steps = due.into_iter().map(|refund| async move {
        let id = refund.id.clone();
        // A refund that fails holds up no other.
        if let Err(cause) = apart(step(desk, refund)).await {
            tracing::error!(refund = %id, %cause, "a refund could not be taken on");
        }
    });
    futures_util::future::join_all(steps).await;
    Ok(count)
}

/// What a try found.
enum Outcome {
    Answer(RefundAnswer),
    Failed(Failure),
    /// Nothing left this machine, or nobody answered.
    Silence(String),
    /// Nobody can be asked.
    Unaskable(&'static str),
}

async fn step(desk: &Desk<'_>, refund: Refund) -> Result<(), Error> {
    let Some(account) = desk
        .accounts
        .by_id(&refund.account_id)
        .filter(|a| a.facts.state != AccountState::Off)
    else {
        return record(desk, refund, Outcome::Silence("the account is off".into())).await;
    };
    let asked_before = refund.state != RefundState::Requested;
    let mut outcome = if asked_before {
        ask(desk, &account, &refund).await?
    } else {
        Outcome::Answer(RefundAnswer::NotFound)
    };
    let mut refund = refund;
    if matches!(outcome, Outcome::Answer(RefundAnswer::NotFound)) {
        if refund.state == RefundState::Requested {
            let Some(written) = write_down(desk, &refund).await? else {
                return Ok(());
            };
            refund = written;
        }
        crate::fault::point("before_refund_send");
        outcome = send(desk, &account, &refund).await?;
        crate::fault::point("after_refund_send");
    }
    record(desk, refund, outcome).await
}

/// Marks a refund as sent before it is: whatever happens now, it is asked about first.
async fn write_down(desk: &Desk<'_>, refund: &Refund) -> Result<Option<Refund>, Error> {
    let mut unknown = refund.clone();
    unknown.state = RefundState::Unknown;
    unknown.next_check_at = Some(desk.clock.now() + LEASE);
    let (row, was) = (unknown.clone(), refund.state);
    let moved = desk
        .store
        .write(move |db| store::update(db, &row, was))
        .await?;
    Ok(moved.then_some(unknown))
}

async fn send(desk: &Desk<'_>, account: &Account, refund: &Refund) -> Result<Outcome, Error> {
    let Ok(channel) = &account.channel else {
        return Ok(Outcome::Silence("the account does not start".into()));
    };
    let Some(refunds) = channel.refunds() else {
        return Ok(Outcome::Unaskable("the channel has no refunds by API"));
    };
    let charge = charge(desk, refund).await?;
    let request = refunds.refund(&charge);
    Ok(
        match desk
            .outbound
            .send(&request, Reach::Configured, Limits::default())
            .await
        {
            Ok(reply) => match refunds.read_refund(&charge, &reply) {
                Ok(answer) => Outcome::Answer(answer),
                Err(failure) => Outcome::Failed(failure),
            },
            Err(silence) => Outcome::Silence(said(&silence)),
        },
    )
}

async fn ask(desk: &Desk<'_>, account: &Account, refund: &Refund) -> Result<Outcome, Error> {
    let Ok(channel) = &account.channel else {
        return Ok(Outcome::Silence("the account does not start".into()));
    };
    let Some(refunds) = channel.refunds() else {
        return Ok(Outcome::Unaskable("the channel has no refunds by API"));
    };
    let charge = charge(desk, refund).await?;
    let Some(request) = refunds.query_refund(&charge) else {
        return Ok(Outcome::Unaskable(
            "the channel cannot be asked about a refund whose answer was lost",
        ));
    };
    Ok(
        match desk
            .outbound
            .send(&request, Reach::Configured, Limits::default())
            .await
        {
            Ok(reply) => match refunds.read_refund_query(&charge, &reply) {
                Ok(answer) => Outcome::Answer(answer),
                // A clear "it failed": it stays owed and is sent again (F33).
                Err(failure) if failure.nothing_made => Outcome::Failed(failure),
                Err(failure) => Outcome::Silence(failure.to_string()),
            },
            Err(silence) => Outcome::Silence(said(&silence)),
        },
    )
}

fn said(error: &SendError) -> String {
    error.to_string()
}

async fn charge(desk: &Desk<'_>, refund: &Refund) -> Result<RefundCharge, Error> {
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
        now: desk.clock.now(),
        nonce: desk.random.bytes(),
    })
}

/// Writes what a try found, with everything that follows from it.
async fn record(desk: &Desk<'_>, refund: Refund, outcome: Outcome) -> Result<(), Error> {
    let now = desk.clock.now();
    let seed: [u8; 32] = desk.random.bytes();
    let promises = desk.promises;
    let was = refund.state;
    let mut row = refund;
    row.tries += 1;
    row.changed_at = now;
    let mut tell = None;
    match outcome {
        Outcome::Answer(RefundAnswer::Done { channel_refund_no }) => {
            row.state = RefundState::Done;
            row.channel_refund_no = channel_refund_no.or(row.channel_refund_no);
            row.next_check_at = None;
        }
        Outcome::Answer(RefundAnswer::Pending) => {
            row.state = RefundState::Pending;
            row.next_check_at = Some(now + gap(row.tries));
        }
        Outcome::Answer(RefundAnswer::NotFound) => {
            row.next_check_at = Some(now + gap(row.tries));
        }
        Outcome::Silence(why) => {
            row.failure = Some(why);
            row.next_check_at = Some(now + gap(row.tries));
        }
        Outcome::Failed(failure) => {
            row.failure = Some(failure.to_string());
            row.next_check_at = Some(now + gap(row.tries));
            if failure.nothing_made {
                // A clear no: nothing went back. It stays owed, and a person is told; the next
                // try may find the balance filled again (F33).
                row.state = RefundState::Requested;
                tell = Some("The channel refuses the refund; it stays owed and is tried again.");
            }
        }
        Outcome::Unaskable(why) => {
            // It stays unknown, and owed, until a person has looked.
            row.failure = Some(why.to_owned());
            row.next_check_at = None;
            tell = Some("Look into the channel's own console, then note the result on the case.");
        }
    }
    if row.tries >= TRIES_BEFORE_A_PERSON && row.state != RefundState::Done {
        tell = Some("It has been tried many times; look into the channel's own console.");
    }
    desk.store
        .write(move |db| -> Result<(), Error> {
            let random = Derived::from_seed(seed);
            if !store::update(db, &row, was)? {
                return Ok(());
            }
            if let Some(what) = tell {
                tell_staff(db, &promises, &row, what, &random, now)?;
            }
            if row.state == RefundState::Done {
                confirm(db, &promises, &row, &random, now)?;
            }
            Ok(())
        })
        .await
}

/// The channel confirmed: the books, the order, the buyer.
fn confirm(
    db: &mut Db,
    promises: &Promises,
    refund: &Refund,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    let mut order = order::store::lock(db, &refund.order_id)?;
    let refunded = postings::Refunded {
        refund: &refund.id,
        seller: &order.seller_id,
        money: Money::new(refund.amount, refund.currency),
    };
    let posting = postings::refund_confirmed(refunded, &refund.account_id)?;
    ledger::post(db, JournalId::new(now, random), &posting, now)?;
    crate::fault::point("after_refund_journal");
    if is_of_the_order(refund)? {
        order::store::add_refunded(db, &order.id, refund.amount.0)?;
    }
    if order.state == State::Refunding && is_of_the_order(refund)? {
        let detail = json!({"refund": refund.id, "amount": refund.amount});
        let done = Change::new(Event::RefundConfirmed, "system", detail);
        order::apply(db, &mut order, &[done], now)?;
    }
    case::store::close_of_refund(db, &refund.id, "refunded", now)?;
    promises.refunded(db, random, &order, &refund.id, now)?;
    Ok(())
}

/// Whether a refund gives back what its order cost, as opposed to money beside it (a second
/// payment, an excess, money held in a case).
fn is_of_the_order(refund: &Refund) -> Result<bool, StoreError> {
    use postings::RefundFrom::{Sales, SecondPayment, Unallocated, Unfulfilled};
    Ok(match source_of(refund)? {
        Unfulfilled | Sales => true,
        SecondPayment => false,
        Unallocated => [Grounds::Late, Grounds::NoStockLate]
            .iter()
            .any(|late| refund.reason.split('/').next() == Some(late.as_str())),
    })
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
