//! Bare writes: the rows that settling one payment writes, and nothing else: no reads, no
//! decisions, no sealing, no HTTP. What is left between both figures is the price of being right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use diesel::prelude::*;
use vendgate::clock::{Clock, SystemClock};
use vendgate::ids::{OrderId, OutboxId};
use vendgate::order::Order;
use vendgate::payment::Attempt;
use vendgate::random::SystemRandom;
use vendgate::store::schema::{
    attempt, card, counter, delivery, journal, journal_entry, notice, order_event, order_hold,
    order_item, orders, outbox, payment, payment_part, receipt, unsealed,
};
use vendgate::store::{Db, StoreError};

use crate::Times;
use crate::stage::Stage;

type Work = (Order, Attempt);

/// Writes the rows of every work once, at `callers` at once.
pub async fn settle_rows(stage: &Stage, work: &[Work], callers: usize) -> Times {
    let (work, next) = (Arc::new(work.to_vec()), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (app, work, next) = (Arc::clone(&stage.app), Arc::clone(&work), Arc::clone(&next));
            tokio::spawn(async move {
                let mut each = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= work.len() {
                        return each;
                    }
                    let (began, work) = (Instant::now(), Arc::clone(&work));
                    app.store
                        .write(move |db| rows(db, &work[at], at))
                        .await
                        .expect("written");
                    each.push(began.elapsed());
                }
            })
        })
        .collect();
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await.expect("a caller ends well"));
    }
    Times::new(each, began.elapsed())
}

fn rows(db: &mut Db, (order, made): &Work, at: usize) -> Result<(), StoreError> {
    let now = SystemClock.now();
    let id = |kind: &str| format!("bare-{kind}-{at}");
    diesel::insert_into(notice::table)
        .values((
            notice::id.eq(id("notice")),
            notice::account_id.eq(&made.account_id),
            notice::at.eq(now),
            notice::verb.eq("POST"),
            notice::query.eq(""),
            notice::headers
                .eq("[[\"host\",\"127.0.0.1\"],[\"content-type\",\"application/json\"]]"),
            notice::body.eq(vec![b'x'; 200]),
            notice::source_ip.eq("127.0.0.1"),
            notice::verdict.eq("accepted"),
            notice::attempt_id.eq(&made.id),
        ))
        .execute(db)?;
    diesel::insert_into(receipt::table)
        .values((
            receipt::id.eq(id("receipt")),
            receipt::account_id.eq(&made.account_id),
            receipt::channel_trade_no.eq(id("trade")),
            receipt::attempt_id.eq(&made.id),
            receipt::payment_id.eq(&made.payment_id),
            receipt::order_id.eq(&made.order_id),
            receipt::seller_id.eq(&made.seller_id),
            receipt::kind.eq("captured"),
            receipt::source.eq("notice"),
            receipt::currency.eq("CNY"),
            receipt::amount.eq(made.amount),
            receipt::refunding.eq(0),
            receipt::paid_at.eq(now),
            receipt::created_at.eq(now),
        ))
        .execute(db)?;
    diesel::update(attempt::table.find(&made.id))
        .set((
            attempt::state.eq("paid"),
            attempt::next_check_at.eq(None::<i64>),
        ))
        .execute(db)?;
    diesel::update(payment_part::table.find(&made.part_id))
        .set(payment_part::captured.eq(true))
        .execute(db)?;
    diesel::update(payment::table.find(&made.payment_id))
        .set(payment::captured.eq(made.amount.0))
        .execute(db)?;
    deliver(db, order, at, now)?;
    book(db, order, at, now)
}

