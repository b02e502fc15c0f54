//! Orders that end: unpaid, given up, free of charge.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

use super::LONG;
use crate::harness::{Engine, Http, Placed, eventually, on_both_engines};
use crate::scene::{Scene, Wares};

on_both_engines!(
    /// On PostgreSQL two nodes sweep at the same time.
    expiry_gives_back_exactly_once,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares {
            cards: 40,
            variant: "buyer_limit = 3",
            shop: "unpaid_per_network = 40",
            ..Wares::default()
        };
        let scene = Scene::open(engine, wares).await;
        let _second = match engine {
            Engine::Postgres => Some(scene.shop.second_node().await),
            Engine::Sqlite => None,
        };
        let mut orders: Vec<Placed> = Vec::new();
        for n in 0..30 {
            // Every third buyer has three orders; they share a network.
            let email = format!("shared-{}@example.test", n % 10);
            let reply = scene.ask(n % 2, Some(&email), 1).await.expect(201);
            orders.push(serde_json::from_slice(&reply.body).expect("an order"));
        }
        assert_eq!(scene.available().await, 10);
        scene.shop.advance_clock(Duration::from_secs(2 * 60 * 60));
        for order in &orders {
            scene.shop.order_in(order, "expired").await;
        }
        assert_eq!(scene.available().await, 40);
        assert_eq!(scene.cards("reserved"), 0);
        assert_eq!(scene.count("SELECT count(*) FROM counter WHERE used <> 0"), 0);
        assert_eq!(scene.count("SELECT count(*) FROM order_hold"), 0);
        let ends = "SELECT count(*) FROM order_event WHERE kind = 'deadline_passed'";
        assert_eq!(scene.count(ends), 30);
        assert!(!scene.shop.log().contains("a job's step failed"), "{}", scene.shop.log());
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// R048, R049: nothing is asked of a channel, nothing pretends to come from one.
    an_order_of_nothing_needs_no_channel,
    Weight::Shop,
    |engine| async move {
        let wares = Wares { cards: 2, variant: "price = 0", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let reply = scene.ask(1, None, 1).await.expect(201);
        let order: Placed = serde_json::from_slice(&reply.body).expect("an order");
        assert_eq!(order.amount, 0);
        let goods = scene.shop.goods(&order).await;
        let seen = scene.gateway.traffic("").await;
        let asked = seen["log"].as_array().map_or(0, Vec::len);
        assert_eq!(asked, 0, "{seen}");
        for table in ["notice", "attempt", "receipt", "payment_part", "journal"] {
            let rows = scene.count(&format!("SELECT count(*) FROM {table}"));
            assert_eq!(rows, 0, "{table}");
        }
        let mail = scene.shop.smtp().first_mail_to("buyer-1@example.test").await;
        assert!(mail.text().contains(&goods[0]));
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// R016: an unpaid order is closed at the channel too; a paid one is not cancelled.
    only_unpaid_orders_are_cancelled_and_closed_at_the_channel,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, Wares { cards: 2, ..Wares::default() }).await;
        let (left, paid) = (scene.buys(1, 1).await, scene.buys(2, 1).await);
        scene.cancel(&left).await.expect(200);
        scene.shop.order_in(&left, "cancelled").await;
        let log = scene.gateway.traffic("").await.to_string();
        assert!(log.contains("/v1/payments/close"), "{log}");
        assert_eq!(scene.available().await, 1);

        scene.gateway.pay(paid.pay_url()).await;
        scene.shop.goods(&paid).await;
        let refused = scene.cancel(&paid).await.expect(409);
        assert!(refused.text().contains("refund"), "it says what to do: {}", refused.text());
        assert_eq!(scene.state(&paid).await, "delivered");
    }
);

/// What the gateway and the shop made of one order.
struct End {
    paid: bool,
    state: String,
}

