use super::Channel as _;
use super::support::*;
use crate::channel::model::{Check, NoticeStatus, RawNotice, Verb};
use crate::clock::SECOND;
use crate::money::{Currency, Minor};

#[test]
fn a_payment_tells_its_whole_price() {
    let notice = heard(&told("SUCCESS")).expect("authentic");
    assert_eq!(
        (
            notice.merchant_no.as_str(),
            notice.channel_trade_no.as_str()
        ),
        (ORDER, TRADE)
    );
    assert_eq!(notice.status, NoticeStatus::Paid);
    // 900 of it by the buyer, the rest by a coupon.
    assert_eq!(notice.amount, Some(Minor(1_000)));
    assert_eq!(notice.currency, Some(Currency::CNY));
    assert_eq!(notice.paid_at, Some(1_795_140_021_000));
    assert!(!notice.given_back);
}

#[test]
fn every_state_has_its_meaning() {
    for (state, status, given_back) in [
        ("REFUND", NoticeStatus::Paid, true),
        ("NOTPAY", NoticeStatus::Pending, false),
        ("CLOSED", NoticeStatus::Closed, false),
        ("PAYERROR", NoticeStatus::Failed, false),
    ] {
        let notice = heard(&told(state)).expect(state);
        assert_eq!(
            (notice.status, notice.given_back),
            (status, given_back),
            "{state}"
        );
    }
    assert_eq!(check(heard(&told("NEW"))), Some(Check::Parse));
}

/// X14: five minutes either way, and then the channel is asked, for the money may be real.
#[test]
fn stale_notices_are_refused_and_asked_about() {
    for apart in [-300, -301, -86_400, 300, 301] {
        let refused = heard_at(NOW + apart * SECOND, &told("SUCCESS")).expect_err("stale");
        assert_eq!(refused.check, Check::Freshness, "{apart}");
        assert_eq!(refused.ask_about.as_deref(), Some(ORDER), "{apart}");
    }
    for apart in [-299, 0, 299] {
        assert!(
            heard_at(NOW + apart * SECOND, &told("SUCCESS")).is_ok(),
            "{apart}"
        );
    }
    // Stale and for another merchant: not ours to ask about.
    let other = payment("SUCCESS").replace(MCH, "1900000999");
    let other = envelope("TRANSACTION.SUCCESS", "transaction", &other);
    let refused = heard_at(NOW - 301 * SECOND, &other).expect_err("stale");
    assert_eq!((refused.check, refused.ask_about), (Check::Freshness, None));
}

/// X08: rightly signed, rightly encrypted, for another merchant.
#[test]
fn another_merchant_is_refused() {
    for (ours, theirs) in [(MCH, "1900000999"), (APP, "wx0000000000000000")] {
        let plain = payment("SUCCESS").replace(ours, theirs);
        let body = envelope("TRANSACTION.SUCCESS", "transaction", &plain);
        assert_eq!(check(heard(&body)), Some(Check::Merchant));
    }
}

/// X01, X05, X15: no signature, one of nobody we know, or of another scheme.
#[test]
fn unsigned_and_wrongly_signed_notices_are_refused() {
    let body = told("SUCCESS");
    let right = signed_by(&PLATFORM, SERIAL, NOW, body.as_bytes());
    let fired = |headers: &[(String, String)]| {
        check(BY_CERTIFICATE.noticed(&posted(headers, body.as_bytes())))
    };
    assert_eq!(fired(&right), None);
    for name in ["timestamp", "nonce", "serial", "signature"] {
        let name = format!("wechatpay-{name}");
        let mut less = right.clone();
        less.retain(|(known, _)| *known != name);
        assert_eq!(fired(&less), Some(Check::Signature), "without {name}");
        let set = |value: &str| {
            let mut bent = right.clone();
            for (known, there) in &mut bent {
                if *known == name {
                    *there = value.to_owned();
                }
            }
            bent
        };
        for value in ["", " ", "0", "WECHATPAY/SIGNTEST/eHh4eHh4eHh4"] {
            assert_eq!(fired(&set(value)), Some(Check::Signature), "{name} {value}");
        }
        let mut twice = right.clone();
        twice.push((name.clone(), "x".to_owned()));
        assert_eq!(fired(&twice), Some(Check::Signature), "{name} twice");
    }
    for headers in [
        signed_by(&OTHER, SERIAL, NOW, body.as_bytes()),
        signed_by(&MERCHANT, SERIAL, NOW, body.as_bytes()),
        signed_by(&PLATFORM, KEY_ID, NOW, body.as_bytes()),
        signed_by(&PLATFORM, OUR_SERIAL, NOW, body.as_bytes()),
        signed_by(&PLATFORM, SERIAL, NOW, b""),
    ] {
        assert_eq!(fired(&headers), Some(Check::Signature));
    }
    // The right signature of another channel account: its keys are not ours.
    let by_key = BY_KEY.noticed(&posted(&right, body.as_bytes()));
    assert_eq!(check(by_key), Some(Check::Signature));
}

