//! Requests as the staff sees them: the list of those that wait, one thread beside its order, the
//! answer, and the end.

mod list;
mod page;
mod read;
mod write;

pub use list::list;
pub use page::page;
pub use write::write;
