use std::time::Instant;

use actix_web::http::Method as Verb;
use serde_json::{Value, json};

use super::{wanted, wanted_with};
use crate::catalog;
use crate::money::Minor;
use crate::store::StoreError;
use crate::web::fixture::Fixture;

/// X20, X21: a quantity is a whole number within its limits; nothing else is ever rounded.
#[actix_web::test]
async fn quantities_are_not_juggled() {
    let shop = Fixture::without_gateway().await;
    for raw in [
        "0",
        "-1",
        "-0",
        "1.5",
        "1.0",
        "\"1\"",
        "1e3",
        "0x10",
        "+1",
        "１",
        "\"１\"",
        "true",
        "null",
        "[1]",
        "{}",
        "9223372036854775807",
        "9223372036854775808",
        "1e999",
        "21",
    ] {
        let body = wanted()
            .to_string()
            .replace("\"quantity\":1", &format!("\"quantity\":{raw}"));
        let headers = [("content-type", "application/json")];
        let reply = shop
            .send(Verb::POST, "/api/v1/orders", &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 422, "{raw}");
        reply.problem();
    }
    assert_eq!(shop.count("orders").await, 0);
}

/// X21: an amount that does not fit is refused, never wrapped.
#[actix_web::test]
async fn an_amount_does_not_overflow() {
    let shop = Fixture::without_gateway().await;
    let priced = shop.app.store.write(|db| -> Result<(), StoreError> {
        let setup = "setup-sku";
        let mut dear = catalog::store::variant_by_sku(db, setup)?.expect("it is there");
        (dear.price, dear.buyer_limit) = (Minor(i64::MAX / 2), None);
        catalog::store::put_variant(db, &dear)
    });
    priced.await.unwrap();
    for (quantity, status) in [(3, 422), (2, 201)] {
        let body = json!({"variant": "setup-1y", "quantity": quantity, "email": "a@b.cn",
            "fields": {"account": "12345"}});
        let reply = shop.place(&quantity.to_string(), &body).await;
        assert_eq!(reply.status, status, "{}", reply.json());
    }
}

/// X16, X47: what the shop decides is not the client's to send.
#[actix_web::test]
async fn nothing_beyond_the_request_is_taken() {
    let shop = Fixture::without_gateway().await;
    for (key, value) in [
        ("price", json!(1)),
        ("amount", json!(0)),
        ("state", json!("delivered")),
        ("seller_id", json!("me")),
        ("discount", json!(100)),
        ("currency", json!("JPY")),
        ("Price", json!(1)),
        ("__proto__", json!({"amount": 0})),
    ] {
        let reply = shop.place("k", &wanted_with(key, value)).await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (422, "unknown-field"),
            "{key}"
        );
        assert_eq!(reply.json()["field"], key);
    }
    // Beside `quantity` it is the same key twice.
    let twice = shop.place("k", &wanted_with("Quantity", json!(1))).await;
    assert_eq!(
        (twice.status, twice.problem().as_str()),
        (422, "malformed-body")
    );
    assert_eq!(shop.count("orders").await, 0);
}

