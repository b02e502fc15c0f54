//! The pages of a supervisor.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq;

use super::recorder;
use crate::app::App;
use crate::config::Config;
use crate::settings;
use crate::store::StoreError;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

/// `GET /readyz`: the database answers too.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let version: Result<i64, StoreError> = app.store.read(settings::version).await;
    match version {
        Ok(_) => HttpResponse::Ok().content_type("text/plain").body("ready"),
        Err(cause) => {
            tracing::warn!(%cause, "not ready");
            HttpResponse::ServiceUnavailable()
                .insert_header(("retry-after", "2"))
                .content_type("text/plain")
                .body("the database does not answer")
        }
    }
}

/// `GET /metrics`: for whoever has the token, or asks on this machine.
pub async fn metrics(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if !has_token(&request, &app.config) && !asks_here(&request, &app) {
        return HttpResponse::Forbidden()
            .content_type("text/plain")
            .body("figures are told on this machine, or to whoever sends metrics_token as bearer");
    }
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(recorder::text())
}

fn has_token(request: &HttpRequest, config: &Config) -> bool {
    let Some(token) = &config.metrics_token else {
        return false;
    };
    let sent = request.headers().get(header::AUTHORIZATION);
    let sent = sent.and_then(|value| value.to_str().ok()?.split_once(' '));
    sent.is_some_and(|(scheme, sent)| {
        scheme.eq_ignore_ascii_case("bearer")
            && bool::from(sent.trim().as_bytes().ct_eq(token.reveal().as_bytes()))
    })
}

/// Whether nobody but a process of this machine can have asked. A proxy on this machine brings
/// strangers over loopback: they are known by its headers, and, because a proxy need not set
/// any, a shop that is reached under any other address than loopback trusts none of them.
fn asks_here(request: &HttpRequest, app: &App) -> bool {
    const OF_PROXIES: [&str; 6] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ];
    let from_here = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let carried = OF_PROXIES
        .iter()
        .any(|name| request.headers().contains_key(*name));
    from_here && !carried && is_loopback(&app.base_url)
}

/// Whether an address of the shop leads to this machine.
fn is_loopback(base_url: &str) -> bool {
    let url = url::Url::parse(base_url).ok();
    url.is_some_and(|url| match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    })
}
