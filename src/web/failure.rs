//! What a visitor sees when a page cannot be made: what happened, what was kept, what to do
//! next, and a request id. The cause goes to the log alone.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use crate::app::App;
use crate::risk::Wait;
use crate::store::StoreError;
use crate::web::pages::failure::{Failure, FailurePage};
use crate::web::visitor::Visitor;

/// The id of a request, in every answer and every log line of it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The id of this request.
pub fn request_id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// The page for a failure; `detail` says more where there is more to say.
pub fn page(
    request: &HttpRequest,
    app: &App,
    failure: Failure,
    detail: Option<String>,
) -> HttpResponse {
    let retry_after = match failure {
        Failure::TooMany => Some(60),
        Failure::Unavailable => Some(5),
        _ => None,
    };
    tell(request, app, failure, detail, retry_after)
}

fn tell(
    request: &HttpRequest,
    app: &App,
    failure: Failure,
    detail: Option<String>,
    retry_after: Option<u64>,
) -> HttpResponse {
    let visitor = Visitor::of(request, app);
    let status = StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let page = FailurePage {
        layout: visitor.layout(failure.title(visitor.words())),
        failure,
        detail,
        retry_after,
        request_id: request_id(request),
    };
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = retry_after {
        response.insert_header(("retry-after", seconds.to_string()));
    }
    response.insert_header(("cache-control", "no-store"));
    match page.render() {
        Ok(html) => visitor.page(response, html),
        Err(cause) => {
            tracing::error!(%cause, "the failure page itself failed");
            response.body("error")
        }
    }
}

/// The page for a request past a limit: what to do, and after how many seconds. Programs get the
/// same as a [`Problem`](crate::web::problem::Problem).
pub fn too_many(request: &HttpRequest, app: &App, wait: Wait) -> HttpResponse {
    tell(request, app, Failure::TooMany, None, Some(wait.seconds()))
}

/// The page for a database that failed: overloaded or away (try again), or a defect.
pub fn store(request: &HttpRequest, app: &App, error: &StoreError) -> HttpResponse {
    if error.is_unavailable() {
        tracing::warn!(cause = %error, "the database is away or overloaded");
        return page(request, app, Failure::Unavailable, None);
    }
    internal(request, app, error)
}

/// The page for a defect.
pub fn internal(request: &HttpRequest, app: &App, cause: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%cause, path = request.path(), "a page failed");
    page(request, app, Failure::Internal, None)
}

/// The page that is not there.
pub fn not_found(request: &HttpRequest, app: &App) -> HttpResponse {
    page(request, app, Failure::NotFound, None)
}

/// Renders a page, or tells the failure.
pub fn render(
    request: &HttpRequest,
    app: &App,
    visitor: &Visitor,
    page: &impl Template,
) -> HttpResponse {
    match page.render() {
        Ok(html) => visitor.page(HttpResponse::Ok(), html),
        Err(cause) => internal(request, app, &cause),
    }
}
