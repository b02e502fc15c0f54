//! The payment room's jobs: ask channels, end orders, hand out what arrived, forget old logs.

use super::{ask_strays, callback, deliver_waiting, expire_due, poll_due};
use crate::app::App;
use crate::jobs::{Step, StepError};
use crate::web::idempotency;

/// Attempts asked about at once.
const AT_ONCE: i64 = 32;

/// Asks channels about attempts that are due.
pub async fn poll(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(poll_due(&app.till(), AT_ONCE).await?))
}

/// Asks channels about authentic notices that nobody waits for.
pub async fn strays(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(ask_strays(&app.till(), AT_ONCE).await?))
}

/// Ends orders whose time is over.
pub async fn expire(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(expire_due(&app.till(), AT_ONCE).await?))
}

/// Hands out cards that arrived to the orders that wait for them.
pub async fn restock(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(deliver_waiting(&app.till()).await?))
}

/// Forgets what is past its retention.
pub async fn tidy(app: &App) -> Result<Step, StepError> {
    let notices = callback::forget_old(&app.till()).await?;
    let answers = idempotency::forget_old(app).await?;
    Ok(Step::of(notices + answers))
}
