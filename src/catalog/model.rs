//! Rows of the catalogue.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::fields::Field;
use super::lint;
use crate::clock::Millis;
use crate::ids::{CategoryId, ProductId, SellerId, VariantId, text_enum};
use crate::money::{Currency, Minor};
use crate::store::schema::{category, product, variant};

text_enum! {
    /// How a product is delivered.
    pub enum Delivery {
        /// One card of the pool for each unit.
        CardPool = "card_pool",
        /// One content sold many times (循环卡).
        Reusable = "reusable",
        /// By a person.
        Manual = "manual",
    }
}

text_enum! {
    /// Whether something is on sale.
    pub enum OnOff {
        /// Buyers see it.
        On = "on",
        /// Buyers do not.
        Off = "off",
    }
}

/// A shelf of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = category)]
pub struct Category {
    /// The row.
    pub id: CategoryId,
    /// In URLs.
    pub slug: String,
    /// 中文.
    pub name_zh: String,
    /// English.
    pub name_en: String,
    /// Smaller first.
    pub position: i32,
    /// UTC.
    pub changed_at: Millis,
}

/// A product with everything but prices.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = product)]
pub struct Product {
    /// The row.
    pub id: ProductId,
    /// Whose.
    pub seller_id: SellerId,
    /// Its shelf.
    pub category_id: CategoryId,
    /// In URLs.
    pub slug: String,
    /// 中文 name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// One line, 中文.
    pub summary_zh: String,
    /// One line, English.
    pub summary_en: String,
    /// Markdown, 中文.
    pub description_zh: String,
    /// Markdown, English.
    pub description_en: String,
    /// How to use the goods, shown with them; plain text, 中文.
    pub usage_zh: String,
    /// How to use the goods, English.
    pub usage_en: String,
    /// The name of an icon, or the path of a picture on this shop.
    pub picture: String,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Whether stock is held when an order is placed.
    pub reserves: bool,
    /// JSON of [`Field`]s the buyer fills in.
    pub fields: String,
    /// A notice goes out when fewer cards are left; 0 = never.
    pub low_stock: i64,
    /// For manual delivery: how soon, in minutes; 0 = nothing promised.
    pub promised_minutes: i64,
    /// On sale or not.
    pub state: OnOff,
    /// Smaller first.
    pub position: i32,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
}

impl Product {
    /// A product of the house with nothing told about it yet.
    pub fn fresh(id: ProductId, now: Millis) -> Self {
        let text = String::new;
        Product {
            id,
            seller_id: SellerId::house(),
            category_id: CategoryId(text()),
            slug: text(),
            name_zh: text(),
            name_en: text(),
            summary_zh: text(),
            summary_en: text(),
            description_zh: text(),
            description_en: text(),
            usage_zh: text(),
            usage_en: text(),
            picture: text(),
            delivery: Delivery::CardPool,
            reserves: true,
            fields: "[]".to_owned(),
            low_stock: 0,
            promised_minutes: 0,
            state: OnOff::On,
            position: 0,
            created_at: now,
            changed_at: now,
        }
    }

    /// What the buyer is asked for.
    pub fn asks(&self) -> Result<Vec<Field>, serde_json::Error> {
        serde_json::from_str(&self.fields)
    }
}

/// From `from` units on, each costs `price`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Fewest units for this price, at least 2.
    pub from: i64,
    /// Minor units for each unit.
    pub price: Minor,
}

/// Wholesale prices, by rising `from`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tiers(pub Vec<Tier>);

/// What has a price and a stock.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = variant)]
#[diesel(treat_none_as_null = true)]
pub struct Variant {
    /// The row.
    pub id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// Whose.
    pub seller_id: SellerId,
    /// The seller's own code, unique in the shop.
    pub sku: String,
    /// 中文; empty where a product has one variant.
    pub name_zh: String,
    /// English; empty where a product has one variant.
    pub name_en: String,
    /// For one unit.
    pub price: Minor,
    /// Of all its prices.
    pub currency: Currency,
    /// JSON of [`Tiers`].
    pub tiers: String,
    /// Fewest in one order.
    pub min_quantity: i64,
    /// Most in one order.
    pub max_quantity: i64,
    /// Most for one buyer (email address), over all orders.
    pub buyer_limit: Option<i64>,
    /// On sale or not.
    pub state: OnOff,
    /// Smaller first.
    pub position: i32,
    /// UTC.
    pub changed_at: Millis,
}

impl Variant {
    /// A variant with nothing told about it yet.
    pub fn fresh(id: VariantId, of: &Product, currency: Currency, now: Millis) -> Self {
        Variant {
            id,
            product_id: of.id.clone(),
            seller_id: of.seller_id.clone(),
            sku: String::new(),
            name_zh: String::new(),
            name_en: String::new(),
            price: Minor::ZERO,
            currency,
            tiers: "[]".to_owned(),
            min_quantity: 1,
            max_quantity: lint::UNITS,
            buyer_limit: None,
            state: OnOff::On,
            position: 0,
            changed_at: now,
        }
    }

    /// The wholesale prices.
    pub fn wholesale(&self) -> Result<Tiers, serde_json::Error> {
        serde_json::from_str(&self.tiers)
    }
}
