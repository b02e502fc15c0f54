//! Notices: authentic, fresh, for this merchant, or refused by name.
//!
//! The order is that of spec/standard.md: form, parse, signature (and with it the tag of what is
//! encrypted), freshness, merchant.

use super::Wechat;
use super::envelope::{Envelope, Event};
use super::transaction::{TradeState, Transaction, is_plain};
use super::verify::is_fresh;
use crate::channel::json::Object;
use crate::channel::model::{Check, Notice, NoticeStatus, RawNotice, Refused, Verb};

/// The largest body.
const MOST_BYTES: usize = 256 * 1024;

impl Wechat {
    /// Checks 1 and 3 to 6.
    pub(super) fn noticed(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused> {
        check_form(raw)?;
        let parse = |why| Refused::at(Check::Parse, why);
        let forged = |why| Refused::at(Check::Signature, why);
        let envelope = Envelope::read(raw.body).map_err(parse)?;
        let at = self
            .signed_at(raw.headers, raw.body, raw.now)
            .map_err(forged)?;
        let stale = |ask_about| Refused {
            check: Check::Freshness,
            reason: "the timestamp is 300 s away or more",
            ask_about,
        };
        let fresh = is_fresh(at, raw.now);
        let Some(resource) = envelope.resource else {
            return if fresh {
                Ok(Notice::aside())
            } else {
                Err(stale(None))
            };
        };
        let plain = self
            .api_key
            .open(&resource)
            .ok_or_else(|| forged("what is encrypted does not open with the APIv3 key"))?;
        let plain = Object::parse(&plain).map_err(parse)?;
        let (notice, ours) = match envelope.event {
            Event::Refund => self.of_refund(&plain).map_err(parse)?,
            Event::Paid | Event::Other => self.of_payment(&plain).map_err(parse)?,
        };
        if !fresh {
            return Err(stale(ours.then_some(notice.merchant_no)));
        }
        if !ours {
            return Err(Refused::at(Check::Merchant, "for another mchid or appid"));
        }
        Ok(notice)
    }

    fn of_payment(&self, plain: &Object) -> Result<(Notice, bool), &'static str> {
        let paid = Transaction::read(plain)?;
        let ours = paid.mch_id == self.mch_id && paid.app_id == self.app_id;
        let notice = Notice {
            merchant_no: paid.out_trade_no,
            channel_trade_no: paid.transaction_id.ok_or("without transaction_id")?,
            status: match paid.state {
                // Whatever went back since, it was paid.
                TradeState::Paid | TradeState::GivenBack => NoticeStatus::Paid,
                TradeState::Waiting => NoticeStatus::Pending,
                TradeState::Closed => NoticeStatus::Closed,
                TradeState::Failed => NoticeStatus::Failed,
            },
            amount: paid.total,
            currency: paid.currency,
            paid_at: paid.paid_at,
            given_back: paid.state == TradeState::GivenBack,
        };
        Ok((notice, ours))
    }

    /// Says that a refund of ours ended, well or not: the refund itself is asked about.
    fn of_refund(&self, plain: &Object) -> Result<(Notice, bool), &'static str> {
        let text = |name: &str| match plain.text(name) {
            Some(text) if is_plain(text) => Ok(text),
            _ => Err("a field is missing or not plain"),
        };
        text("out_refund_no")?;
        let status = text("refund_status")?;
        if !["SUCCESS", "CLOSED", "ABNORMAL", "PROCESSING"].contains(&status) {
            return Err("a refund_status nobody documented");
        }
        let app = plain.text("appid");
        let ours = text("mchid")? == self.mch_id && app.is_none_or(|app| app == self.app_id);
        let notice = Notice {
            merchant_no: text("out_trade_no")?.to_owned(),
            channel_trade_no: text("transaction_id")?.to_owned(),
            status: NoticeStatus::Refund,
            amount: None,
            currency: None,
            paid_at: None,
            given_back: false,
        };
        Ok((notice, ours))
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
    if !raw.query.is_empty() {
        return refuse("the address has a query");
    }
    let kind = raw.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return refuse("not JSON");
    }
    Ok(())
}
