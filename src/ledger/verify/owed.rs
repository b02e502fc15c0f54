//! What is owed: I10 (goods to buyers who paid) and I14 (money to buyers who get it back).

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{CHUNK, Check, full, snapshot};
use crate::ledger::model::{Account, Error, Op, Side, SourceKind};
use crate::ledger::store::moved;
use crate::store::schema::{journal, journal_entry, orders, receipt, refund};
use crate::store::{Db, Store, StoreError};

/// Paid, and not (wholly) delivered. A `refunding` order is not among them: accepting its refund
/// has moved its money out of `liab:order_unfulfilled` in the same transaction.
const UNDELIVERED: [&str; 5] = [
    "paid",
    "in_review",
    "delivering",
    "awaiting_stock",
    "partially_delivered",
];
/// A refund that is accepted and not confirmed.
const OPEN: [&str; 3] = ["requested", "unknown", "pending"];

type ByCurrency = BTreeMap<String, i128>;

/// SUM of a column in two halves that no book can overflow, exact on both engines.
macro_rules! halves {
    ($column:literal) => {
        (
            sql::<BigInt>(concat!("CAST(SUM(", $column, " / 1073741824) AS BIGINT)")),
            sql::<BigInt>(concat!("CAST(SUM(", $column, " % 1073741824) AS BIGINT)")),
        )
    };
}

fn whole((high, low): (i64, i64)) -> i128 {
    i128::from(high) * 1_073_741_824 + i128::from(low)
}

/// Credits less debits of one account over *all* entries, sealed or not, by currency.
fn owed_on(db: &mut Db, account: &Account) -> Result<ByCurrency, StoreError> {
    let rows: Vec<(String, String, (i64, i64))> = journal_entry::table
        .filter(journal_entry::account.eq(account.to_string()))
        .group_by((journal_entry::currency, journal_entry::side))
        .select((
            journal_entry::currency,
            journal_entry::side,
            halves!("amount"),
        ))
        .load(db)?;
    let mut owed = ByCurrency::new();
    for (currency, side, sum) in rows {
        let sum = whole(sum);
        let credit = side == Side::Credit.as_str();
        *owed.entry(currency).or_default() += if credit { sum } else { -sum };
    }
    Ok(owed)
}

fn compare(check: &mut Check, account: &Account, book: &ByCurrency, rows: &ByCurrency, of: &str) {
    let currencies: BTreeSet<&String> = book.keys().chain(rows.keys()).collect();
    check.count(currencies.len());
    for currency in currencies {
        let amount = |of: &ByCurrency| of.get(currency).copied().unwrap_or(0);
        let (book, rows) = (amount(book), amount(rows));
        if book != rows {
            check.find(format!(
                "{account} {currency}: the book says {book}, {of} {rows}"
            ));
        }
    }
}

/// I10: what `liab:order_unfulfilled` owes, over all entries and per currency, is the sum of the
/// amounts of paid and undelivered orders (`paid`, `in_review`, `delivering`, `awaiting_stock`,
/// `partially_delivered`), less what accepted refunds of these same orders have taken from the
/// account. Orders in `refunding` or `refunded` add nothing: their refund took the money when
/// it was accepted, and what was delivered of them has been accrued to sales in the same
/// transaction. If the sums differ, the orders whose own entries do not add up are named.
pub(super) async fn unfulfilled(store: &Store) -> Result<Check, Error> {
    let mut check = Check::new("I10", "order_unfulfilled is owed for undelivered orders");
    let account = Account::OrderUnfulfilled;
    let (book, rows) = snapshot(store, |db| {
        let account = Account::OrderUnfulfilled;
        let book = owed_on(db, &account)?;
        let sums: Vec<(String, (i64, i64))> = orders::table
            .filter(orders::state.eq_any(UNDELIVERED))
            .group_by(orders::currency)
            .select((orders::currency, halves!("amount")))
            .load(db)?;
        let mut rows: ByCurrency = sums.into_iter().map(|(c, sum)| (c, whole(sum))).collect();
        let refunds: Vec<(String, String)> = refund::table
            .inner_join(orders::table.on(orders::id.eq(refund::order_id)))
            .filter(orders::state.eq_any(UNDELIVERED))
            .select((refund::id, refund::currency))
            .load(db)?;
        let (ids, currencies): (Vec<String>, Vec<String>) = refunds.into_iter().unzip();
        let taken = moved(db, SourceKind::Refund, &ids, &account)?;
        for (id, currency) in ids.iter().zip(currencies) {
            *rows.entry(currency).or_default() += taken.get(id).copied().unwrap_or(0);
        }
        Ok((book, rows))
    })
    .await?;
    compare(&mut check, &account, &book, &rows, "undelivered orders");
    if !check.ok {
        name_orders(store, &mut check).await?;
    }
    Ok(check)
}

async fn name_orders(store: &Store, check: &mut Check) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (rows, positions) = snapshot(store, move |db| positions(db, &from)).await?;
        for (id, state, amount) in &rows {
            let (paid_and_delivered, refunded) = positions.get(id).copied().unwrap_or_default();
            let expected = if UNDELIVERED.contains(&state.as_str()) {
                i128::from(*amount) + refunded
            } else {
                0
            };
            let owed = paid_and_delivered + refunded;
            if owed != expected {
                check.find(format!(
                    "order {id} ({state}): the book owes {owed} for it, it should owe {expected}"
                ));
            }
        }
        let Some((last, ..)) = rows.last().filter(|_| full(rows.len())) else {
            return Ok(());
        };
        after.clone_from(last);
    }
}

type Positions = (Vec<(String, String, i64)>, BTreeMap<String, (i128, i128)>);

