//! RSA keys as operators paste them: PEM or bare base64.
//!
//! Private keys: PKCS#8 or PKCS#1. Public keys: SPKI, PKCS#1, or a certificate. Below 2048 bits
//! nothing is taken. Source: epay.md §1, wechat_v3.md §1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use super::account::Misconfigured;
use super::certificate;

const SMALLEST: usize = 2_048;

/// The merchant's private key.
pub(super) fn private(field: &'static str, text: &str) -> Result<RsaPrivateKey, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let (label, der) = unwrap(text).map_err(wrong)?;
    if label.as_deref().is_some_and(|l| l.contains("ENCRYPTED")) {
        return Err(wrong("is encrypted; paste it without a passphrase"));
    }
    let key = RsaPrivateKey::from_pkcs8_der(&der)
        .ok()
        .or_else(|| RsaPrivateKey::from_pkcs1_der(&der).ok());
    let Some(key) = key else {
        return Err(match read_public(&der) {
            Some(_) => wrong("is a public key; the merchant's private key belongs here"),
            None => wrong("is not a consistent RSA private key"),
        });
    };
    key.validate()
        .map_err(|_| wrong("is not a consistent RSA private key"))?;
    if key.n().bits() < SMALLEST {
        return Err(wrong("is shorter than 2048 bits"));
    }
    Ok(key)
}

/// The platform's public key, which is not the public half of our own: with that one anybody who
/// asks us to sign could write notices (X15).
pub(super) fn theirs(
    field: &'static str,
    text: &str,
    ours: &RsaPrivateKey,
) -> Result<RsaPublicKey, Misconfigured> {
    let key = public(field, text)?;
    if is_ours(&key, ours) {
        return Err(Misconfigured::at(field, OWN_HALF));
    }
    Ok(key)
}

/// Why [`theirs`] refuses a key.
pub(super) const OWN_HALF: &str =
    "belongs to merchant_private_key; paste the platform's public key";

/// Whether a key to verify with is the public half of our own.
pub(super) fn is_ours(key: &RsaPublicKey, ours: &RsaPrivateKey) -> bool {
    ours.to_public_key() == *key
}

/// Whether a key is as long as keys must be.
pub(super) fn is_long_enough(key: &RsaPublicKey) -> bool {
    key.n().bits() >= SMALLEST
}

/// A public key of 2048 bits or more.
pub(super) fn public(field: &'static str, text: &str) -> Result<RsaPublicKey, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let (label, der) = unwrap(text).map_err(wrong)?;
    if label.as_deref().is_some_and(|l| l.contains("PRIVATE")) {
        return Err(wrong(
            "is a private key; the platform's public key belongs here",
        ));
    }
    let key = read_public(&der).ok_or_else(|| wrong("is not an RSA public key"))?;
    if !is_long_enough(&key) {
        return Err(wrong("is shorter than 2048 bits"));
    }
    Ok(key)
}

fn read_public(der: &[u8]) -> Option<RsaPublicKey> {
    RsaPublicKey::from_public_key_der(der)
        .ok()
        .or_else(|| RsaPublicKey::from_pkcs1_der(der).ok())
        .or_else(|| RsaPublicKey::from_public_key_der(&certificate::key_info(der)?).ok())
}

/// The label (of PEM) and the bytes of a text.
pub(super) type Block = (Option<String>, Zeroizing<Vec<u8>>);

/// The one key or certificate of a text.
fn unwrap(text: &str) -> Result<Block, &'static str> {
    let mut all = blocks(text)?;
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err("holds more than one key"),
    }
}

/// Every key or certificate of a text, at least one; line breaks may be lost, doubled or written
/// as `\n`.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, &'static str> {
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    let mut pieces = text.split("-----BEGIN ");
    let before = pieces.next().unwrap_or_default();
    let mut all = Vec::new();
    for piece in pieces {
        let (label, rest) = piece.split_once("-----").ok_or("is a broken PEM")?;
        let (body, _) = rest.split_once("-----END ").ok_or("is a broken PEM")?;
        all.push((Some(label.to_owned()), decode(body)?));
    }
    if all.is_empty() {
        all.push((None, decode(before)?));
    }
    Ok(all)
}

fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let body: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    let der = STANDARD
        .decode(body.as_bytes())
        .map_err(|_| "is neither PEM nor base64")?;
    Ok(Zeroizing::new(der))
}
