//! What the rooms of the order promise, in one place: who hears of what, under which words.

use serde_json::json;

use super::alert::{self, NewAlert, Severity};
use super::mail::Lang;
use super::outbox::{self, Kind, NewPromise, Topic};
use crate::clock::{MINUTE, Millis};
use crate::ids::{AlertId, MessageId, OutboxId, RefundId};
use crate::order::{Order, State};
use crate::random::Random;
use crate::settings::Settings;
use crate::store::{Db, StoreError};

/// One link to the orders of an address in this time.
const LINK_GAP: Millis = 10 * MINUTE;

/// Writes promises into the outbox.
#[derive(Debug, Clone, Copy)]
pub struct Promises {
    webhook: bool,
    admin_mail: bool,
}

/// Something the owner must hear of.
#[derive(Debug, Clone)]
pub struct Alarm<'a> {
    /// What kind of thing, `case.late`; few in number, for metrics.
    pub kind: &'a str,
    /// Which thing: one alert and one mail for each.
    pub cause: &'a str,
    /// How soon to look.
    pub severity: Severity,
    /// What happened and what to do.
    pub body: String,
}

/// A variant that is running out, as its mail tells it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct LowStock {
    /// The seller's own code.
    pub sku: String,
    /// Product and variant, in the owner's language.
    pub name: String,
    /// Units left.
    pub left: i64,
    /// The mark it reached.
    pub threshold: i64,
}

impl Promises {
    /// What these settings promise.
    pub fn under(settings: &Settings) -> Self {
        Promises {
            webhook: !settings.webhook_url.is_empty(),
            admin_mail: !settings.admin_email.is_empty(),
        }
    }

    /// The buyer gets what left so far, the seller's system hears of a completed order.
    pub fn delivered(
        &self,
        db: &mut Db,
        random: &dyn Random,
        order: &Order,
        in_all: i64,
        now: Millis,
    ) -> Result<(), StoreError> {
        let id = &order.id;
        let mut promise = NewPromise {
            id: OutboxId::new(now, random),
            kind: Kind::Mail,
            topic: Topic::OrderDelivered,
            dedupe: format!("order.delivered/{id}/{in_all}"),
            order_id: Some(id.clone()),
            payload: json!({"order_id": id, "units": in_all}),
            now,
        };
        outbox::enqueue(db, &promise)?;
        if self.webhook && order.state == State::Delivered {
            promise.id = OutboxId::new(now, random);
            promise.kind = Kind::Webhook;
            promise.dedupe = format!("webhook/order.delivered/{id}");
            outbox::enqueue(db, &promise)?;
        }
        Ok(())
    }

    /// One mail of this topic to the order's buyer.
    pub fn mail(
        &self,
        db: &mut Db,
        random: &dyn Random,
        topic: Topic,
        order: &Order,
        now: Millis,
    ) -> Result<(), StoreError> {
        let id = &order.id;
        outbox::enqueue(
            db,
            &NewPromise {
                id: OutboxId::new(now, random),
                kind: Kind::Mail,
                topic,
                dedupe: format!("{topic}/{id}"),
                order_id: Some(id.clone()),
                payload: json!({"order_id": id}),
                now,
            },
        )?;
        Ok(())
    }

    /// A refund of the order is on its way back.
    pub fn refunded(
        &self,
        db: &mut Db,
        random: &dyn Random,
        order: &Order,
        refund: &RefundId,
        now: Millis,
    ) -> Result<(), StoreError> {
        outbox::enqueue(
            db,
            &NewPromise {
                id: OutboxId::new(now, random),
                kind: Kind::Mail,
                topic: Topic::OrderRefunded,
                dedupe: format!("order.refunded/{refund}"),
                order_id: Some(order.id.clone()),
                payload: json!({"order_id": order.id, "refund_id": refund}),
                now,
            },
        )?;
        Ok(())
    }

