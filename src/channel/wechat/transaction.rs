//! A payment as WeChat Pay tells of it: the same object in a query's answer and in a notice.

use std::str::FromStr as _;

use super::times;
use crate::channel::json::Object;
use crate::channel::model::Paid;
use crate::clock::Millis;
use crate::money::{Currency, Minor};

/// Where a payment stands (wechat_v3.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TradeState {
    /// `SUCCESS`.
    Paid,
    /// `REFUND`: it was paid, and at least a part went back since.
    GivenBack,
    /// `NOTPAY`, and the steps of a code payment: money may still come.
    Waiting,
    /// `CLOSED`, `REVOKED`.
    Closed,
    /// `PAYERROR`: this try of the buyer failed; the payment can still be made until it is closed.
    Failed,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    /// The merchant it belongs to.
    pub(super) mch_id: String,
    /// The app it was made for.
    pub(super) app_id: String,
    /// Our number.
    pub(super) out_trade_no: String,
    /// Where it stands.
    pub(super) state: TradeState,
    /// The channel's number, once there is one.
    pub(super) transaction_id: Option<String>,
    /// The whole price; what the buyer paid is less with a coupon of WeChat's.
    pub(super) total: Option<Minor>,
    /// Of `total`.
    pub(super) currency: Option<Currency>,
    /// When it was paid.
    pub(super) paid_at: Option<Millis>,
}

impl Transaction {
    /// Reads one; the error names what is wrong.
    pub(super) fn read(object: &Object) -> Result<Transaction, &'static str> {
        let text = |name: &str| match object.text(name) {
            Some(text) if is_plain(text) => Ok(text.to_owned()),
            _ => Err("a field is missing or not plain"),
        };
        let state = match object.text("trade_state") {
            Some("SUCCESS") => TradeState::Paid,
            Some("REFUND") => TradeState::GivenBack,
            Some("NOTPAY" | "USERPAYING" | "ACCEPT") => TradeState::Waiting,
            Some("CLOSED" | "REVOKED") => TradeState::Closed,
            Some("PAYERROR") => TradeState::Failed,
            _ => return Err("a trade_state nobody documented"),
        };
        let transaction_id = match object.text("transaction_id") {
            None | Some("") => None,
            Some(_) => Some(text("transaction_id")?),
        };
        let amount = object.object("amount").unwrap_or_default();
        Ok(Transaction {
            mch_id: text("mchid")?,
            app_id: text("appid")?,
            out_trade_no: text("out_trade_no")?,
            state,
            transaction_id,
            // Nothing is no payment: no receipt could hold it.
            total: amount
                .integer("total")
                .filter(|total| *total > 0)
                .map(Minor),
            currency: amount
                .text("currency")
                .and_then(|code| Currency::from_str(code).ok()),
            paid_at: object.text("success_time").and_then(times::parse),
        })
    }

    /// The money of it, if all that makes a receipt is there.
    pub(super) fn paid(&self) -> Option<Paid> {
        Some(Paid {
            channel_trade_no: self.transaction_id.clone()?,
            amount: self.total?,
            currency: self.currency?,
            paid_at: self.paid_at,
        })
    }
}

/// A number or a name, as every field is that decides something.
pub(super) fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'|' | b'*' | b'@');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}
