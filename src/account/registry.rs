//! The open accounts of this node, read again when the configuration changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::model::{Account, AccountRow};
use super::store;
use crate::channel::{self, AccountConfig, Channel, Misconfigured};
use crate::clock::{HOUR, MINUTE, Millis};
use crate::ids::AccountId;
use crate::seal::Sealer;
use crate::store::{Store, StoreError};

/// However many ask: no channel is asked for its keys twice within this.
const KEYS_APART: Millis = MINUTE;

/// Keys that were told are asked for again after this: channels announce new ones a day and more
/// before they sign with them.
const KEYS_KEEP: Millis = 8 * HOUR;

/// Why keys are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It is time again.
    Due,
    /// A message names a key that is not known.
    Wanted,
}

/// When this node asked a channel for its keys.
struct AskedKeys {
    at: Millis,
    told: bool,
}

/// All accounts, by a version that only grows.
pub struct Accounts {
    current: RwLock<Arc<Vec<Arc<Account>>>>,
    keys: Mutex<HashMap<AccountId, AskedKeys>>,
}

impl Accounts {
    /// Reads and opens all accounts.
    pub async fn load(store: &Store, sealer: &Sealer) -> Result<Self, StoreError> {
        let accounts = Accounts {
            current: RwLock::default(),
            keys: Mutex::default(),
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
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(accounts);
        // What was learned beside the configuration went with the accounts that knew it.
        self.keys().clear();
        Ok(())
    }

    /// All of them, as they are now.
    pub fn all(&self) -> Arc<Vec<Arc<Account>>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
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

    /// Whether the channel of an account may be asked for its keys now; if so, it counts as
    /// asked.
    pub fn may_ask_keys(&self, id: &AccountId, when: When, now: Millis) -> bool {
        let mut asked = self.keys();
        let may = match asked.get(id) {
            None => true,
            Some(last) => {
                // A clock that was set back makes nobody wait.
                let passed = last.at.abs_diff(now);
                let gap = match when {
                    When::Due if last.told => KEYS_KEEP,
                    When::Due | When::Wanted => KEYS_APART,
                };
                passed >= gap.unsigned_abs()
            }
        };
        if may {
            let told = false;
            asked.insert(id.clone(), AskedKeys { at: now, told });
        }
        may
    }

    /// The channel of an account has told its keys.
    pub fn told_keys(&self, id: &AccountId, now: Millis) {
        let told = true;
        self.keys().insert(id.clone(), AskedKeys { at: now, told });
    }

    /// The account with a channel that knows more, in the place of the one it was made of; an
    /// account that was opened anew meanwhile keeps its place.
    pub fn replace(&self, before: &Arc<Account>, channel: Arc<dyn Channel>) -> Arc<Account> {
        let after = Arc::new(Account {
            facts: before.facts.clone(),
            channel: Ok(channel),
        });
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let all = current
            .iter()
            .map(|known| match Arc::ptr_eq(known, before) {
                true => Arc::clone(&after),
                false => Arc::clone(known),
            });
        *current = Arc::new(all.collect());
        after
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, AskedKeys>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the channel of a row, or says what is wrong with its configuration.
pub fn open(row: &AccountRow, sealer: &Sealer) -> Result<Arc<dyn Channel>, Misconfigured> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_asked_for_seldom_and_never_twice_within_a_minute() {
        let accounts = Accounts {
            current: RwLock::default(),
            keys: Mutex::default(),
        };
        let id: AccountId = "wechat-main".parse().expect("a name");
        let now = 1_795_000_000_000;
        let may = |when, at| accounts.may_ask_keys(&id, when, at);
        assert!(may(When::Due, now));
        // Nothing was told: again in a minute, whoever asks.
        assert!(!may(When::Due, now + KEYS_APART - 1));
        assert!(!may(When::Wanted, now + KEYS_APART - 1));
        assert!(may(When::Due, now + KEYS_APART));
        accounts.told_keys(&id, now + KEYS_APART);
        let told = now + KEYS_APART;
        assert!(!may(When::Due, told + KEYS_KEEP - 1));
        assert!(!may(When::Wanted, told + KEYS_APART - 1));
        assert!(may(When::Wanted, told + KEYS_APART));
        // That one brought nothing: it is asked again soon.
        assert!(may(When::Due, told + 2 * KEYS_APART));
        // The clock was set back by a day.
        assert!(may(When::Due, now - 24 * HOUR));
        assert!(accounts.may_ask_keys(&"other".parse().expect("a name"), When::Due, now));
    }
}
