//! Staff give the money of a paid order back: what was not delivered of it, a part of what was,
//! or all. What may go back is decided here, PURE, and asked again under the order's lock.
//!
//! | order | what may go back | the books | the order |
//! |---|---|---|---|
//! | owes goods | what was not delivered, or all | J41 (and J37 for what stays sold) | `refunding` |
//! | delivered | a part | J13 | stays, its refunded amount grows |
//! | delivered | all that is left | J13 | `refunding` |
//! | owes goods, cost nothing | nothing | none | ends as `refunded` |
//!
//! A part never runs beside the whole: when the refund of a whole order ends it moves the order,
//! and another refund that ended meanwhile would move it for the wrong reason.

use serde_json::json;

use super::deeds::undelivered;
use super::give_back::{end_free, that_paid};
use super::model::Error;
use super::till::Till;
use super::why::Why;
use crate::case;
use crate::clock::Millis;
use crate::ids::{OrderId, RefundId};
use crate::ledger::postings::RefundFrom;
use crate::money::{Minor, MoneyError};
use crate::order::{self, Change, Event, Item, Order, State};
use crate::random::Random;
use crate::refund::{self, Grounds, NewRefund, Refund};
use crate::staff::audit::Entry;
use crate::store::Db;

/// What of an order may go back now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refundable {
    /// It cost nothing: it ends, and nothing goes back.
    Nothing,
    /// Goods are owed: what was not delivered, or all that was paid.
    Owed {
        /// What was not delivered, at the prices it was bought at; nothing where what left is
        /// worth all that was paid.
        rest: Minor,
        /// All.
        whole: Minor,
    },
    /// All goods left: any part of what is left.
    Delivered {
        /// All that has not gone back and is not on its way.
        left: Minor,
        /// Whether a part is on its way.
        part_open: bool,
    },
}

/// What a refund of so much does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The order ends without any money.
    End,
    /// The order ends: what is owed is not delivered any more.
    Owed,
    /// The order ends although all was delivered.
    Whole,
    /// The order stays as it is.
    Part,
}

impl Refundable {
    /// What giving `amount` back does, or why it cannot.
    pub fn way(self, amount: Minor) -> Result<Way, Why> {
        match self {
            Refundable::Nothing if amount == Minor::ZERO => Ok(Way::End),
            Refundable::Owed { rest, whole } if amount > Minor::ZERO => {
                match amount == rest || amount == whole {
                    true => Ok(Way::Owed),
                    false => Err(Why::RestOrWhole),
                }
            }
            Refundable::Delivered { left, part_open } if amount > Minor::ZERO && amount <= left => {
                match (amount == left, part_open) {
                    (true, true) => Err(Why::PartOnItsWay),
                    (true, false) => Ok(Way::Whole),
                    (false, _) => Ok(Way::Part),
                }
            }
            _ => Err(Why::OutOfRange),
        }
    }
}

/// What of an order may go back now, as its rows say. PURE.
pub fn refundable(
    order: &Order,
    items: &[Item],
    refunds: &[Refund],
) -> Result<Result<Refundable, Why>, MoneyError> {
    let on_its_way = refunds
        .iter()
        .filter(|refund| refund.is_of_the_order() && !refund.state.is_final())
        .map(|refund| refund.amount);
    let on_its_way = Minor::sum(on_its_way)?;
    let left = order
        .amount
        .minus(order.refunded_amount)?
        .minus(on_its_way)?;
    let found = match order.state {
        State::PendingPayment | State::Expired | State::Cancelled => Err(Why::NotPaid),
        State::Refunding => Err(Why::RefundOnItsWay),
        State::Refunded => Err(Why::AllBack),
        state if state.owes_goods() && order.amount == Minor::ZERO => Ok(Refundable::Nothing),
        _ if left <= Minor::ZERO => Err(Why::AllBack),
        state if state.owes_goods() && on_its_way > Minor::ZERO => Err(Why::RefundOnItsWay),
        state if state.owes_goods() => Ok(Refundable::Owed {
            rest: undelivered(order.amount, order.refunded_amount, items)?,
            whole: left,
        }),
        _ => Ok(Refundable::Delivered {
            left,
            part_open: on_its_way > Minor::ZERO,
        }),
    };
    Ok(found)
}

