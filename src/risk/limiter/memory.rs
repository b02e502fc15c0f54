//! What this process has let through.

use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::settings::Limit;

/// How many askers one bucket tells apart. Beyond that two share a place, so that a stranger
/// with a million addresses fills a few megabytes and no more; with a thousand visitors at once
/// about two of them share.
pub(super) const SLOTS: u32 = 1 << 18;

type Counted<C> =
    RateLimiter<u32, DashMapStateStore<u32>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One limit for each slot.
pub(super) struct Memory<C: Clock = MonotonicClock> {
    limit: Limit,
    counted: Counted<C>,
}

impl Memory {
    /// Nobody has done anything yet.
    pub(super) fn new(limit: Limit) -> Self {
        Memory::with_clock(limit, MonotonicClock)
    }
}

impl<C: Clock> Memory<C> {
    /// The same by another clock.
    pub(super) fn with_clock(limit: Limit, clock: C) -> Self {
        // A limit's gap is at least a microsecond.
        let quota = Quota::with_period(limit.gap()).unwrap_or(Quota::per_second(limit.burst()));
        let quota = quota.allow_burst(limit.burst());
        Memory {
            limit,
            counted: RateLimiter::dashmap_with_clock(quota, clock),
        }
    }

    /// The limit of every slot.
    pub(super) fn limit(&self) -> Limit {
        self.limit
    }

    /// Takes one of a slot's burst; else how long until there is one.
    pub(super) fn pass(&self, slot: u32) -> Result<(), Duration> {
        self.counted
            .check_key(&slot)
            .map_err(|not_until| not_until.wait_time_from(self.counted.clock().now()))
    }

    /// Forgets the slots whose burst is whole again.
    pub(super) fn forget_idle(&self) {
        self.counted.retain_recent();
        self.counted.shrink_to_fit();
    }

    /// How many slots are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.counted.len()
    }
}
