//! The console's pages of the goods: products, their variants, the shelves.

mod asks;
mod category;
mod change;
mod facts;
mod form;
mod list;
mod preview;
mod product;
mod told;
mod variant;
mod variant_form;

pub use category::{
    add_category, ask_remove, categories, category, change_category, order_categories,
    remove_category,
};
pub use change::{change, create, duplicate};
pub use list::products;
pub use preview::preview;
pub use product::{edit, new};
pub use variant::{add_variant, change_variant, new_variant, variant};
