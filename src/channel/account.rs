//! Accounts: from what an operator configured to a channel that can speak.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::port::Channel;
use crate::ids::AccountId;
use crate::money::Currency;
use crate::seal::Secret;

/// What an adapter needs to know of its account.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// The operator's name of it.
    pub id: AccountId,
    /// Where the channel lives; `http://` only on loopback addresses. Without a trailing `/`.
    pub base_url: String,
    /// The currency the account collects.
    pub currency: Currency,
    /// The keys, by the names the channel's kind declares.
    pub credentials: BTreeMap<String, Secret>,
}

impl AccountConfig {
    /// A credential that must be there and not be blank.
    pub fn require(&self, key: &'static str) -> Result<&str, Misconfigured> {
        let value = self.credentials.get(key).map(Secret::reveal);
        match value.map(str::trim) {
            None => Err(Misconfigured::at(key, "is missing")),
            Some("") => Err(Misconfigured::at(key, "is empty")),
            Some(value) => Ok(value),
        }
    }
}

/// Why an account does not start. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} {reason}")]
pub struct Misconfigured {
    /// The credential or field.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Misconfigured {
    /// `key` is wrong because of `reason` ("is empty").
    pub fn at(key: &str, reason: impl Into<String>) -> Self {
        Misconfigured {
            key: key.to_owned(),
            reason: reason.into(),
        }
    }
}

/// One kind of channel: its name in configuration and how to open an account of it.
pub struct Kind {
    /// `epay`, `sandbox`, …
    pub name: &'static str,
    /// The credentials it knows; any other key is refused, so that a typo is not silence.
    pub credentials: &'static [&'static str],
    /// Where every account of it lives; empty where each platform has its own address.
    pub home: &'static str,
    /// Sets of credentials of which an account has one: who types into one gives up the others.
    pub either: &'static [&'static [&'static str]],
    /// Opens an account, or says what is wrong with it.
    pub open: fn(&AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured>,
}

/// Every kind of channel. Adding one is a folder and a line here.
pub const KINDS: &[Kind] = &[
    super::epay::KIND,
    super::alipay::KIND,
    super::wechat::KIND,
    super::sandbox::KIND,
];

/// Opens an account of the named kind; refuses unknown kinds and unknown credential keys.
pub fn open(kind: &str, config: &AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured> {
    let kind = KINDS
        .iter()
        .find(|k| k.name == kind)
        .ok_or_else(|| Misconfigured::at("kind", format!("{kind:?} is not a kind of channel")))?;
    if let Some(key) = config
        .credentials
        .keys()
        .find(|key| !kind.credentials.contains(&key.as_str()))
    {
        return Err(Misconfigured::at(key, "is not a credential of this kind"));
    }
    (kind.open)(config)
}
