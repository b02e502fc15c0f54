//! Chains what was posted.

use super::seal;
use crate::app::App;
use crate::jobs::{Step, StepError};
use crate::store::StoreError;

/// Rows of one write.
const ROWS: i64 = 50;

/// Seals what is unsealed.
pub async fn seal(app: &App) -> Result<Step, StepError> {
    let now = app.clock.now();
    let sealed = app
        .store
        .write(move |db| -> Result<_, StoreError> { seal::step(db, now, ROWS) })
        .await?;
    metrics::counter!("vendgate_sealed_rows_total").increment(sealed.rows as u64);
    Ok(Step::of(sealed.rows))
}
