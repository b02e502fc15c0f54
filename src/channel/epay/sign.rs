//! Signatures of epay: the canonical string, MD5 with a key (V1), SHA256withRSA (V2).
//!
//! Comes in: fields. Goes out: what is signed, a signature, or whether one is right. MD5 texts
//! are compared in constant time, upper and lower case taken as one; RSA signs blinded, with
//! randomness drawn from the call's nonce (the port has no generator). Source: epay.md §2, §3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};
use rsa::sha2::Sha256;
use rsa::traits::PrivateKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::seal::hmac;

/// `k=v&…` of every field but `sign`, `sign_type` and the empty ones, sorted by name; values
/// as they are, not encoded.
pub(super) fn canonical<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut signed: Vec<(&str, &str)> = fields
        .into_iter()
        .filter(|(name, value)| !matches!(*name, "sign" | "sign_type") && !value.is_empty())
        .collect();
    signed.sort_unstable();
    let pairs: Vec<String> = signed.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join("&")
}

/// The V1 signature: MD5 of the string and the key behind it, lower-case hex.
pub(super) fn md5(text: &str, key: &str) -> String {
    let mut hash = Md5::new();
    hash.update(text.as_bytes());
    hash.update(key.as_bytes());
    hex::encode(hash.finalize())
}

/// Whether `given` is the V1 signature of `text`.
pub(super) fn md5_is_right(text: &str, key: &str, given: &str) -> bool {
    let given = given.to_ascii_lowercase();
    md5(text, key).as_bytes().ct_eq(given.as_bytes()).into()
}

/// The keys of a V2 account.
pub(super) struct RsaKeys {
    ours: RsaPrivateKey,
    theirs: RsaPublicKey,
    blinding: Zeroizing<[u8; 32]>,
}

impl RsaKeys {
    /// Keys that were checked.
    pub(super) fn new(ours: RsaPrivateKey, theirs: RsaPublicKey) -> Self {
        let secret = Zeroizing::new(ours.d().to_bytes_be());
        let blinding = Zeroizing::new(hmac(&secret, &[b"vendgate/epay/blinding"]));
        RsaKeys {
            ours,
            theirs,
            blinding,
        }
    }

    /// The V2 signature of a string, base64. Empty if the key cannot sign, which a checked key
    /// always can; the platform then refuses the request.
    pub(super) fn sign(&self, text: &str, nonce: &[u8; 16]) -> String {
        let mut blinding = Blinding {
            seed: Zeroizing::new(hmac(&*self.blinding, &[nonce, text.as_bytes()])),
            block: 0,
        };
        let digest = Sha256::digest(text.as_bytes());
        let padding = Pkcs1v15Sign::new::<Sha256>();
        match self.ours.sign_with_rng(&mut blinding, padding, &digest) {
            Ok(signature) => STANDARD.encode(signature),
            Err(_) => String::new(),
        }
    }

    /// Whether `given` is the platform's signature of `text`.
    pub(super) fn is_right(&self, text: &str, given: &str) -> bool {
        let Ok(signature) = STANDARD.decode(given) else {
            return false;
        };
        let digest = Sha256::digest(text.as_bytes());
        let padding = Pkcs1v15Sign::new::<Sha256>();
        self.theirs.verify(padding, &digest, &signature).is_ok()
    }
}

/// Whether a `sign_type` names what V2 uses; it never chooses the algorithm (X05).
pub(super) fn names_rsa(sign_type: Option<&str>) -> bool {
    sign_type
        .is_some_and(|t| t.eq_ignore_ascii_case("RSA") || t.eq_ignore_ascii_case("SHA256WithRSA"))
}

/// Random bytes that nobody without the private key can tell: HMAC-SHA256 in counter mode over
/// the call's nonce and text. They hide the timing of one signature and change none of its
/// bytes.
struct Blinding {
    seed: Zeroizing<[u8; 32]>,
    block: u64,
}

impl RngCore for Blinding {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = hmac(&*self.seed, &[&self.block.to_be_bytes()]);
            self.block += 1;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Blinding {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::timing_tests::take_the_same_time;

    /// X13: how long a V1 signature is looked at says nothing of where it is wrong.
    #[test]
    fn a_wrong_letter_takes_the_same_time_wherever_it_stands() {
        let (text, key) = ("money=19.90&out_trade_no=VG1&pid=1001", "0123456789abcdef");
        let right = md5(text, key);
        assert!(md5_is_right(text, key, &right));
        let other = |letter: &str| if letter == "0" { "1" } else { "0" };
        let first = format!("{}{}", other(&right[..1]), &right[1..]);
        let last = format!("{}{}", &right[..31], other(&right[31..]));
        take_the_same_time(
            || md5_is_right(text, key, &first),
            || md5_is_right(text, key, &last),
        );
    }
}
