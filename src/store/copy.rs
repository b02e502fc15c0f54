//! Whole copies of a SQLite file, and what is known of one before it is opened.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::connect::Db;
use super::error::StoreError;
use super::migrate::has_table;

/// How often a file is asked for that another connection is about to give back.
const TRIES: u32 = 100;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    if !path.exists() {
        let none = format!("there is no file {}", path.display());
        return Err(StoreError::Refused(none));
    }
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(StoreError::pool)?;
    connection.batch_execute("PRAGMA busy_timeout = 5000;")?;
    Ok(connection)
}

/// Writes everything that is durable in a SQLite file at this moment into `to`, which is empty or
/// not there. Whoever writes to the file meanwhile is not kept waiting. Not durable when it
/// returns: the caller syncs the file.
pub fn copy_sqlite(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut connection = open(from)?;
    sql_query("VACUUM INTO ?")
        .bind::<Text, _>(to.to_string_lossy())
        .execute(&mut connection)?;
    Ok(())
}

/// What SQLite itself finds wrong with a file; nothing if it is sound.
pub fn faults_of_sqlite(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut connection = open(path)?;
    let lines: Vec<Line> =
        sql_query("SELECT quick_check AS line FROM pragma_quick_check").load(&mut connection)?;
    let lines = lines.into_iter().map(|row| row.line);
    Ok(lines.filter(|line| line != "ok").collect())
}

/// Brings what a SQLite file has beside it (its write-ahead log) into the file, so that the one
/// file is the database. Waits a few seconds for connections that are closing; refused while
/// anybody else has it open.
pub fn into_one_file(path: &Path) -> Result<(), StoreError> {
    let mut connection = open(path)?;
    connection.batch_execute("PRAGMA busy_timeout = 0;")?;
    let mut tries = 0;
    loop {
        match connection.batch_execute("PRAGMA journal_mode = DELETE;") {
            Ok(()) => return Ok(()),
            Err(error) if tries == TRIES => return Err(error.into()),
            Err(_) => std::thread::sleep(PAUSE),
        }
        tries += 1;
    }
}

/// The newest version of the schema that was applied to a database; none = it is empty.
pub fn schema_version(db: &mut Db) -> Result<Option<String>, StoreError> {
    const NEWEST: &str = "SELECT version AS line FROM __diesel_schema_migrations \
         ORDER BY version DESC LIMIT 1";
    if !has_table(db, "__diesel_schema_migrations")? {
        return Ok(None);
    }
    let newest: Option<Line> = match db {
        Db::Sqlite(c) => sql_query(NEWEST).get_result(c).optional()?,
        Db::Pg(c) => sql_query(NEWEST).get_result(c).optional()?,
    };
    Ok(newest.map(|row| row.line))
}
