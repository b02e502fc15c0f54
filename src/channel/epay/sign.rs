//! Signatures of epay: the canonical string, MD5 with a key (V1), SHA256withRSA (V2).
//!
//! Comes in: fields. Goes out: what is signed, a signature, or whether one is right. MD5 texts
//! are compared in constant time, upper and lower case taken as one. Source: epay.md §2, §3.

use md5::{Digest as _, Md5};
use rsa::{RsaPrivateKey, RsaPublicKey};
use subtle::ConstantTimeEq as _;

use crate::channel::rsa_sign::{Signer, is_signed};

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
    ours: Signer,
    theirs: RsaPublicKey,
}

impl RsaKeys {
    /// Keys that were checked.
    pub(super) fn new(ours: RsaPrivateKey, theirs: RsaPublicKey) -> Self {
        RsaKeys {
            ours: Signer::new(ours),
            theirs,
        }
    }

    /// The V2 signature of a string, base64.
    pub(super) fn sign(&self, text: &str, nonce: &[u8; 16]) -> String {
        self.ours.sign(text.as_bytes(), nonce)
    }

    /// Whether `given` is the platform's signature of `text`.
    pub(super) fn is_right(&self, text: &str, given: &str) -> bool {
        is_signed(&self.theirs, text.as_bytes(), given)
    }
}

/// Whether a `sign_type` names what V2 uses; it never chooses the algorithm (X05).
pub(super) fn names_rsa(sign_type: Option<&str>) -> bool {
    sign_type
        .is_some_and(|t| t.eq_ignore_ascii_case("RSA") || t.eq_ignore_ascii_case("SHA256WithRSA"))
}

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
