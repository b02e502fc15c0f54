//! Queries of deliveries.

use diesel::prelude::*;

use super::model::{Content, Delivery};
use crate::ids::{CardId, OrderId, SellerId};
use crate::store::schema::{card, delivery};
use crate::store::{Db, StoreError, insert_rows};

/// Writes units that left. A card or unit that left before is refused by the database.
pub fn insert(db: &mut Db, rows: &[Delivery]) -> Result<(), StoreError> {
    insert_rows!(db, delivery::table, rows);
    Ok(())
}

/// Whether anything has ever left.
pub fn any(db: &mut Db) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(delivery::table.select(delivery::id))).get_result(db)?)
}

/// How many units of an order have left.
pub fn count(db: &mut Db, order: &OrderId) -> Result<i64, StoreError> {
    Ok(delivery::table
        .filter(delivery::order_id.eq(order))
        .count()
        .get_result(db)?)
}

/// The units of an order that have left, in order, still sealed.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Content>, StoreError> {
    type Row = (Delivery, Option<(CardId, SellerId, Vec<u8>)>);
    let rows: Vec<Row> = delivery::table
        .left_join(card::table.on(card::id.nullable().eq(delivery::card_id)))
        .filter(delivery::order_id.eq(order))
        .order((delivery::item_id, delivery::unit_no))
        .select((
            Delivery::as_select(),
            (card::id, card::seller_id, card::content).nullable(),
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(mut row, card)| match (card, row.content.take()) {
            (Some((id, seller, sealed)), _) => Ok(Content::of_card(&row, id, &seller, sealed)),
            (None, Some(sealed)) => Ok(Content::own(&row, sealed)),
            (None, None) => Err(StoreError::corrupt(format!("delivery {} is empty", row.id))),
        })
        .collect()
}
