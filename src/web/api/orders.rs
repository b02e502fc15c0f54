//! An order that exists: seen, paid another way, cancelled, asked about.
//!
//! All of it needs the order's view token. A wrong token and an order that does not exist get
//! the same answer after the same single look-up (X12).

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::ToSchema;

use super::words::Wishes;
use super::{answer, body, view, wish};
use crate::app::App;
use crate::ids::{OrderId, OrderNo, ViewToken};
use crate::order::{self, Order, State};
use crate::payment;
use crate::web::problem::Problem;
use crate::web::whole::whole;
use crate::web::{ask, checkout, client};

use view::OrderView;

/// How to pay an order that is not paid yet.
#[derive(ToSchema)]
#[schema(as = NewAttempt)]
#[expect(
    dead_code,
    reason = "documents the body; the handler reads it field by field"
)]
pub(super) struct NewAttempt {
    /// What to pay by; `recommended` if it is left out.
    #[schema(value_type = Option<Wishes>)]
    method: Option<String>,
}

/// An object without any key: `{}`.
#[derive(ToSchema)]
#[schema(as = Nothing)]
pub(super) struct Nothing {}

/// The order as it is now, with its goods once they are delivered.
#[utoipa::path(
    get,
    path = "/api/v1/orders/{order_no}",
    tag = "orders",
    params(("order_no" = String, Path, description = "The order's number")),
    security(("view_token" = [])),
    responses(
        (status = 200, description = "The order", body = OrderView),
        (status = 404, description = "No such order, or not its token", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The shop cannot answer just now", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    no: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let order = find(&app, &request, &no).await?;
    shown(&app, StatusCode::OK, &order.id).await
}

/// Opens another attempt to pay the same order, by any method.
///
/// If the newest attempt is by the method that is asked for and can still be paid, it is
/// answered again with 200 and nothing new is made. An older attempt stays payable at its
/// channel until it is closed there; money that comes twice is given back.
#[utoipa::path(
    post,
    path = "/api/v1/orders/{order_no}/attempts",
    tag = "orders",
    params(("order_no" = String, Path, description = "The order's number")),
    security(("view_token" = [])),
    request_body = NewAttempt,
    responses(
        (status = 200, description = "The newest attempt is by this method and still payable",
            body = OrderView),
        (status = 201, description = "The order; `pay` tells how to pay, or `failure` why not",
            body = OrderView),
        (status = 404, description = "No such order, or not its token", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "The order takes no payment now, or has had too many \
            attempts", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 64 KiB", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "A field is wrong or not asked for", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "No channel takes this method now, or the shop cannot \
            answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn pay(
    app: web::Data<App>,
    request: HttpRequest,
    no: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut body = body::read(&request, payload).await?;
    let method = wish(body.text("method")?)?;
    body.finish()?;
    let order = find(&app, &request, &no).await?;
    let now = app.clock.now();
    if !order.state.is_payable() || now >= order.expires_at {
        return Err(Problem::not_payable());
    }
    let id = order.id.clone();
    let attempts = app
        .store
        .read(move |db| payment::store::attempts_of(db, &id))
        .await?;
    if ask::still_good(&attempts, method, now).is_some() {
        return shown(&app, StatusCode::OK, &order.id).await;
    }
    let buyer = client::buyer(&request, &app.config);
    let network = client::network_of(buyer.ip);
    app.limits.placement(&network, &order.email_hash).await?;
    let (shop, id) = (Arc::clone(&app), order.id.clone());
    whole(async move { checkout::pay(&shop, &order, method, buyer).await }).await??;
    shown(&app, StatusCode::CREATED, &id).await
}

/// Gives an unpaid order up: its stock is free again. Again and again is the same.
#[utoipa::path(
    post,
    path = "/api/v1/orders/{order_no}/cancel",
    tag = "orders",
    params(("order_no" = String, Path, description = "The order's number")),
    security(("view_token" = [])),
    request_body = Nothing,
    responses(
        (status = 200, description = "The order, cancelled or expired", body = OrderView),
        (status = 404, description = "No such order, or not its token", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "It is paid: ask the shop for a refund", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 64 KiB", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "A field is not asked for", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The shop cannot answer just now", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(
    app: web::Data<App>,
    request: HttpRequest,
    no: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let view = acted(&app, &request, &no, payload, |shop, order| async move {
        if order.state.is_payable() {
            payment::cancel(&shop.till(), &order.id, "buyer").await?;
        }
        Ok(())
    })
    .await?;
    match view.state() {
        State::Cancelled | State::Expired => answer(StatusCode::OK, &view),
        State::PendingPayment => Err(Problem::unavailable()),
        _ => Err(Problem::already_paid()),
    }
}

/// Asks the channels now whether the order is paid ("I have paid"), at most once in two seconds
/// for each attempt, and answers with the order.
#[utoipa::path(
    post,
    path = "/api/v1/orders/{order_no}/check",
    tag = "orders",
    params(("order_no" = String, Path, description = "The order's number")),
    security(("view_token" = [])),
    request_body = Nothing,
    responses(
        (status = 200, description = "The order", body = OrderView),
        (status = 404, description = "No such order, or not its token", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 64 KiB", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "A field is not asked for", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The shop cannot answer just now", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn check(
    app: web::Data<App>,
    request: HttpRequest,
    no: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let view = acted(&app, &request, &no, payload, |shop, order| async move {
        ask::ask_now(&shop, &order, payment::Source::Query).await
    });
    answer(StatusCode::OK, &view.await?)
}

/// Does something to the order that the request's token opens, to its end, and tells how the
/// order is then. The body says nothing.
async fn acted<F, W>(
    app: &Arc<App>,
    request: &HttpRequest,
    no: &str,
    payload: web::Payload,
    act: F,
) -> Result<OrderView, Problem>
where
    F: FnOnce(Arc<App>, Order) -> W,
    W: Future<Output = Result<(), payment::Error>> + Send + 'static,
{
    body::read(request, payload).await?.finish()?;
    let order = find(app, request, no).await?;
    let id = order.id.clone();
    whole(act(Arc::clone(app), order)).await??;
    view::load(app, &id).await
}

/// An order as it is now.
async fn shown(app: &App, status: StatusCode, id: &OrderId) -> Result<HttpResponse, Problem> {
    answer(status, &view::load(app, id).await?)
}

/// The order that the request's token opens. Misses are rationed, and never delay whoever has a
/// token that opens (X12).
async fn find(app: &App, request: &HttpRequest, no: &str) -> Result<Order, Problem> {
    // What cannot be a number or a token needs no look-up: it says nothing about any order.
    let (Ok(no), Some(token)) = (no.parse::<OrderNo>(), bearer(request)) else {
        return Err(miss(app, request).await);
    };
    let hash = token.hash();
    let found = app
        .store
        .read(move |db| order::store::by_token(db, &no, &hash))
        .await?;
    let Some(order) = found else {
        return Err(miss(app, request).await);
    };
    let network = client::network(request, &app.config);
    app.limits.status(&network).await?;
    Ok(order)
}

/// The answer to a number and a token that open nothing.
async fn miss(app: &App, request: &HttpRequest) -> Problem {
    let network = client::network(request, &app.config);
    match app.limits.lookup(&network).await {
        Ok(()) => Problem::no_such_order(),
        Err(wait) => wait.into(),
    }
}

fn bearer(request: &HttpRequest) -> Option<ViewToken> {
    let value = request.headers().get(header::AUTHORIZATION)?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    ViewToken::from_client(token.trim())
}
