//! Part of an order is delivered, and the rest goes back.

use super::{PRICE, case, closed, owed, page, posted, refunds_are, refunds_in, show, staff};
use crate::drills::stage::SOON;
use crate::harness::{Engine, Placed, eventually, on_both_engines};
use crate::scene::{Scene, Wares};
use serde_json::json;

const REST: i64 = 2 * PRICE;

/// Three units are paid, one of them is there.
async fn one_of_three(engine: Engine) -> (Scene, Placed, String) {
    let wares = Wares {
        cards: 3,
        product: "reserve = false",
        variant: "buyer_limit = 4",
        ..Wares::default()
    };
    let scene = Scene::open(engine, wares).await;
    let (quick, slow) = (scene.buys(1, 2).await, scene.buys(2, 3).await);
    scene.gateway.pay(quick.pay_url()).await;
    scene.shop.goods(&quick).await;
    scene.gateway.pay(slow.pay_url()).await;
    scene.shop.order_in(&slow, "partially_delivered").await;
    let id = case(&scene.shop, "no_stock").await;
    (scene, slow, id)
}

fn only_good(order: &serde_json::Value) -> &str {
    let goods = order["goods"].as_array().expect("goods are shown");
    assert_eq!(goods.len(), 1);
    goods[0]["content"].as_str().expect("a card")
}

on_both_engines!(
    /// J41 for what was not delivered, J37 for what was; the buyer keeps it, and it counts.
    the_undelivered_rest_goes_back,
    Weight::Shop,
    |engine| async move {
        let (scene, order, id) = one_of_three(engine).await;
        let shop = &scene.shop;
        let sold = 2 * PRICE;
        assert_eq!((owed(shop, "rev:sales"), owed(shop, "liab:order_unfulfilled")), (sold, 3 * PRICE));
        assert_eq!(show(shop, &id).await["may"], json!(["deliver", "refund"]));
        staff(shop, &["refund", &id]).await.ok();
        let after = shop.order_in(&order, "refunded").await;
        closed(shop, &id).await;
        super::books_hold(shop).await;
        assert_eq!(after["refunded_amount"], REST);
        assert_eq!(scene.count("SELECT amount FROM refund"), REST);
        assert_eq!((owed(shop, "rev:sales"), owed(shop, "liab:order_unfulfilled")), (sold + PRICE, 0));
        assert_eq!((posted(shop, "J41"), posted(shop, "J14")), (1, 1));

        // What was bought stays.
        let card = only_good(&after).to_owned();
        assert!(page(shop, &order).await.contains(&card));
        assert_eq!(scene.cards("delivered"), 3);
        let bought = "SELECT CAST(SUM(used) AS BIGINT) FROM counter WHERE name LIKE 'bought/%'";
        assert_eq!(scene.count(bought), 3, "the first buyer's two, and the one that left");
        eventually(SOON, || async {
            let mails = shop.smtp().mails_to("buyer-2@example.test");
            mails.iter().any(|mail| mail.text().contains("39.80"))
        })
        .await;

        // Cards that come later are not for this order.
        scene.import("LATER", 3).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!((scene.cards("delivered"), scene.available().await), (3, 3));
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// The refund of the rest is given up: the whole order is owed as before, and is delivered
    /// with its one accrual when cards come.
    the_rest_is_given_up_and_delivered,
    Weight::Shop,
    |engine| async move {
        let (scene, order, id) = one_of_three(engine).await;
        let shop = &scene.shop;
        refunds_are(&scene.gateway, "fail").await;
        staff(shop, &["refund", &id]).await.ok();
        let failed = case(shop, "refund_failed").await;
        refunds_in(shop, "requested", 1).await;
        let meanwhile = shop.order_in(&order, "refunding").await;
        only_good(&meanwhile);
        super::books_hold(shop).await;

        staff(shop, &["did-not-go-back", &failed, "--give-up"]).await.ok();
        shop.order_in(&order, "partially_delivered").await;
        assert_eq!((posted(shop, "J41r"), posted(shop, "J37r")), (1, 1));
        assert_eq!(owed(shop, "liab:order_unfulfilled"), 3 * PRICE);
        super::books_hold(shop).await;

        scene.import("LATER", 2).await;
        assert_eq!(shop.goods(&order).await.len(), 3);
        closed(shop, &id).await;
        assert_eq!((owed(shop, "rev:sales"), owed(shop, "liab:order_unfulfilled")), (5 * PRICE, 0));
        scene.books_hold().await;
    }
);
