//! The pages of an order: cashier, result, look-up, and what the buyer can do there.

mod act;
pub mod admin;
mod cashier;
mod events;
mod list;
mod lookup;
mod request;
mod result;
mod unopened;
mod view;

pub use act::{attempts, cancel, check, goods, returned};
pub use events::{events, status};
pub use list::{enter_mine, mine};
pub use lookup::{find, lookup};
pub use request::{ask, reply};
pub use view::order;
