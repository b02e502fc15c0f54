//! Leases: one runner among many nodes. The token grows with each new holder, and with each
//! prolongation.
//!
//! Terms are measured by the steady clock of each node: the holder's own, and a waiting node's
//! by how long it has seen one token. The wall clock in the row makes a takeover quicker, and
//! whichever of the two ends first ends the term; so a clock that is set back by an hour does
//! not freeze a job, and one that is set forward does not let two nodes hold it.

use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::app::App;
use crate::clock::{Millis, SECOND};
use crate::random::Random;
use crate::store::schema::lease;
use crate::store::{StoreError, both};

/// A holder that says nothing for so long has lost its lease.
const TERM: Duration = Duration::from_secs(15);
const TERM_BY_THE_WALL: Millis = 15 * SECOND;
/// It is prolonged when a third of it is left.
const RENEW: Duration = Duration::from_secs(5);
const RENEW_BY_THE_WALL: Millis = 5 * SECOND;
/// What another node waits beyond the term, for steps of writing and reading it.
const GRACE: Duration = Duration::from_secs(2);

pub(super) struct Lease {
    name: &'static str,
    holder: Option<String>,
    /// Held until then, by the steady clock and by the wall's.
    until: Option<(Instant, Millis)>,
    /// Another node's token, and since when it stands there.
    seen: Option<(i64, Instant)>,
}

impl Lease {
    pub(super) fn new(name: &'static str) -> Self {
        Lease {
            name,
            holder: None,
            until: None,
            seen: None,
        }
    }

    /// Whether this node holds it now; takes or prolongs it if it can.
    pub(super) async fn hold(&mut self, app: &App) -> Result<bool, StoreError> {
        let (began, now) = (Instant::now(), app.clock.now());
        if self
            .until
            .is_some_and(|(steady, wall)| steady > began + RENEW && wall > now + RENEW_BY_THE_WALL)
        {
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
        // Tokens begin at 0: none is -1.
        let abandoned = self.abandoned().unwrap_or(-1);
        let others = app
            .store
            .write(move |db| -> Result<Option<i64>, StoreError> {
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
                let free = lease::until
                    .lt(now)
                    .or(lease::holder.eq(&holder))
                    .or(lease::token.eq(abandoned));
                let touched = diesel::update(lease::table.find(name).filter(free))
                    .set((
                        lease::holder.eq(&holder),
                        lease::token.eq(lease::token + 1),
                        lease::until.eq(now + TERM_BY_THE_WALL),
                    ))
                    .execute(db)?;
                if touched == 1 {
                    return Ok(None);
                }
                Ok(Some(
                    lease::table.find(name).select(lease::token).first(db)?,
                ))
            })
            .await?;
        match others {
            None => {
                self.until = Some((began + TERM, now + TERM_BY_THE_WALL));
                self.seen = None;
            }
            Some(token) => {
                self.until = None;
                if self.seen.is_none_or(|(known, _)| known != token) {
                    self.seen = Some((token, Instant::now()));
                }
                // Not this node: look again in a while, not at every step.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Ok(others.is_none())
    }

    /// The token of a holder that has said nothing for its whole term.
    fn abandoned(&self) -> Option<i64> {
        self.seen
            .filter(|(_, since)| since.elapsed() > TERM + GRACE)
            .map(|(token, _)| token)
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
