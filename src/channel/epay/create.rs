//! Beginning an attempt: `mapi.php` (V1), `/api/pay/create` (V2), server side.

use super::answer::{Answer, Effect};
use super::config::Keys;
use super::words::failed;
use super::{Epay, Field};
use crate::channel::failing::{failure, outside, unsent};
use crate::channel::model::{Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Request};
use crate::channel::{link, subject};
use crate::money::{Currency, Minor};

/// The longest `name`, in bytes; platforms cut there themselves, maybe inside a character.
const NAME_BYTES: usize = 127;

/// What fits the decimal(10,2) that platforms keep: 99,999,999.99 yuan.
const MOST: Minor = Minor(9_999_999_999);

/// The platform's word for a method.
fn kind(method: Method) -> Option<&'static str> {
    match method {
        Method::Alipay => Some("alipay"),
        Method::Wechat => Some("wxpay"),
        Method::Bank => Some("bank"),
        Method::Usdt => Some("usdt"),
        Method::Card | Method::Paypal | Method::Wallet => None,
    }
}

impl Epay {
    /// The request, or why there is none to send.
    pub(super) fn build_create(&self, charge: &Charge) -> Result<Request, Failure> {
        let Some(kind) = kind(charge.method) else {
            return Err(unsent(Class::Misconfigured, "epay has no such method"));
        };
        if charge.currency != Currency::CNY {
            return Err(unsent(Class::Misconfigured, "epay collects yuan only"));
        }
        if charge.amount <= Minor::ZERO || charge.amount > MOST {
            return Err(outside("amount outside of 0.01 to 99999999.99"));
        }
        let device = match charge.buyer.device {
            Device::Desktop => "pc",
            Device::Mobile => "mobile",
        };
        let mut fields: Vec<Field> = vec![
            ("pid", self.pid.clone()),
            ("type", kind.to_owned()),
            ("out_trade_no", charge.merchant_no.clone()),
            ("notify_url", charge.notify_url.clone()),
            ("return_url", charge.return_url.clone()),
            ("name", subject::cut(charge, NAME_BYTES, &['&'])),
            ("money", charge.amount.decimal(charge.currency)),
            ("clientip", charge.buyer.ip.to_canonical().to_string()),
            ("device", device.to_owned()),
        ];
        Ok(match self.keys {
            Keys::V1(_) => self.signed("/mapi.php", fields, charge.now, &charge.nonce),
            Keys::V2(_) => {
                fields.push(("method", "web".to_owned()));
                self.signed("/api/pay/create", fields, charge.now, &charge.nonce)
            }
        })
    }

    /// How the buyer can pay, out of the reply.
    pub(super) fn created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure> {
        let answer = self.read_answer(reply, charge.now, Effect::Some)?;
        if !answer.ok {
            return Err(failed(answer.meaning(), &answer.said));
        }
        if let Some(no) = answer.fields.filled("out_trade_no")
            && no != charge.merchant_no
        {
            return Err(answer.not_taken(Class::Unknown, "names another order"));
        }
        let pay = match self.keys {
            Keys::V1(_) => self.pay_v1(&answer),
            Keys::V2(_) => self.pay_v2(&answer)?,
        };
        // Something was made there, but nothing a buyer can be shown: it must be asked about.
        pay.ok_or_else(|| answer.not_taken(Class::Unknown, "no usable way to pay"))
    }

    fn pay_v1(&self, answer: &Answer) -> Option<Pay> {
        let filled = |name: &str| answer.fields.filled(name);
        let page = ["payurl", "payurl2"]
            .into_iter()
            .filter_map(filled)
            .find_map(|text| link::page(text, &self.base));
        let code = filled("qrcode").and_then(|text| link::code(text, &self.base));
        let app = filled("urlscheme").and_then(|text| link::app(text, &self.base));
        // Some sites answer an app link as payurl.
        let app = app.or_else(|| filled("payurl").and_then(|text| link::app(text, &self.base)));
        self.pay(answer, page, code, app)
    }

    fn pay_v2(&self, answer: &Answer) -> Result<Option<Pay>, Failure> {
        let info = answer.fields.filled("pay_info").unwrap_or_default();
        let kind = answer.fields.filled("pay_type").unwrap_or_default();
        Ok(match kind {
            "jump" => self.pay(answer, link::page(info, &self.base), None, None),
            "qrcode" => self.pay(answer, None, link::code(info, &self.base), None),
            "urlscheme" => self.pay(answer, None, None, link::app(info, &self.base)),
            // Forms and parameters for apps have no place on a page of ours.
            other => {
                return Err(failure(
                    Class::Misconfigured,
                    &format!("pay_type {other} is not for web pages"),
                ));
            }
        })
    }

    fn pay(
        &self,
        answer: &Answer,
        page: Option<String>,
        code: Option<String>,
        app: Option<String>,
    ) -> Option<Pay> {
        let kind = match (&page, &code, &app) {
            (_, Some(_), _) => PayKind::Qr,
            (Some(_), None, _) | (None, None, Some(_)) => PayKind::Redirect,
            (None, None, None) => return None,
        };
        Some(Pay {
            kind,
            url: page.or(app),
            qr: code,
            channel_trade_no: answer.fields.filled("trade_no").map(str::to_owned),
            expires_at: None,
        })
    }
}
