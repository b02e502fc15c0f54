use super::support::*;
use crate::channel::model::{Class, CloseAnswer, Failure, Lookup, Paid, QueryAnswer, Reply, Verb};
use crate::channel::port::{Channel as _, Close};
use crate::money::{Currency, Minor};

fn query(reply: &Reply) -> Result<QueryAnswer, Failure> {
    BY_CERTIFICATE.read_query(&lookup(), reply)
}

fn close(reply: &Reply) -> Result<CloseAnswer, Failure> {
    BY_CERTIFICATE.read_close(&lookup(), reply)
}

#[test]
fn requests_name_our_order_and_our_merchant() {
    let asked = BY_KEY.query(&lookup());
    assert_eq!(asked.verb, Verb::Get);
    let path = format!("/v3/pay/transactions/out-trade-no/{ORDER}");
    assert_eq!(asked.url, format!("{BASE}{path}?mchid={MCH}"));
    assert!(asked.body.is_empty());
    assert_eq!(header(&asked, "content-type"), None);
    let asked = Close::close(&*BY_KEY, &lookup());
    assert_eq!(asked.url, format!("{BASE}{path}/close"));
    assert_eq!(text(&asked), format!("{{\"mchid\":\"{MCH}\"}}"));
    // A number that a notice told stays one piece of the path.
    let odd = Lookup {
        merchant_no: "a|b*c/../d?e".to_owned(),
        ..lookup()
    };
    let asked = BY_KEY.query(&odd);
    assert!(
        asked.url.contains("/a%7Cb*c%2F%2E%2E%2Fd%3Fe?mchid="),
        "{}",
        asked.url
    );
}

/// A test double may live below a path: it is signed as it is sent.
#[test]
fn the_whole_path_is_signed() {
    let key = public_pem(&OTHER);
    let mut config = with(&[("public_key_id", KEY_ID), ("public_key", &key)]);
    config.base_url = "http://127.0.0.1:9/wechat".to_owned();
    let asked = open(&config).query(&lookup());
    let path = format!("/wechat/v3/pay/transactions/out-trade-no/{ORDER}?mchid={MCH}");
    assert_eq!(asked.url, format!("http://127.0.0.1:9{path}"));
    let authorization = header(&asked, "authorization").expect("signed");
    let field = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=\"")).expect(name);
        rest.split('"').next().expect("closed").to_owned()
    };
    let message = format!(
        "GET\n{path}\n{}\n{}\n\n",
        field("timestamp"),
        field("nonce_str")
    );
    let own = MERCHANT.to_public_key();
    let given = field("signature");
    assert!(crate::channel::rsa_sign::is_signed(
        &own,
        message.as_bytes(),
        &given
    ));
    assert_eq!(field("serial_no"), OUR_SERIAL);
}

#[test]
fn every_state_of_a_payment_is_read() {
    let paid = Paid {
        channel_trade_no: TRADE.to_owned(),
        // The whole price: a coupon paid the rest.
        amount: Minor(1_000),
        currency: Currency::CNY,
        paid_at: Some(1_795_140_021_000),
    };
    for (state, said) in [
        ("SUCCESS", QueryAnswer::Paid(paid.clone())),
        ("REFUND", QueryAnswer::GivenBack(paid)),
        ("NOTPAY", QueryAnswer::Waiting),
        ("USERPAYING", QueryAnswer::Waiting),
        ("PAYERROR", QueryAnswer::Waiting),
        ("CLOSED", QueryAnswer::Closed),
        ("REVOKED", QueryAnswer::Closed),
    ] {
        assert_eq!(query(&signed(200, &payment(state))), Ok(said), "{state}");
    }
    // Before anybody paid there is no number and often no amount.
    let fresh = format!(
        "{{\"mchid\":\"{MCH}\",\"appid\":\"{APP}\",\"out_trade_no\":\"{ORDER}\",\
         \"trade_state\":\"NOTPAY\",\"transaction_id\":\"\"}}"
    );
    assert_eq!(query(&signed(200, &fresh)), Ok(QueryAnswer::Waiting));
}

#[test]
fn an_answer_about_something_else_or_without_its_facts_is_unknown() {
    let right = payment("SUCCESS");
    for wrong in [
        right.replace(ORDER, "ORD2"),
        right.replace(MCH, "1900000999"),
        right.replace(APP, "wx1"),
        right.replace(TRADE, ""),
        right.replace("\"total\":1000,", ""),
        right.replace("\"total\":1000", "\"total\":0"),
        right.replace("\"total\":1000", "\"total\":-1"),
        right.replace("\"total\":1000", "\"total\":\"1000\""),
        right.replace("\"total\":1000", "\"total\":1e3"),
        right.replace("\"currency\":\"CNY\"", "\"currency\":\"XXX\""),
        right.replace("SUCCESS", "success"),
        right.replace("SUCCESS", "NEW"),
        right.replace("\"appid\"", "\"x\""),
        "{}".to_owned(),
    ] {
        let failed = query(&signed(200, &wrong)).expect_err(&wrong);
        assert_eq!(failed.class, Class::Unknown, "{wrong}");
    }
}

#[test]
fn errors_of_a_question_move_nothing() {
    for (reply, said) in [
        (refusal(404, "ORDER_NOT_EXIST"), Ok(QueryAnswer::NotFound)),
        (
            refusal(404, "RESOURCE_NOT_EXISTS"),
            Ok(QueryAnswer::NotFound),
        ),
        (refusal(400, "ORDER_CLOSED"), Ok(QueryAnswer::Closed)),
        (refusal(401, "SIGN_ERROR"), Err(Class::Misconfigured)),
        (refusal(500, "SYSTEM_ERROR"), Err(Class::Retryable)),
        (refusal(429, "RATELIMIT_EXCEEDED"), Err(Class::Retryable)),
        (refusal(403, "TRADE_ERROR"), Err(Class::Retryable)),
        (refusal(400, "NEW"), Err(Class::Retryable)),
    ] {
        let answer = query(&reply).map_err(|failed| {
            assert!(!failed.nothing_made);
            failed.class
        });
        assert_eq!(answer, said);
    }
}

#[test]
fn closing_ends_it_or_is_too_late() {
    assert_eq!(close(&signed(204, "")), Ok(CloseAnswer::Closed));
    for (status, code, said) in [
        (400, "ORDER_CLOSED", Ok(CloseAnswer::Closed)),
        (404, "ORDER_NOT_EXIST", Ok(CloseAnswer::Closed)),
        (400, "ORDERPAID", Ok(CloseAnswer::AlreadyPaid)),
        (500, "SYSTEM_ERROR", Err((Class::Retryable, false))),
        (401, "SIGN_ERROR", Err((Class::Misconfigured, true))),
        (400, "NEW", Err((Class::Unknown, false))),
    ] {
        let answer = close(&refusal(status, code));
        let answer = answer.map_err(|failed| (failed.class, failed.nothing_made));
        assert_eq!(answer, said, "{code}");
    }
    let mut unsigned = signed(204, "");
    unsigned.headers.clear();
    assert_eq!(
        close(&unsigned).expect_err("unsigned").class,
        Class::Unknown
    );
}
