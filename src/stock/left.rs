//! How much of a variant could be bought now.

use super::store;
use crate::catalog::Delivery;
use crate::ids::VariantId;
use crate::store::{Db, StoreError};

/// How many units of a variant that is delivered so could be bought now; none = without end (a
/// person delivers).
pub fn left(db: &mut Db, delivery: Delivery, of: &VariantId) -> Result<Option<i64>, StoreError> {
    match delivery {
        Delivery::Manual => Ok(None),
        Delivery::CardPool => store::available_cards(db, of).map(Some),
        Delivery::Reusable => {
            let card = store::reusable_of(db, of)?;
            Ok(card.map_or(Some(0), |card| {
                card.use_limit.map(|limit| (limit - card.used).max(0))
            }))
        }
    }
}
