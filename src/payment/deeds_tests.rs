use super::*;
use crate::catalog::Delivery;
use crate::ids::{ItemId, OrderId, ProductId, SellerId, VariantId};
use crate::money::Currency;
use crate::refund::RefundState as Back;
use proptest::prelude::*;

fn cny(amount: i64) -> Money {
    Money::new(Minor(amount), Currency::CNY)
}

fn item(unit_price: i64, quantity: i64, delivered: i64) -> Item {
    Item {
        id: ItemId("i".to_owned()),
        order_id: OrderId("o".to_owned()),
        seller_id: SellerId::house(),
        product_id: ProductId("p".to_owned()),
        variant_id: VariantId("v".to_owned()),
        name_zh: String::new(),
        name_en: String::new(),
        delivery: Delivery::CardPool,
        unit_price: Minor(unit_price),
        quantity,
        amount: Minor(unit_price.saturating_mul(quantity)),
        currency: Currency::CNY,
        delivered,
        held: 0,
    }
}

fn order(state: State) -> OrderFacts {
    OrderFacts {
        state,
        amount: cny(2_990),
        paid: state.owes_goods() || state == State::Delivered,
        undelivered: Minor(if state.owes_goods() { 2_990 } else { 0 }),
    }
}

/// An order that is paid and has nothing to hand out.
fn no_stock() -> CaseFacts {
    CaseFacts {
        kind: CaseKind::NoStock,
        open: true,
        order: Some(order(State::AwaitingStock)),
        held: None,
        refund: None,
        sending: false,
    }
}

/// Money that came for an order that had ended.
fn held(kind: CaseKind, amount: i64) -> CaseFacts {
    CaseFacts {
        kind,
        order: Some(order(State::Expired)),
        held: Some(cny(amount)),
        ..no_stock()
    }
}

fn refunding(state: Back) -> CaseFacts {
    CaseFacts {
        order: Some(order(State::Refunding)),
        held: Some(cny(0)),
        refund: Some(state),
        ..held(CaseKind::Late, 0)
    }
}

#[test]
fn each_case_offers_what_ends_it() {
    use Deed::{Close, Deliver, DidNotGoBack, GiveUp, Refund, WentBack};
    let duplicate = CaseFacts {
        order: Some(order(State::Delivered)),
        ..held(CaseKind::Duplicate, 2_990)
    };
    let yen = CaseFacts {
        held: Some(Money::new(Minor(9_000), Currency::JPY)),
        ..held(CaseKind::WrongCurrency, 0)
    };
    let contradicted = CaseFacts {
        kind: CaseKind::Contradicted,
        order: Some(order(State::PendingPayment)),
        ..no_stock()
    };
    let out = OrderFacts {
        undelivered: Minor(0),
        ..order(State::PartiallyDelivered)
    };
    let worth_all = CaseFacts {
        order: Some(out),
        ..no_stock()
    };
    let sending = CaseFacts {
        sending: true,
        ..refunding(Back::Unknown)
    };
    let closed = CaseFacts {
        open: false,
        ..no_stock()
    };
    let of_nobody = CaseFacts {
        order: None,
        ..held(CaseKind::Unmatched, 2_990)
    };
    let table: &[(CaseFacts, &[Deed])] = &[
        (no_stock(), &[Deliver, Refund]),
        (held(CaseKind::Late, 2_990), &[Deliver, Refund]),
        (held(CaseKind::Over, 3_000), &[Deliver, Refund]),
        (held(CaseKind::Short, 2_989), &[Refund]),
        (yen, &[Refund]),
        (duplicate, &[Refund]),
        (held(CaseKind::Unmatched, 2_990), &[Refund]),
        (of_nobody, &[Close]),
        (contradicted, &[Close]),
        (worth_all, &[Deliver, Close]),
        (
            refunding(Back::Requested),
            &[WentBack, DidNotGoBack, GiveUp],
        ),
        (refunding(Back::Unknown), &[WentBack, DidNotGoBack, GiveUp]),
        (refunding(Back::Pending), &[WentBack]),
        (refunding(Back::Done), &[Close]),
        (refunding(Back::Failed), &[Close]),
        (sending, &[]),
        (closed, &[]),
    ];
    for (facts, deeds) in table {
        assert_eq!(facts.deeds(), *deeds, "{facts:?}");
    }
}

