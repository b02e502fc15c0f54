//! What a backup says of itself, and what can be wrong with one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::store::{StoreError, write_error};

/// The format this version writes and reads.
pub const FORMAT: u32 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Grows when the file changes its form.
    pub format: u32,
    /// The newest version of the schema in it.
    pub schema: String,
    /// When it was taken, UTC milliseconds.
    pub taken_at: Millis,
    /// The version of Vendgate that took it.
    pub written_by: String,
    /// The shop's name.
    pub shop: String,
    /// Rows of the main tables.
    pub rows: BTreeMap<String, i64>,
    /// Length of the database, in bytes.
    pub size: u64,
    /// SHA-256 of the database, hex.
    pub sha256: String,
}

/// Why a backup was not taken or not put back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file would be lost.
    #[error("{} is there already: choose another name, or overwrite it with --force", .0.display())]
    Exists(PathBuf),
    /// Not a backup, not a whole one, or not as it was written.
    #[error("{}: {reason}. Nothing was changed", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A backup in a form of a newer version.
    #[error("{} has format {format}; this version reads {FORMAT}. Nothing was changed", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// There is nothing to take a backup of.
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(Error);

impl Error {
    /// Names the file an error is about.
    pub(super) fn at(path: &std::path::Path) -> impl Fn(std::io::Error) -> Error + '_ {
        move |cause| Error::File {
            path: path.to_owned(),
            cause,
        }
    }

    pub(super) fn damaged(path: &std::path::Path, reason: impl Into<String>) -> Self {
        Error::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}
