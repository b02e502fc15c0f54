use proptest::prelude::*;

use super::*;
use crate::ledger::model::Side;
use crate::money::Currency;

fn account(name: &str) -> AccountId {
    name.parse().expect("an account")
}

/// `Dr account amount; Cr …` as spec/ledger.md writes it (without the currency).
fn shown(posting: &Posting) -> String {
    let legs: Vec<String> = posting
        .legs()
        .iter()
        .map(|leg| {
            let side = if leg.side == Side::Debit { "Dr" } else { "Cr" };
            format!("{side} {} {}", leg.account, leg.money.amount.0)
        })
        .collect();
    legs.join("; ")
}

struct Facts {
    receipt: ReceiptId,
    order: OrderId,
    refund: RefundId,
    seller: SellerId,
    account: AccountId,
}

impl Facts {
    fn at(channel: &str) -> Self {
        Facts {
            receipt: ReceiptId("r1".to_owned()),
            order: OrderId("o1".to_owned()),
            refund: RefundId("f1".to_owned()),
            seller: SellerId::house(),
            account: account(channel),
        }
    }

    fn received(&self, minor: i64) -> Received<'_> {
        Received {
            receipt: &self.receipt,
            seller: &self.seller,
            account: &self.account,
            money: Money::new(Minor(minor), Currency::CNY),
        }
    }

    fn refunded(&self, minor: i64) -> Refunded<'_> {
        Refunded {
            refund: &self.refund,
            seller: &self.seller,
            money: Money::new(Minor(minor), Currency::CNY),
        }
    }
}

#[test]
fn the_worked_journal_of_the_specification() {
    let alipay = Facts::at("alipay");
    let wechat = Facts::at("wechat");
    let rate: Rate = "0.006".parse().expect("a rate");
    let cny = |minor| Money::new(Minor(minor), Currency::CNY);
    let accepted = |minor, from| {
        refund_accepted(wechat.refunded(minor), from)
            .expect("a posting")
            .expect("one")
    };
    let rows = [
        (
            charge(alipay.received(10_000)),
            "J01",
            "Dr asset:clearing:alipay 10000; Cr liab:order_unfulfilled 10000",
        ),
        (
            fee(alipay.received(10_000), rate, Minor::ZERO).map(|fee| fee.expect("a fee")),
            "J02",
            "Dr exp:channel_fee:alipay 60; Cr asset:clearing:alipay 60",
        ),
        (
            refund_confirmed(alipay.refunded(10_000), &alipay.account),
            "J14",
            "Dr liab:refund_payable 10000; Cr asset:clearing:alipay 10000",
        ),
        (
            deliver(&alipay.order, &alipay.seller, cny(3_000)),
            "J37",
            "Dr liab:order_unfulfilled 3000; Cr rev:sales 3000",
        ),
        (
            second_payment(wechat.received(8_800)),
            "J54",
            "Dr asset:clearing:wechat 8800; Cr liab:refund_payable 8800",
        ),
        (
            refund_confirmed(wechat.refunded(8_800), &wechat.account),
            "J14",
            "Dr liab:refund_payable 8800; Cr asset:clearing:wechat 8800",
        ),
        (
            unallocated_payment(wechat.received(3_000)),
            "J56",
            "Dr asset:clearing:wechat 3000; Cr liab:unallocated 3000",
        ),
        (
            allocate(wechat.received(3_000), Minor(3_000)),
            "J56a",
            "Dr liab:unallocated 3000; Cr liab:order_unfulfilled 3000",
        ),
        (
            Ok(accepted(3_000, RefundFrom::Unallocated)),
            "J57",
            "Dr liab:unallocated 3000; Cr liab:refund_payable 3000",
        ),
        (
            Ok(accepted(10_000, RefundFrom::Unfulfilled)),
            "J41",
            "Dr liab:order_unfulfilled 10000; Cr liab:refund_payable 10000",
        ),
        (
            Ok(accepted(10_000, RefundFrom::Sales)),
            "J13",
            "Dr rev:sales 10000; Cr liab:refund_payable 10000",
        ),
        (
            refund_refused(wechat.refunded(10_000), RefundFrom::Sales),
            "J13r",
            "Dr liab:refund_payable 10000; Cr rev:sales 10000",
        ),
        (
            rest_sold(wechat.refunded(3_000)),
            "J37",
            "Dr liab:order_unfulfilled 3000; Cr rev:sales 3000",
        ),
        (
            rest_unsold(wechat.refunded(3_000)),
            "J37r",
            "Dr rev:sales 3000; Cr liab:order_unfulfilled 3000",
        ),
        (
            refund_refused(wechat.refunded(8_800), RefundFrom::SecondPayment),
            "J54r",
            "Dr liab:refund_payable 8800; Cr liab:unallocated 8800",
        ),
    ];
    for (posting, template, legs) in rows {
        let posting = posting.expect("a posting");
        assert_eq!(posting.template(), template);
        assert_eq!(shown(&posting), legs, "{template}");
    }
    let none = refund_accepted(wechat.refunded(8_800), RefundFrom::SecondPayment);
    assert!(matches!(none, Ok(None)), "J54 owes it already");
}

