//! The catalogue: what is on sale, at which price, asking the buyer for what.
//!
//! Comes in: what a seller configured (through `apply` or the console). Goes out: categories,
//! products and variants as a buyer may see them, and [`Variant`]s with the terms an order
//! freezes. Amounts are whole minor units of the variant's currency.

mod fields;
pub mod lint;
pub mod listing;
mod markdown;
mod model;
pub mod save;
pub mod store;
pub mod web;

pub use fields::{Field, FieldKind, FieldProblem, check_fields};
pub use markdown::to_html;
pub use model::{Category, Delivery, OnOff, Product, Tier, Tiers, Variant};
