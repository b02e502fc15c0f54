//! The forger's bench: notices made by hand, after the protocols' documents alone.

use super::ground::{EPAY_KEY, MONEY, callback, merchant_no, now, rsa};
use crate::harness::{Placed, Reply, TestShop};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;

/// Fields of an epay notice, by name.
pub type Fields = BTreeMap<String, String>;

/// What epay signs: sorted, without the empty ones, `sign` and `sign_type`.
pub fn canonical(fields: &Fields) -> String {
    let signed = fields.iter().filter(|(name, value)| {
        !matches!(name.as_str(), "sign" | "sign_type") && !value.is_empty()
    });
    let pairs: Vec<String> = signed
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// MD5 of a text and a key behind it.
pub fn md5(text: &str, key: &str) -> String {
    hex::encode(Md5::digest(format!("{text}{key}")))
}

/// SHA256withRSA, base64.
pub fn sha256_rsa(text: &str, key: &RsaPrivateKey) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let signed = key.sign(Pkcs1v15Sign::new::<Sha256>(), &digest);
    STANDARD.encode(signed.expect("a signature"))
}

/// The fields of a V1 notice that says "paid", unsigned.
pub fn v1_fields(merchant_no: &str, trade_no: &str) -> Fields {
    [
        ("pid", "1001"),
        ("trade_no", trade_no),
        ("out_trade_no", merchant_no),
        ("type", "wxpay"),
        ("name", "order"),
        ("money", MONEY),
        ("trade_status", "TRADE_SUCCESS"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// The same of V2, with a fresh time.
pub fn v2_fields(merchant_no: &str, trade_no: &str) -> Fields {
    let mut fields = v1_fields(merchant_no, trade_no);
    fields.insert("pid".to_owned(), "1002".to_owned());
    fields.insert("timestamp".to_owned(), now().to_string());
    fields
}

/// Changes one field.
pub fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    fields.insert(name.to_owned(), value.to_owned());
    fields
}

/// Signed as a V1 platform with this key would.
pub fn signed_v1(fields: Fields, key: &str) -> Fields {
    let sign = md5(&canonical(&fields), key);
    with(with(fields, "sign", &sign), "sign_type", "MD5")
}

/// Signed as a V2 platform with this key would.
pub fn signed_v2(fields: Fields, key: &RsaPrivateKey) -> Fields {
    let sign = sha256_rsa(&canonical(&fields), key);
    with(with(fields, "sign", &sign), "sign_type", "RSA")
}

/// As a query.
pub fn query(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// Sends fields to an account by GET, as epay does.
pub async fn send(shop: &TestShop, account: &str, fields: &Fields) -> Reply {
    send_raw(shop, account, &query(fields)).await
}

/// Sends any query to an account.
pub async fn send_raw(shop: &TestShop, account: &str, query: &str) -> Reply {
    let path = format!("{}?{query}", callback(shop, account));
    shop.http().send("GET", &path, &[], b"").await
}

/// A genuine-looking V1 notice of an order.
pub fn genuine_v1(shop: &TestShop, placed: &Placed) -> Fields {
    signed_v1(
        v1_fields(&merchant_no(shop, placed), "T-FORGED-1"),
        EPAY_KEY,
    )
}

/// A genuine-looking V2 notice of an order.
pub fn genuine_v2(shop: &TestShop, placed: &Placed) -> Fields {
    signed_v2(
        v2_fields(&merchant_no(shop, placed), "T-FORGED-2"),
        &rsa().platform,
    )
}

/// One notice of the sandbox's own protocol, every part of which can be spoilt.
#[derive(Clone)]
pub struct Own {
    /// Whose path it goes to.
    pub account: String,
    /// `X-Sandbox-Merchant`.
    pub merchant: String,
    /// Signs it.
    pub key: String,
    /// Unix seconds.
    pub at: i64,
    /// 32 hex digits.
    pub nonce: String,
    /// The body as sent and signed.
    pub body: String,
    /// Instead of the right signature.
    pub signature: Option<String>,
}

impl Own {
    /// A genuine-looking paid notice of an order for the account `own-1`.
    pub fn of(shop: &TestShop, placed: &Placed, trade_no: &str) -> Self {
        let body = paid(&merchant_no(shop, placed), trade_no, placed.amount);
        Self::with_body(&body.to_string())
    }

    /// The same with any body.
    pub fn with_body(body: &str) -> Self {
        Own {
            account: "own-1".to_owned(),
            merchant: "m1".to_owned(),
            key: super::ground::KEY.to_owned(),
            at: now(),
            nonce: "00112233445566778899aabbccddeeff".to_owned(),
            body: body.to_owned(),
            signature: None,
        }
    }

    /// Sends it.
    pub async fn send(&self, shop: &TestShop) -> Reply {
        let path = callback(shop, &self.account);
        let text = format!("{}\n{}\nPOST {path}\n{}", self.at, self.nonce, self.body);
        let right = hmac(&self.key, &text);
        let signature = self.signature.clone().unwrap_or(right);
        let at = self.at.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("x-sandbox-merchant", self.merchant.as_str()),
            ("x-sandbox-timestamp", at.as_str()),
            ("x-sandbox-nonce", self.nonce.as_str()),
            ("x-sandbox-signature", signature.as_str()),
        ];
        let body = self.body.as_bytes();
        shop.http().send("POST", &path, &headers, body).await
    }
}

/// The body of a paid notice.
pub fn paid(merchant_no: &str, trade_no: &str, amount: i64) -> Value {
    json!({
        "event": "payment.paid", "trade_no": trade_no, "merchant_no": merchant_no,
        "amount": amount, "currency": "CNY", "status": "paid", "paid_at": now() * 1000,
    })
}

/// HMAC-SHA256 as lower-case hex.
pub fn hmac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
