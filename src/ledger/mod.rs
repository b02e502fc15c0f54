//! The ledger: an append-only journal of double entries, the only account of where money is.
//!
//! Comes in: events of money (a receipt, a delivery, a refund) that [`postings`] turns into a
//! [`Posting`], pure and balanced; [`post`] writes it in the caller's transaction. Goes out: one
//! chain of hashes and the balances, both kept by the sealer ([`seal::step`]), and the verdict
//! of [`verify::verify`] over the whole book. Source: spec/ledger.md.

pub mod job;
mod model;
pub mod postings;
pub mod seal;
mod store;
pub mod verify;

pub use model::{Account, Balance, Entry, Error, Journal, Leg, Op, Posting, Side, SourceKind};
pub use store::{Posted, balances, canonical, history, moved, post, row_hash};

#[cfg(test)]
mod fixture;
