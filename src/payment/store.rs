//! Queries of the payment room.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Attempt, AttemptState, Receipt};
use super::open::told;
use crate::catalog::Delivery;
use crate::channel::{Class, Failure, Text};
use crate::clock::Millis;
use crate::ids::{AccountId, AttemptId, OrderId, PartId, PaymentId, ReceiptId, VariantId};
use crate::money::Minor;
use crate::order::State;
use crate::stock::{BatchState, CardState};
use crate::store::schema::{
    attempt, card, card_batch, order_item, orders, payment, payment_part, receipt, reusable,
};
use crate::store::{Db, StoreError, both, locked};

/// The attempt with this id.
pub fn attempt(db: &mut Db, id: &AttemptId) -> Result<Attempt, StoreError> {
    Ok(attempt::table
        .find(id)
        .select(Attempt::as_select())
        .get_result(db)?)
}

/// The attempt our number names.
pub fn by_merchant_no(db: &mut Db, no: &str) -> Result<Option<Attempt>, StoreError> {
    Ok(attempt::table
        .filter(attempt::merchant_no.eq(no))
        .select(Attempt::as_select())
        .get_result(db)
        .optional()?)
}

/// The attempt, locked until the transaction ends (after its order and payment).
pub fn lock_attempt(db: &mut Db, id: &AttemptId) -> Result<Attempt, StoreError> {
    Ok(locked!(
        db,
        attempt::table.find(id).select(Attempt::as_select()),
        |q, c| q.get_result(c)
    )?)
}

/// The attempts of an order, oldest first.
pub fn attempts_of(db: &mut Db, order: &OrderId) -> Result<Vec<Attempt>, StoreError> {
    Ok(attempt::table
        .filter(attempt::order_id.eq(order))
        .order(attempt::n)
        .select(Attempt::as_select())
        .load(db)?)
}

/// Writes a new attempt.
pub fn insert_attempt(db: &mut Db, row: &Attempt) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(attempt::table)
        .values(row)
        .execute(c))?;
    Ok(())
}

/// Writes what is known of an attempt, if it still stands where it was read.
pub fn update_attempt(db: &mut Db, row: &Attempt, was: AttemptState) -> Result<bool, StoreError> {
    let touched = diesel::update(attempt::table.find(&row.id).filter(attempt::state.eq(was)))
        .set((
            attempt::state.eq(row.state),
            attempt::channel_trade_no.eq(&row.channel_trade_no),
            attempt::pay_kind.eq(row.pay_kind),
            attempt::pay_url.eq(&row.pay_url),
            attempt::pay_qr.eq(&row.pay_qr),
            attempt::failure.eq(&row.failure),
            attempt::checks.eq(row.checks),
            attempt::changed_at.eq(row.changed_at),
            attempt::expires_at.eq(row.expires_at),
            attempt::next_check_at.eq(row.next_check_at),
        ))
        .execute(db)?;
    Ok(touched == 1)
}

/// Marks an attempt paid, from whatever state (design.md §4: any → paid).
pub fn mark_paid(
    db: &mut Db,
    id: &AttemptId,
    trade_no: &str,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(attempt::table.find(id))
        .set((
            attempt::state.eq(AttemptState::Paid),
            attempt::channel_trade_no.eq(trade_no),
            attempt::changed_at.eq(now),
            attempt::next_check_at.eq(None::<Millis>),
        ))
        .execute(db)?;
    Ok(())
}

/// Marks an attempt that the buyer could pay as declined. It may be paid all the same, so it
/// stays watched and is closed at its end like any other.
pub fn mark_declined(db: &mut Db, id: &AttemptId, now: Millis) -> Result<(), StoreError> {
    let declined = Failure {
        class: Class::Declined,
        code: "declined".to_owned(),
        text: Text::fixed(
            "银行或支付渠道拒绝了这次付款，你没有被扣款。请重试、换卡或换一种支付方式。",
            "The bank or the payment channel declined this payment; you were not charged. Try \
             again, or use another card or another way to pay.",
        ),
        counts: false,
        nothing_made: false,
    };
    diesel::update(
        attempt::table
            .find(id)
            .filter(attempt::state.eq(AttemptState::Created)),
    )
    .set((
        attempt::state.eq(AttemptState::Failed),
        attempt::failure.eq(told(&declined)),
        attempt::changed_at.eq(now),
    ))
    .execute(db)?;
    Ok(())
}

/// Asks about an attempt no later than `at`, if it is watched at all.
pub fn check_by(db: &mut Db, id: &AttemptId, at: Millis) -> Result<(), StoreError> {
    diesel::update(
        attempt::table
            .find(id)
            .filter(attempt::state.ne(AttemptState::Paid))
            .filter(
                attempt::next_check_at
                    .is_null()
                    .or(attempt::next_check_at.gt(at)),
            ),
    )
    .set(attempt::next_check_at.eq(Some(at)))
    .execute(db)?;
    Ok(())
}

/// The receipt the channel's number names.
pub fn receipt_by_trade_no(
    db: &mut Db,
    account: &AccountId,
    trade_no: &str,
) -> Result<Option<Receipt>, StoreError> {
    Ok(receipt::table
        .filter(receipt::account_id.eq(account))
        .filter(receipt::channel_trade_no.eq(trade_no))
        .select(Receipt::as_select())
        .get_result(db)
        .optional()?)
}

