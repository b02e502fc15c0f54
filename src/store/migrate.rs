//! Migrations: one folder per engine, embedded in the binary, run under a lock so that two
//! nodes that start together migrate once.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connect::{Connector, Db, StoreUrl};
use super::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What a migration run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The versions that were applied now, oldest first.
    pub applied: Vec<String>,
}

/// Brings the schema towards the newest version by at most `most` versions, under a lock. A
/// database of a newer version is refused.
pub fn migrate_by(url: &StoreUrl, most: usize) -> Result<Migrated, StoreError> {
    if let StoreUrl::Sqlite(path) = url
        && let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .map_err(|e| StoreError::Refused(format!("cannot create {}: {e}", folder.display())))?;
    }
    let mut db = Connector::writer(url).connect_now()?;
    match &mut db {
        Db::Sqlite(connection) => {
            if pending(connection, SQLITE)?.is_empty() {
                return Ok(Migrated::default());
            }
            // Two that start together: the second waits here, and looks again inside.
            connection.immediate_transaction(|connection| apply(connection, SQLITE, most))
        }
        Db::Pg(connection) => {
            // Any constant will do; it only has to be the same in every process. Neither the
            // wait for it nor a long migration is a statement that hangs.
            connection.batch_execute(
                "SET lock_timeout = 0; SET statement_timeout = 0; \
                 SELECT pg_advisory_lock(7641220231)",
            )?;
            let migrated = apply(connection, POSTGRES, most);
            connection.batch_execute("SELECT pg_advisory_unlock(7641220231)")?;
            migrated
        }
    }
}

/// How many versions are still to be applied; a database of a newer version is refused. Reads
/// alone, unless the database has never been migrated.
pub(super) fn standing(db: &mut Db) -> Result<usize, StoreError> {
    match db {
        Db::Sqlite(connection) => Ok(pending(connection, SQLITE)?.len()),
        Db::Pg(connection) => Ok(pending(connection, POSTGRES)?.len()),
    }
}

fn apply<C, B>(
    connection: &mut C,
    known: EmbeddedMigrations,
    most: usize,
) -> Result<Migrated, StoreError>
where
    B: Backend,
    C: MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    let mut migrated = Migrated::default();
    for next in pending(connection, known)?.iter().take(most) {
        let version = connection.run_migration(next.as_ref()).map_err(told)?;
        crate::fault::point("after_migration");
        migrated.applied.push(version.to_string());
    }
    Ok(migrated)
}

/// What is still to be applied, oldest first; refuses versions that are not ours.
fn pending<C, B>(
    connection: &mut C,
    known: EmbeddedMigrations,
) -> Result<Vec<Box<dyn Migration<B>>>, StoreError>
where
    B: Backend,
    C: MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    let mut ours = MigrationSource::<B>::migrations(&known).map_err(told)?;
    ours.sort_by_key(|migration| migration.name().version().as_owned());
    let version = |migration: &dyn Migration<B>| migration.name().version().to_string();
    let mut applied = Vec::new();
    for theirs in connection.applied_migrations().map_err(told)? {
        let theirs = theirs.to_string();
        if !ours.iter().any(|m| version(m.as_ref()) == theirs) {
            return Err(StoreError::Refused(format!(
                "the database has schema {theirs}, which this version does not know: it was \
                 written by a newer one"
            )));
        }
        applied.push(theirs);
    }
    ours.retain(|m| !applied.contains(&version(m.as_ref())));
    Ok(ours)
}

fn told(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Refused(error.to_string())
}

/// Whether the database has a table of this name.
pub fn has_table(db: &mut Db, name: &str) -> Result<bool, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    const IN_SQLITE: &str =
        "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = ?";
    const IN_POSTGRES: &str = "SELECT count(*) AS n FROM pg_tables \
         WHERE schemaname = current_schema() AND tablename = $1";
    let counted: Count = match db {
        Db::Sqlite(connection) => diesel::sql_query(IN_SQLITE)
            .bind::<diesel::sql_types::Text, _>(name)
            .get_result(connection)?,
        Db::Pg(connection) => diesel::sql_query(IN_POSTGRES)
            .bind::<diesel::sql_types::Text, _>(name)
            .get_result(connection)?,
    };
    Ok(counted.n > 0)
}

/// The schema as `table.column: kind` lines, sorted, in words both engines share, so that a
/// test can hold one against the other.
pub fn schema_of(url: &StoreUrl) -> Result<Vec<String>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    const IN_SQLITE: &str = "SELECT m.name || '.' || c.name || ': ' || lower(c.type) || \
         CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END AS line \
         FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
         AND m.name <> '__diesel_schema_migrations' \
         UNION ALL SELECT 'index ' || name FROM sqlite_master \
         WHERE type = 'index' AND name NOT LIKE 'sqlite_%' \
         UNION ALL SELECT 'trigger ' || name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1";
    const IN_POSTGRES: &str = "SELECT table_name || '.' || column_name || ': ' || \
         CASE data_type WHEN 'bytea' THEN 'blob' ELSE data_type END || \
         CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line \
         FROM information_schema.columns WHERE table_schema = 'public' \
         AND table_name <> '__diesel_schema_migrations' \
         UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' \
         AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' \
         UNION ALL SELECT DISTINCT 'trigger ' || trigger_name FROM information_schema.triggers";
    let mut db = Connector::writer(url).connect_now()?;
    let mut lines: Vec<String> = match &mut db {
        Db::Sqlite(connection) => diesel::sql_query(IN_SQLITE).load::<Line>(connection)?,
        Db::Pg(connection) => diesel::sql_query(IN_POSTGRES).load::<Line>(connection)?,
    }
    .into_iter()
    .map(|row| row.line)
    .collect();
    lines.sort();
    Ok(lines)
}
