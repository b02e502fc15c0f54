//! Paying back (wechat_v3.md §7). A refund has one number for ever and one body, so that a
//! repeat is answered as the first was; it is final only when a query or a notice says so.

use serde::Serialize;

use super::Wechat;
use super::answer::{Answer, Effect, Refusal};
use super::ask::piece;
use super::words::{Meaning, failed};
use crate::channel::failing::{failure, refused};
use crate::channel::json::Object;
use crate::channel::model::{Class, Failure, RefundAnswer, RefundCharge, Reply, Request};
use crate::channel::port::Refunds;
use crate::money::Minor;

#[derive(Serialize)]
struct Body<'a> {
    out_trade_no: &'a str,
    out_refund_no: &'a str,
    notify_url: &'a str,
    amount: Amount,
}

#[derive(Serialize)]
struct Amount {
    refund: i64,
    total: i64,
    currency: &'static str,
}

impl Refunds for Wechat {
    fn refund(&self, charge: &RefundCharge) -> Request {
        let body = Body {
            out_trade_no: &charge.merchant_no,
            out_refund_no: &charge.refund_no,
            notify_url: &charge.notify_url,
            amount: Amount {
                refund: charge.amount.0,
                total: charge.paid.0,
                currency: charge.currency.code(),
            },
        };
        // Texts and whole numbers always can be written; an empty body would be refused.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let path = "/v3/refund/domestic/refunds";
        self.post(path, body, charge.now, &charge.nonce)
    }

    fn read_refund(&self, charge: &RefundCharge, reply: &Reply) -> Result<RefundAnswer, Failure> {
        match self.read_answer(reply, charge.now, Effect::Some)? {
            Answer::Yes(object) => told(charge, &object),
            // The payment it is to come from is not there.
            Answer::No(Refusal {
                meaning: Meaning::NotFound,
                said,
                ..
            }) => Err(refused(Class::Declined, &said)),
            Answer::No(refusal) => Err(failed(&refusal)),
        }
    }

    fn query_refund(&self, charge: &RefundCharge) -> Option<Request> {
        let path = format!("/v3/refund/domestic/refunds/{}", piece(&charge.refund_no));
        Some(self.get(&path, charge.now, &charge.nonce))
    }

    fn read_refund_query(
        &self,
        charge: &RefundCharge,
        reply: &Reply,
    ) -> Result<RefundAnswer, Failure> {
        match self.read_answer(reply, charge.now, Effect::None)? {
            Answer::Yes(object) => told(charge, &object),
            Answer::No(refusal) => match refusal.meaning {
                Meaning::NotFound => Ok(RefundAnswer::NotFound),
                Meaning::Misconfigured => Err(failure(Class::Misconfigured, &refusal.said)),
                _ => Err(failure(Class::Retryable, &refusal.said)),
            },
        }
    }
}

/// Where a refund stands, if the answer is about this refund and this amount.
fn told(charge: &RefundCharge, object: &Object) -> Result<RefundAnswer, Failure> {
    let no = |why: &str| Err(failure(Class::Unknown, &format!("an answer, but {why}")));
    if object.text("out_refund_no") != Some(charge.refund_no.as_str()) {
        return no("it does not name our refund");
    }
    if object.text("out_trade_no") != Some(charge.merchant_no.as_str()) {
        return no("it does not name our order");
    }
    let amount = object.object("amount").unwrap_or_default();
    if amount.integer("refund").map(Minor) != Some(charge.amount) {
        return no("another amount went back");
    }
    if amount.text("currency") != Some(charge.currency.code()) {
        return no("it is of another currency");
    }
    match object.text("status") {
        Some("SUCCESS") => Ok(RefundAnswer::Done {
            channel_refund_no: object.text("refund_id").map(str::to_owned),
        }),
        Some("PROCESSING") => Ok(RefundAnswer::Pending),
        // The number is spent: only a new refund, with a new one, can still go back.
        Some("CLOSED") => Err(refused(
            Class::Declined,
            "CLOSED: the refund failed for good; give it up and ask for a new one",
        )),
        // The buyer's card or account takes nothing: the money waits in the merchant's console.
        Some("ABNORMAL") => Err(refused(
            Class::Declined,
            "ABNORMAL: the buyer's account takes nothing; settle it in WeChat Pay's console",
        )),
        _ => no("in a status nobody documented"),
    }
}
