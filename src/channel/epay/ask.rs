//! Asking about an attempt, and closing it (V2).

use super::answer::{Answer, Effect, Fields};
use super::config::Keys;
use super::words::{Meaning, failed};
use super::{Epay, Field};
use crate::channel::beijing;
use crate::channel::failing::failure;
use crate::channel::model::{
    Class, CloseAnswer, Failure, Lookup, Paid, QueryAnswer, Reply, Request,
};
use crate::channel::port::Close;
use crate::money::{Currency, Minor};

impl Epay {
    /// Asks by our number only: where both are sent the platform's number wins, and that one
    /// may have come from elsewhere. V1 wants its key: in the body, never in the address.
    pub(super) fn build_query(&self, lookup: &Lookup) -> Request {
        let fields = vec![
            ("pid", self.pid.clone()),
            ("out_trade_no", lookup.merchant_no.clone()),
        ];
        match &self.keys {
            Keys::V1(key) => self.with_key("/api.php?act=order", fields, key),
            Keys::V2(_) => self.signed("/api/pay/query", fields, lookup.now, &lookup.nonce),
        }
    }

    /// What the platform says about an attempt.
    pub(super) fn queried(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure> {
        let answer = self.read_answer(reply, lookup.now, Effect::None)?;
        if !answer.ok {
            return match answer.meaning() {
                Meaning::NotFound => Ok(QueryAnswer::NotFound),
                Meaning::Misconfigured => Err(failure(Class::Misconfigured, &answer.said)),
                _ => Err(failure(Class::Retryable, &answer.said)),
            };
        }
        let nested = answer.fields.0.object("data").map(Fields);
        let order = match &nested {
            // Only V1 has nested answers: the V2 signature does not cover them.
            Some(data)
                if matches!(self.keys, Keys::V1(_)) && data.filled("out_trade_no").is_some() =>
            {
                data
            }
            _ => &answer.fields,
        };
        self.order(&answer, order, lookup)
    }

    fn order(
        &self,
        answer: &Answer,
        order: &Fields,
        lookup: &Lookup,
    ) -> Result<QueryAnswer, Failure> {
        let no = |why: &str| Err(answer.not_taken(Class::Unknown, why));
        if order.filled("out_trade_no") != Some(lookup.merchant_no.as_str()) {
            return no("does not name our order");
        }
        if order.filled("pid").is_some_and(|pid| pid != self.pid) {
            return no("names another merchant");
        }
        let by_number = match order.filled("status") {
            None => None,
            Some("1" | "TRADE_SUCCESS") => Some(true),
            // Given back since: the payment happened.
            Some("2") if matches!(self.keys, Keys::V2(_)) => Some(true),
            Some("0") => Some(false),
            // Authorised in advance: no money moved yet.
            Some("4") if matches!(self.keys, Keys::V2(_)) => Some(false),
            Some("3") if matches!(self.keys, Keys::V2(_)) => return no("the order is frozen"),
            Some(_) => return no("a status nobody documented"),
        };
        let by_word = order
            .filled("trade_status")
            .map(|word| word == "TRADE_SUCCESS");
        let paid = match (by_number, by_word) {
            (Some(a), Some(b)) if a != b => return no("two statuses that disagree"),
            (Some(paid), _) | (None, Some(paid)) => paid,
            (None, None) => return no("has no status"),
        };
        if !paid {
            return Ok(QueryAnswer::Waiting);
        }
        let Some(trade_no) = order.filled("trade_no") else {
            return no("paid without trade_no");
        };
        let amount = order
            .filled("money")
            .and_then(|money| Minor::parse(money, Currency::CNY).ok())
            // Nothing is no payment: no receipt could hold it.
            .filter(|amount| *amount > Minor::ZERO);
        let Some(amount) = amount else {
            return no("paid without a readable amount");
        };
        // V1 has no word for it; platforms that add the field mean the same by it.
        let given_back = order.filled("status") == Some("2")
            || order
                .filled("refundmoney")
                .and_then(|money| Minor::parse(money, Currency::CNY).ok())
                .is_some_and(|back| back > Minor::ZERO);
        let paid = Paid {
            channel_trade_no: trade_no.to_owned(),
            amount,
            currency: Currency::CNY,
            paid_at: order.filled("endtime").and_then(beijing::read),
        };
        Ok(if given_back {
            QueryAnswer::GivenBack(paid)
        } else {
            QueryAnswer::Paid(paid)
        })
    }
}

/// V2 only, and there only of some routes: the others say so.
impl Close for Epay {
    fn close(&self, lookup: &Lookup) -> Request {
        let fields: Vec<Field> = vec![
            ("pid", self.pid.clone()),
            ("out_trade_no", lookup.merchant_no.clone()),
        ];
        self.signed("/api/pay/close", fields, lookup.now, &lookup.nonce)
    }

    fn read_close(&self, lookup: &Lookup, reply: &Reply) -> Result<CloseAnswer, Failure> {
        let answer = self.read_answer(reply, lookup.now, Effect::Some)?;
        if answer.ok {
            return Ok(CloseAnswer::Closed);
        }
        match answer.meaning() {
            Meaning::NotFound | Meaning::AlreadyClosed => Ok(CloseAnswer::Closed),
            Meaning::AlreadyPaid => Ok(CloseAnswer::AlreadyPaid),
            meaning => Err(failed(meaning, &answer.said)),
        }
    }
}
