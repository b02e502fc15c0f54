//! Asking about an attempt, and closing it (wechat_v3.md §4, §5).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Wechat;
use super::answer::{Answer, Effect};
use super::transaction::{TradeState, Transaction};
use super::words::{Meaning, failed};
use crate::channel::failing::failure;
use crate::channel::json::Object;
use crate::channel::model::{Class, CloseAnswer, Failure, Lookup, QueryAnswer, Reply, Request};
use crate::channel::port::Close;

/// What stands for itself in a path. Numbers of ours hold nothing else; one that a notice told
/// may.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'*');

/// A number as a piece of a path.
pub(super) fn piece(number: &str) -> String {
    utf8_percent_encode(number, PLAIN).to_string()
}

impl Wechat {
    /// Asks by our number: the channel's may have come from elsewhere.
    pub(super) fn build_query(&self, lookup: &Lookup) -> Request {
        let (no, mch_id) = (piece(&lookup.merchant_no), &self.mch_id);
        let path = format!("/v3/pay/transactions/out-trade-no/{no}?mchid={mch_id}");
        self.get(&path, lookup.now, &lookup.nonce)
    }

    /// What WeChat Pay says about an attempt.
    pub(super) fn queried(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure> {
        match self.read_answer(reply, lookup.now, Effect::None)? {
            Answer::Yes(object) => self.transaction(&object, lookup),
            Answer::No(refusal) => match refusal.meaning {
                Meaning::NotFound => Ok(QueryAnswer::NotFound),
                Meaning::Closed => Ok(QueryAnswer::Closed),
                Meaning::Misconfigured => Err(failure(Class::Misconfigured, &refusal.said)),
                _ => Err(failure(Class::Retryable, &refusal.said)),
            },
        }
    }

    fn transaction(&self, object: &Object, lookup: &Lookup) -> Result<QueryAnswer, Failure> {
        let no = |why: &str| Err(failure(Class::Unknown, &format!("an answer, but {why}")));
        let found = match Transaction::read(object) {
            Ok(found) => found,
            Err(why) => return no(why),
        };
        if found.out_trade_no != lookup.merchant_no {
            return no("it does not name our order");
        }
        if found.mch_id != self.mch_id || found.app_id != self.app_id {
            return no("it names another mchid or appid");
        }
        let paid = || match found.paid() {
            Some(paid) => Ok(paid),
            None => Err(failure(
                Class::Unknown,
                "paid without a number or a readable amount",
            )),
        };
        Ok(match found.state {
            TradeState::Paid => QueryAnswer::Paid(paid()?),
            TradeState::GivenBack => QueryAnswer::GivenBack(paid()?),
            // A try that failed leaves the code as payable as before: closing it ends that.
            TradeState::Waiting | TradeState::Failed => QueryAnswer::Waiting,
            TradeState::Closed => QueryAnswer::Closed,
        })
    }
}

/// Closing may be repeated: the second answer is as the first.
impl Close for Wechat {
    fn close(&self, lookup: &Lookup) -> Request {
        let no = piece(&lookup.merchant_no);
        let path = format!("/v3/pay/transactions/out-trade-no/{no}/close");
        let body = format!("{{\"mchid\":\"{}\"}}", self.mch_id);
        self.post(&path, body, lookup.now, &lookup.nonce)
    }

    fn read_close(&self, lookup: &Lookup, reply: &Reply) -> Result<CloseAnswer, Failure> {
        match self.read_answer(reply, lookup.now, Effect::Some)? {
            Answer::Yes(_) => Ok(CloseAnswer::Closed),
            Answer::No(refusal) => match refusal.meaning {
                Meaning::NotFound | Meaning::Closed => Ok(CloseAnswer::Closed),
                Meaning::AlreadyPaid => Ok(CloseAnswer::AlreadyPaid),
                _ => Err(failed(&refusal)),
            },
        }
    }
}
