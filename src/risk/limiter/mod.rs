//! The limits: how often whom is let through, here or on all nodes together.
//!
//! Comes in: a kind of deed and who does it. Goes out: pass, or [`Wait`]. Each question costs one
//! of the asker's burst. This process counts in `memory`; where there is a Redis it counts there
//! as well, for all nodes together, and a Redis that is away or slow is passed over: it never
//! holds truth. Names of people are hashed with the shop's key before they are counted.

mod memory;
mod redis;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use self::memory::Memory;
use self::redis::Shared;

use crate::seal::Sealer;
use crate::settings::{Limit, Settings};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Placing orders and opening attempts.
    Placement,
    /// Looking orders up, and tokens that open nothing.
    Lookup,
    /// Seeing an order with a token that opens it.
    Status,
    /// Logging in.
    Login,
    /// Asking for a mailed link.
    Link,
    /// Writing to the seller about a paid order.
    Ask,
}

impl Kind {
    /// The word for it in figures and headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Placement => "placement",
            Kind::Lookup => "lookup",
            Kind::Status => "status",
            Kind::Login => "login",
            Kind::Link => "link",
            Kind::Ask => "ask",
        }
    }
}

/// Not now: who asked comes again after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// What was asked for too often.
    pub kind: Kind,
    /// How long from now; never nothing.
    pub after: Duration,
}

impl Wait {
    /// Whole seconds after which it is worth trying again: at least one.
    pub fn seconds(&self) -> u64 {
        let part = u64::from(self.after.subsec_nanos() > 0);
        (self.after.as_secs() + part).max(1)
    }
}

/// Whom a bucket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Network,
    Email,
    Account,
    /// Everybody together.
    All,
}

impl By {
    fn as_str(self) -> &'static str {
        match self {
            By::Network => "network",
            By::Email => "email",
            By::Account => "account",
            By::All => "all",
        }
    }
}

type Says = fn(&Settings) -> Limit;

/// Every bucket there is, and the setting that gives its limit.
const BUCKETS: [(Kind, By, Says); 10] = [
    (Kind::Placement, By::Network, |s| s.limit_placement),
    (Kind::Placement, By::Email, |s| s.limit_placement),
    (Kind::Lookup, By::Network, |s| s.limit_lookup),
    (Kind::Status, By::Network, |s| s.limit_status),
    (Kind::Login, By::Network, |s| s.limit_login),
    (Kind::Login, By::Account, |s| s.limit_login),
    (Kind::Login, By::All, |s| s.limit_login_all),
    (Kind::Link, By::Network, |s| s.limit_link),
    (Kind::Link, By::Email, |s| s.limit_link_email),
    (Kind::Ask, By::Network, |s| s.limit_ask),
];

/// A bucket of each asker.
#[derive(Clone)]
struct Bucket {
    kind: Kind,
    by: By,
    memory: Arc<Memory>,
}

/// How many places of log-ins that succeeded are remembered.
const MOST_KNOWN: usize = 10_000;

/// The limits of a running shop.
pub struct Limits {
    sealer: Arc<Sealer>,
    buckets: RwLock<Vec<Bucket>>,
    shared: Option<Shared>,
    /// Accounts with the networks they were logged in from.
    known: Mutex<HashSet<String>>,
}

impl Limits {
    /// Limits as the settings say, counted by this process alone.
    pub fn new(sealer: Arc<Sealer>, settings: &Settings) -> Self {
        let bucket = |(kind, by, says): (Kind, By, Says)| Bucket {
            kind,
            by,
            memory: Arc::new(Memory::new(says(settings))),
        };
        Limits {
            sealer,
            buckets: RwLock::new(BUCKETS.map(bucket).into()),
            shared: None,
            known: Mutex::default(),
        }
    }

    /// Counts together with all nodes on one Redis. One that is away now is used when it comes;
    /// an address that is none is an error.
    pub async fn over_redis(mut self, url: &str) -> Result<Self, String> {
        self.shared = Some(Shared::start(url).await?);
        Ok(self)
    }

    /// Takes over new settings. Where a limit changed, everybody begins anew.
    pub fn follow(&self, settings: &Settings) {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        for (bucket, (_, _, says)) in buckets.iter_mut().zip(BUCKETS) {
            let limit = says(settings);
            if bucket.memory.limit() != limit {
                bucket.memory = Arc::new(Memory::new(limit));
            }
        }
    }

