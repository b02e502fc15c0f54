//! Stock of a database that was put back to an earlier time.
//!
//! What left between the backup and then stands nowhere in it, so an unsold card may be a
//! buyer's. [`withhold`] takes all of it out of sale at once; what is imported later is sold as
//! always; orders that are paid wait. [`release`] puts a variant on sale again, without the
//! cards that a person names or counts as gone.
//!
//! Counting works because cards leave oldest first: after N units were ordered, paid or not, only
//! the N oldest that were unsold, and those that an order held at the time of the backup, can
//! have left.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{BatchState, CardState};
use crate::catalog::Delivery;
use crate::clock::{Clock, Millis};
use crate::ids::{CardId, ItemId, VariantId};
use crate::store::schema::{card, card_batch, order_item, restoration, reusable, variant};
use crate::store::{Db, Store, StoreError, both, locked};

/// Rows of one write.
const CHUNK: usize = 400;

/// What of a variant is withheld.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Withheld {
    /// The variant's sku.
    pub sku: String,
    /// Unsold cards, or uses of a shared one.
    pub units: i64,
}

/// What is known to have left since the backup.
#[derive(Debug, Clone, Default)]
pub struct Gone {
    /// Hashes of contents that buyers have.
    pub contents: Vec<String>,
    /// Units that were ordered, paid or not.
    pub units: Option<i64>,
}

/// What releasing a variant did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Released {
    /// Cards (or uses) that are given up: they may be a buyer's.
    pub withdrawn: i64,
    /// Cards (or uses) that are on sale again.
    pub on_sale: i64,
    /// Which of the contents, by their place from 0, are no withheld card of this variant.
    pub unknown: Vec<usize>,
}

/// Writes down that the database was put back, and takes out of sale whatever may have left
/// since. What an unpaid order held is held no longer: it may have ended, and its cards be
/// somebody else's. Done once for one `at`; what was cut off is finished by doing it again.
pub async fn withhold(
    store: &Store,
    at: Millis,
    backed_up_at: Option<Millis>,
) -> Result<(), StoreError> {
    store
        .write(move |db| -> Result<(), StoreError> {
            let row = (
                restoration::at.eq(at),
                restoration::backed_up_at.eq(backed_up_at),
            );
            both!(db, |c| diesel::insert_into(restoration::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c))?;
            diesel::update(card_batch::table)
                .set(card_batch::withheld_at.eq(Some(at)))
                .execute(db)?;
            diesel::update(reusable::table.filter(reusable::use_limit.is_not_null()))
                .set(reusable::withheld_at.eq(Some(at)))
                .execute(db)?;
            Ok(())
        })
        .await?;
    while store.write(move |db| let_go(db, at)).await? > 0 {}
    while store.write(hold_nothing).await? > 0 {}
    Ok(())
}

/// Makes reserved cards of withheld imports unsold ones, stamped with the time of the withholding:
/// that tells them from the others in [`release`].
fn let_go(db: &mut Db, at: Millis) -> Result<usize, StoreError> {
    let picked: Vec<CardId> = card::table
        .filter(card::state.eq(CardState::Reserved))
        .filter(exists(
            card_batch::table
                .filter(card_batch::id.eq(card::batch_id))
                .filter(card_batch::withheld_at.is_not_null()),
        ))
        .limit(CHUNK as i64)
        .select(card::id)
        .load(db)?;
    Ok(diesel::update(
        card::table
            .filter(card::id.eq_any(picked))
            .filter(card::state.eq(CardState::Reserved)),
    )
    .set((
        card::state.eq(CardState::Available),
        card::item_id.eq(None::<ItemId>),
        card::changed_at.eq(at),
    ))
    .execute(db)?)
}

/// No item of a pool holds what is reserved for it no longer.
fn hold_nothing(db: &mut Db) -> Result<usize, StoreError> {
    let picked: Vec<ItemId> = order_item::table
        .filter(order_item::delivery.eq(Delivery::CardPool))
        .filter(order_item::held.gt(0))
        .filter(order_item::delivered.eq(0))
        .filter(diesel::dsl::not(exists(
            card::table.filter(card::item_id.eq(order_item::id.nullable())),
        )))
        .limit(CHUNK as i64)
        .select(order_item::id)
        .load(db)?;
    Ok(
        diesel::update(order_item::table.filter(order_item::id.eq_any(picked)))
            .set(order_item::held.eq(0))
            .execute(db)?,
    )
}

