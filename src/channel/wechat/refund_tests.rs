use super::support::*;
use crate::channel::model::{Class, Failure, RefundAnswer, Reply, Verb};
use crate::channel::port::Refunds as _;
use crate::clock::HOUR;

fn told(status: &str) -> String {
    format!(
        "{{\"refund_id\":\"50300002026112100000000001\",\"out_refund_no\":\"RF202611210001\",\
         \"transaction_id\":\"{TRADE}\",\"out_trade_no\":\"{ORDER}\",\"status\":\"{status}\",\
         \"amount\":{{\"total\":1000,\"refund\":300,\"currency\":\"CNY\"}}}}"
    )
}

fn sent(reply: &Reply) -> Result<RefundAnswer, Failure> {
    BY_CERTIFICATE.read_refund(&refund(300), reply)
}

fn asked(reply: &Reply) -> Result<RefundAnswer, Failure> {
    BY_CERTIFICATE.read_refund_query(&refund(300), reply)
}

#[test]
fn requests_carry_one_number_and_one_body() {
    let request = BY_KEY.refund(&refund(300));
    assert_eq!(request.url, format!("{BASE}/v3/refund/domestic/refunds"));
    let mut later = refund(300);
    later.now += 24 * HOUR;
    later.nonce = [9; 16];
    assert_eq!(BY_KEY.refund(&later).body, request.body);
    let query = BY_KEY.query_refund(&refund(300)).expect("a query");
    assert_eq!(query.verb, Verb::Get);
    assert_eq!(
        query.url,
        format!("{BASE}/v3/refund/domestic/refunds/RF202611210001")
    );
}

#[test]
fn a_refund_is_done_when_it_says_so_and_not_before() {
    let done = RefundAnswer::Done {
        channel_refund_no: Some("50300002026112100000000001".to_owned()),
    };
    for read in [sent, asked] {
        assert_eq!(read(&signed(200, &told("SUCCESS"))), Ok(done.clone()));
        assert_eq!(
            read(&signed(200, &told("PROCESSING"))),
            Ok(RefundAnswer::Pending)
        );
        // Nothing went back: it stays owed and a person is told.
        for status in ["CLOSED", "ABNORMAL"] {
            let failed = read(&signed(200, &told(status))).expect_err(status);
            assert_eq!((failed.class, failed.nothing_made), (Class::Declined, true));
            assert!(failed.code.starts_with(status), "{}", failed.code);
        }
        let right = told("SUCCESS");
        for wrong in [
            right.replace("SUCCESS", "success"),
            right.replace("RF202611210001", "RF2"),
            right.replace(ORDER, "ORD2"),
            right.replace("\"refund\":300", "\"refund\":301"),
            right.replace("\"refund\":300", "\"refund\":\"300\""),
            right.replace("\"currency\":\"CNY\"", "\"currency\":\"USD\""),
            "{}".to_owned(),
        ] {
            let failed = read(&signed(200, &wrong)).expect_err(&wrong);
            assert_eq!(
                (failed.class, failed.nothing_made),
                (Class::Unknown, false),
                "{wrong}"
            );
        }
        let mut unsigned = signed(200, &right);
        unsigned.headers.clear();
        assert_eq!(read(&unsigned).expect_err("unsigned").class, Class::Unknown);
    }
}

/// wechat_v3.md §7, §8: after a busy answer the refund is asked about, never sent blindly.
#[test]
fn errors_have_their_classes() {
    for (status, code, class, nothing_made) in [
        (403, "NOT_ENOUGH", Class::Misconfigured, true),
        (403, "USER_ACCOUNT_ABNORMAL", Class::Declined, true),
        (400, "TRADE_OVERDUE", Class::Declined, true),
        (400, "REFUND_FEE_MISMATCH", Class::Misconfigured, false),
        (404, "RESOURCE_NOT_EXISTS", Class::Declined, true),
        (400, "PARAM_ERROR", Class::Misconfigured, true),
        (429, "FREQUENCY_LIMITED", Class::Retryable, false),
        (500, "SYSTEM_ERROR", Class::Retryable, false),
        (400, "NEW", Class::Unknown, false),
    ] {
        let failed = sent(&refusal(status, code)).expect_err(code);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, nothing_made),
            "{code}"
        );
    }
    assert_eq!(
        asked(&refusal(404, "RESOURCE_NOT_EXISTS")),
        Ok(RefundAnswer::NotFound)
    );
    for (status, code, class) in [
        (401, "SIGN_ERROR", Class::Misconfigured),
        (429, "FREQUENCY_LIMITED", Class::Retryable),
        (403, "NOT_ENOUGH", Class::Retryable),
    ] {
        let failed = asked(&refusal(status, code)).expect_err(code);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, false),
            "{code}"
        );
    }
}
