//! Where async callers stand in line for a connection: in order, and only so many.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::StoreError;

/// Callers that may wait; one more is refused with [`StoreError::Busy`].
const QUEUE: usize = 4_096;

/// A line before a pool of connections. Blocking threads would neither keep the order nor end.
pub(super) struct Line {
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// A place at a connection, given back when it is dropped.
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    _permit: OwnedSemaphorePermit,
}

impl Line {
    /// Before a pool of so many connections.
    pub(super) fn before(connections: u32) -> Self {
        Line {
            permits: Arc::new(Semaphore::new(connections as usize)),
            queue: Arc::new(Semaphore::new(QUEUE)),
        }
    }

    /// Waits for a connection to be free.
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        let place = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_| StoreError::Busy)?;
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        Ok(Turn {
            _place: place,
            _permit: permit,
        })
    }
}
