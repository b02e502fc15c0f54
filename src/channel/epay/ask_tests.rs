use proptest::prelude::*;

use super::Channel as _;
use super::Epay;
use super::support::*;
use crate::channel::model::{Class, CloseAnswer, Failure, QueryAnswer, RefundAnswer, Reply};
use crate::channel::port::{Close as _, Refunds as _};
use crate::money::Minor;

fn query(channel: &Epay, reply: &Reply) -> Result<QueryAnswer, Failure> {
    channel.read_query(&lookup(), reply)
}

#[test]
fn v1_queries_read_every_shape_of_an_order() {
    let order =
        format!("\"out_trade_no\":\"{ORDER}\",\"trade_no\":\"{TRADE}\",\"money\":\"10.00\"");
    for paid in [
        format!("{{\"code\":1,{order},\"status\":1}}"),
        format!("{{\"code\":\"1\",{order},\"status\":\"1\",\"pid\":1001}}"),
        format!("{{\"code\":1,{order},\"trade_status\":\"TRADE_SUCCESS\"}}"),
        format!("{{\"code\":1,\"data\":{{{order},\"status\":1}}}}"),
        format!("{{\"code\":1,\"status\":0,\"data\":{{{order},\"status\":\"1\"}}}}"),
        format!("{{\"code\":1,{order},\"status\":1}}").replace("\"10.00\"", "10.00"),
    ] {
        let QueryAnswer::Paid(fact) = query(&v1(), &reply(&paid)).expect(&paid) else {
            panic!("{paid}");
        };
        assert_eq!(
            (fact.amount, fact.channel_trade_no.as_str()),
            (Minor(1_000), TRADE)
        );
    }
    for waiting in [
        format!("{{\"code\":1,{order},\"status\":0}}"),
        format!("{{\"code\":1,{order},\"status\":\"0\",\"endtime\":null}}"),
        format!("{{\"code\":1,{order},\"trade_status\":\"WAIT\"}}"),
    ] {
        assert_eq!(
            query(&v1(), &reply(&waiting)),
            Ok(QueryAnswer::Waiting),
            "{waiting}"
        );
    }
    for wrong in [
        format!("{{\"code\":1,{order}}}"),
        format!("{{\"code\":1,{order},\"status\":true}}"),
        format!("{{\"code\":1,{order},\"status\":[1]}}"),
        format!("{{\"code\":1,{order},\"status\":1.0}}"),
        format!("{{\"code\":1,{order},\"status\":2}}"),
        format!("{{\"code\":1,{order},\"status\":1,\"trade_status\":\"WAIT\"}}"),
        format!("{{\"code\":1,{order},\"status\":1,\"pid\":\"1002\"}}"),
        format!("{{\"code\":1,{order},\"status\":1}}").replace(ORDER, "OTHER"),
        format!("{{\"code\":1,{order},\"status\":1}}").replace("10.00", "1e1"),
        format!("{{\"code\":1,{order},\"status\":1}}").replace(TRADE, ""),
        "{\"code\":1,\"status\":1}".to_owned(),
    ] {
        assert_eq!(
            query(&v1(), &reply(&wrong)).expect_err(&wrong).class,
            Class::Unknown
        );
    }
    for missing in ["订单不存在", "订单编号不存在", "order not found"] {
        let text = format!("{{\"code\":-1,\"msg\":\"{missing}\"}}");
        assert_eq!(query(&v1(), &reply(&text)), Ok(QueryAnswer::NotFound));
    }
    let wrong_key = query(&v1(), &reply("{\"code\":-3,\"msg\":\"商户密钥错误\"}"));
    assert_eq!(wrong_key.expect_err("key").class, Class::Misconfigured);
    assert_eq!(
        query(&v1(), &reply("")).expect_err("empty").class,
        Class::Retryable
    );
}

#[test]
fn v2_queries_know_five_states() {
    let state = |status: &str| {
        let (order, trade) = (format!("\"{ORDER}\""), format!("\"{TRADE}\""));
        query(
            &v2(),
            &signed(&[
                ("code", "0"),
                ("out_trade_no", &order),
                ("trade_no", &trade),
                ("money", "\"10.00\""),
                ("endtime", "\"2026-11-20 10:00:21\""),
                ("status", status),
            ]),
        )
    };
    let Ok(QueryAnswer::Paid(fact)) = state("1") else {
        panic!("paid");
    };
    // 10:00:21 in Beijing is 02:00:21 UTC.
    assert_eq!(fact.paid_at, Some(1_795_140_021_000));
    assert_eq!(state("2"), Ok(QueryAnswer::GivenBack(fact)));
    assert_eq!(state("0"), Ok(QueryAnswer::Waiting));
    assert_eq!(state("4"), Ok(QueryAnswer::Waiting));
    assert_eq!(state("3").expect_err("frozen").class, Class::Unknown);
    assert_eq!(state("9").expect_err("new").class, Class::Unknown);
    let unsigned = format!("{{\"code\":0,\"out_trade_no\":\"{ORDER}\",\"status\":1}}");
    assert_eq!(
        query(&v2(), &reply(&unsigned)).expect_err("unsigned").class,
        Class::Unknown
    );
    let missing = signed(&[("code", "-1"), ("msg", "\"订单不存在\"")]);
    assert_eq!(query(&v2(), &missing), Ok(QueryAnswer::NotFound));
    // Nested facts are not signed and never read.
    let nested = format!(
        "{{\"out_trade_no\":\"{ORDER}\",\"trade_no\":\"T\",\"money\":\"10.00\",\"status\":1}}"
    );
    let text = String::from_utf8(signed(&[("code", "0")]).body).expect("text");
    let text = text.replace("\"code\":0", &format!("\"code\":0,\"data\":{nested}"));
    assert_eq!(
        query(&v2(), &reply(&text)).expect_err("nested").class,
        Class::Unknown
    );
}

