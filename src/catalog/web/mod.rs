//! The pages of the catalogue: the shop window, and the product page that is the checkout.

pub mod admin;
mod buy;
mod home;
mod product;

pub use buy::buy;
pub use home::home;
pub use product::product;
