//! Goods that a person prepares: one content for each unit, sealed like every other.

use super::model::Error;
use super::why::Why;
use crate::catalog::Delivery as How;
use crate::clock::Millis;
use crate::delivery::{self, Delivery};
use crate::ids::{DeliveryId, OrderId};
use crate::order::{self, Item};
use crate::random::Random;
use crate::seal::{Sealer, Secret};
use crate::store::Db;

/// The longest content of one unit, in bytes.
pub const LONGEST_CONTENT: usize = 64 << 10;

/// Refuses contents no buyer could use: empty, or longer than [`LONGEST_CONTENT`].
pub(super) fn check(contents: &[Secret]) -> Result<(), Error> {
    for content in contents {
        let text = content.reveal();
        if text.trim().is_empty() {
            return Err(Error::NotPossible(Why::EmptyContent));
        }
        if text.len() > LONGEST_CONTENT {
            return Err(Error::NotPossible(Why::LongContent));
        }
    }
    Ok(())
}

/// Hands contents out to the units of an order that a person delivers, in the order of its
/// lines; there must be exactly one for each unit that is owed, so that none goes to the wrong
/// one. The caller holds the order's lock. How many left.
pub(super) fn hand_out(
    db: &mut Db,
    sealer: &Sealer,
    random: &dyn Random,
    order: &OrderId,
    contents: &[Secret],
    now: Millis,
) -> Result<i64, Error> {
    let items: Vec<Item> = order::store::items(db, order)?
        .into_iter()
        .filter(|item| item.delivery == How::Manual)
        .collect();
    let owed: i64 = items.iter().map(|i| i.quantity - i.delivered).sum();
    let given = i64::try_from(contents.len()).unwrap_or(i64::MAX);
    if given != owed {
        return Err(Error::Contents { owed, given });
    }
    let mut contents = contents.iter();
    for item in items.iter().filter(|i| i.delivered < i.quantity) {
        let units = item.delivered + 1..=item.quantity;
        let rows: Vec<Delivery> = units
            .zip(&mut contents)
            .map(|(unit_no, content)| {
                let id = DeliveryId::new(now, random);
                let text = content.reveal().as_bytes();
                let sealed = sealer.seal(text, &Delivery::place(&id), random);
                Delivery {
                    id,
                    order_id: item.order_id.clone(),
                    item_id: item.id.clone(),
                    unit_no,
                    card_id: None,
                    content: Some(sealed),
                    created_at: now,
                }
            })
            .collect();
        let left = item.quantity - item.delivered;
        delivery::store::insert(db, &rows)?;
        order::store::add_delivered(db, item, left)?;
    }
    Ok(owed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_something_and_not_too_long() {
        let one = |text: String| check(&[Secret::new("fine"), Secret::new(text)]);
        assert!(check(&[]).is_ok());
        assert!(one("x".repeat(LONGEST_CONTENT)).is_ok());
        assert!(one("x".repeat(LONGEST_CONTENT + 1)).is_err());
        // 22,000 letters of three bytes each.
        assert!(one("码".repeat(22_000)).is_err());
        for empty in ["", " ", "\n\t"] {
            assert!(one(empty.to_owned()).is_err(), "{empty:?}");
        }
    }
}
