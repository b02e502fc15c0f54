//! One function per transaction of spec/ledger.md 4.3. Pure: facts in, a balanced posting out.

use super::model::{Account, Error, Leg, Op, Posting, SourceKind};
use crate::ids::{AccountId, OrderId, ReceiptId, RefundId, SellerId, text_enum};
use crate::money::{Minor, Money, Rate, Rounding};

/// Confirmed money, as far as the books care.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The receipt.
    pub receipt: &'a ReceiptId,
    /// Whose sale it is.
    pub seller: &'a SellerId,
    /// The channel account it lies at.
    pub account: &'a AccountId,
    /// What came.
    pub money: Money,
}

impl Received<'_> {
    fn charge(&self, template: &'static str, owed: Account) -> Result<Posting, Error> {
        let key = (SourceKind::Receipt, self.receipt.as_str(), Op::Charge);
        let clearing = Account::Clearing(self.account.clone());
        let legs = vec![
            Leg::debit(clearing, self.money),
            Leg::credit(owed, self.money),
        ];
        Posting::new(key, template, self.seller, legs)
    }
}

/// J01: money for an order that waits for it.
pub fn charge(received: Received<'_>) -> Result<Posting, Error> {
    received.charge("J01", Account::OrderUnfulfilled)
}

/// J54: an order was paid a second time; the buyer is owed it from this moment, so the refund
/// that follows is accepted without a posting ([`RefundFrom::SecondPayment`]).
pub fn second_payment(received: Received<'_>) -> Result<Posting, Error> {
    received.charge("J54", Account::RefundPayable)
}

/// J56: money that no order waits for (late, short, over, wrong currency, unmatched).
pub fn unallocated_payment(received: Received<'_>) -> Result<Posting, Error> {
    received.charge("J56", Account::Unallocated)
}

/// J02: what the channel keeps, `rate × money` half-up plus `fixed`; none if that is nothing.
pub fn fee(received: Received<'_>, rate: Rate, fixed: Minor) -> Result<Option<Posting>, Error> {
    let Money { amount, currency } = received.money;
    let fee = rate.of(amount, Rounding::HalfUp)?.plus(fixed)?;
    if fee == Minor::ZERO {
        return Ok(None);
    }
    let fee = Money::new(fee, currency);
    let key = (SourceKind::Receipt, received.receipt.as_str(), Op::Fee);
    let legs = vec![
        Leg::debit(Account::ChannelFee(received.account.clone()), fee),
        Leg::credit(Account::Clearing(received.account.clone()), fee),
    ];
    Posting::new(key, "J02", received.seller, legs).map(Some)
}

/// J56a: `amount` of an unallocated receipt pays an order after all. Once per receipt.
pub fn allocate(received: Received<'_>, amount: Minor) -> Result<Posting, Error> {
    let money = Money::new(amount, received.money.currency);
    let key = (SourceKind::Receipt, received.receipt.as_str(), Op::Allocate);
    let legs = vec![
        Leg::debit(Account::Unallocated, money),
        Leg::credit(Account::OrderUnfulfilled, money),
    ];
    Posting::new(key, "J56a", received.seller, legs)
}

/// J37: the shop's own goods are out, or as much of them as ever will be. `money` is what the
/// order was paid less what was refunded of it before; an order of nothing has no posting.
pub fn deliver(order: &OrderId, seller: &SellerId, money: Money) -> Result<Posting, Error> {
    let key = (SourceKind::Order, order.as_str(), Op::Deliver);
    let legs = vec![
        Leg::debit(Account::OrderUnfulfilled, money),
        Leg::credit(Account::Sales, money),
    ];
    Posting::new(key, "J37", seller, legs)
}

text_enum! {
    /// Where the money of a refund comes from.
    pub enum RefundFrom {
        /// The order is paid and not (wholly) delivered: `liab:order_unfulfilled`.
        Unfulfilled = "unfulfilled",
        /// The order is delivered: `rev:sales`.
        Sales = "sales",
        /// The money has no order: `liab:unallocated`.
        Unallocated = "unallocated",
        /// J54 owes it already: nothing moves when the refund is accepted.
        SecondPayment = "second_payment",
    }
}

/// A refund, as far as the books care.
#[derive(Debug, Clone, Copy)]
pub struct Refunded<'a> {
    /// The refund.
    pub refund: &'a RefundId,
    /// Whose sale it was.
    pub seller: &'a SellerId,
    /// What goes back.
    pub money: Money,
}

impl Refunded<'_> {
    fn posting(
        &self,
        op: Op,
        template: &'static str,
        debit: Account,
        credit: Account,
    ) -> Result<Posting, Error> {
        let key = (SourceKind::Refund, self.refund.as_str(), op);
        let legs = vec![
            Leg::debit(debit, self.money),
            Leg::credit(credit, self.money),
        ];
        Posting::new(key, template, self.seller, legs)
    }
}

/// J41 (not delivered), J13 (delivered, own goods), J57 (unallocated): a refund is accepted in
/// the transaction that writes its row. None for a second payment, whose J54 did it.
pub fn refund_accepted(refunded: Refunded<'_>, from: RefundFrom) -> Result<Option<Posting>, Error> {
    let (template, source) = match from {
        RefundFrom::Unfulfilled => ("J41", Account::OrderUnfulfilled),
        RefundFrom::Sales => ("J13", Account::Sales),
        RefundFrom::Unallocated => ("J57", Account::Unallocated),
        RefundFrom::SecondPayment => return Ok(None),
    };
    refunded
        .posting(Op::Accept, template, source, Account::RefundPayable)
        .map(Some)
}

/// J14, J55, J58: the channel confirmed a refund, whatever it was for.
pub fn refund_confirmed(refunded: Refunded<'_>, account: &AccountId) -> Result<Posting, Error> {
    let clearing = Account::Clearing(account.clone());
    refunded.posting(Op::Confirm, "J14", Account::RefundPayable, clearing)
}

/// J13r, J41r, J57r: the channel refused a refund for good, so its acceptance is undone. Money
/// of a second payment (J54r) goes to `liab:unallocated`, where a person decides; a later refund
/// of it is [`RefundFrom::Unallocated`].
pub fn refund_refused(refunded: Refunded<'_>, from: RefundFrom) -> Result<Posting, Error> {
    let (template, back) = match from {
        RefundFrom::Unfulfilled => ("J41r", Account::OrderUnfulfilled),
        RefundFrom::Sales => ("J13r", Account::Sales),
        RefundFrom::Unallocated => ("J57r", Account::Unallocated),
        RefundFrom::SecondPayment => ("J54r", Account::Unallocated),
    };
    refunded.posting(Op::Refuse, template, Account::RefundPayable, back)
}

/// J37 beside J41: the undelivered rest of an order goes back, so what was delivered of it
/// (`refunded.money`) is sold for good. It belongs to the refund and not to the order, because a
/// refund that is refused in the end takes it with it ([`rest_unsold`]), and the order may still
/// be delivered whole, with its one accrual ([`deliver`]).
pub fn rest_sold(refunded: Refunded<'_>) -> Result<Posting, Error> {
    refunded.posting(Op::Sold, "J37", Account::OrderUnfulfilled, Account::Sales)
}

/// J37r: the refund beside [`rest_sold`] was refused for good, so the whole order is owed again.
pub fn rest_unsold(refunded: Refunded<'_>) -> Result<Posting, Error> {
    refunded.posting(
        Op::Unsold,
        "J37r",
        Account::Sales,
        Account::OrderUnfulfilled,
    )
}

#[cfg(test)]
#[path = "postings_tests.rs"]
mod tests;
