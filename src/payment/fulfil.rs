//! Handing out what was paid for, inside the paying transaction.

use std::sync::Arc;

use serde_json::json;

use super::model::Error;
use super::till::Till;
use crate::case;
use crate::catalog::Delivery as How;
use crate::clock::Millis;
use crate::delivery::{self, Delivery};
use crate::ids::{DeliveryId, OrderId};
use crate::ledger::{self, postings};
use crate::money::{Minor, Money};
use crate::notify::Promises;
use crate::notify::outbox::Topic;
use crate::order::{self, Change, Event, Item, Order, State};
use crate::random::Random;
use crate::seal::Sealer;
use crate::stock::{self, Reusable};
use crate::store::{Db, StoreError, apart};

/// What handing out achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Handed {
    /// Units that left now.
    pub now: i64,
    /// Units that have left in all.
    pub in_all: i64,
    /// Units that wait for stock.
    pub missing: i64,
    /// Units of these whose stored content does not open with the shop's key.
    pub unreadable: i64,
    /// Units a person has to deliver.
    pub by_hand: i64,
}

impl Handed {
    /// What this does to an order that stands in `state`; none = nothing changed.
    pub fn event(self, state: State) -> Option<Event> {
        let owed = self.missing + self.by_hand;
        if owed == 0 {
            return Some(Event::AllDelivered);
        }
        match state {
            State::PartiallyDelivered => None,
            _ if self.in_all > 0 => Some(Event::PartDelivered),
            State::AwaitingStock | State::Delivering => None,
            _ if self.missing > 0 => Some(Event::StockMissing),
            _ => Some(Event::DeliveryBegan),
        }
    }
}

