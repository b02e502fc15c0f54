//! Queries of the console: what stands where, cards and imports page by page.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{BatchId, CardId, ItemId, SellerId, VariantId};
use crate::stock::model::{Batch, BatchState, Card, CardState, Reusable};
use crate::store::schema::{card, card_batch, order_item, orders, reusable};
use crate::store::{Db, StoreError};

/// How many cards of a variant stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Can be sold now.
    pub available: i64,
    /// Held for unpaid orders.
    pub reserved: i64,
}

/// Counts the cards of a variant; those for sale import by import, because only the cards of an
/// available one can be sold.
pub fn counted(db: &mut Db, of: &VariantId) -> Result<Counted, StoreError> {
    let available = card_batch::table
        .inner_join(card::table.on(card::batch_id.eq(card_batch::id)))
        .filter(card_batch::variant_id.eq(of))
        .filter(card_batch::state.eq(BatchState::Available))
        .filter(card_batch::withheld_at.is_null())
        .filter(card::state.eq(CardState::Available))
        .count()
        .get_result(db)?;
    let reserved = card::table
        .filter(card::variant_id.eq(of))
        .filter(card::state.eq(CardState::Reserved))
        .count()
        .get_result(db)?;
    Ok(Counted {
        available,
        reserved,
    })
}

/// How many cards of each variant were handed out since a moment.
pub fn delivered_since(db: &mut Db, since: Millis) -> Result<HashMap<VariantId, i64>, StoreError> {
    let found: Vec<(VariantId, i64)> = card::table
        .filter(card::state.eq(CardState::Delivered))
        .filter(card::changed_at.ge(since))
        .group_by(card::variant_id)
        .select((card::variant_id, count_star()))
        .load(db)?;
    Ok(found.into_iter().collect())
}

/// How often the reusable card of each variant can still be sold; none = without end.
pub fn uses(db: &mut Db) -> Result<HashMap<VariantId, Option<i64>>, StoreError> {
    type Row = (VariantId, i64, Option<i64>, Option<Millis>);
    let found: Vec<Row> = reusable::table
        .select((
            reusable::variant_id,
            reusable::used,
            reusable::use_limit,
            reusable::withheld_at,
        ))
        .load(db)?;
    let one = |(id, used, limit, withheld): Row| match withheld {
        Some(_) => (id, Some(0)),
        None => (id, limit.map(|limit| limit - used)),
    };
    Ok(found.into_iter().map(one).collect())
}

/// The reusable card of a variant, withheld or not.
pub fn reusable_row(db: &mut Db, of: &VariantId) -> Result<Option<Reusable>, StoreError> {
    Ok(reusable::table
        .find(of)
        .select(Reusable::as_select())
        .get_result(db)
        .optional()?)
}

/// Which cards a list shows.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Units of this variant.
    pub of: VariantId,
    /// In this state.
    pub state: CardState,
    /// Of this import, or of any.
    pub batch: Option<BatchId>,
}

/// Cards in order of their import (or from the newest), beyond `after`.
pub fn cards(
    db: &mut Db,
    wanted: &Wanted,
    newest_first: bool,
    after: Option<&CardId>,
    limit: i64,
) -> Result<Vec<Card>, StoreError> {
    let mut rows = card::table
        .filter(card::variant_id.eq(&wanted.of))
        .filter(card::state.eq(wanted.state))
        .select(Card::as_select())
        .into_boxed();
    if let Some(batch) = &wanted.batch {
        rows = rows.filter(card::batch_id.eq(batch));
    }
    rows = match (after, newest_first) {
        (None, _) => rows,
        (Some(id), false) => rows.filter(card::id.gt(id)),
        (Some(id), true) => rows.filter(card::id.lt(id)),
    };
    rows = match newest_first {
        false => rows.order(card::id.asc()),
        true => rows.order(card::id.desc()),
    };
    Ok(rows.limit(limit).load(db)?)
}

