//! The sealer: it alone counts. It chains committed rows into one gap-free sequence and rolls
//! the balances forward for exactly those rows, so that no writer touches a shared row.
//!
//! One leased sealer runs. Should two run all the same, the primary key of `seal` lets one of
//! them through and the other's transaction fails with [`StoreError::Constraint`], whole.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::model::{Balance, Side};
use super::store::{netstring, sha256};
use crate::clock::Millis;
use crate::store::schema::{balance, journal_entry, seal, unsealed};
use crate::store::{Db, StoreError, both};

/// The row kind of a transaction of the journal.
pub const JOURNAL: &str = "journal";

/// The most rows of one [`step`].
pub const MOST: i64 = 200;

/// What the first row of the chain follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Rows chained now. As many as were asked for: more may be waiting.
    pub rows: usize,
    /// The number of the last sealed row; 0 before the first.
    pub head: i64,
    /// How long the oldest of these rows had waited, in milliseconds.
    pub waited: Millis,
}

/// A row of `seal`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = seal, treat_none_as_default_value = false)]
pub struct Seal {
    /// From 1, without gaps.
    pub seq: i64,
    /// Which table the row is in ([`JOURNAL`]).
    pub row_kind: String,
    /// The row.
    pub row_id: String,
    /// The hash of its content when it was written.
    pub row_hash: String,
    /// `hash` of the row before, or [`GENESIS`].
    pub prev_hash: String,
    /// SHA-256 hex over the netstrings `vendgate/seal/1`, seq, row_kind, row_id, row_hash,
    /// prev_hash.
    pub hash: String,
}

impl Seal {
    /// What `hash` must be.
    pub fn expected_hash(&self) -> String {
        let mut text = String::with_capacity(320);
        for field in [
            "vendgate/seal/1",
            &self.seq.to_string(),
            &self.row_kind,
            &self.row_id,
            &self.row_hash,
            &self.prev_hash,
        ] {
            netstring(&mut text, field);
        }
        sha256(&text)
    }
}

/// Promises to seal a row: `kind` names its table ([`JOURNAL`], or another room's audit line),
/// `hash` is the SHA-256 of its content in hex.
pub fn promise(
    db: &mut Db,
    kind: &'static str,
    id: &str,
    hash: &str,
    at: Millis,
) -> Result<(), StoreError> {
    diesel::insert_into(unsealed::table)
        .values((
            unsealed::row_kind.eq(kind),
            unsealed::row_id.eq(id),
            unsealed::row_hash.eq(hash),
            unsealed::at.eq(at),
        ))
        .execute(db)?;
    Ok(())
}

/// The hashes that rows of a kind were promised or sealed with, by id.
pub fn hashes(
    db: &mut Db,
    kind: &str,
    ids: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut found: Vec<(String, String)> = unsealed::table
        .filter(unsealed::row_kind.eq(kind))
        .filter(unsealed::row_id.eq_any(ids))
        .select((unsealed::row_id, unsealed::row_hash))
        .load(db)?;
    found.extend(
        seal::table
            .filter(seal::row_kind.eq(kind))
            .filter(seal::row_id.eq_any(ids))
            .select((seal::row_id, seal::row_hash))
            .load::<(String, String)>(db)?,
    );
    Ok(found.into_iter().collect())
}

/// How many rows of a kind were promised or sealed.
pub fn count(db: &mut Db, kind: &str) -> Result<i64, StoreError> {
    let waiting: i64 = unsealed::table
        .filter(unsealed::row_kind.eq(kind))
        .count()
        .get_result(db)?;
    let sealed: i64 = seal::table
        .filter(seal::row_kind.eq(kind))
        .count()
        .get_result(db)?;
    Ok(waiting + sealed)
}

