//! PostgreSQL: a pool behind a fair semaphore, READ COMMITTED, and a few retries when the
//! server says that two transactions collided.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::connect::{Connector, Db, StoreUrl, at_one_moment, on_a_thread};
use super::error::StoreError;
use super::line::Line;
use super::work::{Job, Query, Refused};
use diesel::connection::SimpleConnection;
use diesel::r2d2;

/// Connections of one process.
const CONNECTIONS: u32 = 16;
/// How often a job runs before its conflict is told.
const TRIES: u32 = 5;

pub(super) struct Postgres {
    pool: r2d2::Pool<Connector>,
    line: Line,
}

impl Postgres {
    pub(super) fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let pool = r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(3))
            .build(Connector::writer(url))
            .map_err(StoreError::pool)?;
        Ok(Postgres {
            pool,
            line: Line::before(CONNECTIONS),
        })
    }

    pub(super) async fn write(&self, mut job: Job) -> Result<(), StoreError> {
        self.with_connection(move |db| {
            let mut tries = 1;
            loop {
                let outcome = in_transaction(db, &mut job);
                let conflict = match &outcome {
                    Ok(Ok(())) => false,
                    Ok(Err(refused)) => refused.conflict,
                    Err(failed) => failed.is_conflict(),
                };
                if !conflict || tries == TRIES {
                    return outcome.map(|_| ());
                }
                std::thread::sleep(Duration::from_millis(spread() << tries));
                tries += 1;
            }
        })
        .await
    }

    pub(super) async fn read(&self, query: Query) -> Result<(), StoreError> {
        self.with_connection(|db| at_one_moment(db, query)).await
    }

    async fn with_connection(
        &self,
        work: impl FnOnce(&mut Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let turn = self.line.turn().await?;
        let pool = self.pool.clone();
        on_a_thread(Box::new(move || {
            let _held = turn;
            let mut db = pool.get().map_err(StoreError::pool)?;
            work(&mut db)
        }))
        .await
    }
}

/// 1 to 7, another one for each caller, so that two colliding jobs do not meet again.
fn spread() -> u64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    TURN.fetch_add(1, Ordering::Relaxed) % 7 + 1
}

/// Runs the job between BEGIN and COMMIT; inside, what the job said of itself. A panic passes
/// through after a rollback, and the thread's caller turns it into an error.
fn in_transaction(db: &mut Db, job: &mut Job) -> Result<Result<(), Refused>, StoreError> {
    crate::fault::tag("");
    db.batch_execute("BEGIN")?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(db)));
    match outcome {
        Ok(Ok(())) => {
            crate::fault::commit_point("before_commit");
            // COMMIT of a transaction that an error has aborted "succeeds" as a rollback. If the
            // job swallowed one, the SELECT before it fails, in the same round trip.
            if let Err(failed) = db.batch_execute("SELECT 1; COMMIT") {
                let _ = db.batch_execute("ROLLBACK");
                return Err(failed.into());
            }
            crate::fault::commit_point("after_commit");
            Ok(Ok(()))
        }
        Ok(Err(refused)) => {
            // If even ROLLBACK fails the connection is dead, and the server has rolled back.
            let _ = db.batch_execute("ROLLBACK");
            Ok(Err(refused))
        }
        Err(panic) => {
            let _ = db.batch_execute("ROLLBACK");
            std::panic::resume_unwind(panic)
        }
    }
}
