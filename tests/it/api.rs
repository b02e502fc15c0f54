//! The API as programs meet it: what it refuses, what it does once, what it never tells.

mod hostile;

use crate::harness::{Reply, Sandbox, TestShop, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-api-0123456789abcdef";
const BUYER: &str = "program@example.test";
const ORDERS: &str = "/api/v1/orders";

/// `key`: twenty cards, five for each order; `person`: delivered by hand, asks for an account,
/// three for each buyer; `yacht`: at the highest price there is.
async fn stock_up(shop: &TestShop) -> Sandbox {
    let gateway = Sandbox::start().await;
    gateway.merchant(json!({"id": "m1", "key": KEY})).await;
    let cards: String = (0..20).map(|n| format!("API-{n:04}-SECRET\n")).collect();
    shop.write_file("cards.txt", cards);
    let url = gateway.url();
    let product = |slug: &str, delivery: &str, more: &str, variant: &str| {
        format!(
            r#"
[[product]]
slug = "{slug}"
category = "goods"
name = {{ zh = "商品 {slug}", en = "Product {slug}" }}
delivery = "{delivery}"
{more}
[[product.variant]]
sku = "{slug}-1"
currency = "CNY"
{variant}
"#
        )
    };
    let field = r#"
[[product.field]]
key = "account"
label_zh = "账号"
label_en = "Account"
kind = "text"
required = true
"#;
    let goods = [
        product("key", "card_pool", "", "price = 1990\nmax_quantity = 5"),
        product("person", "manual", field, "price = 500\nbuyer_limit = 3"),
        product(
            "yacht",
            "manual",
            "",
            "price = 100000000000000\nmax_quantity = 9",
        ),
    ]
    .concat();
    shop.apply(&format!(
        r#"
[shop]
name = "测试店"
currency = "CNY"

[[category]]
slug = "goods"
name = {{ zh = "商品", en = "Goods" }}
{goods}
[[cards]]
variant = "key-1"
file = "cards.txt"

[[channel_account]]
id = "sandbox-1"
kind = "sandbox"
state = "enabled"
methods = ["alipay", "wechat"]
base_url = "{url}"
priority = 1
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"
"#
    ))
    .await;
    gateway
}

fn wanted(quantity: i64) -> Value {
    json!({"variant": "key-1", "quantity": quantity, "email": BUYER, "method": "alipay",
        "locale": "en", "fields": {}})
}

/// The problem's word, after checking that the answer is a problem document of this status.
#[track_caller]
fn problem(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status, status, "{}", reply.text());
    let kind = reply.header("content-type").unwrap_or_default();
    assert_eq!(kind, "application/problem+json", "{}", reply.text());
    let word = reply.json()["type"].as_str().map(str::to_owned);
    let word = word.expect("a problem has a type");
    word.rsplit(':').next().expect("a word").to_owned()
}

fn orders(shop: &TestShop) -> Option<String> {
    shop.scalar("SELECT CAST(count(*) AS TEXT) AS value FROM orders")
}

async fn act(shop: &TestShop, order: &Value, action: &str, body: &Value) -> Reply {
    let [no, token] = ["order_no", "view_token"].map(|key| order[key].as_str().expect("a text"));
    let bearer = format!("Bearer {token}");
    let path = format!("{ORDERS}/{no}/{action}");
    let headers = [("authorization", bearer.as_str())];
    shop.http().post_json(&path, &headers, body).await
}

on_both_engines!(what_is_on_sale_is_listed, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let english = [("accept-language", "en")];
    let list = shop.http().send("GET", "/api/v1/products", &english, b"");
    let list = list.await.expect(200);
    assert_eq!(list.header("cache-control"), Some("no-store"));
    let list = list.json();
    let of = |slug: &str| {
        let all = list["products"].as_array().expect("a list");
        let found = all.iter().find(|product| product["slug"] == slug);
        found.expect("the product").clone()
    };
    let key = of("key");
    assert_eq!(key["name"], "Product key");
    let variant = &key["variants"][0];
    assert_eq!(
        (&variant["price"], &variant["currency"]),
        (&json!(1990), &json!("CNY"))
    );
    assert_eq!(
        (&variant["available"], &variant["max_quantity"]),
        (&json!(20), &json!(5))
    );
    assert_eq!(of("person")["variants"][0]["available"], Value::Null);
    let document = shop
        .http()
        .get("/api/v1/openapi.json")
        .await
        .expect(200)
        .json();
    assert!(document["paths"]["/api/v1/orders/{order_no}/attempts"].is_object());
});

