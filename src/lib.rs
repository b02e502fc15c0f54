//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod channel;
pub mod clock;
pub mod fault;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod outbound;
pub mod random;
pub mod seal;
pub mod store;
