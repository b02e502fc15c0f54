use proptest::prelude::*;
use serde_json::Value as Json;

use super::support::*;
use super::{Channel as _, Wechat};
use crate::channel::model::{
    Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Request, Start, Verb,
};
use crate::clock::{DAY, HOUR, MINUTE};
use crate::money::{Currency, Minor};

fn asked(channel: &Wechat, charge: &Charge) -> Request {
    match channel.create(charge).expect("a request") {
        Start::Ask(request) => request,
        Start::Ready(_) => panic!("WeChat Pay asks"),
    }
}

fn on(device: Device) -> Charge {
    let mut charge = charge();
    charge.buyer.device = device;
    charge
}

fn created(charge: &Charge, body: &str) -> Result<Pay, Failure> {
    BY_CERTIFICATE.read_created(charge, &signed(200, body))
}

#[test]
fn a_desktop_gets_a_code_and_a_phone_a_page() {
    let desktop = asked(&BY_KEY, &on(Device::Desktop));
    assert_eq!(desktop.verb, Verb::Post);
    assert_eq!(desktop.url, format!("{BASE}/v3/pay/transactions/native"));
    assert_eq!(header(&desktop, "wechatpay-serial"), Some(KEY_ID));
    assert_eq!(header(&desktop, "content-type"), Some("application/json"));
    assert_eq!(header(&desktop, "accept"), Some("application/json"));
    assert!(header(&desktop, "user-agent").is_some_and(|agent| agent.starts_with("vendgate/")));
    let phone = asked(&BY_CERTIFICATE, &on(Device::Mobile));
    assert_eq!(phone.url, format!("{BASE}/v3/pay/transactions/h5"));
    assert_eq!(header(&phone, "wechatpay-serial"), None);
    let body: Json = serde_json::from_slice(&phone.body).expect("JSON");
    assert_eq!(body["scene_info"]["payer_client_ip"], "203.0.113.9");
    assert_eq!(body["scene_info"]["h5_info"]["type"], "Wap");
    let certificate = platform_certificate();
    let without = open(&with(&[
        ("platform_certificates", &certificate),
        ("h5", "off"),
    ]));
    let phone = asked(&without, &on(Device::Mobile));
    assert!(phone.url.ends_with("/native"));
}

/// Idempotency: the bytes of the body are those of the first call, whenever it is repeated.
#[test]
fn a_repeat_sends_the_very_body_of_the_first() {
    for device in [Device::Desktop, Device::Mobile] {
        let (first, mut again) = (on(device), on(device));
        again.now += 7_000;
        again.nonce = [8; 16];
        let (first, again) = (asked(&BY_KEY, &first), asked(&BY_KEY, &again));
        assert_eq!((&first.url, &first.body), (&again.url, &again.body));
        assert_ne!(
            header(&first, "authorization"),
            header(&again, "authorization")
        );
    }
}

#[test]
fn no_secret_is_in_a_request() {
    let channel = &*BY_KEY;
    for request in [
        asked(channel, &charge()),
        channel.query(&lookup()),
        channel.refunds().expect("refunds").refund(&refund(300)),
    ] {
        let whole = format!("{} {:?} {}", request.url, request.headers, text(&request));
        assert!(!whole.contains(API_KEY));
    }
}

#[test]
fn what_wechat_pay_does_not_take_is_never_sent() {
    let refused = |change: fn(&mut Charge)| {
        let mut charge = charge();
        change(&mut charge);
        BY_KEY.create(&charge).expect_err("refused")
    };
    for (failed, class) in [
        (refused(|c| c.method = Method::Alipay), Class::Misconfigured),
        (
            refused(|c| c.currency = Currency::USD),
            Class::Misconfigured,
        ),
        (refused(|c| c.amount = Minor(0)), Class::Declined),
        (refused(|c| c.amount = Minor(-1)), Class::Declined),
        (
            refused(|c| c.amount = Minor(2_147_483_648)),
            Class::Declined,
        ),
        (
            refused(|c| c.notify_url = "http://shop.example.com/callback/x".to_owned()),
            Class::Misconfigured,
        ),
        (
            refused(|c| c.notify_url.push_str("?a=b")),
            Class::Misconfigured,
        ),
        (
            refused(|c| c.notify_url.push_str(&"x".repeat(255))),
            Class::Misconfigured,
        ),
        (
            refused(|c| c.expires_at = NOW + 7 * DAY + 1),
            Class::Misconfigured,
        ),
    ] {
        assert_eq!(
            (failed.class, failed.nothing_made),
            (class, true),
            "{failed}"
        );
        assert!(!failed.counts);
    }
    let mut longest = charge();
    longest.expires_at = NOW + 7 * DAY;
    assert!(BY_KEY.create(&longest).is_ok());
}

