//! Money goes back once, and never more of it than came.

use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use vendgate::clock::{Clock, SystemClock};
use vendgate::ids::{CaseId, OrderId, ReceiptId};
use vendgate::ledger::postings::RefundFrom;
use vendgate::money::Minor;
use vendgate::payment::{CaseAction, act};
use vendgate::random::SystemRandom;
use vendgate::refund::{self, Grounds, NewRefund};
use vendgate::store::Store;

use crate::harness::{Engine, TempDir, fresh_database, on_both_engines};
use crate::scene::{Scene, Wares};

/// One paid order whose receipt holds 2,000.
pub const PAID: &str = "
INSERT INTO channel_account VALUES
    ('epay-main','epay','enabled',0,'CNY',NULL,NULL,'0.006',0,'','','t','',0,0);
INSERT INTO payment VALUES ('p','CNY',2000,2000,0);
INSERT INTO payment_part VALUES ('pp','p','channel','CNY',2000,TRUE);
INSERT INTO orders (id, order_no, seller_id, payment_id, state, version, currency, amount,
    refunded_amount, email, email_hash, locale, event_seq, event_head, created_at, expires_at)
    VALUES ('o','o','house','p','awaiting_stock',1,'CNY',2000,0,'','','en',0,'',0,0);
INSERT INTO attempt (id, payment_id, part_id, order_id, seller_id, n, merchant_no, account_id,
    method, currency, amount, state, pay_kind, decision, checks, created_at, changed_at,
    expires_at, watched_until)
    VALUES ('a','p','pp','o','house',1,'m','epay-main','alipay','CNY',2000,'paid','qr','{}',0,0,0,0,0);
INSERT INTO receipt VALUES
    ('r','epay-main','t','a','p','o','house','captured','notice','CNY',2000,0,0,0,NULL);
";

fn wanted(amount: i64, dedupe: String) -> NewRefund {
    NewRefund {
        order_id: OrderId("o".to_owned()),
        receipt_id: ReceiptId("r".to_owned()),
        amount: Minor(amount),
        grounds: Grounds::Staff,
        from: RefundFrom::Unfulfilled,
        dedupe,
    }
}

on_both_engines!(
    /// I05: even callers that hold no lock on the order cannot take more than was paid.
    many_refunds_never_exceed_what_was_paid,
    Weight::Shop,
    |engine| async move {
        let dir = TempDir::new("refunds");
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", dir.join("shop.db").display()),
            Engine::Postgres => fresh_database(),
        };
        let (store, _) = Store::open(&url.parse().expect("a URL")).expect("a store");
        store
            .write(|db| -> Result<(), vendgate::store::StoreError> {
                use diesel::connection::SimpleConnection;
                Ok(db.batch_execute(PAID)?)
            })
            .await
            .expect("rows");
        let now = SystemClock.now();
        let ask = |amount: i64, dedupe: String| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |db| {
                        refund::request(db, wanted(amount, dedupe.clone()), &SystemRandom, now)
                    })
                    .await
            })
        };
        let asked: Vec<_> = (0..64).map(|n| ask(300, format!("cause-{n}"))).collect();
        let mut accepted = 0;
        for answer in join_all(asked).await {
            match answer.expect("answered") {
                Ok(_) => accepted += 1,
                Err(refund::Error::ExceedsPaid) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(accepted, 6, "2,000 holds 300 six times");
        let sums = store
            .read(|db| refund::store::of_order(db, &OrderId("o".to_owned())))
            .await
            .expect("refunds");
        assert_eq!(sums.iter().map(|refund| refund.amount.0).sum::<i64>(), 1_800);
        let over = ask(201, "the rest and one".to_owned()).await.expect("answered");
        assert!(matches!(over, Err(refund::Error::ExceedsPaid)));
        let rest = ask(200, "the rest".to_owned()).await.expect("answered");
        assert!(rest.is_ok());
        for nothing in [0, -1, i64::MIN] {
            let nothing = ask(nothing, format!("nothing {nothing}")).await.expect("answered");
            assert!(matches!(nothing, Err(refund::Error::Nothing)));
        }
    }
);

on_both_engines!(
    /// R041: 64 hands on one case (half of them want to deliver) send the money back once.
    one_case_is_refunded_once,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (first, second) = (scene.buys(1, 1).await, scene.buys(2, 1).await);
        scene.gateway.pay(first.pay_url()).await;
        scene.shop.goods(&first).await;
        scene.gateway.pay(second.pay_url()).await;
        scene.shop.order_in(&second, "awaiting_stock").await;
        let case = scene
            .shop
            .scalar("SELECT id FROM money_case WHERE kind = 'no_stock' AND state = 'open'")
            .expect("a case");
        let till = Arc::new(scene.beside().await.till());
        let hands: Vec<_> = (0..64)
            .map(|n| {
                let (till, id) = (Arc::clone(&till), CaseId(case.clone()));
                let action = match n % 2 {
                    0 => CaseAction::Refund,
                    _ => CaseAction::Deliver(Vec::new()),
                };
                tokio::spawn(async move { act(&till, &id, action, "staff:test", "").await })
            })
            .collect();
        let mut done = Vec::new();
        for answer in join_all(hands).await {
            match answer.expect("answered") {
                Ok(case) => done.push(case.refund_id),
                Err(vendgate::payment::Error::NotPossible(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        let refunds: BTreeSet<_> = done.iter().flatten().collect();
        assert_eq!((done.len(), refunds.len()), (1, 1), "{done:?}");
        scene.shop.order_in(&second, "refunded").await;
        assert_eq!(scene.count("SELECT count(*) FROM refund"), 1);
        assert_eq!(scene.count("SELECT sum(amount) FROM refund"), crate::scene::PRICE);
        scene.books_hold().await;
    }
);