/// How many cards a list has, counted up to `most`.
pub fn count_cards(db: &mut Db, wanted: &Wanted, most: i64) -> Result<i64, StoreError> {
    let mut rows = card::table
        .filter(card::variant_id.eq(&wanted.of))
        .filter(card::state.eq(wanted.state))
        .select(card::id)
        .into_boxed();
    if let Some(batch) = &wanted.batch {
        rows = rows.filter(card::batch_id.eq(batch));
    }
    let found: Vec<CardId> = rows.limit(most).load(db)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

/// The card, if there is one.
pub fn find_card(db: &mut Db, id: &CardId) -> Result<Option<Card>, StoreError> {
    Ok(card::table
        .find(id)
        .select(Card::as_select())
        .get_result(db)
        .optional()?)
}

/// The cards with this content: the one that counts first, then withdrawn ones; at most ten.
pub fn by_content(db: &mut Db, of: &SellerId, hash: &str) -> Result<Vec<CardId>, StoreError> {
    let with = || {
        card::table
            .filter(card::seller_id.eq(of))
            .filter(card::content_hash.eq(hash))
            .order(card::id.desc())
            .limit(10)
            .select(card::id)
    };
    // Two questions, because each of the two has its index.
    let withdrawn = CardState::Withdrawn;
    let mut found: Vec<CardId> = with().filter(card::state.ne(withdrawn)).load(db)?;
    found.extend(
        with()
            .filter(card::state.eq(withdrawn))
            .load::<CardId>(db)?,
    );
    Ok(found)
}

/// The numbers of the orders that hold or have cards, by the items they are of.
pub fn order_numbers(db: &mut Db, items: &[ItemId]) -> Result<HashMap<ItemId, String>, StoreError> {
    let found: Vec<(ItemId, String)> = order_item::table
        .inner_join(orders::table.on(orders::id.eq(order_item::order_id)))
        .filter(order_item::id.eq_any(items.to_vec()))
        .select((order_item::id, orders::order_no))
        .load(db)?;
    Ok(found.into_iter().collect())
}

/// The import, if there is one.
pub fn find_batch(db: &mut Db, id: &BatchId) -> Result<Option<Batch>, StoreError> {
    Ok(card_batch::table
        .find(id)
        .select(Batch::as_select())
        .get_result(db)
        .optional()?)
}

/// Imports of these ids.
pub fn batches_of(db: &mut Db, ids: &[BatchId]) -> Result<Vec<Batch>, StoreError> {
    Ok(card_batch::table
        .filter(card_batch::id.eq_any(ids.to_vec()))
        .select(Batch::as_select())
        .load(db)?)
}

/// The imports of a variant from the newest (or the oldest), beyond `after`.
pub fn batches(
    db: &mut Db,
    of: &VariantId,
    state: Option<BatchState>,
    newest_first: bool,
    after: Option<&BatchId>,
    limit: i64,
) -> Result<Vec<Batch>, StoreError> {
    // Their ids sort by time.
    let mut rows = card_batch::table
        .filter(card_batch::variant_id.eq(of))
        .select(Batch::as_select())
        .into_boxed();
    if let Some(state) = state {
        rows = rows.filter(card_batch::state.eq(state));
    }
    rows = match (after, newest_first) {
        (None, _) => rows,
        (Some(id), true) => rows.filter(card_batch::id.lt(id)),
        (Some(id), false) => rows.filter(card_batch::id.gt(id)),
    };
    rows = match newest_first {
        true => rows.order(card_batch::id.desc()),
        false => rows.order(card_batch::id.asc()),
    };
    Ok(rows.limit(limit).load(db)?)
}

/// How many cards of these imports stand where.
pub fn counts_of(
    db: &mut Db,
    ids: &[BatchId],
) -> Result<HashMap<(BatchId, CardState), i64>, StoreError> {
    let found: Vec<(BatchId, CardState, i64)> = card::table
        .filter(card::batch_id.eq_any(ids.to_vec()))
        .group_by((card::batch_id, card::state))
        .select((card::batch_id, card::state, count_star()))
        .load(db)?;
    let one = |(id, state, n)| ((id, state), n);
    Ok(found.into_iter().map(one).collect())
}

/// How many orders that were paid before an import could be sold have cards of it.
pub fn served_by(db: &mut Db, batch: &BatchId, since: Millis) -> Result<usize, StoreError> {
    let found: Vec<String> = card::table
        .inner_join(order_item::table.on(card::item_id.eq(order_item::id.nullable())))
        .inner_join(orders::table.on(orders::id.eq(order_item::order_id)))
        .filter(card::batch_id.eq(batch))
        .filter(card::state.eq(CardState::Delivered))
        .filter(orders::paid_at.lt(since))
        .select(orders::order_no)
        .distinct()
        .limit(10_000)
        .load(db)?;
    Ok(found.len())
}
