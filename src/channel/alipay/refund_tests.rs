use serde_json::{Value as Json, json};

use super::support::*;
use crate::channel::model::{Class, RefundAnswer};
use crate::channel::port::Refunds as _;

const REFUND: &str = "alipay.trade.refund";
const QUERY: &str = "alipay.trade.fastpay.refund.query";

const DONE: Result<RefundAnswer, (Class, bool)> = Ok(RefundAnswer::Done {
    channel_refund_no: None,
});

fn yes(change: &str, all: &str) -> Json {
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": ORDER, "trade_no": TRADE,
        "fund_change": change, "refund_fee": all,
    })
}

fn sent(answer: &Json) -> Result<RefundAnswer, (Class, bool)> {
    let read = account().read_refund(&refund(300), &signed(REFUND, answer));
    read.map_err(|failure| kind(&failure))
}

fn asked(answer: &Json) -> Result<RefundAnswer, (Class, bool)> {
    let read = account().read_refund_query(&refund(300), &signed(QUERY, answer));
    read.map_err(|failure| kind(&failure))
}

#[test]
fn a_refund_names_the_trade_the_amount_and_its_one_number() {
    let expected = json!({"out_trade_no": ORDER, "refund_amount": "3.00", "out_request_no": "RF1"});
    assert_eq!(content(&account().refund(&refund(300))), expected);
    let question = account().query_refund(&refund(300)).expect("a question");
    let expected = json!({"out_trade_no": ORDER, "out_request_no": "RF1"});
    assert_eq!(content(&question), expected);
    assert_eq!(fields_of(&question.url)["method"], QUERY);
}

/// R044, L5: money has moved only when Alipay says so; a repeat says `N` and is asked about.
#[test]
fn only_a_change_of_funds_is_a_refund() {
    assert_eq!(sent(&yes("Y", "3.00")), DONE);
    // The sum of all refunds of the trade so far.
    assert_eq!(sent(&yes("Y", "9.00")), DONE);
    assert_eq!(sent(&yes("N", "3.00")), Ok(RefundAnswer::Pending));
    assert_eq!(sent(&yes("", "3.00")), Ok(RefundAnswer::Pending));
    let unknown = Err((Class::Unknown, false));
    for all in ["2.99", "", "x"] {
        assert_eq!(sent(&yes("Y", all)), unknown, "{all}");
    }
    for (name, value) in [
        ("out_trade_no", "VG2"),
        ("out_trade_no", ""),
        ("trade_no", "2"),
    ] {
        let mut other = yes("Y", "3.00");
        other[name] = value.into();
        assert_eq!(sent(&other), unknown, "{name}");
    }
    let read = account().read_refund(&refund(300), &unsigned(REFUND, &yes("Y", "3.00")));
    assert_eq!(read.map_err(|f| kind(&f)), unknown);
}

#[test]
fn a_clear_no_leaves_the_refund_owed() {
    for (sub_code, class, nothing_made) in [
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", Class::Misconfigured, true),
        ("ACQ.TRADE_HAS_FINISHED", Class::Declined, true),
        ("ACQ.TRADE_NOT_EXIST", Class::Declined, true),
        ("ACQ.ACCESS_FORBIDDEN", Class::Misconfigured, true),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", Class::Duplicate, false),
        ("ACQ.TRADE_HAS_CLOSE", Class::BuyerCancelled, false),
        ("ACQ.TRADE_STATUS_ERROR", Class::Unknown, false),
        ("ACQ.SYSTEM_ERROR", Class::Unknown, false),
        ("ACQ.SOMETHING_NEW", Class::Unknown, false),
    ] {
        assert_eq!(
            sent(&error(sub_code)),
            Err((class, nothing_made)),
            "{sub_code}"
        );
    }
}

fn found(status: &str, amount: &str) -> Json {
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": ORDER, "trade_no": TRADE,
        "out_request_no": "RF1", "refund_status": status, "refund_amount": amount,
        "total_amount": "10.00",
    })
}

#[test]
fn a_question_finds_the_refund_or_that_it_may_be_sent_again() {
    assert_eq!(asked(&found("REFUND_SUCCESS", "3.00")), DONE);
    assert_eq!(asked(&found("", "3.00")), Ok(RefundAnswer::NotFound));
    assert_eq!(
        asked(&json!({"code": "10000", "msg": "Success"})),
        Ok(RefundAnswer::NotFound)
    );
    assert_eq!(
        asked(&found("REFUND_PROCESSING", "3.00")),
        Ok(RefundAnswer::Pending)
    );
    assert_eq!(
        asked(&error("ACQ.TRADE_NOT_EXIST")),
        Ok(RefundAnswer::NotFound)
    );
    let unknown = Err((Class::Unknown, false));
    for amount in ["2.99", "3.01", ""] {
        assert_eq!(asked(&found("REFUND_SUCCESS", amount)), unknown, "{amount}");
    }
    for (name, value) in [
        ("out_request_no", "RF2"),
        ("out_trade_no", "VG2"),
        ("trade_no", "2"),
    ] {
        let mut other = found("REFUND_SUCCESS", "3.00");
        other[name] = value.into();
        assert_eq!(asked(&other), unknown, "{name}");
    }
    // A question is never a clear no: an earlier call may have paid back.
    for (sub_code, class) in [
        ("ACQ.SYSTEM_ERROR", Class::Retryable),
        ("ACQ.SOMETHING_NEW", Class::Retryable),
        ("ACQ.ACCESS_FORBIDDEN", Class::Misconfigured),
    ] {
        assert_eq!(asked(&error(sub_code)), Err((class, false)), "{sub_code}");
    }
    let done = found("REFUND_SUCCESS", "3.00");
    let read = account().read_refund_query(&refund(300), &unsigned(QUERY, &done));
    assert_eq!(read.map_err(|f| kind(&f)), unknown);
}
