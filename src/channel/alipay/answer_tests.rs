use proptest::prelude::*;
use serde_json::json;

use super::answer::{Effect, Wrong, signed_part};
use super::sign::{of_request, with_escaped_slashes};
use super::support::*;
use super::words::Meaning;
use crate::channel::json::Object;
use crate::channel::model::{Class, Reply};

const METHOD: &str = "alipay.trade.query";

fn body(text: &str) -> Object {
    Object::parse(text.as_bytes()).expect("JSON")
}

fn class_of(reply: &Reply, effect: Effect) -> Class {
    match account().heard(METHOD, reply, effect) {
        Ok(_) => panic!("taken"),
        Err(failure) => {
            assert!(!failure.nothing_made, "{failure}");
            failure.class
        }
    }
}

#[test]
fn only_what_alipay_signed_is_a_success() {
    let yes = json!({"code": "10000", "msg": "Success", "out_trade_no": ORDER});
    let heard = account().heard(METHOD, &signed(METHOD, &yes), Effect::Some);
    assert_eq!(heard.map(|answer| answer.meaning).ok(), Some(Meaning::Yes));
    assert_eq!(
        class_of(&unsigned(METHOD, &yes), Effect::Some),
        Class::Unknown
    );
    assert_eq!(
        class_of(&unsigned(METHOD, &yes), Effect::None),
        Class::Unknown
    );
    // A signature of another text, none at all, or of another type.
    let other = platform_signs(b"{}");
    for sign in [
        format!("\"{other}\""),
        "\"\"".into(),
        "\"AAAA\"".into(),
        "0".into(),
        "null".into(),
    ] {
        let name = answer_name(METHOD);
        let reply = reply(format!(r#"{{"{name}":{yes},"sign":{sign}}}"#));
        assert_eq!(class_of(&reply, Effect::Some), Class::Unknown, "{sign}");
    }
}

#[test]
fn errors_of_business_need_a_signature_and_those_of_the_gateway_do_not() {
    let missing = error("ACQ.TRADE_NOT_EXIST");
    assert_eq!(
        class_of(&unsigned(METHOD, &missing), Effect::None),
        Class::Unknown
    );
    let heard = account().heard(METHOD, &signed(METHOD, &missing), Effect::None);
    assert_eq!(heard.map(|a| a.meaning).ok(), Some(Meaning::NotExist));
    let wrong =
        json!({"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-app-id"});
    let heard = account().heard(METHOD, &unsigned(METHOD, &wrong), Effect::None);
    let answer = heard
        .map_err(|failure| failure.to_string())
        .expect("an error");
    assert_eq!(answer.meaning, Meaning::Misconfigured);
    assert_eq!(answer.said, "40002 isv.invalid-app-id Invalid Arguments");
    // Some failures have a name of their own.
    let general = reply(
        r#"{"error_response":{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}}"#,
    );
    let heard = account().heard(METHOD, &general, Effect::None);
    assert_eq!(heard.map(|a| a.meaning).ok(), Some(Meaning::Later));
}

#[test]
fn what_is_no_answer_is_unknown_where_something_may_have_happened() {
    for text in [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        r#"{"alipay_trade_query_response":"x"}"#,
        r#"{"alipay_trade_query_response":[]}"#,
        r#"{"alipay_trade_close_response":{"code":"10000"}}"#,
        r#"{"alipay_trade_query_response":{"code":"10000"},"alipay_trade_query_response":{}}"#,
        r#"{"alipay_trade_query_response":{"code":"10000","code":"40004"}}"#,
    ] {
        assert_eq!(
            class_of(&reply(text), Effect::Some),
            Class::Unknown,
            "{text}"
        );
        let asked = class_of(&reply(text), Effect::None);
        assert_eq!(asked, Class::Retryable, "{text}");
    }
    for (status, class) in [
        (500, Class::Unknown),
        (302, Class::Misconfigured),
        (404, Class::Misconfigured),
    ] {
        let reply = Reply {
            status,
            ..reply("{}")
        };
        assert_eq!(class_of(&reply, Effect::Some), class, "{status}");
    }
}

#[test]
fn a_slash_that_was_signed_escaped_is_tried_once() {
    let raw = r#"{"code":"10000","qr_code":"https://qr.alipay.com/bax0001"}"#;
    let escaped = raw.replace('/', "\\/");
    let name = answer_name(METHOD);
    let sent = |raw: &str, sign: &str| body(&format!(r#"{{"{name}":{raw},"sign":"{sign}"}}"#));
    let sign = platform_signs(escaped.as_bytes());
    assert_eq!(account().authentic(&sent(raw, &sign), raw), Ok(()));
    // And the other way about is what was sent, exactly.
    assert_eq!(
        account().authentic(&sent(&escaped, &sign), &escaped),
        Ok(())
    );
    let sign = platform_signs(raw.as_bytes());
    assert_eq!(
        account().authentic(&sent(&escaped, &sign), &escaped),
        Err(Wrong::Signature)
    );
}

/// Where an object ends, found a second way: by counting braces outside of texts.
fn cut(text: &str, from: usize) -> &str {
    let (mut open, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open += 1,
            '}' if !quoted => {
                open -= 1;
                if open == 0 {
                    return &text[from..=from + at];
                }
            }
            _ => {}
        }
    }
    panic!("no end: {text}");
}

fn a_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ]{0,12}",
        r#"[{}\[\]"\\/:,& =a-z一-龥]{0,16}"#,
        Just(r#"a "sign": "x"} { "#.to_owned()),
        any::<String>(),
    ]
}

fn blanks() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ \t\r\n]{0,3}"]
}

