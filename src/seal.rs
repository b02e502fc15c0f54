//! Sealing: secrets, cards and email addresses are unreadable at rest.
//!
//! Comes in: bytes and the *associated data* that names where they belong (table, row, seller),
//! so that two sealed values cannot be swapped (X61). Goes out: XChaCha20-Poly1305 boxes that
//! name the key they were made with, and keyed hashes (HMAC-SHA256) that find equal values
//! without showing them. The key ring is text of lines `kid:base64`, newest first, from the
//! file `key` of the data folder or from `VENDGATE_KEY`; `app` makes the first one, and holds a
//! database to its ring.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::random::Random;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key ring is empty or a line of it is not `kid:base64 of 32 bytes`.
    #[error("the key ring is not usable: {0}")]
    KeyRing(&'static str),
    /// The value was sealed with a key that is not in the ring.
    #[error("sealed with key {0}, which is not in the key ring")]
    UnknownKey(u8),
    /// The value was altered, or belongs to another row.
    #[error("the sealed value is altered or belongs elsewhere")]
    Altered,
}

struct Key {
    id: u8,
    cipher: XChaCha20Poly1305,
}

/// The keys of one shop. The first line of the ring seals; every key opens; the *last* line
/// (the oldest) keys the hashes, so that rotation does not lose equality search.
pub struct Sealer {
    keys: Vec<Key>,
    hash_key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} keys)", self.keys.len())
    }
}

