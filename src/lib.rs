//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod account;
pub mod case;
pub mod catalog;
pub mod channel;
pub mod clock;
pub mod delivery;
pub mod fault;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod notify;
pub mod order;
pub mod outbound;
pub mod payment;
pub mod random;
pub mod refund;
pub mod routing;
pub mod sandbox;
pub mod seal;
pub mod settings;
pub mod stock;
pub mod store;
pub mod web;
