//! The five calls and their answers.

use serde_json::{Value as Json, json};

use super::Sandbox;
use super::answer::{Answer, Payment, failed, unknown};
use super::sign::sign;
use crate::channel::failing::{failure, refused, unsent};
use crate::channel::json::Object;
use crate::channel::link;
use crate::channel::model::{
    Charge, Class, CloseAnswer, Device, Failure, Lookup, Method, Pay, PayKind, QueryAnswer,
    RefundAnswer, RefundCharge, Reply, Request, Verb,
};
use crate::channel::port::{Close, Refunds};
use crate::clock::{Millis, SECOND};
use crate::money::Minor;

impl Sandbox {
    fn post(&self, path: &str, body: &Json, now: Millis, nonce: &[u8; 16]) -> Request {
        let body = body.to_string().into_bytes();
        let timestamp = now.div_euclid(SECOND).to_string();
        let nonce = hex::encode(nonce);
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let mut url = self.base.clone();
        url.set_path(&path);
        let signed = format!("POST {}", url.path());
        let signature = sign(self.key.reveal(), &timestamp, &nonce, &signed, &body);
        Request {
            verb: Verb::Post,
            url: url.to_string(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-sandbox-merchant", self.merchant.clone()),
                ("x-sandbox-timestamp", timestamp),
                ("x-sandbox-nonce", nonce),
                ("x-sandbox-signature", signature),
            ],
            body,
        }
    }

    /// Asks for a payment, or says why not.
    pub(super) fn build_create(&self, charge: &Charge) -> Result<Request, Failure> {
        if charge.method == Method::Wallet || !super::CURRENCIES.contains(&charge.currency) {
            return Err(unsent(Class::Misconfigured, "no such method or currency"));
        }
        if charge.amount <= Minor::ZERO {
            return Err(unsent(Class::Declined, "nothing to collect"));
        }
        let body = json!({
            "merchant_no": charge.merchant_no,
            "amount": charge.amount.0,
            "currency": charge.currency.code(),
            "method": charge.method.as_str(),
            "subject": charge.subject,
            "notify_url": charge.notify_url,
            "return_url": charge.return_url,
            "expires_at": charge.expires_at,
        });
        Ok(self.post("/v1/payments", &body, charge.now, &charge.nonce))
    }

    /// How the buyer can pay, out of the reply.
    pub(super) fn created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure> {
        let object = match self.read_answer(reply, charge.now, &charge.nonce)? {
            Answer::Good(object) => object,
            Answer::Error(code) => return Err(failed(&code)),
        };
        let payment = self.payment(&object, &charge.merchant_no)?;
        if (payment.amount, payment.currency) != (charge.amount, charge.currency) {
            return Err(unknown("made with another amount"));
        }
        if !matches!(payment.state.as_str(), "waiting" | "paid") {
            return Err(failure(Class::Duplicate, &format!("is {}", payment.state)));
        }
        let page = object.text("pay_url");
        let url = page.and_then(|text| link::page(text, &self.base));
        let url = url.ok_or_else(|| unknown("no usable way to pay"))?;
        let qr = object
            .text("qr")
            .and_then(|text| link::code(text, &self.base));
        let scans = matches!(
            charge.method,
            Method::Alipay | Method::Wechat | Method::Usdt
        ) && charge.buyer.device == Device::Desktop;
        Ok(Pay {
            kind: match qr {
                Some(_) if scans => PayKind::Qr,
                _ => PayKind::Redirect,
            },
            url: Some(url),
            qr,
            channel_trade_no: Some(payment.trade_no),
            expires_at: object
                .integer("expires_at")
                .filter(|at| *at < charge.expires_at),
        })
    }

    /// Asks about a payment.
    pub(super) fn build_query(&self, lookup: &Lookup) -> Request {
        let body = json!({ "merchant_no": lookup.merchant_no });
        self.post("/v1/payments/query", &body, lookup.now, &lookup.nonce)
    }

