//! Failures with the words a buyer reads, one text per class, for every adapter.

use super::model::{Class, Failure, Text};

/// The most a failure keeps of what a channel said, in characters.
const LONGEST: usize = 200;

/// A failure of a class with its usual text. Nothing is presumed: `nothing_made` is false.
pub(super) fn failure(class: Class, code: &str) -> Failure {
    Failure {
        class,
        code: printable(code),
        text: text(class),
        counts: counts(class),
        nothing_made: false,
    }
}

/// A failure of which it is certain that the channel made nothing.
pub(super) fn refused(class: Class, code: &str) -> Failure {
    Failure {
        nothing_made: true,
        ..failure(class, code)
    }
}

/// A refusal of our own, before anything was sent: the channel's health is not concerned.
pub(super) fn unsent(class: Class, code: &str) -> Failure {
    Failure {
        counts: false,
        ..refused(class, code)
    }
}

/// A refusal of our own: the channel takes no such amount.
pub(super) fn outside(code: &str) -> Failure {
    Failure {
        text: Text::fixed(
            "金额超出该支付方式的范围，请换一种支付方式。",
            "The amount is outside of what this way to pay accepts. Please choose another one.",
        ),
        ..unsent(Class::Declined, code)
    }
}

impl Failure {
    /// Nobody was asked, for a reason of our own: nothing is known of the payment, and the
    /// channel's health is not concerned.
    pub fn unasked(class: Class, code: &str) -> Self {
        Failure {
            counts: false,
            ..failure(class, code)
        }
    }
}

fn counts(class: Class) -> bool {
    match class {
        Class::Retryable | Class::Unknown | Class::Misconfigured => true,
        Class::Declined | Class::BuyerCancelled | Class::Duplicate => false,
    }
}

fn text(class: Class) -> Text {
    match class {
        Class::Declined => Text::fixed(
            "支付渠道没有接受这笔付款，你没有被扣款，请换一种支付方式。",
            "The payment provider did not accept this payment. You were not charged; please choose another way to pay.",
        ),
        Class::BuyerCancelled => Text::fixed(
            "你取消了付款，可以重新支付。",
            "You cancelled the payment. You can pay again.",
        ),
        Class::Retryable => Text::fixed(
            "支付渠道繁忙，请稍后再试或换一种支付方式。",
            "The payment provider is busy. Please try again shortly or choose another way to pay.",
        ),
        Class::Unknown => Text::fixed(
            "正在向支付渠道确认，请不要重复付款，结果会自动显示在本页。",
            "We are checking with the payment provider. Please do not pay twice; the result will appear on this page.",
        ),
        Class::Misconfigured => Text::fixed(
            "该支付方式暂时不可用，我们已收到提醒，请换一种支付方式。",
            "This way to pay is not available right now and we have been alerted. Please choose another one.",
        ),
        Class::Duplicate => Text::fixed(
            "这笔付款已经提交过，正在向支付渠道确认。",
            "This payment was already submitted. We are checking it with the payment provider.",
        ),
    }
}

/// At most [`LONGEST`] characters, none of them a control character.
fn printable(code: &str) -> String {
    code.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_speaks_both_languages_and_codes_are_short_and_printable() {
        for class in Class::ALL {
            let failed = failure(*class, &"错\n".repeat(300));
            assert_eq!(failed.code.chars().count(), LONGEST);
            assert!(!failed.code.contains('\n'));
            assert!(!failed.nothing_made);
            assert!(!failed.text.zh.is_empty() && failed.text.en.is_ascii());
        }
    }
}
