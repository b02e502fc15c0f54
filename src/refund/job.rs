//! Sends refunds that are due.

use super::{Desk, send_due};
use crate::app::App;
use crate::jobs::{Step, StepError};

/// Sends or asks about what is due.
pub async fn send(app: &App) -> Result<Step, StepError> {
    let desk = Desk {
        store: &app.store,
        clock: &*app.clock,
        random: &*app.random,
        accounts: &app.accounts,
        outbound: &app.outbound,
        promises: app.promises(),
    };
    Ok(Step::of(send_due(&desk, 16).await?))
}
