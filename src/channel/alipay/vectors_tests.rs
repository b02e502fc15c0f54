//! Every notice, answer and certificate of the shared Alipay file: made with the signing code of
//! named SDKs, not ours.

use serde_json::Value as Json;

use super::answer::{Effect, Wrong, signed_part};
use super::config::Config;
use super::sign::{Empty, of_notice};
use super::support::{APP_ID, SELLER, answer_name, config, form_headers, lookup, posted, reply};
use super::{Alipay, Channel as _};
use crate::channel::form::Fields;
use crate::channel::json::Object;
use crate::channel::model::{Check, Class, Lookup, Notice, NoticeStatus, QueryAnswer, Refused};
use crate::channel::rsa_keys;
use crate::channel::rsa_sign::Signer;
use crate::channel::vectors::Vectors;
use crate::money::{Currency, Minor};

pub(super) fn vectors() -> Option<Vectors> {
    Vectors::of("alipay.json")
}

pub(super) fn account_of(vectors: &Vectors, product: &str) -> Alipay {
    let (app, platform) = (vectors.key("app_private"), vectors.key("platform_public"));
    let changes = [
        ("app_private_key", app.as_str()),
        ("alipay_public_key", platform.as_str()),
        ("product", product),
    ];
    Alipay::from(Config::read(&config(&changes)).expect("an account"))
}

pub(super) fn in_certificate_mode(vectors: &Vectors) -> Alipay {
    let files = [
        "alipay_app.crt",
        "alipay_platform.crt",
        "alipay_root_bundle.crt",
    ];
    let [app, platform, root] = files.map(|name| vectors.file(&format!("keys/{name}")));
    let changes = [
        ("app_private_key", vectors.key("app_private")),
        ("alipay_public_key", String::new()),
        ("app_cert", app),
        ("alipay_cert", platform),
        ("alipay_root_cert", root),
    ];
    let changes = changes
        .each_ref()
        .map(|(name, text)| (*name, text.as_str()));
    Alipay::from(Config::read(&config(&changes)).expect("an account"))
}

/// The check a vector names.
fn check(rejected_by: &str) -> Check {
    match rejected_by {
        "signature" | "missing sign" | "sign_type" => Check::Signature,
        "duplicate key" => Check::Parse,
        "app_id/seller_id" => Check::Merchant,
        "out_trade_no" => Check::Attempt,
        "total_amount" => Check::Amount,
        other => panic!("an unknown check: {other}"),
    }
}

/// Checks 7 and 9 as the pipeline makes them, against the context's orders.
fn against_orders(vectors: &Vectors, notice: Notice) -> Result<Notice, Refused> {
    let orders = &vectors.json["context"]["orders"];
    let Some(order) = orders[&notice.merchant_no].as_str() else {
        return Err(Refused::at(Check::Attempt, "unknown"));
    };
    let order = Minor::parse(order, Currency::CNY).expect("money");
    let equal = notice.amount == Some(order) && notice.currency == Some(Currency::CNY);
    if notice.status == NoticeStatus::Paid && !equal {
        return Err(Refused::at(Check::Amount, "differs"));
    }
    Ok(notice)
}

