//! What the buyer sees: words, pages as plain data, and the embedded files they use.
//! Rooms fill the structs of [`pages`] in their own handlers. `checkout` is what pages and API
//! share when somebody buys, `buy` does it under an id that `idempotency` keeps, `ask` asks
//! channels while the buyer waits, `client` tells who asks, `arrival` how long a body may take,
//! `csv` writes tables to take out; `api` is the shop for programs, `admin` the frame of the staff's pages.

pub mod admin;
pub mod api;
pub mod arrival;
pub mod ask;
pub mod assets;
pub mod buy;
pub mod checkout;
pub mod client;
pub mod csv;
pub mod failure;
#[cfg(test)]
pub(crate) mod fixture;
pub mod form;
pub mod hashing;
pub mod idempotency;
pub mod layout;
pub mod live;
pub mod methods;
pub mod order_cookie;
pub mod pages;
pub mod print;
pub mod problem;
pub mod qr;
pub mod routes;
pub mod server;
pub mod site;
pub mod theme;
pub mod visitor;
pub mod whole;
pub mod words;
