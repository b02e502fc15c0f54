//! Refunds: money back to the channel it came from, once.
//!
//! Comes in: [`request`]s, written in the transaction that decides them (late, duplicate or too
//! much money, an operator's decision). Goes out: one call with one number for ever, asked about
//! until it is final, and then the journal row, the order's amount and a mail, in one write. What
//! no channel can tell, a person says ([`found`]).
//! Σ refunds of a receipt never exceeds it: a guarded UPDATE on the receipt says so.

mod ends;
pub mod job;
mod model;
mod request;
mod send;
pub mod store;

pub use ends::{Found, found};
pub use model::{Error, Grounds, Refund, RefundState};
pub use request::{NewRefund, request, request_rest};
pub use send::{Desk, accounts_due, claim, take_on};
