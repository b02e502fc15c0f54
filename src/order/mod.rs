//! Orders: what a buyer asked for, at a price that no longer changes.
//!
//! Comes in: a [`Placement`] (what, how many, to whom) and, later, [`Event`]s. Goes out: an
//! order row with its items, its holds on stock and counters, and a chained history of events.
//! `state` is the pure table, `place` writes a new order in one transaction, `apply` is the
//! only writer of an order's state afterwards. Source: design.md §4.

mod apply;
mod limit;
mod model;
mod place;
mod price;
mod proof;
pub mod state;
pub mod store;
pub mod web;

pub use apply::{Change, apply, verify_chain};
pub use limit::hold_again;
pub use model::{Error, Item, Order, OrderEvent};
pub use place::{Limits, Placed, Placement, Terms, Tools, email_hash, place};
pub use price::{Quote, quote};
pub use proof::{PROVED_FOR, Proof};
pub use state::{Event, State};
