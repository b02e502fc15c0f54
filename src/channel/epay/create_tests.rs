use super::Channel as _;
use super::Epay;
use super::support::*;
use crate::channel::model::{
    Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Request, Start, Verb,
};
use crate::money::{Currency, Minor};

fn asked(channel: &Epay, charge: &Charge) -> Request {
    match channel.create(charge).expect("a request") {
        Start::Ask(request) => request,
        Start::Ready(_) => panic!("epay asks"),
    }
}

fn created(channel: &Epay, reply: &Reply) -> Result<Pay, Failure> {
    channel.read_created(&charge(), reply)
}

#[test]
fn a_name_is_cut_at_a_character_and_imitates_no_field() {
    let mut charge = charge();
    for (subject, name) in [
        ("VIP", "VIP".to_owned()),
        ("", charge.merchant_no.clone()),
        (" \n ", charge.merchant_no.clone()),
        ("a&out_trade_no=1", "a＆out_trade_no=1".to_owned()),
        (&"长".repeat(60), "长".repeat(42)),
        (&"x".repeat(200), "x".repeat(127)),
        (&format!("{}🎁", "x".repeat(125)), "x".repeat(125)),
    ] {
        charge.subject = subject.to_owned();
        let request = asked(&v1(), &charge);
        assert_eq!(value(&request, "name"), Some(name), "{subject}");
    }
}

#[test]
fn methods_amounts_and_currencies_that_epay_lacks_are_never_sent() {
    for method in Method::ALL {
        let mut charge = charge();
        charge.method = *method;
        let sent = v1().create(&charge);
        assert_eq!(sent.is_ok(), v1().methods().contains(method), "{method}");
    }
    for amount in [0, -1, 10_000_000_000] {
        let mut charge = charge();
        charge.amount = Minor(amount);
        let failed = v1().create(&charge).expect_err("an amount");
        assert_eq!((failed.class, failed.nothing_made), (Class::Declined, true));
        assert!(!failed.counts);
    }
    let mut charge = charge();
    charge.currency = Currency::USD;
    assert!(v1().create(&charge).is_err());
}

#[test]
fn requests_carry_no_key_in_the_address() {
    let channel = v1();
    let refunds = channel.refunds().expect("refunds");
    let requests = [
        asked(&channel, &charge()),
        channel.query(&lookup()),
        refunds.refund(&refund(1_000)),
    ];
    for request in &requests {
        assert_eq!(request.verb, Verb::Post);
        assert!(!request.url.contains(KEY));
        assert!(!format!("{request:?}").contains(KEY));
    }
    assert_eq!(requests[0].url, "https://pay.example.com/mapi.php");
    assert_eq!(value(&requests[0], "key"), None);
    assert_eq!(requests[1].url, "https://pay.example.com/api.php?act=order");
    assert_eq!(value(&requests[1], "key").as_deref(), Some(KEY));
    assert_eq!(value(&requests[1], "trade_no"), None);
    assert_eq!(
        requests[2].url,
        "https://pay.example.com/api.php?act=refund"
    );
    assert_eq!(value(&requests[2], "money").as_deref(), Some("10.00"));
    assert!(refunds.query_refund(&refund(1_000)).is_none());
}

