use proptest::prelude::*;
use serde_json::Value as Json;

use super::Channel as _;
use super::Sandbox;
use super::support::*;
use crate::channel::model::{
    Class, CloseAnswer, Device, Failure, Method, Pay, PayKind, QueryAnswer, RefundAnswer, Reply,
    Request, Start, Verb,
};
use crate::channel::port::{Close as _, Refunds as _};
use crate::money::{Currency, Minor};

const PAYMENT: &str = "{\"trade_no\":\"S1\",\"merchant_no\":\"VG1\",\"amount\":2990,\
     \"currency\":\"CNY\",\"state\":\"waiting\",\"pay_url\":\"http://127.0.0.1:8090/pay/S1\",\
     \"qr\":\"http://127.0.0.1:8090/pay/S1\",\"expires_at\":1795000600000}";
const REFUND: &str = "{\"refund_no\":\"RF1\",\"channel_refund_no\":\"R1\",\"amount\":990,\
     \"state\":\"done\"}";

fn error(status: u16, code: &str) -> Reply {
    let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"…\"}}}}");
    answer(status, &body)
}

fn created(reply: &Reply) -> Result<Pay, Failure> {
    channel().read_created(&charge(), reply)
}

#[test]
fn weak_accounts_do_not_start() {
    let wrong = |base: &str, merchant: &str, key: &str| {
        let config = account(base, &[("merchant", merchant), ("key", key)]);
        Sandbox::read(&config).map(|_| ()).expect_err("refused").key
    };
    let near = "http://127.0.0.1:8090";
    assert_eq!(wrong(near, "m1", ""), "key");
    assert_eq!(wrong(near, "m1", "123456"), "key");
    assert_eq!(wrong(near, "m1", &KEY[..31]), "key");
    assert_eq!(wrong(near, "m1", &"a".repeat(40)), "key");
    assert_eq!(wrong(near, "", KEY), "merchant");
    assert_eq!(wrong(near, "m1\r\nx: y", KEY), "merchant");
    assert_eq!(wrong("http://gateway.example.com", "m1", KEY), "base_url");
    let mut coin = account(near, &[("merchant", "m1"), ("key", KEY)]);
    coin.currency = Currency::COIN;
    assert!(Sandbox::read(&coin).is_err());
}

#[test]
fn the_kind_is_registered() {
    let config = account("http://127.0.0.1:8090", &[("merchant", "m1"), ("key", KEY)]);
    let channel = crate::channel::open("sandbox", &config).expect("a channel");
    assert!(!channel.confirm_by_query());
    assert!(channel.close().is_some() && channel.refunds().is_some());
    for method in Method::ALL {
        assert_eq!(
            channel.methods().contains(method),
            *method != Method::Wallet
        );
    }
    use Currency::{CNY, EUR, JPY, USD, USDT};
    for currency in [CNY, USD, JPY, EUR, USDT] {
        assert!(channel.currencies().contains(&currency));
    }
}

#[test]
fn requests_are_signed_as_the_document_says() {
    let channel = channel();
    let Start::Ask(create) = channel.create(&charge()).expect("a request") else {
        panic!("the sandbox asks");
    };
    let calls: [(Request, &str); 5] = [
        (create, "/v1/payments"),
        (channel.query(&lookup()), "/v1/payments/query"),
        (
            super::Close::close(&channel, &lookup()),
            "/v1/payments/close",
        ),
        (channel.refund(&refund()), "/v1/refunds"),
        (
            channel.query_refund(&refund()).expect("a query"),
            "/v1/refunds/query",
        ),
    ];
    for (request, path) in &calls {
        assert_eq!(request.verb, Verb::Post);
        assert_eq!(request.url, format!("http://127.0.0.1:8090{path}"));
        assert_eq!(header(request, "x-sandbox-merchant"), "m1");
        assert_eq!(header(request, "x-sandbox-timestamp"), "1795000000");
        assert_eq!(header(request, "x-sandbox-nonce"), "01".repeat(16));
        let body = std::str::from_utf8(&request.body).expect("text");
        let text = format!("1795000000\n{}\nPOST {path}\n{body}", "01".repeat(16));
        assert_eq!(header(request, "x-sandbox-signature"), mac(KEY, &text));
        assert!(!format!("{request:?}").contains(KEY) && !body.contains(KEY));
    }
    let body: Json = serde_json::from_slice(&calls[0].0.body).expect("JSON");
    let names = [
        "merchant_no",
        "amount",
        "currency",
        "method",
        "subject",
        "notify_url",
        "return_url",
        "expires_at",
    ];
    assert!(names.iter().all(|name| body.get(name).is_some()));
    assert_eq!(body["amount"], 2990);
    assert_eq!(body.as_object().map(|o| o.len()), Some(names.len()));
}