/// Cancels, and pays at another moment of the cancellation each time: before it, in it, after it.
async fn race(scene: &Scene, cashier: &Http, n: u64, order: &Placed) -> bool {
    let no = &order.order_no;
    let merchant_no = scene.shop.scalar(&format!(
        "SELECT merchant_no FROM attempt WHERE order_id = \
         (SELECT id FROM orders WHERE order_no = '{no}')"
    ));
    let merchant_no = merchant_no.expect("an attempt");
    let pay = async {
        tokio::time::sleep(Duration::from_millis(n * 120)).await;
        let body = json!({"merchant_no": merchant_no});
        let reply = cashier.post_json("/control/pay", &[], &body).await;
        assert!([200, 409].contains(&reply.status), "{}", reply.text());
        reply.status == 200
    };
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(n % 3 * 40)).await;
        let reply = scene.cancel(order).await;
        assert!(reply.status < 500, "{}", reply.text());
    };
    tokio::join!(pay, cancel).0
}

/// 50 of these races, ten at a time, and how each ended.
async fn races(scene: &Scene) -> Vec<End> {
    let cashier = Http::new(&scene.gateway.url());
    let mut ends = Vec::new();
    for round in 0..5 {
        let mut orders = Vec::new();
        for n in 0..10 {
            orders.push(scene.buys(round * 10 + n, 1).await);
        }
        let paid = (0..)
            .zip(&orders)
            .map(|(n, order)| race(scene, &cashier, n, order));
        let paid = join_all(paid).await;
        for (paid, order) in paid.into_iter().zip(&orders) {
            let wanted: &[&str] = match paid {
                true => &["delivered", "refunded"],
                false => &["cancelled"],
            };
            let state = eventually(LONG, || async {
                let state = scene.state(order).await;
                wanted.contains(&state.as_str()).then_some(state)
            })
            .await;
            ends.push(End { paid, state });
        }
    }
    ends
}

fn how_many(ends: &[End], state: &str) -> i64 {
    let count = ends.iter().filter(|end| end.state == state).count();
    i64::try_from(count).expect("fifty at most")
}

on_both_engines!(
    /// R016: money and goods, or neither; whatever was paid for a cancelled order goes back.
    cancelling_races_paying_and_nothing_is_lost,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 60, shop: "late_money = \"refund\"", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let ends = races(&scene).await;
        let paid = ends.iter().filter(|end| end.paid).count();
        let delivered = how_many(&ends, "delivered");
        let refunded = how_many(&ends, "refunded");
        assert_eq!(delivered + refunded, i64::try_from(paid).expect("fifty at most"));
        assert!(paid > 0 && paid < 50, "{paid} of 50 were paid: this was no race");
        assert_eq!(scene.cards("delivered"), delivered);
        assert_eq!((scene.cards("reserved"), scene.cards("available")), (0, 60 - delivered));
        assert_eq!(scene.count("SELECT count(*) FROM receipt"), delivered + refunded);
        let back = "SELECT count(*) FROM refund WHERE state = 'done'";
        assert_eq!(scene.count(back), refunded);
        assert_eq!(scene.count("SELECT count(*) FROM counter WHERE used <> 0"), 0);
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// The same, in a shop that delivers late money while there is stock.
    late_money_after_a_cancellation_buys_what_is_left,
    Weight::Heavy,
    |engine| async move {
        let scene = Scene::open(engine, Wares { cards: 1, ..Wares::default() }).await;
        let order = scene.buys(1, 1).await;
        scene.cancel(&order).await.expect(200);
        scene.shop.order_in(&order, "cancelled").await;
        // A slow bank pays what is closed.
        let merchant_no = scene.shop.scalar("SELECT merchant_no FROM attempt");
        let late = json!({"merchant_no": merchant_no, "late": true});
        scene.gateway.control("pay", late).await;
        assert_eq!(scene.shop.goods(&order).await, ["FIRST-0000"]);

        // And if somebody else has it meanwhile, the money goes back.
        scene.import("SECOND", 1).await;
        let late = scene.buys(2, 1).await;
        scene.cancel(&late).await.expect(200);
        let quick = scene.buys(3, 1).await;
        let numbers: Value = json!(scene.shop.scalar(&format!(
            "SELECT merchant_no FROM attempt WHERE order_id = \
             (SELECT id FROM orders WHERE order_no = '{}')",
            late.order_no
        )));
        let pay = json!({"merchant_no": numbers, "late": true});
        scene.gateway.control("pay", pay).await;
        scene.shop.order_in(&late, "refunded").await;
        scene.gateway.pay(quick.pay_url()).await;
        assert_eq!(scene.shop.goods(&quick).await, ["SECOND-0000"]);
        scene.books_hold().await;
    }
);
