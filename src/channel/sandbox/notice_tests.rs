use proptest::prelude::*;

use super::Channel as _;
use super::support::*;
use crate::channel::model::{Check, Notice, NoticeStatus, RawNotice, Refused, Verb};
use crate::money::{Currency, Minor};

fn signed(body: &str) -> Result<Notice, Refused> {
    let headers = headers(body, "1795000000");
    channel().noticed(&posted(&headers, body))
}

fn check(result: Result<Notice, Refused>) -> Option<Check> {
    result.err().map(|refused| refused.check)
}

#[test]
fn a_right_notice_is_read() {
    let notice = signed(PAID).expect("accepted");
    assert_eq!(
        (
            notice.merchant_no.as_str(),
            notice.channel_trade_no.as_str()
        ),
        ("VG1", "S1")
    );
    assert_eq!(
        (notice.amount, notice.currency),
        (Some(Minor(2_990)), Some(Currency::CNY))
    );
    assert_eq!(notice.status, NoticeStatus::Paid);
    assert_eq!(notice.paid_at, Some(1_794_999_999_000));
    for (word, status) in [
        ("waiting", NoticeStatus::Pending),
        ("closed", NoticeStatus::Closed),
        ("failed", NoticeStatus::Failed),
        ("PAID", NoticeStatus::Ignore),
    ] {
        let body = PAID.replace("\"paid\"", &format!("\"{word}\""));
        assert_eq!(signed(&body).expect(word).status, status);
    }
    let other = PAID.replace("payment.paid", "merchant.paid");
    assert_eq!(signed(&other).expect("other").status, NoticeStatus::Ignore);
}

/// X02: an amount is a whole JSON number; texts, booleans, floats and lists are malformed even
/// when rightly signed.
#[test]
fn juggled_types_are_malformed() {
    for amount in [
        "\"2990\"",
        "2990.0",
        "2990.00",
        "2.99e3",
        "2990E0",
        "true",
        "false",
        "null",
        "[2990]",
        "{\"v\":2990}",
        "-2990",
        "-0.0",
        "99999999999999999999",
        "\"\"",
    ] {
        let body = PAID.replace("2990", amount);
        assert_eq!(check(signed(&body)), Some(Check::Parse), "{amount}");
    }
    for (field, juggled) in [
        ("\"VG1\"", "1"),
        ("\"VG1\"", "[\"VG1\"]"),
        ("\"VG1\"", "null"),
        ("\"VG1\"", "\"\""),
        ("\"S1\"", "true"),
        ("\"CNY\"", "156"),
        ("\"CNY\"", "null"),
        ("\"paid\"", "1"),
        ("\"paid\"", "true"),
        ("1794999999000", "\"1794999999000\""),
        ("1794999999000", "1794999999000.5"),
    ] {
        let body = PAID.replacen(field, juggled, 1);
        assert_eq!(
            check(signed(&body)),
            Some(Check::Parse),
            "{field} {juggled}"
        );
    }
    for name in ["event", "trade_no", "merchant_no", "status"] {
        let body = PAID.replace(&format!("\"{name}\""), "\"other\"");
        assert_eq!(check(signed(&body)), Some(Check::Parse), "{name}");
    }
    // A missing amount or an unknown currency is left to check 9, which never skips.
    let none = PAID.replace("\"amount\":2990,", "");
    assert_eq!(signed(&none).expect("accepted").amount, None);
    let unknown = PAID.replace("CNY", "XXX");
    assert_eq!(signed(&unknown).expect("accepted").currency, None);
}

/// X09: bodies that two parsers could read differently, all rightly signed.
#[test]
fn parser_disagreements_are_refused() {
    let deep = format!(
        "{},\"x\":{}1{}}}",
        &PAID[..PAID.len() - 1],
        "[".repeat(40),
        "]".repeat(40)
    );
    let more = |tail: &str| format!("{},{tail}}}", &PAID[..PAID.len() - 1]);
    for body in [
        more("\"amount\":1"),
        more("\"Amount\":1"),
        more("\"AMOUNT\":1"),
        more("\"\\u0061mount\":1"),
        more("\"merchant_no\":\"VG2\""),
        more("\"x\":{\"a\":1,\"a\":2}"),
        more("\"x\":NaN"),
        more("\"x\":0x10"),
        more("\"x\":01"),
        more("\"x\":\"\\ud800\""),
        more(""),
        deep,
        format!("\u{feff}{PAID}"),
        format!("{PAID}{PAID}"),
        format!("{PAID} x"),
        format!("[{PAID}]"),
        PAID.replace('"', "'"),
        format!("/**/{PAID}"),
        "merchant_no=VG1&amount=2990".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        assert_eq!(check(signed(&body)), Some(Check::Parse), "{body}");
    }
}

