//! Many hands on one case at once: one effect.

use futures_util::future::join_all;
use std::sync::Arc;
use vendgate::clock::{Clock, SystemClock};
use vendgate::ids::CaseId;
use vendgate::payment::{CaseAction, Error, act};
use vendgate::refund;
use vendgate::seal::Secret;

use super::{case, closed, posted};
use crate::harness::{Placed, on_both_engines};
use crate::scene::{PRICE, Scene, Wares};

/// Sixteen act at once; how many did something. The others were refused, not broken.
async fn sixteen(scene: &Scene, id: &str, act_of: impl Fn(usize) -> CaseAction) -> usize {
    let till = Arc::new(scene.beside().await.till());
    let hands = (0..16).map(|n| {
        let (till, id, action) = (Arc::clone(&till), CaseId(id.to_owned()), act_of(n));
        tokio::spawn(async move { act(&till, &id, action, &format!("staff:{n}"), "mine").await })
    });
    let mut done = 0;
    for answer in join_all(hands).await {
        match answer.expect("answered") {
            Ok(_) => done += 1,
            Err(Error::NotPossible(_) | Error::Refund(refund::Error::Held)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    done
}

async fn without_stock(scene: &Scene) -> (Placed, String) {
    let (first, second) = (scene.buys(1, 1).await, scene.buys(2, 1).await);
    scene.gateway.pay(first.pay_url()).await;
    scene.shop.goods(&first).await;
    scene.gateway.pay(second.pay_url()).await;
    scene.shop.order_in(&second, "awaiting_stock").await;
    let id = case(&scene.shop, "no_stock").await;
    (second, id)
}

on_both_engines!(
    /// Each with goods of their own: the buyer gets those of one.
    sixteen_hands_deliver_once,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { product: "delivery = \"manual\"", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let order = scene.buys(1, 2).await;
        scene.gateway.pay(order.pay_url()).await;
        scene.shop.order_in(&order, "delivering").await;
        let id = case(&scene.shop, "no_stock").await;
        let done = sixteen(&scene, &id, |n| match n % 4 {
            3 => CaseAction::Close("away with it".to_owned()),
            _ => CaseAction::Deliver(vec![
                Secret::new(format!("hand-{n}-a")),
                Secret::new(format!("hand-{n}-b")),
            ]),
        })
        .await;
        assert_eq!(done, 1);
        let goods = scene.shop.goods(&order).await;
        assert_eq!(goods.len(), 2);
        assert_eq!(goods[0].trim_end_matches("-a"), goods[1].trim_end_matches("-b"));
        let counts = ["delivery", "case_note", "journal WHERE template = 'J37'"];
        let counts = counts.map(|what| scene.count(&format!("SELECT count(*) FROM {what}")));
        assert_eq!(counts, [2, 1, 1]);
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// Half of them saw the refund at the channel, half did not: whoever says so first has said
    /// it. Beside them the channel's own answer may come at any moment.
    sixteen_hands_end_a_refund_once,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (order, id) = without_stock(&scene).await;
        scene.gateway.switch(serde_json::json!({"refund": "pending"})).await;
        super::staff(&scene.shop, &["refund", &id]).await.ok();
        super::refunds_in(&scene.shop, "pending", 1).await;
        // The channel has done it, and is asked about it while they decide.
        let number = scene.shop.scalar("SELECT merchant_refund_no FROM refund").expect("a number");
        let done = serde_json::json!({"merchant": "m1", "refund_no": number, "state": "done"});
        scene.gateway.control("refund", done).await;
        let now = SystemClock.now();
        let due = format!("UPDATE refund SET next_check_at = {now}");
        let store = scene.beside().await.store;
        store
            .write(move |db| {
                use diesel::connection::SimpleConnection;
                Ok::<_, vendgate::store::StoreError>(db.batch_execute(&due)?)
            })
            .await
            .expect("due");
        let done = sixteen(&scene, &id, |n| match n % 2 {
            0 => CaseAction::WentBack,
            _ => CaseAction::GiveUp,
        })
        .await;
        assert!(done <= 1, "{done} ends");
        super::refunds_in(&scene.shop, "pending", 0).await;
        let back = posted(&scene.shop, "J14");
        assert_eq!(back + posted(&scene.shop, "J41r"), 1, "one end");
        let (state, amount) = match back {
            1 => ("refunded", PRICE),
            _ => ("awaiting_stock", 0),
        };
        let order = scene.shop.order_in(&order, state).await;
        assert_eq!(order["refunded_amount"], amount);
        if back == 1 {
            closed(&scene.shop, &id).await;
        }
        super::books_hold(&scene.shop).await;
    }
);
