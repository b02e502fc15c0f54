use actix_web::http::Method as Verb;
use serde_json::json;

use super::{text, wanted, wanted_with};
use crate::clock::{MINUTE, SECOND};
use crate::web::fixture::Fixture;

/// X12: a wrong token and no order are one answer.
#[actix_web::test]
async fn a_wrong_token_and_no_order_look_the_same() {
    let shop = Fixture::without_gateway().await;
    let order = shop.place("k", &wanted()).await.json();
    let (no, token) = (text(&order["order_no"]), text(&order["view_token"]));
    let other = shop.place("l", &wanted()).await.json();
    assert_eq!(shop.order(no, token).await.status, 200);
    let told = shop.order(no, "AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(
        (told.status, told.problem().as_str()),
        (404, "no-such-order")
    );
    for (no, token) in [
        ("2222-2222-2222", token),
        (no, text(&other["view_token"])),
        ("nothing", token),
        (no, "short"),
        (no, ""),
    ] {
        let reply = shop.order(no, token).await;
        assert_eq!(
            (reply.status, &reply.body),
            (404, &told.body),
            "{no} {token}"
        );
        assert_eq!(reply.headers, told.headers);
    }
    let path = format!("/api/v1/orders/{no}");
    for headers in [vec![], vec![("authorization", "Basic YTpi")]] {
        let reply = shop.send(Verb::GET, &path, &headers, b"").await;
        assert_eq!((reply.status, &reply.body), (404, &told.body));
    }
    for action in ["attempts", "cancel", "check"] {
        let stranger = json!({"order_no": no, "view_token": "AAAAAAAAAAAAAAAAAAAAAA"});
        let reply = shop.act(&stranger, action, &json!({})).await;
        assert_eq!((reply.status, &reply.body), (404, &told.body), "{action}");
    }
    // As a person types it.
    let typed = no.to_lowercase().replace('-', "");
    assert_eq!(shop.order(&typed, token).await.status, 200);
}

#[actix_web::test]
async fn a_paid_order_shows_its_goods_when_it_is_checked() {
    let shop = Fixture::with_gateway().await;
    let order = shop
        .place("k", &wanted_with("quantity", json!(2)))
        .await
        .json();
    let before = shop.act(&order, "check", &json!({})).await.json();
    assert_eq!(before["state"], "pending_payment");
    assert!(before.get("view_token").is_none() && before.get("goods").is_none());
    shop.pay(text(&order["order_no"])).await;
    // Asked a moment ago: at most once in two seconds.
    let soon = shop.act(&order, "check", &json!({})).await.json();
    assert_eq!(soon["state"], "pending_payment");
    shop.clock.advance(2 * SECOND);
    let paid = shop.act(&order, "check", &json!({})).await;
    assert_eq!(paid.status, 200);
    let paid = paid.json();
    assert_eq!(paid["state"], "delivered");
    assert_eq!(paid["pay"]["kind"], "none");
    assert_eq!(paid["attempts"][0]["state"], "paid");
    let goods = paid["goods"].as_array().unwrap();
    assert_eq!(goods.len(), 2);
    assert_eq!(
        (&goods[0]["unit"], &goods[1]["unit"]),
        (&json!(1), &json!(2))
    );
    assert!(text(&goods[0]["content"]).starts_with("CARD-editor-"));
    assert_ne!(goods[0]["content"], goods[1]["content"]);
    let seen = shop
        .order(text(&order["order_no"]), text(&order["view_token"]))
        .await
        .json();
    assert_eq!(seen, paid);
    // Paid is paid: no other attempt, no cancelling.
    let reply = shop.act(&order, "cancel", &json!({})).await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "already-paid")
    );
    let reply = shop
        .act(&order, "attempts", &json!({"method": "wechat"}))
        .await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "not-payable")
    );
}

#[actix_web::test]
async fn another_method_is_another_attempt_of_the_same_order() {
    let shop = Fixture::with_gateway().await;
    let order = shop.place("k", &wanted()).await.json();
    let same = shop
        .act(&order, "attempts", &json!({"method": "alipay"}))
        .await;
    assert_eq!((same.status, &same.json()["pay"]), (200, &order["pay"]));
    assert_eq!(shop.act(&order, "attempts", &json!({})).await.status, 200);
    let other = shop
        .act(&order, "attempts", &json!({"method": "wechat"}))
        .await;
    assert_eq!(other.status, 201);
    let other = other.json();
    assert_eq!(other["order_no"], order["order_no"]);
    assert_eq!(other["pay"]["attempt"], 2);
    let methods = [
        &other["attempts"][0]["method"],
        &other["attempts"][1]["method"],
    ];
    assert_eq!(methods, [&json!("alipay"), &json!("wechat")]);
    let none = shop
        .act(&order, "attempts", &json!({"method": "paypal"}))
        .await;
    assert_eq!((none.status, none.problem().as_str()), (503, "no-channel"));
    assert!(none.header("retry-after").is_some());
    for body in [
        json!({"method": "cash"}),
        json!({"method": 1}),
        json!({"amount": 1}),
    ] {
        assert_eq!(
            shop.act(&order, "attempts", &body).await.status,
            422,
            "{body}"
        );
    }
    // Ten in all.
    for n in 3..=10 {
        let method = if n % 2 == 0 { "wechat" } else { "alipay" };
        let reply = shop
            .act(&order, "attempts", &json!({"method": method}))
            .await;
        assert_eq!(
            (reply.status, &reply.json()["pay"]["attempt"]),
            (201, &json!(n))
        );
    }
    let reply = shop
        .act(&order, "attempts", &json!({"method": "alipay"}))
        .await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "too-many-attempts")
    );
}

#[actix_web::test]
async fn a_cancelled_order_gives_its_cards_back() {
    let shop = Fixture::with_gateway().await;
    let available = async || {
        let list = shop
            .send(Verb::GET, "/api/v1/products", &[], b"")
            .await
            .json();
        list["products"][0]["variants"][0]["available"].clone()
    };
    let order = shop
        .place("k", &wanted_with("quantity", json!(3)))
        .await
        .json();
    assert_eq!(available().await, 7);
    for _ in 0..2 {
        let reply = shop.act(&order, "cancel", &json!({})).await;
        assert_eq!(
            (reply.status, &reply.json()["state"]),
            (200, &json!("cancelled"))
        );
    }
    assert_eq!(available().await, 10);
    assert_eq!(
        shop.act(&order, "cancel", &json!({"reason": "x"}))
            .await
            .status,
        422
    );
}

/// The money was faster than the wish to cancel.
#[actix_web::test]
async fn what_is_paid_at_the_channel_is_not_cancelled() {
    let shop = Fixture::with_gateway().await;
    let order = shop.place("k", &wanted()).await.json();
    shop.pay(text(&order["order_no"])).await;
    let reply = shop.act(&order, "cancel", &json!({})).await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "already-paid")
    );
    let seen = shop
        .order(text(&order["order_no"]), text(&order["view_token"]))
        .await
        .json();
    assert_eq!(seen["state"], "delivered");
}

#[actix_web::test]
async fn after_the_deadline_nothing_is_to_be_paid() {
    let shop = Fixture::with_gateway().await;
    let order = shop.place("k", &wanted()).await.json();
    shop.clock.advance(15 * MINUTE);
    let seen = shop
        .order(text(&order["order_no"]), text(&order["view_token"]))
        .await
        .json();
    assert_eq!(seen["pay"]["kind"], "none");
    let reply = shop
        .act(&order, "attempts", &json!({"method": "wechat"}))
        .await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "not-payable")
    );
}
