//! `GET /api/v1/openapi.json`: the API described for machines, made from the code itself.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{answer_bytes, orders, place, products};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vendgate API",
        version = "1",
        description = "Buy digital goods: list them, place an order, pay it, fetch the goods. \
            Guests need no key; an order is opened by the view token that placing it returned, \
            sent as `Authorization: Bearer`. Amounts are whole minor units (分, cents); times \
            are RFC 3339 in UTC; unknown fields are refused. Every error is a problem document \
            (RFC 9457): compare its `type`. Answers are never cached; each carries an \
            `X-Request-Id` to name when you ask the shop for help.",
    ),
    paths(
        products::list,
        place::place,
        orders::show,
        orders::pay,
        orders::cancel,
        orders::check,
    ),
    tags(
        (name = "catalogue", description = "What is on sale"),
        (name = "orders", description = "Placing, paying and receiving"),
    ),
    modifiers(&Tokens),
)]
struct Api;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = openapi.components.as_mut() {
            let mut token = Http::new(HttpAuthScheme::Bearer);
            token.description = Some("The order's view token".to_owned());
            components.add_security_scheme("view_token", SecurityScheme::Http(token));
        }
    }
}

static DOCUMENT: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&Api::openapi()).unwrap_or_default());

/// The document.
pub(super) async fn document() -> HttpResponse {
    answer_bytes(StatusCode::OK, DOCUMENT.clone())
}
