//! Answers: the status first, then the signature, then the bytes.
//!
//! A refusal (4xx) carries no signature: it is worth what the https of the configured host is
//! worth. A success without a right signature, or with one of another time, is nothing we know:
//! `Unknown`. Source: wechat_v3.md §3, §8.

use super::Wechat;
use super::verify::is_fresh;
use super::words::{Meaning, meaning};
use crate::channel::failing::failure;
use crate::channel::json::Object;
use crate::channel::model::{Class, Failure, Reply};
use crate::clock::Millis;

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
    fn lost(self) -> Class {
        match self {
            Effect::None => Class::Retryable,
            Effect::Some => Class::Unknown,
        }
    }
}

/// A well-formed answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// Done, and signed. Nothing stands in the answer to a close.
    Yes(Object),
    /// A documented kind of no.
    No(Refusal),
}

/// An error as WeChat Pay writes it.
#[derive(Debug)]
pub(super) struct Refusal {
    /// What its code means.
    pub(super) meaning: Meaning,
    /// The HTTP status.
    pub(super) status: u16,
    /// Code and message, for staff.
    pub(super) said: String,
}

impl Wechat {
    /// Reads a reply.
    pub(super) fn read_answer(
        &self,
        reply: &Reply,
        now: Millis,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        match reply.status {
            202 => Err(failure(Class::Retryable, "HTTP 202, not done yet")),
            200..=299 => self.read_success(reply, now).map(Answer::Yes),
            400..=599 => read_refusal(reply, effect).map(Answer::No),
            _ => Err(failure(
                Class::Misconfigured,
                &format!("HTTP {}, the address is elsewhere", reply.status),
            )),
        }
    }

    fn read_success(&self, reply: &Reply, now: Millis) -> Result<Object, Failure> {
        let unknown = |why: &str| {
            let code = format!("HTTP {}, {why}", reply.status);
            failure(Class::Unknown, &code)
        };
        let at = self
            .signed_at(&reply.headers, &reply.body, now)
            .map_err(unknown)?;
        if !is_fresh(at, now) {
            return Err(unknown("signed at another time"));
        }
        if reply.status == 204 && reply.body.is_empty() {
            return Ok(Object::default());
        }
        Object::parse(&reply.body).map_err(unknown)
    }
}

fn read_refusal(reply: &Reply, effect: Effect) -> Result<Refusal, Failure> {
    let told = Object::parse(&reply.body).ok();
    let code = told.as_ref().and_then(|told| told.text("code"));
    let Some(code) = code.filter(|code| !code.is_empty()) else {
        let class = match reply.status {
            401 | 403 | 404 | 405 => Class::Misconfigured,
            429 => Class::Retryable,
            _ => effect.lost(),
        };
        let code = format!("HTTP {}, not an answer of WeChat Pay", reply.status);
        return Err(failure(class, &code));
    };
    let message = told.as_ref().and_then(|told| told.text("message"));
    Ok(Refusal {
        meaning: meaning(reply.status, code),
        status: reply.status,
        said: format!("{code} {}", message.unwrap_or_default()),
    })
}
