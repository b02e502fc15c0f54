//! The limits in one process: by a clock that is pushed, and by names of people.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::FakeRelativeClock;

use super::memory::{Memory, SLOTS};
use super::{BUCKETS, By, Kind, Limits, Wait};
use crate::random::SeededRandom;
use crate::seal::Sealer;
use crate::settings::{Limit, Settings};

fn limit(text: &str) -> Limit {
    text.parse().unwrap()
}

fn sealer(seed: u64) -> Arc<Sealer> {
    let ring = Sealer::new_ring(&SeededRandom::from_seed(seed));
    Arc::new(Sealer::from_ring(&ring).unwrap())
}

fn limits(change: impl FnOnce(&mut Settings)) -> Limits {
    let mut settings = Settings::default();
    change(&mut settings);
    Limits::new(sealer(1), &settings)
}

/// How many of `n` pass.
async fn passed<F: Future<Output = Result<(), Wait>>>(n: usize, ask: impl Fn() -> F) -> usize {
    let mut passed = 0;
    for _ in 0..n {
        passed += usize::from(ask().await.is_ok());
    }
    passed
}

#[test]
fn a_burst_passes_and_comes_back_one_by_one() {
    let clock = FakeRelativeClock::default();
    let memory = Memory::with_clock(limit("3, 6/min"), clock.clone());
    for _ in 0..3 {
        assert_eq!(memory.pass(7), Ok(()));
    }
    assert_eq!(memory.pass(7), Err(Duration::from_secs(10)));
    assert_eq!(memory.pass(8), Ok(()), "somebody else");
    clock.advance(Duration::from_millis(9_500));
    // Asking while it is too early costs nothing.
    assert_eq!(memory.pass(7), Err(Duration::from_millis(500)));
    clock.advance(Duration::from_millis(500));
    assert_eq!(memory.pass(7), Ok(()));
    assert_eq!(memory.pass(7), Err(Duration::from_secs(10)));
    clock.advance(Duration::from_secs(3_600));
    for _ in 0..3 {
        assert_eq!(memory.pass(7), Ok(()), "never more than a burst");
    }
    assert!(memory.pass(7).is_err());
}

#[test]
fn whoever_is_idle_is_forgotten() {
    let clock = FakeRelativeClock::default();
    let memory = Memory::with_clock(limit("2, 1/s"), clock.clone());
    for slot in 0..1_000 {
        assert!(memory.pass(slot).is_ok());
    }
    memory.forget_idle();
    assert_eq!(memory.remembered(), 1_000, "their burst is not whole yet");
    clock.advance(Duration::from_secs(3));
    assert!(memory.pass(5).is_ok());
    memory.forget_idle();
    assert_eq!(memory.remembered(), 1);
}

/// A stranger with a million addresses fills no more than the slots there are.
#[test]
fn many_addresses_fill_a_bounded_place() {
    let limits = limits(|_| {});
    let slots: BTreeSet<u32> = (0..20_000)
        .map(|n| limits.slot(Kind::Lookup, By::Network, &format!("2001:db8:{n:x}::/64")))
        .collect();
    assert!(slots.iter().all(|slot| *slot < SLOTS));
    assert!(slots.len() > 18_000, "and they are spread: {}", slots.len());
    // Who shares a place with whom differs from shop to shop and from limit to limit.
    let other = Limits::new(sealer(2), &Settings::default());
    let of = |limits: &Limits, kind| limits.slot(kind, By::Network, "203.0.113.7");
    assert_ne!(of(&limits, Kind::Lookup), of(&other, Kind::Lookup));
    assert_ne!(of(&limits, Kind::Lookup), of(&limits, Kind::Login));
}

