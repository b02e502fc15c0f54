//! The till: what every step of a payment works with.

use std::sync::Arc;

use super::callback::{Flights, RefusedQuota};
use super::hearing::Hearing;
use crate::account::Accounts;
use crate::bus::{Bus, Hint};
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::notify::Promises;
use crate::outbound::Outbound;
use crate::random::{Derived, Random};
use crate::seal::Sealer;
use crate::settings::Settings;
use crate::store::Store;

/// Store, time, randomness, channels and the settings of this moment. Cheap to clone.
#[derive(Clone)]
pub struct Till {
    /// The door.
    pub store: Store,
    /// Opens and seals.
    pub sealer: Arc<Sealer>,
    /// Tells now.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and nonces.
    pub random: Arc<dyn Random>,
    /// The open channel accounts.
    pub accounts: Arc<Accounts>,
    /// Sends what channels ask for.
    pub outbound: Arc<Outbound>,
    /// Which accounts answer this node.
    pub hearing: Arc<Hearing>,
    /// Of refused notices, this node's.
    pub refused: Arc<RefusedQuota>,
    /// The questions to channels that notices wait for, this node's.
    pub flights: Arc<Flights>,
    /// Tells pages and tasks what moved, after it is durable.
    pub bus: Bus,
    /// As they are now.
    pub settings: Arc<Settings>,
    /// Of this shop, as channels and buyers reach it; without a trailing `/`.
    pub base_url: Arc<str>,
}

/// 32 random bytes from which a write makes all its ids, the same ones if it runs twice.
#[derive(Clone, Copy)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Begins the sequence of this write.
    pub fn random(&self) -> Derived {
        Derived::from_seed(self.0)
    }
}

impl Till {
    /// A seed for one write.
    pub fn seed(&self) -> Seed {
        Seed(self.random.bytes())
    }

    /// Tells that an order moved and that there may be mail to send; after the write.
    pub fn moved(&self, order: &OrderId) {
        self.bus.tell(Hint::Order(order.to_string()));
        self.bus.tell(Hint::Work);
    }

    /// Who is promised what, for use inside a write.
    pub fn promises(&self) -> Promises {
        Promises::under(&self.settings)
    }
}