    /// A buyer has written about a paid order: a mail to the owner, if there is an address.
    pub fn asked(
        &self,
        db: &mut Db,
        random: &dyn Random,
        order: &Order,
        message: &MessageId,
        now: Millis,
    ) -> Result<(), StoreError> {
        if self.admin_mail {
            let topic = Topic::AdminRequest;
            outbox::enqueue(db, &of_message(random, topic, order, message, now))?;
        }
        Ok(())
    }

    /// The staff has answered: a mail to the buyer.
    pub fn answered(
        &self,
        db: &mut Db,
        random: &dyn Random,
        order: &Order,
        message: &MessageId,
        now: Millis,
    ) -> Result<(), StoreError> {
        let topic = Topic::BuyerReply;
        outbox::enqueue(db, &of_message(random, topic, order, message, now))?;
        Ok(())
    }

    /// Somebody asks for a link to the orders of an address, by its keyed hash. The same is
    /// written whether or not there are any (X52), and once in ten minutes: asking often must
    /// not fill a stranger's inbox.
    pub fn link(
        &self,
        db: &mut Db,
        random: &dyn Random,
        email_hash: &str,
        lang: Lang,
        now: Millis,
    ) -> Result<(), StoreError> {
        outbox::enqueue(
            db,
            &NewPromise {
                id: OutboxId::new(now, random),
                kind: Kind::Mail,
                topic: Topic::BuyerLink,
                dedupe: format!("buyer.link/{email_hash}/{}", now / LINK_GAP),
                order_id: None,
                payload: json!({"email_hash": email_hash, "lang": lang}),
                now,
            },
        )?;
        Ok(())
    }

    /// An alert: a row, and one mail to the owner when it is new.
    pub fn alarm(
        &self,
        db: &mut Db,
        random: &dyn Random,
        alarm: Alarm<'_>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let payload = json!({"kind": alarm.kind, "severity": alarm.severity, "body": alarm.body});
        self.tell(db, random, alarm, (Topic::AdminAlert, payload), now)
    }

    /// A variant is running out: an alert for this `cause`, and one mail to the owner, with the
    /// goods' own name, when it is new.
    pub fn low_stock(
        &self,
        db: &mut Db,
        random: &dyn Random,
        cause: &str,
        low: &LowStock,
        now: Millis,
    ) -> Result<(), StoreError> {
        let alarm = Alarm {
            kind: "low_stock",
            cause,
            severity: Severity::Info,
            body: format!(
                "{}: {} left. Import cards before it is sold out.",
                low.sku, low.left
            ),
        };
        let mail = (Topic::AdminLowStock, json!(low));
        self.tell(db, random, alarm, mail, now)
    }

    fn tell(
        &self,
        db: &mut Db,
        random: &dyn Random,
        alarm: Alarm<'_>,
        (topic, payload): (Topic, serde_json::Value),
        now: Millis,
    ) -> Result<(), StoreError> {
        let Alarm {
            kind,
            cause,
            severity,
            body,
        } = alarm;
        let new = NewAlert {
            id: AlertId::new(now, random),
            kind: kind.to_owned(),
            dedupe: cause.to_owned(),
            severity,
            body,
            now,
        };
        let fresh = alert::raise(db, &new)?;
        metrics::counter!("vendgate_alerts_total", "kind" => new.kind.clone()).increment(1);
        if fresh && self.admin_mail {
            outbox::enqueue(
                db,
                &NewPromise {
                    id: OutboxId::new(now, random),
                    kind: Kind::Mail,
                    topic,
                    dedupe: format!("alert/{cause}"),
                    order_id: None,
                    payload,
                    now,
                },
            )?;
        }
        Ok(())
    }
}

fn of_message(
    random: &dyn Random,
    topic: Topic,
    order: &Order,
    message: &MessageId,
    now: Millis,
) -> NewPromise {
    NewPromise {
        id: OutboxId::new(now, random),
        kind: Kind::Mail,
        topic,
        dedupe: format!("{topic}/{message}"),
        order_id: Some(order.id.clone()),
        payload: json!({"message_id": message}),
        now,
    }
}
