//! The pages of channel accounts: what there is and how it does, making and changing one, letting
//! it take orders or not, and asking its channel whether all of it works.

mod edit;
mod form;
mod list;
mod one;
mod state;
mod trial;

pub use edit::{change, create, edit, new};
pub use list::list;
pub use one::{one, test};
pub use state::{confirm, turn};
