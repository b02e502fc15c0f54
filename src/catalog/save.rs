//! Changing goods one at a time, inside a caller's transaction. Whoever saw an older state is
//! told so instead of overwriting it; whole files (`apply`) see by the version that something
//! moved.

use super::model::{Category, OnOff, Product, Variant};
use super::store;
use crate::clock::Millis;
use crate::ids::{CategoryId, ProductId};
use crate::settings;
use crate::store::{Db, StoreError, write_error};

/// Why goods were not changed. Nothing was written then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SaveError {
    /// Somebody changed it since it was seen.
    #[error("it was changed by somebody else meanwhile")]
    Moved,
    /// The code (slug or sku) belongs to another one.
    #[error("the code belongs to another one")]
    Taken,
    /// The shelf it is to stand on is not there.
    #[error("there is no such category")]
    NoCategory,
    /// A shelf that something stands on.
    #[error("something stands on it")]
    NotEmpty,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(SaveError);

/// When a row that was last changed at `seen` changes now: later in any case, so that the two
/// states are told apart.
pub fn changed_at(now: Millis, seen: Option<Millis>) -> Millis {
    seen.map_or(now, |seen| now.max(seen + 1))
}

/// Writes a product; `seen` is the `changed_at` its author saw, none for a new one.
pub fn product(db: &mut Db, row: &Product, seen: Option<Millis>) -> Result<(), SaveError> {
    begin(db)?;
    let known = store::find_product(db, &row.id)?;
    unmoved(known.map(|known| known.changed_at), seen)?;
    let named = store::product_by_slug(db, &row.slug)?;
    if named.is_some_and(|named| named.id != row.id) {
        return Err(SaveError::Taken);
    }
    if store::category(db, &row.category_id)?.is_none() {
        return Err(SaveError::NoCategory);
    }
    Ok(store::put_product(db, row)?)
}

/// Writes a variant; `seen` as for [`product`].
pub fn variant(db: &mut Db, row: &Variant, seen: Option<Millis>) -> Result<(), SaveError> {
    begin(db)?;
    let known = store::find_variant(db, &row.id)?;
    unmoved(known.map(|known| known.changed_at), seen)?;
    let named = store::variant_by_sku(db, &row.sku)?;
    if named.is_some_and(|named| named.id != row.id) {
        return Err(SaveError::Taken);
    }
    Ok(store::put_variant(db, row)?)
}

/// Writes a category; `seen` as for [`product`].
pub fn category(db: &mut Db, row: &Category, seen: Option<Millis>) -> Result<(), SaveError> {
    begin(db)?;
    let known = store::category(db, &row.id)?;
    unmoved(known.map(|known| known.changed_at), seen)?;
    let all = store::categories(db)?;
    if all.iter().any(|c| c.slug == row.slug && c.id != row.id) {
        return Err(SaveError::Taken);
    }
    Ok(store::put_category(db, row)?)
}

/// Takes a category away on which nothing stands; the row as it was.
pub fn remove_category(db: &mut Db, id: &CategoryId) -> Result<Category, SaveError> {
    begin(db)?;
    let known = store::category(db, id)?.ok_or(StoreError::NotFound)?;
    if store::category_is_used(db, id)? {
        return Err(SaveError::NotEmpty);
    }
    store::delete_category(db, id)?;
    Ok(known)
}

/// Sets the places of shelves, as far as they are there; those that moved, as they were and are.
pub fn reorder(
    db: &mut Db,
    places: &[(CategoryId, i32)],
    now: Millis,
) -> Result<Vec<(Category, Category)>, SaveError> {
    begin(db)?;
    let mut moved = Vec::new();
    for row in store::categories(db)? {
        let place = places.iter().find(|(id, _)| *id == row.id);
        let Some((_, place)) = place.filter(|(_, place)| *place != row.position) else {
            continue;
        };
        let after = Category {
            position: *place,
            changed_at: changed_at(now, Some(row.changed_at)),
            ..row.clone()
        };
        store::put_category(db, &after)?;
        moved.push((row, after));
    }
    Ok(moved)
}

/// A product under another name with all its variants, off sale. Cards and shared contents stay
/// with the first one.
pub struct Copied {
    /// The new product.
    pub product: Product,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// Copies a product: `name` makes the names of the copy, `new_id` the ids of its variants.
pub fn copy(
    db: &mut Db,
    of: &ProductId,
    id: ProductId,
    name: impl Fn(&Product) -> (String, String),
    new_id: &mut dyn FnMut() -> crate::ids::VariantId,
    now: Millis,
) -> Result<Copied, SaveError> {
    begin(db)?;
    let first = store::find_product(db, of)?.ok_or(StoreError::NotFound)?;
    let (name_zh, name_en) = name(&first);
    let mut slug = free(&first.slug);
    let slug = loop {
        let tried = slug.next().ok_or(SaveError::Taken)?;
        if store::product_by_slug(db, &tried)?.is_none() {
            break tried;
        }
    };
    let product = Product {
        id,
        slug,
        name_zh,
        name_en,
        state: OnOff::Off,
        created_at: now,
        changed_at: now,
        ..first.clone()
    };
    store::put_product(db, &product)?;
    let mut variants = Vec::new();
    for variant in store::variants_of(db, of)? {
        let mut sku = free(&variant.sku);
        let sku = loop {
            let tried = sku.next().ok_or(SaveError::Taken)?;
            if store::variant_by_sku(db, &tried)?.is_none() {
                break tried;
            }
        };
        let row = Variant {
            id: new_id(),
            product_id: product.id.clone(),
            sku,
            changed_at: now,
            ..variant
        };
        store::put_variant(db, &row)?;
        variants.push(row);
    }
    Ok(Copied { product, variants })
}

/// Codes for a copy: `name-copy`, `name-copy-2`, …
fn free(code: &str) -> impl Iterator<Item = String> {
    let kept: String = code.chars().take(70).collect();
    (1..1_000).map(move |n| match n {
        1 => format!("{kept}-copy"),
        n => format!("{kept}-copy-{n}"),
    })
}

/// Tells whole files that something moves, and holds the configuration until the end: two
/// changes at once come one after the other.
fn begin(db: &mut Db) -> Result<(), SaveError> {
    Ok(settings::bump(db)?)
}

fn unmoved(known: Option<Millis>, seen: Option<Millis>) -> Result<(), SaveError> {
    match known == seen {
        true => Ok(()),
        false => Err(SaveError::Moved),
    }
}
