//! What a file asks for: everything it names, nothing it does not.

use std::collections::BTreeMap;

use crate::account::AccountState;
use crate::catalog::{Delivery, Field, OnOff};
use crate::channel::Method;
use crate::ids::AccountId;
use crate::money::{Currency, Minor, MoneyError, Rate};
use crate::seal::Secret;
use crate::stock::import::Parsed;

/// A whole file. Every wish knows its place (`at`) for what may still be wrong with it.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(super) shop: Vec<(String, toml::Value)>,
    pub(super) categories: Vec<CategoryWish>,
    pub(crate) products: Vec<ProductWish>,
    pub(super) cards: Vec<CardsWish>,
    pub(crate) accounts: Vec<AccountWish>,
}

impl Wishes {
    /// One account and nothing else.
    pub(crate) fn of_account(account: AccountWish) -> Self {
        Wishes {
            accounts: vec![account],
            ..Wishes::default()
        }
    }

    /// Some settings and nothing else.
    pub(crate) fn of_settings(shop: Vec<(String, toml::Value)>) -> Self {
        Wishes {
            shop,
            ..Wishes::default()
        }
    }

    /// Leaves the settings as they are.
    pub(crate) fn forget_settings(&mut self) {
        self.shop.clear();
    }
}

/// A text in both languages; what is not named stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pair {
    pub(super) zh: Option<String>,
    pub(super) en: Option<String>,
}

pub(super) struct CategoryWish {
    pub(super) at: String,
    pub(super) slug: String,
    pub(super) name: Pair,
    pub(super) position: Option<i32>,
}

pub(crate) struct ProductWish {
    pub(super) at: String,
    pub(crate) slug: String,
    pub(super) category: Option<String>,
    pub(super) name: Pair,
    pub(super) summary: Pair,
    pub(super) description: Pair,
    pub(super) usage: Pair,
    pub(super) picture: Option<String>,
    pub(super) delivery: Option<Delivery>,
    pub(super) reserve: Option<bool>,
    pub(super) low_stock: Option<i64>,
    pub(super) promised_minutes: Option<i64>,
    pub(super) state: Option<OnOff>,
    pub(super) position: Option<i32>,
    pub(super) fields: Option<Vec<Field>>,
    pub(super) variants: Vec<VariantWish>,
}

pub(crate) struct VariantWish {
    pub(super) at: String,
    pub(super) sku: String,
    pub(super) name: Pair,
    pub(super) price: Option<Amount>,
    pub(super) currency: Option<Currency>,
    pub(super) tiers: Option<Vec<TierWish>>,
    pub(super) min_quantity: Option<i64>,
    pub(super) max_quantity: Option<i64>,
    /// 0 = without a limit.
    pub(super) buyer_limit: Option<i64>,
    pub(super) state: Option<OnOff>,
    pub(super) position: Option<i32>,
    pub(super) content: Option<Secret>,
    /// 0 = without a limit.
    pub(super) use_limit: Option<i64>,
}

pub(super) struct TierWish {
    pub(super) at: String,
    pub(super) from: i64,
    pub(super) price: Amount,
}

pub(super) struct CardsWish {
    pub(super) at: String,
    pub(super) variant: String,
    pub(super) source: String,
    pub(super) parsed: Parsed,
}

pub(crate) struct AccountWish {
    pub(crate) at: String,
    pub(crate) id: AccountId,
    pub(crate) kind: Option<String>,
    pub(crate) state: Option<AccountState>,
    pub(crate) methods: Option<Vec<Method>>,
    pub(crate) base_url: Option<String>,
    pub(crate) fee: Option<Rate>,
    pub(crate) fixed: Option<Amount>,
    /// 0 = without a limit.
    pub(crate) min_amount: Option<Amount>,
    /// 0 = without a limit.
    pub(crate) max_amount: Option<Amount>,
    pub(crate) currency: Option<Currency>,
    pub(crate) priority: Option<i32>,
    /// All of them at once: keys of two protocol versions never mix.
    pub(crate) credentials: Option<BTreeMap<String, Secret>>,
}

/// An amount before its currency is known.
#[derive(Debug, Clone)]
pub(crate) struct Amount {
    pub(super) at: String,
    pub(super) written: Written,
}

/// How an amount was written.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    /// Minor units.
    Minor(i64),
    /// Decimal text of whole units.
    Whole(String),
}

/// The largest amount a file may name, in minor units: 200 of it still fit.
const LARGEST: Minor = Minor(100_000_000_000_000);

impl Amount {
    /// An amount as people type it, in whole units.
    pub(crate) fn typed(at: &str, text: &str) -> Self {
        Amount {
            at: at.to_owned(),
            written: Written::Whole(text.to_owned()),
        }
    }

    /// The amount in minor units of its currency, or why it is none.
    pub(super) fn of(&self, currency: Currency) -> Result<Minor, String> {
        let minor = match &self.written {
            Written::Minor(minor) => Minor(*minor),
            Written::Whole(text) => Minor::parse(text, currency).map_err(|e| match e {
                MoneyError::TooPrecise => format!(
                    "{text:?} has more decimals than {currency}, which has {}",
                    currency.exponent()
                ),
                other => format!("{text:?}: {other}"),
            })?,
        };
        if minor < Minor::ZERO {
            return Err(format!("is {}; it must not be below 0", minor.0));
        }
        if minor > LARGEST {
            return Err(format!("is more than {}", LARGEST.0));
        }
        Ok(minor)
    }
}
