//! Stock: the cards a shop has to hand out, each to one buyer.
//!
//! Comes in: files of cards (`import`, with a dry run that `draft` keeps until it is confirmed),
//! reservations when an order is placed, releases when it is given up, what staff change. Goes out: cards, sealed at rest, handed to an order's item
//! once. Shown stock is an indexed count capped at [`COUNT_CAP`], never a counter row.

pub mod change;
mod counter;
pub mod draft;
pub mod import;
pub mod job;
mod left;
mod load;
mod mask;
mod model;
mod reuse;
pub mod store;
pub mod web;
pub mod withheld;

pub use counter::{forget_unused, give_back, take};
pub use left::{LeftOfAll, left, left_of_all};
pub use load::{Loaded, Target, Tools, load, sweep, withdraw, withdraw_and};
pub use mask::mask;
pub use model::{Batch, BatchState, COUNT_CAP, Card, CardState, Reusable};
pub use reuse::{ReuseError, change_reusable};