#[test]
fn every_notice_is_judged_as_expected() {
    let Some(vectors) = vectors() else { return };
    assert_eq!(vectors.text("/context/app_id"), APP_ID);
    assert_eq!(vectors.text("/context/seller_id"), SELLER);
    let (account, certified) = (account_of(&vectors, "web"), in_certificate_mode(&vectors));
    let all = vectors.json["notifies"].as_array().expect("a list");
    assert_eq!(all.len(), 22);
    let mut first: Option<Notice> = None;
    for vector in all {
        let name = vector["name"].as_str().expect("a name");
        let body = vector["form_body"].as_str().expect("a body");
        let headers = form_headers();
        let judged = |channel: &Alipay| {
            let notice = channel.notice(&posted(&headers, body.as_bytes()));
            notice.and_then(|notice| against_orders(&vectors, notice))
        };
        let result = judged(&account);
        // Notices name no certificate: both modes take and refuse the same.
        assert_eq!(judged(&certified), result, "{name}");
        let expected = vector["expect"].as_str().expect("expect");
        if expected == "reject" {
            let by = vector["rejected_by"].as_str().expect(name);
            assert_eq!(result.expect_err(name).check, check(by), "{name}");
            continue;
        }
        let notice = result.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        says_what_was_signed(vector, body);
        let params = &vector["params"];
        assert_eq!(params["out_trade_no"], notice.merchant_no, "{name}");
        assert_eq!(params["trade_no"], notice.channel_trade_no, "{name}");
        let money = params["total_amount"].as_str().expect("money");
        assert_eq!(notice.amount, Minor::parse(money, Currency::CNY).ok());
        assert_eq!(notice.paid_at, Some(1_795_140_021_000), "{name}");
        assert_eq!(
            notice.given_back,
            params["refund_fee"].is_string(),
            "{name}"
        );
        let status = match expected {
            "accept_paid" | "duplicate_reply_success" => NoticeStatus::Paid,
            "accept_ignore" => NoticeStatus::Ignore,
            "accept_refund_or_close" => NoticeStatus::Refund,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(notice.status, status, "{name}");
        if expected == "duplicate_reply_success" {
            // The same fact as the first one: the pipeline answers it alike.
            assert_eq!(Some(&notice), first.as_ref(), "{name}");
        }
        first.get_or_insert(notice);
    }
}

/// The text of a vector's signature is one of our two readings of its body.
fn says_what_was_signed(vector: &Json, body: &str) {
    let name = &vector["name"];
    let fields = Fields::read(body).expect("fields");
    let signed = vector["signed_string"].as_str().expect("a text").as_bytes();
    let reads = |empty| of_notice(fields.iter(), empty) == signed;
    match name.as_str() {
        Some("valid_empty_fields_skipped") => assert!(reads(Empty::Skipped)),
        Some("valid_empty_fields_included") => assert!(reads(Empty::Kept)),
        // The file holds it as text, the signature is over the bytes of GBK.
        Some("valid_gbk") => {}
        _ => assert!(reads(Empty::Skipped) && reads(Empty::Kept), "{name}"),
    }
}

#[test]
fn every_answer_is_judged_as_expected() {
    let Some(vectors) = vectors() else { return };
    let (account, certified) = (account_of(&vectors, "web"), in_certificate_mode(&vectors));
    let all = vectors.json["sync_responses"].as_array().expect("a list");
    assert_eq!(all.len(), 6);
    for vector in all {
        let name = vector["name"].as_str().expect("a name");
        let raw = vector["raw"].as_str().expect("raw");
        let method = vector["method"].as_str().expect("a method");
        let named = vector["alipay_cert_sn"].is_string();
        let channel = if named { &certified } else { &account };
        let body = Object::parse(raw.as_bytes()).expect(name);
        let part = signed_part(&body, method).expect(name);
        if let Some(signed) = vector["signed_substring"].as_str() {
            assert_eq!(part == signed, vector["expect"] == "valid", "{name}");
        }
        let expected = match vector["expect"].as_str() {
            Some("valid") => Ok(()),
            Some("invalid") => Err(Wrong::Signature),
            Some("unsigned_error") => Err(Wrong::Unsigned),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(channel.authentic(&body, part), expected, "{name}");
        if !named && expected.is_ok() {
            // The same without the certificate's number is nothing in certificate mode.
            assert_eq!(
                certified.authentic(&body, part),
                Err(Wrong::OtherCert),
                "{name}"
            );
            let class = |effect| {
                let heard = certified.heard(method, &reply(raw), effect);
                heard.map(|_| ()).expect_err(name).class
            };
            assert_eq!(class(Effect::None), Class::Misconfigured, "{name}");
            assert_eq!(class(Effect::Some), Class::Unknown, "{name}");
        }
        let asked = Lookup {
            merchant_no: match name {
                "sync_business_error_signed" => "NOPE".to_owned(),
                _ => "ORD202611200001".to_owned(),
            },
            ..lookup()
        };
        let answer = channel.read_query(&asked, &reply(raw));
        match name {
            "sync_business_error_signed" => assert_eq!(answer, Ok(QueryAnswer::NotFound)),
            "sync_gateway_error_unsigned" => {
                assert_eq!(answer.expect_err(name).class, Class::Misconfigured);
            }
            "sync_tampered" => assert_eq!(answer.expect_err(name).class, Class::Unknown),
            _ => {
                let Ok(QueryAnswer::Paid(paid)) = answer else {
                    panic!("{name}: {answer:?}");
                };
                assert_eq!(paid.channel_trade_no, "2026112022001477701400000001");
                assert_eq!((paid.amount, paid.currency), (Minor(1_000), Currency::CNY));
                assert_eq!(paid.paid_at, Some(1_795_140_021_000));
            }
        }
    }
}

#[test]
fn certificates_have_the_numbers_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let certs = in_certificate_mode(&vectors)
        .certs
        .expect("certificate mode");
    assert_eq!(certs.app, vectors.text("/cert_sn/app_cert_sn"));
    assert_eq!(certs.alipay, vectors.text("/cert_sn/alipay_cert_sn"));
    assert_eq!(certs.root, vectors.text("/cert_sn/alipay_root_cert_sn"));
}

/// X15: what an attacker signs is nobody's.
#[test]
fn the_attackers_key_signs_nothing_we_take() {
    let Some(vectors) = vectors() else { return };
    let account = account_of(&vectors, "web");
    let key = rsa_keys::private("x", &vectors.key("attacker")).expect("a key");
    let raw = r#"{"code":"10000","msg":"Success"}"#;
    let sign = Signer::new(key).sign(raw.as_bytes(), &[1; 16]);
    let name = answer_name("alipay.trade.query");
    let body = format!(r#"{{"{name}":{raw},"sign":"{sign}"}}"#);
    let body = Object::parse(body.as_bytes()).expect("JSON");
    assert_eq!(account.authentic(&body, raw), Err(Wrong::Signature));
}

/// Certificates that do not belong where they were pasted do not start an account.
#[test]
fn swapped_certificates_do_not_start() {
    let Some(vectors) = vectors() else { return };
    let file = |name: &str| vectors.file(&format!("keys/{name}"));
    let (app, platform) = (file("alipay_app.crt"), file("alipay_platform.crt"));
    let root = file("alipay_root_bundle.crt");
    let (private, public) = (vectors.key("app_private"), vectors.key("platform_public"));
    let wrong = |app: &str, platform: &str, root: &str, key: &str| {
        let changes = [
            ("app_private_key", private.as_str()),
            ("alipay_public_key", key),
            ("app_cert", app),
            ("alipay_cert", platform),
            ("alipay_root_cert", root),
        ];
        match Config::read(&config(&changes)) {
            Ok(_) => panic!("taken"),
            Err(wrong) => wrong.to_string(),
        }
    };
    assert!(wrong(&platform, &platform, &root, "").contains("app_cert does not belong to"));
    assert!(wrong(&app, &app, &root, "").contains("alipay_cert is our own"));
    assert!(wrong(&app, "", &root, "").contains("alipay_cert is missing"));
    assert!(wrong(&app, &platform, "", "").contains("alipay_root_cert is missing"));
    assert!(wrong("", &platform, &root, "").contains("app_cert is missing"));
    assert!(wrong(&app, &platform, &root, &public).contains("does not belong to certificate"));
    assert!(wrong(&app, &platform, &public, "").contains("is a key; a certificate belongs"));
    assert!(wrong(&app, "hello", &root, "").contains("neither PEM nor base64"));
    assert!(wrong(&app, "aGVsbG8=", &root, "").contains("is not a certificate"));
    let elliptic = root
        .split("-----BEGIN CERTIFICATE-----")
        .nth(2)
        .expect("a second");
    let elliptic = format!("-----BEGIN CERTIFICATE-----{elliptic}");
    assert!(wrong(&app, &platform, &elliptic, "").contains("no certificate that is signed"));
    assert!(wrong(&app, &elliptic, &root, "").contains("not a certificate of an RSA key"));
}