    /// May this network place an order, or open an attempt, for the address with this hash
    /// ([`crate::order::email_hash`])?
    pub async fn placement(&self, network: &str, email_hash: &str) -> Result<(), Wait> {
        self.pass(Kind::Placement, By::Network, network).await?;
        self.pass(Kind::Placement, By::Email, email_hash).await
    }

    /// May this network look an order up, or have missed with one more token?
    pub async fn lookup(&self, network: &str) -> Result<(), Wait> {
        self.pass(Kind::Lookup, By::Network, network).await
    }

    /// May this network see an order that its token opens?
    pub async fn status(&self, network: &str) -> Result<(), Wait> {
        self.pass(Kind::Status, By::Network, network).await
    }

    /// May this network try to log in to this account (whatever names it)? Ask before the
    /// password is looked at, and tell [`Limits::logged_in`] when it was right.
    ///
    /// The network is asked first, so that one network alone cannot use up what an account or
    /// everybody has. From a network where the account was logged in before, nothing but the
    /// network's own limit counts: strangers cannot lock its owner out (X51).
    pub async fn login(&self, network: &str, account: &str) -> Result<(), Wait> {
        self.pass(Kind::Login, By::Network, network).await?;
        if self.knows(network, account) {
            return Ok(());
        }
        self.pass(Kind::Login, By::Account, account).await?;
        self.pass(Kind::Login, By::All, "").await
    }

    /// Somebody logged in to this account from this network, with everything that it takes.
    pub fn logged_in(&self, network: &str, account: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A comfort, and it is the same to lose it now and then.
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(self.place(network, account));
    }

    fn knows(&self, network: &str, account: &str) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&self.place(network, account))
    }

    fn place(&self, network: &str, account: &str) -> String {
        let name = format!("{network}\0{account}");
        self.sealer.keyed_hash("limit/known", name.as_bytes())
    }

    /// May this network have a link mailed to this address (its hash)?
    pub async fn link(&self, network: &str, email_hash: &str) -> Result<(), Wait> {
        self.pass(Kind::Link, By::Network, network).await?;
        self.pass(Kind::Link, By::Email, email_hash).await
    }

    /// May this network write to the seller about an order that its token opens?
    pub async fn ask(&self, network: &str) -> Result<(), Wait> {
        self.pass(Kind::Ask, By::Network, network).await
    }

    /// Forgets those whose burst is whole again.
    pub fn forget_idle(&self) {
        // Not under the lock: looking through many slots takes a while.
        let buckets = self.read().clone();
        for bucket in buckets {
            bucket.memory.forget_idle();
        }
    }

    async fn pass(&self, kind: Kind, by: By, name: &str) -> Result<(), Wait> {
        let mine = |bucket: &&Bucket| bucket.kind == kind && bucket.by == by;
        let memory = self.read().iter().find(mine).map(|b| Arc::clone(&b.memory));
        let Some(memory) = memory else {
            return Ok(());
        };
        let slot = self.slot(kind, by, name);
        let outcome = match memory.pass(slot) {
            // What this process alone refuses, all together refuse as well.
            Err(after) => Err(after),
            Ok(()) => match &self.shared {
                Some(shared) => shared.pass(&key(kind, by, slot), memory.limit()).await,
                None => Ok(()),
            },
        };
        outcome.map_err(|after| {
            metrics::counter!("vendgate_limited_total", "kind" => kind.as_str()).increment(1);
            Wait { kind, after }
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever asks is counted in one of [`memory::SLOTS`] places. Which one, nobody without the
    /// key can tell, so nobody can choose to stand beside a victim.
    fn slot(&self, kind: Kind, by: By, name: &str) -> u32 {
        let purpose = format!("limit/{}/{}", kind.as_str(), by.as_str());
        let hash = self.sealer.keyed_hash(&purpose, name.as_bytes());
        let number = hash
            .get(..8)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        number.unwrap_or_default() % memory::SLOTS
    }
}

/// The name of a bucket's slot that all nodes use.
fn key(kind: Kind, by: By, slot: u32) -> String {
    format!(
        "vendgate:limit:{}:{}:{slot:05x}",
        kind.as_str(),
        by.as_str()
    )
}
