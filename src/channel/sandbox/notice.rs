//! Notices of the gateway (docs/SANDBOX.md §2), in the order of spec/standard.md.

use super::Sandbox;
use super::sign::{is_fresh, same, sign};
use crate::channel::json::{Object, Value};
use crate::channel::model::{Check, Notice, NoticeStatus, RawNotice, Refused, Verb};
use crate::clock::Millis;
use crate::money::{Currency, Minor};

/// The largest body.
const MOST_BYTES: usize = 256 * 1024;

impl Sandbox {
    /// Checks 1 and 3 to 6.
    pub(super) fn noticed(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused> {
        check_form(raw)?;
        let (notice, merchant) = read(raw)?;
        let refuse = |why| Err(Refused::at(Check::Signature, why));
        let filled = |name| raw.header(name).filter(|value| !value.is_empty());
        let (Some(timestamp), Some(nonce), Some(given)) = (
            filled("x-sandbox-timestamp"),
            filled("x-sandbox-nonce"),
            filled("x-sandbox-signature"),
        ) else {
            return refuse("unsigned");
        };
        if nonce.len() != 32 || !nonce.bytes().all(|b| b.is_ascii_hexdigit()) {
            return refuse("the nonce is malformed");
        }
        let signed = format!("POST {}", raw.path);
        let ours = sign(self.key.reveal(), timestamp, nonce, &signed, raw.body);
        if !same(&ours, given) {
            return refuse("the signature is wrong");
        }
        let is_ours = merchant == self.merchant;
        if !is_fresh(timestamp, raw.now) {
            return Err(Refused {
                check: Check::Freshness,
                reason: "the timestamp is more than 300 s away",
                ask_about: is_ours.then_some(notice.merchant_no),
            });
        }
        if !is_ours {
            return Err(Refused::at(Check::Merchant, "for another merchant"));
        }
        Ok(notice)
    }
}

fn check_form(raw: &RawNotice<'_>) -> Result<(), Refused> {
    let refuse = |why| Err(Refused::at(Check::Form, why));
    if raw.verb != Verb::Post {
        return refuse("not a POST");
    }
    if raw.body.len() > MOST_BYTES {
        return refuse("too large");
    }
    let kind = raw.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return refuse("not JSON");
    }
    if !raw.query.is_empty() {
        return Err(Refused::at(Check::Parse, "fields in the address"));
    }
    Ok(())
}

/// The message and the merchant it names; every field must have its type.
fn read<'a>(raw: &'a RawNotice<'_>) -> Result<(Notice, &'a str), Refused> {
    let parse = |why| Refused::at(Check::Parse, why);
    for (at, (name, _)) in raw.headers.iter().enumerate() {
        let again = raw.headers[..at].iter().any(|(known, _)| known == name);
        if again && name.starts_with("x-sandbox-") {
            return Err(parse("a header stands twice"));
        }
    }
    let merchant = raw.header("x-sandbox-merchant").unwrap_or_default();
    let object = Object::parse(raw.body).map_err(parse)?;
    let word = |name: &str| match object.text(name) {
        Some(text) if is_word(text) => Ok(text),
        _ => Err(parse("a text is missing or not a text")),
    };
    let event = word("event")?;
    let status = word("status")?;
    let notice = Notice {
        merchant_no: word("merchant_no")?.to_owned(),
        channel_trade_no: word("trade_no")?.to_owned(),
        status: match status {
            _ if !event.starts_with("payment.") => NoticeStatus::Ignore,
            "paid" => NoticeStatus::Paid,
            "waiting" => NoticeStatus::Pending,
            "closed" => NoticeStatus::Closed,
            "failed" => NoticeStatus::Failed,
            _ => NoticeStatus::Ignore,
        },
        amount: amount(&object).map_err(parse)?,
        currency: currency(&object).map_err(parse)?,
        paid_at: time(&object).map_err(parse)?,
        given_back: false,
    };
    Ok((notice, merchant))
}

/// Printable characters only: a zero byte is no text to PostgreSQL (X67).
fn is_word(text: &str) -> bool {
    let printable = |b: u8| (b' '..=b'~').contains(&b);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(printable)
}

/// A missing amount is left to check 9; one of another type than a whole number is malformed.
fn amount(object: &Object) -> Result<Option<Minor>, &'static str> {
    if object.get("amount").is_none() {
        return Ok(None);
    }
    match object.integer("amount") {
        Some(amount) if amount >= 0 => Ok(Some(Minor(amount))),
        _ => Err("the amount is not a whole number"),
    }
}

fn currency(object: &Object) -> Result<Option<Currency>, &'static str> {
    match object.get("currency") {
        None => Ok(None),
        Some(Value::Text(code)) => Ok(code.parse().ok()),
        Some(_) => Err("the currency is not a text"),
    }
}

fn time(object: &Object) -> Result<Option<Millis>, &'static str> {
    match object.get("paid_at") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => match object.integer("paid_at") {
            Some(at) => Ok(Some(at)),
            None => Err("paid_at is not a whole number"),
        },
    }
}
