use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{text, wanted, wanted_with};
use crate::channel::{Buyer, Device};
use crate::clock::{DAY, MINUTE, SECOND};
use crate::seal::Secret;
use crate::web::fixture::Fixture;
use crate::web::{checkout, idempotency};

#[actix_web::test]
async fn an_order_is_placed_and_can_be_paid() {
    let shop = Fixture::with_gateway().await;
    let reply = shop.place("k1", &wanted_with("quantity", json!(2))).await;
    assert_eq!(
        reply.status,
        201,
        "{:?}",
        String::from_utf8_lossy(&reply.body)
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let order = reply.json();
    assert_eq!(order["state"], "pending_payment");
    assert_eq!(
        (&order["amount"], &order["currency"]),
        (&json!(3980), &json!("CNY"))
    );
    assert_eq!(text(&order["view_token"]).len(), 22);
    assert!(text(&order["expires_at"]).ends_with('Z'));
    let pay = &order["pay"];
    assert_ne!(pay["kind"], "none");
    assert!(text(&pay["url"]).starts_with("http://127.0.0.1:"));
    assert_eq!(
        (&pay["channel"], &pay["attempt"]),
        (&json!("sandbox-1"), &json!(1))
    );
    assert_eq!(order["checking"], false);
    assert!(order.get("goods").is_none() && order.get("failure").is_none());
    assert_eq!(order["attempts"][0]["state"], "created");
}

/// R-idempotency: of 64 equal requests at once, one places; the others wait or get its answer.
#[actix_web::test]
async fn equal_requests_at_once_place_one_order() {
    let shop = Fixture::with_gateway().await;
    let body = wanted();
    let replies = join_all((0..64).map(|_| shop.place("same", &body))).await;
    let mut placed = Vec::new();
    for reply in &replies {
        match reply.status {
            201 => placed.push(reply.json()),
            409 => {
                assert_eq!(reply.problem(), "in-progress");
                assert!(reply.header("retry-after").is_some());
            }
            other => panic!("{other}: {}", reply.json()),
        }
    }
    assert!(!placed.is_empty());
    assert!(placed.iter().all(|order| *order == placed[0]), "one answer");
    assert_eq!(shop.count("orders").await, 1);
    assert_eq!(shop.count("attempt").await, 1);
    let again = shop.place("same", &body).await;
    assert_eq!((again.status, again.json()), (201, placed[0].clone()));
}

#[actix_web::test]
async fn a_repeated_request_has_the_token_for_a_quarter_of_an_hour() {
    let shop = Fixture::with_gateway().await;
    let first = shop.place("k", &wanted()).await.json();
    shop.clock.advance(15 * MINUTE);
    assert_eq!(shop.place("k", &wanted()).await.json(), first);
    shop.clock.advance(SECOND);
    let later = shop.place("k", &wanted()).await;
    let mut without = first.clone();
    without.as_object_mut().unwrap().remove("view_token");
    assert_eq!((later.status, later.json()), (201, without));
    // After a day the key is new.
    shop.clock.advance(DAY);
    assert_eq!(idempotency::forget_old(&shop.app).await.unwrap(), 1);
    assert_eq!(idempotency::forget_old(&shop.app).await.unwrap(), 0);
    let new = shop.place("k", &wanted()).await.json();
    assert_ne!(new["order_no"], first["order_no"]);
}

#[actix_web::test]
async fn a_key_belongs_to_one_body_and_one_caller() {
    let shop = Fixture::with_gateway().await;
    shop.place("k", &wanted()).await;
    let other = shop.place("k", &wanted_with("quantity", json!(2))).await;
    assert_eq!(
        (other.status, other.problem().as_str()),
        (422, "key-reused")
    );
    // The order of keys and blanks do not make another body.
    let spaced = format!("  {}  ", wanted().to_string().replace(',', " ,\n"));
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let post = actix_web::http::Method::POST;
    let same = shop
        .send(post, "/api/v1/orders", &headers, spaced.as_bytes())
        .await;
    assert_eq!(same.status, 201);
    assert_eq!(shop.count("orders").await, 1);
    for key in ["", "with blank", "ключ", &"k".repeat(201)] {
        let refused = shop.place(key, &wanted()).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (422, "invalid-field")
        );
    }
    // Without a key each request places.
    shop.post("/api/v1/orders", &[], &wanted()).await;
    shop.post("/api/v1/orders", &[], &wanted()).await;
    assert_eq!(shop.count("orders").await, 3);
}

/// A refusal places nothing and leaves the key free.
#[actix_web::test]
async fn a_refused_request_can_be_sent_again_under_its_key() {
    let shop = Fixture::with_gateway().await;
    let refused = shop.place("k", &wanted_with("quantity", json!(11))).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (409, "sold-out")
    );
    assert_eq!(shop.count("idempotency").await, 0);
    assert_eq!(shop.place("k", &wanted()).await.status, 201);
}

