//! What a code of Alipay means (alipay.md §7).
//!
//! Spellings vary (`AQC.SYSTEM_ERROR`, `INVAILID_ARGUMENTS`), so codes are looked for inside of
//! what stands there. Only what the sheet documents is taken as certain; everything else stays
//! unknown and is asked about.

use crate::channel::failing::{failure, refused};
use crate::channel::model::{Class, Failure};

/// The meaning of `code` and `sub_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It was done.
    Yes,
    /// Alipay does not know the trade: nobody has scanned, opened or paid it yet.
    NotExist,
    /// The trade is paid.
    Paid,
    /// The trade is closed.
    Closed,
    /// The trade is in no state for this; it may be paid.
    WrongState,
    /// The trade is over, and nothing is paid back any more.
    Finished,
    /// The number was used already, with other contents.
    Duplicate,
    /// Our application, key, contract or a parameter is wrong.
    Misconfigured,
    /// The merchant's balance is too low for a refund.
    Poor,
    /// The payment is not wanted: amount, limit, buyer, words.
    Declined,
    /// It may work later, or may have worked.
    Later,
    /// A code nobody documented.
    Unknown,
}

/// Codes of the gateway itself, which it does not sign: the call never reached what it was for.
pub(super) fn is_of_the_gateway(code: &str) -> bool {
    matches!(
        code,
        "20000" | "20001" | "40001" | "40002" | "40003" | "40005" | "40006"
    )
}

/// Parts of a `sub_code`, the first that is found decides: `SELLER_BALANCE_NOT_ENOUGH` is no
/// balance of the buyer's.
const PARTS: &[(&str, Meaning)] = &[
    ("SYSTEM_ERROR", Meaning::Later),
    ("UNKNOW-ERROR", Meaning::Later),
    ("UNKNOWN-ERROR", Meaning::Later),
    ("CALL-LIMITED", Meaning::Later),
    ("TRADE_NOT_EXIST", Meaning::NotExist),
    ("TRADE_HAS_SUCCESS", Meaning::Paid),
    ("TRADE_HAS_FINISHED", Meaning::Finished),
    ("TRADE_HAS_CLOSE", Meaning::Closed),
    ("TRADE_STATUS_ERROR", Meaning::WrongState),
    ("REASON_TRADE_STATUS_INVALID", Meaning::WrongState),
    ("CONTEXT_INCONSISTENT", Meaning::Duplicate),
    ("DISCORDANT_REPEAT_REQUEST", Meaning::Duplicate),
    ("APPLY_PC_MERCHANT_CODE_ERROR", Meaning::Duplicate),
    ("SELLER_BALANCE_NOT_ENOUGH", Meaning::Poor),
    ("TOTAL_FEE_EXCEED", Meaning::Declined),
    ("BEYOND_", Meaning::Declined),
    ("BUYER_SELLER_EQUAL", Meaning::Declined),
    ("EXIST_FORBIDDEN_WORD", Meaning::Declined),
    ("BALANCE", Meaning::Declined),
    ("ACCESS_FORBIDDEN", Meaning::Misconfigured),
    ("PARTNER_ERROR", Meaning::Misconfigured),
    ("INVALID_PARAMETER", Meaning::Misconfigured),
    ("MERCHANT_STATUS_NOT_NORMAL", Meaning::Misconfigured),
];

/// Reads a code.
pub(super) fn meaning(code: &str, sub_code: &str) -> Meaning {
    match code {
        "10000" => return Meaning::Yes,
        "20000" | "40005" => return Meaning::Later,
        _ => {}
    }
    let sub_code = sub_code.to_ascii_uppercase();
    let part = PARTS.iter().find(|(part, _)| sub_code.contains(part));
    match (part, code) {
        (Some((_, meaning)), _) => *meaning,
        (None, "20001" | "40001" | "40002" | "40003" | "40006") => Meaning::Misconfigured,
        (None, _) => Meaning::Unknown,
    }
}

