use std::collections::HashSet;

use super::*;
use crate::notify::testing::{Shop, shop};
use crate::random::SeededRandom;

const LEASE: Millis = 2 * MINUTE;

fn promise(dedupe: &str, now: Millis) -> NewPromise {
    let seed = dedupe.bytes().map(u64::from).sum();
    NewPromise {
        id: OutboxId::new(now, &SeededRandom::from_seed(seed)),
        kind: Kind::Mail,
        topic: Topic::OrderDelivered,
        dedupe: dedupe.to_owned(),
        order_id: Some(OrderId("o1".to_owned())),
        payload: serde_json::json!({"order": "o1"}),
        now,
    }
}

impl Shop {
    async fn run<T: Send + 'static>(
        &self,
        job: impl Fn(&mut Db) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(job).await.expect("written")
    }

    async fn promised(&self, dedupe: &str, now: Millis) -> (OutboxId, bool) {
        let promise = promise(dedupe, now);
        let id = promise.id.clone();
        (id, self.run(move |db| enqueue(db, &promise)).await)
    }

    async fn claimed(&self, now: Millis, limit: i64) -> Claim {
        self.run(move |db| claim(db, Kind::Mail, now, limit, LEASE))
            .await
    }

    async fn failed(&self, held: &Claimed, now: Millis, permanent: bool) -> After {
        let (id, token) = (held.id.clone(), held.token);
        self.run(move |db| fail(db, &id, token, "451 later", now, permanent))
            .await
    }

    async fn finished(&self, held: &Claimed, now: Millis) -> After {
        let (id, token) = (held.id.clone(), held.token);
        self.run(move |db| finish(db, &id, token, now)).await
    }

    async fn row(&self, id: &OutboxId) -> Promise {
        let all = self
            .store
            .read(|db| list(db, Filter::default(), None, 100))
            .await
            .expect("read");
        all.into_iter().find(|row| row.id == *id).expect("a row")
    }
}

#[tokio::test]
async fn the_same_promise_is_one_row() {
    let shop = shop();
    let (id, new) = shop.promised("delivered:o1", 1_000).await;
    assert!(new);
    let (_, new) = shop.promised("delivered:o1", 2_000).await;
    assert!(!new);
    let held = shop.claimed(1_000, 10).await.work;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].id, id);
    assert_eq!(held[0].topic(), Some(Topic::OrderDelivered));
    let payload: serde_json::Value = held[0].payload().expect("JSON");
    assert_eq!(payload["order"], "o1");
    assert_eq!((held[0].tries, held[0].token), (1, 1));
}

/// Many workers at once: every row is held exactly once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_never_hold_one_row() {
    let shop = shop();
    for n in 0..40 {
        shop.promised(&format!("p{n}"), 1_000 + n).await;
    }
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let store = shop.store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let got = store
                        .write(|db| claim(db, Kind::Mail, 5_000, 3, LEASE))
                        .await
                        .expect("claimed");
                    if got.work.is_empty() {
                        return mine;
                    }
                    mine.extend(got.work.into_iter().map(|c| c.id));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
}

/// F43: a worker that died while `running` is replaced when its lease ends, not before; if it
/// comes back, it may change nothing.
#[tokio::test]
async fn a_lease_that_ends_is_taken_over_and_the_old_token_is_fenced() {
    let shop = shop();
    let (id, _) = shop.promised("a", 1_000).await;
    let old = shop.claimed(1_000, 10).await.work.remove(0);
    assert_eq!(shop.claimed(1_000 + LEASE - 1, 10).await, Claim::default());
    let new = shop.claimed(1_000 + LEASE, 10).await.work.remove(0);
    assert_eq!((new.tries, new.token), (2, 2));
    assert_eq!(shop.finished(&old, 200_000).await, After::Stale);
    assert_eq!(shop.failed(&old, 200_000, true).await, After::Stale);
    assert_eq!(shop.row(&id).await.state, State::Running);
    assert_eq!(shop.finished(&new, 200_000).await, After::Done);
    assert_eq!(shop.finished(&new, 200_001).await, After::Stale);
    assert_eq!(shop.failed(&new, 200_001, false).await, After::Stale);
    let row = shop.row(&id).await;
    assert_eq!((row.state, row.done_at), (State::Done, Some(200_000)));
    assert_eq!(shop.claimed(i64::MAX / 2, 10).await, Claim::default());
}

