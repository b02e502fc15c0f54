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
    /// When it left, UTC.
    pub at: Millis,
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
            at: delivery.created_at,
            sealed,
            place: Card::place(&card, seller),
        }
    }

    /// Opens it.
    pub fn open(&self, sealer: &Sealer) -> Result<Unit, SealError> {
        Ok(Unit {
            item_id: self.item_id.clone(),
            unit_no: self.unit_no,
            content: sealer.open_text(&self.sealed, &self.place)?,
        })
    }

    /// Of a delivery with a content of its own.
    pub(super) fn own(delivery: &Delivery, sealed: Vec<u8>) -> Self {
        Content {
            item_id: delivery.item_id.clone(),
            unit_no: delivery.unit_no,
            at: delivery.created_at,
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

impl Unit {
    /// Enough of its first line to tell it from others: `NMP••••VC`.
    pub fn masked(&self) -> String {
        let mut lines = self.content.lines().map(str::trim);
        let letters: Vec<char> = lines
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .chars()
            .collect();
        if letters.len() < 12 {
            return "••••".to_owned();
        }
        let first: String = letters[..3].iter().collect();
        let last: String = letters[letters.len() - 2..].iter().collect();
        format!("{first}••••{last}")
    }
}

/// Opens all units.
pub fn open_all(sealer: &Sealer, contents: &[Content]) -> Result<Vec<Unit>, SealError> {
    contents
        .iter()
        .map(|content| content.open(sealer))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_unit_tells_which_it_is_and_no_more() {
        for (content, masked) in [
            ("NMPRO-7788-PL6VC", "NMP••••VC"),
            ("short", "••••"),
            ("login: li@example.com\npassword: SESAME", "log••••om"),
            ("\n  授权码一二三四五六七八九十  ", "授权码••••九十"),
            ("", "••••"),
        ] {
            let unit = Unit {
                item_id: ItemId("i".to_owned()),
                unit_no: 1,
                content: content.to_owned(),
            };
            assert_eq!(unit.masked(), masked);
        }
    }
}
