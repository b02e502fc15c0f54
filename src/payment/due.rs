//! What is due: attempts to be asked about and orders to be ended, taken so that one silent
//! account stands in nobody's way.

use std::collections::HashMap;

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::expire::AFTER_A_DEFECT;
use super::model::AttemptState;
use super::plan;
use crate::clock::{Millis, SKEW};
use crate::ids::{AccountId, AttemptId, OrderId};
use crate::store::schema::{attempt, channel_account, orders};
use crate::store::{Db, StoreError, skip_locked};

/// States of an attempt whose end is not known yet.
const OPEN: [AttemptState; 5] = [
    AttemptState::Planned,
    AttemptState::Created,
    AttemptState::Unknown,
    AttemptState::Failed,
    AttemptState::Expired,
];

/// Rows one write moves at most.
const MOST: i64 = 500;

/// The accounts with attempts that are due.
pub(super) fn accounts(db: &mut Db, now: Millis) -> Result<Vec<AccountId>, StoreError> {
    let due = attempt::table
        .filter(attempt::account_id.eq(channel_account::id))
        .filter(attempt::next_check_at.le(now));
    Ok(channel_account::table
        .filter(exists(due))
        .order(channel_account::id)
        .select(channel_account::id)
        .load(db)?)
}

/// Takes attempts of one account that are due, the longest due first, and puts their next time
/// `lease` away so that no other node takes them. Ids only: a row that cannot be read is its
/// own trouble, not the batch's.
pub(super) fn claim_attempts(
    db: &mut Db,
    account: &AccountId,
    now: Millis,
    lease: Millis,
    limit: i64,
) -> Result<Vec<AttemptId>, StoreError> {
    let due: Vec<AttemptId> = skip_locked!(
        db,
        attempt::table
            .filter(attempt::account_id.eq(account))
            .filter(attempt::next_check_at.le(now))
            .order(attempt::next_check_at)
            .limit(limit)
            .select(attempt::id),
        |q, c| q.load(c)
    )?;
    diesel::update(attempt::table.filter(attempt::id.eq_any(due.clone())))
        .set(attempt::next_check_at.eq(Some(now + lease)))
        .execute(db)?;
    Ok(due)
}

/// Moves an attempt on by its numbers alone, for one whose row cannot be read or acted on.
pub(super) fn pass_over(
    db: &mut Db,
    id: &AttemptId,
    now: Millis,
    jitter: u32,
) -> Result<(), StoreError> {
    let (checks, expires_at, watched_until): (i64, Millis, Millis) = attempt::table
        .find(id)
        .select((attempt::checks, attempt::expires_at, attempt::watched_until))
        .first(db)?;
    let next = plan::next_check(now, expires_at, watched_until, checks + 1, jitter);
    diesel::update(attempt::table.find(id))
        .set((
            attempt::checks.eq(checks + 1),
            attempt::next_check_at.eq(next),
        ))
        .execute(db)?;
    Ok(())
}

/// Open attempts of these orders that the buyer can still pay: whose, and when they are asked
/// about next.
pub(super) fn payable_of(
    db: &mut Db,
    orders: &[OrderId],
    now: Millis,
) -> Result<Vec<(AttemptId, AccountId, Option<Millis>)>, StoreError> {
    Ok(attempt::table
        .filter(attempt::order_id.eq_any(orders.to_vec()))
        .filter(attempt::state.eq_any(OPEN))
        .filter(attempt::expires_at.gt(now))
        .select((attempt::id, attempt::account_id, attempt::next_check_at))
        .load(db)?)
}

/// Asks about these attempts no later than `at`.
pub(super) fn hasten(db: &mut Db, ids: &[AttemptId], at: Millis) -> Result<(), StoreError> {
    diesel::update(
        attempt::table
            .filter(attempt::id.eq_any(ids.to_vec()))
            .filter(attempt::next_check_at.gt(at)),
    )
    .set(attempt::next_check_at.eq(Some(at)))
    .execute(db)?;
    Ok(())
}

