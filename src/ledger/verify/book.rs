//! The book by itself: I01, I02, I03 and I20, in one walk over the journal (and one over
//! the chain).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{CHUNK, Check, chain, full, snapshot};
use crate::clock::{Millis, SECOND};
use crate::ledger::model::{Balance, Entry, Error, Journal, Op, Side, SourceKind};
use crate::ledger::seal::{self, JOURNAL};
use crate::ledger::store::{balances, content_hash};
use crate::store::schema::{journal, journal_entry, receipt, seal as seals, unsealed};
use crate::store::{Db, Store, StoreError};

/// How old an unsealed row may grow.
const TAIL: Millis = 60 * SECOND;

type Sums = BTreeMap<(String, String), (i128, i128)>;

/// Everything that is fixed when the walk begins.
struct Start {
    head: i64,
    balances: Vec<Balance>,
    waiting: i64,
    oldest: Option<Millis>,
    /// Waiting rows of transactions that are not there.
    orphans: Vec<String>,
}

struct Chunk {
    rows: Vec<Journal>,
    entries: Vec<Entry>,
    /// Seal number and sealed hash by transaction.
    sealed: HashMap<String, (i64, String)>,
    waiting: HashMap<String, String>,
    receipts: BTreeSet<String>,
}

struct Walk {
    i01: Check,
    i02: Check,
    i20: Check,
    /// Charges of receipts that are not there, for I06.
    strays: Check,
    head: i64,
    /// Of all entries, by currency.
    net: BTreeMap<String, i128>,
    /// Of sealed entries, by account and currency.
    sums: Sums,
}

/// I01, I02, I03, I20, and the beginning of I06.
pub(super) async fn check(store: &Store, now: Millis) -> Result<[Check; 5], Error> {
    let start = snapshot(store, start).await?;
    let mut walk = Walk {
        i01: Check::new("I01", "each transaction nets to zero per currency"),
        i02: Check::new("I02", "all entries of a currency sum to zero"),
        i20: Check::new("I20", "sealed rows are unaltered, the chain has no gap"),
        strays: Check::new("I06", "each receipt has one charge, each charge a receipt"),
        head: start.head,
        net: BTreeMap::new(),
        sums: Sums::new(),
    };
    let mut after = String::new();
    loop {
        let from = after.clone();
        let chunk = snapshot(store, move |db| chunk(db, &from)).await?;
        let more = full(chunk.rows.len());
        if let Some(last) = chunk.rows.last() {
            after = last.id.0.clone();
        }
        walk.take(chunk);
        if !more {
            break;
        }
    }
    for (currency, net) in &walk.net {
        if *net != 0 {
            let finding = format!("{currency}: debits less credits are {net}");
            walk.i02.find(finding);
        }
    }
    walk.i02.count(walk.net.len());
    let i03 = hold_against(&start, walk.sums);
    for orphan in &start.orphans {
        let finding = format!("journal {orphan}: waits for the sealer and is not there");
        walk.i20.find(finding);
    }
    if let Some(oldest) = start.oldest.filter(|oldest| now - oldest >= TAIL) {
        let (rows, age) = (start.waiting, (now - oldest) / SECOND);
        let finding = format!("the unsealed tail: {rows} rows, the oldest waits {age} s");
        walk.i20.find(finding);
    }
    chain::check(store, start.head, &mut walk.i20).await?;
    Ok([walk.i01, walk.i02, i03, walk.i20, walk.strays])
}

fn start(db: &mut Db) -> Result<Start, StoreError> {
    let there = journal::table.filter(journal::id.eq(unsealed::row_id));
    Ok(Start {
        head: seal::head(db)?.0,
        balances: balances(db)?,
        waiting: unsealed::table.count().get_result(db)?,
        oldest: unsealed::table
            .order(unsealed::at)
            .select(unsealed::at)
            .first(db)
            .optional()?,
        orphans: unsealed::table
            .filter(unsealed::row_kind.eq(JOURNAL))
            .filter(not(exists(there)))
            .select(unsealed::row_id)
            .limit(CHUNK)
            .load(db)?,
    })
}

fn chunk(db: &mut Db, after: &str) -> Result<Chunk, StoreError> {
    let rows: Vec<Journal> = journal::table
        .filter(journal::id.gt(after))
        .order(journal::id)
        .limit(CHUNK)
        .select(Journal::as_select())
        .load(db)?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    // By range, not by membership: entries whose transaction is gone are seen as well.
    let entries = journal_entry::table
        .filter(journal_entry::journal_id.gt(after))
        .order((journal_entry::journal_id, journal_entry::leg))
        .select(Entry::as_select());
    let entries = match rows.last().filter(|_| full(rows.len())) {
        Some(last) => entries
            .filter(journal_entry::journal_id.le(last.id.as_str()))
            .load(db)?,
        None => entries.load(db)?,
    };
    let sealed: Vec<(String, i64, String)> = seals::table
        .filter(seals::row_kind.eq(JOURNAL))
        .filter(seals::row_id.eq_any(ids.clone()))
        .select((seals::row_id, seals::seq, seals::row_hash))
        .load(db)?;
    let waiting: Vec<(String, String)> = unsealed::table
        .filter(unsealed::row_kind.eq(JOURNAL))
        .filter(unsealed::row_id.eq_any(ids))
        .select((unsealed::row_id, unsealed::row_hash))
        .load(db)?;
    let charged: Vec<&str> = rows
        .iter()
        .filter(|row| is_charge(row))
        .map(|row| row.source_id.as_str())
        .collect();
    let receipts: Vec<String> = receipt::table
        .filter(receipt::id.eq_any(charged))
        .select(receipt::id)
        .load(db)?;
    Ok(Chunk {
        rows,
        entries,
        sealed: sealed
            .into_iter()
            .map(|(id, seq, hash)| (id, (seq, hash)))
            .collect(),
        waiting: waiting.into_iter().collect(),
        receipts: receipts.into_iter().collect(),
    })
}

