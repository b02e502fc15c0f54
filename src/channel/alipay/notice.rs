//! Notices: authentic and for this merchant, or refused by name.
//!
//! The order is that of spec/standard.md: form, parse, signature, merchant. There is no window of
//! time: Alipay repeats the same bytes for 25 hours, and a repeat is stopped by the order's state
//! and the trade's number. Source: alipay.md §5, §6.

use super::Alipay;
use super::sign::{Empty, of_notice};
use crate::channel::beijing;
use crate::channel::form::{Fields, imitates, is_plain};
use crate::channel::model::{Check, Notice, NoticeStatus, RawNotice, Refused, Verb};
use crate::channel::rsa_sign::is_signed;
use crate::money::{Currency, Minor};

/// The largest body.
const MOST_BYTES: usize = 256 * 1024;

/// The fields that decide what a notice does.
const DECIDING: &[&str] = &[
    "app_id",
    "gmt_payment",
    "notify_type",
    "out_trade_no",
    "refund_fee",
    "seller_id",
    "total_amount",
    "trade_no",
    "trade_status",
];

impl Alipay {
    /// Checks 1 and 3 to 6.
    pub(super) fn noticed(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused> {
        let fields = read(raw)?;
        let required = |name| match fields.ascii(name) {
            None => Err(Refused::at(Check::Parse, "a field is missing")),
            Some(value) if is_plain(value) => Ok(value),
            Some(_) => Err(Refused::at(Check::Parse, "a field that is not plain")),
        };
        if fields.iter().any(|(_, value)| imitates(value, DECIDING)) {
            return Err(Refused::at(Check::Parse, "a value imitates a field"));
        }
        check_encoding(&fields)?;
        let merchant_no = required("out_trade_no")?.to_owned();
        let channel_trade_no = required("trade_no")?.to_owned();
        let status = required("trade_status")?;
        let kind = required("notify_type")?;
        let app_id = required("app_id")?;
        self.check_signature(&fields)?;
        let merchant = |why| Err(Refused::at(Check::Merchant, why));
        if app_id != self.app_id {
            return merchant("for another app_id");
        }
        match fields.ascii("seller_id") {
            Some(seller_id) if seller_id == self.seller_id => {}
            Some(_) => return merchant("for another seller_id"),
            None => return merchant("names no seller_id"),
        }
        let given_back = fields
            .ascii("refund_fee")
            .is_some_and(|fee| yuan(fee) != Some(Minor::ZERO));
        Ok(Notice {
            merchant_no,
            channel_trade_no,
            status: match status {
                _ if kind != "trade_status_sync" => NoticeStatus::Ignore,
                "TRADE_SUCCESS" | "TRADE_FINISHED" => NoticeStatus::Paid,
                "TRADE_CLOSED" if given_back => NoticeStatus::Refund,
                "TRADE_CLOSED" => NoticeStatus::Closed,
                _ => NoticeStatus::Ignore,
            },
            amount: fields.ascii("total_amount").and_then(yuan),
            currency: Some(Currency::CNY),
            paid_at: fields.ascii("gmt_payment").and_then(beijing::read),
            given_back,
        })
    }

    /// RSA2 is configured, and no message chooses another (X05). Fields without a value are left
    /// out first, then taken in: nobody can add a field either way that is not empty.
    fn check_signature(&self, fields: &Fields<Vec<u8>>) -> Result<(), Refused> {
        let refuse = |why| Err(Refused::at(Check::Signature, why));
        let Some(sign) = fields.ascii("sign") else {
            return refuse("unsigned");
        };
        if fields.ascii("sign_type") != Some("RSA2") {
            return refuse("sign_type is not RSA2");
        }
        let right = |empty| is_signed(&self.theirs, &of_notice(fields.iter(), empty), sign);
        if right(Empty::Skipped) || right(Empty::Kept) {
            return Ok(());
        }
        refuse("the signature is wrong")
    }
}

fn yuan(text: &str) -> Option<Minor> {
    Minor::parse(text, Currency::CNY).ok()
}

/// The encoding is a field of the notice. Nothing but plain ASCII decides anything, so values in
/// GBK stay the bytes that were signed.
fn check_encoding(fields: &Fields<Vec<u8>>) -> Result<(), Refused> {
    let parse = |why| Refused::at(Check::Parse, why);
    let charset = fields.ascii("charset").ok_or(parse("names no charset"))?;
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => {
            let fine = |value: &[u8]| std::str::from_utf8(value).is_ok();
            match fields.iter().all(|(_, value)| fine(value)) {
                true => Ok(()),
                false => Err(parse("not UTF-8")),
            }
        }
        "gbk" | "gb2312" | "gb18030" => Ok(()),
        _ => Err(parse("an unknown charset")),
    }
}

/// The fields of a posted form.
fn read(raw: &RawNotice<'_>) -> Result<Fields<Vec<u8>>, Refused> {
    if raw.body.len() > MOST_BYTES {
        return Err(Refused::at(Check::Form, "too large"));
    }
    if raw.verb != Verb::Post {
        return Err(Refused::at(Check::Form, "not a POST"));
    }
    let kind = raw.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refused::at(Check::Form, "not a form"));
    }
    let parse = |why| Refused::at(Check::Parse, why);
    if !raw.query.is_empty() {
        return Err(parse("fields in address and body"));
    }
    let text = std::str::from_utf8(raw.body).map_err(|_| parse("not UTF-8"))?;
    Fields::read(text).map_err(parse)
}
