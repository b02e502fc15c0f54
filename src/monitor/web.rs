//! The pages of a supervisor.

use actix_web::{HttpResponse, web};

use super::recorder;
use crate::app::App;
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

/// `GET /metrics`
pub async fn metrics() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(recorder::text())
}
