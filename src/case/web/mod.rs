//! Money cases as staff see them: the list, one case with its evidence, and what may be done.

mod deed;
mod list;
mod page;
mod read;

pub use deed::{deed, deed_page};
pub use list::list;
pub use page::{note, page};