/// Seals the oldest waiting rows, at most `limit` (and never more than [`MOST`]), in one
/// transaction of the caller's.
pub fn step(db: &mut Db, now: Millis, limit: i64) -> Result<Sealed, StoreError> {
    // The head is read before the waiting rows: a step that sees an old head collides.
    let (head, hash) = head(db)?;
    let waiting: Vec<(String, String, String, Millis)> = unsealed::table
        .order((unsealed::at, unsealed::row_kind, unsealed::row_id))
        .limit(limit.clamp(0, MOST))
        .select((
            unsealed::row_kind,
            unsealed::row_id,
            unsealed::row_hash,
            unsealed::at,
        ))
        .load(db)?;
    let Some(oldest) = waiting.first().map(|(.., at)| *at) else {
        let (rows, waited) = (0, 0);
        return Ok(Sealed { rows, head, waited });
    };
    let mut seals: Vec<Seal> = Vec::with_capacity(waiting.len());
    let mut by_kind: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    let mut before = (head, hash);
    for (row_kind, row_id, row_hash, _) in waiting {
        let mut next = Seal {
            seq: before.0 + 1,
            row_kind,
            row_id,
            row_hash,
            prev_hash: before.1,
            hash: String::new(),
        };
        next.hash = next.expected_hash();
        before = (next.seq, next.hash.clone());
        by_kind
            .entry(next.row_kind.clone())
            .or_default()
            .push((next.row_id.clone(), next.seq));
        seals.push(next);
    }
    both!(db, |c| diesel::insert_into(seal::table)
        .values(&seals)
        .execute(c))?;
    if let Some(journals) = by_kind.get(JOURNAL) {
        roll_forward(db, journals)?;
    }
    for (kind, rows) in &by_kind {
        let ids: Vec<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
        let waiting = unsealed::table
            .filter(unsealed::row_kind.eq(kind))
            .filter(unsealed::row_id.eq_any(ids));
        diesel::delete(waiting).execute(db)?;
    }
    Ok(Sealed {
        rows: seals.len(),
        head: before.0,
        waited: now - oldest,
    })
}

/// The number and the hash of the last sealed row.
pub fn head(db: &mut Db) -> Result<(i64, String), StoreError> {
    let last: Option<(i64, String)> = seal::table
        .order(seal::seq.desc())
        .select((seal::seq, seal::hash))
        .first(db)
        .optional()?;
    Ok(last.unwrap_or_else(|| (0, GENESIS.to_owned())))
}

/// Adds the entries of just sealed transactions to the balances, checked: SQL would let a sum
/// past 64 bits become a float on SQLite.
fn roll_forward(db: &mut Db, journals: &[(String, i64)]) -> Result<(), StoreError> {
    let seq_of: BTreeMap<&str, i64> = journals.iter().map(|(id, seq)| (&**id, *seq)).collect();
    let ids: Vec<&str> = seq_of.keys().copied().collect();
    let entries: Vec<(String, String, String, String, i64)> = journal_entry::table
        .filter(journal_entry::journal_id.eq_any(ids))
        .select((
            journal_entry::journal_id,
            journal_entry::account,
            journal_entry::side,
            journal_entry::currency,
            journal_entry::amount,
        ))
        .load(db)?;
    let mut accounts: Vec<&str> = entries.iter().map(|(_, account, ..)| &**account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let known: Vec<Balance> = balance::table
        .filter(balance::account.eq_any(accounts))
        .select(Balance::as_select())
        .load(db)?;
    let mut balances: BTreeMap<(String, String), Balance> = known
        .into_iter()
        .map(|row| ((row.account.clone(), row.currency.clone()), row))
        .collect();
    let mut touched: BTreeSet<(String, String)> = BTreeSet::new();
    for (journal, account, side, currency, amount) in entries {
        let key = (account, currency);
        let row = balances.entry(key.clone()).or_insert_with(|| Balance {
            account: key.0.clone(),
            currency: key.1.clone(),
            debit: 0,
            credit: 0,
            seal_seq: 0,
        });
        let sum = match Side::parse(&side) {
            Some(Side::Debit) => &mut row.debit,
            Some(Side::Credit) => &mut row.credit,
            None => return Err(StoreError::corrupt(format!("journal {journal}: side"))),
        };
        *sum = sum.checked_add(amount).ok_or_else(|| {
            StoreError::corrupt(format!("the balance of {} is past 64 bits", key.0))
        })?;
        let seq = seq_of.get(&*journal).copied().unwrap_or_default();
        row.seal_seq = row.seal_seq.max(seq);
        touched.insert(key);
    }
    let rows: Vec<Balance> = touched
        .into_iter()
        .filter_map(|key| balances.remove(&key))
        .collect();
    upsert(db, &rows)
}

fn upsert(db: &mut Db, rows: &[Balance]) -> Result<(), StoreError> {
    use diesel::upsert::excluded;
    if rows.is_empty() {
        return Ok(());
    }
    both!(db, |c| {
        diesel::insert_into(balance::table)
            .values(rows)
            .on_conflict((balance::account, balance::currency))
            .do_update()
            .set((
                balance::debit.eq(excluded(balance::debit)),
                balance::credit.eq(excluded(balance::credit)),
                balance::seal_seq.eq(excluded(balance::seal_seq)),
            ))
            .execute(c)
    })?;
    Ok(())
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
