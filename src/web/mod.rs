//! What the buyer sees: words, pages as plain data, and the embedded files they use.
//! Rooms fill the structs of [`pages`] in their own handlers. `checkout` is what pages and API
//! share when somebody buys, `client` tells who asks.

pub mod assets;
pub mod checkout;
pub mod client;
pub mod layout;
pub mod pages;
pub mod qr;
pub mod words;