fn is_charge(row: &Journal) -> bool {
    row.source_kind == SourceKind::Receipt.as_str() && row.op == Op::Charge.as_str()
}

fn shown(row: &Journal) -> String {
    let Journal {
        id,
        source_kind,
        source_id,
        op,
        ..
    } = row;
    format!("journal {id} ({source_kind}/{source_id}/{op})")
}

impl Walk {
    fn take(&mut self, chunk: Chunk) {
        let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in chunk.entries {
            let of = entries.entry(entry.journal_id.0.clone()).or_default();
            of.push(entry);
        }
        self.i01.count(chunk.rows.len());
        for row in &chunk.rows {
            let legs = entries.remove(row.id.as_str()).unwrap_or_default();
            if is_charge(row) && !chunk.receipts.contains(&row.source_id) {
                let finding = format!("{}: there is no such receipt", shown(row));
                self.strays.find(finding);
            }
            self.nets_to_zero(&shown(row), &legs);
            let sealed = chunk.sealed.get(row.id.as_str());
            let waiting = chunk.waiting.get(row.id.as_str());
            self.unaltered(row, &legs, sealed, waiting);
            if sealed.is_some_and(|(seq, _)| *seq <= self.head) {
                self.add(legs);
            }
        }
        for (gone, legs) in entries {
            let finding = format!("journal {gone}: not there, but its entries are");
            self.i01.find(finding);
            self.nets_to_zero(&format!("journal {gone}"), &legs);
        }
    }

    fn nets_to_zero(&mut self, name: &str, legs: &[Entry]) {
        let mut net: BTreeMap<&str, i128> = BTreeMap::new();
        if legs.len() < 2 {
            let finding = format!("{name}: {} legs", legs.len());
            self.i01.find(finding);
        }
        for leg in legs {
            let amount = match Side::parse(&leg.side) {
                Some(Side::Debit) => i128::from(leg.amount),
                Some(Side::Credit) => -i128::from(leg.amount),
                None => {
                    let finding = format!("{name}: leg {} has side {:?}", leg.leg, leg.side);
                    self.i01.find(finding);
                    continue;
                }
            };
            *net.entry(&leg.currency).or_default() += amount;
            *self.net.entry(leg.currency.clone()).or_default() += amount;
        }
        for (currency, net) in net {
            if net != 0 {
                let finding = format!("{name}: debits less credits are {net} {currency}");
                self.i01.find(finding);
            }
        }
    }

    fn unaltered(
        &mut self,
        row: &Journal,
        legs: &[Entry],
        sealed: Option<&(i64, String)>,
        waiting: Option<&String>,
    ) {
        let name = shown(row);
        let hash = content_hash(row, legs);
        if hash != row.hash {
            let finding = format!("{name}: altered, its content does not have its hash");
            self.i20.find(finding);
        }
        match (sealed, waiting) {
            (Some((seq, known)), None) if *known != hash => {
                let finding = format!("{name}: altered since it was sealed as row {seq}");
                self.i20.find(finding);
            }
            (None, Some(known)) if *known != hash => {
                let finding = format!("{name}: altered while it waits for the sealer");
                self.i20.find(finding);
            }
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => {
                let finding = format!("{name}: neither sealed nor waiting for it");
                self.i20.find(finding);
            }
            (Some((seq, _)), Some(_)) => {
                let finding = format!("{name}: sealed as row {seq} and still waiting for it");
                self.i20.find(finding);
            }
        }
    }

    fn add(&mut self, legs: Vec<Entry>) {
        for leg in legs {
            let sum = self.sums.entry((leg.account, leg.currency)).or_default();
            match Side::parse(&leg.side) {
                Some(Side::Debit) => sum.0 += i128::from(leg.amount),
                Some(Side::Credit) => sum.1 += i128::from(leg.amount),
                None => {}
            }
        }
    }
}

/// I03: balances against the sums of sealed entries.
fn hold_against(start: &Start, mut sums: Sums) -> Check {
    let mut i03 = Check::new("I03", "each balance is the sum of its sealed entries");
    for row in &start.balances {
        let Balance {
            account, currency, ..
        } = row;
        let known = (i128::from(row.debit), i128::from(row.credit));
        let key = (account.clone(), currency.clone());
        let sum = sums.remove(&key).unwrap_or_default();
        if known != sum {
            let finding = format!(
                "balance of {account} {currency}: {}/{} (debit/credit), its entries {}/{}",
                known.0, known.1, sum.0, sum.1
            );
            i03.find(finding);
        }
        if row.seal_seq > start.head {
            let (seq, head) = (row.seal_seq, start.head);
            let finding =
                format!("balance of {account} {currency}: as of row {seq}, sealed are {head}");
            i03.find(finding);
        }
    }
    i03.count(start.balances.len() + sums.len());
    for ((account, currency), sum) in sums {
        let (debit, credit) = sum;
        i03.find(format!(
            "balance of {account} {currency}: none, its entries {debit}/{credit}"
        ));
    }
    i03
}
