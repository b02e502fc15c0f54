//! What programs try that they should not: X16, X20, X21, X22, X47, X66, X68.

use super::{BUYER, ORDERS, orders, problem, stock_up, wanted};
use crate::harness::on_both_engines;
use futures_util::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};

on_both_engines!(
    what_the_shop_decides_is_not_taken_from_a_client,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        for key in [
            "price",
            "amount",
            "total",
            "discount",
            "state",
            "status",
            "currency",
            "seller_id",
            "balance",
            "role",
            "commission",
            "expires_at",
        ] {
            let mut body = wanted(1);
            body[key] = json!(1);
            let reply = shop.try_place(&body).await;
            assert_eq!(problem(&reply, 422), "unknown-field", "{key}");
        }
        assert_eq!(orders(&shop).as_deref(), Some("0"));
        let order = shop.try_place(&wanted(2)).await.expect(201).json();
        assert_eq!(order["amount"], 3980, "the shop's own price");
    }
);

on_both_engines!(numbers_are_not_juggled, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let json = [("content-type", "application/json")];
    for raw in [
        "0",
        "-1",
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
        "6",
        "9223372036854775807",
        "9223372036854775808",
        "1e400",
    ] {
        let body = wanted(1)
            .to_string()
            .replace("\"quantity\":1", &format!("\"quantity\":{raw}"));
        let reply = shop
            .http()
            .send("POST", ORDERS, &json, body.as_bytes())
            .await;
        problem(&reply, 422);
    }
    assert_eq!(orders(&shop).as_deref(), Some("0"));
    // The most of the most expensive thing is still an exact amount.
    let mut body = wanted(9);
    body["variant"] = json!("yacht-1");
    let order = shop.try_place(&body).await.expect(201).json();
    assert_eq!(order["amount"], 900_000_000_000_000_i64);
});

on_both_engines!(limits_hold_over_orders_and_at_once, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let mut body = wanted(1);
    body["variant"] = json!("person-1");
    body["fields"] = json!({"account": "12345"});
    let replies = join_all((0..16).map(|_| shop.try_place(&body))).await;
    let placed = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(placed, 3, "as many as one buyer may");
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(problem(refused, 409), "buyer-limit");
    }
    problem(&shop.try_place(&wanted(6)).await, 422);
    shop.try_place(&wanted(5)).await.expect(201);
    shop.try_place(&wanted(5)).await.expect(201);
    let more = shop.try_place(&wanted(1)).await;
    assert_eq!(problem(&more, 429), "too-many-unpaid");
    assert!(more.header("retry-after").is_some());
});

on_both_engines!(monstrous_bodies_end_at_once, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let deep = format!(
        "{{\"fields\":{}{}}}",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    let members: Vec<String> = (0..10_000).map(|n| format!("\"f{n}\":\"\"")).collect();
    let broad = format!("{{\"fields\":{{{}}}}}", members.join(","));
    let less = format!("{{\"fields\":{{{}}}}}", members[..4_000].join(","));
    let json = [("content-type", "application/json")];
    let began = Instant::now();
    for (body, status) in [(deep, 422), (broad, 413), (less, 422)] {
        let reply = shop
            .http()
            .send("POST", ORDERS, &json, body.as_bytes())
            .await;
        problem(&reply, status);
    }
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    let text = [("content-type", "text/plain")];
    let reply = shop.http().send("POST", ORDERS, &text, b"{}").await;
    assert_eq!(problem(&reply, 415), "not-json");
});

on_both_engines!(nobody_writes_into_the_log, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let evil = "eve\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[31m";
    for (field, value) in [
        ("email", json!(format!("{evil}@example.test"))),
        ("variant", json!(evil)),
        ("locale", json!(evil)),
        ("method", json!(evil)),
        ("fields", json!({"account": evil})),
        ("fields", json!({ evil: "x" })),
        ("password", json!(evil)),
        (evil, json!(1)),
    ] {
        let mut body = wanted(1);
        body[field] = value;
        let reply = shop.try_place(&body).await;
        assert!(
            reply.status == 422 || field == "password",
            "{}",
            reply.text()
        );
    }
    // No header may hold such a byte; the server says so before the API sees it.
    let key = [("idempotency-key", "\u{1b}[31mforged")];
    let reply = shop.http().post_json(ORDERS, &key, &wanted(1)).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    shop.try_order("K7Q2%0AFORGED%1B[31m", "x")
        .await
        .expect(404);
    let log = shop.log();
    assert!(!log.contains('\u{1b}'), "no control sequence: {log}");
    let forged = log
        .lines()
        .any(|line| line.starts_with("{\"level\":\"ERROR\",\"message\":\"forged"));
    assert!(!forged, "no line of a stranger: {log}");
    assert!(!log.contains(BUYER), "no address: {log}");
});
