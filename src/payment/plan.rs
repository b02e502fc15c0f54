//! When to ask a channel again: PURE. Source: design.md §4 "Polling gaps".

use crate::clock::{HOUR, MINUTE, Millis, SECOND};

/// An attempt is watched this long after it was made, then the bills tell.
pub const WATCH: Millis = 26 * HOUR;

const FIRST: [Millis; 4] = [5 * SECOND, 10 * SECOND, 20 * SECOND, 30 * SECOND];
const UNTIL_DEADLINE: Millis = 60 * SECOND;
const AFTER: [Millis; 7] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
];

/// When to ask next, after the channel has been asked `checks` times; none = no more.
///
/// Gaps grow from 5 s to a minute until the deadline, then from a minute to six hours until
/// `watched_until`. `jitter` in 0..=400 spreads the gap by ±20 %.
pub fn next_check(
    now: Millis,
    expires_at: Millis,
    watched_until: Millis,
    checks: i64,
    jitter: u32,
) -> Option<Millis> {
    if now >= watched_until {
        return None;
    }
    let gap = if now < expires_at {
        let turn = usize::try_from(checks.max(0)).unwrap_or(usize::MAX);
        FIRST.get(turn).copied().unwrap_or(UNTIL_DEADLINE)
    } else {
        // The gap that has passed since the deadline tells which comes next, so that a node
        // that was down goes on where the clock is, not where it left off.
        let since = now - expires_at;
        let mut end = 0;
        AFTER
            .into_iter()
            .find(|gap| {
                end += gap;
                since < end
            })
            .unwrap_or(6 * HOUR)
    };
    let spread = gap / 1_000 * (Millis::from(jitter.min(400)) - 200);
    let at = now + gap + spread;
    Some(if now < expires_at && at > expires_at {
        // Ask once more right at the deadline.
        expires_at.max(now + SECOND)
    } else {
        at.min(watched_until)
    })
}

/// How far ahead the next time of an attempt can stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tier {
    /// Of attempts whose deadline is at most so long ago; none = of all others.
    pub until: Option<Millis>,
    /// From now.
    pub furthest: Millis,
}

/// The tiers, the nearest first: the smallest that fits an attempt holds for it.
pub(super) fn tiers() -> Vec<Tier> {
    let longest = |gap: Millis| gap / 5 * 6;
    let mut tiers = vec![Tier {
        until: Some(0),
        furthest: longest(UNTIL_DEADLINE),
    }];
    let mut end = 0;
    for gap in AFTER {
        end += gap;
        tiers.push(Tier {
            until: Some(end),
            furthest: longest(gap).max(longest(UNTIL_DEADLINE)),
        });
    }
    tiers.push(Tier {
        until: None,
        furthest: longest(6 * HOUR),
    });
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_grow_as_designed() {
        let (mut now, end) = (0, 15 * MINUTE);
        let mut gaps = Vec::new();
        for checks in 0.. {
            let Some(at) = next_check(now, end, WATCH, checks, 200) else {
                break;
            };
            gaps.push((at - now) / SECOND);
            now = at;
        }
        assert_eq!(gaps[..6], [5, 10, 20, 30, 60, 60]);
        let after = gaps
            .iter()
            .position(|g| *g == 120)
            .expect("after the deadline");
        assert_eq!(
            gaps[after - 1..after + 6],
            [60, 120, 300, 600, 1800, 7200, 21600]
        );
    }

    proptest! {
        /// L8: until the watch ends there is always a next time, it is ahead, and before the
        /// deadline it is at most 72 s away.
        #[test]
        fn there_is_always_a_next_time(now in 0..WATCH, checks in 0i64..10_000, jitter in 0u32..=400) {
            let end = 15 * MINUTE;
            let at = next_check(now, end, WATCH, checks, jitter).expect("watched");
            prop_assert!(at > now && at <= WATCH.max(now + SECOND));
            if now < end {
                prop_assert!(at - now <= 72 * SECOND);
            }
        }

        /// No time the schedule gives is taken for one of a clock that was set back, whenever
        /// it is looked at.
        #[test]
        fn no_time_of_the_schedule_is_too_far_ahead(
            now in 0..WATCH, later in 0..WATCH, checks in 0i64..10, jitter in 0u32..=400,
        ) {
            let end = 15 * MINUTE;
            let at = next_check(now, end, WATCH, checks, jitter).expect("watched");
            let seen = now + later;
            let tier = tiers().into_iter().find(|t| t.until.is_none_or(|until| end > seen - until));
            prop_assert!(at - seen <= tier.expect("the last fits all").furthest);
        }
    }
}