#[test]
fn a_code_ends_after_two_hours_and_a_page_after_five_minutes() {
    let code = "{\"code_url\":\"weixin://wxpay/bizpayurl?pr=1\"}";
    let pay = created(&charge(), code).expect("a code");
    assert_eq!((pay.kind, pay.url.as_deref()), (PayKind::Qr, None));
    assert_eq!(pay.qr.as_deref(), Some("weixin://wxpay/bizpayurl?pr=1"));
    assert_eq!(pay.expires_at, None);
    let mut long = charge();
    long.expires_at = NOW + 3 * HOUR;
    let pay = created(&long, code).expect("a code");
    assert_eq!(pay.expires_at, Some(NOW + 2 * HOUR));
    let page = "{\"h5_url\":\"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=1\"}";
    let pay = created(&on(Device::Mobile), page).expect("a page");
    assert_eq!((pay.kind, pay.qr.as_deref()), (PayKind::Redirect, None));
    assert_eq!(
        pay.url.as_deref(),
        Some(
            "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=1\
             &redirect_url=https%3A%2F%2Fshop%2Eexample%2Ecom%2Fo%2F1%3Fa%3Db"
        )
    );
    assert_eq!(pay.expires_at, Some(NOW + 5 * MINUTE));
    for (charge, body) in [
        (charge(), "{}"),
        (charge(), "{\"code_url\":\"javascript:alert(1)\"}"),
        (charge(), page),
        (
            on(Device::Mobile),
            "{\"h5_url\":\"http://wx.tenpay.com/1\"}",
        ),
        (on(Device::Mobile), "{\"h5_url\":\"javascript:alert(1)\"}"),
        (on(Device::Mobile), code),
    ] {
        let failed = created(&charge, body).expect_err(body);
        assert_eq!(
            (failed.class, failed.nothing_made),
            (Class::Unknown, false),
            "{body}"
        );
    }
}

/// Nothing was made only if a well-formed answer says so.
#[test]
fn failures_of_creating_have_their_classes() {
    let plain = |status: u16, body: &str| Reply {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    };
    for (reply, class, nothing_made) in [
        (refusal(401, "SIGN_ERROR"), Class::Misconfigured, true),
        (refusal(403, "NO_AUTH"), Class::Misconfigured, true),
        (refusal(403, "RULE_LIMIT"), Class::Declined, true),
        (refusal(403, "OUT_TRADE_NO_USED"), Class::Duplicate, false),
        (refusal(400, "ORDERPAID"), Class::Duplicate, false),
        (refusal(429, "FREQUENCY_LIMITED"), Class::Retryable, false),
        (refusal(500, "SYSTEM_ERROR"), Class::Retryable, false),
        (refusal(400, "SOMETHING_NEW"), Class::Unknown, false),
        (signed(202, "{}"), Class::Retryable, false),
        (plain(500, "oops"), Class::Unknown, false),
        (plain(502, "<html>"), Class::Unknown, false),
        (plain(400, ""), Class::Unknown, false),
        (plain(404, "<html>"), Class::Misconfigured, false),
        (plain(301, ""), Class::Misconfigured, false),
        (
            plain(200, "{\"code_url\":\"weixin://x\"}"),
            Class::Unknown,
            false,
        ),
        (plain(200, "{\"code\":\"NO_AUTH\"}"), Class::Unknown, false),
        (plain(204, ""), Class::Unknown, false),
    ] {
        let failed = BY_CERTIFICATE
            .read_created(&charge(), &reply)
            .expect_err("no");
        let seen = (failed.class, failed.nothing_made);
        assert_eq!(seen, (class, nothing_made), "{} {failed}", reply.status);
    }
}

proptest! {
    /// Whatever a subject holds, the body is JSON that says what the charge says.
    #[test]
    fn the_body_says_what_the_charge_says(
        subject in "\\PC{0,200}", amount in 1i64..=2_147_483_647, minutes in 1i64..=1_440,
        phone in any::<bool>(),
    ) {
        let mut charge = on(if phone { Device::Mobile } else { Device::Desktop });
        charge.subject = subject;
        charge.amount = Minor(amount);
        charge.expires_at = NOW + minutes * MINUTE;
        let request = asked(&BY_KEY, &charge);
        let body: Json = serde_json::from_slice(&request.body).expect("JSON");
        prop_assert_eq!(body["amount"]["total"].as_i64(), Some(amount));
        prop_assert_eq!(body["out_trade_no"].as_str(), Some(ORDER));
        let told = body["description"].as_str().unwrap_or_default();
        prop_assert!(!told.is_empty() && told.len() <= 127);
        let end = body["time_expire"].as_str().and_then(super::times::parse);
        prop_assert_eq!(end, Some(charge.expires_at / 1_000 * 1_000));
    }
}
