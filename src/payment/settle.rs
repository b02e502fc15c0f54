//! The only place where money turns into goods.
//!
//! Locks in one order (order, payment, attempt, cards, counters), stores the receipt, judges it,
//! and does everything that follows in the same write: order state, cards, journal, promises.
//! Whoever brings the fact, the path is the same.

use std::sync::Arc;

use serde_json::json;

use super::fulfil::{self, Handed};
use super::judge::{Meaning, Standing, judge};
use super::model::{Attempt, Error, Receipt, ReceiptFact, ReceiptKind, Source};
use super::till::Till;
use super::{callback, store, unheard};
use crate::case::{self, CaseKind, NewCase};
use crate::clock::Millis;
use crate::ids::{OrderId, ReceiptId};
use crate::ledger::{self, Posting, postings};
use crate::money::{Minor, Money, Rate};
use crate::notify::alert::Severity;
use crate::notify::outbox::Topic;
use crate::notify::{Alarm, Promises};
use crate::order::{self, Change, Event, Order, State};
use crate::random::Random;
use crate::refund::{self, Grounds, NewRefund};
use crate::seal::Sealer;
use crate::settings::LatePolicy;
use crate::store::{Db, StoreError};

/// What became of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It paid its order, which now stands here.
    Captured {
        /// The order.
        order: OrderId,
        /// Where it stands.
        state: State,
    },
    /// It was known already: no effect.
    Repeated,
    /// It is stored and goes back, or waits for a person.
    Set(ReceiptKind),
    /// The channel's number belongs to another attempt: refused (check 10).
    TradeNoTaken,
}

/// Turns a fact about money into all its effects, once. `notice` is the message that brought
/// it, stored whole in the same write.
pub async fn settle(
    till: &Till,
    fact: ReceiptFact,
    notice: Option<callback::NoticeRow>,
) -> Result<Settled, Error> {
    let account = till.accounts.by_id(&fact.account).ok_or(Error::Unknown)?;
    let write = Write {
        fee: account.facts.fee,
        fixed: account.facts.fixed,
        late: till.settings.late_money,
        sealer: Arc::clone(&till.sealer),
        promises: till.promises(),
        now: till.clock.now(),
        fact,
        notice,
    };
    let seed = till.seed();
    crate::fault::point("before_settle");
    let (settled, order) = till
        .store
        .write(move |db| write.run(db, &seed.random()))
        .await?;
    metrics::counter!("vendgate_settled_total", "as" => settled.word()).increment(1);
    if settled != Settled::Repeated {
        till.moved(&order);
    }
    Ok(settled)
}

impl Settled {
    /// For metrics and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Settled::Captured { .. } => "captured",
            Settled::Repeated => "repeated",
            Settled::Set(kind) => kind.as_str(),
            Settled::TradeNoTaken => "trade_no_taken",
        }
    }
}

struct Write {
    fact: ReceiptFact,
    notice: Option<callback::NoticeRow>,
    fee: Rate,
    fixed: Minor,
    late: LatePolicy,
    sealer: Arc<Sealer>,
    promises: Promises,
    now: Millis,
}

impl Write {
    fn run(&self, db: &mut Db, random: &dyn Random) -> Result<(Settled, OrderId), Error> {
        if let Some(notice) = &self.notice {
            callback::insert_notice(db, notice)?;
        }
        crate::fault::point("after_raw_log");
        let attempt = store::attempt(db, &self.fact.attempt)?;
        let mut order = order::store::lock(db, &attempt.order_id)?;
        let captured = store::lock_part(db, &attempt.payment_id, &attempt.part_id)?;
        let attempt = store::lock_attempt(db, &attempt.id)?;
        let meaning = judge(
            Standing {
                state: order.state,
                captured,
                asked: Money::new(attempt.amount, attempt.currency),
                late: self.late,
            },
            Money::new(self.fact.amount, self.fact.currency),
        );
        let receipt = self.receipt(&attempt, meaning.receipt_kind(), random);
        if !store::insert_receipt(db, &receipt)? {
            return Ok((self.known(db, &attempt, random)?, order.id));
        }
        crate::fault::tag("settle");
        crate::fault::point("after_receipt_insert");
        store::mark_paid(db, &attempt.id, &receipt.channel_trade_no, self.now)?;
        unheard::booked(db, &attempt, self.now)?;
        let settled = self.take_in(db, &mut order, &attempt, &receipt, meaning, random)?;
        Ok((settled, order.id))
    }

