//! The journal's rows: posting, and reading one source's history.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::model::{Account, Balance, Entry, Journal, Posting, Side, SourceKind};
use super::seal;
use crate::clock::Millis;
use crate::ids::JournalId;
use crate::store::schema::{balance, journal, journal_entry};
use crate::store::{Db, StoreError, both, insert_rows};

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It stands in the book now.
    New,
    /// Its source and op stand there already; nothing was written.
    Already,
}

/// Writes a posting: one transaction, its entries, and the promise to seal it; nothing but
/// a look if it was posted before (decided by UNIQUE (source_kind, source_id, op)).
pub fn post(
    db: &mut Db,
    journal_id: JournalId,
    posting: &Posting,
    at: Millis,
) -> Result<Posted, StoreError> {
    let (row, entries) = rows(journal_id, posting, at)?;
    let new = both!(db, |c| {
        diesel::insert_into(journal::table)
            .values(&row)
            .on_conflict((journal::source_kind, journal::source_id, journal::op))
            .do_nothing()
            .execute(c)
    })?;
    if new == 0 {
        return Ok(Posted::Already);
    }
    insert_rows!(db, journal_entry::table, &entries);
    seal::promise(db, seal::JOURNAL, row.id.as_str(), &row.hash, at)?;
    Ok(Posted::New)
}

fn rows(id: JournalId, posting: &Posting, at: Millis) -> Result<(Journal, Vec<Entry>), StoreError> {
    let mut entries = Vec::with_capacity(posting.legs().len());
    for (leg, number) in posting.legs().iter().zip(1..) {
        entries.push(Entry {
            journal_id: id.clone(),
            leg: number,
            account: leg.account.to_string(),
            side: leg.side.as_str().to_owned(),
            currency: leg.money.currency.code().to_owned(),
            amount: leg.money.amount.0,
        });
    }
    let (source_kind, source_id, op) = posting.key();
    let mut row = Journal {
        id,
        source_kind: source_kind.as_str().to_owned(),
        source_id: source_id.to_owned(),
        op: op.as_str().to_owned(),
        template: posting.template().to_owned(),
        seller_id: posting.seller_id().clone(),
        at,
        hash: String::new(),
    };
    row.hash = content_hash(&row, &entries);
    Ok((row, entries))
}

/// The canonical bytes of a transaction: a sequence of netstrings (the length in bytes as
/// decimal digits, `:`, the UTF-8 text, `,`), numbers as decimal text:
///
/// `vendgate/journal/1`, id, source_kind, source_id, op, template, seller_id, at, the number of
/// entries, then for each entry in the order of `leg`: journal_id, leg, account, side,
/// currency, amount. That is every column but `hash`, which is the SHA-256 of these bytes.
///
/// `entries` must be sorted by `leg`.
pub fn canonical(row: &Journal, entries: &[Entry]) -> String {
    let mut text = String::with_capacity(256 + 96 * entries.len());
    for field in [
        "vendgate/journal/1",
        row.id.as_str(),
        &row.source_kind,
        &row.source_id,
        &row.op,
        &row.template,
        row.seller_id.as_str(),
        &row.at.to_string(),
        &entries.len().to_string(),
    ] {
        netstring(&mut text, field);
    }
    for entry in entries {
        for field in [
            entry.journal_id.as_str(),
            &entry.leg.to_string(),
            &entry.account,
            &entry.side,
            &entry.currency,
            &entry.amount.to_string(),
        ] {
            netstring(&mut text, field);
        }
    }
    text
}

/// SHA-256 of the canonical bytes, hex.
pub(super) fn content_hash(row: &Journal, entries: &[Entry]) -> String {
    sha256(&canonical(row, entries))
}

/// SHA-256 of a text, hex.
pub(super) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// SHA-256, hex, over the netstrings of these fields: the hash of a row that is to be sealed.
pub fn row_hash<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for field in fields {
        netstring(&mut text, field);
    }
    sha256(&text)
}

/// Appends one netstring.
pub(super) fn netstring(text: &mut String, field: &str) {
    // Writing into a String cannot fail.
    let _ = write!(text, "{}:{field},", field.len());
}

/// The transactions of one source with their entries, oldest first: for pages that show where
/// the money of an order, a receipt or a refund went.
pub fn history(
    db: &mut Db,
    kind: SourceKind,
    source_id: &str,
) -> Result<Vec<(Journal, Vec<Entry>)>, StoreError> {
    let rows: Vec<Journal> = journal::table
        .filter(journal::source_kind.eq(kind.as_str()))
        .filter(journal::source_id.eq(source_id))
        .order((journal::at, journal::id))
        .select(Journal::as_select())
        .load(db)?;
    rows.into_iter()
        .map(|row| {
            let entries = journal_entry::table
                .filter(journal_entry::journal_id.eq(&row.id))
                .order(journal_entry::leg)
                .select(Entry::as_select())
                .load(db)?;
            Ok((row, entries))
        })
        .collect()
}

/// Credits less debits on `account` of the transactions of some sources, by source: where the
/// money of a receipt lies, or what a refund took from where.
pub fn moved(
    db: &mut Db,
    kind: SourceKind,
    ids: &[String],
    account: &Account,
) -> Result<BTreeMap<String, i128>, StoreError> {
    let mut moved = BTreeMap::new();
    for ids in ids.chunks(500) {
        let rows: Vec<(String, String, i64)> = journal::table
            .inner_join(journal_entry::table.on(journal_entry::journal_id.eq(journal::id)))
            .filter(journal::source_kind.eq(kind.as_str()))
            .filter(journal::source_id.eq_any(ids))
            .filter(journal_entry::account.eq(account.to_string()))
            .select((
                journal::source_id,
                journal_entry::side,
                journal_entry::amount,
            ))
            .load(db)?;
        for (id, side, amount) in rows {
            let amount = i128::from(amount);
            let credit = side == Side::Credit.as_str();
            *moved.entry(id).or_default() += if credit { amount } else { -amount };
        }
    }
    Ok(moved)
}

/// Every balance, by account and currency. They lag behind the journal by what is unsealed.
pub fn balances(db: &mut Db) -> Result<Vec<Balance>, StoreError> {
    Ok(balance::table
        .order((balance::account, balance::currency))
        .select(Balance::as_select())
        .load(db)?)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
