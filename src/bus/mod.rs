//! Wake-ups between tasks and nodes: hints that something changed, never the truth.
//!
//! Comes in: "this order moved", "there is work". Goes out: the same, to every listener of this
//! process and, with Redis, of the others. A lost hint costs a second or two, nothing else,
//! because every listener also looks by itself.

mod redis;

use std::sync::Arc;

use tokio::sync::broadcast;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// An order (by id) moved.
    Order(String),
    /// The outbox, a refund or an attempt has something due.
    Work,
}

/// Carries hints.
#[derive(Clone)]
pub struct Bus {
    here: broadcast::Sender<Hint>,
    there: Option<Arc<redis::Relay>>,
}

impl Bus {
    /// Hints within this process.
    pub fn in_process() -> Self {
        Bus {
            here: broadcast::channel(1_024).0,
            there: None,
        }
    }

    /// Hints among all processes on one Redis. A Redis that is away is only a delay.
    pub fn over_redis(url: &str) -> Result<Self, String> {
        let mut bus = Bus::in_process();
        bus.there = Some(Arc::new(redis::Relay::start(url, bus.here.clone())?));
        Ok(bus)
    }

    /// Tells everybody.
    pub fn tell(&self, hint: Hint) {
        if let Some(relay) = &self.there {
            relay.publish(&hint);
        }
        // Nobody listening is fine.
        let _ = self.here.send(hint);
    }

    /// Hears everything from now on.
    pub fn listen(&self) -> broadcast::Receiver<Hint> {
        self.here.subscribe()
    }
}

/// How long the Redis at `url` takes to answer, or why it does not, without passwords.
pub async fn ping(url: &str) -> Result<std::time::Duration, String> {
    redis::ping(url).await
}

impl Hint {
    fn to_text(&self) -> String {
        match self {
            Hint::Order(id) => format!("order {id}"),
            Hint::Work => "work".to_owned(),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            Some(("order", id)) => Some(Hint::Order(id.to_owned())),
            None if text == "work" => Some(Hint::Work),
            _ => None,
        }
    }
}
