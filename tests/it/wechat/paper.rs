//! What WeChat Pay's messages are made of: keys, signatures, certificates and what is encrypted.

use crate::attacks::ground::private_pem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::pkcs8::EncodePublicKey as _;
use rsa::sha2::{Digest as _, Sha256};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The merchant.
pub const MCH: &str = "1900000001";
const APP: &str = "wxd678efh567hg6787";
/// What WeChat Pay encrypts with.
pub const API_KEY: &str = "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA";
/// Of the merchant's certificate.
pub const OUR_SERIAL: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";
/// Of the platform certificate the account is configured with.
pub const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
/// Of the one that comes after it.
pub const NEXT: &str = "6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A";

/// Who signs.
pub struct Keys {
    /// The shop.
    pub merchant: RsaPrivateKey,
    /// WeChat Pay.
    pub platform: RsaPrivateKey,
    /// WeChat Pay, after a change.
    pub next: RsaPrivateKey,
}

/// The keys of all shops of these tests, made once.
pub fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let new = || RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        Keys {
            merchant: new(),
            platform: new(),
            next: new(),
        }
    })
}

/// What an account of the merchant is configured with, in certificate mode.
pub fn credentials() -> [(&'static str, String); 6] {
    [
        ("mch_id", MCH.to_owned()),
        ("app_id", APP.to_owned()),
        ("api_v3_key", API_KEY.to_owned()),
        ("merchant_serial", OUR_SERIAL.to_owned()),
        ("merchant_private_key", private_pem(&keys().merchant)),
        (
            "platform_certificates",
            certificate(&keys().platform, SERIAL),
        ),
    ]
}

/// Headers as WeChat Pay sends them, signed with any key under any serial.
pub fn signed_by(key: &RsaPrivateKey, serial: &str, at: i64, body: &[u8]) -> Vec<(String, String)> {
    let mut text = format!("{at}\nc5ac7061fccab6bf\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    let padding = Pkcs1v15Sign::new::<Sha256>();
    let signature = key.sign(padding, &Sha256::digest(&text)).expect("signed");
    [
        ("content-type", "application/json".to_owned()),
        ("Wechatpay-Timestamp", at.to_string()),
        ("Wechatpay-Nonce", "c5ac7061fccab6bf".to_owned()),
        ("Wechatpay-Serial", serial.to_owned()),
        ("Wechatpay-Signature", STANDARD.encode(signature)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The answer to who asks for certificates.
pub fn certificates(rotated: bool) -> String {
    let one = |key, serial: &str| {
        let pem = certificate(key, serial);
        json!({"serial_no": serial, "effective_time": "2026-01-01T00:00:00+08:00",
            "expire_time": "2049-01-01T00:00:00+08:00",
            "encrypt_certificate": sealed(&pem, "certificate", "")})
    };
    let mut all = vec![one(&keys().platform, SERIAL)];
    if rotated {
        all.push(one(&keys().next, NEXT));
    }
    json!({ "data": all }).to_string()
}

/// Something encrypted for the merchant.
pub fn sealed(plain: &str, aad: &str, kind: &str) -> Value {
    let key = UnboundKey::new(&AES_256_GCM, API_KEY.as_bytes()).expect("a key");
    let nonce = Nonce::assume_unique_for_key(*b"fdasflkja484");
    let mut bytes = plain.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(aad.as_bytes()), &mut bytes)
        .expect("sealed");
    json!({"original_type": kind, "algorithm": "AEAD_AES_256_GCM", "nonce": "fdasflkja484",
        "associated_data": aad, "ciphertext": STANDARD.encode(bytes)})
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

/// A certificate as far as anybody reads it, good until 2049.
fn certificate(key: &RsaPrivateKey, serial: &str) -> String {
    let key = RsaPublicKey::from(key).to_public_key_der().expect("DER");
    let number = [vec![0], hex::decode(serial).expect("hex")].concat();
    let times = [tlv(0x17, b"200101000000Z"), tlv(0x17, b"490101000000Z")];
    let inside = [
        tlv(0xa0, &tlv(0x02, &[2])),
        tlv(0x02, &number),
        tlv(0x30, &[]),
        tlv(0x30, &[]),
        tlv(0x30, &times.concat()),
        tlv(0x30, &[]),
        key.as_bytes().to_vec(),
    ];
    let whole = [tlv(0x30, &inside.concat()), tlv(0x30, &[]), tlv(0x03, &[0])];
    let text = STANDARD.encode(tlv(0x30, &whole.concat()));
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}