#[test]
fn v1_answers_of_every_kind_are_shown() {
    let pay = |fields: &str| {
        let text = format!("{{\"code\":1,\"msg\":\"\",\"trade_no\":\"T1\",{fields}}}");
        created(&v1(), &reply(&text))
    };
    let page = pay("\"payurl\":\"https://pay.example.com/pay/1\"").expect("a page");
    assert_eq!(page.kind, PayKind::Redirect);
    assert_eq!(page.channel_trade_no.as_deref(), Some("T1"));
    let relative = pay("\"payurl\":\"/pay/1?x=1\"").expect("a page");
    assert_eq!(
        relative.url.as_deref(),
        Some("https://pay.example.com/pay/1?x=1")
    );
    let code = pay("\"qrcode\":\"weixin://wxpay/bizpayurl?pr=1\"").expect("a code");
    assert_eq!(code.kind, PayKind::Qr);
    assert_eq!(code.qr.as_deref(), Some("weixin://wxpay/bizpayurl?pr=1"));
    assert_eq!(code.url, None);
    let app = pay("\"urlscheme\":\"weixin://dl/business/?t=1\"").expect("an app");
    assert_eq!(app.kind, PayKind::Redirect);
    assert_eq!(app.url.as_deref(), Some("weixin://dl/business/?t=1"));
    let both = pay("\"qrcode\":\"https://qr/1\",\"payurl\":\"https://p/1\",\"urlscheme\":\"\"");
    let both = both.expect("both");
    assert_eq!(
        (both.kind, both.url.as_deref()),
        (PayKind::Qr, Some("https://p/1"))
    );
    let text = created(
        &v1(),
        &reply("{\"code\":\"1\",\"payurl2\":\"https://p/2\"}"),
    );
    assert_eq!(
        text.expect("code as text").url.as_deref(),
        Some("https://p/2")
    );
    let marked = created(
        &v1(),
        &reply("\u{feff}{\"code\":1,\"payurl\":\"https://p/3\"}\r\n"),
    );
    assert!(marked.is_ok());
    for script in [
        "javascript:alert(1)",
        "JAVASCRIPT:1",
        "data:text/html,1",
        "http://p/1",
        "",
    ] {
        let failed = pay(&format!("\"payurl\":\"{script}\"")).expect_err(script);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (Class::Unknown, false),
            "{script}"
        );
    }
    assert!(pay("\"qrcode\":\"javascript:alert(1)\"").is_err());
}

/// epay.md §4, and what is certain: nothing was made only if a well-formed answer says so.
#[test]
fn failures_of_creating_have_their_classes() {
    let status = |status: u16, body: &str| Reply {
        status,
        ..reply(body)
    };
    for (reply, class, nothing_made) in [
        (
            reply("{\"code\":-1,\"msg\":\"签名校验失败\"}"),
            Class::Misconfigured,
            true,
        ),
        (
            reply("{\"code\":-3,\"msg\":\"商户不存在\"}"),
            Class::Misconfigured,
            true,
        ),
        (
            reply("{\"code\":-1,\"msg\":\"超出限额\"}"),
            Class::Declined,
            true,
        ),
        (
            reply("{\"code\":-1,\"msg\":\"订单号重复\"}"),
            Class::Duplicate,
            false,
        ),
        (
            reply("{\"code\":-1,\"msg\":\"该订单已支付\"}"),
            Class::Duplicate,
            false,
        ),
        (
            reply("{\"code\":-1,\"msg\":\"系统繁忙\"}"),
            Class::Retryable,
            false,
        ),
        (
            reply("{\"code\":-1,\"msg\":\"天气不好\"}"),
            Class::Unknown,
            false,
        ),
        (reply("{\"code\":0,\"msg\":\"\"}"), Class::Unknown, false),
        (reply("{\"code\":true}"), Class::Unknown, false),
        (
            reply("{\"code\":1.0,\"payurl\":\"https://p\"}"),
            Class::Unknown,
            false,
        ),
        (
            reply("{\"code\":[1],\"payurl\":\"https://p\"}"),
            Class::Unknown,
            false,
        ),
        (
            reply("{\"code\":1,\"code\":1,\"payurl\":\"https://p\"}"),
            Class::Unknown,
            false,
        ),
        (
            reply("{\"code\":1,\"payurl\":\"https://p\""),
            Class::Unknown,
            false,
        ),
        (reply(""), Class::Unknown, false),
        (reply("<html>welcome</html>"), Class::Misconfigured, false),
        (
            reply("<script>document.cookie='x'</script>"),
            Class::Unknown,
            false,
        ),
        (status(404, "<html>"), Class::Misconfigured, false),
        (status(302, ""), Class::Misconfigured, false),
        (
            status(500, "{\"code\":1,\"payurl\":\"https://p\"}"),
            Class::Unknown,
            false,
        ),
        (status(521, "<script>"), Class::Unknown, false),
        (status(502, ""), Class::Unknown, false),
    ] {
        let failed = created(&v1(), &reply).expect_err("refused");
        let shown = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, nothing_made),
            "{shown}"
        );
        assert!(!failed.text.zh.is_empty() && !failed.text.en.is_empty());
    }
    let other = "{\"code\":1,\"out_trade_no\":\"X\",\"payurl\":\"https://p\"}";
    assert_eq!(
        created(&v1(), &reply(other)).expect_err("other").class,
        Class::Unknown
    );
    // A site that repeats our key in its message does not get it into our log.
    let leak = format!("{{\"code\":-1,\"msg\":\"密钥{KEY}错误\"}}");
    let failed = created(&v1(), &reply(&leak)).expect_err("refused");
    assert!(!failed.code.contains(KEY));
}

