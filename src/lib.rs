//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod catalog;
pub mod channel;
pub mod clock;
pub mod fault;
pub mod ids;
pub mod money;
pub mod order;
pub mod random;
pub mod seal;
pub mod stock;
pub mod store;
