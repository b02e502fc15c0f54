//! The only writer of an order's state.

use diesel::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::{Error, Item, Order, OrderEvent};
use super::state::{Effect, Event, State, next};
use super::store;
use crate::catalog::Delivery;
use crate::clock::Millis;
use crate::ids::OrderId;
use crate::stock;
use crate::store::schema::{order_event, order_item, orders};
use crate::store::{Db, StoreError, insert_rows};

/// Something that happened to an order.
#[derive(Debug, Clone)]
pub struct Change {
    /// What.
    pub event: Event,
    /// Who: `buyer`, `system`, `channel:epay-main`, `staff:…`.
    pub actor: String,
    /// Facts for the history; nothing secret.
    pub detail: Value,
}

impl Change {
    /// A change with its facts.
    pub fn new(event: Event, actor: &str, detail: Value) -> Self {
        Change {
            event,
            actor: actor.to_owned(),
            detail,
        }
    }
}

/// Moves an order along one or several edges in one guarded UPDATE, adds its events to the
/// chain and does what the edges promise (stock and holds are given back). `order` must have
/// been read in this transaction; it is brought up to date.
pub fn apply(db: &mut Db, order: &mut Order, changes: &[Change], now: Millis) -> Result<(), Error> {
    let (was, version) = (order.state, order.version);
    let mut events = Vec::with_capacity(changes.len());
    let mut effects = Vec::new();
    for change in changes {
        let step = next(order.state, change.event, order.refund_from)?;
        for effect in step.effects {
            match effect {
                Effect::StampPaid => order.paid_at = Some(now),
                Effect::StampDelivered => order.delivered_at = Some(now),
                Effect::RememberOrigin => order.refund_from = Some(order.state),
                release => effects.push(*release),
            }
        }
        events.push(chain(order, change, step.to, now));
        order.state = step.to;
    }
    order.version = version + 1;
    order.next_check_at = order.next_check_at.filter(|_| order.state == was);
    let touched = diesel::update(
        orders::table
            .find(&order.id)
            .filter(orders::state.eq(was))
            .filter(orders::version.eq(version)),
    )
    .set((
        orders::state.eq(order.state),
        orders::version.eq(order.version),
        orders::refund_from.eq(order.refund_from),
        orders::event_seq.eq(order.event_seq),
        orders::event_head.eq(&order.event_head),
        orders::paid_at.eq(order.paid_at),
        orders::delivered_at.eq(order.delivered_at),
        orders::next_check_at.eq(order.next_check_at),
    ))
    .execute(db)
    .map_err(StoreError::from)?;
    if touched != 1 {
        return Err(StoreError::Conflict(format!("order {} moved meanwhile", order.id)).into());
    }
    write_events(db, &events)?;
    for effect in &effects {
        release(db, order, *effect, now)?;
    }
    let given_up = |kind: &str| match kind {
        "unpaid" => effects.contains(&Effect::ReleaseUnpaidHolds),
        _ => effects.contains(&Effect::ReleaseBoughtHolds),
    };
    Ok(give_back(db, &order.id, &given_up)?)
}

/// Begins the chain of a new order.
pub(super) fn first_event(order: &mut Order, actor: &str, detail: &Value) -> OrderEvent {
    let now = order.created_at;
    link(
        order,
        actor,
        "placed",
        "",
        order.state.as_str(),
        detail,
        now,
    )
}

pub(super) fn write_events(db: &mut Db, events: &[OrderEvent]) -> Result<(), StoreError> {
    insert_rows!(db, order_event::table, events);
    Ok(())
}

fn chain(order: &mut Order, change: &Change, to: State, now: Millis) -> OrderEvent {
    let from = order.state.as_str();
    link(
        order,
        &change.actor,
        change.event.as_str(),
        from,
        to.as_str(),
        &change.detail,
        now,
    )
}

