//! Counters an order holds: how many units one buyer bought, how many unpaid orders hold.

use diesel::prelude::*;

use super::model::{Error, Order};
use super::store;
use crate::catalog::{self, Variant};
use crate::ids::OrderId;
use crate::stock;
use crate::store::schema::order_hold;
use crate::store::{Db, StoreError};

/// The kind of hold that counts units a buyer bought: given back when the order is given up or
/// refunded.
const BOUGHT: &str = "bought";

/// Takes `amount` of a counter for an order and remembers it; false = over `cap`, unchanged.
pub(super) fn take(
    db: &mut Db,
    order: &OrderId,
    counter: &str,
    amount: i64,
    cap: i64,
    kind: &str,
) -> Result<bool, StoreError> {
    if !stock::take(db, counter, amount, cap)? {
        return Ok(false);
    }
    diesel::insert_into(order_hold::table)
        .values((
            order_hold::order_id.eq(order),
            order_hold::counter.eq(counter),
            order_hold::amount.eq(amount),
            order_hold::kind.eq(kind),
        ))
        .execute(db)?;
    Ok(true)
}

/// Counts `quantity` units of a variant for a buyer, if the variant has a limit.
pub(super) fn take_bought(
    db: &mut Db,
    order: &OrderId,
    variant: &Variant,
    email_hash: &str,
    quantity: i64,
) -> Result<(), Error> {
    let Some(most) = variant.buyer_limit else {
        return Ok(());
    };
    let counter = format!("{BOUGHT}/{}/{email_hash}", variant.id);
    if take(db, order, &counter, quantity, most, BOUGHT)? {
        Ok(())
    } else {
        Err(Error::BuyerLimit { most })
    }
}

/// Counts the units of an order that had ended (and gave its counters back) for its buyer again,
/// because late money pays it after all; refused where the buyer has bought as many meanwhile.
/// After the cards, as placing does.
pub fn hold_again(db: &mut Db, order: &Order) -> Result<(), Error> {
    for item in store::items(db, &order.id)? {
        let variant = catalog::store::variant_by_id(db, &item.variant_id)?;
        take_bought(db, &order.id, &variant, &order.email_hash, item.quantity)?;
    }
    Ok(())
}
