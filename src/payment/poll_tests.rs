use super::*;
use crate::channel::{Method, PayKind};
use crate::ids::{AttemptId, OrderId, PartId, PaymentId, SellerId};
use crate::money::{Currency, Minor};

const END: Millis = 15 * crate::clock::MINUTE;

/// An attempt in a state, whose time ends at [`END`].
pub(in crate::payment) fn attempt(state: AttemptState) -> Attempt {
    Attempt {
        id: AttemptId("a".to_owned()),
        payment_id: PaymentId("p".to_owned()),
        part_id: PartId("p".to_owned()),
        order_id: OrderId("o".to_owned()),
        seller_id: SellerId::house(),
        n: 1,
        merchant_no: "m".to_owned(),
        account_id: "epay-main".parse().expect("an account"),
        method: Method::Alipay,
        currency: Currency::CNY,
        amount: Minor(100),
        state,
        channel_trade_no: None,
        pay_kind: PayKind::Redirect,
        pay_url: None,
        pay_qr: None,
        failure: None,
        decision: "{}".to_owned(),
        checks: 0,
        created_at: 0,
        changed_at: 0,
        expires_at: END,
        next_check_at: None,
        watched_until: 10 * END,
    }
}

/// What an answer without money does to an attempt, before its deadline and at it.
#[test]
fn an_answer_without_money_moves_an_attempt_so() {
    use AttemptState::*;
    let table = [
        // The process died before or while it asked: the channel knows it after all.
        (Planned, QueryAnswer::Waiting, Unknown, Expired),
        (Unknown, QueryAnswer::Waiting, Unknown, Expired),
        // It may still arrive there until the deadline; then it provably was never made.
        (Planned, QueryAnswer::NotFound, Planned, Refused),
        (Unknown, QueryAnswer::NotFound, Unknown, Refused),
        (Planned, QueryAnswer::Closed, Closed, Closed),
        (Unknown, QueryAnswer::Closed, Closed, Closed),
        (Created, QueryAnswer::Closed, Closed, Closed),
        (Created, QueryAnswer::Waiting, Created, Expired),
        // A channel that forgets what it made is not believed: money may still come.
        (Created, QueryAnswer::NotFound, Created, Expired),
        // What has ended stays ended; it is asked about for late money alone.
        (Expired, QueryAnswer::Waiting, Expired, Expired),
        (Expired, QueryAnswer::Closed, Expired, Expired),
        // Declined: it may be paid all the same until its time ends.
        (Failed, QueryAnswer::Waiting, Failed, Expired),
        (Failed, QueryAnswer::Closed, Closed, Closed),
        (Closed, QueryAnswer::NotFound, Closed, Closed),
        (Refused, QueryAnswer::NotFound, Refused, Refused),
        (Paid, QueryAnswer::Waiting, Paid, Paid),
        (Paid, QueryAnswer::Closed, Paid, Paid),
        (Paid, QueryAnswer::NotFound, Paid, Paid),
    ];
    for (state, answer, before, after) in table {
        let at = |now| read(&attempt(state), &answer, now);
        assert_eq!(
            at(END - 1),
            before,
            "{state} {answer:?} before the deadline"
        );
        assert_eq!(at(END), after, "{state} {answer:?} at the deadline");
    }
}

/// A create call that is still under way at the deadline is not taken for one that never was.
#[test]
fn what_is_being_made_is_not_refused() {
    let made = |before: Millis| Attempt {
        created_at: END - before,
        ..attempt(AttemptState::Planned)
    };
    let at_the_end = |attempt| read(&attempt, &QueryAnswer::NotFound, END);
    assert_eq!(at_the_end(made(IN_FLIGHT - 1)), AttemptState::Planned);
    assert_eq!(at_the_end(made(IN_FLIGHT)), AttemptState::Refused);
}

/// No answer without money makes an attempt payable that was not, or paid.
#[test]
fn no_answer_without_money_opens_or_pays() {
    for state in AttemptState::ALL {
        for answer in [
            QueryAnswer::Waiting,
            QueryAnswer::Closed,
            QueryAnswer::NotFound,
        ] {
            for now in [0, END, 9 * END] {
                let to = read(&attempt(*state), &answer, now);
                assert!(to != AttemptState::Paid || *state == AttemptState::Paid);
                assert!(!to.is_open() || state.is_open());
            }
        }
    }
}