/// A case that refuses to be closed names the way out.
#[test]
fn a_refused_close_says_what_to_do_instead() {
    for (facts, way) in [
        (no_stock(), "case deliver"),
        (held(CaseKind::Late, 2_990), "case refund"),
        (refunding(Back::Unknown), "case went-back"),
    ] {
        let refused = facts.allows(Deed::Close).expect_err("it holds money");
        let refused = refused.to_string();
        assert!(refused.contains(way), "{refused}");
    }
}

#[test]
fn what_was_not_delivered_is_the_whole_less_what_left() {
    let of = |amount, refunded, items: &[Item]| {
        undelivered(Minor(amount), Minor(refunded), items).map(|m| m.0)
    };
    assert_eq!(of(5_970, 0, &[item(1_990, 3, 0)]), Ok(5_970));
    assert_eq!(of(5_970, 0, &[item(1_990, 3, 1)]), Ok(3_980));
    assert_eq!(of(5_970, 0, &[item(1_990, 3, 3)]), Ok(0));
    // Two lines, one of them out.
    assert_eq!(
        of(3_000, 0, &[item(1_000, 2, 2), item(500, 2, 0)]),
        Ok(1_000)
    );
    // A discount of 1,000 is taken from what was not delivered.
    assert_eq!(of(4_970, 0, &[item(1_990, 3, 1)]), Ok(2_980));
    assert_eq!(of(1_000, 0, &[item(1_990, 3, 1)]), Ok(0));
    // Never more than what has not gone back.
    assert_eq!(of(5_970, 3_000, &[item(1_990, 3, 1)]), Ok(2_970));
    assert!(of(i64::MAX, 0, &[item(i64::MAX, 2, 2)]).is_err());
}

proptest! {
    /// Whatever left at whatever price, the two parts make the whole, and neither is negative.
    #[test]
    fn the_parts_make_the_whole(
        lines in prop::collection::vec((0i64..100_000, 1i64..50, 0i64..50), 1..5),
        discount in 0i64..10_000, refunded in 0i64..10_000,
    ) {
        let items: Vec<Item> = lines
            .iter()
            .map(|(price, quantity, delivered)| item(*price, *quantity, *delivered.min(quantity)))
            .collect();
        let listed: i64 = items.iter().map(|item| item.amount.0).sum();
        let amount = (listed - discount).max(0);
        let refunded = refunded.min(amount);
        let back = undelivered(Minor(amount), Minor(refunded), &items)?.0;
        let left: i64 = items.iter().map(|item| item.unit_price.0 * item.delivered).sum();
        prop_assert!(back >= 0 && back <= amount - refunded);
        if left <= amount && refunded <= left {
            prop_assert_eq!(back + left, amount);
        }
    }

    /// Money that is held or on its way keeps its case open, and an open case always has a way
    /// out, unless a worker has its refund in hand.
    #[test]
    fn every_open_case_has_a_way_out(
        kind in 0..CaseKind::ALL.len(), state in 0..State::ALL.len(), held in prop::option::of(0i64..5_000),
        refund in prop::option::of(0..Back::ALL.len()), paid: bool, undelivered in 0i64..3_000,
    ) {
        let facts = CaseFacts {
            kind: CaseKind::ALL[kind],
            open: true,
            order: Some(OrderFacts {
                state: State::ALL[state],
                amount: cny(2_990),
                paid,
                undelivered: Minor(undelivered),
            }),
            held: held.map(cny),
            refund: refund.map(|at| Back::ALL[at]),
            sending: false,
        };
        let deeds = facts.deeds();
        prop_assert!(!deeds.is_empty(), "{facts:?}");
        if held.is_some_and(|held| held > 0) {
            prop_assert!(!deeds.contains(&Deed::Close));
        }
        if facts.refund.is_some_and(|state| !state.is_final()) {
            prop_assert!(!deeds.contains(&Deed::Close) && !deeds.contains(&Deed::Refund)
                && !deeds.contains(&Deed::Deliver));
        }
    }
}
