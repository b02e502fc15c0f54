//! What a platform's free text means (epay.md §4).
//!
//! Codes of epay are text that every site writes its own way. Only what the sheet documents is
//! taken as certain; everything else stays unknown and is asked about.

use crate::channel::failing::{failure, refused};
use crate::channel::model::{Class, Failure};

/// The meaning of a message that came with an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The platform does not know the order, or the refund.
    NotFound,
    /// The order is paid already.
    AlreadyPaid,
    /// The refund, or all of the order, went back already.
    AlreadyRefunded,
    /// The order is closed already.
    AlreadyClosed,
    /// The number was used already.
    Duplicate,
    /// Our number, key or contract is wrong.
    Misconfigured,
    /// The payment is not wanted: amount, limit, route, risk.
    Declined,
    /// The platform's route is out, which says something of its health.
    NoRoute,
    /// It may work later.
    Later,
    /// A text nobody documented.
    Unknown,
}

/// Reads a message. The order of the rules matters: 商户订单号重复 names the merchant and is no
/// misconfiguration.
pub(super) fn meaning(message: &str) -> Meaning {
    let text = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let word = |known: &[&str]| known.iter().any(|w| words.contains(w));

    let missing = has(&["不存在", "未找到", "not exist", "not found", "no such"]);
    if missing && (has(&["订单", "退款", "单号"]) || word(&["order", "trade", "refund"])) {
        return Meaning::NotFound;
    }
    if has(&[
        "已退款",
        "已全额退款",
        "已全部退款",
        "重复退款",
        "already refunded",
    ]) {
        return Meaning::AlreadyRefunded;
    }
    if has(&["已支付", "已付款", "already paid"]) {
        return Meaning::AlreadyPaid;
    }
    if has(&["已关闭", "already closed"]) {
        return Meaning::AlreadyClosed;
    }
    if has(&["重复", "已存在", "duplicate", "already exist"]) {
        return Meaning::Duplicate;
    }
    let ours = has(&["签名", "验签", "密钥", "未开通", "未开启", "余额不足"]);
    if ours || word(&["pid", "sign", "signature", "key"]) {
        return Meaning::Misconfigured;
    }
    if has(&["通道"]) || word(&["channel"]) {
        return Meaning::NoRoute;
    }
    if has(&["金额", "限额", "风控"]) || word(&["amount", "limit", "risk"]) {
        return Meaning::Declined;
    }
    if has(&["商户"]) || word(&["merchant"]) {
        return Meaning::Misconfigured;
    }
    if has(&["繁忙", "稍后", "频繁"]) || word(&["busy"]) {
        return Meaning::Later;
    }
    Meaning::Unknown
}

/// The failure an error of a call is that may have moved something. Only what the sheet
/// documents is certain to have made nothing.
pub(super) fn failed(meaning: Meaning, said: &str) -> Failure {
    match meaning {
        Meaning::Misconfigured => refused(Class::Misconfigured, said),
        Meaning::Declined => refused(Class::Declined, said),
        Meaning::NoRoute => Failure {
            counts: true,
            ..refused(Class::Declined, said)
        },
        Meaning::Duplicate | Meaning::AlreadyPaid | Meaning::AlreadyRefunded => {
            failure(Class::Duplicate, said)
        }
        Meaning::AlreadyClosed => failure(Class::Declined, said),
        Meaning::Later => failure(Class::Retryable, said),
        Meaning::NotFound | Meaning::Unknown => failure(Class::Unknown, said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheets_texts_have_the_sheets_classes() {
        for (message, expected) in [
            ("签名校验失败", Meaning::Misconfigured),
            ("商户不存在", Meaning::Misconfigured),
            ("PID不能为空", Meaning::Misconfigured),
            ("商户密钥错误", Meaning::Misconfigured),
            ("该商户未开通此支付方式", Meaning::Misconfigured),
            ("退款接口未开启", Meaning::Misconfigured),
            ("sign error", Meaning::Misconfigured),
            ("商户订单号重复", Meaning::Duplicate),
            ("订单号已存在", Meaning::Duplicate),
            ("订单已支付", Meaning::AlreadyPaid),
            ("订单不存在", Meaning::NotFound),
            ("商户订单编号不存在", Meaning::NotFound),
            ("退款单号不存在", Meaning::NotFound),
            ("超出单笔限额", Meaning::Declined),
            ("商户单日限额已满", Meaning::Declined),
            ("金额不合法", Meaning::Declined),
            ("触发风控", Meaning::Declined),
            ("暂无可用支付通道", Meaning::NoRoute),
            ("系统繁忙", Meaning::Later),
            ("rapid", Meaning::Unknown),
            ("monkey", Meaning::Unknown),
            ("", Meaning::Unknown),
        ] {
            assert_eq!(meaning(message), expected, "{message}");
        }
    }

    #[test]
    fn only_documented_errors_are_certain_to_have_made_nothing() {
        for message in [
            "",
            "奇怪",
            "系统繁忙",
            "订单号重复",
            "订单已支付",
            "订单不存在",
        ] {
            assert!(!failed(meaning(message), message).nothing_made, "{message}");
        }
        for message in ["签名错误", "限额", "暂无可用通道"] {
            assert!(failed(meaning(message), message).nothing_made, "{message}");
        }
    }
}