impl Sealer {
    /// Reads a key ring.
    pub fn from_ring(ring: &str) -> Result<Self, SealError> {
        let mut keys = Vec::new();
        let mut oldest: Option<Zeroizing<[u8; 32]>> = None;
        for line in ring.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let (id, text) = line
                .split_once(':')
                .ok_or(SealError::KeyRing("a line is kid:base64"))?;
            let id: u8 = id
                .parse()
                .map_err(|_| SealError::KeyRing("a key id is a number from 0 to 255"))?;
            let bytes = STANDARD
                .decode(text)
                .map_err(|_| SealError::KeyRing("a key is base64"))?;
            let bytes: [u8; 32] = bytes
                .try_into()
                .map_err(|_| SealError::KeyRing("a key has 32 bytes"))?;
            if bytes.iter().all(|b| *b == bytes[0]) {
                return Err(SealError::KeyRing("a key is random bytes"));
            }
            if keys.iter().any(|k: &Key| k.id == id) {
                return Err(SealError::KeyRing("key ids are distinct"));
            }
            let bytes = Zeroizing::new(bytes);
            keys.push(Key {
                id,
                cipher: XChaCha20Poly1305::new((&*derive(&bytes, b"seal")).into()),
            });
            oldest = Some(bytes);
        }
        let oldest = oldest.ok_or(SealError::KeyRing("it holds no key"))?;
        Ok(Sealer {
            keys,
            hash_key: derive(&oldest, b"equality"),
        })
    }

    /// A new ring of one key, for `setup`.
    pub fn new_ring(random: &dyn Random) -> String {
        let key: [u8; 32] = random.bytes();
        format!("1:{}\n", STANDARD.encode(key))
    }

    /// Puts a fresh key in front of a ring: it seals from now on, the others still open.
    pub fn rotate_ring(ring: &str, random: &dyn Random) -> Result<String, SealError> {
        let known = Sealer::from_ring(ring)?;
        let id = (1..=u8::MAX)
            .find(|id| known.keys.iter().all(|k| k.id != *id))
            .ok_or(SealError::KeyRing("it is full"))?;
        let key: [u8; 32] = random.bytes();
        Ok(format!("{id}:{}\n{ring}", STANDARD.encode(key)))
    }

    /// Seals `plain` for the place `belongs_to` names. The box is
    /// `key id (1) ‖ nonce (24) ‖ ciphertext and tag`.
    pub fn seal(&self, plain: &[u8], belongs_to: &str, random: &dyn Random) -> Vec<u8> {
        let key = &self.keys[0];
        let nonce: [u8; 24] = random.bytes();
        let payload = Payload {
            msg: plain,
            aad: belongs_to.as_bytes(),
        };
        // The cipher fails only on inputs past 256 GiB, which no row can hold.
        let sealed = key
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .unwrap_or_default();
        let mut out = Vec::with_capacity(25 + sealed.len());
        out.push(key.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    pub fn open(&self, sealed: &[u8], belongs_to: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.len() < 25 + 16 {
            return Err(SealError::Altered);
        }
        let key = self
            .keys
            .iter()
            .find(|k| k.id == sealed[0])
            .ok_or(SealError::UnknownKey(sealed[0]))?;
        let payload = Payload {
            msg: &sealed[25..],
            aad: belongs_to.as_bytes(),
        };
        key.cipher
            .decrypt(XNonce::from_slice(&sealed[1..25]), payload)
            .map(Zeroizing::new)
            .map_err(|_| SealError::Altered)
    }

    /// [`Sealer::open`] for text.
    pub fn open_text(&self, sealed: &[u8], belongs_to: &str) -> Result<String, SealError> {
        let plain = self.open(sealed, belongs_to)?;
        String::from_utf8(plain.to_vec()).map_err(|_| SealError::Altered)
    }

    /// A keyed hash that is equal for equal values of one `purpose` and tells nothing else:
    /// HMAC-SHA256, hex.
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> String {
        hex::encode(hmac(&*self.hash_key, &[purpose.as_bytes(), b"\0", value]))
    }
}

/// A text that must not be logged: `Debug` and `Display` show `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself: to be used, never to be kept or shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// HMAC-SHA256 over the concatenation of `parts`.
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; the error type exists for other MACs.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn derive(key: &[u8; 32], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(hmac(key, &[b"vendgate/", purpose]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    fn sealer() -> (Sealer, SeededRandom) {
        let random = SeededRandom::from_seed(11);
        let ring = Sealer::new_ring(&random);
        (Sealer::from_ring(&ring).expect("a ring"), random)
    }

    /// X61: a box opens only in the place it was made for.
    #[test]
    fn a_swapped_box_does_not_open() {
        let (sealer, random) = sealer();
        let sealed = sealer.seal(b"NMPRO-7H2QX", "card/1/house", &random);
        assert!(!sealed.windows(5).any(|w| w == b"NMPRO"));
        let opened = sealer.open_text(&sealed, "card/1/house");
        assert_eq!(opened.as_deref(), Ok("NMPRO-7H2QX"));
        assert_eq!(
            sealer.open_text(&sealed, "card/2/house"),
            Err(SealError::Altered)
        );
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(sealer.open(&bent, "card/1/house").is_err(), "byte {at}");
        }
        assert!(sealer.open(&[], "card/1/house").is_err());
    }

    #[test]
    fn rotation_opens_old_boxes_and_keeps_equality() {
        let random = SeededRandom::from_seed(12);
        let ring = Sealer::new_ring(&random);
        let old = Sealer::from_ring(&ring).expect("a ring");
        let sealed = old.seal(b"x", "a", &random);
        let ring = Sealer::rotate_ring(&ring, &random).expect("a ring");
        let new = Sealer::from_ring(&ring).expect("a ring");
        assert!(new.open(&sealed, "a").is_ok());
        assert_ne!(new.seal(b"x", "a", &random)[0], sealed[0]);
        assert_eq!(new.keyed_hash("card", b"x"), old.keyed_hash("card", b"x"));
        assert_ne!(new.keyed_hash("card", b"x"), new.keyed_hash("email", b"x"));
    }

    #[test]
    fn weak_rings_are_refused() {
        let zeros = format!("1:{}", STANDARD.encode([0u8; 32]));
        for ring in ["", "1", "1:abc", "x:AAAA", zeros.as_str()] {
            assert!(Sealer::from_ring(ring).is_err(), "{ring}");
        }
    }

    /// X60: a secret does not print itself.
    #[test]
    fn a_secret_hides_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