#[test]
fn form_and_sources_are_fixed() {
    let right = headers(PAID, "1795000000");
    let get = RawNotice {
        verb: Verb::Get,
        ..posted(&right, PAID)
    };
    assert_eq!(check(channel().noticed(&get)), Some(Check::Form));
    let merged = RawNotice {
        query: "amount=1",
        ..posted(&right, PAID)
    };
    assert_eq!(check(channel().noticed(&merged)), Some(Check::Parse));
    let mut form = right.clone();
    form[0].1 = "application/x-www-form-urlencoded".to_owned();
    assert_eq!(
        check(channel().noticed(&posted(&form, PAID))),
        Some(Check::Form)
    );
    let mut twice = right.clone();
    twice.push(("x-sandbox-signature".to_owned(), "0".to_owned()));
    assert_eq!(
        check(channel().noticed(&posted(&twice, PAID))),
        Some(Check::Parse)
    );
    let elsewhere = RawNotice {
        path: "/callback/other",
        ..posted(&right, PAID)
    };
    assert_eq!(check(channel().noticed(&elsewhere)), Some(Check::Signature));
}

/// X01, X03: absent, empty, juggled and keyless signatures.
#[test]
fn only_the_right_signature_is_taken() {
    for name in [
        "x-sandbox-timestamp",
        "x-sandbox-nonce",
        "x-sandbox-signature",
    ] {
        for value in [None, Some(""), Some("0"), Some("null"), Some("0e1")] {
            let mut bent = headers(PAID, "1795000000");
            bent.retain(|(known, _)| known != name);
            if let Some(value) = value {
                bent.push((name.to_owned(), value.to_owned()));
            }
            let fired = check(channel().noticed(&posted(&bent, PAID)));
            assert_eq!(fired, Some(Check::Signature), "{name} {value:?}");
        }
    }
    let mut keyless = headers(PAID, "1795000000");
    keyless[4].1 = mac("", &format!("1795000000\n{NONCE}\nPOST {PATH}\n{PAID}"));
    let fired = check(channel().noticed(&posted(&keyless, PAID)));
    assert_eq!(fired, Some(Check::Signature));
}

#[test]
fn a_stale_notice_makes_us_ask_and_another_merchant_does_not() {
    for stale in ["1794999699", "1795000301", "0"] {
        let headers = headers(PAID, stale);
        let refused = channel().noticed(&posted(&headers, PAID)).expect_err(stale);
        assert_eq!(refused.check, Check::Freshness);
        assert_eq!(refused.ask_about.as_deref(), Some("VG1"));
    }
    for edge in ["1794999700", "1795000300"] {
        let headers = headers(PAID, edge);
        assert!(channel().noticed(&posted(&headers, PAID)).is_ok());
    }
    let mut other = headers(PAID, "1795000000");
    other[1].1 = "m2".to_owned();
    let refused = channel().noticed(&posted(&other, PAID)).expect_err("other");
    assert_eq!((refused.check, refused.ask_about), (Check::Merchant, None));
}

#[test]
fn the_answer_is_byte_exact() {
    let (yes, no) = (channel().answer(true), channel().answer(false));
    assert_eq!((yes.status, yes.body), (200, "{\"ok\":true}"));
    assert_eq!((no.status, no.body), (400, "{\"ok\":false}"));
    assert_eq!(yes.content_type, "application/json");
}

proptest! {
    #[test]
    fn a_flipped_byte_in_the_body_or_a_signed_header_is_refused(
        part in 0usize..4, at in 0usize..512, bits in 1u8..=127,
    ) {
        let mut headers = headers(PAID, "1795000000");
        let mut body = PAID.to_owned();
        let target = match part {
            0 => &mut body,
            n => &mut headers[n + 1].1,
        };
        let mut bytes = target.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= bits;
        *target = String::from_utf8(bytes).expect("ASCII stays ASCII");
        prop_assert!(channel().noticed(&posted(&headers, &body)).is_err());
    }

    #[test]
    fn random_bytes_never_panic_and_are_never_accepted(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let headers = headers(PAID, "1795000000");
        let raw = RawNotice { body: &bytes, ..posted(&headers, "") };
        prop_assert!(channel().noticed(&raw).is_err());
    }
}
