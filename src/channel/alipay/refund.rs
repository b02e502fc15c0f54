//! Paying back, and asking whether it was done.
//!
//! Alipay knows our number of a refund: the same number and amount again is the same refund. It
//! says whether money moved by `fund_change`; everything but a plain `Y` is asked about. Source:
//! alipay.md §4, §8.

use serde_json::json;

use super::answer::{Answer, Effect};
use super::words::{Meaning, failed};
use super::{Addresses, Alipay};
use crate::channel::failing::{failure, refused};
use crate::channel::model::{Class, Failure, RefundAnswer, RefundCharge, Reply, Request};
use crate::channel::port::Refunds;

const REFUND: &str = "alipay.trade.refund";
const QUERY: &str = "alipay.trade.fastpay.refund.query";

impl Refunds for Alipay {
    fn refund(&self, charge: &RefundCharge) -> Request {
        let content = json!({
            "out_trade_no": charge.merchant_no,
            "refund_amount": charge.amount.decimal(charge.currency),
            "out_request_no": charge.refund_no,
        });
        let at = (charge.now, &charge.nonce);
        self.call(&self.signed(REFUND, &content, &Addresses::default(), at))
    }

    fn read_refund(&self, charge: &RefundCharge, reply: &Reply) -> Result<RefundAnswer, Failure> {
        let answer = self.heard(REFUND, reply, Effect::Some)?;
        match answer.meaning {
            Meaning::Yes => accepted(charge, &answer),
            // Nothing of such a trade can go back any more.
            Meaning::NotExist | Meaning::Finished => Err(refused(Class::Declined, &answer.said)),
            meaning => Err(failed(meaning, &answer.said)),
        }
    }

    fn query_refund(&self, charge: &RefundCharge) -> Option<Request> {
        let content = json!({
            "out_trade_no": charge.merchant_no,
            "out_request_no": charge.refund_no,
        });
        let at = (charge.now, &charge.nonce);
        Some(self.call(&self.signed(QUERY, &content, &Addresses::default(), at)))
    }

    fn read_refund_query(
        &self,
        charge: &RefundCharge,
        reply: &Reply,
    ) -> Result<RefundAnswer, Failure> {
        let answer = self.heard(QUERY, reply, Effect::None)?;
        match answer.meaning {
            Meaning::Yes => found(charge, &answer),
            Meaning::NotExist => Ok(RefundAnswer::NotFound),
            Meaning::Misconfigured => Err(failure(Class::Misconfigured, &answer.said)),
            _ => Err(failure(Class::Retryable, &answer.said)),
        }
    }
}

/// Whether the answer is about the trade that was paid.
fn is_of(charge: &RefundCharge, answer: &Answer) -> bool {
    let same = |name: &str, ours: &str| answer.filled(name).is_none_or(|theirs| theirs == ours);
    answer.filled("out_trade_no") == Some(charge.merchant_no.as_str())
        && same("trade_no", &charge.channel_trade_no)
        && same("out_request_no", &charge.refund_no)
}

/// `refund_fee` is all that went back of the trade so far: less than this refund contradicts it.
fn accepted(charge: &RefundCharge, answer: &Answer) -> Result<RefundAnswer, Failure> {
    if !is_of(charge, answer) {
        return Err(answer.not_taken(Class::Unknown, "does not name our trade"));
    }
    if answer.filled("fund_change") != Some("Y") {
        return Ok(RefundAnswer::Pending);
    }
    if answer
        .yuan("refund_fee")
        .is_none_or(|all| all < charge.amount)
    {
        return Err(answer.not_taken(Class::Unknown, "less than our refund went back"));
    }
    Ok(RefundAnswer::Done {
        channel_refund_no: None,
    })
}

/// A refund without a status did not happen: the same number may be sent again.
fn found(charge: &RefundCharge, answer: &Answer) -> Result<RefundAnswer, Failure> {
    match answer.filled("refund_status") {
        None => return Ok(RefundAnswer::NotFound),
        Some("REFUND_SUCCESS") => {}
        Some(_) => return Ok(RefundAnswer::Pending),
    }
    if !is_of(charge, answer) {
        return Err(answer.not_taken(Class::Unknown, "does not name our trade"));
    }
    if answer.yuan("refund_amount") != Some(charge.amount) {
        return Err(answer.not_taken(Class::Unknown, "another amount went back"));
    }
    Ok(RefundAnswer::Done {
        channel_refund_no: None,
    })
}
