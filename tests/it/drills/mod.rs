//! The fault drills (spec/drills.md): what goes wrong is done on purpose, and afterwards the
//! book holds, nothing is lost and nothing is delivered twice.
//!
//! The gateway is a process of its own and keeps trying; both stand on one clock that a drill
//! moves instead of waiting. Where a comment says "fails when …", that line was taken out of
//! the source once, and the drill was seen to fail.

use sha2::{Digest as _, Sha256};

mod away;
mod clock;
mod create;
mod jobs;
mod kills;
mod money;
mod nodes;
mod odd;
mod refunds;
mod silent;
pub(crate) mod stage;
mod storm;

/// The seed of this run (`DRILL_SEED`, else another one each time), printed for the repetition.
/// `make drills` plays every drill with twenty of them.
fn seed() -> u64 {
    let given = std::env::var("DRILL_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::from(since.subsec_nanos()))
    });
    println!("DRILL_SEED={seed}");
    seed
}

/// A number below `below` for one choice of a drill, the same for the same seed.
fn drawn(seed: u64, choice: &str, below: u64) -> u64 {
    let digest = Sha256::digest(format!("{seed}/{choice}"));
    let first = digest.first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first) % below
}

/// Whether outages last as long as the specification says on the machine's clock too, as
/// `make drills` has it, and not on the shop's and the gateway's clock alone.
fn in_full() -> bool {
    std::env::var_os("DRILL_FULL").is_some()
}
