//! What an operator configured, checked before the account may start (X03, X15).

use rsa::{RsaPrivateKey, RsaPublicKey};
use url::Url;

use super::envelope::ApiKey;
use super::verify::{PublicKey, Verifiers};
use crate::channel::account::{AccountConfig, Misconfigured};
use crate::channel::certificate::{Certificate, plain_serial};
use crate::channel::{link, rsa_keys};
use crate::money::Currency;
use crate::seal::Secret;

/// An APIv3 key is so many bytes, neither more nor less.
const API_KEY_BYTES: usize = 32;

/// Keys that people type while they try things out.
const KNOWN_KEYS: &[&str] = &[
    "12345678901234567890123456789012",
    "01234567890123456789012345678901",
    "abcdefghijklmnopqrstuvwxyz123456",
    "abcdefghijklmnopqrstuvwxyz012345",
    "0123456789abcdef0123456789abcdef",
];

/// A checked configuration.
pub(super) struct Config {
    /// Where WeChat Pay is.
    pub(super) base: Url,
    /// The merchant's number.
    pub(super) mch_id: String,
    /// The app the merchant is bound to.
    pub(super) app_id: String,
    /// Opens what WeChat Pay encrypts.
    pub(super) api_key: ApiKey,
    /// Signs our requests.
    pub(super) private_key: RsaPrivateKey,
    /// Of the merchant's certificate, upper-case hex.
    pub(super) serial: String,
    /// Who signs for WeChat Pay.
    pub(super) verifiers: Verifiers,
    /// Whether phones are sent to WeChat's own page.
    pub(super) h5: bool,
}

impl Config {
    /// Checks everything, or names the field that is wrong and why.
    pub(super) fn read(config: &AccountConfig) -> Result<Config, Misconfigured> {
        let wrong = |key: &str, reason: &str| Err(Misconfigured::at(key, reason));
        if config.currency != Currency::CNY {
            return wrong("currency", "must be CNY: WeChat Pay collects yuan here");
        }
        let mch_id = config.require("mch_id")?;
        if !(8..=32).contains(&mch_id.len()) || !mch_id.bytes().all(|b| b.is_ascii_digit()) {
            return wrong("mch_id", "must be 8 to 32 digits");
        }
        let app_id = config.require("app_id")?;
        let plain = app_id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !app_id.starts_with("wx") || !plain || app_id.len() > 32 {
            return wrong("app_id", "begins with wx, letters and digits only");
        }
        let serial = config.require("merchant_serial")?;
        if !(8..=40).contains(&serial.len()) || !serial.bytes().all(|b| b.is_ascii_hexdigit()) {
            return wrong(
                "merchant_serial",
                "is the serial number of your certificate, 40 hex digits",
            );
        }
        let private_key = rsa_keys::private(
            "merchant_private_key",
            config.require("merchant_private_key")?,
        )?;
        Ok(Config {
            base: link::base(&config.base_url)?,
            mch_id: mch_id.to_owned(),
            app_id: app_id.to_owned(),
            api_key: api_key(config.require("api_v3_key")?)?,
            serial: serial.to_ascii_uppercase(),
            verifiers: verifiers(config, &private_key, serial)?,
            private_key,
            h5: h5(config)?,
        })
    }
}

fn api_key(key: &str) -> Result<ApiKey, Misconfigured> {
    let wrong = |reason: &str| Err(Misconfigured::at("api_v3_key", reason));
    let first = key.chars().next();
    if key.len() != API_KEY_BYTES || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return wrong("is exactly 32 letters and digits");
    }
    if key.chars().all(|c| Some(c) == first) {
        return wrong("is one character repeated");
    }
    if KNOWN_KEYS.contains(&key) {
        return wrong("is a known default");
    }
    Ok(ApiKey::new(Secret::new(key)))
}

/// A public key, certificates, or both while a merchant moves from these to that.
fn verifiers(
    config: &AccountConfig,
    ours: &RsaPrivateKey,
    serial: &str,
) -> Result<Verifiers, Misconfigured> {
    let there = |key: &'static str| config.credentials.contains_key(key);
    let public_key = match there("public_key_id") || there("public_key") {
        false => None,
        true => Some(PublicKey {
            id: public_key_id(config.require("public_key_id")?)?,
            key: rsa_keys::theirs("public_key", config.require("public_key")?, ours)?,
        }),
    };
    let certificates = match there("platform_certificates") {
        false => Vec::new(),
        true => certificates(config, &ours.to_public_key(), serial)?,
    };
    if public_key.is_none() && certificates.is_empty() {
        return Err(Misconfigured::at(
            "public_key",
            "is missing, and so are platform_certificates; one of them is needed",
        ));
    }
    Ok(Verifiers {
        public_key,
        certificates,
    })
}

fn public_key_id(id: &str) -> Result<String, Misconfigured> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !id.starts_with("PUB_KEY_ID_") || id.len() > 64 || !id.bytes().all(plain) {
        return Err(Misconfigured::at(
            "public_key_id",
            "begins with PUB_KEY_ID_, as the console shows it",
        ));
    }
    Ok(id.to_owned())
}

fn certificates(
    config: &AccountConfig,
    own: &RsaPublicKey,
    serial: &str,
) -> Result<Vec<Certificate>, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at("platform_certificates", reason);
    let text = config.require("platform_certificates")?;
    let mut all: Vec<Certificate> = Vec::new();
    for (_, der) in rsa_keys::blocks(text).map_err(wrong)? {
        let one = Certificate::read(&der).map_err(wrong)?;
        if one.key == *own || one.serial == plain_serial(serial) {
            return Err(wrong(
                "holds your own certificate; WeChat Pay's platform certificates belong here",
            ));
        }
        if all.iter().all(|known| known.serial != one.serial) {
            all.push(one);
        }
    }
    Ok(all)
}

/// On unless it is off: a merchant without the H5 product turns it off.
fn h5(config: &AccountConfig) -> Result<bool, Misconfigured> {
    if !config.credentials.contains_key("h5") {
        return Ok(true);
    }
    match config.require("h5")? {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Misconfigured::at("h5", "is on or off")),
    }
}
