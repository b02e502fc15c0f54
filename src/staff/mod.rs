//! Staff: who works in the shop, how they sign in, and what they did.
//!
//! Comes in: a one-time link (there is no default password anywhere), an address and a password,
//! the cookie of a session. Goes out: who somebody is, and lines of the audit log, written in the
//! transaction of what they tell of and chained by the sealer. Source: spec/product.md A01, A02,
//! spec/attacks.md X48–X51, X56.

pub mod audit;
pub mod job;
mod link;
mod model;
mod session;
pub mod store;
pub mod totp;
pub mod web;

pub use link::{Enter, FIRST_LINK, LinkFor, RESET_LINK, enter, first_link, look, reset_link};
pub use model::{Error, LinkRow, Role, Session, Staff, StaffState, shortest_password};
pub use session::{
    IDLE, LONGEST, PROOF, SignIn, change_password, end, end_all, is_alive, prove, see, sign_in,
    sweep,
};
