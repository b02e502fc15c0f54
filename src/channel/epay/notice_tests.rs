use super::sign::{canonical, md5};
use super::support::*;
use crate::channel::form::Fields;
use crate::channel::model::{Check, NoticeStatus, RawNotice, Verb};
use crate::money::{Currency, Minor};

fn without(name: &str) -> Vec<(&'static str, String)> {
    let mut fields = paid_fields();
    fields.retain(|(known, _)| *known != name);
    fields
}

#[test]
fn a_right_notice_is_read_from_the_address_or_the_body() {
    for (channel, query) in [
        (v1(), v1_query(paid_fields())),
        (v2(), v2_query(paid_fields())),
    ] {
        let notice = channel.noticed(&get(&query)).expect("accepted");
        assert_eq!(notice.merchant_no, ORDER);
        assert_eq!(notice.channel_trade_no, TRADE);
        assert_eq!(notice.status, NoticeStatus::Paid);
        assert_eq!(notice.amount, Some(Minor(1_000)));
        assert_eq!(notice.currency, Some(Currency::CNY));
        let headers = form("application/x-www-form-urlencoded; charset=UTF-8");
        let posted = RawNotice {
            verb: Verb::Post,
            query: "",
            headers: &headers,
            body: query.as_bytes(),
            ..get("")
        };
        assert_eq!(channel.noticed(&posted), Ok(notice));
    }
}

/// X01, X02, X03: no signature, a juggled one, one made without a key.
#[test]
fn missing_juggled_and_keyless_signatures_are_refused() {
    let channel = v1();
    let plain = encode(&paid_fields());
    let fields = Fields::parse(&plain).expect("fields");
    let keyless = md5(&canonical(fields.iter()), "");
    for sign in [
        "",
        "0",
        "0e0",
        "0e462097431906509019562988736854",
        "null",
        "true",
        &keyless,
    ] {
        let query = format!("{plain}&sign={sign}&sign_type=MD5");
        let fired = check(channel.noticed(&get(&query)));
        assert_eq!(fired, Some(Check::Signature), "{sign}");
    }
    assert_eq!(check(channel.noticed(&get(&plain))), Some(Check::Signature));
    assert_eq!(check(v2().noticed(&get(&plain))), Some(Check::Signature));
    let upper = v1_query(paid_fields());
    let (head, tail) = upper.split_once("sign=").expect("signed");
    let upper = format!(
        "{head}sign={}",
        tail.to_uppercase().replace("SIGN_TYPE", "sign_type")
    );
    assert!(channel.noticed(&get(&upper)).is_ok(), "upper-case hex");
}

/// X05: the configured version decides.
#[test]
fn the_message_never_chooses_the_algorithm() {
    let (one, two) = (v1(), v2());
    let signature = |result| assert_eq!(check(result), Some(Check::Signature));
    signature(two.noticed(&get(&v1_query(paid_fields()))));
    signature(one.noticed(&get(&v2_query(paid_fields()))));
    // The right bytes under the other name.
    let named = |query: String, name: &str| {
        let (head, _) = query.split_once("&sign_type=").expect("signed");
        format!("{head}&sign_type={name}")
    };
    for name in ["RSA", "none", "HMAC", ""] {
        let result = one.noticed(&get(&named(v1_query(paid_fields()), name)));
        assert_eq!(result.is_ok(), name.is_empty(), "{name}");
    }
    for name in ["MD5", "none", "", "RSA2"] {
        signature(two.noticed(&get(&named(v2_query(paid_fields()), name))));
    }
    for name in ["RSA", "SHA256WithRSA"] {
        assert!(
            two.noticed(&get(&named(v2_query(paid_fields()), name)))
                .is_ok()
        );
    }
    // MD5 keyed with what everybody may know of a V2 account.
    let fields = paid_fields();
    let text = canonical(fields.iter().map(|(n, v)| (*n, v.as_str())));
    let sign = md5(&text, &public_pem(&PLATFORM));
    signature(two.noticed(&get(&format!(
        "{}&sign={sign}&sign_type=MD5",
        encode(&fields)
    ))));
}

