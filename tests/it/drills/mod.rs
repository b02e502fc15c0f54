//! The fault drills (spec/drills.md): what goes wrong is done on purpose, and afterwards the
//! book holds, nothing is lost and nothing is delivered twice.
//!
//! The gateway is a process of its own and keeps trying; both stand on one clock that a drill
//! moves instead of waiting. Where a comment says "fails when …", that line was taken out of
//! the source once, and the drill was seen to fail.

mod away;
mod clock;
mod create;
mod jobs;
mod kills;
mod money;
mod nodes;
mod silent;
mod stage;
mod storm;

/// The seed of this run (`DRILL_SEED`, else another one each time), printed for the repetition.
fn seed() -> u64 {
    let given = std::env::var("DRILL_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::from(since.subsec_nanos()))
    });
    println!("DRILL_SEED={seed}");
    seed
}
