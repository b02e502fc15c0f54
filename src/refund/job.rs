//! Sends refunds that are due; brings back those that a clock set back has put too far ahead.

use super::send::{LEASE, gap};
use super::{Desk, send_due, store};
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

/// Brings back refunds that a clock which was set back has put too far ahead; how many.
pub async fn set_back(app: &App) -> Result<usize, StepError> {
    let now = app.clock.now();
    let far = app
        .store
        .read(move |db| store::too_far_ahead(db, now, LEASE, gap))
        .await?;
    let found = far.len();
    if found > 0 {
        app.store
            .write(move |db| store::bring_back(db, &far, now, LEASE))
            .await?;
    }
    Ok(found)
}