#[test]
fn a_stale_but_authentic_notice_makes_us_ask() {
    let channel = v2();
    for stale in [
        "1794999699",
        "1795000301",
        "0",
        "x",
        "-1",
        "1e9",
        "99999999999999",
        "",
    ] {
        let refused = channel.noticed(&get(&v2_query(with("timestamp", stale))));
        let refused = refused.expect_err(stale);
        assert_eq!(refused.check, Check::Freshness, "{stale}");
        assert_eq!(refused.ask_about.as_deref(), Some(ORDER));
    }
    let missing = channel.noticed(&get(&v2_query(without("timestamp"))));
    assert_eq!(check(missing), Some(Check::Freshness));
    for edge in ["1794999700", "1795000300"] {
        assert!(
            channel
                .noticed(&get(&v2_query(with("timestamp", edge))))
                .is_ok()
        );
    }
    // Badly signed and stale: nobody is asked.
    let forged = v2_query(with("timestamp", "1")).replace("10.00", "99.00");
    let refused = channel.noticed(&get(&forged)).expect_err("forged");
    assert_eq!((refused.check, refused.ask_about), (Check::Signature, None));
    // Stale and for another merchant: not ours to ask about.
    let mut fields = with("timestamp", "1");
    fields[0].1 = "1002".to_owned();
    let refused = channel.noticed(&get(&v2_query(fields))).expect_err("stale");
    assert_eq!(refused.ask_about, None);
}

/// X08: rightly signed for another merchant.
#[test]
fn another_merchant_is_refused() {
    for result in [
        v1().noticed(&get(&v1_query(with("pid", "1002")))),
        v2().noticed(&get(&v2_query(with("pid", "1002")))),
    ] {
        assert_eq!(check(result), Some(Check::Merchant));
    }
}

#[test]
fn missing_fields_are_refused_and_amounts_are_never_guessed() {
    let channel = v1();
    for name in ["pid", "trade_no", "out_trade_no", "trade_status"] {
        for query in [v1_query(without(name)), v1_query(with(name, ""))] {
            assert_eq!(
                check(channel.noticed(&get(&query))),
                Some(Check::Parse),
                "{name}"
            );
        }
    }
    for (money, amount) in [
        ("10", Some(1_000)),
        ("10.0", Some(1_000)),
        ("100.0000", Some(10_000)),
        ("0.01", Some(1)),
        ("", None),
        ("-10.00", None),
        ("+10.00", None),
        ("1e3", None),
        ("0x10", None),
        ("10.001", None),
        ("１０.00", None),
        ("10,00", None),
        (" 10.00", None),
        ("99999999999999999999", None),
    ] {
        let notice = channel.noticed(&get(&v1_query(with("money", money))));
        let notice = notice.expect(money);
        assert_eq!(notice.amount, amount.map(Minor), "{money}");
    }
    let notice = channel.noticed(&get(&v1_query(without("money"))));
    assert_eq!(notice.expect("accepted").amount, None);
}

#[test]
fn only_trade_success_is_paid() {
    for status in [
        "WAIT",
        "TRADE_CLOSED",
        "TRADE_FINISHED",
        "trade_success",
        "1",
        "SUCCESS",
    ] {
        let notice = v1().noticed(&get(&v1_query(with("trade_status", status))));
        assert_eq!(
            notice.expect(status).status,
            NoticeStatus::Ignore,
            "{status}"
        );
    }
}

#[test]
fn the_answer_is_byte_exact() {
    let channel = v1();
    let said = |accepted| super::Channel::answer(&channel, accepted);
    assert_eq!((said(true).status, said(true).body), (200, "success"));
    assert_eq!((said(false).status, said(false).body), (200, "fail"));
    assert_eq!(said(true).content_type, "text/plain");
}
