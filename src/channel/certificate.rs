//! What is needed of an X.509 certificate: its number, its issuer, and its key.
//!
//! Comes in: DER. Goes out: its [`Parts`]. No chain is judged here: who handed the certificate
//! over decides whether it is trusted. Source: RFC 5280 §4.1.

use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::der::{
    Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _,
};

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
    /// The subject's public key info.
    pub(super) key_info: Vec<u8>,
    /// How the issuer signed it.
    pub(super) signed_with: ObjectIdentifier,
}

/// Takes a certificate apart.
pub(super) fn parts(der: &[u8]) -> Option<Parts> {
    let certificate = inside(AnyRef::from_der(der).ok()?)?;
    let mut reader = SliceReader::new(&certificate).ok()?;
    let signed = inside(AnyRef::decode(&mut reader).ok()?)?;
    let algorithm = inside(AnyRef::decode(&mut reader).ok()?)?;
    let mut reader = SliceReader::new(&algorithm).ok()?;
    let signed_with = AnyRef::decode(&mut reader).ok()?.decode_as().ok()?;
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
    // Validity, subject.
    AnyRef::decode(&mut reader).ok()?;
    AnyRef::decode(&mut reader).ok()?;
    Some(Parts {
        serial: serial.value().to_vec(),
        issuer,
        key_info: AnyRef::decode(&mut reader).ok()?.to_der().ok()?,
        signed_with,
    })
}

fn inside(any: AnyRef<'_>) -> Option<Vec<u8>> {
    (any.tag() == Tag::Sequence).then(|| any.value().to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_no_certificate_is_none(der in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(parts(&der).is_none());
        }
    }
}
