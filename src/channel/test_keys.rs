//! RSA keys for tests, the same in every run.

use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};

use crate::random::{Random as _, SeededRandom};

struct Seeded(SeededRandom);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

/// The key of a seed.
pub(super) fn generate(seed: u64, bits: usize) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut Seeded(SeededRandom::from_seed(seed)), bits).expect("a key")
}

/// PKCS#8 in PEM.
pub(super) fn private_pem(key: &RsaPrivateKey) -> String {
    key.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string()
}

/// The public half, SPKI in PEM.
pub(super) fn public_pem(key: &RsaPrivateKey) -> String {
    let public = key.to_public_key();
    public.to_public_key_pem(LineEnding::LF).expect("PEM")
}
