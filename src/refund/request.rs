//! Asking for a refund: a row, its acceptance in the books, and the guard on the receipt.

use super::model::{Error, Grounds, Refund, RefundState};
use super::store;
use crate::clock::Millis;
use crate::ids::{JournalId, OrderId, ReceiptId, RefundId, external_no};
use crate::ledger::{self, postings};
use crate::money::{Minor, Money};
use crate::order::Order;
use crate::random::Random;
use crate::store::Db;

/// A refund to write.
#[derive(Debug, Clone)]
pub struct NewRefund {
    /// The order it is for.
    pub order_id: OrderId,
    /// The money that goes back.
    pub receipt_id: ReceiptId,
    /// How much of it.
    pub amount: Minor,
    /// Why.
    pub grounds: Grounds,
    /// Where the books take it from.
    pub from: postings::RefundFrom,
    /// One refund for one cause: the same words find the first one.
    pub dedupe: String,
}

/// Writes a refund in the caller's transaction, which holds the order's lock. Asked twice for
/// one cause, it answers with the first (R041).
pub fn request(
    db: &mut Db,
    new: NewRefund,
    random: &dyn Random,
    now: Millis,
) -> Result<RefundId, Error> {
    if let Some(first) = store::by_dedupe(db, &new.dedupe)? {
        return Ok(first.id);
    }
    if new.amount <= Minor::ZERO {
        return Err(Error::Nothing);
    }
    let paid = store::paid(db, &new.receipt_id)?;
    let (Some(attempt_id), Some(payment_id)) = (paid.attempt_id, paid.payment_id) else {
        return Err(Error::NoWayBack);
    };
    if !store::take(db, &new.receipt_id, new.amount)? {
        return Err(Error::ExceedsPaid);
    }
    let row = Refund {
        id: RefundId::new(now, random),
        order_id: new.order_id,
        payment_id,
        receipt_id: new.receipt_id,
        attempt_id,
        account_id: paid.account_id,
        merchant_refund_no: external_no("RF", now, random),
        dedupe: new.dedupe,
        channel_refund_no: None,
        currency: paid.currency,
        amount: new.amount,
        state: RefundState::Requested,
        failure: None,
        tries: 0,
        created_at: now,
        changed_at: now,
        next_check_at: Some(now),
        grounds: new.grounds,
        source: new.from,
        held_until: None,
    };
    store::insert(db, &row)?;
    let refunded = postings::Refunded {
        refund: &row.id,
        seller: &paid.seller_id,
        money: Money::new(row.amount, row.currency),
    };
    if let Some(accepted) = postings::refund_accepted(refunded, new.from)? {
        ledger::post(db, JournalId::new(now, random), &accepted, now)?;
    }
    Ok(row.id)
}

/// Asks back what a paid order costs less what of it has left: `new.amount`, from what is owed
/// for undelivered goods. The rest was delivered and is booked as sold in the same write, because
/// nothing more of this order ever will be. The caller holds the order's lock.
pub fn request_rest(
    db: &mut Db,
    order: &Order,
    new: NewRefund,
    random: &dyn Random,
    now: Millis,
) -> Result<RefundId, Error> {
    let amount = new.amount;
    let id = request(db, new, random, now)?;
    let sold = sold_beside(order, amount)?;
    if sold > Minor::ZERO {
        let refunded = postings::Refunded {
            refund: &id,
            seller: &order.seller_id,
            money: Money::new(sold, order.currency),
        };
        let posting = postings::rest_sold(refunded)?;
        ledger::post(db, JournalId::new(now, random), &posting, now)?;
    }
    Ok(id)
}

/// What of an order stays sold when `amount` of it goes back: nothing, unless part of it has left.
pub(super) fn sold_beside(order: &Order, amount: Minor) -> Result<Minor, Error> {
    let sold = order.amount.minus(order.refunded_amount)?.minus(amount)?;
    if sold < Minor::ZERO {
        return Err(Error::ExceedsPaid);
    }
    Ok(sold)
}