/// R046, R047: the gaps grow strictly, then the row is dead and stays so until a person acts.
#[tokio::test]
async fn the_gaps_grow_until_it_is_dead() {
    let shop = shop();
    let (id, _) = shop.promised("a", 1_000).await;
    let (mut now, mut gaps) = (1_000, Vec::new());
    loop {
        let held = shop.claimed(now, 10).await.work.remove(0);
        match shop.failed(&held, now, false).await {
            After::Again { at } => {
                assert_eq!(shop.claimed(at - 1, 10).await, Claim::default());
                gaps.push(at - now);
                now = at;
            }
            After::Dead => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(gaps, GAPS);
    assert!(gaps.windows(2).all(|two| two[0] < two[1]));
    let row = shop.row(&id).await;
    assert_eq!((row.state, row.tries), (State::Dead, TRIES));
    assert_eq!(row.last_error.as_deref(), Some("451 later"));
    assert_eq!(
        shop.claimed(now + 90 * 24 * HOUR, 10).await,
        Claim::default()
    );

    let again = id.clone();
    let resent = shop.run(move |db| resend(db, &again, now)).await;
    assert_eq!(resent, Resent::Queued);
    let held = shop.claimed(now, 10).await.work.remove(0);
    assert_eq!((held.id.clone(), held.tries), (id.clone(), 1));
    let again = id.clone();
    let resent = shop.run(move |db| resend(db, &again, now)).await;
    assert_eq!(resent, Resent::Running);
    assert_eq!(shop.finished(&held, now).await, After::Done);
    let unknown = OutboxId("no".to_owned());
    let resent = shop.run(move |db| resend(db, &unknown, now)).await;
    assert_eq!(resent, Resent::Unknown);
}

#[tokio::test]
async fn a_permanent_failure_is_dead_at_once() {
    let shop = shop();
    shop.promised("a", 1_000).await;
    let held = shop.claimed(1_000, 10).await.work.remove(0);
    assert_eq!(shop.failed(&held, 1_000, true).await, After::Dead);
}

/// F43: a row that kills every worker that touches it ends in the human queue, and the others
/// go out meanwhile.
#[tokio::test]
async fn a_poisoned_row_dies_and_blocks_nobody() {
    let shop = shop();
    let (poison, _) = shop.promised("poison", 1_000).await;
    let (mut now, mut sent) = (1_000, 0);
    for round in 0..TRIES {
        shop.promised(&format!("good {round}"), now).await;
        let claim = shop.claimed(now, 10).await;
        assert!(claim.dead.is_empty());
        assert_eq!(claim.work.len(), 2, "round {round}");
        for held in claim.work.iter().filter(|c| c.id != poison) {
            assert_eq!(shop.finished(held, now).await, After::Done);
            sent += 1;
        }
        // Nobody tells how the poisoned one went: its worker is gone.
        now += LEASE;
    }
    assert_eq!(sent, TRIES);
    let claim = shop.claimed(now, 10).await;
    assert_eq!(claim.dead, std::slice::from_ref(&poison));
    assert!(claim.work.is_empty());
    let row = shop.row(&poison).await;
    assert_eq!((row.state, row.tries), (State::Dead, TRIES));
    assert_eq!(shop.claimed(now + DAY_LATER, 10).await, Claim::default());
}

const DAY_LATER: Millis = 24 * HOUR;

#[tokio::test]
async fn the_list_filters_and_pages() {
    let shop = shop();
    for n in 0..5 {
        shop.promised(&format!("p{n}"), 1_000 + n).await;
    }
    let held = shop.claimed(1_000, 1).await.work.remove(0);
    shop.failed(&held, 1_000, true).await;
    let filter = Filter {
        kind: Some(Kind::Mail),
        state: Some(State::Waiting),
        topic: None,
    };
    let page = shop
        .store
        .read(move |db| list(db, filter, None, 3))
        .await
        .expect("read");
    assert_eq!(page.len(), 3);
    assert!(page.windows(2).all(|two| two[0].id > two[1].id));
    let cursor = page[2].id.clone();
    let rest = shop
        .store
        .read(move |db| list(db, filter, Some(&cursor), 3))
        .await
        .expect("read");
    assert_eq!(rest.len(), 1);
    let hooks = Filter {
        kind: Some(Kind::Webhook),
        ..Filter::default()
    };
    let none = shop
        .store
        .read(move |db| list(db, hooks, None, 3))
        .await
        .expect("read");
    assert!(none.is_empty());
}

/// Each kind is claimed by itself, however much of the other is due.
#[tokio::test]
async fn one_kind_stands_in_no_way_of_the_other() {
    let shop = shop();
    for n in 0..5 {
        shop.promised(&format!("mail {n}"), 1_000).await;
    }
    let hook = NewPromise {
        kind: Kind::Webhook,
        ..promise("hook", 2_000)
    };
    shop.run(move |db| enqueue(db, &hook)).await;
    let due = |kind, now| shop.run(move |db| is_due(db, kind, now));
    assert!(due(Kind::Mail, 1_000).await);
    assert!(!due(Kind::Webhook, 1_999).await);
    assert!(due(Kind::Webhook, 2_000).await);
    let hooks = shop
        .run(|db| claim(db, Kind::Webhook, 2_000, 3, LEASE))
        .await;
    assert_eq!(hooks.work.len(), 1);
    assert_eq!(hooks.work[0].kind, Kind::Webhook);
    assert!(!due(Kind::Webhook, 2_000).await);
    assert_eq!(shop.claimed(2_000, 10).await.work.len(), 5);
}

/// A clock that is set back by an hour holds no promise up for an hour, and makes none be sent
/// twice at once.
#[tokio::test]
async fn a_clock_set_back_costs_one_lease_or_gap_at_most() {
    let shop = shop();
    let old = 10 * HOUR;
    let (running, _) = shop.promised("running", old).await;
    let held = shop.claimed(old, 1).await.work.remove(0);
    let (again, _) = shop.promised("again", old + 1).await;
    let tried = shop.claimed(old + 1, 1).await.work.remove(0);
    shop.failed(&tried, old + 1, false).await;
    let (fresh, _) = shop.promised("fresh", old + 2).await;
    let brought = |now| {
        shop.run(move |db| {
            let far = too_far_ahead(db, now, LEASE)?;
            bring_back(db, &far, now, LEASE)?;
            Ok(far.len())
        })
    };
    assert_eq!(
        brought(old + 2).await,
        0,
        "nothing is further ahead than it may be"
    );

    let now = old - HOUR;
    assert_eq!(shop.claimed(now, 10).await, Claim::default());
    assert_eq!(brought(now).await, 3);
    assert_eq!(brought(now).await, 0);
    let at = |row: Promise| row.next_at - now;
    assert_eq!(at(shop.row(&fresh).await), 0);
    assert_eq!(at(shop.row(&again).await), GAPS[0]);
    assert_eq!(at(shop.row(&running).await), LEASE);
    // Its worker lives and tells how it went.
    assert_eq!(shop.finished(&held, now + 1).await, After::Done);
}
