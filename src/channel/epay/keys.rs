//! RSA keys as operators paste them: PEM or bare base64.
//!
//! Private keys: PKCS#8 or PKCS#1. Public keys: SPKI, PKCS#1, or a certificate. Below 2048 bits
//! nothing is taken. Source: epay.md §1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs8::der::asn1::AnyRef;
use rsa::pkcs8::der::{
    Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _,
};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use crate::channel::account::Misconfigured;

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

/// The platform's public key.
pub(super) fn public(field: &'static str, text: &str) -> Result<RsaPublicKey, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at(field, reason);
    let (label, der) = unwrap(text).map_err(wrong)?;
    if label.as_deref().is_some_and(|l| l.contains("PRIVATE")) {
        return Err(wrong(
            "is a private key; the platform's public key belongs here",
        ));
    }
    let key = read_public(&der).ok_or_else(|| wrong("is not an RSA public key"))?;
    if key.n().bits() < SMALLEST {
        return Err(wrong("is shorter than 2048 bits"));
    }
    Ok(key)
}

fn read_public(der: &[u8]) -> Option<RsaPublicKey> {
    RsaPublicKey::from_public_key_der(der)
        .ok()
        .or_else(|| RsaPublicKey::from_pkcs1_der(der).ok())
        .or_else(|| RsaPublicKey::from_public_key_der(&of_certificate(der)?).ok())
}

/// The label (of PEM) and the bytes; line breaks may be lost, doubled or written as `\n`.
fn unwrap(text: &str) -> Result<(Option<String>, Zeroizing<Vec<u8>>), &'static str> {
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    let (label, body) = match text.split_once("-----BEGIN ") {
        None => (None, text.as_str()),
        Some((_, rest)) => {
            let (label, rest) = rest.split_once("-----").ok_or("is a broken PEM")?;
            let (body, rest) = rest.split_once("-----END ").ok_or("is a broken PEM")?;
            if rest.contains("-----BEGIN ") {
                return Err("holds more than one key");
            }
            (Some(label.to_owned()), body)
        }
    };
    let body: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    let der = STANDARD
        .decode(body.as_bytes())
        .map_err(|_| "is neither PEM nor base64")?;
    Ok((label, Zeroizing::new(der)))
}

/// The subject's public key info of a certificate (RFC 5280 §4.1).
fn of_certificate(der: &[u8]) -> Option<Vec<u8>> {
    let inside = |any: AnyRef<'_>| (any.tag() == Tag::Sequence).then(|| any.value().to_vec());
    let certificate = inside(AnyRef::from_der(der).ok()?)?;
    let mut reader = SliceReader::new(&certificate).ok()?;
    let signed = inside(AnyRef::decode(&mut reader).ok()?)?;
    let mut reader = SliceReader::new(&signed).ok()?;
    let version = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber::N0,
    };
    if reader.peek_header().ok()?.tag == version {
        AnyRef::decode(&mut reader).ok()?;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 {
        AnyRef::decode(&mut reader).ok()?;
    }
    AnyRef::decode(&mut reader).ok()?.to_der().ok()
}
