//! Accounts, keys and messages for the tests of this channel.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use rsa::RsaPrivateKey;

use super::sign::{RsaKeys, canonical, md5};
use super::{Config, Epay};
use crate::channel::account::AccountConfig;
use crate::channel::model::{
    Buyer, Charge, Check, Device, Lookup, Method, Notice, RawNotice, RefundCharge, Refused, Reply,
    Request, Verb,
};
pub(super) use crate::channel::test_keys::{generate, private_pem, public_pem};
use crate::clock::Millis;
use crate::money::{Currency, Minor};
use crate::seal::Secret;

pub(super) const NOW: Millis = 1_795_000_000_000;
pub(super) const KEY: &str = "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA";
pub(super) const TRADE: &str = "2026112010002200001";
pub(super) const ORDER: &str = "ORD202611200001";

pub(super) static MERCHANT: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(1, 2048));
pub(super) static PLATFORM: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(2, 2048));

pub(super) fn account(base: &str, credentials: &[(&str, &str)]) -> AccountConfig {
    AccountConfig {
        id: "epay-main".parse().expect("a name"),
        base_url: base.to_owned(),
        currency: Currency::CNY,
        credentials: credentials
            .iter()
            .map(|(k, v)| ((*k).to_owned(), Secret::new(*v)))
            .collect::<BTreeMap<_, _>>(),
    }
}

pub(super) fn open(account: &AccountConfig) -> Epay {
    Epay::from(Config::read(account).expect("an account"))
}

pub(super) fn v1() -> Epay {
    open(&account(
        "https://pay.example.com",
        &[("version", "v1"), ("pid", "1001"), ("key", KEY)],
    ))
}

pub(super) fn v2() -> Epay {
    open(&account(
        "https://pay.example.com",
        &[
            ("version", "v2"),
            ("pid", "1001"),
            ("merchant_private_key", &private_pem(&MERCHANT)),
            ("platform_public_key", &public_pem(&PLATFORM)),
        ],
    ))
}

/// The platform's signature of a text.
pub(super) fn platform_signs(text: &str) -> String {
    RsaKeys::new(PLATFORM.clone(), MERCHANT.to_public_key()).sign(text, &[7; 16])
}

pub(super) fn charge() -> Charge {
    Charge {
        merchant_no: ORDER.to_owned(),
        amount: Minor(1_000),
        currency: Currency::CNY,
        method: Method::Alipay,
        subject: "VIP".to_owned(),
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        return_url: "https://shop.example.com/order/1".to_owned(),
        buyer: Buyer {
            ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
            device: Device::Desktop,
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

pub(super) fn reply(body: &str) -> Reply {
    Reply {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// A V2 answer the platform signed at [`NOW`]; values are printed as JSON, so `0` is a number.
pub(super) fn signed(fields: &[(&str, &str)]) -> Reply {
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    all.push(("timestamp", "\"1795000000\""));
    let scalars = all
        .iter()
        .map(|(name, json)| (*name, json.trim_matches('"')));
    let sign = platform_signs(&canonical(scalars));
    let sign = format!("\"{sign}\"");
    all.extend([("sign", sign.as_str()), ("sign_type", "\"RSA\"")]);
    let members: Vec<String> = all.iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
    reply(&format!("{{{}}}", members.join(",")))
}

/// The fields of a right notice, unsigned.
pub(super) fn paid_fields() -> Vec<(&'static str, String)> {
    [
        ("pid", "1001"),
        ("trade_no", TRADE),
        ("out_trade_no", ORDER),
        ("type", "alipay"),
        ("name", "会员 50% + 礼物"),
        ("money", "10.00"),
        ("trade_status", "TRADE_SUCCESS"),
        ("timestamp", "1795000000"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn text(fields: &[(&'static str, String)]) -> String {
    canonical(fields.iter().map(|(n, v)| (*n, v.as_str())))
}

pub(super) fn encode(fields: &[(&'static str, String)]) -> String {
    String::from_utf8(crate::channel::form::encode(fields)).expect("text")
}

/// A query signed as V1.
pub(super) fn v1_query(mut fields: Vec<(&'static str, String)>) -> String {
    fields.push(("sign", md5(&text(&fields), KEY)));
    fields.push(("sign_type", "MD5".to_owned()));
    encode(&fields)
}

/// A query signed as V2.
pub(super) fn v2_query(mut fields: Vec<(&'static str, String)>) -> String {
    fields.push(("sign", platform_signs(&text(&fields))));
    fields.push(("sign_type", "RSA".to_owned()));
    encode(&fields)
}

pub(super) fn get(query: &str) -> RawNotice<'_> {
    RawNotice {
        verb: Verb::Get,
        path: "/callback/x",
        query,
        headers: &[],
        body: b"",
        now: NOW,
    }
}

/// A field of a request.
pub(super) fn value(request: &Request, name: &str) -> Option<String> {
    let mut sent = url::form_urlencoded::parse(&request.body);
    let found = sent.find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}

/// The check that refused.
pub(super) fn check(result: Result<Notice, Refused>) -> Option<Check> {
    result.err().map(|refused| refused.check)
}

/// A right notice with one value changed, unsigned.
pub(super) fn with(name: &str, value: &str) -> Vec<(&'static str, String)> {
    let mut fields = paid_fields();
    for field in &mut fields {
        if field.0 == name {
            field.1 = value.to_owned();
        }
    }
    fields
}

/// The header of a body.
pub(super) fn form(kind: &str) -> Vec<(String, String)> {
    vec![("content-type".to_owned(), kind.to_owned())]
}
