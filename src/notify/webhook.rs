//! Webhooks out, signed after standard-webhooks: pure. The request goes through `outbound`.
//!
//! The receiver knows a repeat by `webhook-id`, which is the id of the promise and the same at
//! every try. See docs/WEBHOOKS.md.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use zeroize::Zeroizing;

use super::outbox::Topic;
use crate::channel::{Request, Verb};
use crate::clock::{Millis, SECOND};
use crate::ids::OutboxId;
use crate::seal;

/// Why a webhook cannot be sent or was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct HookError {
    /// Whether another try would fail the same way.
    pub permanent: bool,
    /// For the queue page and the log.
    pub said: String,
}

/// The secret both sides know: `whsec_` and 24 to 64 bytes in base64.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl std::str::FromStr for SigningKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a webhook secret is whsec_ and 24 to 64 random bytes in base64";
        let bytes = text
            .strip_prefix("whsec_")
            .and_then(|text| STANDARD.decode(text).ok())
            .map(Zeroizing::new)
            .filter(|bytes| (24..=64).contains(&bytes.len()))
            .filter(|bytes| bytes.iter().any(|b| *b != bytes[0]))
            .ok_or(FORM)?;
        Ok(SigningKey(bytes))
    }
}

/// `data` of `order.delivered`: what happened, without goods and without the buyer's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderDelivered {
    /// `K7Q2-94MX-31AB`.
    pub order_no: String,
    /// The whole amount in minor units.
    pub amount: i64,
    /// The currency of `amount`.
    pub currency: String,
    /// RFC 3339, UTC.
    pub paid_at: String,
    /// RFC 3339, UTC.
    pub delivered_at: String,
    /// What was bought.
    pub items: Vec<DeliveredItem>,
}

/// One line of a delivered order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveredItem {
    /// The variant's id.
    pub variant: String,
    /// Its name in the shop's language.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// For all of them, in minor units.
    pub amount: i64,
}

/// The body: `{"type","timestamp","data"}`. `happened_at` is the time of the event, the same at
/// every try.
pub fn body<T: Serialize>(
    topic: Topic,
    happened_at: Millis,
    data: &T,
) -> Result<Vec<u8>, HookError> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        #[serde(rename = "type")]
        topic: Topic,
        timestamp: String,
        data: &'a T,
    }
    let envelope = Envelope {
        topic,
        timestamp: rfc3339(happened_at),
        data,
    };
    serde_json::to_vec(&envelope).map_err(|error| HookError {
        permanent: true,
        said: error.to_string(),
    })
}

/// The signed request of one try.
pub fn sign(url: &str, key: &SigningKey, id: &OutboxId, now: Millis, body: Vec<u8>) -> Request {
    let at = now.div_euclid(SECOND).to_string();
    let signed = [
        id.as_str().as_bytes(),
        b".",
        at.as_bytes(),
        b".",
        body.as_slice(),
    ];
    let signature = STANDARD.encode(seal::hmac(&key.0, &signed));
    Request {
        verb: Verb::Post,
        url: url.to_owned(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", at),
            ("webhook-signature", format!("v1,{signature}")),
        ],
        body,
    }
}

/// What the receiver's status means: 2xx is taken, 410 means never again, all else (redirects
/// too) is tried again.
pub fn read(status: u16) -> Result<(), HookError> {
    match status {
        200..=299 => Ok(()),
        _ => Err(HookError {
            permanent: status == 410,
            said: format!("the receiver answered {status}"),
        }),
    }
}

/// `2026-11-22T10:42:10Z`, as every time in a webhook is written.
pub fn rfc3339(at: Millis) -> String {
    chrono::DateTime::from_timestamp_millis(at)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
