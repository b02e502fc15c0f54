//! Rows of accounts, and accounts that are open.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use crate::channel::{Channel, Method, Misconfigured};
use crate::clock::Millis;
use crate::ids::{AccountId, text_enum};
use crate::money::{Currency, Minor, Rate};
use crate::seal::{SealError, Sealer, Secret};
use crate::store::StoreError;
use crate::store::schema::channel_account;

text_enum! {
    /// What an operator lets an account do.
    pub enum AccountState {
        /// Takes new orders.
        Enabled = "enabled",
        /// No new orders; callbacks, polls and refunds of old ones go on.
        Draining = "draining",
        /// Nothing: its callbacks are refused.
        Off = "off",
    }
}

/// One account as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = channel_account)]
#[diesel(treat_none_as_null = true)]
pub struct AccountRow {
    /// The operator's name of it.
    pub id: AccountId,
    /// `epay`, `sandbox`, …
    pub kind: String,
    /// What it may do.
    pub state: AccountState,
    /// Smaller is preferred.
    pub priority: i32,
    /// What it collects.
    pub currency: Currency,
    /// Smallest payment, minor units.
    pub min_amount: Option<Minor>,
    /// Largest payment, minor units.
    pub max_amount: Option<Minor>,
    /// Decimal text of a [`Rate`].
    pub fee: String,
    /// Added to the fee of each payment, minor units.
    pub fixed: Minor,
    /// Where the channel lives.
    pub base_url: String,
    /// JSON list of the methods it serves.
    pub methods: String,
    /// 128 random bits in the callback address.
    pub path_token: String,
    /// JSON of the credentials, sealed for [`AccountRow::place`].
    pub credentials: Vec<u8>,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
}

impl AccountRow {
    /// The associated data its credentials are sealed with.
    pub fn place(id: &AccountId) -> String {
        format!("channel_account/{id}")
    }

    /// Opens the sealed credentials.
    pub fn open_credentials(&self, sealer: &Sealer) -> Result<BTreeMap<String, Secret>, SealError> {
        let text = sealer.open_text(&self.credentials, &Self::place(&self.id))?;
        let plain: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|_| SealError::Altered)?;
        Ok(plain
            .into_iter()
            .map(|(key, value)| (key, Secret::new(value)))
            .collect())
    }

    /// What rooms need to know of it, without secrets.
    pub fn facts(&self) -> Result<Facts, StoreError> {
        let methods: Vec<Method> = serde_json::from_str(&self.methods)
            .map_err(|e| StoreError::corrupt(format!("methods of {}: {e}", self.id)))?;
        let fee = self
            .fee
            .parse()
            .map_err(|e| StoreError::corrupt(format!("fee of {}: {e}", self.id)))?;
        Ok(Facts {
            id: self.id.clone(),
            kind: self.kind.clone(),
            state: self.state,
            priority: self.priority,
            currency: self.currency,
            min_amount: self.min_amount,
            max_amount: self.max_amount,
            fee,
            fixed: self.fixed,
            methods,
            path_token: self.path_token.clone(),
        })
    }
}

/// An account without its secrets.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The operator's name of it.
    pub id: AccountId,
    /// `epay`, `sandbox`, …
    pub kind: String,
    /// What it may do.
    pub state: AccountState,
    /// Smaller is preferred.
    pub priority: i32,
    /// What it collects.
    pub currency: Currency,
    /// Smallest payment.
    pub min_amount: Option<Minor>,
    /// Largest payment.
    pub max_amount: Option<Minor>,
    /// Share of each payment.
    pub fee: Rate,
    /// Added to it.
    pub fixed: Minor,
    /// What it serves.
    pub methods: Vec<Method>,
    /// In its callback address.
    pub path_token: String,
}

impl Facts {
    /// The address the account's channel sends its notices to, at a shop of this base address.
    pub fn notify_url(&self, base_url: &str) -> String {
        format!("{base_url}/callback/{}", self.path_token)
    }
}

/// An account with the channel behind it, if its configuration is usable.
#[derive(Clone)]
pub struct Account {
    /// What is known of it.
    pub facts: Facts,
    /// The open channel, or why it does not start (fail closed: it then takes no orders and
    /// accepts no callbacks).
    pub channel: Result<Arc<dyn Channel>, Misconfigured>,
}

impl Account {
    /// The channel, if the account may speak: it is not off, and it starts. New orders ask more
    /// of it.
    pub fn open_channel(&self) -> Option<&Arc<dyn Channel>> {
        match self.facts.state {
            AccountState::Off => None,
            AccountState::Enabled | AccountState::Draining => self.channel.as_ref().ok(),
        }
    }
}