proptest! {
    #[test]
    fn what_was_signed_is_cut_out_whatever_it_holds(
        values in proptest::collection::vec(a_text(), 0..6),
        (a, b, c) in (blanks(), blanks(), blanks()),
        sign_first: bool,
        nested: bool,
        slashes: bool,
    ) {
        let mut members: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(n, value)| {
                let text = json!(value).to_string();
                let text = if slashes { text.replace('/', "\\/") } else { text };
                format!("\"k{n}\"{a}:{b}{text}")
            })
            .collect();
        if nested {
            members.push(format!("\"list\":[{{\"x\":{c}\"}}\"}},{b}[]]"));
        }
        let raw = format!("{{{c}{}{a}}}", members.join(&format!("{b},{c}")));
        let name = answer_name(METHOD);
        let (part, sign) = (format!("\"{name}\"{b}:{c}{raw}"), "\"sign\":\"AAAA\"");
        let text = if sign_first {
            format!("{{{sign},{part}{b}}}")
        } else {
            format!("{a}{{{part}{a},{sign}}}")
        };
        let whole = body(&text);
        let found = signed_part(&whole, METHOD);
        prop_assert_eq!(found, Some(raw.as_str()));
        let from = text.find(&part).expect("there") + part.len() - raw.len();
        prop_assert_eq!(found, Some(cut(&text, from)));
    }

    #[test]
    fn escaping_slashes_says_the_same(value in a_text(), slashes: bool) {
        let raw = json!({ "k": value }).to_string();
        let raw = if slashes { raw.replacen('/', "\\/", 1) } else { raw };
        match with_escaped_slashes(&raw) {
            Some(text) => {
                prop_assert_eq!(body(&text), body(&raw));
                prop_assert!(raw.contains('/'));
                prop_assert_eq!(with_escaped_slashes(&text), None);
            }
            None => prop_assert_eq!(raw.matches('/').count(), raw.matches("\\/").count()),
        }
    }

    #[test]
    fn a_flipped_byte_of_an_answer_is_never_taken(at in 0usize..4096, bits in 1u8..=255) {
        let yes = json!({"code": "10000", "msg": "Success", "out_trade_no": ORDER,
            "trade_no": TRADE, "trade_status": "TRADE_SUCCESS", "total_amount": "10.00"});
        let right = signed(METHOD, &yes);
        let mut bent = right.clone();
        let at = at % bent.body.len();
        bent.body[at] ^= bits;
        let paid = account().queried(&lookup(), &right);
        prop_assert!(paid.is_ok());
        let result = account().queried(&lookup(), &bent);
        prop_assert!(result.is_err() || result == paid, "{:?}", String::from_utf8_lossy(&bent.body));
    }

    #[test]
    fn random_bytes_never_panic_and_are_never_taken(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(account().queried(&lookup(), &reply(bytes)).is_err());
    }

    #[test]
    fn a_request_signs_every_field_but_its_signature(
        fields in proptest::collection::btree_map("[a-z][a-z0-9_]{0,10}", "\\PC{0,12}", 0..20),
    ) {
        // The sheet's rule, written down a second time.
        let mut expected = String::new();
        for (name, value) in &fields {
            if name != "sign" && !value.is_empty() {
                if !expected.is_empty() {
                    expected.push('&');
                }
                expected.push_str(name);
                expected.push('=');
                expected.push_str(value);
            }
        }
        let ours = of_request(fields.iter().rev().map(|(n, v)| (n.as_str(), v.as_str())));
        prop_assert_eq!(ours, expected);
    }
}
