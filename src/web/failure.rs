//! What a visitor sees when a page cannot be made: what happened, what was kept, what to do
//! next, and a request id. The cause goes to the log alone. Pages of a failure of ours are made
//! when the shop starts: they need neither the database nor a template (ui.md §4).

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::risk::Wait;
use crate::settings::Settings;
use crate::store::StoreError;
use crate::web::admin::{SignedIn, frame};
use crate::web::layout::Layout;
use crate::web::pages::failure::{Failure, FailurePage};
use crate::web::visitor::{self, Visitor};
use crate::web::words::Lang;

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
    if matches!(failure, Failure::Internal | Failure::Unavailable) && detail.is_none() {
        let prepared = request.app_data::<web::Data<Prepared>>();
        let lang = Visitor::lang_of(request);
        let id = request_id(request);
        return match prepared {
            Some(prepared) => prepared.page(failure, lang, &id),
            None => Prepared::of(&app.live().settings).page(failure, lang, &id),
        };
    }
    tell(request, app, failure, detail, retry_after(failure))
}

fn tell(
    request: &HttpRequest,
    app: &App,
    failure: Failure,
    detail: Option<String>,
    retry_after: Option<u64>,
) -> HttpResponse {
    let signed = request.extensions().get::<SignedIn>().cloned();
    if let Some(signed) = signed {
        return frame::fail(request, app, &signed, failure, (detail, retry_after));
    }
    let visitor = Visitor::of(request, app);
    let status = status_of(failure);
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

fn status_of(failure: Failure) -> StatusCode {
    StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

fn retry_after(failure: Failure) -> Option<u64> {
    match failure {
        Failure::TooMany => Some(60),
        Failure::Unavailable => Some(5),
        _ => None,
    }
}

/// The pages of failures of ours, as bytes: what stands before the request id, and after it.
#[derive(Debug)]
pub struct Prepared(Vec<(Failure, Lang, String, String)>);

impl Prepared {
    /// Makes them under these settings.
    pub fn of(settings: &Settings) -> Self {
        /// No name, note or colour of a shop holds this.
        const HERE: &str = "\u{1}here goes the request id\u{1}";
        let mut pages = Vec::new();
        for failure in [Failure::Internal, Failure::Unavailable] {
            for lang in [Lang::Zh, Lang::En] {
                let name = visitor::shop_name(settings, lang);
                let mut layout = Layout::new(lang, name, failure.title(lang.words()), "/");
                visitor::dress(&mut layout, settings);
                let page = FailurePage {
                    layout,
                    failure,
                    detail: None,
                    retry_after: retry_after(failure),
                    request_id: HERE.to_owned(),
                };
                let html = page.render().unwrap_or_else(|cause| {
                    tracing::error!(%cause, "the failure page itself failed");
                    format!("{} {HERE}", failure.title(lang.words()))
                });
                let (before, after) = html.split_once(HERE).unwrap_or((&html, ""));
                pages.push((failure, lang, before.to_owned(), after.to_owned()));
            }
        }
        Prepared(pages)
    }

    /// One of them.
    pub fn page(&self, failure: Failure, lang: Lang, request_id: &str) -> HttpResponse {
        let wanted = self.0.iter().find(|(f, l, ..)| *f == failure && *l == lang);
        let html = wanted.map(|(_, _, before, after)| format!("{before}{request_id}{after}"));
        let mut response = HttpResponse::build(status_of(failure));
        if let Some(seconds) = retry_after(failure) {
            response.insert_header(("retry-after", seconds.to_string()));
        }
        response
            .insert_header(("cache-control", "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(html.unwrap_or_default())
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
    crate::fault::point("before_page");
    match page.render() {
        Ok(html) => own_page(visitor, html),
        Err(cause) => internal(request, app, &cause),
    }
}

/// A page that carries the form token of one visitor, in their language: a cache between us must
/// not give it to another (X62).
pub fn own_page(visitor: &Visitor, html: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header(("cache-control", "private, no-cache"));
    visitor.page(response, html)
}
