//! What is needed of an X.509 certificate: its number, its issuer, how long it is good, and its key.
//!
//! Comes in: DER. Goes out: a [`Certificate`]. No chain is judged here: who handed the
//! certificate over decides whether it is trusted. Source: RFC 5280 §4.1.

use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::pkcs8::der::asn1::{AnyRef, GeneralizedTime, ObjectIdentifier, UtcTime};
use rsa::pkcs8::der::{
    Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _,
};

use super::rsa_keys::is_long_enough;
use crate::clock::{Millis, SECOND};

/// A certificate of an RSA key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Upper-case hex without leading zeros.
    pub(super) serial: String,
    /// Of 2048 bits or more.
    pub(super) key: RsaPublicKey,
    /// The first moment it is good, UTC.
    pub(super) from: Millis,
    /// The last moment it is good, UTC.
    pub(super) until: Millis,
}

impl Certificate {
    /// Reads one; the error says what is wrong with it.
    pub(super) fn read(der: &[u8]) -> Result<Certificate, &'static str> {
        let parts = parts(der).ok_or("is not a certificate")?;
        let key = RsaPublicKey::from_public_key_der(&parts.key_info)
            .map_err(|_| "is not a certificate of an RSA key")?;
        if !is_long_enough(&key) {
            return Err("is shorter than 2048 bits");
        }
        let (from, until) = validity(&parts.validity).ok_or("is not a certificate")?;
        Ok(Certificate {
            serial: plain_serial(&hex::encode(&parts.serial)),
            key,
            from,
            until,
        })
    }
}

/// A serial number as it is compared: upper case, without leading zeros.
pub(super) fn plain_serial(hex: &str) -> String {
    hex.trim_start_matches('0').to_ascii_uppercase()
}

/// The subject's public key info of a certificate.
pub(super) fn key_info(der: &[u8]) -> Option<Vec<u8>> {
    parts(der).map(|parts| parts.key_info)
}

/// A certificate taken apart, of whatever kind of key.
pub(super) struct Parts {
    /// The serial number, big-endian.
    pub(super) serial: Vec<u8>,
    /// The issuer's name: the inside of its sequence.
    pub(super) issuer: Vec<u8>,
    validity: Vec<u8>,
    /// The subject's public key info.
    pub(super) key_info: Vec<u8>,
    /// How the issuer signed it, if that is told.
    pub(super) signed_with: Option<ObjectIdentifier>,
}

/// Takes a certificate apart.
pub(super) fn parts(der: &[u8]) -> Option<Parts> {
    let certificate = inside(AnyRef::from_der(der).ok()?)?;
    let mut reader = SliceReader::new(&certificate).ok()?;
    let signed = inside(AnyRef::decode(&mut reader).ok()?)?;
    let signed_with = AnyRef::decode(&mut reader).ok().and_then(algorithm);
    let mut reader = SliceReader::new(&signed).ok()?;
    let version = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber::N0,
    };
    if reader.peek_header().ok()?.tag == version {
        AnyRef::decode(&mut reader).ok()?;
    }
    let serial = AnyRef::decode(&mut reader).ok()?;
    if serial.tag() != Tag::Integer {
        return None;
    }
    // The signature's algorithm again.
    AnyRef::decode(&mut reader).ok()?;
    let issuer = inside(AnyRef::decode(&mut reader).ok()?)?;
    let validity = inside(AnyRef::decode(&mut reader).ok()?)?;
    // Subject.
    AnyRef::decode(&mut reader).ok()?;
    Some(Parts {
        serial: serial.value().to_vec(),
        issuer,
        validity,
        key_info: AnyRef::decode(&mut reader).ok()?.to_der().ok()?,
        signed_with,
    })
}

fn algorithm(any: AnyRef<'_>) -> Option<ObjectIdentifier> {
    let algorithm = inside(any)?;
    let mut reader = SliceReader::new(&algorithm).ok()?;
    AnyRef::decode(&mut reader).ok()?.decode_as().ok()
}

fn inside(any: AnyRef<'_>) -> Option<Vec<u8>> {
    (any.tag() == Tag::Sequence).then(|| any.value().to_vec())
}

fn validity(der: &[u8]) -> Option<(Millis, Millis)> {
    let mut reader = SliceReader::new(der).ok()?;
    let from = time(AnyRef::decode(&mut reader).ok()?)?;
    let until = time(AnyRef::decode(&mut reader).ok()?)?;
    Some((from, until))
}

fn time(any: AnyRef<'_>) -> Option<Millis> {
    let since = match any.tag() {
        Tag::UtcTime => any.decode_as::<UtcTime>().ok()?.to_unix_duration(),
        Tag::GeneralizedTime => any.decode_as::<GeneralizedTime>().ok()?.to_unix_duration(),
        _ => return None,
    };
    i64::try_from(since.as_secs()).ok()?.checked_mul(SECOND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn serials_are_compared_without_case_and_leading_zeros() {
        assert_eq!(plain_serial("00408b07e7"), "408B07E7");
        assert_eq!(plain_serial("408B07E7"), "408B07E7");
        assert_eq!(plain_serial("0000"), "");
    }

    proptest! {
        #[test]
        fn whatever_is_no_certificate_is_none(der in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Certificate::read(&der).is_err());
        }
    }
}
