//! One notice on its way to a shop: built in the protocol its payment was made by, sent once,
//! and judged by the answer that protocol demands.

use std::time::Duration;

use serde_json::json;

use super::gateway::Gateway;
use super::keys;
use super::model::{Api, Notice, NoticeStatus, Payment};
use super::{Error, epay};
use crate::random::Random;

/// Most of an answer that is read and logged.
const ANSWER: usize = 4_096;

/// A request that is ready to leave.
pub(super) struct Outgoing {
    api: Api,
    pub(super) verb: &'static str,
    pub(super) url: String,
    /// The URL without its query, for the log.
    pub(super) target: String,
    headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Outgoing {
    /// Whether the shop said what this protocol takes for "I have it".
    pub(super) fn is_taken(&self, status: Option<u16>, answer: &str) -> bool {
        let says = || match self.api {
            Api::Own => serde_json::from_str::<serde_json::Value>(answer)
                .is_ok_and(|answer| answer["ok"] == true),
            Api::EpayV1 | Api::EpayV2 => answer == "success",
        };
        status == Some(200) && says()
    }
}

/// Builds the request, with a signature of this moment.
pub(super) async fn build(
    gateway: &Gateway,
    notice: &Notice,
    payment: &Payment,
) -> Result<Outgoing, Error> {
    let known = gateway
        .merchant(&payment.merchant)
        .await?
        .ok_or_else(|| Error::Merchant(format!("{} is gone", payment.merchant)))?;
    let told = Payment {
        amount: notice.amount,
        paid_at: match notice.status {
            NoticeStatus::Paid => payment.paid_at.or(Some(notice.created_at)),
            _ => None,
        },
        ..payment.clone()
    };
    if payment.api == Api::Own {
        let key = known.merchant.own_key.as_deref().unwrap_or_default();
        return Ok(own(gateway, key, notice.status, &told));
    }
    let query = epay::notice_query(gateway, &known, notice.status, &told)?;
    Ok(Outgoing {
        api: payment.api,
        verb: "GET",
        url: epay::with_query(&payment.notify_url, &query),
        target: payment.notify_url.clone(),
        headers: Vec::new(),
        body: query,
    })
}

fn own(gateway: &Gateway, key: &str, status: NoticeStatus, told: &Payment) -> Outgoing {
    let body = json!({
        "event": format!("payment.{status}"),
        "trade_no": told.trade_no,
        "merchant_no": told.merchant_no,
        "amount": told.amount,
        "currency": told.currency,
        "status": status,
        "paid_at": told.paid_at,
    })
    .to_string();
    let path = url::Url::parse(&told.notify_url).map(|url| url.path().to_owned());
    let timestamp = (gateway.now() / 1_000).to_string();
    let random: &dyn Random = &gateway.random;
    let nonce = hex::encode(random.bytes::<16>());
    let text = format!(
        "{timestamp}\n{nonce}\nPOST {}\n{body}",
        path.unwrap_or_default()
    );
    Outgoing {
        api: Api::Own,
        verb: "POST",
        url: told.notify_url.clone(),
        target: told.notify_url.clone(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("x-sandbox-merchant", told.merchant.clone()),
            ("x-sandbox-timestamp", timestamp),
            ("x-sandbox-nonce", nonce),
            ("x-sandbox-signature", keys::hmac_hex(key, &text)),
        ],
        body,
    }
}

/// Sends it: the status, if there was an answer, and what was read of it (or why not).
pub(super) async fn send(http: &reqwest::Client, outgoing: &Outgoing) -> (Option<u16>, String) {
    let mut request = match outgoing.verb {
        "POST" => http.post(&outgoing.url).body(outgoing.body.clone()),
        _ => http.get(&outgoing.url),
    };
    for (name, value) in &outgoing.headers {
        request = request.header(*name, value);
    }
    let mut response = match request.timeout(Duration::from_secs(15)).send().await {
        Ok(response) => response,
        Err(error) => return (None, error.without_url().to_string()),
    };
    let status = response.status().as_u16();
    let mut answer = Vec::new();
    while answer.len() < ANSWER {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return (None, error.without_url().to_string()),
        }
    }
    answer.truncate(ANSWER);
    (Some(status), String::from_utf8_lossy(&answer).into_owned())
}
