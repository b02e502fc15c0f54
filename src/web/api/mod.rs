//! The JSON API v1: the shop for programs.
//!
//! Comes in: strict JSON, an order's view token as bearer, an optional `Idempotency-Key`. Goes
//! out: JSON in minor units and RFC 3339 times, or a problem document. `products` lists, `place`
//! places, `orders` does the rest; `openapi` describes all of it. Handlers parse and render:
//! what happens is `checkout`, `buy` and `ask`, shared with the pages. Source: design.md §8.

mod body;
mod openapi;
mod orders;
mod place;
mod products;
mod view;
mod words;

#[cfg(test)]
mod tests;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource};
use serde::Serialize;

use crate::channel::Method;
use crate::web::problem::Problem;
use crate::web::words::Method as Offered;

/// Mounts everything under `/api/v1`. Needs `web::Data<App>`.
pub fn routes(config: &mut ServiceConfig) {
    let order = "/orders/{order_no}";
    config.service(
        web::scope("/api/v1")
            .service(at("/products", "GET").route(web::get().to(products::list)))
            .service(at("/openapi.json", "GET").route(web::get().to(openapi::document)))
            .service(at("/orders", "POST").route(web::post().to(place::place)))
            .service(at(order, "GET").route(web::get().to(orders::show)))
            .service(at(&format!("{order}/attempts"), "POST").route(web::post().to(orders::pay)))
            .service(at(&format!("{order}/cancel"), "POST").route(web::post().to(orders::cancel)))
            .service(at(&format!("{order}/check"), "POST").route(web::post().to(orders::check)))
            .default_service(web::to(no_such_path)),
    );
}

/// A path that takes one method and says so to every other.
fn at(path: &str, method: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let problem = Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This path does not take that method",
            format!("It takes {method}. Nothing was changed."),
        );
        let mut reply = HttpResponse::from_error(problem);
        let allowed = header::HeaderValue::from_static(method);
        reply.headers_mut().insert(header::ALLOW, allowed);
        reply
    }))
}

async fn no_such_path() -> Result<HttpResponse, Problem> {
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "no-such-path",
        "There is nothing here",
        "The API has no such path. /api/v1/openapi.json describes all it has.",
    ))
}

/// A JSON answer.
fn answer<T: Serialize>(status: StatusCode, body: &T) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(body).map_err(|e| Problem::internal(&e))?;
    Ok(answer_bytes(status, body))
}

/// A JSON answer that is bytes already. Nothing of the API may be cached.
fn answer_bytes(status: StatusCode, body: Vec<u8>) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

/// What the buyer wants to pay by; `None` lets the shop choose.
fn wish(method: Option<String>) -> Result<Option<Method>, Problem> {
    let Some(code) = method else { return Ok(None) };
    if code == Offered::Recommended.code() {
        return Ok(None);
    }
    let known = Method::parse(&code);
    known.map(Some).ok_or_else(|| {
        let all: Vec<&str> = Offered::ALL.iter().map(|m| m.code()).collect();
        Problem::invalid("method", &format!("must be one of {}", all.join(", ")))
    })
}
