//! Accounts, keys and messages for the tests of this channel.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use rsa::RsaPrivateKey;
use serde_json::Value as Json;

use super::config::Config;
use super::sign::{Empty, of_notice};
use super::{Alipay, KIND};
use crate::channel::account::AccountConfig;
use crate::channel::model::{
    Buyer, Charge, Check, Device, Failure, Lookup, Method, Notice, RawNotice, RefundCharge,
    Refused, Reply, Request, Verb,
};
use crate::channel::rsa_sign::Signer;
pub(super) use crate::channel::test_keys::{generate, private_pem, public_pem};
use crate::clock::Millis;
use crate::money::{Currency, Minor};
use crate::seal::Secret;

pub(super) const NOW: Millis = 1_795_000_000_000;
pub(super) const APP_ID: &str = "2021000000000001";
pub(super) const SELLER: &str = "2088000000000001";
pub(super) const ORDER: &str = "VG0001ABCDEF";
pub(super) const TRADE: &str = "2026112022001477701400000001";

pub(super) static APP: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(31, 2048));
pub(super) static PLATFORM: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(32, 2048));
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new(PLATFORM.clone()));
static ACCOUNT: LazyLock<Alipay> = LazyLock::new(|| with(&[]));

/// The configuration of an account in public-key mode, with these credentials over it; an empty
/// value takes one away.
pub(super) fn config(changes: &[(&str, &str)]) -> AccountConfig {
    let (app, platform) = (private_pem(&APP), public_pem(&PLATFORM));
    let mut all = BTreeMap::from([
        ("app_id", APP_ID),
        ("seller_id", SELLER),
        ("app_private_key", &app),
        ("alipay_public_key", &platform),
    ]);
    for (name, value) in changes {
        match value.is_empty() {
            true => all.remove(name),
            false => all.insert(name, value),
        };
    }
    AccountConfig {
        id: "alipay-main".parse().expect("a name"),
        base_url: KIND.home.to_owned(),
        currency: Currency::CNY,
        credentials: all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect(),
    }
}

pub(super) fn with(changes: &[(&str, &str)]) -> Alipay {
    Alipay::from(Config::read(&config(changes)).expect("an account"))
}

pub(super) fn account() -> &'static Alipay {
    &ACCOUNT
}

/// Alipay's signature of a text.
pub(super) fn platform_signs(text: &[u8]) -> String {
    SIGNER.sign(text, &[7; 16])
}

pub(super) fn charge(device: Device) -> Charge {
    Charge {
        merchant_no: ORDER.to_owned(),
        amount: Minor(1_000),
        currency: Currency::CNY,
        method: Method::Alipay,
        subject: "会员 50% + 礼物".to_owned(),
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        return_url: "https://shop.example.com/o/1/return".to_owned(),
        buyer: Buyer {
            ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
            device,
        },
        expires_at: NOW + 900_000,
        now: NOW,
        nonce: [3; 16],
    }
}

pub(super) fn lookup() -> Lookup {
    Lookup {
        merchant_no: ORDER.to_owned(),
        channel_trade_no: None,
        now: NOW,
        nonce: [4; 16],
    }
}

pub(super) fn refund(amount: i64) -> RefundCharge {
    RefundCharge {
        merchant_no: ORDER.to_owned(),
        channel_trade_no: TRADE.to_owned(),
        refund_no: "RF1".to_owned(),
        amount: Minor(amount),
        paid: Minor(1_000),
        currency: Currency::CNY,
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        now: NOW,
        nonce: [5; 16],
    }
}

pub(super) fn reply(body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status: 200,
        headers: vec![(
            "content-type".to_owned(),
            "text/html;charset=utf-8".to_owned(),
        )],
        body: body.into(),
    }
}

