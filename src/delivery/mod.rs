//! Delivery: what was handed out, to be shown, mailed and fetched.
//!
//! Comes in: cards that left the stock, or content a person wrote. Goes out: an order's goods,
//! unit by unit, opened only for whoever holds the order's token. One card is in at most one
//! delivery, one unit of an item has at most one (both UNIQUE).

mod model;
pub mod store;

pub use model::{Content, Delivery, Unit, open_all};
