//! Channel accounts: which merchants of which channels this shop collects through.
//!
//! Comes in: rows of `channel_account` with sealed credentials. Goes out: [`Account`]s that can
//! speak (or say why not), looked up by name or by the secret path of their callback address.
//! The set is read again when the configuration's version changes.

pub mod job;
mod model;
mod registry;
pub mod store;
mod turn;
pub mod web;

pub use model::{Account, AccountRow, AccountState, Facts};
pub use registry::{Accounts, When, open};
pub use turn::turn;
