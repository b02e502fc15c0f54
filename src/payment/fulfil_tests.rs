use super::*;
use crate::order::state::next;
use proptest::prelude::*;

fn handed(now: i64, in_all: i64, missing: i64, by_hand: i64) -> Handed {
    Handed {
        now,
        in_all,
        missing,
        unreadable: 0,
        by_hand,
    }
}

#[test]
fn each_hand_out_has_its_event() {
    use Event::*;
    use State::*;
    let table = [
        // All that was owed has left, wherever the order stood.
        (handed(2, 2, 0, 0), Paid, Some(AllDelivered)),
        (handed(1, 2, 0, 0), PartiallyDelivered, Some(AllDelivered)),
        (handed(2, 2, 0, 0), AwaitingStock, Some(AllDelivered)),
        // Some of it.
        (handed(1, 1, 1, 0), Paid, Some(PartDelivered)),
        (handed(1, 1, 1, 0), AwaitingStock, Some(PartDelivered)),
        (handed(1, 1, 0, 1), Paid, Some(PartDelivered)),
        (handed(1, 2, 1, 0), PartiallyDelivered, None),
        // Nothing.
        (handed(0, 0, 2, 0), Paid, Some(StockMissing)),
        (handed(0, 0, 2, 0), InReview, Some(StockMissing)),
        (handed(0, 0, 1, 1), Paid, Some(StockMissing)),
        (handed(0, 0, 0, 2), Paid, Some(DeliveryBegan)),
        (handed(0, 0, 2, 0), AwaitingStock, None),
        (handed(0, 0, 0, 2), Delivering, None),
    ];
    for (handed, state, event) in table {
        assert_eq!(handed.event(state), event, "{handed:?} in {state}");
    }
}

proptest! {
    /// Whatever left, an order that owes goods and is not held back can take the event, and
    /// counts as delivered only when nothing is owed.
    #[test]
    fn the_event_is_an_edge(now in 0i64..5, before in 0i64..5, missing in 0i64..5, by_hand in 0i64..5) {
        for state in [State::Paid, State::AwaitingStock, State::PartiallyDelivered] {
            // Where nothing has left yet, nothing has left before.
            let before = if state == State::PartiallyDelivered { before + 1 } else { 0 };
            let handed = handed(now, before + now, missing, by_hand);
            let Some(event) = handed.event(state) else { continue };
            let step = next(state, event, None);
            prop_assert!(step.is_ok(), "{state} cannot take {event} after {handed:?}");
            let to = step.expect("an edge").to;
            prop_assert_eq!(to == State::Delivered, missing + by_hand == 0);
        }
    }
}
