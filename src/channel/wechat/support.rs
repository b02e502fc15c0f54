//! Accounts, keys and messages for the tests of this channel.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};

use super::{Config, Wechat};
use crate::channel::account::AccountConfig;
use crate::channel::model::{
    Buyer, Charge, Check, Device, Lookup, Method, Notice, RawNotice, RefundCharge, Refused, Reply,
    Request, Verb,
};
use crate::channel::rsa_sign::Signer;
use crate::clock::{MINUTE, Millis, SECOND};
use crate::money::{Currency, Minor};
use crate::random::{Random as _, SeededRandom};
use crate::seal::Secret;

pub(super) const NOW: Millis = 1_795_000_000_000;
pub(super) const BASE: &str = "https://api.mch.weixin.qq.com";
pub(super) const MCH: &str = "1900000001";
pub(super) const APP: &str = "wxd678efh567hg6787";
pub(super) const API_KEY: &str = "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA";
pub(super) const OUR_SERIAL: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";
pub(super) const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
pub(super) const KEY_ID: &str = "PUB_KEY_ID_0119000000012026010100000000000001";
pub(super) const TRADE: &str = "4200002026112000000000000001";
pub(super) const ORDER: &str = "ORD202611200001";

struct Seeded(SeededRandom);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

pub(super) fn generate(seed: u64, bits: usize) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut Seeded(SeededRandom::from_seed(seed)), bits).expect("a key")
}

pub(super) static MERCHANT: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(21, 2048));
/// Of the platform certificate.
pub(super) static PLATFORM: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(22, 2048));
/// Behind WeChat Pay's public key, and of the next certificate.
pub(super) static OTHER: LazyLock<RsaPrivateKey> = LazyLock::new(|| generate(23, 2048));

pub(super) fn private_pem(key: &RsaPrivateKey) -> String {
    key.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string()
}

pub(super) fn public_pem(key: &RsaPrivateKey) -> String {
    let public = key.to_public_key();
    public.to_public_key_pem(LineEnding::LF).expect("PEM")
}

fn tlv(tag: u8, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head, inside].concat()
}

