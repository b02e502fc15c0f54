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
mod writer;

use std::sync::Arc;

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
        match connect::connect_to_look(url)? {
            Some(mut db) => connect::at_one_moment(&mut db, query).map(Some),
            None => Ok(None),
        }
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
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.write(job).await,
            Inner::Postgres(postgres) => postgres.write(job).await,
        }
    }

    /// Runs `query` on a reader, in one transaction that cannot write: all its statements see
    /// the same moment, and everything that was durable when it began.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        match &*self.inner {
            Inner::Sqlite { readers, line, .. } => {
                let (readers, turn) = (readers.clone(), line.turn().await?);
                connect::on_a_thread(move || {
                    let _held = turn;
                    let mut db = readers.get().map_err(|e| E::from(StoreError::pool(e)))?;
                    connect::at_one_moment(&mut db, query)
                })
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