/// Whether the database was put back after this time.
pub fn put_back_since(db: &mut Db, since: Millis) -> Result<bool, StoreError> {
    let later: Option<Millis> = restoration::table
        .filter(restoration::at.ge(since))
        .select(restoration::at)
        .first(db)
        .optional()?;
    Ok(later.is_some())
}

/// When the database was last put back, if ever.
pub fn last(db: &mut Db) -> Result<Option<Millis>, StoreError> {
    Ok(restoration::table
        .order(restoration::at.desc())
        .select(restoration::at)
        .first(db)
        .optional()?)
}

/// What is withheld, by sku.
pub fn withheld(db: &mut Db) -> Result<Vec<Withheld>, StoreError> {
    let cards: Vec<(String, i64)> = card::table
        .inner_join(card_batch::table.on(card_batch::id.eq(card::batch_id)))
        .inner_join(variant::table.on(variant::id.eq(card::variant_id)))
        .filter(card_batch::withheld_at.is_not_null())
        .filter(card_batch::state.ne(BatchState::Withdrawn))
        .filter(card::state.eq(CardState::Available))
        .group_by(variant::sku)
        .select((variant::sku, diesel::dsl::count_star()))
        .load(db)?;
    let uses: Vec<(String, Option<i64>, i64)> = reusable::table
        .inner_join(variant::table.on(variant::id.eq(reusable::variant_id)))
        .filter(reusable::withheld_at.is_not_null())
        .select((variant::sku, reusable::use_limit, reusable::used))
        .load(db)?;
    let uses = uses
        .into_iter()
        .map(|(sku, limit, used)| (sku, limit.map_or(0, |limit| limit - used)));
    let mut found: Vec<Withheld> = cards
        .into_iter()
        .chain(uses)
        .map(|(sku, units)| Withheld { sku, units })
        .collect();
    found.sort_by(|a, b| a.sku.cmp(&b.sku));
    Ok(found)
}

/// Puts what is withheld of a variant on sale again, without what is [`Gone`]. The sale begins
/// with the last write; one that was cut off before is begun again with the same words and gives
/// up no more cards than the first time.
pub async fn release(
    store: &Store,
    clock: &dyn Clock,
    of: &VariantId,
    gone: &Gone,
) -> Result<Released, StoreError> {
    let mut released = Released::default();
    for (at, hashes) in gone.contents.chunks(CHUNK).enumerate() {
        let (of, hashes, now) = (of.clone(), hashes.to_vec(), clock.now());
        let (moved, known) = store
            .write(move |db| -> Result<_, StoreError> {
                let known = known(db, &of, &hashes)?;
                Ok((
                    give_up(db, &of, &known, now)?,
                    known_hashes(db, &of, &hashes)?,
                ))
            })
            .await?;
        released.withdrawn += moved;
        let unknown = gone
            .contents
            .iter()
            .enumerate()
            .skip(at * CHUNK)
            .take(CHUNK);
        released.unknown.extend(
            unknown
                .filter(|(_, hash)| !known.contains(hash))
                .map(|(n, _)| n),
        );
    }
    if let Some(units) = gone.units {
        loop {
            let (of, now) = (of.clone(), clock.now());
            let some = store
                .write(move |db| -> Result<i64, StoreError> {
                    let oldest = oldest(db, &of, units)?;
                    give_up(db, &of, &oldest, now)
                })
                .await?;
            released.withdrawn += some;
            if some == 0 {
                break;
            }
        }
    }
    let (of, units, now) = (of.clone(), gone.units.unwrap_or(0), clock.now());
    let (used, on_sale) = store
        .write(move |db| -> Result<_, StoreError> {
            let used = use_up(db, &of, units, now)?;
            let on_sale = withheld_cards(db, &of)?;
            diesel::update(card_batch::table.filter(card_batch::variant_id.eq(&of)))
                .set(card_batch::withheld_at.eq(None::<Millis>))
                .execute(db)?;
            Ok((used, on_sale))
        })
        .await?;
    released.withdrawn += used.0;
    released.on_sale = on_sale + used.1;
    Ok(released)
}

/// Cards of the variant's withheld imports.
macro_rules! of_withheld {
    ($of:expr) => {
        card::table.filter(card::variant_id.eq($of)).filter(exists(
            card_batch::table
                .filter(card_batch::id.eq(card::batch_id))
                .filter(card_batch::withheld_at.is_not_null()),
        ))
    };
}

