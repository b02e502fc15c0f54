//! The queue that carries notices to the shops: in memory what the rows of `notices` say,
//! read again after a restart. At most 64 are under way, and of one payment at most as many
//! as its notices allow.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};

use super::gateway::Gateway;
use super::model::{LogRow, Notice};
use super::{notice, promise};
use crate::clock::Millis;

/// Notices under way at once.
const UNDER_WAY: usize = 64;
/// When a notice is looked at again after our own file failed.
const BROKEN: Millis = 5_000;
/// Longest sleep while something waits: a machine's clock may be set.
const NAP: Duration = Duration::from_millis(250);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    next_at: Millis,
    id: i64,
    payment: i64,
    parallel: i32,
}

#[derive(Default)]
struct Waiting {
    by_time: BinaryHeap<Reverse<Item>>,
    /// Of each payment: how many are under way, and what waits for them.
    of_payment: HashMap<i64, (i32, VecDeque<Item>)>,
}

/// What is still to be sent.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    more: Notify,
}

impl Queue {
    /// Adds notices that are durable.
    pub(super) fn push_all(&self, notices: impl IntoIterator<Item = Notice>) {
        let mut waiting = self.waiting();
        for notice in notices {
            waiting.by_time.push(Reverse(Item {
                next_at: notice.next_at,
                id: notice.id,
                payment: notice.payment,
                parallel: notice.parallel.max(1),
            }));
        }
        drop(waiting);
        self.more.notify_one();
    }

    fn push(&self, item: Item) {
        self.waiting().by_time.push(Reverse(item));
        self.more.notify_one();
    }

    /// The next one that may leave now, or when to look again.
    fn take(&self, now: Millis) -> Result<Item, Option<Millis>> {
        let mut waiting = self.waiting();
        let Waiting {
            by_time,
            of_payment,
        } = &mut *waiting;
        while by_time
            .peek()
            .is_some_and(|Reverse(item)| item.next_at <= now)
        {
            let Some(Reverse(item)) = by_time.pop() else {
                break;
            };
            let (under_way, behind) = of_payment.entry(item.payment).or_default();
            if *under_way < item.parallel {
                *under_way += 1;
                return Ok(item);
            }
            behind.push_back(item);
        }
        Err(by_time.peek().map(|Reverse(item)| item.next_at))
    }

    /// One of this payment is no longer under way.
    fn back(&self, payment: i64) {
        let mut waiting = self.waiting();
        let Waiting {
            by_time,
            of_payment,
        } = &mut *waiting;
        if let Some((under_way, behind)) = of_payment.get_mut(&payment) {
            *under_way -= 1;
            by_time.extend(behind.pop_front().map(Reverse));
            if *under_way == 0 && behind.is_empty() {
                of_payment.remove(&payment);
            }
        }
        drop(waiting);
        self.more.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what is due until the gateway stops.
pub(super) async fn run(gateway: Arc<Gateway>) {
    let slots = Arc::new(Semaphore::new(UNDER_WAY));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        let item = tokio::select! {
            item = next(&gateway) => item,
            () = gateway.stopped() => return,
        };
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let over = tokio::select! {
                over = gateway.deliver(item.id) => over,
                () = gateway.stopped() => true,
            };
            gateway.queue.back(item.payment);
            if !over {
                let next_at = gateway.now() + BROKEN;
                gateway.queue.push(Item { next_at, ..item });
            }
            drop(slot);
        });
    }
}

async fn next(gateway: &Gateway) -> Item {
    loop {
        let now = gateway.now();
        match gateway.queue.take(now) {
            Ok(item) => return item,
            Err(None) => gateway.queue.more.notified().await,
            Err(Some(at)) => {
                let left = Duration::from_millis(u64::try_from(at - now).unwrap_or(0));
                tokio::select! {
                    () = tokio::time::sleep(left.min(NAP)) => {}
                    () = gateway.queue.more.notified() => {}
                }
            }
        }
    }
}

impl Gateway {
    /// Sends one notice once and writes down how it went; what follows goes into the queue.
    /// False when that could not be written: the row is still due.
    pub(super) async fn deliver(&self, id: i64) -> bool {
        let done = self.try_deliver(id).await;
        if let Err(error) = &done {
            tracing::warn!(%error, notice = id, "sandbox: notice not sent");
        }
        done.is_ok()
    }

    async fn try_deliver(&self, id: i64) -> Result<(), super::Error> {
        let Some((row, payment)) = self.db.run(move |conn| promise::to_send(conn, id)).await?
        else {
            return Ok(());
        };
        let outgoing = notice::build(self, &row, &payment).await?;
        let started = Instant::now();
        let (status, answer) = notice::send(&self.http, &outgoing).await;
        let taken = outgoing.is_taken(status, &answer);
        self.log_row(LogRow {
            at: self.now(),
            direction: "out".to_owned(),
            kind: if taken {
                "notice_taken"
            } else {
                "notice_refused"
            }
            .to_owned(),
            merchant: Some(payment.merchant),
            merchant_no: Some(payment.merchant_no),
            verb: outgoing.verb.to_owned(),
            path: outgoing.target.clone(),
            status: status.map(i32::from),
            ms: i64::try_from(started.elapsed().as_millis()).ok(),
            body: format!("{}\n{answer}", outgoing.body),
        });
        let now = self.now();
        let next = self
            .db
            .run(move |conn| promise::sent(conn, &row, taken, now))
            .await?;
        self.queue.push_all(next);
        Ok(())
    }
}
