//! The payment room's jobs: ask channels, end orders, hand out what arrived, forget old logs.

use std::collections::BTreeMap;

use super::{accounts_due, ask_due, callback, claim, claim_orders, deliver_waiting, due};
use super::{end_due, orders_due, renew, stray};
use crate::app::App;
use crate::ids::OrderId;
use crate::jobs::{Crew, Step, StepError};
use crate::store::StoreError;
use crate::web::idempotency;

/// Attempts of one account that are asked about at once.
const ASKED: usize = 12;
/// Strays of one account that are asked about at once.
const STRAYS: usize = 4;
/// Orders of one account that are ended at once.
const ENDED: usize = 16;
/// Due orders of one look: what is in hand or was put off is not among them, so a crowd of one
/// account does not fill it for long.
const LOOKED_AT: i64 = 1_000;
/// The lane of orders that wait for no account.
const NO_ACCOUNT: &str = "";

/// Asks channels about attempts that are due. Each account has a lane of its own.
pub async fn poll(app: &App, crew: &mut Crew) -> Result<Step, StepError> {
    let till = app.till();
    let mut asked = 0;
    for account in accounts_due(&till).await? {
        let lane = account.as_str();
        let free = crew.free(lane, ASKED);
        if free == 0 {
            continue;
        }
        for id in claim(&till, &account, free).await? {
            let till = till.clone();
            asked += 1;
            crew.start(lane, async move {
                ask_due(&till, id).await;
                Ok(())
            });
        }
    }
    Ok(Step::of(asked))
}

/// Asks channels about authentic notices that nobody waits for. Each account has a lane of its
/// own.
pub async fn strays(app: &App, crew: &mut Crew) -> Result<Step, StepError> {
    let till = app.till();
    let mut asked = 0;
    for account in stray::accounts_due(&till).await? {
        let lane = account.as_str();
        let free = crew.free(lane, STRAYS);
        if free == 0 {
            continue;
        }
        for row in stray::claim_due(&till, &account, free).await? {
            let till = till.clone();
            asked += 1;
            crew.start(lane, async move {
                stray::ask_due(&till, row).await;
                Ok(())
            });
        }
    }
    Ok(Step::of(asked))
}

/// Ends orders whose time is over. Each account they wait for has a lane of its own.
pub async fn expire(app: &App, crew: &mut Crew) -> Result<Step, StepError> {
    let till = app.till();
    let mut lanes: BTreeMap<String, Vec<OrderId>> = BTreeMap::new();
    for (order, account) in orders_due(&till, LOOKED_AT).await? {
        let lane = account.map_or(NO_ACCOUNT.to_owned(), |account| account.to_string());
        lanes.entry(lane).or_default().push(order);
    }
    let mut ended = 0;
    for (lane, mut orders) in lanes {
        orders.truncate(crew.free(&lane, ENDED));
        if orders.is_empty() {
            continue;
        }
        for id in claim_orders(&till, orders).await? {
            let till = till.clone();
            ended += 1;
            crew.start(&lane, async move {
                end_due(&till, id).await;
                Ok(())
            });
        }
    }
    Ok(Step::of(ended))
}

/// Brings back attempts and orders that a clock which was set back has put too far ahead; how
/// many.
pub async fn set_back(app: &App) -> Result<usize, StepError> {
    let now = app.clock.now();
    let (attempts, orders, strays) = app
        .store
        .read(move |db| -> Result<_, StoreError> {
            let attempts = due::attempts_too_far_ahead(db, now)?;
            let orders = due::orders_too_far_ahead(db, now)?;
            Ok((attempts, orders, stray::too_far_ahead(db, now)?))
        })
        .await?;
    let found = attempts.len() + orders.len() + strays.len();
    if found > 0 {
        app.store
            .write(move |db| -> Result<(), StoreError> {
                due::hasten(db, &attempts, now)?;
                stray::bring_back(db, &strays, now)?;
                due::bring_back(db, &orders, now)
            })
            .await?;
    }
    Ok(found)
}

/// Learns the keys channels sign with, before they sign with them.
pub async fn keys(app: &App) -> Result<Step, StepError> {
    renew(&app.till()).await;
    // Once per pause is enough, also after there was something to learn.
    Ok(Step::Idle)
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