#[test]
fn a_made_payment_is_shown() {
    let pay = created(&answer(201, PAYMENT)).expect("made");
    assert_eq!(pay.kind, PayKind::Qr);
    assert_eq!(pay.url.as_deref(), Some("http://127.0.0.1:8090/pay/S1"));
    assert_eq!(pay.channel_trade_no.as_deref(), Some("S1"));
    assert_eq!(pay.expires_at, Some(1_795_000_600_000));
    assert_eq!(created(&answer(200, PAYMENT)), Ok(pay));
    let mut phone = charge();
    phone.buyer.device = Device::Mobile;
    let pay = channel().read_created(&phone, &answer(201, PAYMENT));
    assert_eq!(pay.expect("made").kind, PayKind::Redirect);
    // Paid before the answer came: still shown, the notice tells the rest.
    assert!(created(&answer(201, &PAYMENT.replace("waiting", "paid"))).is_ok());
}

#[test]
fn answers_that_are_not_ours_are_unknown() {
    let nonce = hex::encode([1; 16]);
    let mut unsigned = answer(201, PAYMENT);
    unsigned.headers.clear();
    let mut twice = answer(201, PAYMENT);
    twice
        .headers
        .push(("x-sandbox-nonce".to_owned(), nonce.clone()));
    let mut bent = answer(201, PAYMENT);
    bent.body = PAYMENT.replace("2990", "2991").into_bytes();
    let mut status = answer(201, PAYMENT);
    status.status = 200;
    for reply in [
        unsigned,
        twice,
        bent,
        status,
        answer_to(201, PAYMENT, &"02".repeat(16), "1795000000"),
        answer_to(201, PAYMENT, &nonce, "1795000301"),
        answer_to(201, PAYMENT, &nonce, "1794999699"),
        answer_to(201, PAYMENT, &nonce, "now"),
        answer(500, PAYMENT),
        answer(302, PAYMENT),
        answer(201, &PAYMENT.replace("2990", "2991")),
        answer(201, &PAYMENT.replace("2990", "\"2990\"")),
        answer(201, &PAYMENT.replace("2990", "2990.0")),
        answer(201, &PAYMENT.replace("CNY", "USD")),
        answer(201, &PAYMENT.replace("VG1", "VG2")),
        answer(
            201,
            &PAYMENT.replace("http://127.0.0.1:8090/pay/S1", "javascript:alert(1)"),
        ),
        answer(201, &PAYMENT.replace("\"S1\"", "\"\"")),
        answer(201, "{}"),
        answer(201, ""),
        answer(201, &format!("{PAYMENT}{PAYMENT}")),
        answer(400, "{}"),
        answer(400, "{\"error\":\"declined\"}"),
    ] {
        let failed = created(&reply).expect_err("not ours");
        assert_eq!((failed.class, failed.nothing_made), (Class::Unknown, false));
    }
}

#[test]
fn documented_errors_have_their_classes() {
    for (code, class, nothing_made) in [
        ("bad_signature", Class::Misconfigured, true),
        ("bad_request", Class::Misconfigured, true),
        ("unknown_merchant", Class::Misconfigured, true),
        ("stale", Class::Misconfigured, true),
        ("declined", Class::Declined, true),
        ("amount_limit", Class::Declined, true),
        ("merchant_no_used", Class::Duplicate, false),
        ("nonce_used", Class::Unknown, false),
        ("something_new", Class::Unknown, false),
    ] {
        let failed = created(&error(409, code)).expect_err(code);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, nothing_made),
            "{code}"
        );
        assert_eq!(failed.code, code);
    }
    let closed = created(&answer(200, &PAYMENT.replace("waiting", "closed")));
    assert_eq!(closed.expect_err("closed").class, Class::Duplicate);
}