/// Whether every unit of an order that ended could be handed out now (nothing is held for it).
pub(super) fn all_there(db: &mut Db, order: &OrderId) -> Result<bool, StoreError> {
    for item in order::store::items(db, order)? {
        let there = match item.delivery {
            How::Manual => true,
            How::CardPool => stock::store::available_cards(db, &item.variant_id)? >= item.quantity,
            How::Reusable => stock::store::reusable_of(db, &item.variant_id)?.is_some_and(|card| {
                card.use_limit
                    .is_none_or(|l| l - card.used >= item.quantity)
            }),
        };
        if !there {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Hands out whatever is there for an order; what is not there stays owed.
pub(super) fn hand_out(
    db: &mut Db,
    sealer: &Sealer,
    random: &dyn Random,
    order: &OrderId,
    now: Millis,
) -> Result<Handed, Error> {
    let mut handed = Handed::default();
    for item in order::store::items(db, order)? {
        let owed = item.quantity - item.delivered;
        handed.in_all += item.delivered;
        if owed == 0 {
            continue;
        }
        let rows = match item.delivery {
            How::Manual => {
                handed.by_hand += owed;
                continue;
            }
            How::CardPool => cards(db, random, &item, owed, now)?,
            How::Reusable => match uses(db, sealer, random, &item, owed, now)? {
                Some(rows) => rows,
                None => {
                    handed.unreadable += owed;
                    Vec::new()
                }
            },
        };
        crate::fault::point("after_cards");
        let left = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        handed.missing += owed - left;
        if left > 0 {
            delivery::store::insert(db, &rows)?;
            order::store::add_delivered(db, &item, left)?;
        }
        handed.now += left;
        handed.in_all += left;
    }
    Ok(handed)
}

fn cards(
    db: &mut Db,
    random: &dyn Random,
    item: &Item,
    owed: i64,
    now: Millis,
) -> Result<Vec<Delivery>, StoreError> {
    let left = stock::store::hand_out_cards(db, &item.variant_id, &item.id, owed, now)?;
    Ok(left
        .into_iter()
        .zip(item.delivered + 1..)
        .map(|(card, unit_no)| Delivery {
            id: DeliveryId::new(now, random),
            order_id: item.order_id.clone(),
            item_id: item.id.clone(),
            unit_no,
            card_id: Some(card),
            content: None,
            created_at: now,
        })
        .collect())
}

/// Uses of a shared card. None = its content does not open: nothing is taken, for the money that
/// pays for it must be stored all the same.
fn uses(
    db: &mut Db,
    sealer: &Sealer,
    random: &dyn Random,
    item: &Item,
    owed: i64,
    now: Millis,
) -> Result<Option<Vec<Delivery>>, Error> {
    let Some(card) = stock::store::reusable_of(db, &item.variant_id)? else {
        return Ok(Some(Vec::new()));
    };
    let place = Reusable::place(&item.variant_id, &item.seller_id);
    let Ok(content) = sealer.open(&card.content, &place) else {
        return Ok(None);
    };
    let held = item.held >= owed;
    if !held && !stock::store::take_uses(db, &item.variant_id, owed, now)? {
        return Ok(Some(Vec::new()));
    }
    let rows = (0..owed)
        .map(|at| {
            let id = DeliveryId::new(now, random);
            let sealed = sealer.seal(&content, &Delivery::place(&id), random);
            Delivery {
                id,
                order_id: item.order_id.clone(),
                item_id: item.id.clone(),
                unit_no: item.delivered + 1 + at,
                card_id: None,
                content: Some(sealed),
                created_at: now,
            }
        })
        .collect();
    Ok(Some(rows))
}

/// Moves an order after a hand-out: its state, its accrual when the last unit left, and the
/// promises to the buyer and the seller. `before` are edges to take first (the capture).
pub(super) fn record(
    db: &mut Db,
    till: &Promises,
    random: &dyn Random,
    order: &mut Order,
    before: Vec<Change>,
    handed: Handed,
    now: Millis,
) -> Result<(), Error> {
    let mut changes = before;
    let mut state = order.state;
    for change in &changes {
        state = order::state::next(state, change.event, order.refund_from)
            .map_err(order::Error::from)?
            .to;
    }
    if let Some(event) = handed.event(state) {
        let detail = json!({"units": handed.now, "in_all": handed.in_all,
            "missing": handed.missing, "unreadable": handed.unreadable, "by_hand": handed.by_hand});
        changes.push(Change::new(event, "system", detail));
    }
    if !changes.is_empty() {
        order::apply(db, order, &changes, now)?;
    }
    crate::fault::point("after_order_update");
    let owed = order.amount.minus(order.refunded_amount)?;
    if order.state == State::Delivered && owed > Minor::ZERO {
        let money = Money::new(owed, order.currency);
        let posting = postings::deliver(&order.id, &order.seller_id, money)?;
        ledger::post(db, random_journal(now, random), &posting, now)?;
    }
    if handed.now > 0 {
        till.delivered(db, random, order, handed.in_all, now)?;
    } else if matches!(order.state, State::AwaitingStock | State::Delivering) {
        till.mail(db, random, Topic::OrderPaidWaiting, order, now)?;
    }
    Ok(())
}

pub(super) fn random_journal(now: Millis, random: &dyn Random) -> crate::ids::JournalId {
    crate::ids::JournalId::new(now, random)
}

/// G08: hands cards that arrived to the orders that wait for them, oldest first. One write per
/// order; how many orders moved.
pub async fn deliver_waiting(till: &Till) -> Result<usize, Error> {
    let waiting = till
        .store
        .read(|db| super::store::waiting_orders(db, 200))
        .await?;
    let (mut moved, mut failed) = (0, None);
    for id in waiting {
        match apart(deliver_one(till, id.clone())).await {
            // The next one may want something else: who gets nothing stops nobody.
            Ok(handed) => moved += usize::from(handed.now > 0),
            Err(cause) => {
                tracing::error!(order = %id, %cause, "a waiting order could not be delivered");
                failed.get_or_insert(cause);
            }
        }
    }
    failed.map_or(Ok(moved), Err)
}

async fn deliver_one(till: &Till, id: OrderId) -> Result<Handed, Error> {
    let (now, seed) = (till.clock.now(), till.seed());
    let (sealer, promises) = (Arc::clone(&till.sealer), till.promises());
    till.store
        .write(move |db| -> Result<Handed, Error> {
            let random = seed.random();
            let mut order = order::store::lock(db, &id)?;
            if !matches!(
                order.state,
                State::AwaitingStock | State::PartiallyDelivered
            ) {
                return Ok(Handed::default());
            }
            let handed = hand_out(db, &sealer, &random, &id, now)?;
            if handed.now > 0 {
                record(db, &promises, &random, &mut order, Vec::new(), handed, now)?;
                if order.state == State::Delivered {
                    let cause = format!("no_stock/{id}");
                    case::store::close_cause(db, &cause, "delivered when stock came", now)?;
                }
            }
            Ok(handed)
        })
        .await
}

#[cfg(test)]
#[path = "fulfil_tests.rs"]
mod tests;
