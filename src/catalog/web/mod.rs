//! The pages of the catalogue: the shop window, and the product page that is the checkout.

mod buy;
mod home;
mod product;

pub use buy::buy;
pub use home::home;
pub use product::product;