/// The failure a code is, of a call that may have moved something. Only what the sheet documents
/// is certain to have made nothing.
pub(super) fn failed(meaning: Meaning, said: &str) -> Failure {
    match meaning {
        Meaning::Misconfigured | Meaning::Poor => refused(Class::Misconfigured, said),
        Meaning::Declined => refused(Class::Declined, said),
        Meaning::Duplicate | Meaning::Paid | Meaning::Finished => failure(Class::Duplicate, said),
        Meaning::Closed => failure(Class::BuyerCancelled, said),
        Meaning::Yes
        | Meaning::NotExist
        | Meaning::WrongState
        | Meaning::Later
        | Meaning::Unknown => failure(Class::Unknown, said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheets_codes_have_the_sheets_classes() {
        for (code, sub_code, expected) in [
            ("10000", "", Meaning::Yes),
            ("20000", "isp.unknow-error", Meaning::Later),
            ("20000", "aop.unknow-error", Meaning::Later),
            ("40004", "ACQ.SYSTEM_ERROR", Meaning::Later),
            ("40004", "AQC.SYSTEM_ERROR", Meaning::Later),
            ("40005", "isv.app-call-limited", Meaning::Later),
            ("40005", "isv.method-call-limited", Meaning::Later),
            ("40001", "isv.missing-method", Meaning::Misconfigured),
            ("40002", "isv.invalid-signature", Meaning::Misconfigured),
            ("40002", "isv.invalid-app-id", Meaning::Misconfigured),
            ("40002", "isv.not-online-app", Meaning::Misconfigured),
            ("40002", "isv.app-cert-expired", Meaning::Misconfigured),
            ("40002", "INVAILID_ARGUMENTS", Meaning::Misconfigured),
            (
                "40003",
                "isv.missing-signature-config",
                Meaning::Misconfigured,
            ),
            (
                "40006",
                "isv.insufficient-isv-permissions",
                Meaning::Misconfigured,
            ),
            ("20001", "aop.invalid-auth-token", Meaning::Misconfigured),
            ("40004", "ACQ.ACCESS_FORBIDDEN", Meaning::Misconfigured),
            ("40004", "ACQ.PARTNER_ERROR", Meaning::Misconfigured),
            ("40004", "ACQ.INVALID_PARAMETER", Meaning::Misconfigured),
            (
                "40004",
                "ACQ.MERCHANT_STATUS_NOT_NORMAL",
                Meaning::Misconfigured,
            ),
            ("40004", "ACQ.TRADE_HAS_SUCCESS", Meaning::Paid),
            ("40004", "ACQ.CONTEXT_INCONSISTENT", Meaning::Duplicate),
            ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST", Meaning::Duplicate),
            (
                "40004",
                "ACQ.APPLY_PC_MERCHANT_CODE_ERROR",
                Meaning::Duplicate,
            ),
            ("40004", "ACQ.TOTAL_FEE_EXCEED", Meaning::Declined),
            (
                "40004",
                "ACQ.BEYOND_PER_RECEIPT_RESTRICTION",
                Meaning::Declined,
            ),
            ("40004", "ACQ.BUYER_SELLER_EQUAL", Meaning::Declined),
            ("40004", "ACQ.EXIST_FORBIDDEN_WORD", Meaning::Declined),
            ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", Meaning::Declined),
            ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", Meaning::Poor),
            ("40004", "ACQ.TRADE_HAS_CLOSE", Meaning::Closed),
            ("40004", "ACQ.TRADE_NOT_EXIST", Meaning::NotExist),
            ("40004", "ACQ.TRADE_STATUS_ERROR", Meaning::WrongState),
            (
                "40004",
                "ACQ.REASON_TRADE_STATUS_INVALID",
                Meaning::WrongState,
            ),
            ("40004", "ACQ.TRADE_HAS_FINISHED", Meaning::Finished),
            ("40004", "ACQ.SOMETHING_NEW", Meaning::Unknown),
            ("40004", "", Meaning::Unknown),
            ("99999", "", Meaning::Unknown),
            ("", "", Meaning::Unknown),
        ] {
            assert_eq!(meaning(code, sub_code), expected, "{code} {sub_code}");
        }
    }

    #[test]
    fn only_documented_refusals_are_certain_to_have_made_nothing() {
        use Meaning::{
            Closed, Declined, Duplicate, Finished, Later, Misconfigured, NotExist, Paid, Poor,
            Unknown, WrongState,
        };
        for (meaning, class, nothing_made) in [
            (Misconfigured, Class::Misconfigured, true),
            (Poor, Class::Misconfigured, true),
            (Declined, Class::Declined, true),
            (Duplicate, Class::Duplicate, false),
            (Paid, Class::Duplicate, false),
            (Finished, Class::Duplicate, false),
            (Closed, Class::BuyerCancelled, false),
            (NotExist, Class::Unknown, false),
            (WrongState, Class::Unknown, false),
            (Later, Class::Unknown, false),
            (Unknown, Class::Unknown, false),
        ] {
            let failed = failed(meaning, "x");
            assert_eq!((failed.class, failed.nothing_made), (class, nothing_made));
            assert!(!failed.text.zh.is_ascii() && failed.text.en.is_ascii());
        }
    }
}
