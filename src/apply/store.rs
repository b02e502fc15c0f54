//! Queries a file is compared and written with.

use diesel::prelude::*;

use crate::account::{self, AccountRow};
use crate::catalog::{self, Category, Product, Variant};
use crate::ids::{BatchId, VariantId};
use crate::settings::{self, Settings};
use crate::stock::{self, Batch, CardState, Reusable};
use crate::store::schema::{card, card_batch, config_version, reusable, variant};
use crate::store::{Db, StoreError};

/// The shop's configuration as it stands.
pub(crate) struct Stored {
    /// Read before all else: if it still stands when the changes are written, so does the rest.
    pub(super) version: i64,
    pub(crate) settings: Settings,
    pub(super) categories: Vec<Category>,
    pub(crate) products: Vec<Product>,
    pub(crate) variants: Vec<Variant>,
    pub(super) reusables: Vec<Reusable>,
    pub(crate) accounts: Vec<AccountRow>,
}

/// Reads it all.
pub(crate) fn stored(db: &mut Db) -> Result<Stored, StoreError> {
    Ok(Stored {
        version: settings::version(db)?,
        settings: settings::read(db)?,
        categories: catalog::store::categories(db)?,
        products: catalog::store::products(db)?,
        variants: catalog::store::variants(db)?,
        reusables: reusable::table.select(Reusable::as_select()).load(db)?,
        accounts: account::store::all(db)?,
    })
}

/// Counts the version up if it is still `from`; false = somebody else was first. Holds the row
/// until the transaction ends, so that two files never mix.
pub(super) fn bump_from(db: &mut Db, from: i64) -> Result<bool, StoreError> {
    let touched = diesel::update(config_version::table.filter(config_version::version.eq(from)))
        .set(config_version::version.eq(from + 1))
        .execute(db)?;
    Ok(touched == 1)
}

/// Which of these hashes belong to cards that were withdrawn from sale and have not come back.
pub(super) fn withdrawn(db: &mut Db, hashes: &[String]) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for chunk in hashes.chunks(400) {
        found.extend(
            card::table
                .filter(card::content_hash.eq_any(chunk.to_vec()))
                .filter(card::state.eq(CardState::Withdrawn))
                .select(card::content_hash)
                .load::<String>(db)?,
        );
    }
    let back = stock::store::known_hashes(db, &found, None)?;
    found.retain(|hash| !back.contains(hash));
    Ok(found)
}

/// An import with the sku of its variant.
pub(super) fn batch(db: &mut Db, id: &BatchId) -> Result<Option<(Batch, String)>, StoreError> {
    Ok(card_batch::table
        .inner_join(variant::table.on(variant::id.eq(card_batch::variant_id)))
        .filter(card_batch::id.eq(id))
        .select((Batch::as_select(), variant::sku))
        .first(db)
        .optional()?)
}

/// How many cards of each import of a variant stand where.
pub(super) fn counts(
    db: &mut Db,
    of: &VariantId,
) -> Result<Vec<(BatchId, CardState, i64)>, StoreError> {
    Ok(card::table
        .filter(card::variant_id.eq(of))
        .group_by((card::batch_id, card::state))
        .select((card::batch_id, card::state, diesel::dsl::count_star()))
        .load(db)?)
}
