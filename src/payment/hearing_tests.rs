use super::*;
use proptest::prelude::*;

fn account() -> AccountId {
    "epay-main".parse().expect("an account")
}

/// Asks with probes alone until `end`, always in vain; when each probe went.
fn probes(ear: &mut Ear, mut now: Millis, end: Millis) -> Vec<Millis> {
    let mut went = Vec::new();
    while now < end {
        if ear.may_ask(now, 12) > 0 {
            went.push(now);
            ear.silent(now, now + 4 * SECOND);
            now += 4 * SECOND;
        }
        now += SECOND / 2;
    }
    went
}

#[test]
fn a_silent_account_is_probed_at_growing_gaps_and_heard_at_once() {
    let (hearing, account) = (Hearing::default(), account());
    for n in 0..SILENT_AFTER {
        assert_eq!(hearing.may_ask(&account, 0, 12), 12, "after {n} silences");
        hearing.silent(&account, 0, 4 * SECOND);
    }
    assert_eq!(hearing.may_ask(&account, 4 * SECOND, 12), 0);
    assert_eq!(hearing.may_ask(&account, 6 * SECOND, 12), 1, "one probe");
    assert_eq!(hearing.may_ask(&account, 6 * SECOND, 12), 0, "is under way");
    hearing.answered(&account);
    assert_eq!(hearing.may_ask(&account, 6 * SECOND, 12), 12);
    // One silence among answers is none.
    hearing.silent(&account, 7 * SECOND, 8 * SECOND);
    hearing.answered(&account);
    hearing.silent(&account, 8 * SECOND, 9 * SECOND);
    hearing.silent(&account, 8 * SECOND, 9 * SECOND);
    assert_eq!(hearing.may_ask(&account, 9 * SECOND, 12), 12);
}

fn silent_ear() -> Ear {
    let mut ear = Ear::default();
    for _ in 0..12 {
        // All under way together: the gap does not grow twelvefold.
        ear.silent(0, 4 * SECOND);
    }
    ear
}

#[test]
fn the_gaps_double_up_to_a_minute() {
    let mut ear = silent_ear();
    assert_eq!(ear.gap(), FIRST_GAP);
    let went = probes(&mut ear, 4 * SECOND, 600 * SECOND);
    let gaps: Vec<Millis> = went.windows(2).map(|w| (w[1] - w[0]) / SECOND).collect();
    // Four seconds of them are the probe's own patience.
    assert_eq!(gaps[..5], [8, 12, 20, 36, 64], "{went:?}");
    assert!(gaps[5..].iter().all(|gap| *gap == 64), "{gaps:?}");
}

/// While a buyer looks at a page, the account is probed every few seconds.
#[test]
fn open_pages_shorten_the_gap() {
    let mut ear = silent_ear();
    probes(&mut ear, 4 * SECOND, 600 * SECOND);
    let mut went = Vec::new();
    for now in (700 * SECOND..820 * SECOND).step_by(1_000) {
        ear.looked_at = Some(now);
        if ear.may_ask(now, 12) > 0 {
            went.push(now);
            ear.silent(now, now + SECOND);
        }
    }
    assert!(
        went.windows(2).all(|w| w[1] - w[0] <= 10 * SECOND),
        "{went:?}"
    );
    assert!(went.len() <= 20, "{} probes in two minutes", went.len());
}

proptest! {
    /// However the clock jumps, a silent account is probed again within its longest gap, and
    /// never with two questions at once.
    #[test]
    fn there_is_always_a_next_probe(
        steps in prop::collection::vec((0i64..90, any::<bool>(), any::<bool>()), 1..60),
        back in 0i64..200_000,
    ) {
        let mut ear = silent_ear();
        let mut now = 1_000_000 * SECOND;
        for (seconds, looks, fails) in steps {
            now += seconds * SECOND;
            if looks {
                ear.looked_at = Some(now);
            }
            let may = ear.may_ask(now, 12);
            prop_assert!(may <= 1);
            if may == 1 && fails {
                ear.silent(now, now + 4 * SECOND);
                now += 4 * SECOND;
            }
        }
        now -= back * SECOND;
        let later = (0..=(LONGEST_GAP / SECOND)).any(|s| ear.may_ask(now + s * SECOND, 12) == 1);
        prop_assert!(later);
    }
}
