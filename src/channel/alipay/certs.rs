//! What names the certificates of certificate mode: MD5 of the issuer's name and the serial
//! number. Source: alipay.md §2.

use md5::{Digest as _, Md5};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::der::{Decode as _, Reader as _, SliceReader};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};

use crate::channel::account::{AccountConfig, Misconfigured};
use crate::channel::certificate::{self, Parts};
use crate::channel::rsa_keys;

/// What the algorithms of RSA signatures begin with.
const RSA: &str = "1.2.840.113549.1.1";

/// The attributes a name of an authority has.
const NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// The names of an account's certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certs {
    /// `app_cert_sn`: of our application's.
    pub(super) app: String,
    /// `alipay_cert_sn`: of the one whose key signs what comes from Alipay.
    pub(super) alipay: String,
    /// `alipay_root_cert_sn`: of the roots.
    pub(super) root: String,
}

impl Certs {
    /// Reads the three, and the key that signs for Alipay.
    pub(super) fn read(
        config: &AccountConfig,
        ours: &RsaPrivateKey,
    ) -> Result<(Certs, RsaPublicKey), Misconfigured> {
        let (app, app_key) = first("app_cert", config)?;
        if !rsa_keys::is_ours(&app_key, ours) {
            return Err(Misconfigured::at(
                "app_cert",
                "does not belong to app_private_key",
            ));
        }
        let (alipay, key) = first("alipay_cert", config)?;
        if rsa_keys::is_ours(&key, ours) {
            return Err(Misconfigured::at(
                "alipay_cert",
                "is our own; paste Alipay's certificate",
            ));
        }
        let certs = Certs {
            app,
            alipay,
            root: roots("alipay_root_cert", config)?,
        };
        Ok((certs, key))
    }
}

/// The number of the first certificate of a text, and its key; what follows is its chain.
fn first(
    field: &'static str,
    config: &AccountConfig,
) -> Result<(String, RsaPublicKey), Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let all = all(field, config)?;
    let first = all.first().ok_or_else(|| wrong("is not a certificate"))?;
    let key = RsaPublicKey::from_public_key_der(&first.key_info)
        .map_err(|_| wrong("is not a certificate of an RSA key"))?;
    if !rsa_keys::is_long_enough(&key) {
        return Err(wrong("is shorter than 2048 bits"));
    }
    let number = number(first).ok_or_else(|| wrong("names its issuer in an unknown way"))?;
    Ok((number, key))
}

/// The numbers of those roots that sign with RSA, joined.
fn roots(field: &'static str, config: &AccountConfig) -> Result<String, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let all = all(field, config)?;
    let by_rsa = |parts: &&Parts| {
        let named = parts.signed_with.map(|algorithm| algorithm.to_string());
        named.is_some_and(|named| named.starts_with(RSA))
    };
    let rsa = all.iter().filter(by_rsa);
    let numbers: Option<Vec<String>> = rsa.map(number).collect();
    let numbers = numbers.ok_or_else(|| wrong("names its issuer in an unknown way"))?;
    if numbers.is_empty() {
        return Err(wrong("holds no certificate that is signed with RSA"));
    }
    Ok(numbers.join("_"))
}

fn all(field: &'static str, config: &AccountConfig) -> Result<Vec<Parts>, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let blocks = rsa_keys::blocks(config.require(field)?).map_err(wrong)?;
    let read = blocks.iter().map(|(label, der)| {
        if label.as_deref().is_some_and(|label| label.contains("KEY")) {
            return Err(wrong("is a key; a certificate belongs here"));
        }
        certificate::parts(der).ok_or_else(|| wrong("is not a certificate"))
    });
    read.collect()
}

/// MD5 of the issuer's attributes, the last one first, and the serial number in decimal.
fn number(parts: &Parts) -> Option<String> {
    let mut named = attributes(&parts.issuer)?;
    named.reverse();
    let text = format!(
        "{}{}",
        named.join(","),
        BigUint::from_bytes_be(&parts.serial)
    );
    Some(hex::encode(Md5::digest(text)))
}

/// `NAME=value` of each attribute, in the order of the DER.
fn attributes(name: &[u8]) -> Option<Vec<String>> {
    let mut named = Vec::new();
    for set in inside(name)? {
        for attribute in inside(set.value())? {
            let [kind, value] = inside(attribute.value())?.try_into().ok()?;
            let kind = kind.decode_as::<ObjectIdentifier>().ok()?.to_string();
            let (_, short) = NAMES.iter().find(|(known, _)| *known == kind)?;
            let value = std::str::from_utf8(value.value()).ok()?;
            named.push(format!("{short}={value}"));
        }
    }
    Some(named)
}

fn inside(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(der).ok()?;
    let mut all = Vec::new();
    while !reader.is_finished() {
        all.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(all)
}
