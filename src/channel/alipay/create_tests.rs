use serde_json::{Value as Json, json};

use super::Alipay;
use super::support::*;
use crate::channel::model::{
    Charge, Class, Device, Failure, Method, Pay, PayKind, Reply, Request, Start,
};
use crate::channel::port::Channel as _;
use crate::channel::rsa_sign::is_signed;
use crate::clock::{DAY, HOUR, MINUTE};
use crate::money::{Currency, Minor};

const PRECREATE: &str = "alipay.trade.precreate";

fn link(account: &Alipay, charge: &Charge) -> String {
    match account.create(charge) {
        Ok(Start::Ready(Pay {
            kind: PayKind::Redirect,
            url: Some(url),
            qr: None,
            ..
        })) => url,
        other => panic!("no link: {other:?}"),
    }
}

fn request(account: &Alipay, charge: &Charge) -> Request {
    match account.create(charge) {
        Ok(Start::Ask(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

fn refused(charge: &Charge) -> Failure {
    match account().create(charge) {
        Ok(start) => panic!("{start:?}"),
        Err(failure) => failure,
    }
}

#[test]
fn the_device_and_the_product_decide_how_it_is_paid() {
    let (web, qr, mixed) = (
        account(),
        with(&[("product", "qr")]),
        with(&[("product", "qr_wap")]),
    );
    let (desktop, mobile) = (charge(Device::Desktop), charge(Device::Mobile));
    let method = |address: &str| fields_of(address)["method"].clone();
    assert_eq!(method(&link(web, &desktop)), "alipay.trade.page.pay");
    assert_eq!(method(&link(web, &mobile)), "alipay.trade.wap.pay");
    assert_eq!(method(&link(&mixed, &mobile)), "alipay.trade.wap.pay");
    for (account, charge) in [(&qr, &desktop), (&qr, &mobile), (&mixed, &desktop)] {
        assert_eq!(method(&request(account, charge).url), PRECREATE);
    }
}

#[test]
fn a_link_is_signed_and_says_what_is_sold() {
    let address = link(account(), &charge(Device::Desktop));
    assert!(
        address.starts_with("https://openapi.alipay.com/gateway.do?"),
        "{address}"
    );
    let fields = fields_of(&address);
    for (name, value) in [
        ("app_id", APP_ID),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("version", "1.0"),
        ("timestamp", "2026-11-18 19:06:40"),
        ("notify_url", "https://shop.example.com/callback/x"),
        ("return_url", "https://shop.example.com/o/1/return"),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    let content: Json = serde_json::from_str(&fields["biz_content"]).expect("JSON");
    let expected = json!({
        "out_trade_no": ORDER,
        "total_amount": "10.00",
        "subject": "会员 50% + 礼物",
        "product_code": "FAST_INSTANT_TRADE_PAY",
        "time_expire": "2026-11-18 19:21:40",
    });
    assert_eq!(content, expected);
    let text = super::sign::of_request(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    assert!(is_signed(
        &APP.to_public_key(),
        text.as_bytes(),
        &fields["sign"]
    ));

    let wap = fields_of(&link(account(), &charge(Device::Mobile)));
    let content: Json = serde_json::from_str(&wap["biz_content"]).expect("JSON");
    assert_eq!(content["product_code"], "QUICK_WAP_WAY");
    assert_eq!(content["quit_url"], "https://shop.example.com/o/1/return");
}

#[test]
fn the_same_charge_is_the_same_trade() {
    let qr = with(&[("product", "qr")]);
    let first = charge(Device::Desktop);
    let again = Charge {
        now: NOW + 9_000,
        nonce: [8; 16],
        ..first.clone()
    };
    let (first, again) = (request(&qr, &first), request(&qr, &again));
    assert_eq!(content(&first), content(&again));
    assert_ne!(first.url, again.url);
}

#[test]
fn a_subject_imitates_nothing_and_fits() {
    let subject = |subject: &str| {
        let charge = Charge {
            subject: subject.to_owned(),
            ..charge(Device::Desktop)
        };
        let fields = fields_of(&link(account(), &charge));
        let content: Json = serde_json::from_str(&fields["biz_content"]).expect("JSON");
        content["subject"].as_str().expect("a text").to_owned()
    };
    assert_eq!(
        subject("a/b&total_amount=0.01\n"),
        "a／b＆total_amount＝0.01"
    );
    assert_eq!(subject(" \n "), ORDER);
    let long = subject(&"会员".repeat(200));
    assert_eq!(long.len(), 255);
    assert!(long.chars().all(|c| "会员".contains(c)));
}

#[test]
fn what_alipay_does_not_take_is_not_sent() {
    let right = charge(Device::Desktop);
    for (amount, fits) in [
        (0, false),
        (-1, false),
        (1, true),
        (10_000_000_000, true),
        (10_000_000_001, false),
    ] {
        let charge = Charge {
            amount: Minor(amount),
            ..right.clone()
        };
        assert_eq!(account().create(&charge).is_ok(), fits, "{amount}");
        if !fits {
            let failure = refused(&charge);
            assert_eq!(kind(&failure), (Class::Declined, true));
            assert!(!failure.counts && failure.text.zh.contains("金额"));
        }
    }
    for charge in [
        Charge {
            method: Method::Wechat,
            ..right.clone()
        },
        Charge {
            currency: Currency::USD,
            ..right.clone()
        },
        Charge {
            expires_at: NOW + 16 * DAY,
            ..right.clone()
        },
    ] {
        let failure = refused(&charge);
        assert_eq!(
            (kind(&failure), failure.counts),
            ((Class::Misconfigured, true), false)
        );
    }
    assert_eq!(account().shortest_life(), 2 * MINUTE);
    assert_eq!(account().methods(), [Method::Alipay]);
    assert_eq!(account().currencies(), [Currency::CNY]);
    assert!(!account().confirm_by_query());
}

fn code(text: &str) -> Json {
    json!({"code": "10000", "msg": "Success", "out_trade_no": ORDER, "qr_code": text})
}

fn created(device: Device, reply: &Reply) -> Result<Pay, (Class, bool)> {
    let pay = account().read_created(&charge(device), reply);
    pay.map_err(|failure| kind(&failure))
}

#[test]
fn a_code_is_shown_to_scan_and_on_a_phone_to_open() {
    const CODE: &str = "https://qr.alipay.com/bax0001";
    let reply = signed(PRECREATE, &code(CODE));
    let expected = Pay {
        kind: PayKind::Qr,
        url: Some(CODE.to_owned()),
        qr: Some(CODE.to_owned()),
        channel_trade_no: None,
        expires_at: None,
    };
    assert_eq!(created(Device::Desktop, &reply), Ok(expected.clone()));
    let opened = Pay {
        kind: PayKind::Redirect,
        ..expected
    };
    assert_eq!(created(Device::Mobile, &reply), Ok(opened));
    // A code dies after two hours, whatever the order's time is.
    let long = Charge {
        expires_at: NOW + 3 * HOUR,
        ..charge(Device::Desktop)
    };
    let pay = account().read_created(&long, &reply).expect("a code");
    assert_eq!(pay.expires_at, Some(NOW + 2 * HOUR));
}

#[test]
fn what_made_no_usable_code_is_asked_about() {
    let unknown = Err((Class::Unknown, false));
    for text in ["", "javascript:alert(1)", "https://a b", "data:text/html,x"] {
        assert_eq!(
            created(Device::Desktop, &signed(PRECREATE, &code(text))),
            unknown,
            "{text}"
        );
    }
    let mut other = code("https://qr.alipay.com/bax0001");
    other["out_trade_no"] = "VG2".into();
    assert_eq!(
        created(Device::Desktop, &signed(PRECREATE, &other)),
        unknown
    );
    let right = code("https://qr.alipay.com/bax0001");
    assert_eq!(
        created(Device::Desktop, &unsigned(PRECREATE, &right)),
        unknown
    );
}

#[test]
fn refusals_that_are_documented_go_on_to_another_channel() {
    for (sub_code, class, nothing_made) in [
        ("ACQ.TOTAL_FEE_EXCEED", Class::Declined, true),
        ("ACQ.EXIST_FORBIDDEN_WORD", Class::Declined, true),
        ("ACQ.ACCESS_FORBIDDEN", Class::Misconfigured, true),
        ("ACQ.INVALID_PARAMETER", Class::Misconfigured, true),
        ("ACQ.TRADE_HAS_SUCCESS", Class::Duplicate, false),
        ("ACQ.CONTEXT_INCONSISTENT", Class::Duplicate, false),
        ("ACQ.TRADE_HAS_CLOSE", Class::BuyerCancelled, false),
        ("ACQ.SYSTEM_ERROR", Class::Unknown, false),
        ("ACQ.SOMETHING_NEW", Class::Unknown, false),
    ] {
        let answer = created(Device::Desktop, &signed(PRECREATE, &error(sub_code)));
        assert_eq!(answer, Err((class, nothing_made)), "{sub_code}");
        // Without its signature it is nothing.
        let answer = created(Device::Desktop, &unsigned(PRECREATE, &error(sub_code)));
        assert_eq!(answer, Err((Class::Unknown, false)), "{sub_code}");
    }
    let gateway = json!({"code": "40002", "msg": "x", "sub_code": "isv.invalid-signature"});
    let answer = created(Device::Desktop, &unsigned(PRECREATE, &gateway));
    assert_eq!(answer, Err((Class::Misconfigured, true)));
    let limited = json!({"code": "40005", "msg": "x", "sub_code": "isv.app-call-limited"});
    let answer = created(Device::Desktop, &unsigned(PRECREATE, &limited));
    assert_eq!(answer, Err((Class::Unknown, false)));
}
