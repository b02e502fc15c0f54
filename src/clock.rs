//! Time, which comes in through parameters only.
//!
//! [`Clock`] is asked at the edges; everything inside takes a [`Millis`]. Times are UTC
//! milliseconds since 1970 in rows and in code (design.md §3).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// One second in [`Millis`].
pub const SECOND: Millis = 1_000;
/// One minute in [`Millis`].
pub const MINUTE: Millis = 60 * SECOND;
/// One hour in [`Millis`].
pub const HOUR: Millis = 60 * MINUTE;
/// One day of 24 hours in [`Millis`].
pub const DAY: Millis = 24 * HOUR;

/// By how much the clocks of nodes may differ without anybody having set one back.
pub const SKEW: Millis = MINUTE;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Millis;
}

/// The machine's clock. In test builds (feature `failpoints`) a file named by
/// `VENDGATE_CLOCK` holds an offset in milliseconds that is added to it.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        now.saturating_add(offset())
    }
}

#[cfg(not(feature = "failpoints"))]
fn offset() -> Millis {
    0
}

#[cfg(feature = "failpoints")]
fn offset() -> Millis {
    std::env::var_os("VENDGATE_CLOCK")
        .and_then(|path| std::fs::read_to_string(path).ok())
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

/// A clock that stands until it is moved: simulations and unit tests.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `at`.
    pub fn at(at: Millis) -> Self {
        FixedClock(AtomicI64::new(at))
    }

    /// Moves it forward (or back) by `by`.
    pub fn advance(&self, by: Millis) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}
