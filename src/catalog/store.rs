//! Queries of the catalogue.

use diesel::prelude::*;

use super::model::{Category, OnOff, Product, Variant};
use crate::ids::{CategoryId, ProductId, VariantId};
use crate::store::schema::{category, product, variant};
use crate::store::{Db, StoreError, both};

/// All shelves, in order.
pub fn categories(db: &mut Db) -> Result<Vec<Category>, StoreError> {
    Ok(category::table
        .order((category::position, category::slug))
        .select(Category::as_select())
        .load(db)?)
}

/// The shelf with this id.
pub fn category(db: &mut Db, id: &CategoryId) -> Result<Option<Category>, StoreError> {
    Ok(category::table
        .find(id)
        .select(Category::as_select())
        .get_result(db)
        .optional()?)
}

/// Whether a product stands on this shelf, on sale or not.
pub fn category_is_used(db: &mut Db, id: &CategoryId) -> Result<bool, StoreError> {
    let on_it = product::table.filter(product::category_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(on_it)).get_result(db)?)
}

/// The shelves on which something stands.
pub fn used_categories(db: &mut Db) -> Result<Vec<CategoryId>, StoreError> {
    Ok(product::table
        .select(product::category_id)
        .distinct()
        .load(db)?)
}

/// Takes a shelf away; the database refuses one on which something stands.
pub fn delete_category(db: &mut Db, id: &CategoryId) -> Result<(), StoreError> {
    diesel::delete(category::table.find(id)).execute(db)?;
    Ok(())
}

/// All products on sale, in order of shelf and position.
pub fn products_on_sale(db: &mut Db) -> Result<Vec<Product>, StoreError> {
    Ok(product::table
        .inner_join(category::table.on(category::id.eq(product::category_id)))
        .filter(product::state.eq(OnOff::On))
        .order((
            category::position,
            category::slug,
            product::position,
            product::slug,
        ))
        .select(Product::as_select())
        .load(db)?)
}

/// All products, on sale or not.
pub fn products(db: &mut Db) -> Result<Vec<Product>, StoreError> {
    Ok(product::table
        .order(product::slug)
        .select(Product::as_select())
        .load(db)?)
}

/// The slugs of all products, on sale or not.
pub fn slugs(db: &mut Db) -> Result<Vec<String>, StoreError> {
    Ok(product::table.select(product::slug).load(db)?)
}

/// The product with this slug, on sale or not.
pub fn product_by_slug(db: &mut Db, slug: &str) -> Result<Option<Product>, StoreError> {
    if is_no_text(slug) {
        return Ok(None);
    }
    Ok(product::table
        .filter(product::slug.eq(slug))
        .select(Product::as_select())
        .get_result(db)
        .optional()?)
}

/// A product.
pub fn product_by_id(db: &mut Db, id: &ProductId) -> Result<Product, StoreError> {
    Ok(product::table
        .find(id)
        .select(Product::as_select())
        .get_result(db)?)
}

/// The product with this id, on sale or not; none if nothing has it.
pub fn find_product(db: &mut Db, id: &ProductId) -> Result<Option<Product>, StoreError> {
    if is_no_text(id.as_str()) {
        return Ok(None);
    }
    product_by_id(db, id).map(Some).or_else(none)
}

/// The last place a product stands at; none stand at 0.
pub fn last_place(db: &mut Db) -> Result<i32, StoreError> {
    let last: Option<i32> = product::table
        .select(diesel::dsl::max(product::position))
        .first(db)?;
    Ok(last.unwrap_or(0))
}

/// The variants of a product, on sale or not, in order.
pub fn variants_of(db: &mut Db, of: &ProductId) -> Result<Vec<Variant>, StoreError> {
    Ok(variant::table
        .filter(variant::product_id.eq(of))
        .order((variant::position, variant::sku))
        .select(Variant::as_select())
        .load(db)?)
}

/// The variants of a product that are on sale, in order.
pub fn variants_on_sale(db: &mut Db, of: &ProductId) -> Result<Vec<Variant>, StoreError> {
    Ok(variant::table
        .filter(variant::product_id.eq(of))
        .filter(variant::state.eq(OnOff::On))
        .order((variant::position, variant::sku))
        .select(Variant::as_select())
        .load(db)?)
}

/// All variants, on sale or not.
pub fn variants(db: &mut Db) -> Result<Vec<Variant>, StoreError> {
    Ok(variant::table
        .order((variant::position, variant::sku))
        .select(Variant::as_select())
        .load(db)?)
}

/// The variant with this id.
pub fn variant_by_id(db: &mut Db, id: &VariantId) -> Result<Variant, StoreError> {
    Ok(variant::table
        .find(id)
        .select(Variant::as_select())
        .get_result(db)?)
}

/// The variant with this id; none if nothing has it.
pub fn find_variant(db: &mut Db, id: &VariantId) -> Result<Option<Variant>, StoreError> {
    if is_no_text(id.as_str()) {
        return Ok(None);
    }
    variant_by_id(db, id).map(Some).or_else(none)
}

/// The variant with this sku.
pub fn variant_by_sku(db: &mut Db, sku: &str) -> Result<Option<Variant>, StoreError> {
    Ok(variant::table
        .filter(variant::sku.eq(sku))
        .select(Variant::as_select())
        .get_result(db)
        .optional()?)
}

/// A variant with its product, by the variant's id or sku, if both are on sale.
pub fn on_sale(db: &mut Db, id_or_sku: &str) -> Result<Option<(Variant, Product)>, StoreError> {
    if is_no_text(id_or_sku) {
        return Ok(None);
    }
    Ok(variant::table
        .inner_join(product::table.on(product::id.eq(variant::product_id)))
        .filter(
            variant::id
                .eq(VariantId(id_or_sku.to_owned()))
                .or(variant::sku.eq(id_or_sku)),
        )
        .filter(variant::state.eq(OnOff::On))
        .filter(product::state.eq(OnOff::On))
        .select((Variant::as_select(), Product::as_select()))
        .get_result(db)
        .optional()?)
}

/// Writes a category as it is, new or not.
pub fn put_category(db: &mut Db, row: &Category) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(category::table)
        .values(row)
        .on_conflict(category::id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

/// Writes a product as it is, new or not.
pub fn put_product(db: &mut Db, row: &Product) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(product::table)
        .values(row)
        .on_conflict(product::id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

/// Writes a variant as it is, new or not.
pub fn put_variant(db: &mut Db, row: &Variant) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(variant::table)
        .values(row)
        .on_conflict(variant::id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

fn none<T>(error: StoreError) -> Result<Option<T>, StoreError> {
    match error {
        StoreError::NotFound => Ok(None),
        other => Err(other),
    }
}

/// A stranger may ask for a name with a zero byte: no row has it, and PostgreSQL takes it for no
/// text at all (X67).
fn is_no_text(asked: &str) -> bool {
    asked.contains('\0')
}
