//! What an order may become: one pure table `State x Event -> State + Effects`.
//!
//! Every edge of design.md §4 is a row of [`next`]; every other edge is an error. No database,
//! clock or log here: `apply` writes what this decides.

use crate::ids::text_enum;

text_enum! {
    /// Where an order stands. *Confirming* and *failed* are views of `pending_payment`.
    pub enum State {
        /// 待付款.
        PendingPayment = "pending_payment",
        /// 已付款: money confirmed, goods about to leave.
        Paid = "paid",
        /// 人工确认中: paid and held for a person.
        InReview = "in_review",
        /// 发货中: a person delivers.
        Delivering = "delivering",
        /// 等待补货: paid, nothing to hand out yet.
        AwaitingStock = "awaiting_stock",
        /// 部分发货.
        PartiallyDelivered = "partially_delivered",
        /// 已发货.
        Delivered = "delivered",
        /// 退款中, of the whole.
        Refunding = "refunding",
        /// 已退款.
        Refunded = "refunded",
        /// 已超时.
        Expired = "expired",
        /// 已取消.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether the buyer may still be asked for money.
    pub fn is_payable(self) -> bool {
        self == State::PendingPayment
    }

    /// Whether money was captured and goods are still owed.
    pub fn owes_goods(self) -> bool {
        matches!(
            self,
            State::Paid
                | State::InReview
                | State::Delivering
                | State::AwaitingStock
                | State::PartiallyDelivered
        )
    }
}

text_enum! {
    /// What can happen to an order.
    pub enum Event {
        /// All parts are captured, or there is nothing to pay.
        PaymentCaptured = "payment_captured",
        /// The deadline passed.
        DeadlinePassed = "deadline_passed",
        /// The buyer (or staff) gave it up.
        CancelAsked = "cancel_asked",
        /// Risk wants a person to look.
        ReviewAsked = "review_asked",
        /// A person has begun to deliver, or must.
        DeliveryBegan = "delivery_began",
        /// Nothing was there to hand out.
        StockMissing = "stock_missing",
        /// Some units left.
        PartDelivered = "part_delivered",
        /// The last unit left.
        AllDelivered = "all_delivered",
        /// The whole amount is to go back.
        RefundAsked = "refund_asked",
        /// It went back.
        RefundConfirmed = "refund_confirmed",
        /// It finally could not go back.
        RefundRefused = "refund_refused",
    }
}

/// What else must happen in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Remember when it was paid.
    StampPaid,
    /// Remember when the last unit left.
    StampDelivered,
    /// Reserved cards become available again.
    ReleaseStock,
    /// Counters of unpaid orders are given back.
    ReleaseUnpaidHolds,
    /// Counters of bought units are given back.
    ReleaseBoughtHolds,
    /// Remember where the refund started from.
    RememberOrigin,
}

/// A legal step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The new state.
    pub to: State,
    /// What comes with it.
    pub effects: &'static [Effect],
}

/// There is no such edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order in state {from} cannot take the event {event}")]
pub struct NoSuchEdge {
    /// Where it stands.
    pub from: State,
    /// What was tried.
    pub event: Event,
}

/// Decides one step. `origin` is where a running refund started (`refund_from`), needed only to
/// go back there.
pub fn next(from: State, event: Event, origin: Option<State>) -> Result<Step, NoSuchEdge> {
    use Effect::*;
    use Event::*;
    use State::*;
    let refused = NoSuchEdge { from, event };
    let (to, effects): (State, &'static [Effect]) = match (from, event) {
        (PendingPayment, PaymentCaptured) => (Paid, &[StampPaid, ReleaseUnpaidHolds]),
        (PendingPayment, DeadlinePassed) => (Expired, RELEASE_ALL),
        (PendingPayment, CancelAsked) => (Cancelled, RELEASE_ALL),
        (Expired | Cancelled, PaymentCaptured) => (Paid, &[StampPaid]),
        (Expired | Cancelled, RefundAsked) => (Refunding, &[RememberOrigin]),
        (Paid, ReviewAsked) => (InReview, &[]),
        (Paid | InReview | AwaitingStock, DeliveryBegan) => (Delivering, &[]),
        (Paid | InReview, StockMissing) => (AwaitingStock, &[]),
        (Paid | Delivering | AwaitingStock, PartDelivered) => (PartiallyDelivered, &[]),
        (Paid | InReview | Delivering | AwaitingStock | PartiallyDelivered, AllDelivered) => {
            (Delivered, &[StampDelivered])
        }
        (
            Paid | InReview | Delivering | AwaitingStock | PartiallyDelivered | Delivered,
            RefundAsked,
        ) => (Refunding, &[RememberOrigin]),
        (Refunding, RefundConfirmed) => (Refunded, &[ReleaseStock, ReleaseBoughtHolds]),
        (Refunding, RefundRefused) => (origin.ok_or(refused)?, &[]),
        _ => return Err(refused),
    };
    Ok(Step { to, effects })
}

