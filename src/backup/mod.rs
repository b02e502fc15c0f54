//! Backups of a SQLite shop: one file, taken while the shop runs, and put back while it stands.
//!
//! Comes in: the shop's database file. Goes out: a file of two lines (which format this is, and a
//! manifest that says what is in it) and the database behind them; the reverse way, a database
//! that has been seen to be whole. The shop's key is never in it. On PostgreSQL the server's own
//! tools do this. Source: docs/OPERATIONS.md.

mod archive;
mod model;
mod place;
mod take;

pub use archive::{read_manifest, unpack};
pub use model::{Error, Manifest};
pub use place::{aside, at_work, put_in_place, restoring, sweep};
pub use take::take;
