//! What confirmed money means for its order: PURE. Source: design.md §4 "Exceptions".

use super::model::ReceiptKind;
use crate::money::{Minor, Money};
use crate::order::State;
use crate::settings::LatePolicy;

/// Where the order and its payment stand when money comes.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Of the order.
    pub state: State,
    /// Whether the part this attempt collects is captured already.
    pub captured: bool,
    /// What the attempt asked for.
    pub asked: Money,
    /// What the shop does with late money.
    pub late: LatePolicy,
    /// Whether the channel has given the money back already.
    pub given_back: bool,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It pays the order; `excess` more than was asked goes back.
    Capture {
        /// Zero, unless too much came.
        excess: Minor,
    },
    /// It pays an order that had ended; deliver it if everything is still there, else refund.
    CaptureLate,
    /// It came for an order that had ended and goes back.
    RefundLate,
    /// It pays what is paid already and goes back.
    RefundDuplicate,
    /// Too little, the wrong currency, or given back at the channel: a person decides.
    Hold(ReceiptKind),
}

impl Meaning {
    /// The kind the receipt is stored with.
    pub fn receipt_kind(self) -> ReceiptKind {
        match self {
            Meaning::Capture { excess } if excess > Minor::ZERO => ReceiptKind::Over,
            Meaning::Capture { .. } => ReceiptKind::Captured,
            Meaning::CaptureLate | Meaning::RefundLate => ReceiptKind::Late,
            Meaning::RefundDuplicate => ReceiptKind::Duplicate,
            Meaning::Hold(kind) => kind,
        }
    }
}

/// Judges money that is confirmed to have come.
pub fn judge(standing: Standing, got: Money) -> Meaning {
    let asked = standing.asked;
    if standing.given_back {
        return Meaning::Hold(ReceiptKind::Unmatched);
    }
    if standing.captured {
        return Meaning::RefundDuplicate;
    }
    if got.currency != asked.currency {
        return Meaning::Hold(ReceiptKind::WrongCurrency);
    }
    if got.amount < asked.amount {
        return Meaning::Hold(ReceiptKind::Short);
    }
    let excess = Minor(got.amount.0.saturating_sub(asked.amount.0));
    match standing.state {
        State::PendingPayment => Meaning::Capture { excess },
        // Late and too much is rare enough for a person.
        State::Expired | State::Cancelled if excess > Minor::ZERO => {
            Meaning::Hold(ReceiptKind::Over)
        }
        State::Expired | State::Cancelled => match standing.late {
            LatePolicy::Deliver => Meaning::CaptureLate,
            LatePolicy::Refund => Meaning::RefundLate,
        },
        // Beyond these an uncaptured part means that the order was refunded or settled by hand.
        _ => Meaning::RefundDuplicate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn cny(amount: i64) -> Money {
        Money::new(Minor(amount), Currency::CNY)
    }

    fn standing(state: State) -> Standing {
        Standing {
            state,
            captured: false,
            asked: cny(2_990),
            late: LatePolicy::Deliver,
            given_back: false,
        }
    }

    #[test]
    fn exact_money_pays_once() {
        let open = standing(State::PendingPayment);
        assert_eq!(
            judge(open, cny(2_990)),
            Meaning::Capture { excess: Minor(0) }
        );
        let again = Standing {
            captured: true,
            ..standing(State::Delivered)
        };
        assert_eq!(judge(again, cny(2_990)), Meaning::RefundDuplicate);
    }

    /// X17, X19: less or other money never pays.
    #[test]
    fn wrong_money_waits_for_a_person() {
        let open = standing(State::PendingPayment);
        assert_eq!(judge(open, cny(2_989)), Meaning::Hold(ReceiptKind::Short));
        let yen = Money::new(Minor(2_990), Currency::JPY);
        assert_eq!(judge(open, yen), Meaning::Hold(ReceiptKind::WrongCurrency));
        assert_eq!(
            judge(open, cny(3_000)),
            Meaning::Capture { excess: Minor(10) }
        );
    }

    /// R053: late money is never ignored.
    #[test]
    fn late_money_follows_the_policy() {
        for state in [State::Expired, State::Cancelled] {
            assert_eq!(judge(standing(state), cny(2_990)), Meaning::CaptureLate);
            let refund = Standing {
                late: LatePolicy::Refund,
                ..standing(state)
            };
            assert_eq!(judge(refund, cny(2_990)), Meaning::RefundLate);
        }
    }

    proptest! {
        /// No state of an order lets too little money or another currency capture it.
        #[test]
        fn only_enough_of_the_right_money_captures(
            state in 0..State::ALL.len(), captured: bool, asked in 1i64..1_000_000,
            got in 1i64..1_000_000, same: bool, refund: bool, given_back: bool,
        ) {
            let standing = Standing {
                state: State::ALL[state],
                captured,
                asked: cny(asked),
                late: if refund { LatePolicy::Refund } else { LatePolicy::Deliver },
                given_back,
            };
            let currency = if same { Currency::CNY } else { Currency::USD };
            let meaning = judge(standing, Money::new(Minor(got), currency));
            if let Meaning::Capture { excess } = meaning {
                prop_assert!(same && !captured && !given_back);
                prop_assert!(got >= asked && excess.0 == got - asked);
            }
            if meaning == Meaning::CaptureLate {
                prop_assert!(same && !captured && !given_back && got == asked);
            }
        }
    }
}
