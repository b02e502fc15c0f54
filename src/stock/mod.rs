//! Stock: the cards a shop has to hand out, each to one buyer.
//!
//! Comes in: files of cards (`import`, with a dry run), reservations when an order is placed,
//! releases when it is given up. Goes out: cards, sealed at rest, handed to an order's item
//! once. Shown stock is an indexed count capped at [`COUNT_CAP`], never a counter row.

mod counter;
pub mod import;
pub mod job;
mod load;
mod model;
pub mod store;
pub mod withheld;

pub use counter::{forget_unused, give_back, take};
pub use load::{Loaded, Target, Tools, load, sweep, withdraw};
pub use model::{Batch, BatchState, COUNT_CAP, Card, CardState, Reusable};
