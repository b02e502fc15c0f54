//! The API in one process, on a temporary database, with the sandbox gateway beside it.

mod orders;
mod placing;
mod refusals;
mod shelves;

use actix_web::http::Method as Verb;
use actix_web::{App as Server, test, web};
use serde_json::{Value, json};

use crate::web::fixture::Fixture;

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The word of a problem document, after checking that it is one.
    pub(super) fn problem(&self) -> String {
        let document = self.json();
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(document["status"], self.status, "{document}");
        assert!(document["detail"].as_str().is_some_and(|d| !d.is_empty()));
        let kind = document["type"].as_str().unwrap();
        kind.strip_prefix("urn:vendgate:problem:")
            .unwrap()
            .to_owned()
    }
}

impl Fixture {
    /// Sends any request.
    pub(super) async fn send(
        &self,
        verb: Verb,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let data = web::Data::from(std::sync::Arc::clone(&self.app));
        let server = Server::new().app_data(data).configure(super::routes);
        let server = test::init_service(server).await;
        let mut request = test::TestRequest::with_uri(path)
            .method(verb)
            .peer_addr("203.0.113.9:40000".parse().unwrap())
            .set_payload(body.to_vec());
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        let reply = test::call_service(&server, request.to_request()).await;
        let status = reply.status().as_u16();
        let headers = reply.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        Reply {
            status,
            headers,
            body: test::read_body(reply).await.to_vec(),
        }
    }

    /// POST of JSON.
    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let body = body.to_string();
        self.send(Verb::POST, path, &headers, body.as_bytes()).await
    }

    /// Places an order, with a key.
    pub(super) async fn place(&self, key: &str, body: &Value) -> Reply {
        self.post("/api/v1/orders", &[("idempotency-key", key)], body)
            .await
    }

    /// The order as its bearer sees it.
    pub(super) async fn order(&self, no: &str, token: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let path = format!("/api/v1/orders/{no}");
        self.send(Verb::GET, &path, &[("authorization", &bearer)], b"")
            .await
    }

    /// POST to a path below an order, as its bearer.
    pub(super) async fn act(&self, order: &Value, action: &str, body: &Value) -> Reply {
        let path = format!("/api/v1/orders/{}/{action}", text(&order["order_no"]));
        let bearer = format!("Bearer {}", text(&order["view_token"]));
        self.post(&path, &[("authorization", &bearer)], body).await
    }
}

/// One unit of the product with cards.
pub(super) fn wanted() -> Value {
    json!({"variant": "editor-1y", "quantity": 1, "email": "buyer@example.com",
        "method": "alipay", "locale": "en", "fields": {}})
}

/// [`wanted`] with one field changed.
pub(super) fn wanted_with(field: &str, value: Value) -> Value {
    let mut body = wanted();
    body[field] = value;
    body
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