#[test]
fn v2_closes_and_says_when_it_is_too_late() {
    let channel = v2();
    let close = |fields: &[(&str, &str)]| channel.read_close(&lookup(), &signed(fields));
    assert_eq!(close(&[("code", "0")]), Ok(CloseAnswer::Closed));
    for (message, said) in [
        ("\"订单已关闭\"", CloseAnswer::Closed),
        ("\"订单不存在\"", CloseAnswer::Closed),
        ("\"订单已支付\"", CloseAnswer::AlreadyPaid),
    ] {
        assert_eq!(close(&[("code", "-1"), ("msg", message)]), Ok(said));
    }
    assert!(close(&[("code", "-1"), ("msg", "\"该通道不支持关闭\"")]).is_err());
    let unsigned = channel.read_close(&lookup(), &reply("{\"code\":0}"));
    assert_eq!(unsigned.expect_err("unsigned").class, Class::Unknown);
    let request = super::Close::close(&channel, &lookup());
    assert_eq!(request.url, "https://pay.example.com/api/pay/close");
}

#[test]
fn v1_refunds_are_done_refused_or_a_persons_business() {
    let read = |amount: i64, text: &str| v1().read_refund(&refund(amount), &reply(text));
    let done = || {
        Ok(RefundAnswer::Done {
            channel_refund_no: None,
        })
    };
    assert_eq!(read(400, "{\"code\":1,\"msg\":\"退款成功\"}"), done());
    assert_eq!(read(400, "{\"code\":0,\"msg\":\"退款成功\"}"), done());
    assert_eq!(read(1_000, "{\"code\":-1,\"msg\":\"订单已退款\"}"), done());
    for (amount, text, class, nothing_made) in [
        (
            400,
            "{\"code\":-1,\"msg\":\"订单已退款\"}",
            Class::Unknown,
            false,
        ),
        (
            400,
            "{\"code\":0,\"msg\":\"退款失败\"}",
            Class::Unknown,
            false,
        ),
        (
            400,
            "{\"code\":0,\"msg\":\"退款未成功\"}",
            Class::Unknown,
            false,
        ),
        (
            400,
            "{\"code\":-1,\"msg\":\"系统繁忙\"}",
            Class::Unknown,
            false,
        ),
        (
            400,
            "{\"code\":-1,\"msg\":\"余额不足\"}",
            Class::Misconfigured,
            true,
        ),
        (
            400,
            "{\"code\":-1,\"msg\":\"退款接口未开启\"}",
            Class::Misconfigured,
            true,
        ),
        (400, "", Class::Unknown, false),
    ] {
        let failed = read(amount, text).expect_err(text);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, nothing_made),
            "{text}"
        );
    }
}

#[test]
fn v2_refunds_name_our_number_and_can_be_asked_about() {
    let channel = v2();
    let request = channel.refund(&refund(400));
    assert_eq!(value(&request, "out_refund_no").as_deref(), Some("RF1"));
    assert_eq!(value(&request, "money").as_deref(), Some("4.00"));
    let fields = [
        ("code", "0"),
        ("refund_no", "\"P1\""),
        ("out_refund_no", "\"RF1\""),
        ("money", "\"4.00\""),
    ];
    let done = RefundAnswer::Done {
        channel_refund_no: Some("P1".to_owned()),
    };
    assert_eq!(
        channel.read_refund(&refund(400), &signed(&fields)),
        Ok(done.clone())
    );
    let other = channel.read_refund(&refund(500), &signed(&fields));
    assert_eq!(other.expect_err("amount").class, Class::Unknown);
    let again = signed(&[("code", "-1"), ("msg", "\"退款单号重复\"")]);
    assert_eq!(
        channel.read_refund(&refund(400), &again),
        Ok(RefundAnswer::Pending)
    );

    let asked = channel.query_refund(&refund(400)).expect("a query");
    assert_eq!(asked.url, "https://pay.example.com/api/pay/refundquery");
    let status = |status: &str| {
        let mut fields = fields.to_vec();
        fields.push(("status", status));
        channel.read_refund_query(&refund(400), &signed(&fields))
    };
    assert_eq!(status("1"), Ok(done));
    let failed = status("0").expect_err("failed");
    assert_eq!((failed.class, failed.nothing_made), (Class::Declined, true));
    assert!(status("7").is_err());
    let missing = signed(&[("code", "-1"), ("msg", "\"退款记录不存在\"")]);
    assert_eq!(
        channel.read_refund_query(&refund(400), &missing),
        Ok(RefundAnswer::NotFound)
    );
}

proptest! {
    #[test]
    fn random_answers_never_panic_and_never_pay(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let reply = Reply { status: 200, headers: Vec::new(), body: bytes };
        for channel in [v1(), v2()] {
            prop_assert!(channel.read_created(&charge(), &reply).is_err());
            prop_assert!(channel.read_query(&lookup(), &reply).is_err());
            prop_assert!(channel.read_refund(&refund(1), &reply).is_err());
        }
    }
}