/// The name an answer to a method has.
pub(super) fn answer_name(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// An answer that Alipay signed.
pub(super) fn signed(method: &str, answer: &Json) -> Reply {
    let raw = answer.to_string();
    let sign = platform_signs(raw.as_bytes());
    reply(format!(
        r#"{{"{}":{raw},"sign":"{sign}"}}"#,
        answer_name(method)
    ))
}

/// The same without a signature.
pub(super) fn unsigned(method: &str, answer: &Json) -> Reply {
    reply(format!(r#"{{"{}":{answer}}}"#, answer_name(method)))
}

/// An error of business, as the methods answer it.
pub(super) fn error(sub_code: &str) -> Json {
    serde_json::json!({
        "code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "失败",
        "out_trade_no": ORDER,
    })
}

/// A field of a request's body.
pub(super) fn value(request: &Request, name: &str) -> Option<String> {
    let mut sent = url::form_urlencoded::parse(&request.body);
    let found = sent.find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}

/// The fields of an address.
pub(super) fn fields_of(address: &str) -> BTreeMap<String, String> {
    let url = url::Url::parse(address).expect("an address");
    url.query_pairs().into_owned().collect()
}

/// What a call is about.
pub(super) fn content(request: &Request) -> Json {
    let text = value(request, "biz_content").expect("contents");
    serde_json::from_str(&text).expect("JSON")
}

/// The fields of a right notice, unsigned.
pub(super) fn paid_fields() -> Vec<(String, Vec<u8>)> {
    let fields = [
        ("notify_type", "trade_status_sync"),
        ("notify_id", "2026112001222100022000777"),
        ("notify_time", "2026-11-20 10:00:22"),
        ("app_id", APP_ID),
        ("auth_app_id", APP_ID),
        ("seller_id", SELLER),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("trade_no", TRADE),
        ("out_trade_no", ORDER),
        ("subject", "会员 & 礼物 = 1/2"),
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "10.00"),
        ("gmt_payment", "2026-11-20 10:00:21"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.as_bytes().to_vec());
    fields.into_iter().map(owned).collect()
}

/// A right notice with one value changed or added, unsigned; an empty value stays a field.
pub(super) fn having(name: &str, value: &str) -> Vec<(String, Vec<u8>)> {
    let mut fields = without(name);
    fields.push((name.to_owned(), value.as_bytes().to_vec()));
    fields
}

/// A right notice without one of its fields, unsigned.
pub(super) fn without(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut fields = paid_fields();
    fields.retain(|(known, _)| known != name);
    fields
}

/// A body out of fields, byte by byte.
pub(super) fn encode(fields: &[(String, Vec<u8>)]) -> String {
    let encoded =
        |bytes: &[u8]| -> String { url::form_urlencoded::byte_serialize(bytes).collect() };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

/// A body that Alipay signed, leaving fields without a value out.
pub(super) fn body(mut fields: Vec<(String, Vec<u8>)>) -> String {
    let text = fields.iter().map(|(n, v)| (n.as_str(), v.as_slice()));
    let sign = platform_signs(&of_notice(text, Empty::Skipped));
    fields.push(("sign".to_owned(), sign.into_bytes()));
    fields.push(("sign_type".to_owned(), b"RSA2".to_vec()));
    encode(&fields)
}

/// The headers of a posted form.
pub(super) fn form_headers() -> Vec<(String, String)> {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    vec![("content-type".to_owned(), kind.to_owned())]
}

pub(super) fn posted<'a>(headers: &'a [(String, String)], body: &'a [u8]) -> RawNotice<'a> {
    RawNotice {
        verb: Verb::Post,
        path: "/callback/x",
        query: "",
        headers,
        body,
        now: NOW,
    }
}

/// What becomes of a body.
pub(super) fn noticed(body: &str) -> Result<Notice, Refused> {
    account().noticed(&posted(&form_headers(), body.as_bytes()))
}

/// The check that refused.
pub(super) fn check(result: Result<Notice, Refused>) -> Option<Check> {
    result.err().map(|refused| refused.check)
}

/// Class and certainty of a failure.
pub(super) fn kind(failure: &Failure) -> (crate::channel::model::Class, bool) {
    (failure.class, failure.nothing_made)
}
