//! Answers of the gateway: read strictly, and taken only with Alipay's signature.
//!
//! What is signed is the raw text of the answer's object, exactly as it came. An answer whose
//! signature is wrong or missing is nothing we know (`Unknown`), whatever it says; errors of the
//! gateway itself carry none and are taken as errors only. Source: alipay.md §3.

use super::Alipay;
use super::sign::with_escaped_slashes;
use super::words::{Meaning, is_of_the_gateway, meaning};
use crate::channel::failing::failure;
use crate::channel::json::{Object, Value};
use crate::channel::model::{Class, Failure, Reply};
use crate::channel::rsa_sign::is_signed;
use crate::money::{Currency, Minor};

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

/// A well-formed answer: signed by Alipay, or an error of the gateway.
pub(super) struct Answer {
    /// What it means; [`Meaning::Yes`] only with a right signature.
    pub(super) meaning: Meaning,
    /// Codes and message, for staff.
    pub(super) said: String,
    object: Object,
}

impl Answer {
    /// A text that is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.object.text(name).filter(|text| !text.is_empty())
    }

    /// An amount in yuan, printed as a text.
    pub(super) fn yuan(&self, name: &str) -> Option<Minor> {
        self.filled(name)
            .and_then(|text| Minor::parse(text, Currency::CNY).ok())
    }

    /// A failure of a class with what was said and why it is not taken.
    pub(super) fn not_taken(&self, class: Class, why: &str) -> Failure {
        failure(class, &format!("{why}: {}", self.said))
    }
}

/// The raw text of the answer to a method, cut out of a whole body.
pub(super) fn signed_part<'a>(body: &'a Object, method: &str) -> Option<&'a str> {
    let name = format!("{}_response", method.replace('.', "_"));
    let found = body.get(&name).or_else(|| body.get("error_response"));
    match found {
        Some(Value::Nested(raw)) if raw.starts_with('{') => Some(raw),
        _ => None,
    }
}

impl Alipay {
    /// Reads the reply to a call of a method.
    pub(super) fn heard(
        &self,
        method: &str,
        reply: &Reply,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        let body = match Object::parse(reply.body.trim_ascii()) {
            Ok(body) if reply.status == 200 => body,
            _ => return Err(unreadable(reply, effect)),
        };
        let lost = |why: &str| failure(effect.lost(), why);
        let raw = signed_part(&body, method).ok_or_else(|| lost("no answer to this method"))?;
        let object = Object::parse(raw.as_bytes()).map_err(|_| lost("no answer"))?;
        let text = |name: &str| object.text(name).unwrap_or_default().to_owned();
        let (code, sub_code) = (text("code"), text("sub_code"));
        let message = match text("sub_msg") {
            empty if empty.is_empty() => text("msg"),
            message => message,
        };
        let said = format!("{code} {sub_code} {message}");
        match self.authentic(&body, raw) {
            Ok(()) => {}
            Err(Wrong::Unsigned) if is_of_the_gateway(&code) => {}
            Err(wrong) => {
                let class = match (wrong, effect) {
                    // A person has to fetch the new certificate; what the call did is not known
                    // for want of it.
                    (Wrong::OtherCert, Effect::None) => Class::Misconfigured,
                    _ => Class::Unknown,
                };
                return Err(failure(class, &format!("{}: {said}", wrong.why())));
            }
        }
        Ok(Answer {
            meaning: meaning(&code, &sub_code),
            said,
            object,
        })
    }

    /// Whether Alipay signed this part of this body.
    pub(super) fn authentic(&self, body: &Object, raw: &str) -> Result<(), Wrong> {
        let sign = body.text("sign").filter(|sign| !sign.is_empty());
        let sign = sign.ok_or(Wrong::Unsigned)?;
        if let Some(certs) = &self.certs
            && body.text("alipay_cert_sn") != Some(certs.alipay.as_str())
        {
            return Err(Wrong::OtherCert);
        }
        let right = |text: &str| is_signed(&self.theirs, text.as_bytes(), sign);
        if right(raw) || with_escaped_slashes(raw).is_some_and(|text| right(&text)) {
            return Ok(());
        }
        Err(Wrong::Signature)
    }
}

/// Why an answer is not taken as Alipay's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It has no signature.
    Unsigned,
    /// Its signature is wrong.
    Signature,
    /// It was signed with another certificate than the one we have.
    OtherCert,
}

impl Wrong {
    fn why(self) -> &'static str {
        match self {
            Wrong::Unsigned => "unsigned answer",
            Wrong::Signature => "badly signed answer",
            Wrong::OtherCert => "signed with another certificate of Alipay's than alipay_cert",
        }
    }
}

/// The failure of a reply that is not an answer of the protocol.
fn unreadable(reply: &Reply, effect: Effect) -> Failure {
    let html = reply.body.trim_ascii_start().starts_with(b"<");
    let class = match reply.status {
        300..=399 | 401 | 404 | 405 => Class::Misconfigured,
        _ => effect.lost(),
    };
    let what = if html { "a web page" } else { "not an answer" };
    failure(class, &format!("HTTP {}, {what}", reply.status))
}
