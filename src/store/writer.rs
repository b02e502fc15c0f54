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
use super::error::StoreError;
use super::work::Job;

/// Jobs that may wait; one more is refused with [`StoreError::Busy`].
const QUEUE: usize = 4_096;
/// Jobs of one commit.
const BATCH: usize = 256;

pub(super) struct Writer {
    queue: SyncSender<Task>,
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

    pub(super) async fn write(&self, job: Job) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            job,
            ran: None,
            reply,
        };
        match self.queue.try_send(task) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// A job that waits for its answer.
struct Task {
    job: Job,
    /// How it ended; none before its run, and when it is to run again.
    ran: Option<Ran>,
    reply: oneshot::Sender<Result<(), StoreError>>,
}

enum Ran {
    Kept,
    Refused,
    Panicked(String),
}

impl Task {
    /// Runs it; true if its effects should stay.
    fn run(&mut self, db: &mut Db) -> bool {
        let ran = match catch_unwind(AssertUnwindSafe(|| (self.job)(db))) {
            Ok(Ok(())) => Ran::Kept,
            Ok(Err(_)) => Ran::Refused,
            Err(panic) => Ran::Panicked(panic_words(&*panic)),
        };
        let keep = matches!(ran, Ran::Kept);
        self.ran = Some(ran);
        keep
    }

    /// Tells its caller, after the commit (or why there was none). A refusal is the job's own
    /// and stands whatever became of the others.
    fn answer(self, commit: Result<(), StoreError>) {
        let answer = match self.ran {
            Some(Ran::Refused) => Ok(()),
            Some(Ran::Panicked(words)) => Err(StoreError::Panicked(words)),
            Some(Ran::Kept) => commit,
            None => Err(commit.err().unwrap_or(StoreError::Closed)),
        };
        // A caller that has gone away does not undo what is committed.
        let _ = self.reply.send(answer);
    }
}

fn run(mut db: Db, waiting: &Receiver<Task>) {
    let mut batch: Vec<Task> = Vec::with_capacity(BATCH);
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
fn commit(db: &mut Db, mut batch: Vec<Task>) -> Vec<Task> {
    crate::fault::tag("");
    if let Err(error) = db.batch_execute("BEGIN IMMEDIATE") {
        answer_all(batch, &Err(error.into()));
        return Vec::new();
    }
    for at in 0..batch.len() {
        let ended = match guarded(db, &mut batch[at]) {
            Ok(()) => continue,
            Err(ended) => ended,
        };
        // The whole batch is gone with this job: it fails, the others have touched nothing.
        tracing::error!(cause = %ended, "the database ended a batch");
        let _ = db.batch_execute("ROLLBACK");
        let culprit = batch.remove(at);
        culprit.answer(Err(ended));
        batch.iter_mut().for_each(|task| task.ran = None);
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
fn guarded(db: &mut Db, task: &mut Task) -> Result<(), StoreError> {
    db.batch_execute("SAVEPOINT job")?;
    if task.run(db) {
        db.batch_execute("RELEASE job")?;
    } else {
        db.batch_execute("ROLLBACK TO job; RELEASE job")?;
    }
    Ok(())
}

fn answer_all(batch: Vec<Task>, commit: &Result<(), StoreError>) {
    for task in batch {
        task.answer(commit.clone());
    }
}
