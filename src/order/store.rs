//! Queries of the order room.

use diesel::prelude::*;

use super::model::{Item, Order, OrderEvent};
use crate::clock::Millis;
use crate::ids::{OrderId, OrderNo};
use crate::store::schema::{order_event, order_hold, order_item, orders, view_token};
use crate::store::{Db, StoreError, both, locked};

/// The order with this number.
pub fn by_no(db: &mut Db, no: &OrderNo) -> Result<Option<Order>, StoreError> {
    Ok(orders::table
        .filter(orders::order_no.eq(no))
        .select(Order::as_select())
        .get_result(db)
        .optional()?)
}

/// The order with this id.
pub fn by_id(db: &mut Db, id: &OrderId) -> Result<Order, StoreError> {
    Ok(orders::table
        .find(id)
        .select(Order::as_select())
        .get_result(db)?)
}

/// The order with this id, if there is one.
pub fn find(db: &mut Db, id: &OrderId) -> Result<Option<Order>, StoreError> {
    Ok(orders::table
        .find(id)
        .select(Order::as_select())
        .get_result(db)
        .optional()?)
}

/// The order, locked until the transaction ends.
pub fn lock(db: &mut Db, id: &OrderId) -> Result<Order, StoreError> {
    Ok(locked!(
        db,
        orders::table.find(id).select(Order::as_select()),
        |q, c| q.get_result(c)
    )?)
}

/// The lines of an order, in order of placement.
pub fn items(db: &mut Db, id: &OrderId) -> Result<Vec<Item>, StoreError> {
    Ok(order_item::table
        .filter(order_item::order_id.eq(id))
        .order(order_item::id)
        .select(Item::as_select())
        .load(db)?)
}

/// The history of an order, oldest first.
pub fn events(db: &mut Db, id: &OrderId) -> Result<Vec<OrderEvent>, StoreError> {
    Ok(order_event::table
        .filter(order_event::order_id.eq(id))
        .order(order_event::seq)
        .select(OrderEvent::as_select())
        .load(db)?)
}

/// The order a view token opens, by the token's hash.
pub fn by_token(db: &mut Db, no: &OrderNo, hash: &str) -> Result<Option<Order>, StoreError> {
    Ok(orders::table
        .inner_join(view_token::table.on(view_token::order_id.eq(orders::id)))
        .filter(orders::order_no.eq(no))
        .filter(view_token::hash.eq(hash))
        .select(Order::as_select())
        .get_result(db)
        .optional()?)
}

/// The orders of an address, by its keyed hash: the newest first, older than `before`.
pub fn of_email(
    db: &mut Db,
    hash: &str,
    before: Option<&OrderId>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    let mut rows = orders::table
        .filter(orders::email_hash.eq(hash))
        .select(Order::as_select())
        .into_boxed();
    if let Some(before) = before {
        rows = rows.filter(orders::id.lt(before));
    }
    Ok(rows.order(orders::id.desc()).limit(limit).load(db)?)
}

/// Whether a token, by its hash, opens an order.
pub fn has_token(db: &mut Db, hash: &str) -> Result<bool, StoreError> {
    let found: Option<OrderId> = view_token::table
        .find(hash)
        .select(view_token::order_id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// Gives one more token to an order; the same token twice is one.
pub fn add_token(db: &mut Db, hash: &str, order: &OrderId, now: Millis) -> Result<(), StoreError> {
    let row = (
        view_token::hash.eq(hash),
        view_token::order_id.eq(order),
        view_token::created_at.eq(now),
    );
    both!(db, |c| diesel::insert_into(view_token::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Looks at an order again at `at`.
pub fn check_again(db: &mut Db, id: &OrderId, at: Option<Millis>) -> Result<(), StoreError> {
    diesel::update(orders::table.find(id))
        .set(orders::next_check_at.eq(at))
        .execute(db)?;
    Ok(())
}

/// Counts units of an item as handed out.
pub fn add_delivered(db: &mut Db, item: &Item, units: i64) -> Result<(), StoreError> {
    diesel::update(order_item::table.find(&item.id))
        .set(order_item::delivered.eq(order_item::delivered + units))
        .execute(db)?;
    Ok(())
}

/// Adds to what has gone back of an order.
pub fn add_refunded(db: &mut Db, id: &OrderId, amount: i64) -> Result<(), StoreError> {
    diesel::update(orders::table.find(id))
        .set(orders::refunded_amount.eq(orders::refunded_amount + amount))
        .execute(db)?;
    Ok(())
}

/// What an order holds of the counters: name, amount, `unpaid` or `bought`.
pub(super) fn holds(db: &mut Db, id: &OrderId) -> Result<Vec<(String, i64, String)>, StoreError> {
    Ok(order_hold::table
        .filter(order_hold::order_id.eq(id))
        .order(order_hold::counter)
        .select((order_hold::counter, order_hold::amount, order_hold::kind))
        .load(db)?)
}

/// Forgets holds of one kind; how many there were.
pub(super) fn drop_holds(db: &mut Db, id: &OrderId, kind: &str) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        order_hold::table
            .filter(order_hold::order_id.eq(id))
            .filter(order_hold::kind.eq(kind)),
    )
    .execute(db)?)
}