/// design.md §8: the process died after the order was written. Within the lease the key waits;
/// after it the same order is taken up, once, and opened by the same token.
#[actix_web::test]
async fn what_a_dead_process_began_goes_on_with_the_same_order() {
    let shop = Fixture::with_gateway().await;
    let first = shop.place("k", &wanted()).await.json();
    let app = &shop.app;
    // As if it had died before it kept its answer.
    app.store
        .write(|db| -> Result<(), crate::store::StoreError> {
            use crate::store::schema::idempotency::dsl;
            use diesel::prelude::*;
            let nothing = (
                dsl::status.eq(None::<i32>),
                dsl::response.eq(None::<Vec<u8>>),
            );
            diesel::update(dsl::idempotency).set(nothing).execute(db)?;
            Ok(())
        })
        .await
        .unwrap();
    let waits = shop.place("k", &wanted()).await;
    assert_eq!(
        (waits.status, waits.problem().as_str()),
        (409, "in-progress")
    );
    shop.clock.advance(60 * SECOND);
    let resumed = shop.place("k", &wanted()).await;
    assert_eq!(resumed.status, 201);
    let resumed = resumed.json();
    assert_eq!(resumed["order_no"], first["order_no"]);
    assert_eq!(resumed["pay"], first["pay"], "no second attempt");
    assert_eq!(resumed["view_token"], first["view_token"]);
    let (no, token) = (text(&first["order_no"]), text(&first["view_token"]));
    assert_eq!(shop.order(no, token).await.status, 200);
    assert_eq!(shop.count("view_token").await, 1);
    assert_eq!(
        (shop.count("orders").await, shop.count("attempt").await),
        (1, 1)
    );
}

/// It died between the order and its attempt: the attempt is opened now.
#[actix_web::test]
async fn an_order_without_an_attempt_gets_one_when_it_is_taken_up() {
    let shop = Fixture::with_gateway().await;
    let (app, sealer) = (&shop.app, &shop.app.sealer);
    let claim = |body: &[u8]| {
        let key = "k".parse().unwrap();
        idempotency::Claim::of_guest(sealer, "POST /test", "203.0.113.9", key, body)
    };
    let idempotency::Begun::Fresh(held) = idempotency::begin(app, &claim(b"x")).await.unwrap()
    else {
        panic!("nobody was first");
    };
    let asked = checkout::Asked {
        variant: "editor-sku".to_owned(),
        quantity: 1,
        email: "buyer@example.com".to_owned(),
        locale: "en".to_owned(),
        fields: Default::default(),
        password: Some(Secret::new("open sesame")),
    };
    let buyer = Buyer {
        ip: "203.0.113.9".parse().unwrap(),
        device: Device::Desktop,
    };
    let placed = checkout::place(app, held.order.clone(), asked.clone(), buyer)
        .await
        .unwrap();
    // The second holder does not know that the first one got so far.
    let bought = crate::web::buy::buy(app, &held.order, false, asked, None, buyer)
        .await
        .unwrap();
    assert_eq!(bought.order.order_no, placed.order.order_no);
    assert!(bought.unpaid.is_none());
    assert_eq!(
        (shop.count("orders").await, shop.count("attempt").await),
        (1, 1)
    );
}

#[actix_web::test]
async fn a_free_order_is_delivered_at_once() {
    let shop = Fixture::without_gateway().await;
    let order = shop
        .place("k", &wanted_with("variant", json!("sample-1y")))
        .await;
    assert_eq!(order.status, 201);
    let order = order.json();
    assert_eq!(
        (&order["state"], &order["amount"]),
        (&json!("delivered"), &json!(0))
    );
    assert_eq!(
        (&order["pay"]["kind"], &order["attempts"]),
        (&json!("none"), &json!([]))
    );
    assert!(order.get("failure").is_none() && order.get("goods").is_none());
    let seen = shop
        .order(text(&order["order_no"]), text(&order["view_token"]))
        .await
        .json();
    assert_eq!(seen["goods"][0]["unit"], 1);
    assert!(text(&seen["goods"][0]["content"]).starts_with("CARD-sample-"));
}

/// Every channel provably refused, or none serves the method: the order is placed all the same.
#[actix_web::test]
async fn an_order_is_kept_when_no_channel_takes_it() {
    let shop = Fixture::without_gateway().await;
    for (method, attempts) in [("alipay", 1), ("paypal", 0)] {
        let reply = shop
            .place(method, &wanted_with("method", json!(method)))
            .await;
        assert_eq!(reply.status, 201);
        let order = reply.json();
        assert_eq!(order["state"], "pending_payment");
        assert_eq!(order["pay"]["kind"], "none");
        assert_eq!(order["pay"]["url"], Value::Null);
        assert_eq!(order["failure"]["class"], "retryable");
        assert!(
            order["failure"]["text"]
                .as_str()
                .is_some_and(|t| t.is_ascii()),
            "{order}"
        );
        assert_eq!(order["attempts"].as_array().unwrap().len(), attempts);
    }
}

/// The channel's answer was lost: nobody knows, so nothing else is tried.
#[actix_web::test]
async fn an_unknown_attempt_is_being_checked() {
    let shop = Fixture::with_gateway().await;
    shop.control("switches", &json!({"create": "malformed"}))
        .await;
    let order = shop.place("k", &wanted()).await;
    assert_eq!(order.status, 201);
    let order = order.json();
    assert_eq!(
        (&order["pay"]["kind"], &order["checking"]),
        (&json!("none"), &json!(true))
    );
    assert_eq!(order["attempts"][0]["state"], "unknown");
    // The same wish again makes no blind second attempt.
    let again = shop
        .act(&order, "attempts", &json!({"method": "alipay"}))
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(shop.count("attempt").await, 1);
}
