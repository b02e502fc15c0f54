//! The gateway's own database file and the one thread that owns its connection.
//!
//! Every job runs in a savepoint; whatever waits is committed as one transaction, and only
//! then is anybody answered. So an answer never tells what a crash could undo, and a thousand
//! payments a second need far fewer than a thousand syncs.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use tokio::sync::oneshot;

use super::Error;

/// Most jobs that share one commit.
const BATCH: usize = 256;

const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

type Reply = Box<dyn FnOnce(Result<(), String>) + Send>;
type Job = Box<dyn FnOnce(&mut SqliteConnection) -> Reply + Send>;

enum Message {
    Run(Job),
    Stop(oneshot::Sender<()>),
}

/// The door to the file: cheap to clone.
#[derive(Clone)]
pub(super) struct Db {
    messages: Sender<Message>,
}

impl Db {
    /// Opens `folder/sandbox.db`, makes its tables, and refuses a folder in use by another
    /// gateway (its callbacks would go out twice).
    pub(super) fn open(folder: &Path) -> Result<Db, Error> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("sandbox.lock"))?;
        if lock.try_lock().is_err() {
            return Err(Error::InUse(folder.to_owned()));
        }
        let file = folder.join("sandbox.db");
        let mut connection = SqliteConnection::establish(&file.to_string_lossy())
            .map_err(|e| Error::Database(e.to_string()))?;
        connection
            .batch_execute(PRAGMAS)
            .and_then(|()| connection.batch_execute(super::schema::TABLES))
            .map_err(|e| Error::Database(e.to_string()))?;
        let (messages, inbox) = channel();
        std::thread::Builder::new()
            .name("sandbox-db".to_owned())
            .spawn(move || serve(connection, &inbox, lock))?;
        Ok(Db { messages })
    }

    /// Runs `f` in a savepoint and resolves when it is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        self.send(
            move |done| {
                // Nobody listening means the client left; the work stands all the same.
                let _ = tell.send(done);
            },
            f,
        );
        told.await.unwrap_or(Err(Error::Stopped))
    }

    /// Runs `f` in its turn and tells nobody: the log, which later readers see in order.
    pub(super) fn note(
        &self,
        f: impl FnOnce(&mut SqliteConnection) -> QueryResult<()> + Send + 'static,
    ) {
        self.send(
            |done| {
                if let Err(error) = done {
                    tracing::warn!(%error, "sandbox: log row lost");
                }
            },
            f,
        );
    }

    /// Finishes what waits, closes the file and gives up the folder.
    pub(super) async fn stop(&self) {
        let (tell, told) = oneshot::channel();
        if self.messages.send(Message::Stop(tell)).is_ok() {
            let _ = told.await;
        }
    }

    fn send<T: Send + 'static>(
        &self,
        tell: impl FnOnce(Result<T, Error>) + Send + 'static,
        f: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) {
        let job: Job = Box::new(move |connection| {
            let done = connection.transaction(f);
            Box::new(move |committed| {
                tell(match (done, committed) {
                    (Ok(value), Ok(())) => Ok(value),
                    (Err(error), _) => Err(Error::Database(error.to_string())),
                    (_, Err(error)) => Err(Error::Database(error)),
                });
            })
        });
        // A stopped gateway drops the job; `run` sees its answer go away.
        let _ = self.messages.send(Message::Run(job));
    }
}

fn serve(mut connection: SqliteConnection, inbox: &Receiver<Message>, lock: File) {
    while let Ok(first) = inbox.recv() {
        let mut stopped = None;
        let mut replies = Vec::new();
        let committed = connection.immediate_transaction(|connection| {
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Run(job) => replies.push(job(connection)),
                    Message::Stop(tell) => stopped = Some(tell),
                }
                let more = stopped.is_none() && replies.len() < BATCH;
                next = more.then(|| inbox.try_recv().ok()).flatten();
            }
            Ok::<(), diesel::result::Error>(())
        });
        for reply in replies {
            reply(committed.as_ref().map(|_| ()).map_err(ToString::to_string));
        }
        if let Some(tell) = stopped {
            drop(connection);
            drop(lock);
            let _ = tell.send(());
            return;
        }
    }
}