#[test]
fn v2_answers_are_believed_only_with_the_platforms_signature() {
    let channel = v2();
    let fields = [
        ("code", "0"),
        ("msg", "\"success\""),
        ("trade_no", "\"T1\""),
        ("pay_type", "\"jump\""),
        ("pay_info", "\"https://pay.example.com/pay/1\""),
    ];
    let good = signed(&fields);
    assert_eq!(
        created(&channel, &good).expect("signed").kind,
        PayKind::Redirect
    );
    let text = String::from_utf8(good.body.clone()).expect("text");
    for bent in [
        text.replace("pay/1", "pay/2"),
        text.replace("\"code\":0", "\"code\":0.0"),
        text.replace("\"sign\":\"", "\"sign\":\"A"),
        text.replace("\"sign\"", "\"sing\""),
        text.replace("\"RSA\"", "\"MD5\""),
        text.replace(",\"sign_type\":\"RSA\"", ""),
        text.replace("\"code\":0", "\"code\":0,\"extra\":1"),
        text.replace("\"code\":0", "\"code\":0,\"code\":0"),
        "{\"code\":0,\"pay_type\":\"jump\",\"pay_info\":\"https://p\"}".to_owned(),
        "{\"code\":-1,\"msg\":\"签名错误\"}".to_owned(),
    ] {
        assert_ne!(bent, text);
        let failed = created(&channel, &reply(&bent)).expect_err(&bent);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (Class::Unknown, false),
            "{bent}"
        );
    }
    // null and arrays stand outside of the signature.
    let nulled = text.replace("\"code\":0", "\"code\":0,\"none\":null,\"list\":[1]");
    assert!(created(&channel, &reply(&nulled)).is_ok());
    let mut late = charge();
    late.now += 301_000;
    assert_eq!(
        channel.read_created(&late, &good).expect_err("stale").class,
        Class::Unknown
    );
    let declined = signed(&[("code", "-1"), ("msg", "\"超出限额\"")]);
    let failed = created(&channel, &declined).expect_err("declined");
    assert_eq!((failed.class, failed.nothing_made), (Class::Declined, true));
    for (kind, info) in [("html", "<form>"), ("jsapi", "x"), ("jump", "javascript:1")] {
        let (kind, info) = (format!("\"{kind}\""), format!("\"{info}\""));
        let shown = signed(&[("code", "0"), ("pay_type", &kind), ("pay_info", &info)]);
        let failed = created(&channel, &shown).expect_err(&kind);
        assert!(!failed.nothing_made);
    }
}

#[test]
fn a_phone_is_told_apart() {
    let mut charge = charge();
    charge.buyer.device = Device::Mobile;
    charge.buyer.ip = "::ffff:203.0.113.9".parse().expect("an address");
    let request = asked(&v1(), &charge);
    assert_eq!(value(&request, "device").as_deref(), Some("mobile"));
    assert_eq!(value(&request, "clientip").as_deref(), Some("203.0.113.9"));
}
