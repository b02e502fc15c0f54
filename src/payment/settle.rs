//! The only place where money turns into goods.
//!
//! Locks in one order (order, payment, attempt, cards, counters), stores the receipt, judges it,
//! and does everything that follows in the same write: order state, cards, journal, promises.
//! Whoever brings the fact, the path is the same.

use std::sync::Arc;

mod aside;
mod goods;

use aside::Back;
pub use goods::settle_free;

use super::fulfil;
use super::judge::{Meaning, Standing, judge};
use super::model::{Attempt, Error, Receipt, ReceiptFact, ReceiptKind, Source};
use super::till::Till;
use super::{callback, store, unheard};
use crate::account::Facts;
use crate::case;
use crate::channel::MoneyAt;
use crate::clock::Millis;
use crate::ids::{JournalId, OrderId, ReceiptId};
use crate::ledger::{self, Posting, postings};
use crate::money::{Minor, Money};
use crate::notify::alert::Severity;
use crate::notify::{Alarm, Promises};
use crate::order::{self, Order, State};
use crate::random::Random;
use crate::seal::Sealer;
use crate::settings::LatePolicy;
use crate::stock;
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
    /// The order has ended, and the channel itself was not asked: ask it, then settle what it
    /// says (check 11). Nothing was written.
    AskFirst,
}

/// Turns a fact about money into all its effects, once. `notice` is the message that brought
/// it, stored whole in the same write.
pub async fn settle(
    till: &Till,
    fact: ReceiptFact,
    notice: Option<callback::NoticeRow>,
) -> Result<Settled, Error> {
    let account = till.accounts.by_id(&fact.account).ok_or(Error::Unknown)?;
    if fact.amount <= Minor::ZERO {
        return Err(Error::NotPossible("money is more than nothing"));
    }
    // Shared, not copied: a notice may be a quarter of a megabyte.
    let write = Arc::new(Write {
        facts: account.facts.clone(),
        late: till.settings.late_money,
        at_limit: false,
        sealer: Arc::clone(&till.sealer),
        promises: till.promises(),
        now: till.clock.now(),
        fact,
        notice,
    });
    let seed = till.seed();
    crate::fault::point("before_settle");
    let first = Arc::clone(&write);
    let (settled, order) = match till
        .store
        .write(move |db| first.run(db, &seed.random()))
        .await
    {
        // The buyer has bought as much as one may since this order ended: late money does not
        // lift the limit, it goes back.
        Err(Error::Order(order::Error::BuyerLimit { .. })) => {
            let back = Write {
                late: LatePolicy::Refund,
                at_limit: true,
                ..Write::clone(&write)
            };
            till.store
                .write(move |db| back.run(db, &seed.random()))
                .await?
        }
        other => other?,
    };
    metrics::counter!("vendgate_settled_total", "as" => settled.word()).increment(1);
    if !matches!(settled, Settled::Repeated | Settled::AskFirst) {
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
            Settled::AskFirst => "ask_first",
        }
    }
}

#[derive(Clone)]
struct Write {
    fact: ReceiptFact,
    notice: Option<callback::NoticeRow>,
    facts: Facts,
    late: LatePolicy,
    /// The buyer may have no more of this: late money goes back.
    at_limit: bool,
    sealer: Arc<Sealer>,
    promises: Promises,
    now: Millis,
}

impl Write {
    fn run(&self, db: &mut Db, random: &dyn Random) -> Result<(Settled, OrderId), Error> {
        let attempt = store::attempt(db, &self.fact.attempt)?;
        let mut order = order::store::lock(db, &attempt.order_id)?;
        if !self.fact.asked && matches!(order.state, State::Expired | State::Cancelled) {
            return Ok((Settled::AskFirst, order.id));
        }
        if let Some(notice) = &self.notice {
            callback::insert_notice(db, notice)?;
        }
        crate::fault::point("after_raw_log");
        let captured = store::lock_part(db, &attempt.payment_id, &attempt.part_id)?;
        let attempt = store::lock_attempt(db, &attempt.id)?;
        // Whether an order of before the database was put back had its goods already, nobody here
        // knows: its money does not go back by itself.
        let put_back = !self.at_limit
            && matches!(order.state, State::Expired | State::Cancelled)
            && stock::withheld::put_back_since(db, order.created_at)?;
        let meaning = judge(
            Standing {
                state: order.state,
                captured,
                asked: Money::new(attempt.amount, attempt.currency),
                late: if put_back {
                    LatePolicy::Deliver
                } else {
                    self.late
                },
                given_back: self.fact.given_back,
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
            Meaning::CaptureLate => {
                fulfil::all_there(db, &order.id)?
                    || stock::withheld::put_back_since(db, order.created_at)?
            }
            Meaning::Capture { .. } => true,
            _ => false,
        };
        let charge = match meaning {
            Meaning::Capture { excess } if excess == Minor::ZERO => postings::charge(received)?,
            Meaning::RefundDuplicate => postings::second_payment(received)?,
            _ => postings::unallocated_payment(received)?,
        };
        let from_unallocated = charge.template() == "J56";
        book(db, received, &charge, &self.facts, random, self.now)?;
        if capture {
            if from_unallocated {
                let allocated = postings::allocate(received, attempt.amount)?;
                post(db, &allocated, random, self.now)?;
            }
            store::capture_part(db, &attempt.payment_id, &attempt.part_id, attempt.amount)?;
            self.deliver(db, order, attempt, receipt, random)?;
            if meaning == Meaning::CaptureLate {
                order::hold_again(db, order)?;
            }
            let cause = format!("contradicted/{}", attempt.id);
            let how = "the channel confirmed the payment";
            case::store::close_cause(db, &cause, how, self.now)?;
        }
        crate::fault::point("after_journal");
        if let Some(back) = Back::of(meaning, receipt, capture) {
            self.send_back(db, order, receipt, back, !from_unallocated, random)?;
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
}

/// Enters money that came: its charge, and what the channel keeps of it.
pub(super) fn book(
    db: &mut Db,
    received: postings::Received<'_>,
    charge: &Posting,
    facts: &Facts,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    post(db, charge, random, now)?;
    // The fixed part of a fee is in the account's currency.
    let fixed = match received.money.currency == facts.currency {
        true => facts.fixed,
        false => Minor::ZERO,
    };
    if let Some(fee) = postings::fee(received, facts.fee, fixed)? {
        post(db, &fee, random, now)?;
    }
    Ok(())
}

fn post(db: &mut Db, posting: &Posting, random: &dyn Random, now: Millis) -> Result<(), Error> {
    ledger::post(db, JournalId::new(now, random), posting, now)?;
    Ok(())
}

/// A fact from the channel's own answer about an attempt.
pub(super) fn fact_of(attempt: &Attempt, money: MoneyAt, source: Source) -> ReceiptFact {
    let MoneyAt { paid, given_back } = money;
    ReceiptFact {
        attempt: attempt.id.clone(),
        account: attempt.account_id.clone(),
        channel_trade_no: paid.channel_trade_no,
        amount: paid.amount,
        currency: paid.currency,
        paid_at: paid.paid_at,
        source,
        asked: true,
        given_back,
    }
}
