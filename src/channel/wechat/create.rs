//! Beginning an attempt: a code on a desktop (Native), WeChat's own page on a phone (H5).
//!
//! The body is made of the charge alone, neither of the time nor of the nonce of a call: a
//! repeat sends the very bytes of the first, which WeChat Pay answers with the same order; other
//! bytes under one number it refuses. Source: wechat_v3.md §4.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::Wechat;
use super::answer::{Answer, Effect};
use super::times;
use super::words::failed;
use crate::channel::failing::{failure, outside, unsent};
use crate::channel::json::Object;
use crate::channel::model::{Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Request};
use crate::channel::{link, subject};
use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::money::{Currency, Minor};

/// The longest description. Documents say characters; bytes are never too many of these.
const DESCRIPTION_BYTES: usize = 127;

/// The longest address of notices.
const NOTIFY_BYTES: usize = 255;

/// The most that fits the 32-bit number of fen: 21,474,836.47 yuan.
const MOST: Minor = Minor(2_147_483_647);

/// The farthest end of an order.
const LONGEST: Millis = 7 * DAY;

/// How long a code can be scanned.
const CODE_LIVES: Millis = 2 * HOUR;

/// How long a page can be opened.
const PAGE_LIVES: Millis = 5 * MINUTE;

/// How a buyer is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product<'a> {
    /// A code to scan.
    Native,
    /// A page that opens the app from a phone's browser.
    H5,
    /// Inside WeChat, for the buyer of this openid.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a charge carries no openid yet: see jsapi.rs")
    )]
    Jsapi(&'a str),
}

impl Product<'_> {
    fn path(self) -> &'static str {
        match self {
            Product::Native => "/v3/pay/transactions/native",
            Product::H5 => "/v3/pay/transactions/h5",
            Product::Jsapi(_) => "/v3/pay/transactions/jsapi",
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: String,
    out_trade_no: &'a str,
    time_expire: String,
    notify_url: &'a str,
    amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene_info: Option<Scene>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<Payer<'a>>,
}

#[derive(Serialize)]
struct Amount {
    total: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct Scene {
    payer_client_ip: String,
    h5_info: H5Info,
}

#[derive(Serialize)]
struct H5Info {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Payer<'a> {
    openid: &'a str,
}

impl Wechat {
    /// The request, or why there is none to send.
    pub(super) fn build_create(&self, charge: &Charge) -> Result<Request, Failure> {
        self.build(charge, self.product(charge))
    }

    /// What this buyer is served with.
    fn product(&self, charge: &Charge) -> Product<'static> {
        match charge.buyer.device {
            Device::Mobile if self.h5 => Product::H5,
            Device::Mobile | Device::Desktop => Product::Native,
        }
    }

    /// The request for a product.
    pub(super) fn build(&self, charge: &Charge, product: Product<'_>) -> Result<Request, Failure> {
        let wrong = |why: &str| Err(unsent(Class::Misconfigured, why));
        if charge.method != Method::Wechat {
            return wrong("WeChat Pay has no such method");
        }
        if charge.currency != Currency::CNY {
            return wrong("WeChat Pay collects yuan only");
        }
        if charge.amount <= Minor::ZERO || charge.amount > MOST {
            return Err(outside("amount outside of 0.01 to 21474836.47"));
        }
        let notify = charge.notify_url.as_str();
        let secure = notify.starts_with("https://") || self.base.scheme() == "http";
        if !secure || notify.len() > NOTIFY_BYTES || notify.contains(['?', '#']) {
            return wrong("notices need an https address of at most 255 characters, no query");
        }
        if charge.expires_at > charge.now.saturating_add(LONGEST) {
            return wrong("WeChat Pay keeps an order for 7 days at most");
        }
        let Some(time_expire) = times::print(charge.expires_at) else {
            return wrong("the order ends at no time of a calendar");
        };
        let body = Body {
            appid: &self.app_id,
            mchid: &self.mch_id,
            description: subject::cut(charge, DESCRIPTION_BYTES, &[]),
            out_trade_no: &charge.merchant_no,
            time_expire,
            notify_url: notify,
            amount: Amount {
                total: charge.amount.0,
                currency: charge.currency.code(),
            },
            scene_info: (product == Product::H5).then(|| Scene {
                payer_client_ip: charge.buyer.ip.to_canonical().to_string(),
                h5_info: H5Info { kind: "Wap" },
            }),
            payer: match product {
                Product::Jsapi(openid) => Some(Payer { openid }),
                Product::Native | Product::H5 => None,
            },
        };
        let Ok(body) = serde_json::to_string(&body) else {
            return wrong("the order cannot be written as JSON");
        };
        Ok(self.post(product.path(), body, charge.now, &charge.nonce))
    }

    /// How the buyer can pay, out of the reply.
    pub(super) fn created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure> {
        let object = match self.read_answer(reply, charge.now, Effect::Some)? {
            Answer::Yes(object) => object,
            Answer::No(refusal) => return Err(failed(&refusal)),
        };
        let pay = match self.product(charge) {
            Product::Native => self.code(charge, &object),
            Product::H5 => self.page(charge, &object),
            Product::Jsapi(_) => None,
        };
        // Something was made there, but nothing a buyer can be shown: it must be asked about.
        pay.ok_or_else(|| failure(Class::Unknown, "an answer without a usable way to pay"))
    }

    fn code(&self, charge: &Charge, object: &Object) -> Option<Pay> {
        let code = link::code(object.text("code_url")?, &self.base)?;
        Some(Pay {
            kind: PayKind::Qr,
            url: None,
            qr: Some(code),
            channel_trade_no: None,
            expires_at: ends(charge, CODE_LIVES),
        })
    }

    fn page(&self, charge: &Charge, object: &Object) -> Option<Pay> {
        let mut page = link::page(object.text("h5_url")?, &self.base)?;
        let back = utf8_percent_encode(&charge.return_url, NON_ALPHANUMERIC);
        let joint = if page.contains('?') { '&' } else { '?' };
        page.push_str(&format!("{joint}redirect_url={back}"));
        Some(Pay {
            kind: PayKind::Redirect,
            url: Some(page),
            qr: None,
            channel_trade_no: None,
            expires_at: ends(charge, PAGE_LIVES),
        })
    }
}

/// When what was made cannot be used any more, if that is before the attempt ends.
fn ends(charge: &Charge, lives: Millis) -> Option<Millis> {
    let end = charge.now.saturating_add(lives);
    (end < charge.expires_at).then_some(end)
}