#[actix_web::test]
async fn a_wrong_field_is_named() {
    let shop = Fixture::without_gateway().await;
    for (field, value, named) in [
        ("variant", json!("nothing"), "variant"),
        ("variant", json!("edit\u{0}or"), "variant"),
        ("variant", json!(7), "variant"),
        ("email", json!("not an address"), "email"),
        ("email", json!("a@b.cn\r\nBcc: c@d.cn"), "email"),
        ("method", json!("cash"), "method"),
        ("locale", json!("fr"), "locale"),
        ("locale", json!(1), "locale"),
        ("fields", json!({"note": "x"}), "fields.note"),
        ("fields", json!({"Not Plain": "x"}), "fields"),
        ("fields", json!([]), "fields"),
        ("password", json!("abc"), "password"),
        ("quantity", Value::Null, "quantity"),
    ] {
        let reply = shop.place("k", &wanted_with(field, value.clone())).await;
        assert_eq!(reply.status, 422, "{field} {value}");
        assert_eq!(reply.json()["field"], named, "{field} {value}");
    }
    let setup = json!({"variant": "setup-1y", "quantity": 1, "email": "a@b.cn"});
    let reply = shop.place("k", &setup).await;
    assert_eq!(reply.json()["field"], "fields.account");
    for missing in ["variant", "quantity", "email"] {
        let mut body = wanted();
        body.as_object_mut().unwrap().remove(missing);
        let reply = shop.place("k", &body).await;
        assert_eq!(
            (reply.status, &reply.json()["field"]),
            (422, &json!(missing))
        );
    }
    assert_eq!(
        (shop.count("orders").await, shop.count("idempotency").await),
        (0, 0)
    );
}

/// X22, X29: limits of a variant and of what unpaid orders may hold.
#[actix_web::test]
async fn limits_have_their_own_answers() {
    let shop = Fixture::without_gateway().await;
    let setup = |quantity: i64| {
        json!({"variant": "setup-1y", "quantity": quantity, "email": "a@b.cn",
            "fields": {"account": "12345"}})
    };
    assert_eq!(shop.place("a", &setup(2)).await.status, 201);
    let reply = shop.place("b", &setup(1)).await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (409, "buyer-limit")
    );
    let all = wanted_with("quantity", json!(10));
    assert_eq!(shop.place("c", &all).await.status, 201);
    let more = wanted_with("variant", json!("sample-1y"));
    let reply = shop.place("d", &more).await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (429, "too-many-unpaid")
    );
    assert_eq!(reply.header("retry-after"), Some("60"));
    assert_eq!(reply.json()["retry_after"], 60);
}

/// X68: depth, breadth and size end early.
#[actix_web::test]
async fn monstrous_bodies_are_refused_at_once() {
    let shop = Fixture::without_gateway().await;
    let began = Instant::now();
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let broad: String = (0..10_000).map(|n| format!("\"{n}\":0,")).collect();
    let long = format!("{{\"variant\":\"{}\"}}", "x".repeat(70_000));
    for (body, status) in [
        (format!("{{\"fields\":{deep}}}"), 422),
        (deep, 422),
        (format!("{{\"fields\":{{{broad}\"a\":0}}}}"), 413),
        (
            format!(
                "{{{}\"a\":0}}",
                &broad[..broad[..60_000].rfind('"').unwrap() - 10]
            ),
            422,
        ),
        (long, 413),
        ("{\"variant\":\"a\",\"variant\":\"b\"}".to_owned(), 422),
        ("{".to_owned(), 422),
        (String::new(), 422),
    ] {
        let headers = [("content-type", "application/json")];
        let reply = shop
            .send(Verb::POST, "/api/v1/orders", &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, status, "{:.60}", body);
        reply.problem();
    }
    assert!(began.elapsed().as_secs() < 5);
}

#[actix_web::test]
async fn only_json_and_only_known_paths() {
    let shop = Fixture::without_gateway().await;
    let body = wanted().to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let headers = [("content-type", kind)];
        let reply = shop
            .send(Verb::POST, "/api/v1/orders", &headers, body.as_bytes())
            .await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (415, "not-json"),
            "{kind}"
        );
    }
    let headers = [("content-type", "application/json; charset=utf-8")];
    let reply = shop
        .send(Verb::POST, "/api/v1/orders", &headers, body.as_bytes())
        .await;
    assert_eq!(reply.status, 201);
    let reply = shop.send(Verb::GET, "/api/v1/orders", &[], b"").await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (405, "method-not-allowed")
    );
    assert_eq!(reply.header("allow"), Some("POST"));
    let reply = shop.send(Verb::GET, "/api/v1/order", &[], b"").await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (404, "no-such-path")
    );
}
