//! The HTTP server: what every answer carries, and how it starts and stops.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{App as Actix, HttpMessage, HttpResponse, HttpServer, web};
use futures_util::FutureExt as _;
use tracing::Instrument;

use crate::app::App;
use crate::random::Random;
use crate::web::arrival::{self, Held};
use crate::web::failure::{Prepared, RequestId};
use crate::web::live::Live;
use crate::web::pages::failure::Failure;
use crate::web::routes;
use crate::web::visitor::Visitor;

/// Nothing inline, nothing from elsewhere (ui.md §2).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the shop on sockets that are bound already. Resolves when the server has stopped.
pub fn serve(
    app: Arc<App>,
    live: Arc<Live>,
    listener: std::net::TcpListener,
) -> std::io::Result<Server> {
    let failures = web::Data::new(Prepared::of(&app.live().settings));
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(failures.clone())
            .app_data(web::Data::from(Arc::clone(&app)))
            .app_data(web::Data::from(Arc::clone(&live)))
            .app_data(web::PayloadConfig::new(512 * 1024))
            .wrap(Compress::default())
            .wrap(from_fn(dress))
            .configure(routes::all)
    })
    // A packed page is written in two parts: the second must not wait until the first is
    // acknowledged, which takes a browser up to 40 ms.
    .on_connect(|line, _| {
        let line = line.downcast_ref::<actix_web::rt::net::TcpStream>();
        if let Some(Err(cause)) = line.map(|line| line.set_nodelay(true)) {
            tracing::debug!(%cause, "a line stays as it is");
        }
    })
    .listen(listener)?
    .workers(
        std::thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, 8),
    )
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(20)
    .disable_signals()
    .run();
    Ok(server)
}

/// Gives every request an id and every answer its headers; counts and logs it.
async fn dress<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Held>>, actix_web::Error> {
    let began = Instant::now();
    let id = {
        let random: &dyn Random = &crate::random::SystemRandom;
        hex::encode(random.bytes::<8>())
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let lang = Visitor::lang_of(request.request());
    let failures = request.app_data::<web::Data<Prepared>>().cloned();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = request.method().clone();
    let arriving = arrival::watch(&mut request);
    let span = tracing::info_span!("request", id = %id);
    let answered = AssertUnwindSafe(next.call(request).instrument(span)).catch_unwind();
    let mut response = match answered.await {
        Ok(answered) => answered?,
        // A defect that nobody foresaw is a page as well, and the line stays open.
        Err(_) => {
            tracing::error!(request = id, %method, route, "a handler panicked");
            let mut page = match &failures {
                Some(failures) => failures.page(Failure::Internal, lang, &id),
                None => HttpResponse::InternalServerError().finish(),
            };
            guard(page.headers_mut(), &id);
            return Err(InternalError::from_response("a handler panicked", page).into());
        }
    };
    guard(response.headers_mut(), &id);
    let response = arriving.answered(response);
    let status = response.status().as_u16();
    let took = began.elapsed();
    metrics::histogram!("vendgate_http_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    tracing::info!(request = id, %method, route, status, ms = took.as_millis() as u64, "served");
    Ok(response)
}

/// What every answer carries.
fn guard(headers: &mut HeaderMap, id: &str) {
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