/// What is inside is as authentic as the tag says, whoever signed the outside.
#[test]
fn a_resource_that_does_not_open_is_refused() {
    let right = told("SUCCESS");
    for wrong in [
        right.replace(
            "\"associated_data\":\"transaction\"",
            "\"associated_data\":\"x\"",
        ),
        right.replace("\"associated_data\":\"transaction\",", ""),
        right.replace("fdasflkja484", "fdasflkja485"),
    ] {
        assert_eq!(check(heard(&wrong)), Some(Check::Signature));
    }
    for wrong in [
        right.replace("fdasflkja484", "fdasflkja"),
        right.replace("AEAD_AES_256_GCM", "NONE"),
        right.replace(
            "\"associated_data\":\"transaction\"",
            "\"associated_data\":1",
        ),
        right.replace("\"ciphertext\":\"", "\"ciphertext\":\"!"),
        right.replace(
            "\"original_type\":\"transaction\"",
            "\"original_type\":\"refund\"",
        ),
        right.replace("encrypt-resource", "plain"),
        right.replace("TRANSACTION.SUCCESS", "REFUND.SUCCESS"),
        right.replace("\"event_type\":\"TRANSACTION.SUCCESS\",", ""),
        envelope("TRANSACTION.SUCCESS", "transaction", "{\"mchid\":1}"),
        envelope("TRANSACTION.SUCCESS", "transaction", "not JSON"),
    ] {
        assert_eq!(check(heard(&wrong)), Some(Check::Parse), "{wrong}");
    }
}

#[test]
fn a_missing_amount_is_never_guessed() {
    let right = payment("SUCCESS");
    for wrong in [
        right.replace("\"total\":1000,", ""),
        right.replace("\"total\":1000", "\"total\":\"1000\""),
        right.replace("\"total\":1000", "\"total\":1000.0"),
        right.replace("\"total\":1000", "\"total\":-1000"),
        right.replace("\"total\":1000", "\"total\":null"),
    ] {
        let notice = heard(&envelope("TRANSACTION.SUCCESS", "transaction", &wrong));
        assert_eq!(notice.expect("authentic").amount, None, "{wrong}");
    }
    let wrong = right.replace("\"currency\":\"CNY\"", "\"currency\":\"cny\"");
    let notice = heard(&envelope("TRANSACTION.SUCCESS", "transaction", &wrong));
    assert_eq!(notice.expect("authentic").currency, None);
}

#[test]
fn a_refund_tells_which_payment_it_is_of() {
    let plain = format!(
        "{{\"mchid\":\"{MCH}\",\"out_trade_no\":\"{ORDER}\",\"transaction_id\":\"{TRADE}\",\
         \"out_refund_no\":\"RF1\",\"refund_id\":\"503\",\"refund_status\":\"SUCCESS\",\
         \"amount\":{{\"total\":1000,\"refund\":300,\"payer_total\":900,\"payer_refund\":270}}}}"
    );
    for event in ["REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"] {
        let notice = heard(&envelope(event, "refund", &plain)).expect(event);
        assert_eq!(notice.status, NoticeStatus::Refund);
        assert_eq!((notice.merchant_no.as_str(), notice.amount), (ORDER, None));
    }
    let other = plain.replace(MCH, "1900000999");
    let fired = check(heard(&envelope("REFUND.SUCCESS", "refund", &other)));
    assert_eq!(fired, Some(Check::Merchant));
    for wrong in [plain.replace("SUCCESS", "NEW"), plain.replace("RF1", "")] {
        let fired = check(heard(&envelope("REFUND.SUCCESS", "refund", &wrong)));
        assert_eq!(fired, Some(Check::Parse), "{wrong}");
    }
}

/// Kinds of events that are invented later are heard, if they are authentic and fresh.
#[test]
fn an_unknown_event_is_set_aside() {
    let body = told("SUCCESS").replace("TRANSACTION.SUCCESS", "COUPON.USE");
    let notice = heard(&body).expect("authentic");
    assert!(notice.is_aside());
    assert_eq!(
        check(heard_at(NOW - 301 * SECOND, &body)),
        Some(Check::Freshness)
    );
    let forged = signed_by(&OTHER, SERIAL, NOW, body.as_bytes());
    let fired = check(BY_CERTIFICATE.noticed(&posted(&forged, body.as_bytes())));
    assert_eq!(fired, Some(Check::Signature));
}

/// X36: a v2 notice is XML, and no XML is ever read.
#[test]
fn only_posted_json_is_read() {
    let body = told("SUCCESS");
    let right = signed_by(&PLATFORM, SERIAL, NOW, body.as_bytes());
    let fired = |raw: &RawNotice<'_>| check(BY_CERTIFICATE.noticed(raw));
    let raw = posted(&right, body.as_bytes());
    let get = RawNotice {
        verb: Verb::Get,
        ..raw
    };
    let asked = RawNotice {
        query: "a=b",
        ..raw
    };
    let large = vec![b' '; 256 * 1024 + 1];
    let large = RawNotice {
        body: &large,
        ..raw
    };
    for wrong in [get, asked, large] {
        assert_eq!(fired(&wrong), Some(Check::Form));
    }
    for kind in ["text/xml", "application/x-www-form-urlencoded", ""] {
        let mut headers = right.clone();
        headers[0].1 = kind.to_owned();
        let raw = posted(&headers, b"<!DOCTYPE x><xml/>".as_slice());
        assert_eq!(fired(&raw), Some(Check::Form), "{kind}");
    }
    let mut headers = right.clone();
    headers[0].1 = "application/json; charset=utf-8".to_owned();
    assert_eq!(fired(&posted(&headers, body.as_bytes())), None);
}

#[test]
fn the_answer_is_byte_exact() {
    let said = |accepted| BY_KEY.answer(accepted);
    assert_eq!((said(true).status, said(true).body), (204, ""));
    assert_eq!(said(false).status, 400);
    assert_eq!(said(false).body, "{\"code\":\"FAIL\",\"message\":\"失败\"}");
    assert_eq!(said(false).content_type, "application/json");
}
