//! The book against receipts, orders and deliveries: I06, I07 and I08.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::{CHUNK, Check, full, snapshot};
use crate::ids::AccountId;
use crate::ledger::model::{Account, Error, Op, Side, SourceKind};
use crate::store::schema::{card, delivery, journal, journal_entry, order_item, orders, receipt};
use crate::store::{Db, Store, StoreError};

/// I06: each receipt of every kind has exactly one charge, which debits the clearing account of
/// its channel account with exactly its amount; (account, trade number) is unique. `check`
/// brings the charges whose receipt is not there.
pub(super) async fn receipts(store: &Store, mut check: Check) -> Result<Check, Error> {
    type Row = (String, AccountId, String, i64);
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (rows, charges) = snapshot(store, move |db| {
            let rows: Vec<Row> = receipt::table
                .filter(receipt::id.gt(&from))
                .order(receipt::id)
                .limit(CHUNK)
                .select((
                    receipt::id,
                    receipt::account_id,
                    receipt::currency,
                    receipt::amount,
                ))
                .load(db)?;
            let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
            let charges: Vec<(String, String, String, String, i64)> = journal::table
                .inner_join(journal_entry::table.on(journal_entry::journal_id.eq(journal::id)))
                .filter(journal::source_kind.eq(SourceKind::Receipt.as_str()))
                .filter(journal::op.eq(Op::Charge.as_str()))
                .filter(journal::source_id.eq_any(ids))
                .filter(journal_entry::side.eq(Side::Debit.as_str()))
                .select((
                    journal::source_id,
                    journal::id,
                    journal_entry::account,
                    journal_entry::currency,
                    journal_entry::amount,
                ))
                .load(db)?;
            Ok((rows, charges))
        })
        .await?;
        check.count(rows.len());
        let mut of: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (receipt, journal, account, currency, amount) in charges {
            let debit = (journal, account, currency, amount);
            of.entry(receipt).or_default().push(debit);
        }
        for (id, account, currency, amount) in &rows {
            let account = Account::Clearing(account.clone()).to_string();
            match of.remove(id).unwrap_or_default().as_slice() {
                [] => check.find(format!("receipt {id}: no charge")),
                [(_, a, c, n)] if *a == account && c == currency && n == amount => {}
                [(journal, a, c, n), ..] => check.find(format!(
                    "receipt {id}: {amount} {currency} at {account}, \
                     but journal {journal} debits {a} with {n} {c}"
                )),
            }
        }
        let Some((last, ..)) = rows.last().filter(|_| full(rows.len())) else {
            break;
        };
        after.clone_from(last);
    }
    for (account, trade_no, rows) in snapshot(store, twice).await? {
        check.find(format!(
            "receipt of {account}, trade number {trade_no}: {rows} of them"
        ));
    }
    Ok(check)
}

fn twice(db: &mut Db) -> Result<Vec<(String, String, i64)>, StoreError> {
    Ok(receipt::table
        .group_by((receipt::account_id, receipt::channel_trade_no))
        .having(count_star().gt(1))
        .select((receipt::account_id, receipt::channel_trade_no, count_star()))
        .load(db)?)
}

