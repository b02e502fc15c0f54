//! Orders as staff look for them: filtered, in an order of their choice, page by page. A page
//! begins where the last one ended, so that rows that arrive meanwhile move nothing.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::Item;
use super::state::State;
use crate::clock::Millis;
use crate::ids::{AccountId, OrderId, OrderNo, ProductId};
use crate::money::{Currency, Minor, Money};
use crate::store::schema::{attempt, order_item, orders, receipt};
use crate::store::{Db, StoreError};

/// What a list shows; empty shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What somebody calls it.
    pub number: Option<Number>,
    /// Keyed hash of the buyer's address.
    pub email_hash: Option<String>,
    /// Where it stands.
    pub state: Option<State>,
    /// A word of a method: one of its attempts was made by it.
    pub method: Option<String>,
    /// One of its attempts was made there.
    pub account: Option<AccountId>,
    /// One of its lines is of it.
    pub product: Option<ProductId>,
    /// Placed then or later, UTC.
    pub from: Option<Millis>,
    /// Placed before, UTC.
    pub until: Option<Millis>,
    /// Costs at least this, in this currency.
    pub least: Option<Money>,
    /// Costs at most this, in this currency.
    pub most: Option<Money>,
}

/// A number of an order.
#[derive(Debug, Clone)]
pub enum Number {
    /// Ours.
    Order(OrderNo),
    /// Ours at a channel, or the channel's own.
    Elsewhere(String),
}

/// The column a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// When it was placed.
    Created,
    /// What it costs.
    Amount,
    /// When it was paid; what was not, before all that was.
    Paid,
}

/// A row of a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub struct Row {
    /// The row.
    pub id: OrderId,
    /// What people call it.
    pub order_no: OrderNo,
    /// Where it stands.
    pub state: State,
    /// Of the amounts.
    pub currency: Currency,
    /// What it costs.
    pub amount: Minor,
    /// What has gone back.
    pub refunded_amount: Minor,
    /// Sealed for `order/{id}/email`.
    pub email: Vec<u8>,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub paid_at: Option<Millis>,
}

impl Row {
    /// Its value in the ordered column.
    pub fn key(&self, sort: Sort) -> i64 {
        match sort {
            Sort::Created => self.created_at,
            Sort::Amount => self.amount.0,
            Sort::Paid => self.paid_at.unwrap_or(0),
        }
    }
}

/// How an index spells the ordered column.
const fn column(sort: Sort) -> &'static str {
    match sort {
        Sort::Created => "orders.created_at",
        Sort::Amount => "orders.amount",
        Sort::Paid => "COALESCE(orders.paid_at, 0)",
    }
}

/// Orders behind the row with this key and id, at most `limit`; `down` = from the greatest.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    (sort, down): (Sort, bool),
    after: Option<(i64, OrderId)>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = orders::table.select(Row::as_select()).into_boxed();
    match &filter.number {
        Some(Number::Order(no)) => rows = rows.filter(orders::order_no.eq(no.clone())),
        Some(Number::Elsewhere(number)) => {
            let ids = called(db, number)?;
            rows = rows.filter(orders::id.eq_any(ids));
        }
        None => {}
    }
    if let Some(hash) = &filter.email_hash {
        rows = rows.filter(orders::email_hash.eq(hash.clone()));
    }
    if let Some(state) = filter.state {
        rows = rows.filter(orders::state.eq(state));
    }
    if let Some(method) = &filter.method {
        let by = attempt::table
            .filter(attempt::order_id.eq(orders::id))
            .filter(attempt::method.eq(method.clone()));
        rows = rows.filter(exists(by));
    }
    if let Some(account) = &filter.account {
        let there = attempt::table
            .filter(attempt::order_id.eq(orders::id))
            .filter(attempt::account_id.eq(account.clone()));
        rows = rows.filter(exists(there));
    }
    if let Some(product) = &filter.product {
        let of = order_item::table
            .filter(order_item::order_id.eq(orders::id))
            .filter(order_item::product_id.eq(product.clone()));
        rows = rows.filter(exists(of));
    }
    if let Some(from) = filter.from {
        rows = rows.filter(orders::created_at.ge(from));
    }
    if let Some(until) = filter.until {
        rows = rows.filter(orders::created_at.lt(until));
    }
    if let Some(least) = filter.least {
        rows = rows
            .filter(orders::amount.ge(least.amount))
            .filter(orders::currency.eq(least.currency));
    }
    if let Some(most) = filter.most {
        rows = rows
            .filter(orders::amount.le(most.amount))
            .filter(orders::currency.eq(most.currency));
    }
    let key = || sql::<BigInt>(column(sort));
    if let Some((at, id)) = after {
        // Said twice, so that planners begin at the key.
        rows = match down {
            true => rows
                .filter(key().le(at))
                .filter(key().lt(at).or(orders::id.lt(id))),
            false => rows
                .filter(key().ge(at))
                .filter(key().gt(at).or(orders::id.gt(id))),
        };
    }
    let rows = match down {
        true => rows.order((key().desc(), orders::id.desc())),
        false => rows.order((key().asc(), orders::id.asc())),
    };
    Ok(rows.limit(limit).load(db)?)
}

/// The orders that a channel knows by this number.
fn called(db: &mut Db, number: &str) -> Result<Vec<OrderId>, StoreError> {
    let mut ids: Vec<OrderId> = attempt::table
        .filter(attempt::merchant_no.eq(number))
        .select(attempt::order_id)
        .load(db)?;
    let paid: Vec<Option<OrderId>> = receipt::table
        .filter(receipt::channel_trade_no.eq(number))
        .select(receipt::order_id)
        .limit(20)
        .load(db)?;
    ids.extend(paid.into_iter().flatten());
    Ok(ids)
}

/// The lines of several orders.
pub fn items_of(db: &mut Db, ids: &[OrderId]) -> Result<Vec<Item>, StoreError> {
    Ok(order_item::table
        .filter(order_item::order_id.eq_any(ids.to_vec()))
        .order((order_item::order_id, order_item::id))
        .select(Item::as_select())
        .load(db)?)
}

/// By what several orders were to be paid: order, method, account; the newest attempt last.
pub fn attempts_of(
    db: &mut Db,
    ids: &[OrderId],
) -> Result<Vec<(OrderId, String, AccountId)>, StoreError> {
    Ok(attempt::table
        .filter(attempt::order_id.eq_any(ids.to_vec()))
        .order((attempt::order_id, attempt::n))
        .select((attempt::order_id, attempt::method, attempt::account_id))
        .load(db)?)
}
