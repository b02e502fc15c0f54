//! Sends refunds that are due; brings back those that a clock set back has put too far ahead.

use std::sync::Arc;

use super::send::{LEASE, gap};
use super::{Desk, accounts_due, claim, store, take_on};
use crate::app::App;
use crate::jobs::{Crew, Step, StepError};

/// Refunds of one account that are sent or asked about at once.
const AT_ONCE: usize = 8;

fn desk(app: &App) -> Desk<'_> {
    Desk {
        store: &app.store,
        clock: &*app.clock,
        random: &*app.random,
        accounts: &app.accounts,
        outbound: &app.outbound,
        base_url: &app.base_url,
        promises: app.promises(),
    }
}

/// Sends or asks about what is due. Each account has a lane of its own.
pub async fn send(app: &Arc<App>, crew: &mut Crew) -> Result<Step, StepError> {
    let mut taken = 0;
    for account in accounts_due(&desk(app)).await? {
        let lane = account.as_str();
        let free = crew.free(lane, AT_ONCE);
        if free == 0 {
            continue;
        }
        for id in claim(&desk(app), &account, free).await? {
            let app = Arc::clone(app);
            taken += 1;
            crew.start(lane, async move {
                take_on(&desk(&app), id).await;
                Ok(())
            });
        }
    }
    Ok(Step::of(taken))
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
