//! The SQLite writer: one thread owns the connection and commits whatever waits as one
//! transaction, a savepoint per job (group commit).
//!
//! A job is answered only after the batch has committed. A job that fails or panics undoes only
//! itself. Some errors (disk full, I/O, no memory) make SQLite roll the whole batch back; the
//! writer sees it because the job's savepoint is gone, fails that job, and runs the others again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use super::connect::{Connector, Db, StoreUrl, panic_words};
use super::error::{StoreError, WriteError};

/// Jobs that may wait; one more is refused with [`StoreError::Busy`].
const QUEUE: usize = 4_096;
/// Jobs of one commit.
const BATCH: usize = 256;

pub(super) struct Writer {
    queue: SyncSender<Box<dyn Job>>,
}

impl Writer {
    /// Opens the file and starts the thread.
    pub(super) fn start(url: &StoreUrl) -> Result<Self, StoreError> {
        let db = Connector::writer(url).connect_now()?;
        let (queue, waiting) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(db, &waiting))
            .map_err(StoreError::pool)?;
        Ok(Writer { queue })
    }

    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        let (reply, answer) = oneshot::channel();
        let task: Box<dyn Job> = Box::new(Task {
            job,
            outcome: None,
            reply,
        });
        match self.queue.try_send(task) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy.into()),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed.into()),
        }
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

/// A job whose type the queue need not know.
trait Job: Send {
    /// Runs it; true if its effects should stay.
    fn run(&mut self, db: &mut Db) -> bool;
    /// Forgets what it found, to be run again.
    fn forget(&mut self);
    /// Tells its caller, after the commit (or why there was none).
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Task<F, T, E> {
    job: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: Fn(&mut Db) -> Result<T, E> + Send,
    T: Send,
    E: WriteError,
{
    fn run(&mut self, db: &mut Db) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.job)(db)))
            .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_words(&*panic)).into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn forget(&mut self) {
        self.outcome = None;
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let outcome = match (self.outcome, commit) {
            (Some(Err(refused)), _) => Err(refused),
            (Some(Ok(done)), Ok(())) => Ok(done),
            (_, Err(failed)) => Err(failed.into()),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        // A caller that has gone away does not undo what is committed.
        let _ = self.reply.send(outcome);
    }
}

fn run(mut db: Db, waiting: &Receiver<Box<dyn Job>>) {
    let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(BATCH);
    while let Ok(first) = waiting.recv() {
        batch.push(first);
        while batch.len() < BATCH {
            match waiting.try_recv() {
                Ok(next) => batch.push(next),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        while !batch.is_empty() {
            batch = commit(&mut db, batch);
        }
    }
}

/// Commits one batch and answers it. Returns the jobs that must run again, fewer each time.
fn commit(db: &mut Db, mut batch: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
    crate::fault::tag("");
    if let Err(error) = db.batch_execute("BEGIN IMMEDIATE") {
        answer_all(batch, &Err(error.into()));
        return Vec::new();
    }
    for at in 0..batch.len() {
        let ended = match guarded(db, batch[at].as_mut()) {
            Ok(()) => continue,
            Err(ended) => ended,
        };
        // The whole batch is gone with this job: it fails, the others have touched nothing.
        tracing::error!(cause = %ended, "the database ended a batch");
        let _ = db.batch_execute("ROLLBACK");
        let culprit = batch.remove(at);
        culprit.answer(Err(ended));
        batch.iter_mut().for_each(|job| job.forget());
        return batch;
    }
    crate::fault::commit_point("before_commit");
    let commit = db.batch_execute("COMMIT").map_err(|error| {
        let _ = db.batch_execute("ROLLBACK");
        StoreError::from(error)
    });
    crate::fault::commit_point("after_commit");
    crate::fault::during("wal_checkpoint", || {
        let _ = db.batch_execute(
            "UPDATE config_version SET version = version; PRAGMA wal_checkpoint(TRUNCATE)",
        );
    });
    answer_all(batch, &commit);
    Vec::new()
}

/// Runs one job inside its savepoint. An error means that the batch is no more.
fn guarded(db: &mut Db, job: &mut dyn Job) -> Result<(), StoreError> {
    db.batch_execute("SAVEPOINT job")?;
    if job.run(db) {
        db.batch_execute("RELEASE job")?;
    } else {
        db.batch_execute("ROLLBACK TO job; RELEASE job")?;
    }
    Ok(())
}

fn answer_all(batch: Vec<Box<dyn Job>>, commit: &Result<(), StoreError>) {
    for job in batch {
        job.answer(commit.clone());
    }
}
