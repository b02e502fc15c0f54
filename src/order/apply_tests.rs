use super::*;
use crate::clock::SECOND;
use crate::ids::OrderId;
use proptest::prelude::*;
use serde_json::json;

/// A history of `n` events.
fn history(n: i64) -> Vec<OrderEvent> {
    let mut before = String::new();
    (1..=n)
        .map(|seq| {
            let mut event = OrderEvent {
                order_id: OrderId("o-1".to_owned()),
                seq,
                at: seq * SECOND,
                actor: format!("staff:{seq}"),
                kind: "payment_captured".to_owned(),
                state_from: "pending_payment".to_owned(),
                state_to: "paid".to_owned(),
                detail: json!({"receipt": seq}).to_string(),
                prev_hash: before.clone(),
                hash: String::new(),
            };
            event.hash = event.digest();
            before.clone_from(&event.hash);
            event
        })
        .collect()
}

/// One way for each column of a row.
type Alter = fn(&mut OrderEvent);
const ALTERATIONS: [Alter; 10] = [
    |e| e.order_id.0.push('x'),
    |e| e.seq += 1,
    |e| e.at += 1,
    |e| e.actor.push('x'),
    |e| e.kind.push('x'),
    |e| e.state_from.push('x'),
    |e| e.state_to.push('x'),
    |e| e.detail.push(' '),
    |e| e.prev_hash.push('0'),
    |e| e.hash.push('0'),
];

#[test]
fn a_whole_history_holds() {
    assert_eq!(verify_chain(&[]), Ok(()));
    for n in 1..6 {
        assert_eq!(verify_chain(&history(n)), Ok(()));
    }
}

/// Neighbouring columns are told apart: moving a letter from one to the next is an alteration.
#[test]
fn the_digest_knows_where_a_column_ends() {
    let mut event = history(1).remove(0);
    let before = event.digest();
    let moved = event.actor.pop().expect("a letter");
    event.kind.insert(0, moved);
    assert_ne!(event.digest(), before);
}

proptest! {
    /// Altering any column of any event is found, at the event itself, and (when its own hash is
    /// made to fit again) at the latest at the one after it.
    #[test]
    fn every_alteration_is_found(n in 2i64..8, at in 0usize..7, column in 0..ALTERATIONS.len()) {
        let mut events = history(n);
        let at = at % events.len();
        ALTERATIONS[column](&mut events[at]);
        let seq = at as i64 + 1;
        // The first event names the order of the whole history.
        let found = verify_chain(&events).expect_err("found");
        prop_assert!(found == seq || (column == 0 && at == 0));

        events[at].hash = events[at].digest();
        match verify_chain(&events) {
            // Of its hash alone nothing is left to find: it is right again.
            Ok(()) if column == 9 => {}
            Err(found) => prop_assert!(found <= seq + 1),
            // Only the end of a chain can be forged so; the order's own row holds its hash.
            Ok(()) => prop_assert!(at + 1 == events.len()),
        }
    }

    /// Leaving any event out is found, except the last, which the order's own count tells.
    #[test]
    fn a_missing_event_is_found(n in 2i64..8, at in 0usize..7) {
        let mut events = history(n);
        let at = at % (events.len() - 1);
        events.remove(at);
        prop_assert_eq!(verify_chain(&events), Err(at as i64 + 1));
    }

    /// So is any change of their order.
    #[test]
    fn a_changed_order_is_found(n in 2i64..8, a in 0usize..7, b in 0usize..7) {
        let mut events = history(n);
        let (a, b) = (a % events.len(), b % events.len());
        prop_assume!(a != b);
        events.swap(a, b);
        prop_assert_eq!(verify_chain(&events), Err(a.min(b) as i64 + 1));
    }
}
