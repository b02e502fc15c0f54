//! How a refund ends: the money went back, or it did not.
//!
//! It ends once. Whoever learns of an end (the channel's answer, a person who looked into the
//! channel's console) moves the row with a guard on where it stood, and only the one whose guard
//! held does what follows: the books, the order, the cases, the buyer. Everybody locks the order
//! before the refund.

use serde_json::json;

use super::model::{Error, Refund, RefundState};
use super::store;
use crate::case;
use crate::clock::Millis;
use crate::ids::{JournalId, RefundId};
use crate::ledger::{self, Op, SourceKind, postings};
use crate::money::{Minor, Money};
use crate::notify::Promises;
use crate::order::{self, Change, Event, Order, State};
use crate::random::Random;
use crate::store::{Db, StoreError};

/// What a person found in the channel's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The money went back.
    WentBack,
    /// It did not: the refund is sent again with its one number.
    NotYet,
    /// It did not, and this refund is given up: the money waits for another decision.
    Never,
}

/// Ends a refund, or has it sent again, as a person found. The caller has locked its order, and
/// writes down who said so. A refund that ended before, or that a worker has in hand, is
/// refused and stays as it is.
pub fn found(
    db: &mut Db,
    promises: &Promises,
    order: &mut Order,
    id: &RefundId,
    (found, actor): (Found, &str),
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    let mut row = store::lock(db, id)?;
    let was = row.state;
    if was.is_final() {
        return Err(Error::Ended);
    }
    if row.is_held(now) {
        return Err(Error::Held);
    }
    row.changed_at = now;
    match found {
        Found::WentBack => row.state = RefundState::Done,
        // What the channel works on may still go back: nobody may decide about the money again.
        Found::Never | Found::NotYet if was == RefundState::Pending => return Err(Error::Pending),
        Found::Never => row.state = RefundState::Failed,
        Found::NotYet => row.state = RefundState::Requested,
    }
    row.next_check_at = (!row.state.is_final()).then_some(now);
    if !store::update(db, &row, was)? {
        return Err(Error::Ended);
    }
    match found {
        Found::WentBack => confirm(db, promises, order, &row, actor, random, now),
        Found::Never => refuse(db, order, &row, actor, random, now),
        Found::NotYet => Ok(()),
    }
}

/// The money went back: the books, the order, the cases, the buyer. The caller has locked the
/// order and moved the refund to `done`.
pub(super) fn confirm(
    db: &mut Db,
    promises: &Promises,
    order: &mut Order,
    refund: &Refund,
    actor: &str,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    let posting = postings::refund_confirmed(booked(order, refund), &refund.account_id)?;
    ledger::post(db, JournalId::new(now, random), &posting, now)?;
    crate::fault::point("after_refund_journal");
    if refund.is_of_the_order() {
        order::store::add_refunded(db, &order.id, refund.amount.0)?;
        if order.state == State::Refunding {
            move_on(db, order, refund, Event::RefundConfirmed, actor, now)?;
        }
    }
    case::store::close_of_refund(db, &refund.id, "refunded", now)?;
    promises.refunded(db, random, order, &refund.id, now)?;
    Ok(())
}

/// The money did not go back and will not by this refund: its acceptance is undone, with the sale
/// that was booked beside it; the receipt and the order stand where they stood before, and the
/// case of the money is open for another decision.
fn refuse(
    db: &mut Db,
    order: &mut Order,
    refund: &Refund,
    actor: &str,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    let mut undo = vec![postings::refund_refused(
        booked(order, refund),
        refund.source,
    )?];
    if let Some(sold) = sold_beside(db, refund)? {
        let money = Money::new(sold, refund.currency);
        let refunded = postings::Refunded {
            money,
            ..booked(order, refund)
        };
        undo.push(postings::rest_unsold(refunded)?);
    }
    for posting in &undo {
        ledger::post(db, JournalId::new(now, random), posting, now)?;
    }
    store::untake(db, &refund.receipt_id, refund.amount)?;
    if refund.is_of_the_order() && order.state == State::Refunding {
        move_on(db, order, refund, Event::RefundRefused, actor, now)?;
    }
    let how = format!("refund {} was given up", refund.merchant_refund_no);
    case::store::decide_again(db, &refund.id, &how, now)?;
    Ok(())
}

fn booked<'a>(order: &'a Order, refund: &'a Refund) -> postings::Refunded<'a> {
    postings::Refunded {
        refund: &refund.id,
        seller: &order.seller_id,
        money: Money::new(refund.amount, refund.currency),
    }
}

/// What was booked as sold beside a refund, as the journal has it.
fn sold_beside(db: &mut Db, refund: &Refund) -> Result<Option<Minor>, StoreError> {
    let history = ledger::history(db, SourceKind::Refund, refund.id.as_str())?;
    let sold = history
        .into_iter()
        .find(|(row, _)| row.op == Op::Sold.as_str());
    Ok(sold
        .and_then(|(_, entries)| entries.first().map(|entry| entry.amount))
        .map(Minor))
}

fn move_on(
    db: &mut Db,
    order: &mut Order,
    refund: &Refund,
    event: Event,
    actor: &str,
    now: Millis,
) -> Result<(), Error> {
    let detail = json!({"refund": refund.id, "amount": refund.amount});
    order::apply(db, order, &[Change::new(event, actor, detail)], now)?;
    Ok(())
}
