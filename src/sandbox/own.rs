//! The gateway's own protocol: JSON, signed both ways (docs/SANDBOX.md, section 2).

use std::sync::Arc;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::acts::{Caller, Done, Opened, Which};
use super::answer::{Answer, Fault, Seen};
use super::book::Refunded;
use super::gateway::Gateway;
use super::keys::{self, Known};
use super::model::{Api, NewPayment, Payment, PaymentState, Refund};
use super::{Error, web_address};
use crate::money::Currency;

/// Largest amount of one payment, in minor units.
const LARGEST: i64 = 1_000_000_000_000;
/// How far a time stamp may be from ours, in seconds.
const WINDOW: i64 = 300;

#[derive(Deserialize)]
struct Create {
    merchant_no: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    subject: String,
    notify_url: String,
    #[serde(default)]
    return_url: String,
    expires_at: Option<i64>,
}

#[derive(Deserialize)]
struct About {
    merchant_no: String,
}

#[derive(Deserialize)]
struct RefundOrder {
    merchant_no: String,
    refund_no: String,
    amount: i64,
}

#[derive(Deserialize)]
struct RefundQuery {
    refund_no: String,
}

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
        call(
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

async fn call(
    gateway: &Arc<Gateway>,
    path: &str,
    signed: Signed,
    body: &str,
) -> Result<Said, Error> {
    let merchant = signed.known.merchant.id.clone();
    let caller = Caller {
        merchant,
        nonce: Some(signed.nonce),
    };
    Ok(match path {
        "/v1/payments" => match read(body) {
            Ok(ask) => create(gateway, caller, ask).await?,
            Err(no) => no,
        },
        "/v1/payments/query" => match read::<About>(body) {
            Ok(ask) => {
                let found = gateway
                    .query(caller, Which::MerchantNo(ask.merchant_no))
                    .await?;
                about(found, |payment| {
                    Said::yes(200, view(gateway, &payment), None)
                })
            }
            Err(no) => no,
        },
        "/v1/payments/close" => match read::<About>(body) {
            Ok(ask) => {
                let found = gateway
                    .close(caller, Which::MerchantNo(ask.merchant_no))
                    .await?;
                about(found, |payment| match payment.state {
                    PaymentState::Paid => Said::no(409, "already_paid", "the payment is paid"),
                    _ => Said::yes(200, view(gateway, &payment), None),
                })
            }
            Err(no) => no,
        },
        "/v1/refunds" => match read::<RefundOrder>(body) {
            Ok(ask) if ask.amount <= 0 || ask.refund_no.is_empty() => Said::no(
                400,
                "bad_request",
                "refund_no and an amount above 0, please",
            ),
            Ok(ask) => {
                let which = Which::MerchantNo(ask.merchant_no);
                let amount = Some(ask.amount);
                let made = gateway.refund(caller, which, ask.refund_no, amount).await?;
                about(made, |(_, refunded)| match refunded {
                    Refunded::Made(refund) => Said::yes(200, refund_view(&refund), None),
                    Refunded::NotPaid => Said::no(409, "not_paid", "nothing was paid"),
                    Refunded::Exceeds => Said::no(409, "exceeds_paid", "more than is left"),
                    Refunded::NumberUsed => {
                        Said::no(400, "bad_request", "refund_no belongs to another refund")
                    }
                })
            }
            Err(no) => no,
        },
        _ => match read::<RefundQuery>(body) {
            Ok(ask) => {
                let found = gateway.refund_query(caller, ask.refund_no).await?;
                about((found, None), |refund| {
                    Said::yes(200, refund_view(&refund), None)
                })
            }
            Err(no) => no,
        },
    })
}

async fn create(gateway: &Arc<Gateway>, caller: Caller, ask: Create) -> Result<Said, Error> {
    let Ok(currency) = ask.currency.parse::<Currency>() else {
        return Ok(Said::no(400, "bad_request", "currency: not a code we know"));
    };
    if !(1..=LARGEST).contains(&ask.amount) {
        return Ok(Said::no(
            400,
            "amount_limit",
            "the amount is 1 to 10^12 minor units",
        ));
    }
    if ask.merchant_no.is_empty() || ask.merchant_no.len() > 64 {
        return Ok(Said::no(
            400,
            "bad_request",
            "merchant_no has 1 to 64 characters",
        ));
    }
    let back = ask.return_url.is_empty() || web_address(&ask.return_url);
    if !web_address(&ask.notify_url) || !back {
        return Ok(Said::no(
            400,
            "bad_request",
            "notify_url and return_url are http addresses",
        ));
    }
    let now = gateway.now();
    if ask.expires_at.is_some_and(|at| at <= now) {
        return Ok(Said::no(400, "bad_request", "expires_at has passed"));
    }
    let new = NewPayment {
        trade_no: gateway.number("SB"),
        merchant: caller.merchant,
        merchant_no: ask.merchant_no,
        api: Api::Own,
        amount: ask.amount,
        currency: currency.code().to_owned(),
        method: ask.method,
        subject: ask.subject,
        notify_url: ask.notify_url,
        return_url: ask.return_url,
        param: String::new(),
        state: PaymentState::Waiting,
        created_at: now,
        expires_at: ask.expires_at,
    };
    let (opened, fault) = gateway.open(caller.nonce, new).await?;
    let said = match opened {
        Opened::New(payment) => Said::yes(201, view(gateway, &payment), None),
        Opened::Same(payment) => Said::yes(200, view(gateway, &payment), None),
        Opened::OtherAmount => Said::no(
            409,
            "merchant_no_used",
            "merchant_no belongs to another amount",
        ),
        Opened::Refused => Said::no(409, "declined", "the gateway declines this payment"),
        Opened::NonceUsed => nonce_used(),
        Opened::Nothing => Said::no(500, "nothing", "switched off"),
    };
    Ok(said.with(fault))
}

fn about<T>((done, fault): (Done<T>, Option<Fault>), yes: impl FnOnce(T) -> Said) -> Said {
    let said = match done {
        Done::Yes(found) => yes(found),
        Done::NotFound => Said::no(404, "not_found", "no such payment or refund"),
        Done::NonceUsed => nonce_used(),
        Done::Refused => Said::no(409, "declined", "the gateway declines this"),
        Done::Nothing => Said::no(500, "nothing", "switched off"),
    };
    said.with(fault)
}

fn nonce_used() -> Said {
    Said::no(401, "nonce_used", "the nonce was used before")
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, Said> {
    serde_json::from_str(body).map_err(|e| Said::no(400, "bad_request", &e.to_string()))
}

/// A payment as the protocol tells it.
pub(super) fn view(gateway: &Gateway, payment: &Payment) -> Value {
    let url = gateway.pay_url(payment);
    json!({
        "trade_no": payment.trade_no,
        "merchant_no": payment.merchant_no,
        "amount": payment.amount,
        "currency": payment.currency,
        "state": payment.state,
        "pay_url": url,
        "qr": url,
        "expires_at": payment.expires_at,
        "paid_at": payment.paid_at,
        "refunded": payment.refunded,
    })
}

fn refund_view(refund: &Refund) -> Value {
    json!({
        "refund_no": refund.refund_no,
        "channel_refund_no": refund.channel_refund_no,
        "amount": refund.amount,
        "state": refund.state,
    })
}
