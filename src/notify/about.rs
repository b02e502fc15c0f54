//! What was promised about one order, and sending it again.

use diesel::prelude::*;

use super::outbox::{self, Kind, Promise, Resent, Topic};
use crate::clock::Millis;
use crate::ids::{OrderId, OutboxId};
use crate::order::Order;
use crate::store::schema::outbox as rows;
use crate::store::{Db, StoreError};

/// The promises about an order, oldest first.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Promise>, StoreError> {
    Ok(rows::table
        .filter(rows::order_id.eq(order))
        .order((rows::created_at, rows::id))
        .select(Promise::as_select())
        .load(db)?)
}

/// One promise about an order.
pub fn of_order_by_id(
    db: &mut Db,
    order: &OrderId,
    id: &OutboxId,
) -> Result<Option<Promise>, StoreError> {
    Ok(rows::table
        .find(id)
        .filter(rows::order_id.eq(order))
        .select(Promise::as_select())
        .get_result(db)
        .optional()?)
}

/// Whether a promise may be sent again as its order stands: goods that the order no longer shows
/// are not mailed either.
pub fn may_go_again(order: &Order, promise: &Promise) -> bool {
    let goods = promise.kind == Kind::Mail && promise.topic == Topic::OrderDelivered.as_str();
    !goods || order.shows_goods()
}

/// Sends a promise about an order again. The caller holds the order's lock. `None` = it may not
/// go again.
pub fn resend(
    db: &mut Db,
    order: &Order,
    id: &OutboxId,
    now: Millis,
) -> Result<Option<Resent>, StoreError> {
    match of_order_by_id(db, &order.id, id)? {
        None => Ok(Some(Resent::Unknown)),
        Some(promise) if !may_go_again(order, &promise) => Ok(None),
        Some(_) => outbox::resend(db, id, now).map(Some),
    }
}
