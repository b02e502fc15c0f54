//! What becomes of a channel account: the row to write, checked by opening the channel.

use std::collections::BTreeMap;

use super::diff::{self, Facts, Line};
use super::read::Problems;
use super::run::Tools;
use super::wish::{AccountWish, Amount};
use crate::account::{AccountRow, AccountState};
use crate::channel::{self, AccountConfig, Method};
use crate::clock::Millis;
use crate::ids::ViewToken;
use crate::money::{Currency, Minor, Rate};
use crate::seal::Secret;

/// Where a new account stands among the others unless it says otherwise.
const PRIORITY: i32 = 100;

/// What becomes of an account: the row to write, if anything changes.
pub(super) fn planned(
    wish: &AccountWish,
    stored: Option<&AccountRow>,
    shop: Currency,
    tools: &Tools<'_>,
    now: Millis,
    problems: &Problems,
) -> Option<(Line, Option<AccountRow>)> {
    let wrong = |key: &str, reason: String| problems.add(format!("{}.{key}", wish.at), reason);
    let known = stored.map(|row| row.open_credentials(tools.sealer));
    let before = known.as_ref().and_then(|known| known.as_ref().ok());
    if known.as_ref().is_some_and(Result::is_err) && wish.credentials.is_none() {
        wrong(
            "credentials",
            "were sealed with a key this shop does not have; name them again".to_owned(),
        );
        return None;
    }
    let credentials = wish.credentials.as_ref().or(before).cloned();
    let credentials = credentials.unwrap_or_default();
    let row = merged(wish, stored, shop, tools, now, problems)?;
    let config = AccountConfig {
        id: row.id.clone(),
        base_url: row.base_url.clone(),
        currency: row.currency,
        credentials: credentials.clone(),
    };
    let methods: Vec<Method> = serde_json::from_str(&row.methods).unwrap_or_default();
    match channel::open(&row.kind, &config) {
        Ok(channel) => {
            for method in methods.iter().filter(|m| !channel.methods().contains(m)) {
                wrong("methods", format!("{method} is not served by {}", row.kind));
            }
            if !channel.currencies().contains(&row.currency) {
                wrong(
                    "currency",
                    format!("{} is not collected by {}", row.currency, row.kind),
                );
            }
        }
        Err(refused) => {
            let own = ["kind", "base_url", "currency"].contains(&refused.key.as_str());
            let under = if own { "" } else { "credentials." };
            problems.lacks(
                format!("{}.{under}{}", wish.at, refused.key),
                refused.reason,
            );
        }
    }
    let mut line = diff::line(
        format!("channel_account {}", wish.id),
        stored.map(facts).as_ref(),
        &facts(&row),
    );
    if wish.credentials.is_some() {
        line.secrets("credentials.", before, &credentials);
    }
    let touched = line.touches();
    let sealed = wish
        .credentials
        .as_ref()
        .filter(|_| before != Some(&credentials));
    let row = match sealed {
        Some(credentials) => AccountRow {
            credentials: seal(&row, credentials, tools),
            ..row
        },
        None => row,
    };
    Some((line, touched.then_some(row)))
}

