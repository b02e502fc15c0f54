//! The address channels send their notices to.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;

use super::callback::{self, Incoming, LARGEST};
use crate::app::App;
use crate::channel::Verb;
use crate::web::client;
use crate::web::whole::whole;

/// `GET|POST /callback/{path_token}`. A database that is away answers a failure, so that the
/// channel comes again (F20).
pub async fn notice(
    request: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    mut payload: web::Payload,
) -> HttpResponse {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let Ok(chunk) = chunk else {
            return plain(StatusCode::BAD_REQUEST);
        };
        if body.len() + chunk.len() > LARGEST {
            return plain(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    let sender = client::address(&request, &app.config);
    let incoming = Incoming {
        verb: match request.method().as_str() {
            "GET" => Verb::Get,
            _ => Verb::Post,
        },
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: request
            .headers()
            .iter()
            .take(100)
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        body,
        source_ip: sender.to_string(),
        network: client::network_of(sender),
    };
    // A notice may come for an account that another node has only just made.
    if app.accounts.by_path(&token).is_none()
        && let Err(cause) = app.follow_configuration().await
    {
        tracing::warn!(%cause, "the configuration could not be followed");
    }
    let till = app.till();
    // A channel that hangs up does not leave a settlement half done or a question unheard.
    let received = whole(async move { callback::receive(&till, &token, incoming).await }).await;
    match received.unwrap_or_else(|stopped| Err(stopped.into())) {
        Ok(Some(answer)) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            HttpResponse::build(status)
                .content_type(answer.content_type)
                .body(answer.body)
        }
        Ok(None) => plain(StatusCode::NOT_FOUND),
        Err(cause) => {
            tracing::error!(%cause, "a notice could not be taken");
            plain(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn plain(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body("fail")
}
