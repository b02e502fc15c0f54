//! What the buyer sees: words, pages as plain data, and the embedded files they use.
//! Rooms fill the structs of [`pages`] in their own handlers; nothing here knows a database.

pub mod assets;
pub mod layout;
pub mod pages;
pub mod qr;
pub mod words;
