//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod account;
pub mod catalog;
pub mod channel;
pub mod clock;
pub mod fault;
pub mod ids;
pub mod ledger;
pub mod money;
<<<<<<< HEAD
pub mod notify;
pub mod order;
=======
pub mod outbound;
>>>>>>> ledger
pub mod random;
<<<<<<< HEAD
pub mod routing;
=======
pub mod sandbox;
>>>>>>> gw
pub mod seal;
pub mod settings;
pub mod stock;
pub mod store;
pub mod web;
