//! What strangers can send, by the thousand: every reader at the edge is fed mutations of what it
//! should read. Nothing may panic, grow without bound, read back differently than it was
//! written, or take an altered notice for an authentic one.
//!
//! `make test` plays a few hundred cases of each, `make fuzz` plays each for `FUZZ_SECONDS`. The
//! first cases are the files of `tests/it/fuzz/corpus`; a case that fails is written to
//! `target/fuzz` and belongs into the corpus once it is mended.

mod mutate;
mod notices;
mod shop;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Mutator;

/// No single case takes this long unless something is wrong with it.
const SLOW: Duration = Duration::from_secs(2);

/// How long one target is played.
enum Limit {
    Cases(u32),
    Until(Instant),
}

impl Limit {
    /// `FUZZ_SECONDS`, or so many cases.
    fn of(cases: u32) -> Self {
        let seconds = std::env::var("FUZZ_SECONDS").ok();
        match seconds.and_then(|text| text.parse().ok()) {
            Some(seconds) => Limit::Until(Instant::now() + Duration::from_secs(seconds)),
            None => Limit::Cases(cases),
        }
    }

    fn is_over(&self, played: u32) -> bool {
        match self {
            Limit::Cases(cases) => played >= *cases,
            Limit::Until(end) => Instant::now() >= *end,
        }
    }
}

/// `FUZZ_SEED`, else another one each time; printed for the repetition.
fn seed() -> u64 {
    let given = std::env::var("FUZZ_SEED").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::from(since.subsec_nanos()))
    })
}

/// The committed cases of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/fuzz/corpus")
        .join(target);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let cases: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).expect("a case"))
        .collect();
    assert!(!cases.is_empty(), "{} is empty", folder.display());
    cases
}

/// Keeps a case that failed, and says where.
fn keep(target: &str, case: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    std::fs::create_dir_all(&folder).expect("a folder for what failed");
    let name = vendgate::seal::hmac(b"case", &[case]);
    let file = folder.join(format!("{target}-{}", hex::encode(&name[..6])));
    std::fs::write(&file, case).expect("the case is kept");
    file
}

/// Plays `property` over the seeds as they are, then over mutations of them.
fn play(target: &str, seeds: Vec<Vec<u8>>, words: &[&str], property: impl Fn(&[u8])) {
    let seed = seed();
    println!("FUZZ_SEED={seed} ({target})");
    let mut mutator = Mutator::new(seed, seeds.clone(), words);
    let limit = Limit::of(400);
    let mut played = 0;
    let mut first = seeds.into_iter();
    while let Some(case) = first
        .next()
        .or_else(|| (!limit.is_over(played)).then(|| mutator.next()))
    {
        let began = Instant::now();
        let held = catch_unwind(AssertUnwindSafe(|| property(&case)));
        let took = began.elapsed();
        if held.is_err() || took > SLOW {
            let file = keep(target, &case);
            panic!(
                "{target}: case {played} of FUZZ_SEED={seed} {} ({took:?}); it is kept in {}:\n{}",
                if held.is_err() { "breaks" } else { "hangs" },
                file.display(),
                String::from_utf8_lossy(&case)
            );
        }
        played += 1;
    }
    println!("{target}: {played} cases");
}
