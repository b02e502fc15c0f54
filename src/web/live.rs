//! Live status: what an open order page is told while it waits.
//!
//! A wake-up is only a hint: each node re-reads all its watched orders in one query every two
//! seconds (and at once after a hint), and streams end at once when the server stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::watch;

use crate::app::App;
use crate::bus::Hint;
use crate::ids::OrderId;
use crate::order::State;
use crate::payment::{self, AttemptState};
use crate::store::schema::{attempt, orders};
use crate::store::{Db, StoreError};

/// Where an order stands, as far as its page cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Of the order.
    pub state: State,
    /// Counts its changes.
    pub version: i64,
    /// The latest attempt: its number and state.
    pub attempt: Option<(i64, AttemptState)>,
}

type Watched = HashMap<OrderId, watch::Sender<Option<Status>>>;

/// The orders whose pages are open on this node.
#[derive(Default)]
pub struct Live {
    watched: Mutex<Watched>,
}

impl Live {
    /// Follows an order from now on; the first value may be `None` (not read yet).
    pub fn watch(&self, order: &OrderId) -> watch::Receiver<Option<Status>> {
        self.lock()
            .entry(order.clone())
            .or_insert_with(|| watch::channel(None).0)
            .subscribe()
    }

    /// Ends every stream.
    pub fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The orders somebody still watches; forgets the others.
    fn wanted(&self) -> Vec<OrderId> {
        let mut watched = self.lock();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        watched.keys().cloned().collect()
    }

    fn tell(&self, found: HashMap<OrderId, Status>) {
        let watched = self.lock();
        for (order, status) in found {
            if let Some(sender) = watched.get(&order) {
                sender.send_if_modified(|known| {
                    let changed = *known != Some(status);
                    *known = Some(status);
                    changed
                });
            }
        }
    }
}

/// Re-reads what is watched, for ever.
pub async fn run(app: Arc<App>, live: Arc<Live>) {
    let mut hints = app.bus.listen();
    loop {
        let wanted = live.wanted();
        payment::hasten_open_pages(&app.till(), &wanted).await;
        for chunk in wanted.chunks(400) {
            let chunk = chunk.to_vec();
            match app.store.read(move |db| read(db, &chunk)).await {
                Ok(found) => live.tell(found),
                Err(cause) => tracing::warn!(%cause, "open pages could not be brought up to date"),
            }
        }
        let a_hint = async {
            loop {
                match hints.recv().await {
                    Ok(Hint::Work) => {}
                    Ok(Hint::Order(_)) | Err(_) => return,
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), a_hint).await;
        // Many hints at once become one read.
        tokio::time::sleep(Duration::from_millis(20)).await;
        hints = hints.resubscribe();
    }
}

/// Where these orders stand.
pub fn read(db: &mut Db, ids: &[OrderId]) -> Result<HashMap<OrderId, Status>, StoreError> {
    let rows: Vec<(OrderId, State, i64)> = orders::table
        .filter(orders::id.eq_any(ids.to_vec()))
        .select((orders::id, orders::state, orders::version))
        .load(db)?;
    let attempts: Vec<(OrderId, i64, AttemptState)> = attempt::table
        .filter(attempt::order_id.eq_any(ids.to_vec()))
        .order((attempt::order_id, attempt::n))
        .select((attempt::order_id, attempt::n, attempt::state))
        .load(db)?;
    let mut found: HashMap<OrderId, Status> = rows
        .into_iter()
        .map(|(id, state, version)| {
            let status = Status {
                state,
                version,
                attempt: None,
            };
            (id, status)
        })
        .collect();
    for (order, n, state) in attempts {
        if let Some(status) = found.get_mut(&order) {
            status.attempt = Some((n, state));
        }
    }
    Ok(found)
}
