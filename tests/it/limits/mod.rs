//! Each limit under 64 buyers at once, over the API: never the cap and one. `requests` is about how
//! often one may ask.

pub mod refunds;
mod requests;

use futures_util::future::join_all;
use serde_json::Value;
use std::collections::BTreeSet;

use crate::harness::on_both_engines;
use crate::scene::{Ask, Scene, Wares};

/// Each a stranger who wants `quantity`.
fn strangers(quantity: u32) -> impl Fn(usize) -> Ask {
    move |buyer| Ask {
        buyer,
        email: None,
        quantity,
    }
}

/// They were all refused for this.
fn all_because(refused: &[Value], why: &str) {
    for problem in refused {
        let told = problem["type"].as_str().unwrap_or_default();
        assert!(told.ends_with(why), "{why}: {problem}");
    }
}

on_both_engines!(
    /// X28, as far as orders go: the last cards are ordered once each, and delivered once each.
    never_more_orders_than_cards,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 20, ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (orders, refused) = scene.all_at_once(strangers(1)).await;
        assert_eq!((orders.len(), refused.len()), (20, 44));
        all_because(&refused, "sold-out");
        assert_eq!(scene.available().await, 0);
        assert_eq!(scene.cards("reserved"), 20);

        let paid = orders.iter().map(|order| scene.gateway.pay(order.pay_url()));
        join_all(paid).await;
        let goods = join_all(orders.iter().map(|order| scene.shop.goods(order))).await;
        let goods: Vec<String> = goods.into_iter().flatten().collect();
        let distinct: BTreeSet<&String> = goods.iter().collect();
        assert_eq!((goods.len(), distinct.len()), (20, 20));
        assert_eq!(scene.cards("delivered"), 20);
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// Orders of several units get all of theirs or none.
    orders_of_several_units_share_the_last_cards,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 20, ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (orders, refused) = scene.all_at_once(strangers(3)).await;
        assert_eq!((orders.len(), refused.len()), (6, 58));
        assert_eq!((scene.cards("reserved"), scene.available().await), (18, 2));
        let wrong = scene.count(
            "SELECT count(*) FROM order_item i WHERE i.held <> \
             (SELECT count(*) FROM card c WHERE c.item_id = i.id)",
        );
        assert_eq!(wrong, 0);
    }
);

on_both_engines!(
    /// A product that reserves nothing sells to whoever pays first; no card goes out twice.
    without_reservation_no_card_goes_out_twice,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 5, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (orders, _) = scene.all_at_once(strangers(1)).await;
        assert_eq!(orders.len(), 64, "all saw five of them");
        let payers = &orders[..16];
        join_all(payers.iter().map(|order| scene.gateway.pay(order.pay_url()))).await;
        let ended = join_all(payers.iter().map(|order| async {
            crate::harness::eventually(std::time::Duration::from_secs(60), || async {
                let state = scene.state(order).await;
                (state == "delivered" || state == "awaiting_stock").then_some(state)
            })
            .await
        }))
        .await;
        let delivered = ended.iter().filter(|state| *state == "delivered").count();
        assert_eq!(delivered, 5);
        let distinct = scene.count("SELECT count(DISTINCT card_id) FROM delivery");
        assert_eq!(distinct, 5);
        let cases = scene.count("SELECT count(*) FROM money_case WHERE kind = 'no_stock'");
        assert_eq!(cases, 11, "each of the others is somebody's business");
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// X29: one network holds no more than its cap, however many addresses it invents.
    one_network_holds_no_more_than_its_cap,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 200, shop: "unpaid_per_network = 7", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let one_network = |n| Ask {
            buyer: 1,
            email: Some(format!("invented-{n}@example.test")),
            quantity: 1,
        };
        let (orders, refused) = scene.all_at_once(one_network).await;
        assert_eq!((orders.len(), refused.len()), (7, 57));
        all_because(&refused, "too-many-unpaid");
        assert_eq!(scene.available().await, 193);

        // What is paid or given up makes room again, and no more than that.
        scene.gateway.pay(orders[0].pay_url()).await;
        scene.shop.goods(&orders[0]).await;
        scene.cancel(&orders[1]).await.expect(200);
        let (orders, _) = scene.all_at_once(one_network).await;
        assert_eq!(orders.len(), 2);
        assert_eq!(scene.cards("reserved"), 7);
    }
);

on_both_engines!(
    /// X29: nor does one address, however it is written and wherever it comes from.
    one_address_holds_no_more_than_its_cap,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 200, shop: "unpaid_per_email = 9", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (orders, refused) = scene
            .all_at_once(|n| Ask {
                buyer: n,
                email: Some(["One@Example.test", "one@example.test"][n % 2].to_owned()),
                quantity: 2,
            })
            .await;
        assert_eq!((orders.len(), refused.len()), (4, 60));
        all_because(&refused, "too-many-unpaid");
        assert_eq!(scene.cards("reserved"), 8);
    }
);

on_both_engines!(
    /// A limit per buyer counts over all orders, paid or not.
    one_buyer_buys_no_more_than_the_limit,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares {
            cards: 200,
            shop: "unpaid_per_email = 100",
            variant: "buyer_limit = 5",
            ..Wares::default()
        };
        let scene = Scene::open(engine, wares).await;
        let one_buyer = |n| Ask {
            buyer: n,
            email: Some(["One@Example.test", "one@example.test"][n % 2].to_owned()),
            quantity: 1,
        };
        let (orders, refused) = scene.all_at_once(one_buyer).await;
        assert_eq!((orders.len(), refused.len()), (5, 59));
        all_because(&refused, "buyer-limit");

        // Paying makes no room, giving up does.
        scene.gateway.pay(orders[0].pay_url()).await;
        scene.shop.goods(&orders[0]).await;
        scene.cancel(&orders[1]).await.expect(200);
        let (orders, _) = scene.all_at_once(one_buyer).await;
        assert_eq!(orders.len(), 1);
        // Somebody else is not concerned.
        scene.buys(900, 5).await;
    }
);

on_both_engines!(
    /// A reusable card is sold as often as it may be, and not once more.
    a_reusable_card_is_sold_as_often_as_it_may,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares {
            product: "delivery = \"reusable\"",
            variant: "content = \"https://learn.example/c/1\"\nuse_limit = 7",
            ..Wares::default()
        };
        let scene = Scene::open(engine, wares).await;
        let (orders, refused) = scene.all_at_once(strangers(1)).await;
        assert_eq!((orders.len(), refused.len()), (7, 57));
        all_because(&refused, "sold-out");
        join_all(orders[..5].iter().map(|order| scene.gateway.pay(order.pay_url()))).await;
        for order in &orders[..5] {
            assert_eq!(scene.shop.goods(order).await, ["https://learn.example/c/1"]);
        }
        scene.cancel(&orders[5]).await.expect(200);
        let (again, _) = scene.all_at_once(strangers(1)).await;
        assert_eq!(again.len(), 1, "what was given up can be sold");
        assert_eq!(scene.count("SELECT used FROM reusable"), 7);
        scene.books_hold().await;
    }
);
