//! The demo shop: believable goods, cards made from a seed, and accounts at the sandbox gateway.
//!
//! Comes in: a shop, a seed, where the sandbox is and its keys. Goes out: a shop to buy from.
//! Seeding again changes nothing but the sandbox's address; a seeding that was cut off goes on.
//! What an operator changed since (prices, texts, withdrawn cards) stays changed.

mod cards;

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::future::try_join_all;

use crate::account::AccountState;
use crate::apply::{
    AccountWish, ApplyError, CardLine, Problems, Report, Tools, Wishes, bring, parse, stored,
};
use crate::channel::Method;
use crate::ids::{AccountId, SellerId, VariantId};
use crate::money::Currency;
use crate::seal::Secret;
use crate::stock::import::Parsed;
use crate::stock::{self, BatchState, Target};
use crate::store::StoreError;

/// The goods, in the format of docs/APPLY.md.
pub const GOODS: &str = include_str!("goods.toml");

/// The accounts of the demo shop: id, kind, priority, and the methods each serves.
const ACCOUNTS: [(&str, &str, i32, &[Method]); 3] = [
    (
        "sandbox",
        "sandbox",
        10,
        &[
            Method::Alipay,
            Method::Wechat,
            Method::Card,
            Method::Paypal,
            Method::Usdt,
            Method::Bank,
        ],
    ),
    (
        "sandbox-epay-v1",
        "epay",
        20,
        &[Method::Alipay, Method::Wechat],
    ),
    (
        "sandbox-epay-v2",
        "epay",
        30,
        &[Method::Alipay, Method::Wechat, Method::Bank],
    ),
];

/// Where cards of the demo come from, in their batches.
const SOURCE: &str = "demo";

/// The sandbox gateway the accounts live at.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Its address without a trailing `/`; epay is below `/epay`.
    pub base_url: String,
    /// Its keys; none keeps those the shop has (see [`needs_keys`]).
    pub keys: Option<Keys>,
}

/// What the shop knows of its three merchants at the sandbox.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The merchant of the own protocol.
    pub merchant: String,
    /// Its HMAC key, at least 32 characters.
    pub key: Secret,
    /// The merchant of epay V1.
    pub v1_pid: String,
    /// Its MD5 key.
    pub v1_key: Secret,
    /// The merchant of epay V2.
    pub v2_pid: String,
    /// The shop's private key, PEM.
    pub v2_merchant_private_key: Secret,
    /// The gateway's public key, PEM.
    pub v2_platform_public_key: Secret,
}

/// Whether [`seed`] needs keys: an account is missing, or its credentials do not open. Tell the
/// gateway new keys before the shop: a start that dies between the two then makes new ones.
pub async fn needs_keys(tools: Tools<'_>) -> Result<bool, StoreError> {
    let stored = tools.store.read(stored).await?;
    let known = |id: &str| {
        let row = stored.accounts.iter().find(|row| row.id.as_str() == id);
        row.is_some_and(|row| row.open_credentials(tools.sealer).is_ok())
    };
    Ok(!ACCOUNTS.iter().all(|(id, ..)| known(id)))
}

/// Makes the demo shop, or what is missing of it.
pub async fn seed(
    tools: Tools<'_>,
    seed: u64,
    gateway: Option<&Gateway>,
) -> Result<Report, ApplyError> {
    let problems = Problems::of("goods.toml");
    let mut wishes = parse(GOODS, Path::new("."), &problems);
    let before = tools.store.read(stored).await?;
    let ours = |slug: &str| wishes.products.iter().any(|p| p.slug == slug);
    if before.products.iter().any(|p| ours(&p.slug)) {
        wishes = Wishes::default();
    } else if !before.products.is_empty() {
        // Goods beside those of a shop that has its own: its settings stay its own.
        wishes.forget_settings();
    }
    if let Some(gateway) = gateway {
        let known = |id: &str| before.accounts.iter().any(|a| a.id.as_str() == id);
        for account in ACCOUNTS {
            let wish = account_wish(account, gateway, known(account.0));
            wishes.accounts.extend(wish);
        }
    }
    let mut report = bring(tools, &wishes, problems, false).await?;
    report.cards = stock_up(tools, seed).await?;
    Ok(report)
}

