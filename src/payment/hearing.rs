//! Which accounts answer: an account that has been silent is asked with one probe at a time,
//! at growing gaps, until it answers; then with everything that is due.
//!
//! In memory and of this node alone: silence is seen soon enough by every node that asks, a
//! node may not reach what another one reaches, and a restart that asks once more costs nothing.
//! Only asking in bulk is held back; "I have paid" and check 11 always ask, and are heard here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::{Millis, SECOND};
use crate::ids::AccountId;

/// Silences in a row after which an account counts as silent.
const SILENT_AFTER: u32 = 3;
const FIRST_GAP: Millis = 2 * SECOND;
const LONGEST_GAP: Millis = 60 * SECOND;
/// The longest gap while buyers look at pages of the account.
const GAP_IF_LOOKED_AT: Millis = 6 * SECOND;
/// A page that was open so long ago still counts.
const LOOKING: Millis = 20 * SECOND;
/// Longer than a probe takes; who took it may have died.
const PROBING: Millis = 15 * SECOND;
/// Open pages are looked through no more often.
const PAGES: Duration = Duration::from_millis(1_500);

/// What is known of each account.
#[derive(Default)]
pub struct Hearing {
    accounts: Mutex<HashMap<AccountId, Ear>>,
    pages: Mutex<Option<Instant>>,
}

impl Hearing {
    /// How many of `wanted` questions may be asked of an account in bulk now. A silent account's
    /// probe is handed out with this: who is told 1 asks.
    pub fn may_ask(&self, account: &AccountId, now: Millis, wanted: usize) -> usize {
        let mut accounts = self.accounts();
        match accounts.get_mut(account) {
            Some(ear) if wanted > 0 => ear.may_ask(now, wanted),
            _ => wanted,
        }
    }

    /// The account answered, whatever it said.
    pub fn answered(&self, account: &AccountId) {
        let known = self.accounts().remove(account);
        if known.is_some_and(|ear| ear.is_silent()) {
            tracing::info!(%account, "a channel account answers again");
        }
    }

    /// A question asked at `asked_at` brought no answer by `now`.
    pub fn silent(&self, account: &AccountId, asked_at: Millis, now: Millis) {
        let mut accounts = self.accounts();
        let ear = accounts.entry(account.clone()).or_default();
        let was = ear.is_silent();
        ear.silent(asked_at, now);
        if !was && ear.is_silent() {
            tracing::warn!(%account, "a channel account does not answer; it is probed");
        }
    }

    /// A buyer looks at a page that waits for this account.
    pub fn looked_at(&self, account: &AccountId, now: Millis) {
        if let Some(ear) = self.accounts().get_mut(account) {
            ear.looked_at = Some(now);
        }
    }

    /// Whether it is time to look through the open pages; counts as done from now on.
    pub(super) fn pages_are_due(&self) -> bool {
        let mut last = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|at| at.elapsed() >= PAGES);
        if due {
            *last = Some(Instant::now());
        }
        due
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, Ear>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of one account that was silent last. PURE.
#[derive(Debug, Clone, Default)]
struct Ear {
    /// Silences in a row.
    silences: u32,
    /// When the last of them counted.
    since: Millis,
    /// When the next probe may go.
    probe_at: Millis,
    looked_at: Option<Millis>,
}

impl Ear {
    fn is_silent(&self) -> bool {
        self.silences >= SILENT_AFTER
    }

    fn gap(&self) -> Millis {
        let doublings = self.silences.saturating_sub(SILENT_AFTER).min(5);
        (FIRST_GAP << doublings).min(LONGEST_GAP)
    }

    fn silent(&mut self, asked_at: Millis, now: Millis) {
        // Questions that were under way together are one sign of silence, not many.
        if self.is_silent() && (self.since - LONGEST_GAP..self.since).contains(&asked_at) {
            return;
        }
        self.silences = self.silences.saturating_add(1);
        self.since = now;
        self.probe_at = now + self.gap();
    }

    fn may_ask(&mut self, now: Millis, wanted: usize) -> usize {
        if !self.is_silent() {
            return wanted;
        }
        let looked_at = self
            .looked_at
            .is_some_and(|at| (at..at + LOOKING).contains(&now));
        let soonest = match looked_at {
            true => self.probe_at.min(self.since + GAP_IF_LOOKED_AT),
            false => self.probe_at,
        };
        // No gap reaches so far ahead: the clock was set back.
        if now < soonest && soonest <= now + LONGEST_GAP {
            return 0;
        }
        self.probe_at = now + PROBING;
        self.since = now;
        1
    }
}

#[cfg(test)]
#[path = "hearing_tests.rs"]
mod tests;
