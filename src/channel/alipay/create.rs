//! Beginning an attempt: a signed link that the buyer's browser opens (page and wap pay), or a
//! code made by the gateway (face to face).

use serde_json::{Value as Json, json};

use super::answer::Effect;
use super::config::Way;
use super::words::{Meaning, failed};
use super::{Addresses, Alipay};
use crate::channel::failing::{outside, unsent};
use crate::channel::model::{Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Start};
use crate::channel::{beijing, link, subject};
use crate::clock::{DAY, HOUR};
use crate::money::{Currency, Minor};

/// The longest subject, in bytes; the sheet counts 256 signs of some sort.
const SUBJECT_BYTES: usize = 256;

/// Signs a subject must not hold.
const BARRED: &[char] = &['/', '=', '&'];

/// The most one payment collects: 100,000,000 yuan.
const MOST: Minor = Minor(10_000_000_000);

/// A trade can wait for its buyer this long.
const LONGEST: i64 = 15 * DAY;

/// A code is dead after this, whatever was asked for.
const CODE_LIVES: i64 = 2 * HOUR;

/// The method that makes a code.
const PRECREATE: &str = "alipay.trade.precreate";

impl Alipay {
    /// The link, the request for a code, or why there is neither.
    pub(super) fn begin(&self, charge: &Charge) -> Result<Start, Failure> {
        if charge.method != Method::Alipay {
            return Err(unsent(Class::Misconfigured, "Alipay has no such method"));
        }
        if charge.currency != Currency::CNY {
            return Err(unsent(Class::Misconfigured, "Alipay collects yuan here"));
        }
        if charge.amount <= Minor::ZERO || charge.amount > MOST {
            return Err(outside("amount outside of 0.01 to 100000000"));
        }
        if charge.expires_at > charge.now.saturating_add(LONGEST) {
            return Err(unsent(Class::Misconfigured, "open for more than 15 days"));
        }
        let mut content = json!({
            "out_trade_no": charge.merchant_no,
            "total_amount": charge.amount.decimal(charge.currency),
            "subject": subject::cut(charge, SUBJECT_BYTES, BARRED),
            // Nothing can be paid behind our own deadline.
            "time_expire": beijing::write(charge.expires_at),
        });
        let (method, product) = match self.product.way(charge.buyer.device) {
            Way::Page => ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
            Way::Wap => ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
            Way::Qr => return Ok(Start::Ask(self.call(&self.precreate(charge, &content)))),
        };
        content["product_code"] = Json::from(product);
        if method == "alipay.trade.wap.pay" {
            content["quit_url"] = Json::from(charge.return_url.as_str());
        }
        let addresses = Addresses {
            notify: Some(&charge.notify_url),
            back: Some(&charge.return_url),
        };
        let fields = self.signed(method, &content, &addresses, (charge.now, &charge.nonce));
        Ok(Start::Ready(Pay {
            kind: PayKind::Redirect,
            url: Some(self.address(&fields)),
            qr: None,
            channel_trade_no: None,
            expires_at: None,
        }))
    }

    fn precreate(&self, charge: &Charge, content: &Json) -> Vec<super::Field> {
        let addresses = Addresses {
            notify: Some(&charge.notify_url),
            back: None,
        };
        self.signed(PRECREATE, content, &addresses, (charge.now, &charge.nonce))
    }

    /// The code, out of the reply.
    pub(super) fn created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure> {
        let answer = self.heard(PRECREATE, reply, Effect::Some)?;
        if answer.meaning != Meaning::Yes {
            return Err(failed(answer.meaning, &answer.said));
        }
        if answer.filled("out_trade_no") != Some(charge.merchant_no.as_str()) {
            return Err(answer.not_taken(Class::Unknown, "names another order"));
        }
        let text = answer.filled("qr_code");
        let code = text.and_then(|text| link::code(text, &self.gateway));
        // Something was made there, but nothing a buyer can be shown: it must be asked about.
        let Some(code) = code else {
            return Err(answer.not_taken(Class::Unknown, "no usable code"));
        };
        // Opened on a phone, the code's address leads into the app.
        let page = link::page(&code, &self.gateway);
        let kind = match (charge.buyer.device, &page) {
            (Device::Mobile, Some(_)) => PayKind::Redirect,
            (Device::Mobile, None) | (Device::Desktop, _) => PayKind::Qr,
        };
        Ok(Pay {
            kind,
            url: page,
            qr: Some(code),
            channel_trade_no: None,
            expires_at: Some(charge.now.saturating_add(CODE_LIVES))
                .filter(|dead| *dead < charge.expires_at),
        })
    }
}
