//! Queries of refunds.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::model::{Refund, RefundState};
use crate::clock::{Millis, SKEW};
use crate::ids::{AccountId, AttemptId, OrderId, PaymentId, ReceiptId, RefundId};
use crate::money::{Currency, Minor};
use crate::store::schema::{attempt, receipt, refund};
use crate::store::{Db, StoreError, both, locked, skip_locked};

/// Rows that are moved at once.
const MOST: i64 = 500;
/// After so many tries the gap grows no more.
const TRIES_APART: i64 = 8;

/// What a refund must know of the money it gives back.
pub(super) struct Paid {
    pub account_id: AccountId,
    pub attempt_id: Option<AttemptId>,
    pub payment_id: Option<PaymentId>,
    pub seller_id: crate::ids::SellerId,
    pub currency: Currency,
}

/// The money with this id.
pub(super) fn paid(db: &mut Db, id: &ReceiptId) -> Result<Paid, StoreError> {
    let (account_id, attempt_id, payment_id, seller_id, currency) = receipt::table
        .find(id)
        .select((
            receipt::account_id,
            receipt::attempt_id,
            receipt::payment_id,
            receipt::seller_id,
            receipt::currency,
        ))
        .get_result(db)?;
    Ok(Paid {
        account_id,
        attempt_id,
        payment_id,
        seller_id,
        currency,
    })
}

/// Takes `amount` of what is left of a receipt; false = not that much is left (I05).
pub(super) fn take(db: &mut Db, id: &ReceiptId, amount: Minor) -> Result<bool, StoreError> {
    let touched = diesel::update(
        receipt::table
            .find(id)
            .filter((receipt::refunding + amount).le(receipt::amount)),
    )
    .set(receipt::refunding.eq(receipt::refunding + amount))
    .execute(db)?;
    Ok(touched == 1)
}

/// Gives `amount` back to what is left of a receipt, after a refund of it was given up.
pub(super) fn untake(db: &mut Db, id: &ReceiptId, amount: Minor) -> Result<(), StoreError> {
    let touched = diesel::update(
        receipt::table
            .find(id)
            .filter(receipt::refunding.ge(amount)),
    )
    .set(receipt::refunding.eq(receipt::refunding - amount))
    .execute(db)?;
    if touched == 1 {
        return Ok(());
    }
    Err(StoreError::corrupt(format!(
        "receipt {id} knows of no refund of {amount:?}"
    )))
}

/// The refund of one cause.
pub fn by_dedupe(db: &mut Db, dedupe: &str) -> Result<Option<Refund>, StoreError> {
    Ok(refund::table
        .filter(refund::dedupe.eq(dedupe))
        .select(Refund::as_select())
        .get_result(db)
        .optional()?)
}

/// The refund with this id.
pub fn by_id(db: &mut Db, id: &RefundId) -> Result<Refund, StoreError> {
    Ok(refund::table
        .find(id)
        .select(Refund::as_select())
        .get_result(db)?)
}

/// The refund, locked until the transaction ends (after its order).
pub(super) fn lock(db: &mut Db, id: &RefundId) -> Result<Refund, StoreError> {
    Ok(locked!(
        db,
        refund::table.find(id).select(Refund::as_select()),
        |q, c| q.first(c)
    )?)
}

/// The refunds of an order, oldest first.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Refund>, StoreError> {
    Ok(refund::table
        .filter(refund::order_id.eq(order))
        .order(refund::created_at)
        .select(Refund::as_select())
        .load(db)?)
}

/// Writes a new refund.
pub(super) fn insert(db: &mut Db, row: &Refund) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(refund::table)
        .values(row)
        .execute(c))?;
    Ok(())
}

/// The accounts with refunds that are due.
pub(super) fn accounts_due(db: &mut Db, now: Millis) -> Result<Vec<AccountId>, StoreError> {
    Ok(refund::table
        .filter(refund::next_check_at.le(now))
        .select(refund::account_id)
        .distinct()
        .load(db)?)
}

