use actix_web::http::Method as Verb;
use serde_json::{Value, json};

use crate::web::fixture::Fixture;
use crate::{order, web};

#[actix_web::test]
async fn products_are_listed_in_the_language_asked_for() {
    let shop = Fixture::without_gateway().await;
    let list = async |path: &str, accept: &str| {
        let reply = shop
            .send(Verb::GET, path, &[("accept-language", accept)], b"")
            .await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        reply.json()["products"].clone()
    };
    let products = list("/api/v1/products", "en-GB").await;
    let of = |slug: &str| -> Value {
        let all = products.as_array().unwrap();
        all.iter()
            .find(|product| product["slug"] == slug)
            .unwrap()
            .clone()
    };
    let editor = of("editor");
    assert_eq!(editor["name"], "Editor");
    assert_eq!(editor["delivery"], "card_pool");
    let wanted = json!([{"id": "editor-1y", "sku": "editor-sku", "name": "Editor",
        "price": 1990, "currency": "CNY", "available": 10, "min_quantity": 1,
        "max_quantity": 20}]);
    assert_eq!(editor["variants"], wanted);
    let setup = of("setup");
    assert_eq!(
        setup["variants"][0]["available"],
        Value::Null,
        "a person delivers"
    );
    assert_eq!(setup["fields"][0]["key"], "account");
    assert_eq!(list("/api/v1/products", "fr").await[0]["name"], "编辑器");
    assert_eq!(
        list("/api/v1/products?locale=zh-CN", "en").await[0]["name"],
        "编辑器"
    );
    assert_eq!(
        list("/api/v1/products?locale=en", "zh").await[0]["name"],
        "Editor"
    );
}

#[actix_web::test]
async fn the_document_describes_every_path_answer_and_word() {
    let shop = Fixture::without_gateway().await;
    let reply = shop.send(Verb::GET, "/api/v1/openapi.json", &[], b"").await;
    assert_eq!(reply.status, 200);
    let document = reply.json();
    for (path, verb, codes) in [
        ("/api/v1/products", "get", "200 503"),
        ("/api/v1/orders", "post", "201 409 413 415 422 429 503"),
        ("/api/v1/orders/{order_no}", "get", "200 404 429 503"),
        (
            "/api/v1/orders/{order_no}/attempts",
            "post",
            "200 201 404 409 413 415 422 429 503",
        ),
        (
            "/api/v1/orders/{order_no}/cancel",
            "post",
            "200 404 409 413 415 422 429 503",
        ),
        (
            "/api/v1/orders/{order_no}/check",
            "post",
            "200 404 413 415 422 429 503",
        ),
    ] {
        let told = document["paths"][path][verb]["responses"]
            .as_object()
            .unwrap();
        let told: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(told.join(" "), codes, "{path}");
    }
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["OrderState"]["enum"], json!(order::State::ALL));
    let wishes = web::words::Method::ALL.map(|method| method.code());
    assert_eq!(schemas["MethodWish"]["enum"], json!(wishes));
    for name in [
        "OrderView",
        "Problem",
        "NewOrder",
        "NewAttempt",
        "ProductList",
    ] {
        assert!(schemas[name].is_object(), "{name} is described");
    }
    // Whatever is referred to is there.
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            schemas[name].is_object(),
            "{name} is referred to and missing"
        );
    }
}
