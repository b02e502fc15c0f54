//! The open accounts of this node, read again when the configuration changes.

use std::sync::{Arc, RwLock};

use super::model::{Account, AccountRow};
use super::store;
use crate::channel::{self, AccountConfig, Misconfigured};
use crate::ids::AccountId;
use crate::seal::Sealer;
use crate::store::{Store, StoreError};

/// All accounts, by a version that only grows.
pub struct Accounts {
    current: RwLock<Arc<Vec<Arc<Account>>>>,
}

impl Accounts {
    /// Reads and opens all accounts.
    pub async fn load(store: &Store, sealer: &Sealer) -> Result<Self, StoreError> {
        let accounts = Accounts {
            current: RwLock::default(),
        };
        accounts.reload(store, sealer).await?;
        Ok(accounts)
    }

    /// Reads and opens them again.
    pub async fn reload(&self, store: &Store, sealer: &Sealer) -> Result<(), StoreError> {
        let rows = store.read(store::all).await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in rows {
            // A row that cannot be read takes no orders and no notices, and stops no other.
            let facts = match row.facts() {
                Ok(facts) => facts,
                Err(cause) => {
                    tracing::error!(account = %row.id, %cause, "an account cannot be read");
                    continue;
                }
            };
            let account = Account {
                facts,
                channel: open(&row, sealer),
            };
            if let Err(wrong) = &account.channel {
                tracing::error!(account = %row.id, %wrong, "a channel account does not start");
            }
            accounts.push(Arc::new(account));
        }
        *self
            .current
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(accounts);
        Ok(())
    }

    /// All of them, as they are now.
    pub fn all(&self) -> Arc<Vec<Arc<Account>>> {
        self.current
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// The account of this name.
    pub fn by_id(&self, id: &AccountId) -> Option<Arc<Account>> {
        self.all().iter().find(|a| a.facts.id == *id).cloned()
    }

    /// The account whose callback address holds this token. Tokens are 128 random bits, so the
    /// comparison tells nothing worth knowing.
    pub fn by_path(&self, token: &str) -> Option<Arc<Account>> {
        self.all()
            .iter()
            .find(|a| a.facts.path_token == token)
            .cloned()
    }
}

/// Opens the channel of a row, or says what is wrong with its configuration.
pub fn open(row: &AccountRow, sealer: &Sealer) -> Result<Arc<dyn channel::Channel>, Misconfigured> {
    let credentials = row
        .open_credentials(sealer)
        .map_err(|e| Misconfigured::at("credentials", e.to_string()))?;
    let config = AccountConfig {
        id: row.id.clone(),
        base_url: row.base_url.clone(),
        currency: row.currency,
        credentials,
    };
    channel::open(&row.kind, &config)
}
