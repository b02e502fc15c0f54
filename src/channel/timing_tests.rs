//! A stopwatch for what must take the same time whatever it compares (X13).

use std::hint::black_box;
use std::time::{Duration, Instant};

/// So many samples of each.
const SAMPLES: usize = 100_000;
/// Less than a comparison letter by letter would show, more than two runs differ by.
const NOISE: Duration = Duration::from_nanos(120);
/// A machine that is busy is given another chance.
const CHANCES: usize = 3;

/// Panics unless both take the same time: their medians over many samples, taken in turns.
#[track_caller]
pub(super) fn take_the_same_time(one: impl Fn() -> bool, other: impl Fn() -> bool) {
    let timed = |what: &dyn Fn() -> bool| {
        let began = Instant::now();
        black_box(what());
        began.elapsed()
    };
    let mut seen = Vec::new();
    for _ in 0..CHANCES {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for n in 0..SAMPLES {
            // In both orders, so that neither is always the one that finds things warm.
            if n % 2 == 0 {
                first.push(timed(&one));
                second.push(timed(&other));
            } else {
                second.push(timed(&other));
                first.push(timed(&one));
            }
        }
        let (first, second) = (median(first), median(second));
        if first.abs_diff(second) < NOISE {
            return;
        }
        seen.push((first, second));
    }
    panic!("they do not take the same time: {seen:?}");
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

/// What would tell where two texts differ is noticed.
#[test]
#[should_panic(expected = "they do not take the same time")]
fn a_comparison_that_stops_early_is_noticed() {
    let right = vec![b'a'; 64];
    let compare = |given: &[u8]| {
        let mut at = 0;
        while at < right.len() && right[at] == given[at] {
            at += 1;
            black_box(at);
        }
        at == right.len()
    };
    let (mut first, mut last) = (right.clone(), right.clone());
    first[0] = b'b';
    last[63] = b'b';
    take_the_same_time(|| compare(&first), || compare(&last));
}