    /// The channel's number was stored before: by this attempt (a repeat) or by another one.
    fn known(&self, db: &mut Db, attempt: &Attempt, random: &dyn Random) -> Result<Settled, Error> {
        let trade_no = &self.fact.channel_trade_no;
        let first = store::receipt_by_trade_no(db, &self.fact.account, trade_no)?
            .ok_or_else(|| StoreError::Conflict("the first receipt is not visible yet".into()))?;
        if first.attempt_id.as_ref() == Some(&attempt.id) {
            return Ok(Settled::Repeated);
        }
        let alarm = Alarm {
            kind: "trade_no_taken",
            cause: &format!("trade_no_taken/{}/{trade_no}", self.fact.account),
            severity: Severity::Critical,
            body: format!(
                "Account {} named payment {trade_no} for attempt {}, but it belongs to another \
                 attempt. Nothing was delivered. Ask the channel which order it paid.",
                self.fact.account, attempt.merchant_no
            ),
        };
        self.promises.alarm(db, random, alarm, self.now)?;
        Ok(Settled::TradeNoTaken)
    }

    fn take_in(
        &self,
        db: &mut Db,
        order: &mut Order,
        attempt: &Attempt,
        receipt: &Receipt,
        meaning: Meaning,
        random: &dyn Random,
    ) -> Result<Settled, Error> {
        let received = postings::Received {
            receipt: &receipt.id,
            seller: &receipt.seller_id,
            account: &receipt.account_id,
            money: Money::new(receipt.amount, receipt.currency),
        };
        let capture = match meaning {
            Meaning::CaptureLate => fulfil::all_there(db, &order.id)?,
            Meaning::Capture { .. } => true,
            _ => false,
        };
        let charge = match meaning {
            Meaning::Capture { excess } if excess == Minor::ZERO => postings::charge(received)?,
            Meaning::RefundDuplicate => postings::second_payment(received)?,
            _ => postings::unallocated_payment(received)?,
        };
        let from_unallocated = charge.template() == "J56";
        self.post(db, &charge, random)?;
        // The fixed part of a fee is in the account's currency.
        let fixed = match receipt.currency == attempt.currency {
            true => self.fixed,
            false => Minor::ZERO,
        };
        if let Some(fee) = postings::fee(received, self.fee, fixed)? {
            self.post(db, &fee, random)?;
        }
        if capture {
            if from_unallocated {
                self.post(db, &postings::allocate(received, attempt.amount)?, random)?;
            }
            store::capture_part(db, &attempt.payment_id, &attempt.part_id, attempt.amount)?;
            self.deliver(db, order, attempt, receipt, random)?;
            let cause = format!("contradicted/{}", attempt.id);
            let how = "the channel confirmed the payment";
            case::store::close_cause(db, &cause, how, self.now)?;
        }
        crate::fault::point("after_journal");
        let back = match meaning {
            Meaning::Capture { excess } if excess > Minor::ZERO => {
                Some((excess, Grounds::Over, CaseKind::Over))
            }
            Meaning::CaptureLate if !capture => {
                Some((receipt.amount, Grounds::NoStockLate, CaseKind::Late))
            }
            Meaning::RefundLate => Some((receipt.amount, Grounds::Late, CaseKind::Late)),
            Meaning::RefundDuplicate => {
                Some((receipt.amount, Grounds::Duplicate, CaseKind::Duplicate))
            }
            _ => None,
        };
        if let Some((amount, grounds, kind)) = back {
            self.send_back(
                db,
                order,
                receipt,
                (amount, grounds, kind),
                !from_unallocated,
                random,
            )?;
        }
        if let Meaning::Hold(kind) = meaning {
            self.hold(db, order, receipt, kind, random)?;
        }
        if capture {
            Ok(Settled::Captured {
                order: order.id.clone(),
                state: order.state,
            })
        } else {
            Ok(Settled::Set(receipt.kind))
        }
    }

    fn deliver(
        &self,
        db: &mut Db,
        order: &mut Order,
        attempt: &Attempt,
        receipt: &Receipt,
        random: &dyn Random,
    ) -> Result<(), Error> {
        let handed = fulfil::hand_out(db, &self.sealer, random, &order.id, self.now)?;
        let detail = json!({
            "receipt": receipt.id, "account": receipt.account_id, "attempt": attempt.n,
            "amount": receipt.amount, "currency": receipt.currency, "source": receipt.source,
        });
        let actor = format!("channel:{}", receipt.account_id);
        let paid = Change::new(Event::PaymentCaptured, &actor, detail);
        fulfil::record(
            db,
            &self.promises,
            random,
            order,
            vec![paid],
            handed,
            self.now,
        )?;
        self.owe(db, order, handed, random)
    }