fn account_wish(
    (id, kind, priority, methods): (&str, &str, i32, &[Method]),
    gateway: &Gateway,
    known: bool,
) -> Option<AccountWish> {
    let id: AccountId = id.parse().ok()?;
    let below = if kind == "epay" { "/epay" } else { "" };
    let base_url = gateway.base_url.trim_end_matches('/');
    let keys = gateway.keys.as_ref();
    Some(AccountWish {
        at: format!("channel_account {id}"),
        kind: (!known).then(|| kind.to_owned()),
        state: (!known).then_some(AccountState::Enabled),
        methods: (!known).then(|| methods.to_vec()),
        base_url: Some(format!("{base_url}{below}")),
        fee: None,
        fixed: None,
        min_amount: None,
        max_amount: None,
        currency: (!known).then_some(Currency::CNY),
        priority: (!known).then_some(priority),
        credentials: keys.map(|keys| keys.of(id.as_str())),
        id,
    })
}

impl Keys {
    fn of(&self, id: &str) -> BTreeMap<String, Secret> {
        let plain = |text: &str| Secret::new(text);
        let named = match id {
            "sandbox" => vec![
                ("merchant", plain(&self.merchant)),
                ("key", self.key.clone()),
            ],
            "sandbox-epay-v1" => vec![
                ("version", plain("v1")),
                ("pid", plain(&self.v1_pid)),
                ("key", self.v1_key.clone()),
            ],
            _ => vec![
                ("version", plain("v2")),
                ("pid", plain(&self.v2_pid)),
                ("merchant_private_key", self.v2_merchant_private_key.clone()),
                ("platform_public_key", self.v2_platform_public_key.clone()),
            ],
        };
        let owned = named
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        owned.collect()
    }
}

/// Loads the cards of every demo variant that never had any; an import that was cut off goes on.
async fn stock_up(tools: Tools<'_>, seed: u64) -> Result<Vec<CardLine>, ApplyError> {
    let pools: Vec<(&str, Parsed)> = cards::pools(seed).collect();
    let skus: Vec<&str> = pools.iter().map(|(sku, _)| *sku).collect();
    let empty = tools
        .store
        .read(move |db| {
            let shop = stored(db)?;
            let mut empty: Vec<(String, VariantId)> = Vec::new();
            for row in shop
                .variants
                .iter()
                .filter(|v| skus.contains(&v.sku.as_str()))
            {
                let batches = stock::store::batches(db, &row.id)?;
                if batches.iter().all(|b| b.state == BatchState::Loading) {
                    empty.push((row.sku.clone(), row.id.clone()));
                }
            }
            Ok::<_, StoreError>(empty)
        })
        .await?;
    let loads = pools.into_iter().filter_map(|(sku, parsed)| {
        let (_, variant) = empty.iter().find(|(known, _)| known == sku)?;
        let variant = variant.clone();
        (!parsed.cards.is_empty()).then(|| load(tools, sku, variant, parsed))
    });
    // Side by side, so that their commits are shared.
    try_join_all(loads).await
}

async fn load(
    tools: Tools<'_>,
    sku: &str,
    variant: VariantId,
    parsed: Parsed,
) -> Result<CardLine, ApplyError> {
    let target = Target {
        variant,
        seller: SellerId::house(),
        source: SOURCE.to_owned(),
    };
    let loaded = stock::load(tools.store, tools.stock(), &target, &parsed, false).await?;
    Ok(CardLine {
        variant: sku.to_owned(),
        file: SOURCE.to_owned(),
        loaded,
        withdrawn: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
