//! Goods as the audit log keeps them: every value that a change may change, no secret.

use serde_json::{Value, json};

use crate::catalog::{Category, Product, Variant};

/// A product.
pub fn product(row: &Product) -> Value {
    let fields: Value = serde_json::from_str(&row.fields).unwrap_or_default();
    json!({
        "slug": row.slug,
        "category": row.category_id,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "summary_zh": row.summary_zh,
        "summary_en": row.summary_en,
        "description_zh": row.description_zh,
        "description_en": row.description_en,
        "usage_zh": row.usage_zh,
        "usage_en": row.usage_en,
        "picture": row.picture,
        "delivery": row.delivery,
        "reserves": row.reserves,
        "fields": fields,
        "low_stock": row.low_stock,
        "promised_minutes": row.promised_minutes,
        "state": row.state,
        "position": row.position,
    })
}

/// A variant.
pub fn variant(row: &Variant) -> Value {
    let tiers: Value = serde_json::from_str(&row.tiers).unwrap_or_default();
    json!({
        "product": row.product_id,
        "sku": row.sku,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "price": row.price.decimal(row.currency),
        "currency": row.currency,
        "tiers": tiers,
        "min_quantity": row.min_quantity,
        "max_quantity": row.max_quantity,
        "buyer_limit": row.buyer_limit,
        "state": row.state,
        "position": row.position,
    })
}

/// A category.
pub fn category(row: &Category) -> Value {
    json!({
        "slug": row.slug,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "position": row.position,
    })
}
