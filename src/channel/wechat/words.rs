//! What WeChat Pay's error codes mean (wechat_v3.md §8).
//!
//! The code decides, never the message. Only what the sheet documents is taken as certain;
//! everything else stays unknown and is asked about.

use super::answer::Refusal;
use crate::channel::failing::{failure, refused};
use crate::channel::model::{Class, Failure, Text};

/// The meaning of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Our numbers, key, parameters or contract are wrong.
    Misconfigured,
    /// The number was used with other parameters.
    Used,
    /// The order is paid already.
    AlreadyPaid,
    /// The order is closed, for good.
    Closed,
    /// WeChat Pay knows no such order, or no such refund.
    NotFound,
    /// The payment is not wanted.
    Declined,
    /// The payment is past a limit of the merchant's or the buyer's.
    Limit,
    /// The merchant's balance does not cover the refund.
    NotEnough,
    /// The payment is too old to be refunded.
    Overdue,
    /// The refund's number was used for another amount.
    Mismatch,
    /// It may work later.
    Busy,
    /// A code nobody documented.
    Unknown,
}

/// Reads a code.
pub(super) fn meaning(status: u16, code: &str) -> Meaning {
    match code {
        "SIGN_ERROR"
        | "NO_AUTH"
        | "APPID_MCHID_NOT_MATCH"
        | "MCH_NOT_EXISTS"
        | "PARAM_ERROR"
        | "INVALID_REQUEST" => Meaning::Misconfigured,
        "OUT_TRADE_NO_USED" => Meaning::Used,
        "ORDERPAID" | "ORDER_PAID" => Meaning::AlreadyPaid,
        "ORDER_CLOSED" | "ORDERCLOSED" => Meaning::Closed,
        "ORDER_NOT_EXIST" | "RESOURCE_NOT_EXISTS" => Meaning::NotFound,
        "RULE_LIMIT" => Meaning::Limit,
        "TRADE_ERROR" | "ACCOUNT_ERROR" | "USER_ACCOUNT_ABNORMAL" => Meaning::Declined,
        "NOT_ENOUGH" => Meaning::NotEnough,
        "TRADE_OVERDUE" => Meaning::Overdue,
        "REFUND_FEE_MISMATCH" => Meaning::Mismatch,
        "SYSTEM_ERROR"
        | "SERVICE_UNAVAILABLE"
        | "FREQUENCY_LIMITED"
        | "RATELIMIT_EXCEEDED"
        | "BANK_ERROR" => Meaning::Busy,
        _ if status == 429 => Meaning::Busy,
        _ => Meaning::Unknown,
    }
}

/// The failure an error of a call is that may have moved something. Only what the sheet
/// documents as refused is certain to have made nothing: a busy answer is not.
pub(super) fn failed(refusal: &Refusal) -> Failure {
    let said = refusal.said.as_str();
    match refusal.meaning {
        Meaning::Misconfigured => refused(Class::Misconfigured, said),
        Meaning::Declined => Failure {
            text: DECLINED,
            ..refused(Class::Declined, said)
        },
        Meaning::Limit => Failure {
            text: LIMIT,
            ..refused(Class::Declined, said)
        },
        Meaning::Closed | Meaning::Overdue => refused(Class::Declined, said),
        // The merchant tops the balance up; the same number goes through then.
        Meaning::NotEnough => refused(Class::Misconfigured, said),
        Meaning::Mismatch => failure(Class::Misconfigured, said),
        Meaning::Used | Meaning::AlreadyPaid => failure(Class::Duplicate, said),
        Meaning::Busy => failure(Class::Retryable, said),
        Meaning::NotFound | Meaning::Unknown => {
            let class = match refusal.status {
                401 => Class::Misconfigured,
                _ => Class::Unknown,
            };
            failure(class, said)
        }
    }
}

const DECLINED: Text = Text::fixed(
    "微信支付没有接受这笔付款，你没有被扣款。请检查微信账户，或换一种支付方式。",
    "WeChat Pay did not accept this payment and you were not charged. Check your WeChat account, or choose another way to pay.",
);

const LIMIT: Text = Text::fixed(
    "这笔付款超出了微信支付的限额，你没有被扣款。请换一种支付方式，或明天再试。",
    "This payment is above a limit of WeChat Pay and you were not charged. Choose another way to pay, or try again tomorrow.",
);

#[cfg(test)]
mod tests {
    use super::*;

    /// wechat_v3.md §8, code by code.
    #[test]
    fn the_sheets_codes_have_the_sheets_classes() {
        for (status, code, class, nothing_made) in [
            (500, "SYSTEM_ERROR", Class::Retryable, false),
            (503, "SERVICE_UNAVAILABLE", Class::Retryable, false),
            (429, "FREQUENCY_LIMITED", Class::Retryable, false),
            (429, "RATELIMIT_EXCEEDED", Class::Retryable, false),
            (429, "SOMETHING_NEW", Class::Retryable, false),
            (401, "SIGN_ERROR", Class::Misconfigured, true),
            (403, "NO_AUTH", Class::Misconfigured, true),
            (400, "APPID_MCHID_NOT_MATCH", Class::Misconfigured, true),
            (404, "MCH_NOT_EXISTS", Class::Misconfigured, true),
            (400, "PARAM_ERROR", Class::Misconfigured, true),
            (400, "INVALID_REQUEST", Class::Misconfigured, true),
            (403, "OUT_TRADE_NO_USED", Class::Duplicate, false),
            (400, "ORDERPAID", Class::Duplicate, false),
            (400, "ORDER_PAID", Class::Duplicate, false),
            (403, "RULE_LIMIT", Class::Declined, true),
            (403, "TRADE_ERROR", Class::Declined, true),
            (403, "ACCOUNT_ERROR", Class::Declined, true),
            (403, "USER_ACCOUNT_ABNORMAL", Class::Declined, true),
            (403, "NOT_ENOUGH", Class::Misconfigured, true),
            (400, "TRADE_OVERDUE", Class::Declined, true),
            (400, "REFUND_FEE_MISMATCH", Class::Misconfigured, false),
            (400, "ORDER_CLOSED", Class::Declined, true),
            (404, "ORDER_NOT_EXIST", Class::Unknown, false),
            (404, "RESOURCE_NOT_EXISTS", Class::Unknown, false),
            (400, "SOMETHING_NEW", Class::Unknown, false),
            (401, "SOMETHING_NEW", Class::Misconfigured, false),
            (400, "sign_error", Class::Unknown, false),
        ] {
            let failed = failed(&Refusal {
                meaning: meaning(status, code),
                status,
                said: format!("{code} 原因"),
            });
            assert_eq!(
                (failed.class, failed.nothing_made),
                (class, nothing_made),
                "{code}"
            );
            assert_eq!(failed.code, format!("{code} 原因"));
            assert!(!failed.text.zh.is_empty() && failed.text.en.is_ascii());
        }
    }
}
