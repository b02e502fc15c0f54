//! Sending the money of a case back.

use serde_json::json;

use super::deeds::CaseFacts;
use super::model::{Error, Receipt};
use super::store;
use super::why::Why;
use crate::case::{self, CaseKind, MoneyCase};
use crate::clock::Millis;
use crate::ids::{ReceiptId, RefundId};
use crate::ledger::postings::RefundFrom;
use crate::ledger::{self, Account, SourceKind};
use crate::money::Minor;
use crate::order::{self, Change, Event, Order, State};
use crate::random::Random;
use crate::refund::{self, Grounds, NewRefund, RefundState};
use crate::store::{Db, StoreError};

/// Refunds what a case is about: the money it holds, or what of a paid order was not delivered.
/// The caller has asked [`CaseFacts::allows`] under the order's lock.
pub(super) fn send_back(
    db: &mut Db,
    found: &MoneyCase,
    facts: &CaseFacts,
    order: &mut Order,
    actor: &str,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    let dedupe = cause(db, found, order)?;
    let new = |receipt_id, amount, grounds, from| NewRefund {
        order_id: order.id.clone(),
        receipt_id,
        amount,
        grounds,
        from,
        dedupe,
    };
    let ended = matches!(order.state, State::Expired | State::Cancelled);
    let (refund, amount, of_the_order) = match (&found.receipt_id, facts.held) {
        (Some(receipt), Some(held)) => {
            // Late money is the whole price of its order: it goes the way late money goes.
            let whole = found.kind == CaseKind::Late && ended;
            let grounds = if whole { Grounds::Late } else { Grounds::Staff };
            let new = new(
                receipt.clone(),
                held.amount,
                grounds,
                RefundFrom::Unallocated,
            );
            let refund = refund::request(db, new, random, now)?;
            (refund, held.amount, whole)
        }
        _ if order.amount == Minor::ZERO => {
            return end_free(db, order, actor, json!({"case": found.id}), now);
        }
        _ => {
            let amount = facts.order.map_or(Minor::ZERO, |order| order.undelivered);
            let receipt = that_paid(db, order)?;
            let new = new(receipt.id, amount, Grounds::Staff, RefundFrom::Unfulfilled);
            let refund = refund::request_rest(db, order, new, random, now)?;
            (refund, amount, true)
        }
    };
    case::store::link_refund(db, &found.id, &refund)?;
    if of_the_order {
        let detail = json!({"refund": refund, "case": found.id, "amount": amount});
        let asked = Change::new(Event::RefundAsked, actor, detail);
        order::apply(db, order, &[asked], now)?;
    }
    Ok(())
}

/// Refunds what is held beyond the price of an order that this money has paid after all.
pub(super) fn send_excess_back(
    db: &mut Db,
    found: &MoneyCase,
    receipt: &ReceiptId,
    order: &Order,
    excess: Minor,
    random: &dyn Random,
    now: Millis,
) -> Result<RefundId, Error> {
    let new = NewRefund {
        order_id: order.id.clone(),
        receipt_id: receipt.clone(),
        amount: excess,
        grounds: Grounds::Over,
        from: RefundFrom::Unallocated,
        dedupe: cause(db, found, order)?,
    };
    let refund = refund::request(db, new, random, now)?;
    case::store::link_refund(db, &found.id, &refund)?;
    Ok(refund)
}

/// One refund for one decision: two hands on one case ask for the same one, and only after a
/// refund was given up is the next decision another one.
fn cause(db: &mut Db, found: &MoneyCase, order: &Order) -> Result<String, StoreError> {
    let refunds = refund::store::of_order(db, &order.id)?;
    let given_up = refunds
        .iter()
        .filter(|refund| refund.state == RefundState::Failed)
        .count();
    Ok(format!("case/{}/{given_up}", found.id))
}

/// Ends an order of nothing whose goods will not come: no money moves, what it held is free again,
/// and its case is closed.
pub(super) fn end_free(
    db: &mut Db,
    order: &mut Order,
    actor: &str,
    detail: serde_json::Value,
    now: Millis,
) -> Result<(), Error> {
    let ends = [Event::RefundAsked, Event::RefundConfirmed]
        .map(|event| Change::new(event, actor, detail.clone()));
    order::apply(db, order, &ends, now)?;
    let cause = format!("no_stock/{}", order.id);
    Ok(case::store::close_cause(
        db,
        &cause,
        "ended, nothing was paid",
        now,
    )?)
}

/// The receipt whose money pays an order: the one that the book gave to it.
pub(super) fn that_paid(db: &mut Db, order: &Order) -> Result<Receipt, Error> {
    let receipts = store::receipts_of(db, &order.id)?;
    let ids: Vec<String> = receipts
        .iter()
        .map(|receipt| receipt.id.0.clone())
        .collect();
    let given = ledger::moved(db, SourceKind::Receipt, &ids, &Account::OrderUnfulfilled)?;
    receipts
        .into_iter()
        .find(|receipt| {
            given
                .get(receipt.id.as_str())
                .is_some_and(|given| *given > 0)
        })
        .ok_or(Error::NotPossible(Why::NoMoneyCame))
}
