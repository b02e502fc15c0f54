//! Taking a backup beside the running shop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use diesel::prelude::*;

use super::archive;
use super::model::{Error, FORMAT, Manifest};
use crate::clock::Millis;
use crate::random::Random;
use crate::settings;
use crate::store::schema::{card, delivery, journal, money_case, orders, outbox, receipt, refund};
use crate::store::{self, Db, Store, StoreError, StoreUrl};

/// Takes a backup of a SQLite database into `file`, whole or not at all, and durable when it
/// returns. The shop may run meanwhile: what was durable when it began is in it. A file of this
/// name is replaced with `force` only. Needs twice the database's size of free space beside
/// `file` for a moment.
pub fn take(
    database: &Path,
    file: &Path,
    force: bool,
    now: Millis,
    random: &dyn Random,
) -> Result<Manifest, Error> {
    if !database.exists() {
        return Err(Error::NoDatabase(database.to_owned()));
    }
    if !force && file.exists() {
        return Err(Error::Exists(file.to_owned()));
    }
    let mark: [u8; 8] = random.bytes();
    let beside = |what: &str| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Draft(file.with_file_name(format!(".{name}.{}.{what}", hex::encode(mark))))
    };
    let (copy, draft) = (beside("copy"), beside("draft"));
    // Made here so that nobody else may read it; SQLite fills an empty file.
    drop(archive::create(&copy.0)?);
    store::copy_sqlite(database, &copy.0)?;
    let faults = store::faults_of_sqlite(&copy.0)?;
    if let Some(first) = faults.first() {
        return Err(Error::damaged(database, first.clone()));
    }
    let found = Store::look(&StoreUrl::Sqlite(copy.0.clone()), described)?;
    let (schema, shop, rows) = found.ok_or_else(|| Error::NoDatabase(database.to_owned()))?;
    let (sha256, size) = archive::measure(&copy.0)?;
    let manifest = Manifest {
        format: FORMAT,
        schema,
        taken_at: now,
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        shop,
        rows,
        size,
        sha256,
    };
    archive::pack(&manifest, &copy.0, &draft.0)?;
    let placed = match force {
        true => std::fs::rename(&draft.0, file),
        false => std::fs::hard_link(&draft.0, file),
    };
    match placed {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists(file.to_owned()));
        }
        other => other.map_err(Error::at(file))?,
    }
    sync_folder(file)?;
    Ok(manifest)
}

/// Makes the names in a file's folder durable.
pub(super) fn sync_folder(file: &Path) -> Result<(), Error> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::at(folder))
}

/// A file that is gone when this is.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        match std::fs::remove_file(&self.0) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(file = %self.0.display(), %cause, "a draft stays behind");
            }
            _ => {}
        }
    }
}

type Described = (String, String, BTreeMap<String, i64>);

fn described(db: &mut Db) -> Result<Described, StoreError> {
    let schema = store::schema_version(db)?
        .ok_or_else(|| StoreError::Refused("the database is empty".to_owned()))?;
    Ok((schema, settings::read(db)?.name, rows_of(db)?))
}

/// How many rows the main tables have, in a database of any version.
pub(super) fn rows_of(db: &mut Db) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut rows = BTreeMap::new();
    macro_rules! count {
        ($($table:ident),*) => {
            $(rows.insert(
                stringify!($table).to_owned(),
                $table::table.count().get_result::<i64>(db)?,
            );)*
        };
    }
    count!(
        card, delivery, journal, money_case, orders, outbox, receipt, refund
    );
    Ok(rows)
}