fn known(db: &mut Db, of: &VariantId, hashes: &[String]) -> Result<Vec<CardId>, StoreError> {
    Ok(of_withheld!(of)
        .filter(card::content_hash.eq_any(hashes.to_vec()))
        .filter(card::state.eq(CardState::Available))
        .select(card::id)
        .load(db)?)
}

/// Those of the hashes that are cards of the variant, wherever they stand.
fn known_hashes(db: &mut Db, of: &VariantId, hashes: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(card::table
        .filter(card::variant_id.eq(of))
        .filter(card::content_hash.eq_any(hashes.to_vec()))
        .select(card::content_hash)
        .load(db)?)
}

/// Since when the variant's imports are withheld.
fn since(db: &mut Db, of: &VariantId) -> Result<Option<Millis>, StoreError> {
    Ok(card_batch::table
        .filter(card_batch::variant_id.eq(of))
        .select(diesel::dsl::max(card_batch::withheld_at))
        .first(db)?)
}

/// The next cards to give up: the oldest, until `units` of them are given up, and then all that
/// an order held.
fn oldest(db: &mut Db, of: &VariantId, units: i64) -> Result<Vec<CardId>, StoreError> {
    let Some(since) = since(db, of)? else {
        return Ok(Vec::new());
    };
    // One that is given up stands where it stood: among the oldest.
    let line: Vec<(CardId, CardState)> = of_withheld!(of)
        .filter(
            card::state
                .eq(CardState::Available)
                .and(card::changed_at.ne(since))
                .or(card::state
                    .eq(CardState::Withdrawn)
                    .and(card::changed_at.gt(since))),
        )
        .order(card::id)
        .limit(units)
        .select((card::id, card::state))
        .load(db)?;
    let next: Vec<CardId> = line
        .into_iter()
        .filter(|(_, state)| *state == CardState::Available)
        .map(|(id, _)| id)
        .take(CHUNK)
        .collect();
    if !next.is_empty() {
        return Ok(next);
    }
    Ok(of_withheld!(of)
        .filter(card::state.eq(CardState::Available))
        .filter(card::changed_at.eq(since))
        .limit(CHUNK as i64)
        .select(card::id)
        .load(db)?)
}

/// Gives cards up for good. Those that an order held keep their stamp: they never count among
/// the oldest.
fn give_up(db: &mut Db, of: &VariantId, picked: &[CardId], now: Millis) -> Result<i64, StoreError> {
    let since = since(db, of)?.unwrap_or(now);
    let those = || {
        card::table
            .filter(card::id.eq_any(picked.to_vec()))
            .filter(card::state.eq(CardState::Available))
    };
    let held = diesel::update(those().filter(card::changed_at.eq(since)))
        .set(card::state.eq(CardState::Withdrawn))
        .execute(db)?;
    let others = diesel::update(those())
        .set((
            card::state.eq(CardState::Withdrawn),
            // A clock that was set back does not make it one that was withdrawn before.
            card::changed_at.eq(now.max(since + 1)),
        ))
        .execute(db)?;
    Ok(i64::try_from(held + others).unwrap_or(i64::MAX))
}

fn withheld_cards(db: &mut Db, of: &VariantId) -> Result<i64, StoreError> {
    Ok(of_withheld!(of)
        .filter(card::state.eq(CardState::Available))
        .count()
        .get_result(db)?)
}

/// Counts uses of a withheld shared card as gone and puts it on sale; how many, and how many are
/// left.
fn use_up(db: &mut Db, of: &VariantId, units: i64, now: Millis) -> Result<(i64, i64), StoreError> {
    let row: Option<(Option<i64>, i64)> = locked!(
        db,
        reusable::table
            .find(of)
            .filter(reusable::withheld_at.is_not_null())
            .select((reusable::use_limit, reusable::used)),
        |q, c| q.get_result(c).optional()
    )?;
    let Some((limit, used)) = row else {
        return Ok((0, 0));
    };
    let left = limit.map_or(0, |limit| limit - used);
    let gone = units.clamp(0, left);
    diesel::update(reusable::table.find(of))
        .set((
            reusable::used.eq(used + gone),
            reusable::withheld_at.eq(None::<Millis>),
            reusable::changed_at.eq(now),
        ))
        .execute(db)?;
    Ok((gone, left - gone))
}
