//! Answers of a platform: read strictly, of V2 only with the platform's signature.
//!
//! V1 does not sign its answers: they are worth what the https of the configured host is worth.
//! A V2 answer without a right signature, or older than 300 s, is nothing we know: `Unknown`.
//! Source: epay.md §2–§4.

use std::fmt::Write as _;

use super::Epay;
use super::config::Keys;
use super::sign::{RsaKeys, canonical, names_rsa};
use super::words::{Meaning, meaning};
use crate::channel::failing::failure;
use crate::channel::json::{Object, Value};
use crate::channel::model::{Class, Failure, Reply};
use crate::clock::{Millis, SECOND};

/// How far a signed time may be from ours.
pub(super) const WINDOW: Millis = 300 * SECOND;

/// What a call can have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It only asked: an unreadable reply can be asked for again.
    None,
    /// It may have made, closed or paid back something.
    Some,
}

impl Effect {
    /// The class of a reply that tells nothing.
    pub(super) fn lost(self) -> Class {
        match self {
            Effect::None => Class::Retryable,
            Effect::Some => Class::Unknown,
        }
    }
}

/// A well-formed answer, authentic where the version has signatures.
pub(super) struct Answer {
    /// Its fields.
    pub(super) fields: Fields,
    /// Whether the code says it worked.
    pub(super) ok: bool,
    /// The code as text.
    pub(super) code: String,
    /// The platform's message.
    pub(super) message: String,
    /// Code and message, for staff; holds no key.
    pub(super) said: String,
}

impl Answer {
    /// What the message means.
    pub(super) fn meaning(&self) -> Meaning {
        meaning(&self.message)
    }

    /// A failure of a class with what was said and why it is not taken.
    pub(super) fn not_taken(&self, class: Class, why: &str) -> Failure {
        failure(class, &format!("{why}: {}", self.said))
    }
}

/// Scalar fields of an answer by name.
pub(super) struct Fields(pub(super) Object);

impl Fields {
    /// A text or number that is not empty, as text.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text) | Value::Number(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

impl Epay {
    /// Reads a reply.
    pub(super) fn read_answer(
        &self,
        reply: &Reply,
        now: Millis,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        let body = reply
            .body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&reply.body);
        let readable = matches!(reply.status, 200..=299 | 400..=499);
        let object = match Object::parse(body.trim_ascii()) {
            Ok(object) if readable => object,
            _ => return Err(unreadable(reply, effect)),
        };
        let fields = Fields(object);
        let message = fields.filled("msg").unwrap_or_default().to_owned();
        let code = fields.filled("code").unwrap_or_default().to_owned();
        let mut said = format!("{code} {message}");
        if let Keys::V1(key) = &self.keys {
            said = said.replace(key.reveal(), "…");
        }
        if let Keys::V2(keys) = &self.keys
            && let Err(why) = authentic(&fields.0, keys, now)
        {
            return Err(failure(Class::Unknown, &format!("{why}: {said}")));
        }
        let ok = match self.keys {
            Keys::V1(_) => code == "1",
            Keys::V2(_) => code == "0",
        };
        if code.is_empty() {
            return Err(failure(effect.lost(), "an answer without a code"));
        }
        Ok(Answer {
            fields,
            ok,
            code,
            message,
            said,
        })
    }
}

fn authentic(object: &Object, keys: &RsaKeys, now: Millis) -> Result<(), &'static str> {
    let sign = object.text("sign").filter(|s| !s.is_empty());
    let sign = sign.ok_or("unsigned answer")?;
    if !names_rsa(object.text("sign_type")) {
        return Err("answer not signed with RSA");
    }
    let scalars: Vec<(&str, &str)> = object
        .iter()
        .filter_map(|(name, value)| match value {
            Value::Text(text) | Value::Number(text) => Some((name, text.as_str())),
            Value::Bool(true) => Some((name, "1")),
            Value::Bool(false) | Value::Null | Value::Nested(_) => None,
        })
        .collect();
    let stamp = scalars.iter().find(|(name, _)| *name == "timestamp");
    if !keys.is_right(&canonical(scalars.iter().copied()), sign) {
        return Err("badly signed answer");
    }
    match stamp.and_then(|(_, text)| seconds(text)) {
        Some(at) if at.abs_diff(now) <= WINDOW.unsigned_abs() => Ok(()),
        _ => Err("stale answer"),
    }
}

/// Unix seconds of plain digits, as milliseconds.
pub(super) fn seconds(text: &str) -> Option<Millis> {
    let digits = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    let whole: i64 = digits.then(|| text.parse().ok()).flatten()?;
    whole.checked_mul(SECOND)
}

/// The failure of a reply that is not an answer of the protocol.
fn unreadable(reply: &Reply, effect: Effect) -> Failure {
    let text = String::from_utf8_lossy(&reply.body).to_lowercase();
    let html = text.trim_start().starts_with('<') || {
        let kind = reply.header("content-type").unwrap_or_default();
        kind.to_ascii_lowercase().starts_with("text/html") && text.contains("<html")
    };
    let challenge = ["document.cookie", "acw_sc__", "challenge", "captcha"]
        .iter()
        .any(|sign| text.contains(sign));
    let class = match reply.status {
        300..=399 | 401 | 404 | 405 => Class::Misconfigured,
        200..=299 if html && !challenge => Class::Misconfigured,
        _ => effect.lost(),
    };
    let mut code = format!("HTTP {}", reply.status);
    let _ = write!(code, "{}", if html { ", a web page" } else { ", not JSON" });
    failure(class, &code)
}
