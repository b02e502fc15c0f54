//! SHA256 with RSA (PKCS#1 v1.5), as channels sign with it.
//!
//! Comes in: bytes. Goes out: a signature in base64, or whether one is right. It signs blinded,
//! with randomness drawn from the call's nonce (the port has no generator).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};
use rsa::sha2::{Digest as _, Sha256};
use rsa::traits::PrivateKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use crate::seal::hmac;

/// Our private key, ready to sign.
pub(super) struct Signer {
    ours: RsaPrivateKey,
    blinding: Zeroizing<[u8; 32]>,
}

impl Signer {
    /// With a key that was checked.
    pub(super) fn new(ours: RsaPrivateKey) -> Self {
        let secret = Zeroizing::new(ours.d().to_bytes_be());
        let blinding = Zeroizing::new(hmac(&secret, &[b"vendgate/rsa/blinding"]));
        Signer { ours, blinding }
    }

    /// The signature of a text, base64. Empty if the key cannot sign, which a checked key always
    /// can; the channel then refuses the request.
    pub(super) fn sign(&self, text: &[u8], nonce: &[u8; 16]) -> String {
        let mut blinding = Blinding {
            seed: Zeroizing::new(hmac(&*self.blinding, &[nonce, text])),
            block: 0,
        };
        let digest = Sha256::digest(text);
        let padding = Pkcs1v15Sign::new::<Sha256>();
        match self.ours.sign_with_rng(&mut blinding, padding, &digest) {
            Ok(signature) => STANDARD.encode(signature),
            Err(_) => String::new(),
        }
    }
}

/// Whether `given` (base64) is the signature of `text` by the owner of this key.
pub(super) fn is_signed(key: &RsaPublicKey, text: &[u8], given: &str) -> bool {
    let Ok(signature) = STANDARD.decode(given) else {
        return false;
    };
    let digest = Sha256::digest(text);
    let padding = Pkcs1v15Sign::new::<Sha256>();
    key.verify(padding, &digest, &signature).is_ok()
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
