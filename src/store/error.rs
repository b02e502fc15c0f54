//! What can go wrong at the door, and how a room's error carries it through.

use diesel::r2d2;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the database itself. Rooms wrap it; buyers see "try again".
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The write queue is full: answer 503 with Retry-After.
    #[error("the write queue is full")]
    Busy,
    /// The writer has stopped: the process is on its way out.
    #[error("the database is closed")]
    Closed,
    /// No connection could be had.
    #[error("no database connection: {0}")]
    Unreachable(String),
    /// The job panicked; its effects are undone.
    #[error("the job panicked: {0}")]
    Panicked(String),
    /// A conflict with a concurrent transaction: running the job again may succeed.
    #[error("conflict with a concurrent transaction: {0}")]
    Conflict(String),
    /// A unique, foreign-key or check constraint refused a row.
    #[error("refused by a constraint: {0}")]
    Constraint(String),
    /// A row that must be there is not.
    #[error("the row is not there")]
    NotFound,
    /// A row holds what it cannot hold, or a query is wrong.
    #[error("database: {0}")]
    Database(String),
    /// The URL or the schema is not one we know.
    #[error("{0}")]
    Refused(String),
}

impl StoreError {
    /// A row that contradicts the code, told with what was found.
    pub fn corrupt(found: impl Into<String>) -> Self {
        StoreError::Database(found.into())
    }

    /// Whether running the same job again may succeed.
    pub fn is_conflict(&self) -> bool {
        matches!(self, StoreError::Conflict(_))
    }

    /// Whether the database cannot be reached or is overloaded, as opposed to a defect.
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            StoreError::Busy | StoreError::Closed | StoreError::Unreachable(_)
        )
    }

    pub(super) fn pool(error: impl std::fmt::Display) -> Self {
        StoreError::Unreachable(error.to_string())
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => StoreError::NotFound,
            DieselError::DatabaseError(kind, info) => {
                let told = info.message().to_owned();
                match kind {
                    DatabaseErrorKind::SerializationFailure => StoreError::Conflict(told),
                    DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation => StoreError::Constraint(told),
                    DatabaseErrorKind::ClosedConnection => StoreError::Unreachable(told),
                    _ if told.contains("deadlock detected") => StoreError::Conflict(told),
                    _ if told.contains("due to lock timeout") => StoreError::Conflict(told),
                    _ if told.contains("due to statement timeout") => StoreError::Unreachable(told),
                    _ if told.contains("database is locked") => StoreError::Unreachable(told),
                    _ if lost(&told) => StoreError::Unreachable(told),
                    _ => StoreError::Database(told),
                }
            }
            DieselError::BrokenTransactionManager => {
                StoreError::Unreachable("the connection is broken".to_owned())
            }
            other => StoreError::Database(other.to_string()),
        }
    }
}

/// libpq has no error code for a connection that died under a query, only its words.
fn lost(told: &str) -> bool {
    [
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "the database system is",
        "no connection to the server",
        "could not receive data",
        "could not send data",
        "SSL connection has been closed",
    ]
    .iter()
    .any(|words| told.contains(words))
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        StoreError::Unreachable(error.to_string())
    }
}

/// An error a job may return: it can carry a [`StoreError`] and show it again, so that the door
/// knows which failures to retry.
pub trait WriteError: From<StoreError> + Send + 'static {
    /// The database's part of this error, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl WriteError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Implements [`WriteError`] for a room's error with a variant `Store(#[from] StoreError)`.
#[macro_export]
#[doc(hidden)]
macro_rules! write_error_impl {
    ($error:ty) => {
        impl $crate::store::WriteError for $error {
            fn store_error(&self) -> Option<&$crate::store::StoreError> {
                match self {
                    Self::Store(error) => Some(error),
                    _ => None,
                }
            }
        }
    };
}
pub use crate::write_error_impl as write_error;
