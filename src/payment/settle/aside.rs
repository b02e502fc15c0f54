//! Money that pays nothing: it goes back by itself, or waits for a person. Either way in a case.

use serde_json::json;

use super::Write;
use crate::case::{self, CaseKind, NewCase};
use crate::ledger::postings;
use crate::money::{Minor, Money};
use crate::notify::outbox::Topic;
use crate::order::{self, Change, Event, Order};
use crate::payment::judge::Meaning;
use crate::payment::model::{Error, Receipt, ReceiptKind};
use crate::random::Random;
use crate::refund::{self, Grounds, NewRefund};
use crate::store::Db;

/// Money that goes back: how much, why, and the case that tells of it.
pub(super) struct Back {
    amount: Minor,
    grounds: Grounds,
    kind: CaseKind,
}

impl Back {
    /// What goes back of a receipt that means this; `captured` = it paid its order.
    pub(super) fn of(meaning: Meaning, receipt: &Receipt, captured: bool) -> Option<Self> {
        let whole = |grounds, kind| Back {
            amount: receipt.amount,
            grounds,
            kind,
        };
        Some(match meaning {
            Meaning::Capture { excess } if excess > Minor::ZERO => Back {
                amount: excess,
                grounds: Grounds::Over,
                kind: CaseKind::Over,
            },
            Meaning::CaptureLate if !captured => whole(Grounds::NoStockLate, CaseKind::Late),
            Meaning::RefundLate => whole(Grounds::Late, CaseKind::Late),
            Meaning::RefundDuplicate => whole(Grounds::Duplicate, CaseKind::Duplicate),
            _ => return None,
        })
    }
}

impl Write {
    /// Asks for the refund and opens the case that it closes.
    pub(super) fn send_back(
        &self,
        db: &mut Db,
        order: &mut Order,
        receipt: &Receipt,
        back: Back,
        owed_already: bool,
        random: &dyn Random,
    ) -> Result<(), Error> {
        let Back {
            amount,
            grounds,
            kind,
        } = back;
        let from = if owed_already {
            postings::RefundFrom::SecondPayment
        } else {
            postings::RefundFrom::Unallocated
        };
        let refund = refund::request(
            db,
            NewRefund {
                order_id: order.id.clone(),
                receipt_id: receipt.id.clone(),
                amount,
                grounds,
                from,
                dedupe: format!("{}/{}", grounds.as_str(), receipt.id),
            },
            random,
            self.now,
        )?;
        let whole_order = matches!(grounds, Grounds::Late | Grounds::NoStockLate);
        if whole_order {
            let detail = json!({"refund": refund, "amount": amount, "reason": grounds});
            let asked = Change::new(Event::RefundAsked, "system", detail);
            order::apply(db, order, &[asked], self.now)?;
            self.promises
                .mail(db, random, Topic::OrderExpiredRefund, order, self.now)?;
        }
        let money = Money::new(amount, receipt.currency);
        let summary = format!(
            "{} came for order {} ({}). It goes back by itself; the case closes when the \
             channel confirms.",
            money.display_with_code(),
            order.order_no,
            grounds.words(),
        );
        let case = self.case_of(order, receipt, kind, money, summary);
        let case = NewCase {
            refund_id: Some(refund),
            ..case
        };
        case::open(db, &self.promises, case, random, self.now)?;
        Ok(())
    }

    /// Keeps the money and asks a person.
    pub(super) fn hold(
        &self,
        db: &mut Db,
        order: &Order,
        receipt: &Receipt,
        kind: ReceiptKind,
        random: &dyn Random,
    ) -> Result<(), Error> {
        let kind = match kind {
            ReceiptKind::Short => CaseKind::Short,
            ReceiptKind::Over => CaseKind::Over,
            ReceiptKind::WrongCurrency => CaseKind::WrongCurrency,
            _ => CaseKind::Unmatched,
        };
        let got = Money::new(receipt.amount, receipt.currency);
        let summary = if self.fact.given_back {
            format!(
                "{} came for order {} and was given back at the channel, outside of this shop. \
                 Nothing was delivered. Look into the channel's console who did it. Refund it \
                 here as well: the channel answers that it is done, and the books agree.",
                got.display_with_code(),
                order.order_no,
            )
        } else {
            format!(
                "{} came for order {}, which asks for {}. Nothing was delivered. Refund it, or \
                 agree with the buyer and deliver.",
                got.display_with_code(),
                order.order_no,
                order.money().display_with_code(),
            )
        };
        let case = self.case_of(order, receipt, kind, got, summary);
        case::open(db, &self.promises, case, random, self.now)?;
        Ok(())
    }

    fn case_of(
        &self,
        order: &Order,
        receipt: &Receipt,
        kind: CaseKind,
        money: Money,
        summary: String,
    ) -> NewCase {
        NewCase {
            kind,
            cause: format!("{kind}/{}", receipt.id),
            money,
            proposal: "refund",
            summary,
            order_id: Some(order.id.clone()),
            attempt_id: receipt.attempt_id.clone(),
            receipt_id: Some(receipt.id.clone()),
            refund_id: None,
            account_id: Some(receipt.account_id.clone()),
        }
    }
}
