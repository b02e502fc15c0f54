//! What an order costs: PURE. Prices come from the server's rows alone (X16).

use super::model::Error;
use crate::catalog::{Tiers, Variant};
use crate::money::Minor;
use crate::store::StoreError;

/// A price that an order freezes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// For each unit, wholesale tiers applied.
    pub unit_price: Minor,
    /// `unit_price × quantity`.
    pub amount: Minor,
}

/// Prices `quantity` units of a variant, within its limits per order.
pub fn quote(variant: &Variant, quantity: i64) -> Result<Quote, Error> {
    if quantity < variant.min_quantity || quantity > variant.max_quantity {
        return Err(Error::Quantity {
            min: variant.min_quantity,
            max: variant.max_quantity,
        });
    }
    let tiers = variant
        .wholesale()
        .map_err(|e| StoreError::corrupt(format!("tiers of {}: {e}", variant.sku)))?;
    let unit_price = tiers.price_for(quantity).unwrap_or(variant.price);
    Ok(Quote {
        unit_price,
        amount: unit_price.times(quantity)?,
    })
}

impl Tiers {
    /// The wholesale price of `quantity` units, if one applies.
    pub fn price_for(&self, quantity: i64) -> Option<Minor> {
        self.0
            .iter()
            .filter(|tier| tier.from <= quantity)
            .max_by_key(|tier| tier.from)
            .map(|tier| tier.price)
    }
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
