//! Work that goes to its end, whether or not the client waits for it: money that is half moved
//! is worse than an answer nobody reads.

use tracing::Instrument;

use crate::store::StoreError;

/// Runs `work` as a task of its own and waits for it. A client that hangs up ends only the
/// waiting. A panic in it becomes an error.
pub async fn whole<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    tokio::spawn(work.in_current_span())
        .await
        .map_err(|stopped| StoreError::Panicked(stopped.to_string()))
}
