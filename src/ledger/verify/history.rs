//! The orders' own histories: what I20 is to the book.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{CHUNK, Check, full, snapshot};
use crate::ids::OrderId;
use crate::ledger::model::Error;
use crate::order::{OrderEvent, verify_chain};
use crate::store::Store;
use crate::store::schema::{order_event, orders};

/// Each order's events are unaltered, follow one another without a gap, and end where the
/// order says that they end.
pub(super) async fn orders(store: &Store) -> Result<Check, Error> {
    type Row = (OrderId, i64, String);
    let mut check = Check::new("I20o", "order events are unaltered, no chain has a gap");
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (rows, events) = snapshot(store, move |db| {
            let rows: Vec<Row> = orders::table
                .filter(orders::id.gt(&from))
                .order(orders::id)
                .limit(CHUNK)
                .select((orders::id, orders::event_seq, orders::event_head))
                .load(db)?;
            let ids: Vec<&OrderId> = rows.iter().map(|row| &row.0).collect();
            let events: Vec<OrderEvent> = order_event::table
                .filter(order_event::order_id.eq_any(ids))
                .order((order_event::order_id, order_event::seq))
                .select(OrderEvent::as_select())
                .load(db)?;
            Ok((rows, events))
        })
        .await?;
        let mut histories: BTreeMap<OrderId, Vec<OrderEvent>> = BTreeMap::new();
        for event in events {
            let of = histories.entry(event.order_id.clone()).or_default();
            of.push(event);
        }
        for (id, seq, head) in &rows {
            let history = histories.remove(id).unwrap_or_default();
            check.count(history.len());
            if let Err(at) = verify_chain(&history) {
                check.find(format!("order {id}: event {at} is altered or missing"));
                continue;
            }
            let last = history.last().map_or((0, ""), |e| (e.seq, e.hash.as_str()));
            if last != (*seq, head.as_str()) {
                let there = last.0;
                check.find(format!(
                    "order {id}: {seq} events by its own count, {there} are there"
                ));
            }
        }
        let Some((last, ..)) = rows.last().filter(|_| full(rows.len())) else {
            break;
        };
        after.clone_from(&last.0);
    }
    Ok(check)
}
