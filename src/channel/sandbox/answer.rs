//! Answers of the gateway: only with its signature over our nonce.

use super::Sandbox;
use super::sign::{is_fresh, same, sign};
use crate::channel::failing::{failure, refused};
use crate::channel::json::Object;
use crate::channel::model::{Class, Failure, Paid, Reply};
use crate::clock::Millis;
use crate::money::{Currency, Minor};

/// A signed answer: what was asked for, or a documented error.
pub(super) enum Answer {
    /// 200 or 201.
    Good(Object),
    /// The code of an error.
    Error(String),
}

/// A payment as the gateway knows it.
pub(super) struct Payment {
    /// Its number.
    pub(super) trade_no: String,
    /// What was asked for, in minor units.
    pub(super) amount: Minor,
    /// The currency of `amount`.
    pub(super) currency: Currency,
    /// `waiting`, `paid` or `closed`.
    pub(super) state: String,
    /// When it was paid, UTC.
    pub(super) paid_at: Option<Millis>,
}

impl Payment {
    /// The fact, of a paid one.
    pub(super) fn paid(self) -> Paid {
        Paid {
            channel_trade_no: self.trade_no,
            amount: self.amount,
            currency: self.currency,
            paid_at: self.paid_at,
        }
    }
}

/// Nobody knows what happened.
pub(super) fn unknown(why: &str) -> Failure {
    failure(Class::Unknown, why)
}

impl Sandbox {
    /// Reads a reply; everything unsigned, stale or 5xx is unknown.
    pub(super) fn read_answer(
        &self,
        reply: &Reply,
        now: Millis,
        nonce: &[u8; 16],
    ) -> Result<Answer, Failure> {
        if !matches!(reply.status, 200 | 201 | 400..=499) {
            return Err(unknown(&format!("HTTP {}", reply.status)));
        }
        let one = |name: &str| {
            let mut values = reply.headers.iter().filter(|(n, _)| n == name);
            let first = values.next().map(|(_, value)| value.as_str());
            first.filter(|_| values.next().is_none())
        };
        let (Some(timestamp), Some(echo), Some(given)) = (
            one("x-sandbox-timestamp"),
            one("x-sandbox-nonce"),
            one("x-sandbox-signature"),
        ) else {
            return Err(unknown(&format!("HTTP {}, unsigned", reply.status)));
        };
        let status = reply.status.to_string();
        let ours = sign(self.key.reveal(), timestamp, echo, &status, &reply.body);
        if !same(&ours, given) {
            return Err(unknown(&format!("HTTP {status}, badly signed")));
        }
        if echo != hex::encode(nonce) {
            return Err(unknown("an answer to another request"));
        }
        if !is_fresh(timestamp, now) {
            return Err(unknown("a stale answer"));
        }
        let object = Object::parse(&reply.body).map_err(unknown)?;
        if reply.status < 300 {
            return Ok(Answer::Good(object));
        }
        let error = object.object("error");
        match error.as_ref().and_then(|e| e.text("code")) {
            Some(code) => Ok(Answer::Error(code.to_owned())),
            None => Err(unknown("an error without a code")),
        }
    }

    /// The payment an answer tells of, if it is the one we asked about.
    pub(super) fn payment(&self, object: &Object, merchant_no: &str) -> Result<Payment, Failure> {
        if object.text("merchant_no") != Some(merchant_no) {
            return Err(unknown("does not name our payment"));
        }
        let read = || {
            Some(Payment {
                trade_no: object
                    .text("trade_no")
                    .filter(|t| !t.is_empty())?
                    .to_owned(),
                amount: Minor(object.integer("amount").filter(|a| *a > 0)?),
                currency: object.text("currency")?.parse().ok()?,
                state: object.text("state")?.to_owned(),
                paid_at: object.integer("paid_at"),
            })
        };
        read().ok_or_else(|| unknown("a payment that is not readable"))
    }
}

/// The failure a documented error is.
pub(super) fn failed(code: &str) -> Failure {
    match code {
        "bad_signature" | "bad_request" | "unknown_merchant" | "stale" => {
            refused(Class::Misconfigured, code)
        }
        "declined" | "amount_limit" | "exceeds_paid" | "not_paid" | "not_found" => {
            refused(Class::Declined, code)
        }
        "merchant_no_used" | "already_paid" => failure(Class::Duplicate, code),
        // A repeated nonce: the first request may have been acted on.
        _ => unknown(code),
    }
}
