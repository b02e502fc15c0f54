//! Configuration as a file: a shop's settings, shelves, goods, cards and channel accounts.
//!
//! Comes in: a TOML file (docs/APPLY.md) or a file of cards. Goes out: a [`Report`] of what
//! changed or would change, or every [`Problem`] of the file with its key. What the file does
//! not name stays as it is; configuration is one transaction, cards load after it in batches,
//! and applying the same file again changes nothing.

mod accounts;
pub mod cards;
mod change;
mod collect;
mod diff;
mod error;
mod export;
mod file;
mod goods;
mod lint;
mod plan;
mod read;
pub mod release;
mod run;
mod shelf;
mod store;
mod variant;
mod wish;

pub(crate) use change::consider;
pub use diff::{CardLine, Change, Line, Report, Sign};
pub use error::{ApplyError, Problem};
pub use export::export;
pub(crate) use file::parse;
pub(crate) use read::Problems;
pub(crate) use run::bring;
pub use run::{MOST_ROWS, Tools, apply};
pub(crate) use store::{Stored, stored};
pub(crate) use wish::{AccountWish, Amount, Wishes};

#[cfg(test)]
mod cards_tests;
#[cfg(test)]
mod docs_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
pub(crate) mod support_tests;
#[cfg(test)]
mod tests;
