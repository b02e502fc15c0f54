//! The body of a request: one strict JSON object, read field by field.
//!
//! The JSON is as strict as that of channels ([`Object`]), a number is whole and printed in plain
//! digits, and a key that nobody took is refused (X16, X20, X47, X68). Every refusal is
//! 422, so that `1e3`, `0x10` and `{` are answered alike; only size and type have codes of
//! their own.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, web};

use crate::channel::json::{Object, Value};
use crate::web::arrival;
use crate::web::problem::Problem;

/// The largest body.
pub(super) const LARGEST: usize = 64 * 1024;
/// The most custom fields of one request.
const MOST_FIELDS: usize = 200;

/// The members of the body that nobody has taken yet.
pub(super) struct Body(Object);

/// Reads the whole body of a request.
pub(super) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Body, Problem> {
    if request.content_type() != "application/json" {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "The body must be JSON",
            "Send the body with Content-Type: application/json. Nothing was changed.",
        ));
    }
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > LARGEST) {
        return Err(too_large());
    }
    match payload.to_bytes_limited(LARGEST).await {
        Ok(Ok(bytes)) => Body::parse(&bytes),
        Ok(Err(cause)) if arrival::is_late(&cause) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "The body took too long",
            "The body did not arrive in time. Nothing was changed. Send it again, all at once.",
        )),
        Ok(Err(_)) => Err(Problem::malformed("ended early")),
        Err(_) => Err(too_large()),
    }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "The body is too large",
        "A body has at most 64 KiB. Nothing was changed. Send less.",
    )
}

impl Body {
    /// Reads one object and nothing around it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        Object::parse(bytes).map(Body).map_err(Problem::malformed)
    }

    /// The value of a key, once; `null` stands for nothing.
    fn take(&mut self, key: &str) -> Option<Value> {
        self.0.take(key).filter(|value| *value != Value::Null)
    }

    /// A text, if it is there.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, Problem> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::invalid(key, "must be a text")),
        }
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, key: &str) -> Result<String, Problem> {
        self.text(key)?
            .ok_or_else(|| Problem::invalid(key, "is required"))
    }

    /// A whole number that must be there.
    pub(super) fn needed_integer(&mut self, key: &str) -> Result<i64, Problem> {
        let value = self
            .take(key)
            .ok_or_else(|| Problem::invalid(key, "is required"))?;
        value.integer().ok_or_else(|| {
            Problem::invalid(
                key,
                "must be a whole number in plain digits, and not too large",
            )
        })
    }

    /// An object of texts under short plain keys; empty if it is not there.
    pub(super) fn texts(&mut self, key: &str) -> Result<BTreeMap<String, String>, Problem> {
        let Some(value) = self.take(key) else {
            return Ok(BTreeMap::new());
        };
        let wrong = |reason: &str| Problem::invalid(key, reason);
        let inner = value
            .object()
            .ok_or_else(|| wrong("must be an object of texts"))?;
        if inner.iter().count() > MOST_FIELDS {
            return Err(wrong("has more than 200 keys"));
        }
        let mut texts = BTreeMap::new();
        for (name, value) in inner.iter() {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
                return Err(wrong(
                    "has a key that is not lower-case letters, digits and _",
                ));
            }
            let Value::Text(text) = value else {
                return Err(Problem::invalid(format!("{key}.{name}"), "must be a text"));
            };
            texts.insert(name.to_owned(), text.clone());
        }
        Ok(texts)
    }

    /// Refuses whatever was not asked for.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.0.iter().next() {
            None => Ok(()),
            Some((key, _)) => {
                let short: String = key.chars().take(40).collect();
                Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "unknown-field",
                    "A field is not asked for",
                    "The body has a field that this request does not take. Nothing was changed. \
                     Leave it out.",
                )
                .in_field(short))
            }
        }
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
