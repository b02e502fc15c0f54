//! The HTTP server: what every answer carries, and how it starts and stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{App as Actix, HttpMessage, HttpServer, web};
use tracing::Instrument;

use crate::app::App;
use crate::random::Random;
use crate::web::arrival::{self, Held};
use crate::web::failure::RequestId;
use crate::web::live::Live;
use crate::web::routes;

/// Nothing inline, nothing from elsewhere (ui.md §2).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the shop on sockets that are bound already. Resolves when the server has stopped.
pub fn serve(
    app: Arc<App>,
    live: Arc<Live>,
    listener: std::net::TcpListener,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(web::Data::from(Arc::clone(&app)))
            .app_data(web::Data::from(Arc::clone(&live)))
            .app_data(web::PayloadConfig::new(512 * 1024))
            .wrap(Compress::default())
            .wrap(from_fn(dress))
            .configure(routes::all)
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
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = request.method().clone();
    let arriving = arrival::watch(&mut request);
    let span = tracing::info_span!("request", id = %id);
    let response = next.call(request).instrument(span).await?;
    let mut response = arriving.answered(response);
    let headers = response.headers_mut();
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
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let status = response.status().as_u16();
    let took = began.elapsed();
    metrics::histogram!("vendgate_http_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    tracing::info!(request = id, %method, route, status, ms = took.as_millis() as u64, "served");
    Ok(response)
}
