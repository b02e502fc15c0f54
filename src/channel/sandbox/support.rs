//! An account and a gateway's side of the protocol, written a second time after
//! docs/SANDBOX.md.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::Sandbox;
use crate::channel::account::AccountConfig;
use crate::channel::model::{
    Buyer, Charge, Device, Lookup, Method, RawNotice, RefundCharge, Reply, Request, Verb,
};
use crate::clock::Millis;
use crate::money::{Currency, Minor};
use crate::seal::Secret;

pub(super) const NOW: Millis = 1_795_000_000_000;
pub(super) const KEY: &str = "k3y-0123456789abcdefghijklmnopqrstuv";
pub(super) const PATH: &str = "/callback/3f2a";
pub(super) const NONCE: &str = "00112233445566778899aabbccddeeff";

pub(super) fn account(base: &str, credentials: &[(&str, &str)]) -> AccountConfig {
    AccountConfig {
        id: "sandbox".parse().expect("a name"),
        base_url: base.to_owned(),
        currency: Currency::CNY,
        credentials: credentials
            .iter()
            .map(|(k, v)| ((*k).to_owned(), Secret::new(*v)))
            .collect::<BTreeMap<_, _>>(),
    }
}

pub(super) fn channel() -> Sandbox {
    let config = account("http://127.0.0.1:8090", &[("merchant", "m1"), ("key", KEY)]);
    Sandbox::read(&config).expect("an account")
}

pub(super) fn mac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub(super) fn charge() -> Charge {
    Charge {
        merchant_no: "VG1".to_owned(),
        amount: Minor(2_990),
        currency: Currency::CNY,
        method: Method::Alipay,
        subject: "会员".to_owned(),
        notify_url: format!("http://127.0.0.1:8000{PATH}"),
        return_url: "http://127.0.0.1:8000/order".to_owned(),
        buyer: Buyer {
            ip: "127.0.0.1".parse().expect("an address"),
            device: Device::Desktop,
        },
        expires_at: NOW + 900_000,
        now: NOW,
        nonce: [1; 16],
    }
}

pub(super) fn lookup() -> Lookup {
    Lookup {
        merchant_no: "VG1".to_owned(),
        channel_trade_no: Some("S1".to_owned()),
        now: NOW,
        nonce: [1; 16],
    }
}

pub(super) fn refund() -> RefundCharge {
    RefundCharge {
        merchant_no: "VG1".to_owned(),
        channel_trade_no: "S1".to_owned(),
        refund_no: "RF1".to_owned(),
        amount: Minor(990),
        paid: Minor(2_990),
        currency: Currency::CNY,
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        now: NOW,
        nonce: [1; 16],
    }
}

pub(super) fn header(request: &Request, name: &str) -> String {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone()).expect("a header")
}

/// An answer as the gateway signs it, to the nonce of the fixtures.
pub(super) fn answer(status: u16, body: &str) -> Reply {
    answer_to(status, body, &hex::encode([1; 16]), "1795000000")
}

pub(super) fn answer_to(status: u16, body: &str, nonce: &str, timestamp: &str) -> Reply {
    let signature = mac(KEY, &format!("{timestamp}\n{nonce}\n{status}\n{body}"));
    let headers = [
        ("x-sandbox-timestamp", timestamp),
        ("x-sandbox-nonce", nonce),
        ("x-sandbox-signature", &signature),
    ];
    Reply {
        status,
        headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
        body: body.as_bytes().to_vec(),
    }
}

pub(super) const PAID: &str = "{\"event\":\"payment.paid\",\"trade_no\":\"S1\",\"merchant_no\":\"VG1\",\
     \"amount\":2990,\"currency\":\"CNY\",\"status\":\"paid\",\"paid_at\":1794999999000}";

/// Headers of a notice, rightly signed.
pub(super) fn headers(body: &str, timestamp: &str) -> Vec<(String, String)> {
    let text = format!("{timestamp}\n{NONCE}\nPOST {PATH}\n{body}");
    [
        ("content-type", "application/json"),
        ("x-sandbox-merchant", "m1"),
        ("x-sandbox-timestamp", timestamp),
        ("x-sandbox-nonce", NONCE),
        ("x-sandbox-signature", &mac(KEY, &text)),
    ]
    .map(|(n, v)| (n.to_owned(), v.to_owned()))
    .to_vec()
}

pub(super) fn posted<'a>(headers: &'a [(String, String)], body: &'a str) -> RawNotice<'a> {
    RawNotice {
        verb: Verb::Post,
        path: PATH,
        query: "",
        headers,
        body: body.as_bytes(),
        now: NOW,
    }
}
