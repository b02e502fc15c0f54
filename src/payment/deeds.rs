//! What may be done about a money case: PURE. One place says yes, or no and what to do instead;
//! the command line shows its answers, and the writes ask it again under the locks.

use crate::case::CaseKind;
use crate::ids::text_enum;
use crate::money::{Minor, Money, MoneyError};
use crate::order::{Item, State};
use crate::refund::RefundState;

text_enum! {
    /// What a person can do about a case.
    pub enum Deed {
        /// Hand the goods out.
        Deliver = "deliver",
        /// Send the money back.
        Refund = "refund",
        /// Say that a refund went back.
        WentBack = "went-back",
        /// Say that it did not, and have it sent again.
        DidNotGoBack = "did-not-go-back",
        /// Say that it did not, and give it up.
        GiveUp = "give-up",
        /// Put the case away.
        Close = "close",
    }
}

/// The order of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderFacts {
    /// Where it stands.
    pub state: State,
    /// What it costs.
    pub amount: Money,
    /// Whether it has been paid.
    pub paid: bool,
    /// What could go back of it: [`undelivered`].
    pub undelivered: Minor,
}

/// What a case stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseFacts {
    /// Why it was opened.
    pub kind: CaseKind,
    /// Whether it still is open.
    pub open: bool,
    /// Its order, if it has one.
    pub order: Option<OrderFacts>,
    /// What of its own money lies with the shop without an order: none, for a case that is not
    /// about money of its own.
    pub held: Option<Money>,
    /// The refund that is to settle it.
    pub refund: Option<RefundState>,
    /// Whether a worker has that refund in hand just now.
    pub sending: bool,
}

/// What of a paid order was not delivered and has not gone back, at the prices it was bought at:
/// what it cost, less what left, so that the two parts make the whole also after a discount.
/// Nothing, if what left is worth more than was paid.
pub fn undelivered(amount: Minor, refunded: Minor, items: &[Item]) -> Result<Minor, MoneyError> {
    let mut left = Minor::ZERO;
    for item in items {
        left = left.plus(item.unit_price.times(item.delivered)?)?;
    }
    let open = amount.minus(refunded)?;
    Ok(amount.minus(left)?.min(open).max(Minor::ZERO))
}

impl CaseFacts {
    /// Every deed there is now.
    pub fn deeds(&self) -> Vec<Deed> {
        let all = Deed::ALL.iter().copied();
        all.filter(|deed| self.allows(*deed).is_ok()).collect()
    }

    /// Whether this may be done now; `Err` says why not, and what may.
    pub fn allows(&self, deed: Deed) -> Result<(), &'static str> {
        if !self.open {
            return Err("the case is closed");
        }
        match deed {
            Deed::Deliver => self.allows_delivery(),
            Deed::Refund => self.allows_refund(),
            Deed::WentBack => self.has_open_refund(),
            Deed::DidNotGoBack | Deed::GiveUp => {
                self.has_open_refund()?;
                match self.refund {
                    Some(RefundState::Pending) => Err(
                        "the channel works on this refund: wait for its end, or say `case went-back`",
                    ),
                    _ => Ok(()),
                }
            }
            Deed::Close => self.allows_close(),
        }
    }

    fn refund_is_open(&self) -> bool {
        self.refund.is_some_and(|state| !state.is_final())
    }

    fn has_open_refund(&self) -> Result<(), &'static str> {
        match self.refund {
            None => Err("no refund of this case is on its way"),
            Some(state) if state.is_final() => Err("the refund of this case has ended already"),
            Some(_) if self.sending => {
                Err("the refund is being sent right now: look again in two minutes")
            }
            Some(_) => Ok(()),
        }
    }

    fn allows_delivery(&self) -> Result<(), &'static str> {
        let order = self.order.ok_or("the case has no order")?;
        if self.refund_is_open() {
            return Err("the money is on its way back");
        }
        let Some(held) = self.held else {
            return match order.state.owes_goods() {
                true => Ok(()),
                false => Err("the order owes no goods"),
            };
        };
        let payable = matches!(
            order.state,
            State::PendingPayment | State::Expired | State::Cancelled
        );
        if held.amount <= Minor::ZERO {
            Err("no money of this case is left to pay the order")
        } else if self.kind == CaseKind::Unmatched {
            Err("the channel has given this money back: refund it with `case refund`")
        } else if order.paid || !payable {
            Err("the order is paid already: refund this money with `case refund`")
        } else if held.currency != order.amount.currency {
            Err("the money is in another currency: refund it with `case refund`")
        } else if held.amount < order.amount.amount {
            Err("less came than the order costs: refund it, and let the buyer order again")
        } else {
            Ok(())
        }
    }

    fn allows_refund(&self) -> Result<(), &'static str> {
        let order = self.order.ok_or("the case has no order")?;
        if self.refund_is_open() {
            return Err("a refund is on its way already");
        }
        match self.held {
            Some(held) if held.amount > Minor::ZERO => Ok(()),
            None if self.kind == CaseKind::NoStock && order.state.owes_goods() => {
                match order.undelivered > Minor::ZERO {
                    true => Ok(()),
                    false => Err("what was delivered is worth all that was paid"),
                }
            }
            _ => Err("no money of this case is left to refund"),
        }
    }

    fn allows_close(&self) -> Result<(), &'static str> {
        if self.refund_is_open() {
            return Err(
                "its refund has not ended: the case closes when it does; say `case went-back` or \
                 `case did-not-go-back` if you know more than the channel tells",
            );
        }
        // Money that belongs to no order stays in the books, and is settled with the channel's bill.
        if self.order.is_some() && self.held.is_some_and(|held| held.amount > Minor::ZERO) {
            return Err(
                "its money is neither delivered for nor on its way back: use `case deliver` or \
                 `case refund`",
            );
        }
        let owes = self
            .order
            .is_some_and(|order| order.state.owes_goods() && order.undelivered > Minor::ZERO);
        if self.kind == CaseKind::NoStock && owes {
            return Err("goods are still owed: use `case deliver` or `case refund`");
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "deeds_tests.rs"]
mod tests;