    fn looked_up(
        &self,
        lookup: &Lookup,
        reply: &Reply,
    ) -> Result<Result<Payment, String>, Failure> {
        match self.read_answer(reply, lookup.now, &lookup.nonce)? {
            Answer::Good(object) => self.payment(&object, &lookup.merchant_no).map(Ok),
            Answer::Error(code) => Ok(Err(code)),
        }
    }

    /// What the gateway says about a payment.
    pub(super) fn queried(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure> {
        let payment = match self.looked_up(lookup, reply)? {
            Ok(payment) => payment,
            Err(code) if code == "not_found" => return Ok(QueryAnswer::NotFound),
            Err(code) => return Err(failed(&code)),
        };
        match payment.state.as_str() {
            "waiting" => Ok(QueryAnswer::Waiting),
            "closed" => Ok(QueryAnswer::Closed),
            "paid" if payment.given_back => Ok(QueryAnswer::GivenBack(payment.paid())),
            "paid" => Ok(QueryAnswer::Paid(payment.paid())),
            _ => Err(unknown("a state nobody documented")),
        }
    }

    fn refunded(&self, charge: &RefundCharge, object: &Object) -> Result<RefundAnswer, Failure> {
        if object.text("refund_no") != Some(charge.refund_no.as_str()) {
            return Err(unknown("does not name our refund"));
        }
        if object.integer("amount") != Some(charge.amount.0) {
            return Err(unknown("another amount went back"));
        }
        match object.text("state") {
            Some("done") => Ok(RefundAnswer::Done {
                channel_refund_no: object.text("channel_refund_no").map(str::to_owned),
            }),
            Some("pending") => Ok(RefundAnswer::Pending),
            Some("failed") => Err(refused(Class::Declined, "refund failed")),
            _ => Err(unknown("a state nobody documented")),
        }
    }
}

impl Close for Sandbox {
    fn close(&self, lookup: &Lookup) -> Request {
        let body = json!({ "merchant_no": lookup.merchant_no });
        self.post("/v1/payments/close", &body, lookup.now, &lookup.nonce)
    }

    fn read_close(&self, lookup: &Lookup, reply: &Reply) -> Result<CloseAnswer, Failure> {
        match self.looked_up(lookup, reply)? {
            Ok(payment) if payment.state == "closed" => Ok(CloseAnswer::Closed),
            Ok(_) => Err(unknown("closing left it open")),
            Err(code) if code == "not_found" => Ok(CloseAnswer::Closed),
            Err(code) if code == "already_paid" => Ok(CloseAnswer::AlreadyPaid),
            Err(code) => Err(failed(&code)),
        }
    }
}

impl Refunds for Sandbox {
    fn refund(&self, charge: &RefundCharge) -> Request {
        let body = json!({
            "merchant_no": charge.merchant_no,
            "refund_no": charge.refund_no,
            "amount": charge.amount.0,
        });
        self.post("/v1/refunds", &body, charge.now, &charge.nonce)
    }

    fn read_refund(&self, charge: &RefundCharge, reply: &Reply) -> Result<RefundAnswer, Failure> {
        match self.read_answer(reply, charge.now, &charge.nonce)? {
            Answer::Good(object) => self.refunded(charge, &object),
            Answer::Error(code) => Err(failed(&code)),
        }
    }

    fn query_refund(&self, charge: &RefundCharge) -> Option<Request> {
        let body = json!({ "refund_no": charge.refund_no });
        Some(self.post("/v1/refunds/query", &body, charge.now, &charge.nonce))
    }

    fn read_refund_query(
        &self,
        charge: &RefundCharge,
        reply: &Reply,
    ) -> Result<RefundAnswer, Failure> {
        match self.read_answer(reply, charge.now, &charge.nonce)? {
            Answer::Good(object) => self.refunded(charge, &object),
            Answer::Error(code) if code == "not_found" => Ok(RefundAnswer::NotFound),
            Answer::Error(code) => Err(failed(&code)),
        }
    }
}
