//! The list of products as the staff sees it: filtered, ordered, a page at a time.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::model::{Delivery, OnOff, Product, Variant};
use crate::clock::Millis;
use crate::ids::{CategoryId, ProductId};
use crate::store::schema::{product, variant};
use crate::store::{Db, StoreError};

diesel::define_sql_function! {
    /// Both engines know it.
    fn lower(text: Text) -> Text;
}

/// What the list shows; nothing set shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a name, a slug or a sku.
    pub search: String,
    /// On this shelf.
    pub category: Option<CategoryId>,
    /// On sale or not.
    pub state: Option<OnOff>,
    /// Delivered so.
    pub delivery: Option<Delivery>,
}

/// By what the list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its place.
    Position,
    /// Its Chinese name.
    Name,
    /// When it was changed.
    Changed,
}

/// A page of the list beyond `cursor`: the value of the ordered column and the id of the last row
/// seen. A cursor that does not fit begins anew.
pub fn products(
    db: &mut Db,
    filter: &Filter,
    (by, down): (By, bool),
    cursor: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Product>, StoreError> {
    let mut rows = product::table.select(Product::as_select()).into_boxed();
    if !filter.search.is_empty() {
        let part = pattern(&filter.search);
        let named = variant::table
            .filter(lower(variant::sku).like(part.clone()).escape('!'))
            .select(variant::product_id);
        rows = rows.filter(
            lower(product::name_zh)
                .like(part.clone())
                .escape('!')
                .or(lower(product::name_en).like(part.clone()).escape('!'))
                .or(lower(product::slug).like(part).escape('!'))
                .or(product::id.eq_any(named)),
        );
    }
    if let Some(category) = &filter.category {
        rows = rows.filter(product::category_id.eq(category.clone()));
    }
    if let Some(state) = filter.state {
        rows = rows.filter(product::state.eq(state));
    }
    if let Some(delivery) = filter.delivery {
        rows = rows.filter(product::delivery.eq(delivery));
    }
    macro_rules! ordered {
        ($column:expr, $key:expr) => {{
            if let Some((Some(key), id)) = cursor.map(|(key, id)| ($key(key), id)) {
                let id = ProductId(id.to_owned());
                let level = $column.eq(key.clone());
                rows = match down {
                    true => rows.filter($column.lt(key).or(level.and(product::id.lt(id)))),
                    false => rows.filter($column.gt(key).or(level.and(product::id.gt(id)))),
                };
            }
            match down {
                true => rows.order(($column.desc(), product::id.desc())),
                false => rows.order(($column.asc(), product::id.asc())),
            }
        }};
    }
    let rows = match by {
        By::Position => ordered!(product::position, |key: &str| key.parse::<i32>().ok()),
        By::Name => ordered!(product::name_zh, |key: &str| Some(key.to_owned())),
        By::Changed => ordered!(product::changed_at, |key: &str| key.parse::<Millis>().ok()),
    };
    Ok(rows.limit(limit).load(db)?)
}

/// The value of the ordered column of a row, as a cursor keeps it.
pub fn key(row: &Product, by: By) -> String {
    match by {
        By::Position => row.position.to_string(),
        By::Name => row.name_zh.clone(),
        By::Changed => row.changed_at.to_string(),
    }
}

/// The variants of these products, in order.
pub fn variants_of(db: &mut Db, products: &[Product]) -> Result<Vec<Variant>, StoreError> {
    let ids: Vec<&ProductId> = products.iter().map(|row| &row.id).collect();
    Ok(variant::table
        .filter(variant::product_id.eq_any(ids))
        .order((variant::position, variant::sku))
        .select(Variant::as_select())
        .load(db)?)
}

/// Text anywhere in a value, whatever letters it holds; no engine takes a zero byte.
fn pattern(search: &str) -> String {
    let mut part = String::from("%");
    for letter in search.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(letter, '%' | '_' | '!') {
            part.push('!');
        }
        part.push(letter);
    }
    part.push('%');
    part
}
