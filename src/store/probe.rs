//! What a database says of itself, for whoever looks whether it is well. Changes nothing in it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::connect::{Connector, Db, StoreUrl};
use super::copy::{faults_of_sqlite, schema_version};
use super::error::StoreError;
use super::migrate::standing;

/// A database as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The newest version of the schema that was applied; none = it is empty.
    pub schema: Option<String>,
    /// How many versions this program would apply; or why it would not open it.
    pub pending: Result<usize, String>,
    /// What the engine's own check finds wrong (SQLite).
    pub faults: Vec<String>,
    /// `wal`, and so on (SQLite).
    pub journal: Option<String>,
    /// `2` is FULL (SQLite).
    pub synchronous: Option<String>,
    /// The server's version as a number, `150004` (PostgreSQL).
    pub version: Option<i64>,
    /// As transactions of the shop run (PostgreSQL).
    pub isolation: Option<String>,
    /// The server's clock, UTC milliseconds (PostgreSQL).
    pub clock: Option<i64>,
    /// Why nothing could be written now; none = it could.
    pub read_only: Option<String>,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn one(db: &mut Db, query: &str) -> Result<String, StoreError> {
    let row: Line = match db {
        Db::Sqlite(c) => sql_query(query).get_result(c)?,
        Db::Pg(c) => sql_query(query).get_result(c)?,
    };
    Ok(row.line)
}

/// Looks at a database with a connection as the shop's writer has it. None if there is no file.
pub fn probe(url: &StoreUrl) -> Result<Option<Probe>, StoreError> {
    if let StoreUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Ok(None);
    }
    let faults = match url {
        StoreUrl::Sqlite(path) => faults_of_sqlite(path)?,
        StoreUrl::Postgres(_) => Vec::new(),
    };
    let mut db = Connector::writer(url).connect_now()?;
    let schema = schema_version(&mut db)?;
    let mut probe = Probe {
        pending: match &schema {
            Some(_) => standing(&mut db).map_err(|e| e.to_string()),
            None => Ok(0),
        },
        schema,
        faults,
        journal: None,
        synchronous: None,
        version: None,
        isolation: None,
        clock: None,
        read_only: None,
    };
    match url {
        StoreUrl::Sqlite(_) => {
            let pragma =
                |name: &str| format!("SELECT CAST({name} AS TEXT) AS line FROM pragma_{name}");
            probe.journal = Some(one(&mut db, &pragma("journal_mode"))?);
            probe.synchronous = Some(one(&mut db, &pragma("synchronous"))?);
        }
        StoreUrl::Postgres(_) => {
            let setting = |name: &str| format!("SELECT current_setting('{name}') AS line");
            let version = one(&mut db, &setting("server_version_num"))?;
            probe.version = version.parse().ok();
            probe.isolation = Some(one(&mut db, &setting("transaction_isolation"))?);
            let clock = "SELECT CAST(CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) \
                         AS TEXT) AS line";
            probe.clock = one(&mut db, clock)?.parse().ok();
            if one(&mut db, &setting("transaction_read_only"))? == "on" {
                probe.read_only = Some("the server is read-only (a standby?)".to_owned());
            }
        }
    }
    if let Err(cause) = try_to_write(&mut db) {
        probe.read_only = Some(cause.to_string());
    }
    Ok(Some(probe))
}

/// Writes, and takes it back.
fn try_to_write(db: &mut Db) -> Result<(), StoreError> {
    use diesel::connection::SimpleConnection;
    let begin = match db {
        Db::Sqlite(_) => "BEGIN IMMEDIATE",
        Db::Pg(_) => "BEGIN",
    };
    db.batch_execute(begin)?;
    let written = db.batch_execute("CREATE TABLE vendgate_doctor_was_here (a BIGINT)");
    db.batch_execute("ROLLBACK")?;
    Ok(written?)
}