/// Orders of a chunk, and what their receipts and deliveries, and apart from it their refunds,
/// have moved on `liab:order_unfulfilled`.
fn positions(db: &mut Db, after: &str) -> Result<Positions, StoreError> {
    let account = Account::OrderUnfulfilled;
    let rows: Vec<(String, String, i64)> = orders::table
        .filter(orders::id.gt(after))
        .order(orders::id)
        .limit(CHUNK)
        .select((orders::id, orders::state, orders::amount))
        .load(db)?;
    let ids: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
    let mut positions: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for (id, amount) in moved(db, SourceKind::Order, &ids, &account)? {
        positions.entry(id).or_default().0 += amount;
    }
    let receipts: Vec<(String, Option<String>)> = receipt::table
        .filter(receipt::order_id.eq_any(&ids))
        .select((receipt::id, receipt::order_id))
        .load(db)?;
    let of: BTreeMap<String, String> = receipts
        .into_iter()
        .filter_map(|(id, order)| Some((id, order?)))
        .collect();
    let keys: Vec<String> = of.keys().cloned().collect();
    for (id, amount) in moved(db, SourceKind::Receipt, &keys, &account)? {
        let order = of.get(&id).cloned().unwrap_or_default();
        positions.entry(order).or_default().0 += amount;
    }
    let of: Vec<(String, String)> = refund::table
        .filter(refund::order_id.eq_any(&ids))
        .select((refund::id, refund::order_id))
        .load(db)?;
    let of: BTreeMap<String, String> = of.into_iter().collect();
    let keys: Vec<String> = of.keys().cloned().collect();
    for (id, amount) in moved(db, SourceKind::Refund, &keys, &account)? {
        let order = of.get(&id).cloned().unwrap_or_default();
        positions.entry(order).or_default().1 += amount;
    }
    Ok((rows, positions))
}

struct Refund {
    id: String,
    state: String,
    duplicate: bool,
    ops: BTreeSet<String>,
}

/// I14: what `liab:refund_payable` owes, over all entries and per currency, is
///
/// - the amounts of refunds in `requested`, `unknown` or `pending` (accepted, not confirmed),
/// - plus, for each receipt of kind `duplicate`, its amount less the refunds of it, in any state,
///   that have no `accept` transaction: J54 owes the money from the moment it came, so these
///   refunds draw on it. A duplicate without a refund row is owed whole.
///
/// Besides, row by row: every refund has been accepted (or draws on a duplicate), every `done`
/// one is confirmed, every `failed` one is undone, and no other is either.
pub(super) async fn refunds(store: &Store) -> Result<Check, Error> {
    let mut check = Check::new("I14", "refund_payable is owed for open refunds");
    let account = Account::RefundPayable;
    let (book, rows, refunds) = snapshot(store, owed_refunds).await?;
    check.count(refunds.len());
    compare(&mut check, &account, &book, &rows, "open refunds");
    for refund in refunds {
        let Refund { id, state, .. } = &refund;
        let has = |op: Op| refund.ops.contains(op.as_str());
        if !has(Op::Accept) && !refund.duplicate {
            check.find(format!("refund {id} ({state}): never accepted in the book"));
        }
        for (op, of) in [(Op::Confirm, "done"), (Op::Refuse, "failed")] {
            match (has(op), state == of) {
                (false, true) => check.find(format!("refund {id} ({state}): no {op} posting")),
                (true, false) => check.find(format!("refund {id} ({state}): a {op} posting")),
                _ => {}
            }
        }
    }
    Ok(check)
}

/// The book's side, the rows' side, and every refund with what was posted for it.
fn owed_refunds(db: &mut Db) -> Result<(ByCurrency, ByCurrency, Vec<Refund>), StoreError> {
    let book = owed_on(db, &Account::RefundPayable)?;
    let mut rows = ByCurrency::new();
    let duplicates: Vec<(String, i64)> = receipt::table
        .filter(receipt::kind.eq("duplicate"))
        .select((receipt::currency, receipt::amount))
        .load(db)?;
    for (currency, amount) in duplicates {
        *rows.entry(currency).or_default() += i128::from(amount);
    }
    let mut refunds = Vec::new();
    let mut after = String::new();
    loop {
        type Row = (String, String, String, i64, String);
        let chunk: Vec<Row> = refund::table
            .inner_join(receipt::table.on(receipt::id.eq(refund::receipt_id)))
            .filter(refund::id.gt(&after))
            .order(refund::id)
            .limit(CHUNK)
            .select((
                refund::id,
                refund::state,
                refund::currency,
                refund::amount,
                receipt::kind,
            ))
            .load(db)?;
        let ids: Vec<&str> = chunk.iter().map(|row| row.0.as_str()).collect();
        let posted: Vec<(String, String)> = journal::table
            .filter(journal::source_kind.eq(SourceKind::Refund.as_str()))
            .filter(journal::source_id.eq_any(ids))
            .select((journal::source_id, journal::op))
            .load(db)?;
        let mut ops: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, op) in posted {
            ops.entry(id).or_default().insert(op);
        }
        let more = full(chunk.len());
        for (id, state, currency, amount, kind) in chunk {
            let ops = ops.remove(&id).unwrap_or_default();
            let duplicate = kind == "duplicate";
            let owed = rows.entry(currency).or_default();
            if OPEN.contains(&state.as_str()) {
                *owed += i128::from(amount);
            }
            if duplicate && !ops.contains(Op::Accept.as_str()) {
                *owed -= i128::from(amount);
            }
            after.clone_from(&id);
            refunds.push(Refund {
                id,
                state,
                duplicate,
                ops,
            });
        }
        if !more {
            return Ok((book, rows, refunds));
        }
    }
}
