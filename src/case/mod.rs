//! Money cases: money that fits nowhere by itself, numbered, owned and due.
//!
//! Comes in: what `payment` and `refund` cannot finish alone (late, duplicate, short, over, no
//! stock, contradicted, a refund that failed). Goes out: a row per cause with a proposed action,
//! one alert, notes, and its end. What staff can do about a case is `payment`'s.

pub mod list;
mod model;
mod open;
pub mod store;
pub mod web;

pub use model::{CaseKind, MoneyCase};
pub use open::{NewCase, open};
