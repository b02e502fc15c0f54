//! Goods leave in the paying write; what a paid order does not get is owed in a case.

use std::sync::Arc;

use serde_json::json;

use super::Write;
use crate::case::{self, CaseKind, NewCase};
use crate::clock::Millis;
use crate::ids::OrderId;
use crate::money::Minor;
use crate::notify::Promises;
use crate::order::{self, Change, Event, Order, State};
use crate::payment::fulfil::{self, Handed};
use crate::payment::model::{Attempt, Error, Receipt};
use crate::payment::till::Till;
use crate::random::Random;
use crate::stock;
use crate::store::Db;

impl Write {
    /// Hands the goods out and moves the order; what is not there stays owed.
    pub(super) fn deliver(
        &self,
        db: &mut Db,
        order: &mut Order,
        attempt: &Attempt,
        receipt: &Receipt,
        random: &dyn Random,
    ) -> Result<(), Error> {
        let handed = fulfil::hand_out(db, &self.sealer, random, &order.id, self.now)?;
        let detail = json!({
            "receipt": receipt.id, "account": receipt.account_id, "attempt": attempt.n,
            "amount": receipt.amount, "currency": receipt.currency, "source": receipt.source,
        });
        let actor = format!("channel:{}", receipt.account_id);
        let paid = Change::new(Event::PaymentCaptured, &actor, detail);
        fulfil::record(
            db,
            &self.promises,
            random,
            order,
            vec![paid],
            handed,
            self.now,
        )?;
        owe(db, &self.promises, order, handed, random, self.now)
    }
}

/// Paid, and something is missing: a case with an owner and a time (no_stock).
fn owe(
    db: &mut Db,
    promises: &Promises,
    order: &Order,
    handed: Handed,
    random: &dyn Random,
    now: Millis,
) -> Result<(), Error> {
    if handed.missing == 0 && handed.by_hand == 0 {
        return Ok(());
    }
    let no = &order.order_no;
    let summary = if handed.unreadable > 0 {
        format!(
            "Order {no} is paid and {} unit(s) could not go out: the stored content does not open \
             with this shop's key. Give the server its key back, or load the content again; then \
             they go out by themselves. Or refund.",
            handed.unreadable
        )
    } else if handed.missing > 0 && stock::withheld::put_back_since(db, order.created_at)? {
        format!(
            "Order {no} is paid and {} unit(s) wait. The database was put back to a time before \
             this payment, so the buyer may have the goods already: ask, or look into the mails \
             that were sent. When stock is released (`vendgate cards release`) or imported they go \
             out by themselves, whether or not; or refund.",
            handed.missing
        )
    } else if handed.missing > 0 {
        format!(
            "Order {no} is paid and {} unit(s) are missing. Import cards (they go out by \
             themselves, oldest order first) or refund.",
            handed.missing
        )
    } else {
        format!(
            "Order {no} is paid and {} unit(s) are delivered by a person: deliver them with \
             `vendgate case deliver`, or refund.",
            handed.by_hand
        )
    };
    let case = NewCase {
        kind: CaseKind::NoStock,
        cause: format!("no_stock/{}", order.id),
        money: order.money(),
        proposal: "restock_or_refund",
        summary,
        order_id: Some(order.id.clone()),
        attempt_id: None,
        receipt_id: None,
        refund_id: None,
        account_id: None,
    };
    case::open(db, promises, case, random, now)?;
    Ok(())
}

/// Finishes an order of nothing to pay: no attempt, no channel, no invented notice (R048, R049).
pub async fn settle_free(till: &Till, order: &OrderId) -> Result<(), Error> {
    let (seed, now) = (till.seed(), till.clock.now());
    let (sealer, promises, id) = (Arc::clone(&till.sealer), till.promises(), order.clone());
    till.store
        .write(move |db| -> Result<(), Error> {
            let random = seed.random();
            let mut order = order::store::lock(db, &id)?;
            if order.state != State::PendingPayment || order.amount > Minor::ZERO {
                return Ok(());
            }
            let handed = fulfil::hand_out(db, &sealer, &random, &id, now)?;
            let free = Change::new(Event::PaymentCaptured, "system", json!({"amount": 0}));
            let paid = vec![free];
            fulfil::record(db, &promises, &random, &mut order, paid, handed, now)?;
            owe(db, &promises, &order, handed, &random, now)
        })
        .await?;
    till.moved(order);
    Ok(())
}