#[test]
fn what_cannot_be_asked_is_not_sent() {
    let sent = |change: &dyn Fn(&mut crate::channel::Charge)| {
        let mut charge = charge();
        change(&mut charge);
        channel().create(&charge).map(|_| ())
    };
    for failed in [
        sent(&|c| c.amount = Minor(0)),
        sent(&|c| c.amount = Minor(-1)),
        sent(&|c| c.method = Method::Wallet),
        sent(&|c| c.currency = Currency::COIN),
    ] {
        let failed = failed.expect_err("not sent");
        assert!(failed.nothing_made && !failed.counts);
    }
}

#[test]
fn queries_know_every_state() {
    let query = |reply: &Reply| channel().read_query(&lookup(), reply);
    let state = |word: &str| query(&answer(200, &PAYMENT.replace("waiting", word)));
    assert_eq!(state("waiting"), Ok(QueryAnswer::Waiting));
    assert_eq!(state("closed"), Ok(QueryAnswer::Closed));
    assert_eq!(state("new").expect_err("new").class, Class::Unknown);
    let paid = PAYMENT.replace(
        "\"state\":\"waiting\"",
        "\"state\":\"paid\",\"paid_at\":1795000001000,\"refunded\":0",
    );
    let Ok(QueryAnswer::Paid(fact)) = query(&answer(200, &paid)) else {
        panic!("paid");
    };
    assert_eq!((fact.amount, fact.currency), (Minor(2_990), Currency::CNY));
    assert_eq!(fact.paid_at, Some(1_795_000_001_000));
    let back = paid.replace("\"refunded\":0", "\"refunded\":990");
    assert_eq!(query(&answer(200, &back)), Ok(QueryAnswer::GivenBack(fact)));
    assert_eq!(query(&error(404, "not_found")), Ok(QueryAnswer::NotFound));
    let failed = query(&error(401, "bad_signature")).expect_err("key");
    assert_eq!(failed.class, Class::Misconfigured);
    let juggled = answer(200, &paid.replace("2990", "\"2990\""));
    assert_eq!(query(&juggled).expect_err("juggled").class, Class::Unknown);
}

#[test]
fn closing_says_when_it_is_too_late() {
    let close = |reply: &Reply| channel().read_close(&lookup(), reply);
    let closed = answer(200, &PAYMENT.replace("waiting", "closed"));
    assert_eq!(close(&closed), Ok(CloseAnswer::Closed));
    assert_eq!(close(&error(404, "not_found")), Ok(CloseAnswer::Closed));
    assert_eq!(
        close(&error(409, "already_paid")),
        Ok(CloseAnswer::AlreadyPaid)
    );
    assert_eq!(
        close(&answer(200, PAYMENT)).expect_err("open").class,
        Class::Unknown
    );
    assert_eq!(
        close(&error(500, "x")).expect_err("500").class,
        Class::Unknown
    );
}

#[test]
fn refunds_are_done_pending_failed_or_unknown() {
    let read = |reply: &Reply| channel().read_refund(&refund(), reply);
    let done = RefundAnswer::Done {
        channel_refund_no: Some("R1".to_owned()),
    };
    assert_eq!(read(&answer(200, REFUND)), Ok(done.clone()));
    let pending = answer(200, &REFUND.replace("done", "pending"));
    assert_eq!(read(&pending), Ok(RefundAnswer::Pending));
    for reply in [
        answer(200, &REFUND.replace("done", "failed")),
        error(409, "exceeds_paid"),
        error(409, "not_paid"),
        error(404, "not_found"),
    ] {
        let failed = read(&reply).expect_err("no");
        assert_eq!((failed.class, failed.nothing_made), (Class::Declined, true));
    }
    for reply in [
        answer(200, &REFUND.replace("RF1", "RF2")),
        answer(200, &REFUND.replace("990", "991")),
        answer(200, &REFUND.replace("done", "maybe")),
        error(500, "x"),
    ] {
        assert_eq!(read(&reply).expect_err("unknown").class, Class::Unknown);
    }
    let ask = |reply: &Reply| channel().read_refund_query(&refund(), reply);
    assert_eq!(ask(&answer(200, REFUND)), Ok(done));
    assert_eq!(ask(&error(404, "not_found")), Ok(RefundAnswer::NotFound));
}

proptest! {
    #[test]
    fn random_answers_never_panic_and_never_pay(
        status in 100u16..600, bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut reply = answer(200, PAYMENT);
        reply.status = status;
        reply.body = bytes;
        prop_assert!(created(&reply).is_err());
        prop_assert!(channel().read_query(&lookup(), &reply).is_err());
    }
}
