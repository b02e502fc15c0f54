//! Paying back: `act=refund` (V1), `/api/pay/refund` and `refundquery` (V2).
//!
//! V1 knows no number of ours for a refund and cannot be asked about one: whatever is not a
//! plain yes or a documented no is unknown, and a person looks. Source: epay.md §2, §3, §5.

use super::answer::{Answer, Effect};
use super::config::Keys;
use super::words::{Meaning, failed};
use super::{Epay, Field};
use crate::channel::failing::{failure, refused};
use crate::channel::model::{Class, Failure, RefundAnswer, RefundCharge, Reply, Request};
use crate::channel::port::Refunds;
use crate::money::Minor;

impl Refunds for Epay {
    fn refund(&self, charge: &RefundCharge) -> Request {
        let mut fields: Vec<Field> = vec![
            ("pid", self.pid.clone()),
            ("trade_no", charge.channel_trade_no.clone()),
            ("out_trade_no", charge.merchant_no.clone()),
            ("money", charge.amount.decimal(charge.currency)),
        ];
        match &self.keys {
            Keys::V1(key) => self.with_key("/api.php?act=refund", fields, key),
            Keys::V2(_) => {
                fields.push(("out_refund_no", charge.refund_no.clone()));
                self.signed("/api/pay/refund", fields, charge.now, &charge.nonce)
            }
        }
    }

    fn read_refund(&self, charge: &RefundCharge, reply: &Reply) -> Result<RefundAnswer, Failure> {
        let answer = self.read_answer(reply, charge.now, Effect::Some)?;
        let signed = matches!(self.keys, Keys::V2(_));
        if answer.ok {
            return if signed {
                self.done(charge, &answer)
            } else {
                Ok(RefundAnswer::Done {
                    channel_refund_no: None,
                })
            };
        }
        // Some V1 sites say 0 for yes; the message decides, and only a plain one.
        if !signed && answer.code == "0" {
            let text = answer.message.to_lowercase();
            let yes = text.contains("成功") || text.starts_with("succ");
            return if yes && !text.contains(['不', '未', '失']) {
                Ok(RefundAnswer::Done {
                    channel_refund_no: None,
                })
            } else {
                Err(answer.not_taken(Class::Unknown, "neither yes nor no"))
            };
        }
        match answer.meaning() {
            // A repeat of a whole refund (R044). Part of an order may have gone back before by
            // another number, so then only a query can tell.
            Meaning::AlreadyRefunded if charge.amount == charge.paid => Ok(RefundAnswer::Done {
                channel_refund_no: None,
            }),
            Meaning::AlreadyRefunded | Meaning::Duplicate if signed => Ok(RefundAnswer::Pending),
            Meaning::AlreadyRefunded | Meaning::Duplicate | Meaning::AlreadyPaid => {
                Err(failure(Class::Unknown, &answer.said))
            }
            Meaning::NotFound => Err(refused(Class::Declined, &answer.said)),
            // Never a blind repeat.
            Meaning::Later => Err(failure(Class::Unknown, &answer.said)),
            meaning => Err(failed(meaning, &answer.said)),
        }
    }

    fn query_refund(&self, charge: &RefundCharge) -> Option<Request> {
        match self.keys {
            Keys::V1(_) => None,
            Keys::V2(_) => {
                let fields: Vec<Field> = vec![
                    ("pid", self.pid.clone()),
                    ("out_refund_no", charge.refund_no.clone()),
                ];
                Some(self.signed("/api/pay/refundquery", fields, charge.now, &charge.nonce))
            }
        }
    }

    fn read_refund_query(
        &self,
        charge: &RefundCharge,
        reply: &Reply,
    ) -> Result<RefundAnswer, Failure> {
        let answer = self.read_answer(reply, charge.now, Effect::None)?;
        if !answer.ok {
            return match answer.meaning() {
                Meaning::NotFound => Ok(RefundAnswer::NotFound),
                Meaning::Misconfigured => Err(failure(Class::Misconfigured, &answer.said)),
                _ => Err(failure(Class::Retryable, &answer.said)),
            };
        }
        match answer.fields.filled("status") {
            Some("1") => self.done(charge, &answer),
            Some("0") => {
                self.done(charge, &answer)?;
                Err(refused(
                    Class::Declined,
                    &format!("refund failed: {}", answer.said),
                ))
            }
            _ => Err(answer.not_taken(Class::Unknown, "a status nobody documented")),
        }
    }
}

impl Epay {
    /// Done, if the answer is about this refund and this amount.
    fn done(&self, charge: &RefundCharge, answer: &Answer) -> Result<RefundAnswer, Failure> {
        let no = |why: &str| Err(answer.not_taken(Class::Unknown, why));
        if answer.fields.filled("out_refund_no") != Some(charge.refund_no.as_str()) {
            return no("does not name our refund");
        }
        let amount = answer
            .fields
            .filled("money")
            .and_then(|money| Minor::parse(money, charge.currency).ok());
        if amount != Some(charge.amount) {
            return no("another amount went back");
        }
        Ok(RefundAnswer::Done {
            channel_refund_no: answer.fields.filled("refund_no").map(str::to_owned),
        })
    }
}
