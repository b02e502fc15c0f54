//! What the start page counts. Every question is answered from an index, and what may be many is
//! counted up to a bound, so that the page stays quick in a shop of a million orders.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::case;
use crate::catalog::{self, Delivery};
use crate::clock::Millis;
use crate::ids::{OrderId, OrderNo};
use crate::money::{Currency, Minor};
use crate::notify::alert::{self, Alert};
use crate::notify::outbox;
use crate::order::State;
use crate::request;
use crate::setup::Progress;
use crate::stock;
use crate::store::schema::orders;
use crate::store::{Db, StoreError};

/// Open work is counted up to here.
pub(super) const MOST: i64 = 100;
/// Deliveries that the times are taken from: the newest of today.
const SAMPLE: i64 = 1_000;
/// Alerts shown.
const ALERTS: i64 = 5;
/// Orders shown.
const ORDERS: i64 = 10;

/// Paid orders of a span of time in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takings {
    pub(super) currency: Currency,
    pub(super) orders: i64,
    pub(super) amount: Minor,
}

/// How long orders took from paid to delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Speed {
    pub(super) orders: usize,
    pub(super) half: Millis,
    pub(super) most: Millis,
}

/// Work that waits for somebody, each up to [`MOST`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) cases: i64,
    pub(super) waiting: i64,
    /// Requests of buyers that nobody has answered.
    pub(super) requests: i64,
    pub(super) dead: i64,
    pub(super) low: i64,
}

/// An order of the list.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Latest {
    pub(super) order_no: OrderNo,
    pub(super) state: State,
    pub(super) currency: Currency,
    pub(super) amount: Minor,
    pub(super) created_at: Millis,
}

/// Everything the page shows.
pub(super) struct Today {
    pub(super) today: Vec<Takings>,
    pub(super) yesterday: Vec<Takings>,
    pub(super) speed: Option<Speed>,
    pub(super) work: Work,
    pub(super) alerts: Vec<Alert>,
    pub(super) orders: Vec<Latest>,
    pub(super) setup: Progress,
}

/// Reads it all: of today since `began`, and of yesterday from `before` to `until`.
pub(super) fn read(
    db: &mut Db,
    began: Millis,
    now: Millis,
    (before, until): (Millis, Millis),
) -> Result<Today, StoreError> {
    Ok(Today {
        today: takings(db, began, now.saturating_add(1))?,
        yesterday: takings(db, before, until)?,
        speed: speed(db, began)?,
        work: work(db)?,
        alerts: alert::list(db, None, ALERTS)?,
        orders: latest(db)?,
        setup: Progress::read(db)?,
    })
}

fn takings(db: &mut Db, from: Millis, to: Millis) -> Result<Vec<Takings>, StoreError> {
    let rows: Vec<(Currency, i64, i64)> = orders::table
        .filter(orders::paid_at.ge(from))
        .filter(orders::paid_at.lt(to))
        .group_by(orders::currency)
        .order(orders::currency)
        .select((
            orders::currency,
            diesel::dsl::count_star(),
            // A sum of BIGINT is NUMERIC on PostgreSQL.
            sql::<BigInt>("CAST(SUM(amount) AS BIGINT)"),
        ))
        .load(db)?;
    let takings = rows.into_iter().map(|(currency, orders, amount)| Takings {
        currency,
        orders,
        amount: Minor(amount),
    });
    Ok(takings.collect())
}

fn speed(db: &mut Db, began: Millis) -> Result<Option<Speed>, StoreError> {
    let rows: Vec<(Option<Millis>, Option<Millis>)> = orders::table
        .filter(orders::paid_at.ge(began))
        .filter(orders::delivered_at.is_not_null())
        .order(orders::paid_at.desc())
        .limit(SAMPLE)
        .select((orders::paid_at, orders::delivered_at))
        .load(db)?;
    let took = rows.into_iter().filter_map(|(paid, delivered)| {
        // A clock that was set back between the two makes no delivery faster than none.
        Some((delivered? - paid?).max(0))
    });
    Ok(of_times(took.collect()))
}

/// The median and the 95th of a hundred, by the nearest rank.
fn of_times(mut took: Vec<Millis>) -> Option<Speed> {
    took.sort_unstable();
    let rank = |of_hundred: usize| {
        let nth = (took.len() * of_hundred).div_ceil(100).max(1);
        took.get(nth - 1).copied()
    };
    Some(Speed {
        orders: took.len(),
        half: rank(50)?,
        most: rank(95)?,
    })
}

fn work(db: &mut Db) -> Result<Work, StoreError> {
    let bound = |found: usize| i64::try_from(found).unwrap_or(MOST);
    let waiting: Vec<OrderId> = orders::table
        // Written out, because only then can the planners prove the partial index.
        .filter(sql::<Bool>("state = 'awaiting_stock'"))
        .order(orders::created_at)
        .limit(MOST)
        .select(orders::id)
        .load(db)?;
    Ok(Work {
        cases: bound(case::store::list(db, true, MOST)?.len()),
        waiting: bound(waiting.len()),
        requests: request::store::waiting(db, MOST)?,
        dead: outbox::dead(db, MOST)?,
        low: low(db)?,
    })
}

/// Variants on sale whose stock has fallen to the mark of their product.
fn low(db: &mut Db) -> Result<i64, StoreError> {
    let mut low = 0;
    for product in catalog::store::products_on_sale(db)? {
        if product.low_stock == 0 || product.delivery != Delivery::CardPool {
            continue;
        }
        for variant in catalog::store::variants_on_sale(db, &product.id)? {
            let enough = product.low_stock.saturating_add(1);
            if stock::store::available_up_to(db, &variant.id, enough)? < enough {
                low += 1;
            }
        }
    }
    Ok(low)
}

fn latest(db: &mut Db) -> Result<Vec<Latest>, StoreError> {
    Ok(orders::table
        .order(orders::id.desc())
        .limit(ORDERS)
        .select((
            orders::order_no,
            orders::state,
            orders::currency,
            orders::amount,
            orders::created_at,
        ))
        .load(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_the_nearest_rank() {
        assert_eq!(of_times(Vec::new()), None);
        let one = of_times(vec![7]);
        let told = |speed: Option<Speed>| speed.map(|s| (s.orders, s.half, s.most));
        assert_eq!(told(one), Some((1, 7, 7)));
        let hundred = of_times((1..=100).rev().collect());
        assert_eq!(told(hundred), Some((100, 50, 95)));
    }
}
