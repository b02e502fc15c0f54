//! The one door to the database.
//!
//! Comes in: a URL (`sqlite:PATH` or `postgres://…`) and closures. Goes out: what the closures
//! read, or what they wrote once it is durable. [`Store::write`] runs its closure in one
//! transaction: on SQLite a single writer thread commits whatever waits as one group, on
//! PostgreSQL a pooled connection retries serialization failures. Rooms write their queries
//! against [`Db`] and name no engine. Source: design.md §3.

mod apart;
mod connect;
mod copy;
mod dialect;
mod error;
mod line;
mod migrate;
mod postgres;
mod probe;
pub mod schema;
mod work;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use apart::apart;
pub use connect::{Db, StoreUrl};
pub use copy::{copy_sqlite, faults_of_sqlite, into_one_file, schema_version};
pub(crate) use dialect::{both, insert_new, insert_rows, locked, skip_locked};
pub use error::{StoreError, WriteError, write_error};
pub use migrate::{Migrated, has_table, migrate_by, schema_of};
pub use probe::{Probe, probe};

use connect::Connector;
use diesel::r2d2;
use line::Line;
use postgres::Postgres;
use writer::Writer;

type Readers = r2d2::Pool<Connector>;

/// How many readers of a SQLite file work at once.
const READERS: u32 = 8;

/// The database of one shop, whichever engine it is on. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    writes: Arc<AtomicU64>,
}

enum Inner {
    Sqlite {
        writer: Writer,
        readers: Readers,
        line: Line,
    },
    Postgres(Postgres),
}

impl Store {
    /// Opens the database and brings its schema up to date. An unknown URL scheme is refused,
    /// so that a typo never creates an empty file.
    pub fn open(url: &StoreUrl) -> Result<(Self, Migrated), StoreError> {
        let migrated = migrate_by(url, usize::MAX)?;
        Ok((Self::open_migrated(url)?, migrated))
    }

    /// Reads a database as it is, before anything is changed in it: `query` may find another
    /// schema than its own, or none ([`has_table`]). None if there is no file yet.
    pub fn look<T, E: WriteError>(
        url: &StoreUrl,
        query: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let Some(mut db) = connect::connect_to_look(url)? else {
            return Ok(None);
        };
        let mut found = None;
        connect::at_one_moment(&mut db, |db| found = Some(query(db)))?;
        found.transpose()
    }

    /// Opens a database whose schema is known to be current.
    fn open_migrated(url: &StoreUrl) -> Result<Self, StoreError> {
        let inner = match url {
            StoreUrl::Sqlite(_) => Inner::Sqlite {
                writer: Writer::start(url)?,
                readers: r2d2::Pool::builder()
                    .max_size(READERS)
                    .min_idle(Some(1))
                    .build(Connector::reader(url))
                    .map_err(StoreError::pool)?,
                line: Line::before(READERS),
            },
            StoreUrl::Postgres(_) => Inner::Postgres(Postgres::open(url)?),
        };
        Ok(Store {
            inner: Arc::new(inner),
            writes: Arc::default(),
        })
    }

    /// Runs `job` in one transaction and resolves when its effects are durable, or undone.
    ///
    /// The contract of `job`: it may run more than once; it does no I/O beyond `db` and changes
    /// nothing outside; ids, time, random bytes and sealed values are made before it. A job
    /// that fails or panics undoes only itself. It touches at most 500 rows. It begins no
    /// transaction of its own: Diesel's `transaction()` would nest where the door has begun
    /// already, which SQLite refuses and PostgreSQL takes for an early commit. It swallows no
    /// error of the database: PostgreSQL has then given the whole job up, and the door says so.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        let (job, outcome) = work::job(job);
        let done = outcome.after(self.run(job).await);
        if done.is_ok() {
            self.writes.fetch_add(1, Ordering::Release);
        }
        done
    }

    async fn run(&self, job: work::Job) -> Result<(), StoreError> {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.write(job).await,
            Inner::Postgres(postgres) => postgres.write(job).await,
        }
    }

    /// How many writes of this process have been told to be done: while it stays as it is, what
    /// was read is out of date only by what others wrote.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
    }

    /// Runs `query` on a reader, in one transaction that cannot write: all its statements see
    /// the same moment, and everything that was durable when it began.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        let (query, outcome) = work::query(query);
        outcome.after(self.look_up(query).await)
    }

    async fn look_up(&self, query: work::Query) -> Result<(), StoreError> {
        match &*self.inner {
            Inner::Sqlite { readers, line, .. } => {
                let (readers, turn) = (readers.clone(), line.turn().await?);
                connect::on_a_thread(Box::new(move || {
                    let _held = turn;
                    let mut db = readers.get().map_err(StoreError::pool)?;
                    connect::at_one_moment(&mut db, query)
                }))
                .await
            }
            Inner::Postgres(postgres) => postgres.read(query).await,
        }
    }

    /// `sqlite` or `postgres`, for logs and the health page.
    pub fn engine(&self) -> &'static str {
        match &*self.inner {
            Inner::Sqlite { .. } => "sqlite",
            Inner::Postgres(_) => "postgres",
        }
    }
}
