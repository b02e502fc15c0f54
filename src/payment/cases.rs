//! What staff can do about a money case: deliver, refund, note, close.

use std::sync::Arc;

use serde_json::json;

use super::fulfil;
use super::model::{Error, ReceiptKind};
use super::store;
use super::till::Till;
use crate::case::{self, MoneyCase};
use crate::ids::{CaseId, NoteId};
use crate::ledger::{self, postings};
use crate::money::{Minor, Money};
use crate::order::{self, Change, Event, State};
use crate::refund::{self, Grounds, NewRefund};

/// What staff decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseAction {
    /// Hand the goods out for the money that came.
    Deliver,
    /// Send the money back.
    Refund,
    /// Nothing more is to be done, because of this.
    Close(String),
}

/// Acts on an open case as `actor` (`staff:…`), with a note; returns the case as it is then.
pub async fn act(
    till: &Till,
    id: &CaseId,
    action: CaseAction,
    actor: &str,
    note: &str,
) -> Result<MoneyCase, Error> {
    let (id, actor, note) = (id.clone(), actor.to_owned(), note.to_owned());
    let (seed, now) = (till.seed(), till.clock.now());
    let (sealer, promises) = (Arc::clone(&till.sealer), till.promises());
    till.store
        .write(move |db| -> Result<MoneyCase, Error> {
            let random = seed.random();
            let found = case::store::by_id(db, &id)?.ok_or(Error::Unknown)?;
            if found.state != "open" {
                return Err(Error::NotPossible("the case is closed"));
            }
            if !note.is_empty() {
                let note_id = NoteId::new(now, &random);
                case::store::add_note(db, &note_id, &id, &actor, &note, now)?;
            }
            match &action {
                CaseAction::Close(why) => {
                    case::store::close(db, &id, why, now)?;
                }
                CaseAction::Refund => {
                    send_back(db, &found, &actor, &random, now)?;
                }
                CaseAction::Deliver => {
                    let order_id = found
                        .order_id
                        .clone()
                        .ok_or(Error::NotPossible("the case has no order"))?;
                    let mut order = order::store::lock(db, &order_id)?;
                    let before = allocate(db, &found, &order, &actor, &random, now)?;
                    let handed = fulfil::hand_out(db, &sealer, &random, &order_id, now)?;
                    if handed.by_hand > 0 {
                        return Err(Error::NotPossible("these goods are delivered by a person"));
                    }
                    if handed.now == 0 || (!before.is_empty() && handed.missing > 0) {
                        return Err(Error::NotPossible("not enough is in stock to deliver"));
                    }
                    fulfil::record(db, &promises, &random, &mut order, before, handed, now)?;
                    if order.state == State::Delivered {
                        case::store::close(db, &id, "delivered", now)?;
                    }
                }
            }
            case::store::by_id(db, &id)?.ok_or(Error::Unknown)
        })
        .await
}

/// Gives held money to its order, so that goods may leave; the changes to take first.
fn allocate(
    db: &mut crate::store::Db,
    found: &MoneyCase,
    order: &order::Order,
    actor: &str,
    random: &dyn crate::random::Random,
    now: i64,
) -> Result<Vec<Change>, Error> {
    if order.state.owes_goods() {
        return Ok(Vec::new());
    }
    let payable = matches!(
        order.state,
        State::PendingPayment | State::Expired | State::Cancelled
    );
    let receipt_id = found
        .receipt_id
        .clone()
        .filter(|_| payable && found.refund_id.is_none())
        .ok_or(Error::NotPossible(
            "this money cannot pay its order any more",
        ))?;
    let receipt = store::receipt(db, &receipt_id)?;
    if receipt.currency != order.currency || receipt.kind == ReceiptKind::WrongCurrency {
        return Err(Error::NotPossible("the money is in another currency"));
    }
    if receipt.refunding > Minor::ZERO {
        return Err(Error::NotPossible("the money is on its way back"));
    }
    let attempt_id = receipt.attempt_id.clone().ok_or(Error::Unknown)?;
    let attempt = store::attempt(db, &attempt_id)?;
    if store::lock_part(db, &attempt.payment_id, &attempt.part_id)? {
        return Err(Error::NotPossible("the order is paid already"));
    }
    if receipt.amount < order.amount {
        return Err(Error::NotPossible(
            "less came than the order costs: refund it, and let the buyer order again",
        ));
    }
    let received = postings::Received {
        receipt: &receipt.id,
        seller: &receipt.seller_id,
        account: &receipt.account_id,
        money: Money::new(receipt.amount, receipt.currency),
    };
    let posting = postings::allocate(received, order.amount)?;
    ledger::post(db, fulfil::random_journal(now, random), &posting, now)?;
    store::capture_part(db, &attempt.payment_id, &attempt.part_id, order.amount)?;
    let detail = json!({"receipt": receipt.id, "case": found.id, "amount": receipt.amount});
    Ok(vec![Change::new(Event::PaymentCaptured, actor, detail)])
}

/// Refunds what a case is about.
fn send_back(
    db: &mut crate::store::Db,
    found: &MoneyCase,
    actor: &str,
    random: &dyn crate::random::Random,
    now: i64,
) -> Result<(), Error> {
    if found.refund_id.is_some() {
        return Err(Error::NotPossible("a refund is on its way already"));
    }
    let order_id = found
        .order_id
        .clone()
        .ok_or(Error::NotPossible("the case has no order"))?;
    let mut order = order::store::lock(db, &order_id)?;
    let (receipt, amount, from) = match &found.receipt_id {
        // Held money that pays nothing.
        Some(id) => {
            let receipt = store::receipt(db, id)?;
            let left = receipt.amount.minus(receipt.refunding)?;
            (receipt, left, postings::RefundFrom::Unallocated)
        }
        // A paid order that cannot be delivered goes back whole.
        None if order.state.owes_goods() => {
            if order.state == State::PartiallyDelivered {
                return Err(Error::NotPossible(
                    "part of the order is delivered: deliver the rest",
                ));
            }
            let receipt = store::receipts_of(db, &order_id)?
                .into_iter()
                .find(|r| {
                    matches!(
                        r.kind,
                        ReceiptKind::Captured | ReceiptKind::Over | ReceiptKind::Late
                    )
                })
                .ok_or(Error::NotPossible("no money came for this order"))?;
            (receipt, order.amount, postings::RefundFrom::Unfulfilled)
        }
        None => return Err(Error::NotPossible("no money is left to refund")),
    };
    let refund = refund::request(
        db,
        NewRefund {
            order_id,
            receipt_id: receipt.id.clone(),
            amount,
            grounds: Grounds::Staff,
            from,
            dedupe: format!("case/{}", found.id),
        },
        random,
        now,
    )?;
    case::store::link_refund(db, &found.id, &refund)?;
    if from == postings::RefundFrom::Unfulfilled {
        let detail = json!({"refund": refund, "case": found.id, "amount": amount});
        let asked = Change::new(Event::RefundAsked, actor, detail);
        order::apply(db, &mut order, &[asked], now)?;
    }
    Ok(())
}

/// Adds a note to a case, open or closed.
pub async fn add_note(till: &Till, id: &CaseId, actor: &str, body: &str) -> Result<(), Error> {
    let (id, actor, body) = (id.clone(), actor.to_owned(), body.to_owned());
    let now = till.clock.now();
    let note_id = NoteId::new(now, &*till.random);
    till.store
        .write(move |db| -> Result<(), Error> {
            case::store::by_id(db, &id)?.ok_or(Error::Unknown)?;
            Ok(case::store::add_note(
                db, &note_id, &id, &actor, &body, now,
            )?)
        })
        .await
}
