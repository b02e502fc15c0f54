//! The five calls: what is read, what is done, what is said.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::acts::{Caller, Done, Opened, Which};
use super::super::answer::Fault;
use super::super::book::Refunded;
use super::super::gateway::Gateway;
use super::super::model::{Api, NewPayment, Payment, PaymentState, Refund};
use super::super::{Error, web_address};
use super::{Said, Signed};
use crate::money::Currency;

/// Largest amount of one payment, in minor units.
const LARGEST: i64 = 1_000_000_000_000;
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

/// Does what a path asks.
pub(super) async fn call(
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
pub(in super::super) fn view(gateway: &Gateway, payment: &Payment) -> Value {
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
