//! Putting a database where the shop looks for it.

use std::path::{Path, PathBuf};

use diesel::prelude::*;

use super::model::Error;
use super::take::sync_folder;
use crate::clock::{MINUTE, Millis};
use crate::store::schema::lease;
use crate::store::{self, Db, StoreError};

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where a database is made ready before it takes the place of `target`.
pub fn restoring(target: &Path) -> PathBuf {
    with(target, ".restoring")
}

/// Where the database that was at `target` is kept.
pub fn aside(target: &Path, now: Millis) -> PathBuf {
    let at = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default();
    with(target, &format!(".before-{}", at.format("%Y%m%dT%H%M%SZ")))
}

/// Removes what a restore that was cut off left of a database at `path`.
pub fn sweep(path: &Path) -> Result<(), Error> {
    for suffix in BESIDE.iter().copied().chain([""]) {
        let path = with(path, suffix);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::at(&path)(e));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Puts the database at `ready` where `target` is; what was there is kept at `kept`, with
/// whatever stands beside it. At every moment there is a whole database at `target`, the one
/// from before or the new one. Durable when it returns.
pub fn put_in_place(ready: &Path, target: &Path, kept: &Path) -> Result<(), Error> {
    store::into_one_file(ready)?;
    std::fs::File::open(ready)
        .and_then(|file| file.sync_all())
        .map_err(Error::at(ready))?;
    if target.exists() {
        // Its log becomes part of it, unless the file is too damaged for that. Then the log is
        // kept beside it: next to another database it would be taken for that one's.
        if let Err(cause) = store::into_one_file(target) {
            tracing::warn!(file = %target.display(), %cause, "kept as it is, with its log");
        }
        std::fs::hard_link(target, kept).map_err(Error::at(kept))?;
    }
    for suffix in BESIDE {
        let (from, to) = (with(target, suffix), with(kept, suffix));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(Error::at(&from))?;
        }
    }
    std::fs::rename(ready, target).map_err(Error::at(ready))?;
    sync_folder(target)
}

/// Whether a node has said within its term that it works with this database. Reads one of any
/// version that has leases.
pub fn at_work(db: &mut Db, now: Millis) -> Result<bool, StoreError> {
    let held: Option<String> = lease::table
        .filter(lease::until.gt(now))
        .filter(lease::until.lt(now + MINUTE))
        .select(lease::name)
        .first(db)
        .optional()?;
    Ok(held.is_some())
}