/// I07: each order that is delivered, or was and is refunded since, has one accrual (an order of
/// nothing has none), and of each item as many distinct units as were bought.
pub(super) async fn orders(store: &Store) -> Result<Check, Error> {
    type Item = (String, String, i64);
    let mut check = Check::new(
        "I07",
        "each delivered order has one accrual and all its units",
    );
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (rows, accrued, items, units) = snapshot(store, move |db| {
            let was = orders::state
                .eq_any(["refunding", "refunded"])
                .and(orders::refund_from.eq("delivered").assume_not_null());
            let rows: Vec<(String, i64)> = orders::table
                .filter(orders::id.gt(&from))
                .filter(orders::state.eq("delivered").or(was))
                .order(orders::id)
                .limit(CHUNK)
                .select((orders::id, orders::amount))
                .load(db)?;
            let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
            let accrued: Vec<String> = journal::table
                .filter(journal::source_kind.eq(SourceKind::Order.as_str()))
                .filter(journal::op.eq(Op::Deliver.as_str()))
                .filter(journal::source_id.eq_any(ids.clone()))
                .select(journal::source_id)
                .load(db)?;
            let items: Vec<Item> = order_item::table
                .filter(order_item::order_id.eq_any(ids.clone()))
                .select((order_item::id, order_item::order_id, order_item::quantity))
                .load(db)?;
            let units: Vec<(String, i64)> = delivery::table
                .filter(delivery::order_id.eq_any(ids))
                .group_by(delivery::item_id)
                .select((delivery::item_id, count_star()))
                .load(db)?;
            Ok((rows, accrued, items, units))
        })
        .await?;
        check.count(rows.len());
        for (id, amount) in &rows {
            let times = accrued.iter().filter(|of| *of == id).count();
            if *amount > 0 && times != 1 {
                check.find(format!("order {id}: delivered, {times} accruals"));
            }
        }
        let units: BTreeMap<String, i64> = units.into_iter().collect();
        for (item, order, quantity) in items {
            let out = units.get(&item).copied().unwrap_or(0);
            if out != quantity {
                check.find(format!(
                    "order {order}, item {item}: {quantity} bought, {out} units delivered"
                ));
            }
        }
        let Some((last, _)) = rows.last().filter(|_| full(rows.len())) else {
            break;
        };
        after.clone_from(last);
    }
    Ok(check)
}

/// I08: no card in two deliveries; every delivered card is in state `delivered`, for the item
/// it was delivered for.
pub(super) async fn deliveries(store: &Store) -> Result<Check, Error> {
    type Row = (String, String, Option<String>);
    let mut check = Check::new("I08", "no card is delivered twice or still for sale");
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (rows, cards, all) = snapshot(store, move |db| {
            let rows: Vec<Row> = delivery::table
                .filter(delivery::id.gt(&from))
                .order(delivery::id)
                .limit(CHUNK)
                .select((delivery::id, delivery::item_id, delivery::card_id))
                .load(db)?;
            let ids: BTreeSet<&str> = rows.iter().filter_map(|row| row.2.as_deref()).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let cards: Vec<(String, String, Option<String>)> = card::table
                .filter(card::id.eq_any(ids.clone()))
                .select((card::id, card::state, card::item_id))
                .load(db)?;
            let all: Vec<(Option<String>, i64)> = delivery::table
                .filter(delivery::card_id.eq_any(ids))
                .group_by(delivery::card_id)
                .having(count_star().gt(1))
                .select((delivery::card_id, count_star()))
                .load(db)?;
            Ok((rows, cards, all))
        })
        .await?;
        check.count(rows.len());
        let cards: BTreeMap<String, (String, Option<String>)> = cards
            .into_iter()
            .map(|(id, state, item)| (id, (state, item)))
            .collect();
        for (card, times) in all {
            let card = card.unwrap_or_default();
            check.find(format!("card {card}: in {times} deliveries"));
        }
        for (id, item, card) in &rows {
            let Some(card) = card else { continue };
            match cards.get(card) {
                None => check.find(format!("delivery {id}: card {card} is not there")),
                Some((state, _)) if state != "delivered" => {
                    check.find(format!("delivery {id}: card {card} is {state}"));
                }
                Some((_, of)) if of.as_ref() != Some(item) => check.find(format!(
                    "delivery {id}: card {card} belongs to item {}, not {item}",
                    of.as_deref().unwrap_or("none")
                )),
                Some(_) => {}
            }
        }
        let Some((last, ..)) = rows.last().filter(|_| full(rows.len())) else {
            break;
        };
        after.clone_from(last);
    }
    Ok(check)
}
