//! The database: it opens, is whole, current, writable and durable.

use super::report::{Finding, bad, ok, warn};
use crate::store::{Probe, StoreUrl};

const AREA: &str = "database";
/// The oldest PostgreSQL that is tested.
const OLDEST: i64 = 150_000;

/// What a database says of itself.
pub(super) fn judge(url: &StoreUrl, probe: &Probe) -> Vec<Finding> {
    let mut findings = vec![schema(probe)];
    if let Some(first) = probe.faults.first() {
        findings.push(bad(
            AREA,
            format!("{url:?} is damaged: {first}"),
            "stop the shop, keep this file, and restore the newest backup (docs/OPERATIONS.md)",
        ));
    }
    if let Some(cause) = &probe.read_only {
        findings.push(bad(
            AREA,
            format!("nothing can be written: {cause}"),
            "see who owns the file and its folder, whether the disk is full, and which server it is",
        ));
    }
    match url {
        StoreUrl::Sqlite(_) => findings.extend(sqlite(probe)),
        StoreUrl::Postgres(_) => findings.extend(postgres(probe)),
    }
    if findings.iter().all(|f| f.todo.is_empty()) {
        findings.push(ok(AREA, format!("{url:?} is whole and can be written")));
    }
    findings
}

fn schema(probe: &Probe) -> Finding {
    match (&probe.schema, &probe.pending) {
        (None, _) => warn(
            AREA,
            "it is empty",
            "run `vendgate setup`, or start the shop",
        ),
        (Some(version), Ok(0)) => ok(AREA, format!("schema {version} is current")),
        (Some(version), Ok(n)) => warn(
            AREA,
            format!("schema {version}; {n} newer ones are not applied"),
            "take a backup, then restart the shop (or run `vendgate migrate`)",
        ),
        (Some(_), Err(cause)) => bad(
            AREA,
            cause.clone(),
            "use the version that wrote it, or a newer one",
        ),
    }
}

fn sqlite(probe: &Probe) -> Option<Finding> {
    let (journal, synchronous) = (probe.journal.as_deref(), probe.synchronous.as_deref());
    if journal == Some("wal") && synchronous == Some("2") {
        return None;
    }
    let found = format!(
        "journal mode {}, synchronous {}: not wal and 2 (FULL)",
        journal.unwrap_or("unknown"),
        synchronous.unwrap_or("unknown")
    );
    Some(bad(
        AREA,
        found,
        "keep the file on a local disk: a network file system takes neither",
    ))
}

fn postgres(probe: &Probe) -> Vec<Finding> {
    let mut findings = Vec::new();
    match probe.version {
        Some(version) if version >= OLDEST => {
            findings.push(ok(AREA, format!("PostgreSQL {}", version / 10_000)));
        }
        other => findings.push(bad(
            AREA,
            format!("PostgreSQL {}", other.unwrap_or(0) / 10_000),
            "upgrade the server to 15 or newer",
        )),
    }
    if probe.isolation.as_deref() != Some("read committed") {
        findings.push(bad(
            AREA,
            format!("transactions run {:?}", probe.isolation),
            "let no pooler or role change default_transaction_isolation",
        ));
    }
    findings
}

/// A database that does not open.
pub(super) fn unopened(url: &StoreUrl, cause: &str) -> Finding {
    bad(
        AREA,
        format!("{url:?} does not open: {cause}"),
        "see that the server runs and takes this user and password; the shop sells nothing",
    )
}

/// A file that is not there.
pub(super) fn absent(url: &StoreUrl) -> Finding {
    warn(
        AREA,
        format!("{url:?} is not there yet"),
        "run `vendgate setup`, or see whether VENDGATE_DATA is the folder you mean",
    )
}