#[test]
fn a_fee_rounds_half_up_adds_its_fixed_part_and_may_be_nothing() {
    let facts = Facts::at("epay-main");
    let of = |minor, rate: &str, fixed| {
        fee(
            facts.received(minor),
            rate.parse().expect("a rate"),
            Minor(fixed),
        )
        .expect("a posting")
        .map(|posting| posting.legs()[0].money.amount.0)
    };
    assert_eq!(of(250, "0.006", 0), Some(2), "1.5 is 2");
    assert_eq!(of(249, "0.006", 0), Some(1), "1.494 is 1");
    assert_eq!(of(2_000, "0.029", 30), Some(88));
    assert_eq!(of(50, "0.006", 0), None);
    assert_eq!(of(50, "0", 0), None);
}

#[test]
fn what_is_not_a_transaction_is_refused() {
    let facts = Facts::at("alipay");
    assert!(matches!(
        charge(facts.received(0)),
        Err(Error::NotPositive(Account::Clearing(_)))
    ));
    assert!(matches!(
        charge(facts.received(-5)),
        Err(Error::NotPositive(_))
    ));
    let key = (SourceKind::Order, "o1", Op::Deliver);
    let money = |minor, currency| Money::new(Minor(minor), currency);
    let new = |legs| Posting::new(key, "J37", &facts.seller, legs);
    let sale = |minor, currency| Leg::credit(Account::Sales, money(minor, currency));
    let owed = |minor, currency| Leg::debit(Account::OrderUnfulfilled, money(minor, currency));
    assert!(matches!(
        new(vec![sale(1, Currency::CNY)]),
        Err(Error::TooFewLegs)
    ));
    assert!(matches!(
        new(vec![owed(2, Currency::CNY), sale(1, Currency::CNY)]),
        Err(Error::Unbalanced(Currency::CNY))
    ));
    assert!(matches!(
        new(vec![owed(1, Currency::CNY), sale(1, Currency::USD)]),
        Err(Error::Unbalanced(_))
    ));
    let most = i64::MAX;
    let twice = vec![owed(most, Currency::CNY), owed(most, Currency::CNY)];
    assert!(matches!(new(twice), Err(Error::Money(_))));
}

proptest! {
    /// I01: whatever the amounts, each posting nets to zero or is refused.
    #[test]
    fn every_posting_nets_to_zero(minor in 1_i64..=i64::MAX / 2, rate in 0_u32..=1_000_000, fixed in 0_i64..1_000) {
        let facts = Facts::at("epay-main");
        let rate: Rate = format!("{}.{:06}", rate / 1_000_000, rate % 1_000_000).parse().expect("a rate");
        let money = Money::new(Minor(minor), Currency::CNY);
        let mut postings = vec![
            charge(facts.received(minor))?,
            second_payment(facts.received(minor))?,
            unallocated_payment(facts.received(minor))?,
            allocate(facts.received(minor), Minor(minor))?,
            deliver(&facts.order, &facts.seller, money)?,
            refund_confirmed(facts.refunded(minor), &facts.account)?,
            rest_sold(facts.refunded(minor))?,
            rest_unsold(facts.refunded(minor))?,
        ];
        for from in RefundFrom::ALL.iter().copied() {
            postings.extend(refund_accepted(facts.refunded(minor), from)?);
            postings.push(refund_refused(facts.refunded(minor), from)?);
        }
        postings.extend(fee(facts.received(minor), rate, Minor(fixed))?);
        for posting in postings {
            let net: i128 = posting.legs().iter().map(|leg| {
                let amount = i128::from(leg.money.amount.0);
                if leg.side == Side::Debit { amount } else { -amount }
            }).sum();
            prop_assert_eq!(net, 0);
        }
    }
}
