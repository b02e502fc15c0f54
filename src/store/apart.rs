//! The work of one row, apart from the rows beside it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::connect::panic_words;
use super::error::StoreError;

/// Does the work of one row. A panic becomes its error, so that a poisoned row stops no other.
pub async fn apart<T, E: From<StoreError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_words(&*panic)).into()))
}
