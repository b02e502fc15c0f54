//! Asking about an attempt, and closing it.

use serde_json::json;

use super::answer::{Answer, Effect};
use super::words::{Meaning, failed};
use super::{Addresses, Alipay};
use crate::channel::beijing;
use crate::channel::failing::failure;
use crate::channel::model::{
    Class, CloseAnswer, Failure, Lookup, Paid, QueryAnswer, Reply, Request,
};
use crate::channel::port::Close;
use crate::money::{Currency, Minor};

const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";

impl Alipay {
    /// Asks by our number only: where both are sent Alipay's wins, and that one may have come
    /// from elsewhere.
    pub(super) fn build_query(&self, lookup: &Lookup) -> Request {
        self.about(QUERY, lookup)
    }

    fn about(&self, method: &str, lookup: &Lookup) -> Request {
        let content = json!({ "out_trade_no": lookup.merchant_no });
        let at = (lookup.now, &lookup.nonce);
        self.call(&self.signed(method, &content, &Addresses::default(), at))
    }

    /// What Alipay says about an attempt. It knows no trade that nobody has scanned or opened.
    pub(super) fn queried(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure> {
        let answer = self.heard(QUERY, reply, Effect::None)?;
        match answer.meaning {
            Meaning::Yes => trade(&answer, lookup),
            Meaning::NotExist => Ok(QueryAnswer::NotFound),
            Meaning::Misconfigured => Err(failure(Class::Misconfigured, &answer.said)),
            _ => Err(failure(Class::Retryable, &answer.said)),
        }
    }
}

fn trade(answer: &Answer, lookup: &Lookup) -> Result<QueryAnswer, Failure> {
    let no = |why: &str| Err(answer.not_taken(Class::Unknown, why));
    if answer.filled("out_trade_no") != Some(lookup.merchant_no.as_str()) {
        return no("does not name our order");
    }
    let settled = answer.filled("send_pay_date");
    let given_back = match answer.filled("trade_status") {
        Some("WAIT_BUYER_PAY") => return Ok(QueryAnswer::Waiting),
        // Closed without money, or all of it given back: only what was paid has a time of that.
        Some("TRADE_CLOSED") if settled.is_none() => return Ok(QueryAnswer::Closed),
        Some("TRADE_CLOSED") => true,
        Some("TRADE_SUCCESS" | "TRADE_FINISHED") => false,
        Some(_) => return no("a status nobody documented"),
        None => return no("has no status"),
    };
    let Some(trade_no) = answer.filled("trade_no") else {
        return no("paid without trade_no");
    };
    // Nothing is no payment: no receipt could hold it.
    let amount = answer.yuan("total_amount").filter(|a| *a > Minor::ZERO);
    let Some(amount) = amount else {
        return no("paid without a readable amount");
    };
    let paid = Paid {
        channel_trade_no: trade_no.to_owned(),
        amount,
        currency: Currency::CNY,
        paid_at: settled.and_then(beijing::read),
    };
    Ok(match given_back {
        true => QueryAnswer::GivenBack(paid),
        false => QueryAnswer::Paid(paid),
    })
}

impl Close for Alipay {
    fn close(&self, lookup: &Lookup) -> Request {
        self.about(CLOSE, lookup)
    }

    fn read_close(&self, lookup: &Lookup, reply: &Reply) -> Result<CloseAnswer, Failure> {
        let answer = self.heard(CLOSE, reply, Effect::Some)?;
        match answer.meaning {
            Meaning::Yes => match answer.filled("out_trade_no") {
                Some(no) if no != lookup.merchant_no => {
                    Err(answer.not_taken(Class::Unknown, "closed another order"))
                }
                _ => Ok(CloseAnswer::Closed),
            },
            Meaning::Closed => Ok(CloseAnswer::Closed),
            // A code nobody scanned and a page nobody opened are unknown, and can still be paid.
            Meaning::NotExist => Ok(CloseAnswer::MayStillPay),
            Meaning::Paid | Meaning::Finished | Meaning::WrongState => Ok(CloseAnswer::AlreadyPaid),
            // What could not be asked for was not closed, and may have been paid meanwhile.
            meaning => Err(Failure {
                nothing_made: false,
                ..failed(meaning, &answer.said)
            }),
        }
    }
}