    /// Paid, and something is missing: a case with an owner and a time (no_stock).
    fn owe(
        &self,
        db: &mut Db,
        order: &Order,
        handed: Handed,
        random: &dyn Random,
    ) -> Result<(), Error> {
        if handed.missing == 0 && handed.by_hand == 0 {
            return Ok(());
        }
        let case = NewCase {
            kind: CaseKind::NoStock,
            cause: format!("no_stock/{}", order.id),
            money: order.money(),
            proposal: "restock_or_refund",
            summary: if handed.missing > 0 {
                format!(
                    "Order {} is paid and {} unit(s) are missing. Import cards (they go out by \
                     themselves, oldest order first) or refund.",
                    order.order_no, handed.missing
                )
            } else {
                format!(
                    "Order {} is paid and {} unit(s) are delivered by a person: deliver them \
                     with `vendgate case deliver`, or refund.",
                    order.order_no, handed.by_hand
                )
            },
            order_id: Some(order.id.clone()),
            attempt_id: None,
            receipt_id: None,
            refund_id: None,
            account_id: None,
        };
        case::open(db, &self.promises, case, random, self.now)?;
        Ok(())
    }

    fn send_back(
        &self,
        db: &mut Db,
        order: &mut Order,
        receipt: &Receipt,
        (amount, grounds, kind): (Minor, Grounds, CaseKind),
        owed_already: bool,
        random: &dyn Random,
    ) -> Result<(), Error> {
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

    fn hold(
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
        let summary = format!(
            "{} came for order {}, which asks for {}. Nothing was delivered. Refund it, or \
             agree with the buyer and deliver.",
            got.display_with_code(),
            order.order_no,
            order.money().display_with_code(),
        );
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

    fn receipt(&self, attempt: &Attempt, kind: ReceiptKind, random: &dyn Random) -> Receipt {
        Receipt {
            id: ReceiptId::new(self.now, random),
            account_id: self.fact.account.clone(),
            channel_trade_no: self.fact.channel_trade_no.clone(),
            attempt_id: Some(attempt.id.clone()),
            payment_id: Some(attempt.payment_id.clone()),
            order_id: Some(attempt.order_id.clone()),
            seller_id: attempt.seller_id.clone(),
            kind,
            source: self.fact.source,
            currency: self.fact.currency,
            amount: self.fact.amount,
            refunding: Minor::ZERO,
            paid_at: self.fact.paid_at.unwrap_or(self.now),
            created_at: self.now,
            reconciled_at: None,
        }
    }

    fn post(&self, db: &mut Db, posting: &Posting, random: &dyn Random) -> Result<(), Error> {
        ledger::post(
            db,
            fulfil::random_journal(self.now, random),
            posting,
            self.now,
        )?;
        Ok(())
    }
}

/// Finishes an order of nothing to pay: no attempt, no channel, no invented notice (R048, R049).
pub async fn settle_free(till: &Till, order: &OrderId) -> Result<(), Error> {
    let (seed, now) = (till.seed(), till.clock.now());
    let (sealer, promises, id) = (Arc::clone(&till.sealer), till.promises(), order.clone());
    till.store
        .write(move |db| -> Result<(), Error> {
            let random = seed.random();
            let mut order = order::store::lock(db, &id)?;
            if order.state != State::PendingPayment || order.amount > Minor::ZERO {
                return Ok(());
            }
            let handed = fulfil::hand_out(db, &sealer, &random, &id, now)?;
            let free = Change::new(Event::PaymentCaptured, "system", json!({"amount": 0}));
            fulfil::record(db, &promises, &random, &mut order, vec![free], handed, now)
        })
        .await?;
    till.moved(order);
    Ok(())
}

/// A fact from the channel's own answer about an attempt.
pub(super) fn fact_of(
    attempt: &Attempt,
    paid: crate::channel::Paid,
    source: Source,
) -> ReceiptFact {
    ReceiptFact {
        attempt: attempt.id.clone(),
        account: attempt.account_id.clone(),
        channel_trade_no: paid.channel_trade_no,
        amount: paid.amount,
        currency: paid.currency,
        paid_at: paid.paid_at,
        source,
    }
}