fn merged(
    wish: &AccountWish,
    stored: Option<&AccountRow>,
    shop: Currency,
    tools: &Tools<'_>,
    now: Millis,
    problems: &Problems,
) -> Option<AccountRow> {
    let wrong = |key: &str, reason: &str| problems.add(format!("{}.{key}", wish.at), reason);
    let new = stored.is_none();
    if new {
        let missing = [
            ("kind", wish.kind.is_none()),
            ("base_url", wish.base_url.is_none()),
            ("methods", wish.methods.is_none()),
        ];
        let missing: Vec<_> = missing.iter().filter(|(_, missing)| *missing).collect();
        for (key, _) in &missing {
            problems.lacks(format!("{}.{key}", wish.at), "is missing");
        }
        if !missing.is_empty() {
            return None;
        }
    }
    let kept = stored.map(|row| row.kind.as_str());
    if kept.is_some_and(|kept| wish.kind.as_deref().is_some_and(|kind| kind != kept)) {
        wrong(
            "kind",
            "cannot change: open payments belong to it; name a new account",
        );
        return None;
    }
    let currency = wish
        .currency
        .or(stored.map(|row| row.currency))
        .unwrap_or(shop);
    let moved = stored.is_some_and(|row| row.currency != currency);
    let amount = |key: &str, wish: Option<&Amount>, kept: Option<Minor>| match wish {
        Some(amount) => match amount.of(currency) {
            Ok(minor) => Some(minor),
            Err(reason) => {
                problems.add(amount.at.clone(), reason);
                None
            }
        },
        None => {
            if moved && kept.is_some_and(|kept| kept != Minor::ZERO) {
                wrong(key, "must be named too when the currency changes");
            }
            kept
        }
    };
    let fixed = amount("fixed", wish.fixed.as_ref(), stored.map(|row| row.fixed));
    let limit = |minor: &Minor| *minor != Minor::ZERO;
    let kept = stored.and_then(|row| row.min_amount);
    let min_amount = amount("min_amount", wish.min_amount.as_ref(), kept).filter(limit);
    let kept = stored.and_then(|row| row.max_amount);
    let max_amount = amount("max_amount", wish.max_amount.as_ref(), kept).filter(limit);
    if max_amount.is_some_and(|max| min_amount.is_some_and(|min| min > max)) {
        wrong("max_amount", "is below min_amount");
    }
    let methods = match &wish.methods {
        Some(methods) => serde_json::to_string(methods).unwrap_or_default(),
        None => stored?.methods.clone(),
    };
    let fee = wish.fee.map(|fee| fee.to_string());
    Some(AccountRow {
        id: wish.id.clone(),
        kind: wish.kind.clone().or(stored.map(|row| row.kind.clone()))?,
        state: wish
            .state
            .or(stored.map(|row| row.state))
            .unwrap_or(AccountState::Enabled),
        priority: wish
            .priority
            .or(stored.map(|row| row.priority))
            .unwrap_or(PRIORITY),
        currency,
        min_amount,
        max_amount,
        fee: fee
            .or(stored.map(|row| row.fee.clone()))
            .unwrap_or_else(|| Rate::ZERO.to_string()),
        fixed: fixed.unwrap_or(Minor::ZERO),
        base_url: wish
            .base_url
            .clone()
            .or(stored.map(|row| row.base_url.clone()))?,
        methods,
        path_token: stored.map_or_else(
            || ViewToken::new(tools.random).reveal().to_owned(),
            |row| row.path_token.clone(),
        ),
        credentials: stored
            .map(|row| row.credentials.clone())
            .unwrap_or_default(),
        created_at: stored.map_or(now, |row| row.created_at),
        changed_at: now,
    })
}

fn seal(row: &AccountRow, credentials: &BTreeMap<String, Secret>, tools: &Tools<'_>) -> Vec<u8> {
    let plain: BTreeMap<&str, &str> = credentials
        .iter()
        .map(|(key, value)| (key.as_str(), value.reveal()))
        .collect();
    let text = Secret::new(serde_json::to_string(&plain).unwrap_or_default());
    let place = AccountRow::place(&row.id);
    tools
        .sealer
        .seal(text.reveal().as_bytes(), &place, tools.random)
}

/// What a reader may see of an account.
fn facts(row: &AccountRow) -> Facts {
    let limit = |limit: Option<Minor>| match limit {
        Some(minor) => minor.decimal(row.currency),
        None => "none".to_owned(),
    };
    let methods: Vec<String> = serde_json::from_str(&row.methods).unwrap_or_default();
    vec![
        ("kind", row.kind.clone()),
        ("state", row.state.to_string()),
        ("methods", methods.join(", ")),
        ("base_url", row.base_url.clone()),
        ("currency", row.currency.to_string()),
        ("fee", row.fee.clone()),
        ("fixed", row.fixed.decimal(row.currency)),
        ("min_amount", limit(row.min_amount)),
        ("max_amount", limit(row.max_amount)),
        ("priority", row.priority.to_string()),
    ]
}
