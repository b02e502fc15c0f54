//! PostgreSQL: a pool behind a fair semaphore, READ COMMITTED, and a few retries when the
//! server says that two transactions collided.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::connect::{Connector, Db, StoreUrl, at_one_moment, on_a_thread};
use super::error::{StoreError, WriteError};
use super::line::Line;
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

    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        self.with_connection(move |db| {
            let mut tries = 1;
            loop {
                match in_transaction(db, &job) {
                    Err(error)
                        if tries < TRIES
                            && error.store_error().is_some_and(StoreError::is_conflict) =>
                    {
                        std::thread::sleep(Duration::from_millis(spread() << tries));
                        tries += 1;
                    }
                    outcome => return outcome,
                }
            }
        })
        .await
    }

    pub(super) async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        self.with_connection(|db| at_one_moment(db, query)).await
    }

    async fn with_connection<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        let turn = self.line.turn().await?;
        let pool = self.pool.clone();
        on_a_thread(move || {
            let _held = turn;
            let mut db = pool.get().map_err(|e| E::from(StoreError::pool(e)))?;
            work(&mut db)
        })
        .await
    }
}

/// 1 to 7, another one for each caller, so that two colliding jobs do not meet again.
fn spread() -> u64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    TURN.fetch_add(1, Ordering::Relaxed) % 7 + 1
}

/// Runs the job between BEGIN and COMMIT. A panic passes through after a rollback, and the
/// thread's caller turns it into an error.
fn in_transaction<T, E: WriteError>(
    db: &mut Db,
    job: &impl Fn(&mut Db) -> Result<T, E>,
) -> Result<T, E> {
    let run = |db: &mut Db, sql: &str| {
        db.batch_execute(sql)
            .map_err(|error| E::from(StoreError::from(error)))
    };
    crate::fault::tag("");
    run(db, "BEGIN")?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(db)));
    match outcome {
        Ok(Ok(done)) => {
            crate::fault::commit_point("before_commit");
            // COMMIT of a transaction that an error has aborted "succeeds" as a rollback. If the
            // job swallowed one, the SELECT before it fails, in the same round trip.
            if let Err(failed) = run(db, "SELECT 1; COMMIT") {
                let _ = db.batch_execute("ROLLBACK");
                return Err(failed);
            }
            crate::fault::commit_point("after_commit");
            Ok(done)
        }
        Ok(Err(refused)) => {
            // If even ROLLBACK fails the connection is dead, and the server has rolled back.
            let _ = db.batch_execute("ROLLBACK");
            Err(refused)
        }
        Err(panic) => {
            let _ = db.batch_execute("ROLLBACK");
            std::panic::resume_unwind(panic)
        }
    }
}