/// Orders that are due to be looked at, the longest due first, each with the account of its
/// newest open attempt, if it has one.
pub(super) fn orders_due(
    db: &mut Db,
    now: Millis,
    limit: i64,
) -> Result<Vec<(OrderId, Option<AccountId>)>, StoreError> {
    let due: Vec<OrderId> = orders::table
        .filter(orders::next_check_at.le(now))
        .order(orders::next_check_at)
        .limit(limit)
        .select(orders::id)
        .load(db)?;
    let attempts: Vec<(OrderId, AccountId)> = attempt::table
        .filter(attempt::order_id.eq_any(due.clone()))
        .filter(attempt::state.eq_any(OPEN))
        .order((attempt::order_id, attempt::n))
        .select((attempt::order_id, attempt::account_id))
        .load(db)?;
    let newest: HashMap<_, _> = attempts.into_iter().collect();
    Ok(due
        .into_iter()
        .map(|id| {
            let account = newest.get(&id).cloned();
            (id, account)
        })
        .collect())
}

/// Takes those of these orders that are still due, and puts their next time `lease` away; those
/// that another node is taking are passed over.
pub(super) fn claim_orders(
    db: &mut Db,
    ids: &[OrderId],
    now: Millis,
    lease: Millis,
) -> Result<Vec<OrderId>, StoreError> {
    let due: Vec<OrderId> = skip_locked!(
        db,
        orders::table
            .filter(orders::id.eq_any(ids.to_vec()))
            .filter(orders::next_check_at.le(now))
            .select(orders::id),
        |q, c| q.load(c)
    )?;
    diesel::update(orders::table.filter(orders::id.eq_any(due.clone())))
        .set(orders::next_check_at.eq(Some(now + lease)))
        .execute(db)?;
    Ok(due)
}

/// Attempts whose next time lies further ahead than the schedule can put it: the clock was set
/// back since.
pub(super) fn attempts_too_far_ahead(
    db: &mut Db,
    now: Millis,
) -> Result<Vec<AttemptId>, StoreError> {
    let tiers = plan::tiers();
    let nearest = tiers.iter().map(|tier| tier.furthest).min().unwrap_or(0);
    let furthest = sql::<Nullable<BigInt>>(&furthest(&tiers, now));
    Ok(attempt::table
        // Through the accounts, so that the index of what is due serves here as well.
        .filter(attempt::account_id.eq_any(channel_account::table.select(channel_account::id)))
        .filter(attempt::next_check_at.gt(now + nearest + SKEW))
        .filter(attempt::next_check_at.gt(furthest))
        .limit(MOST)
        .select(attempt::id)
        .load(db)?)
}

/// The furthest next time of an attempt, by its deadline, as the database computes it.
fn furthest(tiers: &[plan::Tier], now: Millis) -> String {
    let mut text = "CASE".to_owned();
    for tier in tiers {
        let at = now + tier.furthest + SKEW;
        text += &match tier.until {
            Some(until) => format!(" WHEN expires_at > {} THEN {at}", now - until),
            None => format!(" ELSE {at} END"),
        };
    }
    text
}

/// Orders whose next look lies further ahead than a whole time to pay: the clock was set back
/// since.
pub(super) fn orders_too_far_ahead(db: &mut Db, now: Millis) -> Result<Vec<OrderId>, StoreError> {
    // A claimed order stands a lease ahead of its deadline at most, and one that cannot be ended
    // by so much ahead of now.
    let furthest = orders::expires_at - orders::created_at + (now + 2 * SKEW);
    Ok(orders::table
        .filter(orders::next_check_at.gt(now + AFTER_A_DEFECT + 2 * SKEW))
        .filter(orders::next_check_at.gt(furthest.nullable()))
        .limit(MOST)
        .select(orders::id)
        .load(db)?)
}

/// Brings such orders back: by the old time their end was near, so they get one whole time to
/// pay from now on and no more.
pub(super) fn bring_back(db: &mut Db, ids: &[OrderId], now: Millis) -> Result<(), StoreError> {
    let life = orders::expires_at - orders::created_at;
    diesel::update(orders::table.filter(orders::id.eq_any(ids.to_vec())))
        .set(orders::next_check_at.eq((life + now).nullable()))
        .execute(db)?;
    Ok(())
}