fn link(
    order: &mut Order,
    actor: &str,
    kind: &str,
    from: &str,
    to: &str,
    detail: &Value,
    at: Millis,
) -> OrderEvent {
    let mut event = OrderEvent {
        order_id: order.id.clone(),
        seq: order.event_seq + 1,
        at,
        actor: actor.to_owned(),
        kind: kind.to_owned(),
        state_from: from.to_owned(),
        state_to: to.to_owned(),
        detail: detail.to_string(),
        prev_hash: std::mem::take(&mut order.event_head),
        hash: String::new(),
    };
    event.hash = event.digest();
    order.event_seq = event.seq;
    order.event_head.clone_from(&event.hash);
    event
}

impl OrderEvent {
    /// SHA-256 (hex) over a JSON array of every other column, in their order: what the chain
    /// holds and what a verifier recomputes.
    pub fn digest(&self) -> String {
        let text = serde_json::json!([
            self.order_id,
            self.seq,
            self.at,
            self.actor,
            self.kind,
            self.state_from,
            self.state_to,
            self.detail,
            self.prev_hash,
        ])
        .to_string();
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}

/// Checks the whole history of one order, as it was read, oldest first: numbered from 1 without
/// a gap, each event following the one before, nothing altered. `Err` = the first that is not.
pub fn verify_chain(events: &[OrderEvent]) -> Result<(), i64> {
    let mut before = String::new();
    for (event, seq) in events.iter().zip(1..) {
        let same_order = event.order_id == events[0].order_id;
        if event.seq != seq
            || !same_order
            || event.prev_hash != before
            || event.hash != event.digest()
        {
            return Err(seq);
        }
        before.clone_from(&event.hash);
    }
    Ok(())
}

fn release(db: &mut Db, order: &Order, effect: Effect, now: Millis) -> Result<(), StoreError> {
    match effect {
        Effect::ReleaseStock => {
            for item in store::items(db, &order.id)? {
                release_item(db, &item, now)?;
            }
            Ok(())
        }
        // Both kinds are given back together, below.
        Effect::ReleaseUnpaidHolds | Effect::ReleaseBoughtHolds => Ok(()),
        Effect::StampPaid | Effect::StampDelivered | Effect::RememberOrigin => Ok(()),
    }
}

fn release_item(db: &mut Db, item: &Item, now: Millis) -> Result<(), StoreError> {
    if item.held == 0 {
        return Ok(());
    }
    match item.delivery {
        Delivery::CardPool => {
            stock::store::release_cards(db, &item.id, now)?;
        }
        // A use that was handed out stays used, also when its order is refunded.
        Delivery::Reusable => {
            let unused = (item.held - item.delivered).max(0);
            stock::store::give_back_uses(db, &item.variant_id, unused, now)?;
        }
        Delivery::Manual => {}
    }
    diesel::update(order_item::table.find(&item.id))
        .set(order_item::held.eq(0))
        .execute(db)?;
    Ok(())
}

/// Gives counters back in order of their names, as placing takes them: no two orders wait for
/// each other in a circle. A unit that left stays bought, also when money of its order goes back:
/// else a refund of the rest would lift the limit per buyer.
fn give_back(
    db: &mut Db,
    order: &OrderId,
    given_up: &dyn Fn(&str) -> bool,
) -> Result<(), StoreError> {
    if !given_up("unpaid") && !given_up("bought") {
        return Ok(());
    }
    let items = store::items(db, order)?;
    let left = |counter: &str| -> i64 {
        let of = items
            .iter()
            .filter(|item| counter.starts_with(&format!("bought/{}/", item.variant_id)));
        of.map(|item| item.delivered).sum()
    };
    for (counter, amount, kind) in store::holds(db, order)? {
        let back = amount - left(&counter);
        if given_up(&kind) && back > 0 {
            stock::give_back(db, &counter, back)?;
        }
    }
    for kind in ["unpaid", "bought"]
        .into_iter()
        .filter(|kind| given_up(kind))
    {
        store::drop_holds(db, order, kind)?;
    }
    Ok(())
}