/// Stock first, then counters by name (`bought/…` before `unpaid/…`), as placing takes them:
/// two orders of one buyer never wait for each other.
const RELEASE_ALL: &[Effect] = &[
    Effect::ReleaseStock,
    Effect::ReleaseBoughtHolds,
    Effect::ReleaseUnpaidHolds,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The edges as design.md §4 words them, typed in a second time.
    const TABLE: &[(&str, &str)] = &[
        ("pending_payment", "paid expired cancelled"),
        (
            "paid",
            "in_review delivering delivered partially_delivered awaiting_stock refunding",
        ),
        ("in_review", "delivering delivered awaiting_stock refunding"),
        ("delivering", "delivered partially_delivered refunding"),
        (
            "awaiting_stock",
            "delivering delivered partially_delivered refunding",
        ),
        ("partially_delivered", "delivered refunding"),
        ("delivered", "refunding"),
        ("expired", "paid refunding"),
        ("cancelled", "paid refunding"),
    ];

    fn in_table(from: State, to: State) -> bool {
        TABLE.iter().any(|(state, targets)| {
            *state == from.as_str() && targets.split(' ').any(|t| t == to.as_str())
        })
    }

    /// R037: no edge beyond the table, and every edge of it is reachable.
    #[test]
    fn the_edges_are_exactly_those_of_the_design() {
        let mut seen = Vec::new();
        for from in State::ALL {
            for event in Event::ALL {
                let Ok(step) = next(*from, *event, Some(State::Delivered)) else {
                    continue;
                };
                if *from == State::Refunding {
                    assert!(matches!(step.to, State::Refunded | State::Delivered));
                    continue;
                }
                assert!(
                    in_table(*from, step.to),
                    "{from} -> {} is not designed",
                    step.to
                );
                seen.push((from.as_str(), step.to.as_str()));
            }
        }
        for (from, targets) in TABLE {
            for to in targets.split(' ') {
                assert!(seen.contains(&(from, to)), "{from} -> {to} is missing");
            }
        }
    }

    #[test]
    fn a_refused_refund_goes_back_to_where_it_came_from() {
        for origin in State::ALL {
            let step = next(State::Refunding, Event::RefundRefused, Some(*origin));
            assert_eq!(step.map(|s| s.to), Ok(*origin));
        }
        assert!(next(State::Refunding, Event::RefundRefused, None).is_err());
    }

    #[test]
    fn what_is_given_up_gives_back_all_it_held() {
        for event in [Event::DeadlinePassed, Event::CancelAsked] {
            let step = next(State::PendingPayment, event, None).expect("an edge");
            assert!(step.effects.contains(&Effect::ReleaseStock));
            assert!(step.effects.contains(&Effect::ReleaseUnpaidHolds));
            assert!(step.effects.contains(&Effect::ReleaseBoughtHolds));
        }
    }

    proptest! {
        /// R016, R065: whatever happens in whatever order, an order is delivered only after it
        /// was paid, and a paid order never becomes expired or cancelled.
        #[test]
        fn no_history_delivers_unpaid_or_loses_money(picks in prop::collection::vec(0..Event::ALL.len(), 0..40)) {
            let mut state = State::PendingPayment;
            let mut origin = None;
            let mut paid = false;
            for pick in picks {
                let event = Event::ALL[pick];
                let Ok(step) = next(state, event, origin) else { continue };
                if event == Event::PaymentCaptured {
                    prop_assert!(!paid, "captured twice");
                    paid = true;
                }
                if step.effects.contains(&Effect::RememberOrigin) {
                    origin = Some(state);
                }
                state = step.to;
                prop_assert!(paid || !state.owes_goods() && state != State::Delivered);
                if paid {
                    prop_assert!(!matches!(state, State::PendingPayment | State::Expired | State::Cancelled));
                }
            }
        }
    }
}
