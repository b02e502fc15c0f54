//! Routing: which account collects this attempt.
//!
//! Comes in: what the buyer wants to pay by and the accounts there are. Goes out: a
//! [`Decision`] that names the account and says, for every other one, why not. Pure: until
//! the money objective of spec/routing.md is in place it answers by hard filters and fixed
//! priority.

mod decide;

pub use decide::{Ask, Candidate, Considered, Decision, Reason, decide};