on_both_engines!(equal_requests_at_once_place_one_order, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let body = wanted(2);
    let headers = [("idempotency-key", "one-and-the-same")];
    let sent = (0..64).map(|_| shop.http().post_json(ORDERS, &headers, &body));
    let mut placed = Vec::new();
    for reply in join_all(sent).await {
        match reply.status {
            201 => placed.push(reply.json()),
            _ => {
                assert_eq!(problem(&reply, 409), "in-progress");
                assert!(reply.header("retry-after").is_some());
            }
        }
    }
    assert!(!placed.is_empty(), "somebody was first");
    assert!(
        placed.iter().all(|order| *order == placed[0]),
        "one answer for all"
    );
    assert_eq!(orders(&shop).as_deref(), Some("1"));
    let again = shop.http().post_json(ORDERS, &headers, &body).await;
    assert_eq!(again.expect(201).json(), placed[0]);
    let other = shop.http().post_json(ORDERS, &headers, &wanted(1)).await;
    assert_eq!(problem(&other, 422), "key-reused");
    // A quarter of an hour later the token is not told again.
    shop.advance_clock(Duration::from_secs(16 * 60));
    let later = shop.http().post_json(ORDERS, &headers, &body).await;
    let later = later.expect(201).json();
    assert_eq!(later["order_no"], placed[0]["order_no"]);
    assert!(later.get("view_token").is_none(), "{later}");
});

on_both_engines!(
    a_wrong_token_and_no_order_get_the_same_bytes,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = shop.try_place(&wanted(1)).await.expect(201).json();
        let no = order["order_no"].as_str().expect("a number");
        let token = order["view_token"].as_str().expect("a token");
        shop.try_order(no, token).await.expect(200);
        let told = shop.try_order(no, "AAAAAAAAAAAAAAAAAAAAAA").await;
        assert_eq!(problem(&told, 404), "no-such-order");
        for (no, token) in [("2222-2222-2222", token), ("x", token), (no, "x")] {
            let reply = shop.try_order(no, token).await;
            assert_eq!(
                (reply.status, &reply.body),
                (404, &told.body),
                "{no} {token}"
            );
        }
        for action in ["attempts", "cancel", "check"] {
            let stranger = json!({"order_no": no, "view_token": "AAAAAAAAAAAAAAAAAAAAAA"});
            let reply = act(&shop, &stranger, action, &json!({})).await;
            assert_eq!((reply.status, &reply.body), (404, &told.body), "{action}");
        }
    }
);

on_both_engines!(an_order_is_cancelled_once_and_for_all, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let order = shop.try_place(&wanted(3)).await.expect(201).json();
    for _ in 0..2 {
        let reply = act(&shop, &order, "cancel", &json!({})).await.expect(200);
        assert_eq!(reply.json()["state"], "cancelled");
        assert_eq!(reply.json()["pay"]["kind"], "none");
    }
    let reply = act(&shop, &order, "attempts", &json!({"method": "wechat"})).await;
    assert_eq!(problem(&reply, 409), "not-payable");
});

on_both_engines!(another_method_pays_the_same_order, |shop| async move {
    let gateway = stock_up(&shop).await;
    // Only asking finds the money.
    gateway.switch(json!({"callback": "none"})).await;
    let order = shop.try_place(&wanted(1)).await.expect(201).json();
    let same = act(&shop, &order, "attempts", &json!({"method": "alipay"})).await;
    assert_eq!(same.expect(200).json()["pay"], order["pay"]);
    let other = act(&shop, &order, "attempts", &json!({"method": "wechat"})).await;
    let other = other.expect(201).json();
    assert_eq!(other["pay"]["attempt"], 2);
    assert_eq!(other["attempts"].as_array().map(Vec::len), Some(2));
    gateway
        .pay(other["pay"]["url"].as_str().expect("a page"))
        .await;
    let paid = act(&shop, &order, "check", &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(paid["state"], "delivered");
    assert_eq!(paid["goods"][0]["unit"], 1);
    let refused = act(&shop, &order, "cancel", &json!({})).await;
    assert_eq!(problem(&refused, 409), "already-paid");
});
