//! What is wrong with a file, and why nothing was applied.

use std::fmt;

use crate::store::{StoreError, write_error};

/// One thing that is wrong. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The path of the key: `product[3].variant[0].price`; empty when it is the whole file.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.file, self.reason),
            key => write!(f, "{}: {key}: {}", self.file, self.reason),
        }
    }
}

/// Why a file was not applied. Unless it is the database's fault, nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// All that is wrong with the file, in its order.
    #[error("{}", shown(.0))]
    Problems(Vec<Problem>),
    /// Somebody else changed the configuration between reading and writing it.
    #[error(
        "the configuration was changed by somebody else meanwhile; nothing was written, apply again"
    )]
    Moved,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(ApplyError);

fn shown(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
