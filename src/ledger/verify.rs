//! Verification: reads the whole book and what it speaks of, and names every row that
//! contradicts it. `vendgate ledger verify` prints the [`Report`]; it runs hourly and after
//! every drill. Source: spec/ledger.md 4.4.
//!
//! It reads a live database in chunks of bounded memory. Whatever two tables must agree on is
//! read in one snapshot; rows that are written behind the reader's back wait for the next run.

mod book;
mod chain;
mod goods;
mod history;
mod owed;

use std::fmt;

use super::model::Error;
use crate::clock::Millis;
use crate::store::{Db, Store, StoreError};

/// Rows of one chunk.
const CHUNK: i64 = 500;
/// Findings kept of one check; the others are counted.
const KEPT: usize = 1_000;

/// The verdict over the whole book.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// When it was made, UTC.
    pub at: Millis,
    /// One line per invariant.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether nothing was found.
    pub fn ok(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }

    /// The check of an invariant (`I03`).
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }
}

/// What became of one invariant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// `I01` to `I20` of spec/ledger.md 4.4, `I20o`, and the audit log's `I20a`.
    pub id: &'static str,
    /// The invariant in a few words.
    pub says: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// How many rows (or sums) were looked at.
    pub checked: u64,
    /// How many contradictions there are.
    pub found: u64,
    /// The first thousand of them; each names its row.
    pub findings: Vec<String>,
}

impl Check {
    /// A check that has found nothing yet.
    pub fn new(id: &'static str, says: &'static str) -> Self {
        Check {
            id,
            says,
            ok: true,
            checked: 0,
            found: 0,
            findings: Vec::new(),
        }
    }

    /// So many rows more were looked at.
    pub fn count(&mut self, rows: usize) {
        self.checked += u64::try_from(rows).unwrap_or(u64::MAX);
    }

    /// A contradiction; it names its row.
    pub fn find(&mut self, finding: String) {
        self.ok = false;
        self.found += 1;
        if self.findings.len() < KEPT {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            let verdict = if check.ok { "ok" } else { "BROKEN" };
            let Check {
                id, says, checked, ..
            } = check;
            writeln!(f, "{id} {verdict:<6} {checked:>9}  {says}")?;
            for finding in &check.findings {
                writeln!(f, "           - {finding}")?;
            }
            let kept = u64::try_from(check.findings.len()).unwrap_or(u64::MAX);
            if check.found > kept {
                writeln!(f, "           - and {} more", check.found - kept)?;
            }
        }
        Ok(())
    }
}

/// Checks the invariants I01, I02, I03, I06, I07, I08, I10, I14 and I20, and `I20o`: what I20
/// says of the book, said of the orders' own histories. A broken book is an
/// answer, not an error; the error is a database that cannot be read.
pub async fn verify(store: &Store, now: Millis) -> Result<Report, Error> {
    let [i01, i02, i03, i20, strays] = book::check(store, now).await?;
    let i06 = goods::receipts(store, strays).await?;
    let i07 = goods::orders(store).await?;
    let i08 = goods::deliveries(store).await?;
    let i10 = owed::unfulfilled(store).await?;
    let i14 = owed::refunds(store).await?;
    let i20o = history::orders(store).await?;
    let checks = vec![i01, i02, i03, i06, i07, i08, i10, i14, i20, i20o];
    Ok(Report { at: now, checks })
}

/// Reads several things as of one moment.
async fn snapshot<T, F>(store: &Store, read: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
{
    store.read(read).await.map_err(Error::Store)
}

/// Whether a chunk was full, so that another follows.
fn full(rows: usize) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= CHUNK)
}

#[cfg(test)]
mod shop;
#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
