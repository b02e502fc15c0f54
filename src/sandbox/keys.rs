//! Keys and signatures of the three protocols, as the gateway's side computes them.

use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey, rand_core};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Error;
use super::model::Merchant;
use crate::random::Random;

/// A merchant with its RSA keys read.
pub(super) struct Known {
    pub(super) merchant: Merchant,
    pub(super) public: Option<VerifyingKey<Sha256>>,
    pub(super) private: Option<SigningKey<Sha256>>,
}

impl From<Merchant> for Known {
    fn from(merchant: Merchant) -> Self {
        let public = merchant.merchant_public_key.as_deref().and_then(public_key);
        let private = merchant
            .platform_private_key
            .as_deref()
            .and_then(private_key);
        Known {
            public: public.map(VerifyingKey::new),
            private: private.map(SigningKey::new),
            merchant,
        }
    }
}

/// Refuses a merchant whose keys could not be used, or are too short to be keys.
pub(super) fn check(merchant: &Merchant) -> Result<(), Error> {
    let no = |why: &str| Err(Error::Merchant(format!("{}: {why}", merchant.id)));
    if merchant.id.is_empty() || merchant.id.len() > 64 {
        return no("the name has 1 to 64 characters");
    }
    if merchant.own_key.as_ref().is_some_and(|key| key.len() < 32) {
        return no("the key has at least 32 characters");
    }
    if merchant.md5_key.as_ref().is_some_and(|key| key.len() < 16) {
        return no("the MD5 key has at least 16 characters");
    }
    if merchant
        .merchant_public_key
        .as_deref()
        .is_some_and(|pem| public_key(pem).is_none())
    {
        return no("merchant_public_key is no RSA public key");
    }
    if merchant
        .platform_private_key
        .as_deref()
        .is_some_and(|pem| private_key(pem).is_none())
    {
        return no("platform_private_key is no RSA private key");
    }
    if merchant.merchant_public_key.is_some() != merchant.platform_private_key.is_some() {
        return no("epay V2 wants merchant_public_key and platform_private_key");
    }
    Ok(())
}

fn public_key(pem: &str) -> Option<RsaPublicKey> {
    let spki = RsaPublicKey::from_public_key_pem(pem.trim()).ok();
    spki.or_else(|| RsaPublicKey::from_pkcs1_pem(pem.trim()).ok())
}

fn private_key(pem: &str) -> Option<RsaPrivateKey> {
    let pkcs8 = RsaPrivateKey::from_pkcs8_pem(pem.trim()).ok();
    pkcs8.or_else(|| RsaPrivateKey::from_pkcs1_pem(pem.trim()).ok())
}

/// Compares without telling where two texts differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}

/// Lower-case hex HMAC-SHA256.
pub(super) fn hmac_hex(key: &str, text: &str) -> String {
    // HMAC takes keys of every length; an error cannot happen and would fit no signature.
    Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(text.as_bytes()).finalize().into_bytes()))
        .unwrap_or_default()
}

/// Lower-case hex MD5 of the text with the key appended: epay V1.
pub(super) fn md5_hex(text: &str, key: &str) -> String {
    hex::encode(
        Md5::new()
            .chain_update(text.as_bytes())
            .chain_update(key.as_bytes())
            .finalize(),
    )
}

/// Base64 of SHA256withRSA, blinded: epay V2.
pub(super) fn rsa_sign(key: &SigningKey<Sha256>, text: &str, random: &dyn Random) -> String {
    STANDARD.encode(
        key.sign_with_rng(&mut Blind(random), text.as_bytes())
            .to_bytes(),
    )
}

/// Whether a base64 signature fits.
pub(super) fn rsa_fits(key: &VerifyingKey<Sha256>, text: &str, signature: &str) -> bool {
    STANDARD
        .decode(signature)
        .ok()
        .and_then(|bytes| Signature::try_from(bytes.as_slice()).ok())
        .is_some_and(|signature| key.verify(text.as_bytes(), &signature).is_ok())
}

/// Our source of random bytes in the shape the RSA crate asks for.
struct Blind<'a>(&'a dyn Random);

impl rand_core::RngCore for Blind<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.bytes())
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(dest);
        Ok(())
    }
}

impl rand_core::CryptoRng for Blind<'_> {}
