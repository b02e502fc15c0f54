//! Notices: authentic, fresh, for this merchant, or refused by name.
//!
//! The order is that of spec/standard.md: form, parse, signature, freshness, merchant. The
//! address and the body are never merged: GET is read from the query, POST from the body, and
//! the other must be empty.

use super::Epay;
use super::answer::{WINDOW, seconds};
use super::config::Keys;
use super::sign::{canonical, md5_is_right, names_rsa};
use crate::channel::beijing;
use crate::channel::form::{Fields, imitates, is_plain};
use crate::channel::model::{Check, Notice, NoticeStatus, RawNotice, Refused, Verb};
use crate::money::{Currency, Minor};

/// The largest body.
const MOST_BYTES: usize = 256 * 1024;

/// The fields that decide what a notice does.
const DECIDING: &[&str] = &[
    "money",
    "out_trade_no",
    "pid",
    "timestamp",
    "trade_no",
    "trade_status",
];

impl Epay {
    /// Checks 1 and 3 to 6.
    pub(super) fn noticed(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused> {
        let fields = read(raw)?;
        let required = |name| match fields.filled(name) {
            None => Err(Refused::at(Check::Parse, "a field is missing")),
            Some(value) if is_plain(value) => Ok(value),
            Some(_) => Err(Refused::at(Check::Parse, "a field that is not plain")),
        };
        if fields
            .iter()
            .any(|(_, value)| imitates(value.as_bytes(), DECIDING))
        {
            return Err(Refused::at(Check::Parse, "a value imitates a field"));
        }
        let merchant_no = required("out_trade_no")?.to_owned();
        let trade_no = required("trade_no")?.to_owned();
        let status = required("trade_status")?;
        let pid = required("pid")?;
        self.check_signature(&fields)?;
        let ours = pid == self.pid;
        if matches!(self.keys, Keys::V2(_)) && !is_fresh(&fields, raw) {
            return Err(Refused {
                check: Check::Freshness,
                reason: "the timestamp is more than 300 s away",
                ask_about: ours.then_some(merchant_no),
            });
        }
        if !ours {
            return Err(Refused::at(Check::Merchant, "for another pid"));
        }
        Ok(Notice {
            merchant_no,
            channel_trade_no: trade_no,
            status: match status {
                "TRADE_SUCCESS" => NoticeStatus::Paid,
                _ => NoticeStatus::Ignore,
            },
            amount: fields
                .filled("money")
                .and_then(|money| Minor::parse(money, Currency::CNY).ok()),
            currency: Some(Currency::CNY),
            paid_at: fields.filled("endtime").and_then(beijing::read),
            given_back: false,
        })
    }

    /// The version that was configured decides how, never the message (X05).
    fn check_signature(&self, fields: &Fields) -> Result<(), Refused> {
        let refuse = |why| Err(Refused::at(Check::Signature, why));
        let Some(sign) = fields.filled("sign") else {
            return refuse("unsigned");
        };
        let sign_type = fields.filled("sign_type");
        let text = canonical(fields.iter());
        match &self.keys {
            Keys::V1(key) => {
                if sign_type.is_some_and(|t| !t.eq_ignore_ascii_case("MD5")) {
                    return refuse("sign_type is not MD5");
                }
                if !md5_is_right(&text, key.reveal(), sign) {
                    return refuse("the signature is wrong");
                }
            }
            Keys::V2(keys) => {
                if !names_rsa(sign_type) {
                    return refuse("sign_type is not RSA");
                }
                if !keys.is_right(&text, sign) {
                    return refuse("the signature is wrong");
                }
            }
        }
        Ok(())
    }
}

fn is_fresh(fields: &Fields, raw: &RawNotice<'_>) -> bool {
    fields
        .filled("timestamp")
        .and_then(seconds)
        .is_some_and(|at| at.abs_diff(raw.now) <= WINDOW.unsigned_abs())
}

/// The one source of fields.
fn read(raw: &RawNotice<'_>) -> Result<Fields, Refused> {
    if raw.body.len() > MOST_BYTES || raw.query.len() > MOST_BYTES {
        return Err(Refused::at(Check::Form, "too large"));
    }
    let parse = |why| Refused::at(Check::Parse, why);
    let text = match raw.verb {
        Verb::Get if !raw.body.is_empty() => return Err(parse("a GET with a body")),
        Verb::Get => raw.query,
        Verb::Post if !raw.query.is_empty() => return Err(parse("fields in address and body")),
        Verb::Post => {
            let kind = raw.header("content-type").unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim();
            if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
                return Err(Refused::at(Check::Form, "not a form"));
            }
            std::str::from_utf8(raw.body).map_err(|_| parse("not UTF-8"))?
        }
    };
    Fields::parse(text).map_err(parse)
}
