//! The frame of the staff's pages: the gate before them, what a form brought, the page around
//! them, lists that filter, sort and page by their address, and the page that asks once more.
//!
//! Handlers stand in the rooms' own `web/` folders. They take [`SignedIn`] and [`Posted`], which
//! only the [`gate`](gate::gate) hands out: a page outside of it has neither.

pub mod cookie;
pub mod field;
pub mod frame;
pub mod gate;
pub mod home;
pub mod list;
mod posted;
pub mod prove;
pub mod said;
pub mod settings;
mod today;

pub use field::{Errors, Field, Input};
pub use frame::{Frame, Section};
pub use gate::SignedIn;
pub use list::{Asked, Cursor, Pages, SortLink};
pub use posted::{File, Posted};
pub use said::done;
