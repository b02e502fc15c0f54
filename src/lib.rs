//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod channel;
pub mod clock;
pub mod ids;
pub mod money;
pub mod random;
pub mod sandbox;
pub mod seal;
