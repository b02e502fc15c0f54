use serde_json::{Value as Json, json};

use super::support::*;
use crate::channel::model::{Class, CloseAnswer, Paid, QueryAnswer};
use crate::channel::port::{Channel as _, Close as _};
use crate::money::{Currency, Minor};

const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";

fn trade(status: &str) -> Json {
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": ORDER, "trade_no": TRADE,
        "trade_status": status, "total_amount": "10.00", "buyer_logon_id": "159****5620",
        "receipt_amount": "9.90", "buyer_pay_amount": "0.00",
    })
}

fn having(mut answer: Json, name: &str, value: &str) -> Json {
    answer[name] = value.into();
    answer
}

fn asked(answer: &Json) -> Result<QueryAnswer, Class> {
    let answer = account().read_query(&lookup(), &signed(QUERY, answer));
    answer.map_err(|failure| {
        // Asking makes nothing: what it is told says nothing of what an earlier call made.
        assert!(!failure.nothing_made, "{failure}");
        failure.class
    })
}

fn paid(at: Option<i64>) -> Paid {
    Paid {
        channel_trade_no: TRADE.to_owned(),
        amount: Minor(1_000),
        currency: Currency::CNY,
        paid_at: at,
    }
}

#[test]
fn every_status_is_read() {
    let at = "2026-11-20 10:00:21";
    let dated = |status| having(trade(status), "send_pay_date", at);
    let when = Some(1_795_140_021_000);
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        assert_eq!(asked(&dated(status)), Ok(QueryAnswer::Paid(paid(when))));
        assert_eq!(asked(&trade(status)), Ok(QueryAnswer::Paid(paid(None))));
    }
    assert_eq!(asked(&trade("WAIT_BUYER_PAY")), Ok(QueryAnswer::Waiting));
    assert_eq!(asked(&trade("TRADE_CLOSED")), Ok(QueryAnswer::Closed));
    // Closed after it was paid: all of it went back.
    assert_eq!(
        asked(&dated("TRADE_CLOSED")),
        Ok(QueryAnswer::GivenBack(paid(when)))
    );
    assert_eq!(asked(&trade("TRADE_PENDING")), Err(Class::Unknown));
    assert_eq!(asked(&trade("")), Err(Class::Unknown));
    assert_eq!(
        asked(&error("ACQ.TRADE_NOT_EXIST")),
        Ok(QueryAnswer::NotFound)
    );
    assert_eq!(asked(&error("ACQ.SYSTEM_ERROR")), Err(Class::Retryable));
    assert_eq!(
        asked(&error("ACQ.ACCESS_FORBIDDEN")),
        Err(Class::Misconfigured)
    );
    assert_eq!(asked(&error("ACQ.SOMETHING_NEW")), Err(Class::Retryable));
}

#[test]
fn money_is_of_our_order_and_of_a_plain_amount() {
    let right = trade("TRADE_SUCCESS");
    assert_eq!(
        asked(&having(right.clone(), "out_trade_no", "VG2")),
        Err(Class::Unknown)
    );
    assert_eq!(
        asked(&having(right.clone(), "trade_no", "")),
        Err(Class::Unknown)
    );
    for amount in [
        "",
        "0.00",
        "-1.00",
        "1e3",
        "10.001",
        " 10.00",
        "１０.00",
        "99999999999999999999",
    ] {
        let answer = having(right.clone(), "total_amount", amount);
        assert_eq!(asked(&answer), Err(Class::Unknown), "{amount}");
    }
    let mut number = right;
    number["total_amount"] = json!(10);
    assert_eq!(asked(&number), Err(Class::Unknown));
}

#[test]
fn a_question_names_our_number_only_and_changes_nothing_else() {
    let known = crate::channel::model::Lookup {
        channel_trade_no: Some(TRADE.to_owned()),
        ..lookup()
    };
    let request = account().query(&known);
    assert_eq!(content(&request), json!({"out_trade_no": ORDER}));
    let fields = fields_of(&request.url);
    assert_eq!(fields["method"], QUERY);
    assert_eq!(fields["timestamp"], "2026-11-18 19:06:40");
    assert!(!fields.contains_key("biz_content") && !fields.contains_key("notify_url"));
    assert!(!format!("{request:?}").contains("sign"), "{request:?}");
}

fn closed(answer: &Json) -> Result<CloseAnswer, (Class, bool)> {
    let answer = account().read_close(&lookup(), &signed(CLOSE, answer));
    answer.map_err(|failure| kind(&failure))
}

/// R016, alipay.md §11: what nobody has scanned or opened cannot be closed and can still be paid.
#[test]
fn closing_what_alipay_does_not_know_keeps_it_watched() {
    assert_eq!(
        closed(&error("ACQ.TRADE_NOT_EXIST")),
        Ok(CloseAnswer::MayStillPay)
    );
    let yes = json!({"code": "10000", "msg": "Success", "out_trade_no": ORDER, "trade_no": TRADE});
    assert_eq!(closed(&yes), Ok(CloseAnswer::Closed));
    assert_eq!(
        closed(&json!({"code": "10000", "msg": "Success"})),
        Ok(CloseAnswer::Closed)
    );
    assert_eq!(
        closed(&having(yes.clone(), "out_trade_no", "VG2")),
        Err((Class::Unknown, false))
    );
    assert_eq!(
        closed(&error("ACQ.TRADE_HAS_CLOSE")),
        Ok(CloseAnswer::Closed)
    );
    for paid in [
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.REASON_TRADE_STATUS_INVALID",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.TRADE_HAS_SUCCESS",
    ] {
        assert_eq!(closed(&error(paid)), Ok(CloseAnswer::AlreadyPaid), "{paid}");
    }
    assert_eq!(
        closed(&error("ACQ.SYSTEM_ERROR")),
        Err((Class::Unknown, false))
    );
    // Not even a refusal by the gateway says that no money can come.
    let refused = json!({"code": "40002", "msg": "x", "sub_code": "isv.invalid-signature"});
    let answer = account().read_close(&lookup(), &unsigned(CLOSE, &refused));
    assert_eq!(
        answer.map_err(|f| kind(&f)),
        Err((Class::Misconfigured, false))
    );
    let unsigned = account().read_close(&lookup(), &unsigned(CLOSE, &yes));
    assert_eq!(unsigned.map_err(|f| kind(&f)), Err((Class::Unknown, false)));
}
