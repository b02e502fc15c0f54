//! The gateway's own protocol: JSON, signed both ways (docs/SANDBOX.md, section 2).

mod calls;

use std::sync::Arc;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::answer::{Answer, Fault, Seen};
use super::gateway::Gateway;
use super::keys::{self, Known};
pub(super) use calls::view;

/// How far a time stamp may be from ours, in seconds.
const WINDOW: i64 = 300;

/// What is said, before it is signed.
struct Said {
    status: u16,
    body: Value,
    fault: Option<Fault>,
}

impl Said {
    fn yes(status: u16, body: Value, fault: Option<Fault>) -> Said {
        Said {
            status,
            body,
            fault,
        }
    }

    fn no(status: u16, code: &str, message: &str) -> Said {
        let body = json!({ "error": { "code": code, "message": message } });
        Said {
            status,
            body,
            fault: None,
        }
    }

    fn with(self, fault: Option<Fault>) -> Said {
        Said { fault, ..self }
    }
}

/// A request whose signature fits.
struct Signed {
    known: Arc<Known>,
    nonce: String,
}

/// Serves the five calls.
pub(super) async fn serve(gateway: Data<Gateway>, req: HttpRequest, body: Bytes) -> HttpResponse {
    let gateway = gateway.into_inner();
    let text = String::from_utf8_lossy(&body).into_owned();
    let header = |name: &str| {
        let value = req
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let mut seen = Seen::new(kind(req.path()), text.clone());
    let no = serde_json::from_str::<Value>(&text).unwrap_or_default();
    let no = no["merchant_no"].as_str().unwrap_or_default();
    seen.about(&header("x-sandbox-merchant"), no);

    let known = match gateway.merchant(&header("x-sandbox-merchant")).await {
        Ok(Some(known)) if known.merchant.own_key.is_some() => known,
        Ok(_) => {
            let said = Said::no(401, "unknown_merchant", "no such merchant");
            return gateway
                .reply(&req, seen, Answer::json(401, &said.body), None)
                .await;
        }
        Err(_) => return gateway.reply(&req, seen, Answer::broken(), None).await,
    };
    let key = known.merchant.own_key.clone().unwrap_or_default();
    let nonce = header("x-sandbox-nonce");
    let timestamp = header("x-sandbox-timestamp");
    let signed = format!(
        "{timestamp}\n{nonce}\n{} {}\n{text}",
        req.method(),
        req.path()
    );
    let fits = keys::same(
        &keys::hmac_hex(&key, &signed),
        &header("x-sandbox-signature"),
    );
    let now = gateway.now() / 1_000;
    let said = if !fits {
        Ok(Said::no(401, "bad_signature", "the signature does not fit"))
    } else if !timestamp
        .parse()
        .is_ok_and(|at: i64| now.abs_diff(at) <= WINDOW.unsigned_abs())
    {
        Ok(Said::no(
            401,
            "stale",
            "the time stamp is more than 300 s away",
        ))
    } else if nonce.len() != 32 || !nonce.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(Said::no(400, "bad_request", "the nonce has 32 hex digits"))
    } else {
        calls::call(
            &gateway,
            req.path(),
            Signed {
                known,
                nonce: nonce.clone(),
            },
            &text,
        )
        .await
    };
    match said {
        Ok(said) => {
            let mut answer = Answer::json(said.status, &said.body);
            let at = (gateway.now() / 1_000).to_string();
            let text = format!("{at}\n{nonce}\n{}\n{}", said.status, answer.body);
            answer.headers = vec![
                ("x-sandbox-timestamp", at),
                ("x-sandbox-nonce", nonce),
                ("x-sandbox-signature", keys::hmac_hex(&key, &text)),
            ];
            gateway.reply(&req, seen, answer, said.fault).await
        }
        Err(error) => {
            tracing::error!(%error, "sandbox: call failed");
            gateway.reply(&req, seen, Answer::broken(), None).await
        }
    }
}

fn kind(path: &str) -> &'static str {
    match path {
        "/v1/payments" => "create",
        "/v1/payments/query" => "query",
        "/v1/payments/close" => "close",
        "/v1/refunds" => "refund",
        _ => "refund_query",
    }
}
