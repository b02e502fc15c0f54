//! Randomness, which comes in through parameters only.
//!
//! Keys, tokens, session ids and nonces always come from [`SystemRandom`]; a seeded source
//! exists for simulations and test builds alone (design.md §9).

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// Where random bytes come from.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number below `bound` (which must not be 0), without modulo bias worth naming: the
    /// bias is below 2⁻³² for every bound of 32 bits.
    pub fn below(&self, bound: u32) -> u32 {
        let wide = u64::from_le_bytes(self.bytes());
        u32::try_from(wide % u64::from(bound.max(1))).unwrap_or(0)
    }
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without randomness cannot make one safe token; stopping is the safe answer.
        #[expect(clippy::expect_used, reason = "no safe way on without randomness")]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Bytes derived from 32 secret random ones by SHA-256 in counter mode. A job that may run twice
/// makes its ids from one of these, so that the second run makes the same ids.
pub struct Derived {
    seed: [u8; 32],
    turn: AtomicU64,
}

impl Derived {
    /// Begins a sequence; the same seed begins the same one.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Derived {
            seed,
            turn: AtomicU64::new(0),
        }
    }
}

impl Random for Derived {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let mut digest = Sha256::new();
            digest.update(self.seed);
            digest.update(turn.to_le_bytes());
            chunk.copy_from_slice(&digest.finalize()[..chunk.len()]);
        }
    }
}

/// SplitMix64 from a seed: replayable, never for secrets.
#[cfg(any(test, feature = "failpoints"))]
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

#[cfg(any(test, feature = "failpoints"))]
impl SeededRandom {
    /// The same seed gives the same bytes, in the same order of calls.
    pub fn from_seed(seed: u64) -> Self {
        SeededRandom(AtomicU64::new(seed))
    }
}

#[cfg(any(test, feature = "failpoints"))]
impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks_mut(8) {
            let state = self.0.fetch_add(STEP, Ordering::SeqCst);
            let mut z = state.wrapping_add(STEP);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
