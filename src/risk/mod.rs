//! Risk: what strangers may do how often.
//!
//! Comes in: who asks (a network, the hash of an address, an account) and for what. Goes out:
//! pass, or how long to wait. How often is the owner's to say ([`crate::settings::Limit`]).

pub mod job;
pub mod limiter;

pub use limiter::{Kind, Limits, Wait};
