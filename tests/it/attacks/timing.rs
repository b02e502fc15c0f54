//! What the time of an answer tells.

use std::time::{Duration, Instant};

use super::forge::{genuine_v1, send_raw, with};
use super::ground::{buy, stock_up};
use crate::harness::{TestShop, on_both_engines};

/// Samples of each of two questions.
const SAMPLES: usize = 400;
/// Medians of the same work are nearer than this, and a fifth of them.
const NOISE: Duration = Duration::from_micros(300);
/// A machine that is busy is given another chance.
const CHANCES: usize = 3;

/// The same text with another letter at one place: what is wrong has the form of what is right.
fn spoilt(right: &str, at: usize) -> String {
    let other = if right[at..].starts_with('a') {
        "b"
    } else {
        "a"
    };
    format!("{}{other}{}", &right[..at], &right[at + 1..])
}

async fn timed(ask: &impl AsyncFn()) -> Duration {
    let began = Instant::now();
    ask().await;
    began.elapsed()
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

/// Panics unless both take the same time: their medians, asked in turns.
async fn take_the_same_time(what: &str, one: impl AsyncFn(), other: impl AsyncFn()) {
    let mut seen = Vec::new();
    for _ in 0..CHANCES {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for n in 0..SAMPLES {
            if n % 2 == 0 {
                first.push(timed(&one).await);
                second.push(timed(&other).await);
            } else {
                second.push(timed(&other).await);
                first.push(timed(&one).await);
            }
        }
        let (first, second) = (median(first), median(second));
        if first.abs_diff(second) < NOISE + first.max(second) / 5 {
            return;
        }
        seen.push((first, second));
    }
    panic!("{what}: {seen:?}");
}

async fn refused(shop: &TestShop, no: &str, token: &str) {
    assert_eq!(shop.try_order(no, token).await.status, 404);
}

on_both_engines!(
    /// X13: "I listen how long they compare." A token or a signature that is wrong in its first
    /// letter is answered as soon as one that is wrong in its last, and a number that exists as
    /// soon as one that does not. The comparisons alone are timed more finely beside them
    /// (`channel/timing_tests.rs`).
    the_time_of_an_answer_tells_nothing,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "wechat").await;
        let (no, token) = (&order.order_no, &order.view_token);
        // The last letter of a token has bits that must be nothing: the one before it counts.
        let (first, last) = (spoilt(token, 0), spoilt(token, 20));
        take_the_same_time(
            "tokens",
            async || refused(&shop, no, &first).await,
            async || refused(&shop, no, &last).await,
        )
        .await;
        take_the_same_time(
            "numbers",
            async || refused(&shop, no, &first).await,
            async || refused(&shop, "2222-2222-2222", &first).await,
        )
        .await;

        let right = genuine_v1(&shop, &order);
        let wrong = |at| super::forge::query(&with(right.clone(), "sign", &spoilt(&right["sign"], at)));
        let (first, last) = (wrong(0), wrong(31));
        let fails = async |query: &str| {
            assert_eq!(send_raw(&shop, "epay-1", query).await.text(), "fail");
        };
        // The first few are kept, the others counted.
        for _ in 0..30 {
            fails(&first).await;
        }
        take_the_same_time("signatures", async || fails(&first).await, async || {
            fails(&last).await;
        })
        .await;
        assert_eq!(shop.order(no, token).await["state"], "pending_payment");
    }
);
