//! Queries of the stock: count, reserve, release, hand out.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Batch, BatchState, COUNT_CAP, Card, CardState, Reusable};
use crate::clock::Millis;
use crate::ids::{BatchId, CardId, ItemId, VariantId};
use crate::store::schema::{card, card_batch, reusable};
use crate::store::{Db, StoreError, both, insert_new, locked, skip_locked};

/// Cards of a variant that could be sold: available, in an import that is, and not withheld.
macro_rules! sellable {
    ($of:expr) => {
        card::table
            .filter(card::variant_id.eq($of))
            .filter(card::state.eq(CardState::Available))
            .filter(exists(
                card_batch::table
                    .filter(card_batch::id.eq(card::batch_id))
                    .filter(card_batch::state.eq(BatchState::Available))
                    .filter(card_batch::withheld_at.is_null()),
            ))
    };
}

/// How many cards of a variant could be sold now, counted up to [`COUNT_CAP`].
pub fn available_cards(db: &mut Db, of: &VariantId) -> Result<i64, StoreError> {
    available_up_to(db, of, COUNT_CAP)
}

/// The same, counted up to `most`.
pub fn available_up_to(db: &mut Db, of: &VariantId, most: i64) -> Result<i64, StoreError> {
    let found = sellable!(of)
        .limit(most)
        .select(card::id)
        .load::<CardId>(db)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

/// Reserves `units` cards for an item, oldest import first; the ids, or fewer if fewer are left
/// (then the caller must refuse and so undo it).
pub fn reserve_cards(
    db: &mut Db,
    of: &VariantId,
    item: &ItemId,
    units: i64,
    now: Millis,
) -> Result<i64, StoreError> {
    let picked = pick(db, of, units)?;
    claim(db, &picked, CardState::Reserved, item, now)
}

/// Makes an item's reserved cards available again; how many there were.
pub fn release_cards(db: &mut Db, item: &ItemId, now: Millis) -> Result<i64, StoreError> {
    let touched = diesel::update(
        card::table
            .filter(card::item_id.eq(item))
            .filter(card::state.eq(CardState::Reserved)),
    )
    .set((
        card::state.eq(CardState::Available),
        card::item_id.eq(None::<ItemId>),
        card::changed_at.eq(now),
    ))
    .execute(db)?;
    Ok(rows(touched))
}

/// Hands `units` cards to an item: those reserved for it first, then others. Returns the cards
/// that left, fewer if fewer are there; each leaves exactly once.
pub fn hand_out_cards(
    db: &mut Db,
    of: &VariantId,
    item: &ItemId,
    units: i64,
    now: Millis,
) -> Result<Vec<CardId>, StoreError> {
    let mut left = card::table
        .filter(card::item_id.eq(item))
        .filter(card::state.eq(CardState::Reserved))
        .order(card::id)
        .limit(units)
        .select(card::id)
        .load::<CardId>(db)?;
    if !left.is_empty() {
        let touched = diesel::update(
            card::table
                .filter(card::item_id.eq(item))
                .filter(card::state.eq(CardState::Reserved))
                .filter(card::id.eq_any(left.clone())),
        )
        .set((
            card::state.eq(CardState::Delivered),
            card::changed_at.eq(now),
        ))
        .execute(db)?;
        if touched != left.len() {
            return Err(StoreError::Conflict("reserved cards moved".to_owned()));
        }
    }
    let missing = units - rows(left.len());
    if missing > 0 {
        let picked = pick(db, of, missing)?;
        claim(db, &picked, CardState::Delivered, item, now)?;
        left.extend(picked);
    }
    Ok(left)
}

/// Takes `units` uses of a reusable card; false if its limit does not allow them.
pub fn take_uses(db: &mut Db, of: &VariantId, units: i64, now: Millis) -> Result<bool, StoreError> {
    let touched = diesel::update(
        reusable::table
            .find(of)
            .filter(reusable::withheld_at.is_null())
            .filter(
                reusable::use_limit
                    .is_null()
                    .or((reusable::used + units).nullable().le(reusable::use_limit)),
            ),
    )
    .set((
        reusable::used.eq(reusable::used + units),
        reusable::changed_at.eq(now),
    ))
    .execute(db)?;
    Ok(touched == 1)
}

/// Gives uses of a reusable card back.
pub fn give_back_uses(
    db: &mut Db,
    of: &VariantId,
    units: i64,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(reusable::table.find(of))
        .set((
            reusable::used.eq(reusable::used - units),
            reusable::changed_at.eq(now),
        ))
        .execute(db)?;
    Ok(())
}

/// The reusable card of a variant, unless it is withheld.
pub fn reusable_of(db: &mut Db, of: &VariantId) -> Result<Option<Reusable>, StoreError> {
    Ok(reusable::table
        .find(of)
        .filter(reusable::withheld_at.is_null())
        .select(Reusable::as_select())
        .get_result(db)
        .optional()?)
}

/// Sets the content and limit of a reusable card; what was sold stays counted.
pub fn put_reusable(db: &mut Db, row: &Reusable) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(reusable::table)
        .values(row)
        .on_conflict(reusable::variant_id)
        .do_update()
        .set((
            reusable::content.eq(&row.content),
            reusable::use_limit.eq(row.use_limit),
            reusable::changed_at.eq(row.changed_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Which of these hashes the shop knows already: sold, held or waiting. Cards of the import
/// `but_of` do not count: it is the one that goes on.
pub fn known_hashes(
    db: &mut Db,
    hashes: &[String],
    but_of: Option<&BatchId>,
) -> Result<Vec<String>, StoreError> {
    let none = BatchId(String::new());
    let mut known = Vec::new();
    for chunk in hashes.chunks(400) {
        known.extend(
            card::table
                .filter(card::content_hash.eq_any(chunk.to_vec()))
                .filter(card::state.ne(CardState::Withdrawn))
                .filter(card::batch_id.ne(but_of.unwrap_or(&none)))
                .select(card::content_hash)
                .load::<String>(db)?,
        );
    }
    Ok(known)
}

/// An import of the same file that was cut off.
pub fn loading_batch(
    db: &mut Db,
    of: &VariantId,
    source: &str,
) -> Result<Option<BatchId>, StoreError> {
    Ok(card_batch::table
        .filter(card_batch::variant_id.eq(of))
        .filter(card_batch::state.eq(BatchState::Loading))
        .filter(card_batch::source.eq(source))
        .select(card_batch::id)
        .first(db)
        .optional()?)
}

/// How many cards an import has.
pub fn count_batch(db: &mut Db, id: &BatchId) -> Result<i64, StoreError> {
    Ok(card::table
        .filter(card::batch_id.eq(id))
        .count()
        .get_result(db)?)
}

/// Begins an import.
pub fn insert_batch(db: &mut Db, row: &Batch) -> Result<(), StoreError> {
    diesel::insert_into(card_batch::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// Writes cards of an import (at most 500); duplicates of known cards are passed over. Returns
/// how many were written.
pub fn insert_cards(db: &mut Db, rows_in: &[Card]) -> Result<usize, StoreError> {
    Ok(insert_new!(db, card::table, rows_in))
}

/// Moves an import from one state to another; false if it was not there.
pub fn move_batch(
    db: &mut Db,
    id: &BatchId,
    from: BatchState,
    to: BatchState,
    cards: Option<i64>,
    now: Millis,
) -> Result<bool, StoreError> {
    let query = card_batch::table
        .find(id)
        .filter(card_batch::state.eq(from));
    let touched = match cards {
        Some(cards) => diesel::update(query)
            .set((
                card_batch::state.eq(to),
                card_batch::cards.eq(cards),
                card_batch::changed_at.eq(now),
            ))
            .execute(db)?,
        None => diesel::update(query)
            .set((card_batch::state.eq(to), card_batch::changed_at.eq(now)))
            .execute(db)?,
    };
    Ok(touched == 1)
}

/// Marks up to `limit` unsold cards of a withdrawn import; how many.
pub fn withdraw_cards(
    db: &mut Db,
    id: &BatchId,
    limit: i64,
    now: Millis,
) -> Result<usize, StoreError> {
    let picked: Vec<CardId> = skip_locked!(
        db,
        card::table
            .filter(card::batch_id.eq(id))
            .filter(card::state.eq(CardState::Available))
            .order(card::id)
            .limit(limit)
            .select(card::id),
        |q, c| q.load(c)
    )?;
    Ok(diesel::update(
        card::table
            .filter(card::id.eq_any(picked))
            .filter(card::state.eq(CardState::Available)),
    )
    .set((
        card::state.eq(CardState::Withdrawn),
        card::changed_at.eq(now),
    ))
    .execute(db)?)
}

/// Imports to be withdrawn to the end: withdrawn ones with cards that are for sale, and those
/// that began to load and have not gone on since `before`.
pub fn left_half_done(db: &mut Db, before: Millis) -> Result<Vec<BatchId>, StoreError> {
    let unsold = card::table
        .filter(card::batch_id.eq(card_batch::id))
        .filter(card::state.eq(CardState::Available));
    let withdrawn = card_batch::state.eq(BatchState::Withdrawn);
    let loading = card_batch::state.eq(BatchState::Loading);
    Ok(card_batch::table
        .filter(
            withdrawn
                .and(exists(unsold))
                .or(loading.and(card_batch::changed_at.lt(before))),
        )
        .order(card_batch::id)
        .limit(100)
        .select(card_batch::id)
        .load(db)?)
}

/// The imports of a variant, newest first.
pub fn batches(db: &mut Db, of: &VariantId) -> Result<Vec<Batch>, StoreError> {
    Ok(card_batch::table
        .filter(card_batch::variant_id.eq(of))
        .order(card_batch::created_at.desc())
        .select(Batch::as_select())
        .load(db)?)
}

/// The card with this id.
pub fn card(db: &mut Db, id: &CardId) -> Result<Card, StoreError> {
    Ok(card::table
        .find(id)
        .select(Card::as_select())
        .get_result(db)?)
}

/// Picks up to `units` sellable cards, oldest import first, and locks them. Cards that another
/// transaction holds are passed over; when that leaves too few, it waits once for them, because
/// the other transaction may give them back.
fn pick(db: &mut Db, of: &VariantId, units: i64) -> Result<Vec<CardId>, StoreError> {
    let query = || sellable!(of).order(card::id).limit(units).select(card::id);
    let picked: Vec<CardId> = skip_locked!(db, query(), |q, c| q.load(c))?;
    if rows(picked.len()) == units {
        return Ok(picked);
    }
    Ok(locked!(db, query(), |q, c| q.load(c))?)
}

/// Moves picked cards to an item; a card that moved meanwhile is not among them.
fn claim(
    db: &mut Db,
    picked: &[CardId],
    to: CardState,
    item: &ItemId,
    now: Millis,
) -> Result<i64, StoreError> {
    if picked.is_empty() {
        return Ok(0);
    }
    let touched = diesel::update(
        card::table
            .filter(card::id.eq_any(picked.to_vec()))
            .filter(card::state.eq(CardState::Available)),
    )
    .set((
        card::state.eq(to),
        card::item_id.eq(Some(item)),
        card::changed_at.eq(now),
    ))
    .execute(db)?;
    if touched != picked.len() {
        return Err(StoreError::Conflict("picked cards moved".to_owned()));
    }
    Ok(rows(touched))
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