/// Takes refunds of an account that are due, for `lease`: no other worker takes them, and no person decides
/// about them.
pub(super) fn claim_due(
    db: &mut Db,
    account: &AccountId,
    now: Millis,
    lease: Millis,
    limit: i64,
) -> Result<Vec<RefundId>, StoreError> {
    // The numbers alone: a row that cannot be read holds up no other.
    let due: Vec<RefundId> = skip_locked!(
        db,
        refund::table
            .filter(refund::account_id.eq(account))
            .filter(refund::next_check_at.le(now))
            .order(refund::next_check_at)
            .limit(limit)
            .select(refund::id),
        |q, c| q.load(c)
    )?;
    diesel::update(refund::table.filter(refund::id.eq_any(due.clone())))
        .set((
            refund::next_check_at.eq(Some(now + lease)),
            refund::held_until.eq(Some(now + lease)),
        ))
        .execute(db)?;
    Ok(due)
}

/// The channel told of a refund of this attempt: those it was asked for and that nobody has in
/// hand are asked about now.
pub fn hasten(db: &mut Db, attempt: &AttemptId, now: Millis) -> Result<(), StoreError> {
    diesel::update(
        refund::table
            .filter(refund::attempt_id.eq(attempt))
            .filter(refund::state.eq_any([RefundState::Pending, RefundState::Unknown]))
            .filter(refund::next_check_at.gt(now))
            .filter(refund::held_until.is_null().or(refund::held_until.le(now))),
    )
    .set(refund::next_check_at.eq(Some(now)))
    .execute(db)?;
    Ok(())
}

/// Counts a try that failed in this program, and puts the next one off until `at`.
pub(super) fn put_off(db: &mut Db, id: &RefundId, at: Millis) -> Result<(), StoreError> {
    diesel::update(
        refund::table
            .find(id)
            .filter(refund::next_check_at.is_not_null()),
    )
    .set((
        refund::tries.eq(refund::tries + 1),
        refund::next_check_at.eq(Some(at)),
        refund::held_until.eq(None::<Millis>),
    ))
    .execute(db)?;
    Ok(())
}

/// Refunds that stand further ahead than a lease or the gap after their tries can put them: the
/// clock was set back since.
pub(super) fn too_far_ahead(
    db: &mut Db,
    now: Millis,
    lease: Millis,
    gap: impl Fn(i64) -> Millis,
) -> Result<Vec<RefundId>, StoreError> {
    let at = |tries| now + lease.max(gap(tries)) + SKEW;
    let mut bound = "CASE".to_owned();
    for tries in 0..TRIES_APART {
        bound += &format!(" WHEN tries = {tries} THEN {}", at(tries));
    }
    bound += &format!(" ELSE {} END", at(TRIES_APART));
    Ok(refund::table
        .filter(refund::next_check_at.gt(now + lease + SKEW))
        .filter(refund::next_check_at.gt(sql::<Nullable<BigInt>>(&bound)))
        .limit(MOST)
        .select(refund::id)
        .load(db)?)
}

/// Brings such refunds back. They get one lease from now on, for a worker may have one in hand.
pub(super) fn bring_back(
    db: &mut Db,
    far: &[RefundId],
    now: Millis,
    lease: Millis,
) -> Result<(), StoreError> {
    diesel::update(
        refund::table
            .filter(refund::id.eq_any(far.to_vec()))
            .filter(refund::next_check_at.gt(now + lease)),
    )
    .set(refund::next_check_at.eq(Some(now + lease)))
    .execute(db)?;
    Ok(())
}

/// Moves a refund on, if it still stands where it was read.
pub(super) fn update(db: &mut Db, row: &Refund, was: RefundState) -> Result<bool, StoreError> {
    let touched = diesel::update(refund::table.find(&row.id).filter(refund::state.eq(was)))
        .set((
            refund::state.eq(row.state),
            refund::channel_refund_no.eq(&row.channel_refund_no),
            refund::failure.eq(&row.failure),
            refund::tries.eq(row.tries),
            refund::changed_at.eq(row.changed_at),
            refund::next_check_at.eq(row.next_check_at),
            refund::held_until.eq(row.held_until),
        ))
        .execute(db)?;
    Ok(touched == 1)
}

/// The numbers of the attempt a refund goes back through: ours, the channel's, what was asked.
pub(super) fn attempt_numbers(
    db: &mut Db,
    refund: &Refund,
) -> Result<(String, String, Minor), StoreError> {
    Ok(attempt::table
        .inner_join(receipt::table.on(receipt::id.eq(&refund.receipt_id)))
        .filter(attempt::id.eq(&refund.attempt_id))
        .select((
            attempt::merchant_no,
            receipt::channel_trade_no,
            receipt::amount,
        ))
        .get_result(db)?)
}
