//! Jobs and queries as the door sees them: work that leaves what it found in a place of its
//! caller's. The door is so compiled once, and not once for each of hundreds of jobs.

use std::sync::{Arc, Mutex, PoisonError};

use super::connect::Db;
use super::error::{StoreError, WriteError};

/// A write that may run more than once; each run leaves its own outcome.
pub(super) type Job = Box<dyn FnMut(&mut Db) -> Result<(), Refused> + Send>;

/// A read.
pub(super) type Query = Box<dyn FnOnce(&mut Db) + Send>;

/// A job failed by itself: its effects are to be undone, and its caller finds its error.
pub(super) struct Refused {
    /// Because of another transaction: it may run again.
    pub(super) conflict: bool,
}

/// Where the caller finds what its work came to.
pub(super) struct Outcome<T, E>(Arc<Mutex<Option<Result<T, E>>>>);

impl<T, E> Outcome<T, E> {
    fn empty() -> (Self, Self) {
        let place = Arc::default();
        (Outcome(Arc::clone(&place)), Outcome(place))
    }

    fn leave(&self, found: Result<T, E>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }
}

impl<T, E: From<StoreError>> Outcome<T, E> {
    /// What the last run left, unless the door itself failed.
    pub(super) fn after(self, door: Result<(), StoreError>) -> Result<T, E> {
        door?;
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.take().unwrap_or(Err(StoreError::Closed.into()))
    }
}

/// A job and the place of its outcome.
pub(super) fn job<T, E, F>(run: F) -> (Job, Outcome<T, E>)
where
    F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: WriteError,
{
    let (left, found) = Outcome::empty();
    let job = move |db: &mut Db| {
        let outcome = run(db);
        let said = outcome.as_ref().map(|_| ()).map_err(|error| Refused {
            conflict: error.store_error().is_some_and(StoreError::is_conflict),
        });
        left.leave(outcome);
        said
    };
    (Box::new(job), found)
}

/// A query and the place of its outcome.
pub(super) fn query<T, E, F>(run: F) -> (Query, Outcome<T, E>)
where
    F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: WriteError,
{
    let (left, found) = Outcome::empty();
    (Box::new(move |db| left.leave(run(db))), found)
}
