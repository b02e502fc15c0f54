//! Leases: one runner among many nodes. The token grows with each new holder.

use std::time::Duration;

use diesel::prelude::*;

use crate::app::App;
use crate::clock::{Millis, SECOND};
use crate::random::Random;
use crate::store::schema::lease;
use crate::store::{StoreError, both};

/// A holder that says nothing for so long has lost its lease.
const TERM: Millis = 15 * SECOND;
/// It is prolonged when a third of it is left.
const RENEW: Millis = 5 * SECOND;

pub(super) struct Lease {
    name: &'static str,
    holder: Option<String>,
    until: Millis,
}

impl Lease {
    pub(super) fn new(name: &'static str) -> Self {
        Lease {
            name,
            holder: None,
            until: 0,
        }
    }

    /// Whether this node holds it now; takes or prolongs it if it can.
    pub(super) async fn hold(&mut self, app: &App) -> Result<bool, StoreError> {
        let now = app.clock.now();
        if self.until > now + RENEW {
            return Ok(true);
        }
        let name = self.name;
        let holder = self
            .holder
            .get_or_insert_with(|| {
                let random: &dyn Random = &*app.random;
                hex::encode(random.bytes::<8>())
            })
            .clone();
        let held = app
            .store
            .write(move |db| -> Result<bool, StoreError> {
                let fresh = (
                    lease::name.eq(name),
                    lease::holder.eq(""),
                    lease::token.eq(0),
                    lease::until.eq(0),
                );
                both!(db, |c| diesel::insert_into(lease::table)
                    .values(fresh)
                    .on_conflict_do_nothing()
                    .execute(c))?;
                let touched = diesel::update(
                    lease::table
                        .find(name)
                        .filter(lease::until.lt(now).or(lease::holder.eq(&holder))),
                )
                .set((
                    lease::holder.eq(&holder),
                    lease::token.eq(lease::token + 1),
                    lease::until.eq(now + TERM),
                ))
                .execute(db)?;
                Ok(touched == 1)
            })
            .await?;
        self.until = if held { now + TERM } else { 0 };
        if !held {
            // Not this node: look again in a while, not at every step.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(held)
    }

    /// Lets another node take it at once.
    pub(super) async fn give_back(&self, app: &App) {
        let (name, Some(holder)) = (self.name, self.holder.clone()) else {
            return;
        };
        let given = app
            .store
            .write(move |db| -> Result<(), StoreError> {
                diesel::update(lease::table.find(name).filter(lease::holder.eq(&holder)))
                    .set(lease::until.eq(0))
                    .execute(db)?;
                Ok(())
            })
            .await;
        if let Err(cause) = given {
            tracing::warn!(lease = name, %cause, "a lease was not given back; it ends by itself");
        }
    }
}
