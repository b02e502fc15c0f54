//! What may be done about a money case: PURE. One place says yes, or no and what to do instead;
//! the command line shows its answers, and the writes ask it again under the locks.

use super::why::Why;
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

impl OrderFacts {
    /// Whether there never was anything to pay.
    pub fn is_free(&self) -> bool {
        self.amount.amount == Minor::ZERO
    }
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
    pub fn allows(&self, deed: Deed) -> Result<(), Why> {
        if !self.open {
            return Err(Why::CaseClosed);
        }
        match deed {
            Deed::Deliver => self.allows_delivery(),
            Deed::Refund => self.allows_refund(),
            Deed::WentBack => self.has_open_refund(),
            Deed::DidNotGoBack | Deed::GiveUp => {
                self.has_open_refund()?;
                match self.refund {
                    Some(RefundState::Pending) => Err(Why::ChannelWorks),
                    _ => Ok(()),
                }
            }
            Deed::Close => self.allows_close(),
        }
    }

    fn refund_is_open(&self) -> bool {
        self.refund.is_some_and(|state| !state.is_final())
    }

    fn has_open_refund(&self) -> Result<(), Why> {
        match self.refund {
            None => Err(Why::NoRefund),
            Some(state) if state.is_final() => Err(Why::RefundEnded),
            Some(_) if self.sending => Err(Why::RefundHeld),
            Some(_) => Ok(()),
        }
    }

    fn allows_delivery(&self) -> Result<(), Why> {
        let order = self.order.ok_or(Why::NoOrder)?;
        if self.refund_is_open() {
            return Err(Why::OnItsWayBack);
        }
        let Some(held) = self.held else {
            return match order.state.owes_goods() {
                true => Ok(()),
                false => Err(Why::OwesNoGoods),
            };
        };
        let payable = matches!(
            order.state,
            State::PendingPayment | State::Expired | State::Cancelled
        );
        if held.amount <= Minor::ZERO {
            Err(Why::NothingToPayWith)
        } else if self.kind == CaseKind::Unmatched {
            Err(Why::GivenBack)
        } else if order.paid || !payable {
            Err(Why::PaidAlready)
        } else if held.currency != order.amount.currency {
            Err(Why::OtherCurrency)
        } else if held.amount < order.amount.amount {
            Err(Why::TooLittle)
        } else {
            Ok(())
        }
    }

    fn allows_refund(&self) -> Result<(), Why> {
        let order = self.order.ok_or(Why::NoOrder)?;
        if self.refund_is_open() {
            return Err(Why::RefundOnItsWay);
        }
        match self.held {
            Some(held) if held.amount > Minor::ZERO => Ok(()),
            None if self.kind == CaseKind::NoStock && order.state.owes_goods() => {
                // An order of nothing is ended by it, with nothing going back.
                match order.undelivered > Minor::ZERO || order.is_free() {
                    true => Ok(()),
                    false => Err(Why::WorthAll),
                }
            }
            _ => Err(Why::NothingToRefund),
        }
    }

    fn allows_close(&self) -> Result<(), Why> {
        if self.refund_is_open() {
            return Err(Why::RefundNotEnded);
        }
        // Money that belongs to no order stays in the books, and is settled with the channel's bill.
        if self.order.is_some() && self.held.is_some_and(|held| held.amount > Minor::ZERO) {
            return Err(Why::HoldsMoney);
        }
        let owes = self.order.is_some_and(|order| {
            order.state.owes_goods() && (order.undelivered > Minor::ZERO || order.is_free())
        });
        if self.kind == CaseKind::NoStock && owes {
            return Err(Why::GoodsOwed);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "deeds_tests.rs"]
mod tests;