fn deliver(db: &mut Db, order: &Order, at: usize, now: i64) -> Result<(), StoreError> {
    let item: String = order_item::table
        .filter(order_item::order_id.eq(&order.id))
        .select(order_item::id)
        .first(db)?;
    let held: String = card::table
        .filter(card::item_id.eq(&item))
        .select(card::id)
        .first(db)?;
    diesel::update(card::table.find(&held))
        .set((card::state.eq("delivered"), card::changed_at.eq(now)))
        .execute(db)?;
    diesel::insert_into(delivery::table)
        .values((
            delivery::id.eq(format!("bare-delivery-{at}")),
            delivery::order_id.eq(&order.id),
            delivery::item_id.eq(&item),
            delivery::unit_no.eq(1),
            delivery::card_id.eq(&held),
            delivery::created_at.eq(now),
        ))
        .execute(db)?;
    diesel::update(order_item::table.find(&item))
        .set(order_item::delivered.eq(1))
        .execute(db)?;
    diesel::update(orders::table.find(&order.id))
        .set((
            orders::state.eq("delivered"),
            orders::version.eq(3),
            orders::paid_at.eq(now),
            orders::delivered_at.eq(now),
            orders::next_check_at.eq(None::<i64>),
        ))
        .execute(db)?;
    for seq in 2..=3 {
        event(db, &order.id, seq, now)?;
    }
    let holds: Vec<String> = order_hold::table
        .filter(order_hold::order_id.eq(&order.id))
        .select(order_hold::counter)
        .load(db)?;
    for name in holds {
        diesel::update(counter::table.find(name))
            .set(counter::used.eq(counter::used - 1))
            .execute(db)?;
    }
    diesel::delete(order_hold::table.filter(order_hold::order_id.eq(&order.id))).execute(db)?;
    Ok(())
}

fn event(db: &mut Db, order: &OrderId, seq: i64, now: i64) -> Result<(), StoreError> {
    diesel::insert_into(order_event::table)
        .values((
            order_event::order_id.eq(order),
            order_event::seq.eq(seq),
            order_event::at.eq(now),
            order_event::actor.eq("system"),
            order_event::kind.eq("payment_captured"),
            order_event::state_from.eq("pending_payment"),
            order_event::state_to.eq("paid"),
            order_event::detail.eq("{\"amount\":2990,\"source\":\"notice\",\"currency\":\"CNY\"}"),
            order_event::prev_hash.eq("0".repeat(64)),
            order_event::hash.eq("0".repeat(64)),
        ))
        .execute(db)?;
    Ok(())
}

fn book(db: &mut Db, order: &Order, at: usize, now: i64) -> Result<(), StoreError> {
    for op in ["charge", "fee", "deliver"] {
        let id = format!("bare-{op}-{at}");
        diesel::insert_into(journal::table)
            .values((
                journal::id.eq(&id),
                journal::source_kind.eq("receipt"),
                journal::source_id.eq(&id),
                journal::op.eq(op),
                journal::template.eq("J01"),
                journal::seller_id.eq("house"),
                journal::at.eq(now),
                journal::hash.eq("0".repeat(64)),
            ))
            .execute(db)?;
        for (leg, side) in [(1, "D"), (2, "C")] {
            diesel::insert_into(journal_entry::table)
                .values((
                    journal_entry::journal_id.eq(&id),
                    journal_entry::leg.eq(leg),
                    journal_entry::account.eq("asset:clearing:sandbox-1"),
                    journal_entry::side.eq(side),
                    journal_entry::currency.eq("CNY"),
                    journal_entry::amount.eq(2_990),
                ))
                .execute(db)?;
        }
        diesel::insert_into(unsealed::table)
            .values((
                unsealed::row_kind.eq("journal"),
                unsealed::row_id.eq(&id),
                unsealed::row_hash.eq("0".repeat(64)),
                unsealed::at.eq(now),
            ))
            .execute(db)?;
    }
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(OutboxId::new(now, &SystemRandom)),
            outbox::kind.eq("mail"),
            outbox::topic.eq("order.delivered"),
            outbox::dedupe.eq(format!("bare/{at}")),
            outbox::order_id.eq(&order.id),
            outbox::payload.eq("{}"),
            outbox::state.eq("done"),
            outbox::tries.eq(0),
            outbox::next_at.eq(now),
            outbox::lease_token.eq(0),
            outbox::created_at.eq(now),
        ))
        .execute(db)?;
    Ok(())
}