/// A certificate as far as anybody reads it; nobody signed it. The times are `YYMMDDhhmmssZ`.
pub(super) fn certificate(key: &RsaPrivateKey, serial: &str, from: &str, until: &str) -> String {
    let key = key.to_public_key().to_public_key_der().expect("DER");
    let mut number = vec![0];
    number.extend(hex::decode(serial).expect("hex"));
    let times = [tlv(0x17, from.as_bytes()), tlv(0x17, until.as_bytes())].concat();
    let inside = [
        tlv(0xa0, &tlv(0x02, &[2])),
        tlv(0x02, &number),
        tlv(0x30, &[]),
        tlv(0x30, &[]),
        tlv(0x30, &times),
        tlv(0x30, &[]),
        key.as_bytes().to_vec(),
    ];
    let whole = [tlv(0x30, &inside.concat()), tlv(0x30, &[]), tlv(0x03, &[0])];
    let text = STANDARD.encode(tlv(0x30, &whole.concat()));
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Good through 2026.
pub(super) fn platform_certificate() -> String {
    certificate(&PLATFORM, SERIAL, "260101000000Z", "270101000000Z")
}

pub(super) fn account(base: &str, credentials: &[(&str, &str)]) -> AccountConfig {
    AccountConfig {
        id: "wechat-main".parse().expect("a name"),
        base_url: base.to_owned(),
        currency: Currency::CNY,
        credentials: credentials
            .iter()
            .map(|(k, v)| ((*k).to_owned(), Secret::new(*v)))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// The credentials every account has, and these.
pub(super) fn with(more: &[(&str, &str)]) -> AccountConfig {
    let key = private_pem(&MERCHANT);
    let mut all = vec![
        ("mch_id", MCH),
        ("app_id", APP),
        ("api_v3_key", API_KEY),
        ("merchant_private_key", key.as_str()),
        ("merchant_serial", OUR_SERIAL),
    ];
    for (name, value) in more {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    account(BASE, &all)
}

pub(super) fn open(account: &AccountConfig) -> Wechat {
    Wechat::from(Config::read(account).expect("an account"))
}

/// Knows the platform certificate.
pub(super) static BY_CERTIFICATE: LazyLock<Wechat> =
    LazyLock::new(|| open(&with(&[("platform_certificates", &platform_certificate())])));

/// Knows WeChat Pay's public key.
pub(super) static BY_KEY: LazyLock<Wechat> = LazyLock::new(|| {
    let key = public_pem(&OTHER);
    open(&with(&[("public_key_id", KEY_ID), ("public_key", &key)]))
});

/// The headers of a message that the owner of a key signed.
pub(super) fn signed_by(
    key: &RsaPrivateKey,
    serial: &str,
    at: Millis,
    body: &[u8],
) -> Vec<(String, String)> {
    let stamp = at.div_euclid(SECOND);
    let mut message = format!("{stamp}\nc5ac7061fccab6bf\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    let signature = Signer::new(key.clone()).sign(&message, &[9; 16]);
    [
        ("content-type", "application/json".to_owned()),
        ("wechatpay-timestamp", stamp.to_string()),
        ("wechatpay-nonce", "c5ac7061fccab6bf".to_owned()),
        ("wechatpay-serial", serial.to_owned()),
        ("wechatpay-signature", signature),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// A reply of [`NOW`] that the platform certificate's key signed.
pub(super) fn signed(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: signed_by(&PLATFORM, SERIAL, NOW, body.as_bytes()),
        body: body.as_bytes().to_vec(),
    }
}

/// An error, as they come: without a signature.
pub(super) fn refusal(status: u16, code: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: format!("{{\"code\":\"{code}\",\"message\":\"原因\"}}").into_bytes(),
    }
}

/// What WeChat Pay encrypts for this merchant.
pub(super) fn sealed(plain: &str, aad: &str, original: &str) -> String {
    let key = UnboundKey::new(&AES_256_GCM, API_KEY.as_bytes()).expect("a key");
    let nonce = Nonce::assume_unique_for_key(*b"fdasflkja484");
    let mut bytes = plain.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(aad.as_bytes()), &mut bytes)
        .expect("sealed");
    let text = STANDARD.encode(bytes);
    format!(
        "{{\"original_type\":\"{original}\",\"algorithm\":\"AEAD_AES_256_GCM\",\
         \"ciphertext\":\"{text}\",\"associated_data\":\"{aad}\",\"nonce\":\"fdasflkja484\"}}"
    )
}

/// The body of a notice.
pub(super) fn envelope(event: &str, original: &str, plain: &str) -> String {
    let resource = sealed(plain, original, original);
    format!(
        "{{\"id\":\"EV-1\",\"event_type\":\"{event}\",\"resource_type\":\"encrypt-resource\",\
         \"summary\":\"支付成功\",\"resource\":{resource}}}"
    )
}

/// A payment in a state, as queries and notices tell of it.
pub(super) fn payment(state: &str) -> String {
    format!(
        "{{\"mchid\":\"{MCH}\",\"appid\":\"{APP}\",\"out_trade_no\":\"{ORDER}\",\
         \"transaction_id\":\"{TRADE}\",\"trade_type\":\"NATIVE\",\"trade_state\":\"{state}\",\
         \"success_time\":\"2026-11-20T10:00:21+08:00\",\"attach\":\"\",\
         \"amount\":{{\"total\":1000,\"payer_total\":900,\"currency\":\"CNY\"}}}}"
    )
}

/// The notice of a payment in a state.
pub(super) fn told(state: &str) -> String {
    envelope("TRANSACTION.SUCCESS", "transaction", &payment(state))
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

/// Takes a notice that the platform certificate's key signed at a time.
pub(super) fn heard_at(at: Millis, body: &str) -> Result<Notice, Refused> {
    let headers = signed_by(&PLATFORM, SERIAL, at, body.as_bytes());
    BY_CERTIFICATE.noticed(&posted(&headers, body.as_bytes()))
}

/// Takes a notice that the platform certificate's key signed now.
pub(super) fn heard(body: &str) -> Result<Notice, Refused> {
    heard_at(NOW, body)
}

/// The check that refused.
pub(super) fn check(result: Result<Notice, Refused>) -> Option<Check> {
    result.err().map(|refused| refused.check)
}

pub(super) fn charge() -> Charge {
    Charge {
        merchant_no: ORDER.to_owned(),
        amount: Minor(1_000),
        currency: Currency::CNY,
        method: Method::Wechat,
        subject: "VIP".to_owned(),
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        return_url: "https://shop.example.com/o/1?a=b".to_owned(),
        buyer: Buyer {
            ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
            device: Device::Desktop,
        },
        expires_at: NOW + 15 * MINUTE,
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
        refund_no: "RF202611210001".to_owned(),
        amount: Minor(amount),
        paid: Minor(1_000),
        currency: Currency::CNY,
        notify_url: "https://shop.example.com/callback/x".to_owned(),
        now: NOW,
        nonce: [5; 16],
    }
}

/// A header of a request.
pub(super) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut all = request.headers.iter();
    all.find(|(known, _)| *known == name)
        .map(|(_, value)| value.as_str())
}

/// The body of a request.
pub(super) fn text(request: &Request) -> &str {
    std::str::from_utf8(&request.body).expect("text")
}