#[test]
fn every_setting_of_a_limit_has_its_bucket() {
    let settings = serde_json::to_value(Settings::default()).unwrap();
    let told: BTreeSet<&str> = settings
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.starts_with("limit_"))
        .filter_map(|(_, value)| value.as_str())
        .collect();
    let used: BTreeSet<String> = BUCKETS
        .iter()
        .map(|(_, _, says)| says(&Settings::default()).to_string())
        .collect();
    assert_eq!(told, used.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn a_network_and_an_address_have_a_limit_each() {
    let limits = limits(|s| s.limit_placement = limit("4, 1/h"));
    let one = passed(9, || limits.placement("203.0.113.7", "ann"));
    assert_eq!(one.await, 4);
    let wait = limits.placement("203.0.113.7", "bob").await.unwrap_err();
    assert_eq!(wait.kind, Kind::Placement);
    assert!((3_500..=3_600).contains(&wait.seconds()), "{wait:?}");
    // The address is at its end, wherever it comes from; the other one is not.
    assert!(limits.placement("203.0.113.8", "ann").await.is_err());
    assert!(limits.placement("203.0.113.8", "bob").await.is_ok());
    // Other deeds are not concerned.
    assert!(limits.lookup("203.0.113.7").await.is_ok());
    assert!(limits.status("203.0.113.7").await.is_ok());
}

#[tokio::test]
async fn links_are_rationed_for_each_address() {
    let limits = limits(|_| {});
    assert_eq!(passed(9, || limits.link("203.0.113.7", "ann")).await, 3);
    let wait = limits.link("203.0.113.8", "ann").await.unwrap_err();
    assert!((500..=600).contains(&wait.seconds()), "{wait:?}");
    assert!(limits.link("203.0.113.8", "bob").await.is_ok());
}

#[tokio::test]
async fn a_change_of_one_limit_leaves_the_others() {
    let limits = limits(|s| s.limit_status = limit("2, 1/h"));
    assert_eq!(passed(5, || limits.lookup("a")).await, 5);
    assert_eq!(passed(5, || limits.status("a")).await, 2);
    let mut settings = Settings::default();
    settings.limit_status = limit("3, 1/h");
    limits.follow(&settings);
    assert_eq!(passed(5, || limits.status("a")).await, 3, "anew");
    assert_eq!(
        passed(9, || limits.lookup("a")).await,
        5,
        "what was left of ten"
    );
    limits.follow(&settings);
    assert_eq!(passed(5, || limits.status("a")).await, 0, "no change");
}

/// X51: one network is stopped at its own limit and takes nothing from the others; many networks
/// together are stopped at the account's; and all together at everybody's.
#[tokio::test]
async fn logging_in_is_limited_three_times() {
    let limits = limits(|s| {
        s.limit_login = limit("5, 1/h");
        s.limit_login_all = limit("12, 1/h");
    });
    assert_eq!(passed(50, || limits.login("203.0.113.1", "owner")).await, 5);
    // Five were the account's as well; nobody else tries it, and other accounts are free.
    assert_eq!(passed(1, || limits.login("203.0.113.2", "owner")).await, 0);
    let mut others = 0;
    for n in 0..20 {
        let (network, account) = (format!("198.51.100.{n}"), format!("clerk-{n}"));
        others += passed(1, || limits.login(&network, &account)).await;
    }
    assert_eq!(others, 7, "twelve of everybody");
}

/// X51: "I keep the owner out by trying without end." From where they logged in before, only
/// their own network counts.
#[tokio::test]
async fn strangers_lock_nobody_out() {
    let limits = limits(|s| {
        s.limit_login = limit("5, 1/h");
        s.limit_login_all = limit("5, 1/h");
    });
    assert!(limits.login("192.0.2.7", "owner").await.is_ok());
    limits.logged_in("192.0.2.7", "owner");
    for n in 0..40 {
        let network = format!("203.0.113.{n}");
        let _ = limits.login(&network, "owner").await;
    }
    assert!(limits.login("203.0.113.99", "owner").await.is_err());
    assert_eq!(passed(9, || limits.login("192.0.2.7", "owner")).await, 4);
    // It opens no other account, and none from elsewhere.
    assert!(limits.login("192.0.2.8", "owner").await.is_err());
}

#[test]
fn a_wait_is_told_in_whole_seconds() {
    for (millis, seconds) in [
        (0, 1),
        (1, 1),
        (999, 1),
        (1_000, 1),
        (1_001, 2),
        (59_999, 60),
    ] {
        let after = Duration::from_millis(millis);
        let kind = Kind::Lookup;
        assert_eq!(Wait { kind, after }.seconds(), seconds, "{millis}");
    }
}