/// Gives `amount` of an order back as whoever `line` names; the line of the audit log is written
/// in the same write. `seen` is how many refunds the order had when they looked: if it has more
/// now, nothing is done, so that one decision that is sent twice is one. None = the order ended
/// without any money.
pub async fn refund_order(
    till: &Till,
    id: &OrderId,
    (amount, seen): (Minor, usize),
    line: Entry,
    note: &str,
) -> Result<Option<RefundId>, Error> {
    let (wanted, note) = (id.clone(), note.to_owned());
    let (seed, now) = (till.seed(), till.clock.now());
    let made = till
        .store
        .write(move |db| {
            let by = By {
                line: &line,
                note: &note,
                now,
            };
            by.refund(db, &wanted, amount, seen, &seed.random())
        })
        .await?;
    till.moved(id);
    Ok(made)
}

struct By<'a> {
    line: &'a Entry,
    note: &'a str,
    now: Millis,
}

impl By<'_> {
    fn refund(
        &self,
        db: &mut Db,
        id: &OrderId,
        amount: Minor,
        seen: usize,
        random: &dyn Random,
    ) -> Result<Option<RefundId>, Error> {
        let mut order = order::store::lock(db, id)?;
        let refunds = refund::store::of_order(db, id)?;
        if refunds.len() != seen {
            return Err(Error::NotPossible(Why::Meanwhile));
        }
        let items = order::store::items(db, id)?;
        let way = refundable(&order, &items, &refunds)?
            .and_then(|found| found.way(amount))
            .map_err(Error::NotPossible)?;
        let was = order.state;
        let made = match way {
            Way::End => {
                let (actor, detail) = (self.line.actor(), json!({"note": self.note}));
                end_free(db, &mut order, actor, detail, self.now)?;
                None
            }
            _ => Some(self.give_back(db, &mut order, way, (amount, seen), random)?),
        };
        let line = self.line.clone().changed(
            &json!({"state": was}),
            &json!({"state": order.state, "refund": made, "amount": amount,
                "currency": order.currency, "note": self.note}),
        );
        line.write(db)?;
        Ok(made)
    }

    fn give_back(
        &self,
        db: &mut Db,
        order: &mut Order,
        way: Way,
        (amount, seen): (Minor, usize),
        random: &dyn Random,
    ) -> Result<RefundId, Error> {
        let from = match way {
            Way::Owed | Way::End => RefundFrom::Unfulfilled,
            Way::Whole | Way::Part => RefundFrom::Sales,
        };
        let new = NewRefund {
            order_id: order.id.clone(),
            receipt_id: that_paid(db, order)?.id,
            amount,
            grounds: Grounds::Staff,
            from,
            dedupe: format!("order/{}/{seen}", order.id),
        };
        let refund = match from {
            RefundFrom::Unfulfilled => refund::request_rest(db, order, new, random, self.now)?,
            _ => refund::request(db, new, random, self.now)?,
        };
        if way == Way::Part {
            return Ok(refund);
        }
        // The case that asks for goods or a refund closes when this one has gone back.
        let cause = format!("no_stock/{}", order.id);
        if let Some(found) = case::store::open_of_cause(db, &cause)? {
            case::store::link_refund(db, &found.id, &refund)?;
        }
        let detail = json!({"refund": refund, "amount": amount, "note": self.note});
        let asked = Change::new(Event::RefundAsked, self.line.actor(), detail);
        order::apply(db, order, &[asked], self.now)?;
        Ok(refund)
    }
}

#[cfg(test)]
#[path = "refund_order_tests.rs"]
mod tests;
