//! The proof that somebody reads the mail of an address: what a mailed link carries, and the
//! cookie of the browser that opened it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::{MINUTE, Millis};
use crate::random::Random;
use crate::seal::Sealer;

/// How long a mailed link opens anything, from the moment it was asked for.
pub const PROVED_FOR: Millis = 30 * MINUTE;

/// The associated data a proof is sealed with.
const PLACE: &str = "buyer.link";

/// Somebody reads the mail of this address until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The keyed hash of the address ([`super::email_hash`]).
    pub email_hash: String,
    /// UTC; from then on it proves nothing.
    pub until: Millis,
}

impl Proof {
    /// As it goes into a link: letters, digits, `-` and `_`; nobody without the key can make or
    /// read one.
    pub fn sealed(&self, sealer: &Sealer, random: &dyn Random) -> String {
        let plain = format!("{}/{}", self.until, self.email_hash);
        URL_SAFE_NO_PAD.encode(sealer.seal(plain.as_bytes(), PLACE, random))
    }

    /// Reads what a client sent; none = it is no proof, or its time is over.
    pub fn opened(sealer: &Sealer, text: &str, now: Millis) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = sealer.open_text(&sealed, PLACE).ok()?;
        let (until, email_hash) = plain.split_once('/')?;
        let until: Millis = until.parse().ok()?;
        (now < until && until <= now + PROVED_FOR).then(|| Proof {
            email_hash: email_hash.to_owned(),
            until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_proof_holds_for_its_time_and_for_its_own_shop() {
        let random = SeededRandom::from_seed(8);
        let ring = |seed| Sealer::new_ring(&SeededRandom::from_seed(seed));
        let sealer = Sealer::from_ring(&ring(1)).expect("a ring");
        let other = Sealer::from_ring(&ring(2)).expect("a ring");
        let proof = Proof {
            email_hash: "ab".repeat(32),
            until: 10 * MINUTE,
        };
        let text = proof.sealed(&sealer, &random);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        assert!(text.bytes().all(plain) && text.len() < 200, "{text}");
        assert_eq!(Proof::opened(&sealer, &text, 0).as_ref(), Some(&proof));
        assert_eq!(Proof::opened(&sealer, &text, 10 * MINUTE), None, "over");
        assert_eq!(
            Proof::opened(&sealer, &text, -21 * MINUTE),
            None,
            "too early to be ours"
        );
        assert_eq!(Proof::opened(&other, &text, 0), None, "of another shop");
        for at in [0, 30, text.len() - 1] {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("text");
            assert_eq!(Proof::opened(&sealer, &forged, 0), None);
        }
        for nothing in ["", "x", "AAAA"] {
            assert_eq!(Proof::opened(&sealer, nothing, 0), None);
        }
    }
}
