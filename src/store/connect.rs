//! Connections: the URL, the two engines behind one type, and how each is prepared.

use std::path::PathBuf;
use std::str::FromStr;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;

use super::error::StoreError;

/// A connection to either engine. Queries written against it run on both.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// A PostgreSQL server.
    Pg(PgConnection),
}

/// Where the database is. Printed without a password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`.
    Postgres(String),
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            StoreUrl::Postgres(url) => {
                // A password may stand before the place, or in the query behind it.
                let place = url.rsplit_once('@').map_or("…", |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
                write!(f, "postgres://…@{place}")
            }
        }
    }
}

impl FromStr for StoreUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(StoreError::Refused(
                    "sqlite: needs the path of a file".to_owned(),
                ));
            }
            return Ok(StoreUrl::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(StoreUrl::Postgres(text.to_owned()));
        }
        let scheme = text.split(':').next().unwrap_or_default();
        Err(StoreError::Refused(format!(
            "unknown database URL scheme {scheme:?}: use sqlite:PATH or postgres://…"
        )))
    }
}

/// Makes prepared connections; the pool's manager.
pub(super) struct Connector {
    url: StoreUrl,
    writes: bool,
}

impl Connector {
    pub(super) fn reader(url: &StoreUrl) -> Self {
        Connector {
            url: url.clone(),
            writes: false,
        }
    }

    pub(super) fn writer(url: &StoreUrl) -> Self {
        Connector {
            url: url.clone(),
            writes: true,
        }
    }

    /// A new connection with every setting the rooms rely on.
    pub(super) fn connect_now(&self) -> Result<Db, StoreError> {
        match &self.url {
            StoreUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(StoreError::pool)?;
                connection.batch_execute("PRAGMA busy_timeout = 5000;")?;
                into_wal(&mut connection)?;
                connection.batch_execute(
                    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
                     PRAGMA wal_autocheckpoint = 4000;",
                )?;
                if !self.writes {
                    connection.batch_execute("PRAGMA query_only = ON;")?;
                }
                Ok(Db::Sqlite(connection))
            }
            StoreUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url).map_err(StoreError::pool)?;
                connection.batch_execute(
                    "SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; \
                     SET statement_timeout = '30s'; \
                     SET idle_in_transaction_session_timeout = '30s'; \
                     SET default_transaction_isolation = 'read committed';",
                )?;
                // A deadlock is known by its words alone. Only a superuser may choose their
                // language; anybody else keeps the server's.
                let _ = connection.batch_execute("SET lc_messages = 'C'");
                Ok(Db::Pg(connection))
            }
        }
    }
}

/// A connection that reads a database as it is: it prepares nothing and can write nothing. None
/// if there is no file yet.
pub(super) fn connect_to_look(url: &StoreUrl) -> Result<Option<Db>, StoreError> {
    match url {
        StoreUrl::Sqlite(path) if !path.exists() => Ok(None),
        StoreUrl::Sqlite(path) => {
            let mut connection =
                SqliteConnection::establish(&path.to_string_lossy()).map_err(StoreError::pool)?;
            connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;")?;
            Ok(Some(Db::Sqlite(connection)))
        }
        StoreUrl::Postgres(_) => Connector::reader(url).connect_now().map(Some),
    }
}

/// Switches a fresh file to write-ahead logging. Two processes that open it first collide here,
/// and SQLite does not wait for this lock by itself.
fn into_wal(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL;") {
            Ok(()) => return Ok(()),
            Err(error) if tries == 100 || !error.to_string().contains("locked") => {
                return Err(error.into());
            }
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
        tries += 1;
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({:?})", self.url)
    }
}

impl ManageConnection for Connector {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        self.connect_now()
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        Ok(db.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        use diesel::connection::{TransactionManager, TransactionManagerStatus};
        match db {
            // A reader whose query panicked may still hold its snapshot.
            Db::Sqlite(_) => std::thread::panicking(),
            Db::Pg(connection) => std::thread::panicking()
                || match <PgConnection as Connection>::TransactionManager::transaction_manager_status_mut(connection) {
                    TransactionManagerStatus::InError => true,
                    TransactionManagerStatus::Valid(open) => open.transaction_depth().is_some(),
                },
        }
    }
}

/// Runs a read between BEGIN and ROLLBACK, so that all its statements see one moment and none
/// can write. After a panic the pool throws the connection away ([`Connector::has_broken`]).
pub(super) fn at_one_moment(db: &mut Db, query: impl FnOnce(&mut Db)) -> Result<(), StoreError> {
    db.batch_execute(match db {
        Db::Sqlite(_) => "BEGIN",
        Db::Pg(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })?;
    query(db);
    // There is nothing to commit. If even this fails the connection is dead, and the pool's own
    // question before its next use finds out.
    let _ = db.batch_execute("ROLLBACK");
    Ok(())
}

/// Work that blocks a thread on its way to the database.
pub(super) type Errand = Box<dyn FnOnce() -> Result<(), StoreError> + Send>;

/// Runs blocking work off the async threads; a panic there becomes an error here.
pub(super) async fn on_a_thread(errand: Errand) -> Result<(), StoreError> {
    match tokio::task::spawn_blocking(errand).await {
        Ok(done) => done,
        Err(stopped) if stopped.is_panic() => {
            Err(StoreError::Panicked(panic_words(&*stopped.into_panic())))
        }
        Err(_) => Err(StoreError::Closed),
    }
}

/// What a panic said, if it said it in words.
pub(super) fn panic_words(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned())
}
