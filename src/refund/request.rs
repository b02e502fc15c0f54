//! Asking for a refund: a row, its acceptance in the books, and the guard on the receipt.

use super::model::{Error, Grounds, Refund, RefundState};
use super::store;
use crate::clock::Millis;
use crate::ids::{JournalId, OrderId, ReceiptId, RefundId, external_no};
use crate::ledger::{self, postings};
use crate::money::{Minor, Money};
use crate::random::Random;
use crate::store::{Db, StoreError};

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
        reason: format!("{}/{}", new.grounds, source_word(new.from)),
        failure: None,
        tries: 0,
        created_at: now,
        changed_at: now,
        next_check_at: Some(now),
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

/// How the row remembers where the books took it from.
fn source_word(from: postings::RefundFrom) -> &'static str {
    match from {
        postings::RefundFrom::Unfulfilled => "unfulfilled",
        postings::RefundFrom::Sales => "sales",
        postings::RefundFrom::Unallocated => "unallocated",
        postings::RefundFrom::SecondPayment => "second_payment",
    }
}

/// Where the books took a refund from.
pub(super) fn source_of(refund: &Refund) -> Result<postings::RefundFrom, StoreError> {
    match refund.reason.split_once('/').map(|(_, word)| word) {
        Some("unfulfilled") => Ok(postings::RefundFrom::Unfulfilled),
        Some("sales") => Ok(postings::RefundFrom::Sales),
        Some("unallocated") => Ok(postings::RefundFrom::Unallocated),
        Some("second_payment") => Ok(postings::RefundFrom::SecondPayment),
        _ => Err(StoreError::corrupt(format!(
            "refund {} does not say where it came from",
            refund.id
        ))),
    }
}
