//! A handed-out unit and its content.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{CardId, DeliveryId, ItemId, OrderId, SellerId};
use crate::seal::{SealError, Sealer};
use crate::stock::Card;
use crate::store::schema::delivery;

/// One unit of an item that left.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery, treat_none_as_default_value = false)]
pub struct Delivery {
    /// The row.
    pub id: DeliveryId,
    /// Its order.
    pub order_id: OrderId,
    /// Its line.
    pub item_id: ItemId,
    /// 1 to the line's quantity.
    pub unit_no: i64,
    /// The card that left, for a pool.
    pub card_id: Option<CardId>,
    /// The content, sealed for [`Delivery::place`], for everything else.
    pub content: Option<Vec<u8>>,
    /// UTC.
    pub created_at: Millis,
}

impl Delivery {
    /// The associated data its own content is sealed with.
    pub fn place(id: &DeliveryId) -> String {
        format!("delivery/{id}")
    }
}

/// A unit as read, still sealed.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its line.
    pub item_id: ItemId,
    /// 1 to the line's quantity.
    pub unit_no: i64,
    /// The sealed bytes.
    sealed: Vec<u8>,
    /// The associated data they were sealed with.
    place: String,
}

impl Content {
    /// Of a pool's card.
    pub(super) fn of_card(
        delivery: &Delivery,
        card: CardId,
        seller: &SellerId,
        sealed: Vec<u8>,
    ) -> Self {
        Content {
            item_id: delivery.item_id.clone(),
            unit_no: delivery.unit_no,
            sealed,
            place: Card::place(&card, seller),
        }
    }

    /// Of a delivery with a content of its own.
    pub(super) fn own(delivery: &Delivery, sealed: Vec<u8>) -> Self {
        Content {
            item_id: delivery.item_id.clone(),
            unit_no: delivery.unit_no,
            sealed,
            place: Delivery::place(&delivery.id),
        }
    }
}

/// An opened unit. Not for logs.
#[derive(Clone)]
pub struct Unit {
    /// Its line.
    pub item_id: ItemId,
    /// 1 to the line's quantity.
    pub unit_no: i64,
    /// What the buyer bought, byte for byte.
    pub content: String,
}

/// Opens all units.
pub fn open_all(sealer: &Sealer, contents: &[Content]) -> Result<Vec<Unit>, SealError> {
    contents
        .iter()
        .map(|content| {
            Ok(Unit {
                item_id: content.item_id.clone(),
                unit_no: content.unit_no,
                content: sealer.open_text(&content.sealed, &content.place)?,
            })
        })
        .collect()
}
