//! The body of a request: one strict JSON object, read field by field.
//!
//! No key stands twice, nothing nests deeper than 32 levels, a number is whole and printed in
//! plain digits, and a key that nobody took is refused (X16, X20, X47, X68). Every refusal is
//! 422, so that `1e3`, `0x10` and `{` are answered alike; only size and type have codes of
//! their own.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, web};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::web::problem::Problem;

/// The largest body.
pub(super) const LARGEST: usize = 64 * 1024;
/// The deepest nesting.
const DEEPEST: usize = 32;
/// The most custom fields of one request.
const MOST_FIELDS: usize = 200;

/// The members of the body that nobody has taken yet.
pub(super) struct Body(BTreeMap<String, Box<RawValue>>);

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
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::malformed("is not UTF-8"))?;
        if depth(text) > DEEPEST {
            return Err(Problem::malformed("nests deeper than 32 levels"));
        }
        Ok(Body(members(text).map_err(Problem::malformed)?))
    }

    /// The raw value of a key, once; `null` stands for nothing.
    fn take(&mut self, key: &str) -> Option<Box<RawValue>> {
        self.0.remove(key).filter(|raw| raw.get() != "null")
    }

    /// A text, if it is there.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, Problem> {
        self.take(key)
            .map(|raw| text(raw.get()).ok_or_else(|| Problem::invalid(key, "must be a text")))
            .transpose()
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, key: &str) -> Result<String, Problem> {
        self.text(key)?
            .ok_or_else(|| Problem::invalid(key, "is required"))
    }

    /// A whole number that must be there.
    pub(super) fn needed_integer(&mut self, key: &str) -> Result<i64, Problem> {
        let raw = self
            .take(key)
            .ok_or_else(|| Problem::invalid(key, "is required"))?;
        let digits = raw.get();
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !plain {
            return Err(Problem::invalid(
                key,
                "must be a whole number in plain digits",
            ));
        }
        digits
            .parse()
            .map_err(|_| Problem::invalid(key, "is too large"))
    }

    /// An object of texts under short plain keys; empty if it is not there.
    pub(super) fn texts(&mut self, key: &str) -> Result<BTreeMap<String, String>, Problem> {
        let Some(raw) = self.take(key) else {
            return Ok(BTreeMap::new());
        };
        let wrong = |reason: &str| Problem::invalid(key, reason);
        let inner = members(raw.get()).map_err(|_| wrong("must be an object of texts"))?;
        if inner.len() > MOST_FIELDS {
            return Err(wrong("has more than 200 keys"));
        }
        let mut texts = BTreeMap::new();
        for (name, raw) in inner {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
                return Err(wrong(
                    "has a key that is not lower-case letters, digits and _",
                ));
            }
            let Some(value) = text(raw.get()) else {
                return Err(Problem::invalid(format!("{key}.{name}"), "must be a text"));
            };
            texts.insert(name, value);
        }
        Ok(texts)
    }

    /// Refuses whatever was not asked for.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(key) => {
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

fn text(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// The members of an object, values untouched.
fn members(text: &str) -> Result<BTreeMap<String, Box<RawValue>>, &'static str> {
    if !text.trim_start().starts_with('{') {
        return Err("is not a JSON object");
    }
    let Members(pairs) = serde_json::from_str(text).map_err(|_| "is not a JSON object")?;
    let count = pairs.len();
    let map: BTreeMap<_, _> = pairs.into_iter().collect();
    if map.len() < count {
        return Err("has a key twice");
    }
    Ok(map)
}

struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Members(pairs))
            }
        }
        from.deserialize_map(Pairs)
    }
}

/// How deep brackets nest outside of texts; never less than the parser would go.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