/// The receipt with this id.
pub fn receipt(db: &mut Db, id: &ReceiptId) -> Result<Receipt, StoreError> {
    Ok(receipt::table
        .find(id)
        .select(Receipt::as_select())
        .get_result(db)?)
}

/// The receipts of an order, oldest first.
pub fn receipts_of(db: &mut Db, order: &OrderId) -> Result<Vec<Receipt>, StoreError> {
    Ok(receipt::table
        .filter(receipt::order_id.eq(order))
        .order(receipt::created_at)
        .select(Receipt::as_select())
        .load(db)?)
}

/// Stores confirmed money; false = the channel's number is known already.
pub fn insert_receipt(db: &mut Db, row: &Receipt) -> Result<bool, StoreError> {
    let new = both!(db, |c| diesel::insert_into(receipt::table)
        .values(row)
        .on_conflict((receipt::account_id, receipt::channel_trade_no))
        .do_nothing()
        .execute(c))?;
    Ok(new == 1)
}

/// Locks a payment; whether its part is captured.
pub fn lock_part(db: &mut Db, payment: &PaymentId, part: &PartId) -> Result<bool, StoreError> {
    let _: Minor = locked!(
        db,
        payment::table.find(payment).select(payment::captured),
        |q, c| q.get_result(c)
    )?;
    Ok(payment_part::table
        .find(part)
        .select(payment_part::captured)
        .get_result(db)?)
}

/// The part of a payment that a channel collects.
pub fn channel_part(
    db: &mut Db,
    payment: &PaymentId,
) -> Result<Option<(PartId, Minor)>, StoreError> {
    Ok(payment_part::table
        .filter(payment_part::payment_id.eq(payment))
        .filter(payment_part::kind.eq("channel"))
        .select((payment_part::id, payment_part::amount))
        .get_result(db)
        .optional()?)
}

/// Captures a part with `amount`, once.
pub fn capture_part(
    db: &mut Db,
    payment: &PaymentId,
    part: &PartId,
    amount: Minor,
) -> Result<(), StoreError> {
    let touched = diesel::update(
        payment_part::table
            .find(part)
            .filter(payment_part::captured.eq(false)),
    )
    .set(payment_part::captured.eq(true))
    .execute(db)?;
    if touched != 1 {
        return Err(StoreError::Conflict(
            "the part was captured meanwhile".to_owned(),
        ));
    }
    diesel::update(payment::table.find(payment))
        .set(payment::captured.eq(payment::captured + amount))
        .execute(db)?;
    Ok(())
}

/// How many paid orders wait for units of each variant, whether something is there or not.
pub fn waiting_by_variant(db: &mut Db) -> Result<HashMap<VariantId, i64>, StoreError> {
    let states = vec![State::AwaitingStock, State::PartiallyDelivered];
    let found: Vec<(VariantId, i64)> = orders::table
        .inner_join(order_item::table.on(order_item::order_id.eq(orders::id)))
        .filter(orders::state.eq_any(states))
        .filter(order_item::delivered.lt(order_item::quantity))
        .group_by(order_item::variant_id)
        .select((order_item::variant_id, diesel::dsl::count_star()))
        .load(db)?;
    Ok(found.into_iter().collect())
}

/// Orders that wait for stock of which something is there, oldest first. Those that would get
/// nothing are not among them, so however many they are, they keep nobody from being served.
pub fn waiting_orders(db: &mut Db, limit: i64) -> Result<Vec<OrderId>, StoreError> {
    let states = vec![State::AwaitingStock, State::PartiallyDelivered];
    let card_there = card::table
        .inner_join(card_batch::table.on(card_batch::id.eq(card::batch_id)))
        .filter(card::variant_id.eq(order_item::variant_id))
        .filter(card::state.eq(CardState::Available))
        .filter(card_batch::state.eq(BatchState::Available))
        .filter(card_batch::withheld_at.is_null());
    let owed = order_item::quantity - order_item::delivered;
    let uses_there = reusable::table
        .filter(reusable::variant_id.eq(order_item::variant_id))
        .filter(reusable::withheld_at.is_null())
        .filter(
            reusable::use_limit
                .is_null()
                .or((reusable::used + owed).nullable().le(reusable::use_limit))
                // Uses that the order holds since it was placed are counted already.
                .or(order_item::held.ge(owed).nullable()),
        );
    let by_pool = order_item::delivery.eq(Delivery::CardPool);
    let by_use = order_item::delivery.eq(Delivery::Reusable);
    let wanted = order_item::table
        .filter(order_item::order_id.eq(orders::id))
        .filter(order_item::delivered.lt(order_item::quantity))
        .filter(
            by_pool
                .and(exists(card_there))
                .or(by_use.and(exists(uses_there))),
        );
    Ok(orders::table
        .filter(orders::state.eq_any(states))
        .filter(exists(wanted))
        .order((orders::paid_at, orders::id))
        .limit(limit)
        .select(orders::id)
        .load(db)?)
}
