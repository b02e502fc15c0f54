//! From wishes to rows: what the file names is laid over what is stored, checked as a whole, and
//! compared. Nothing is written here.

use std::collections::HashMap;

use super::collect;
use super::diff::{self, Facts, Line};
use super::read::Problems;
use super::run::Tools;
use super::shelf;
use super::store::Stored;
use super::wish::{CategoryWish, Wishes};
use crate::account::AccountRow;
use crate::catalog::{Category, Delivery, Product, Variant};
use crate::clock::Millis;
use crate::ids::{CategoryId, VariantId};
use crate::settings::Settings;
use crate::stock::Reusable;

/// What is to be written, and how it is told.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) version: i64,
    pub(super) now: Millis,
    pub(super) settings: Option<Settings>,
    pub(super) categories: Vec<Category>,
    pub(super) products: Vec<Product>,
    pub(super) variants: Vec<Variant>,
    pub(super) reusables: Vec<Reusable>,
    pub(super) accounts: Vec<AccountRow>,
    pub(super) lines: Vec<Line>,
    /// Every variant the shop will know, by sku: for the cards.
    pub(super) known: HashMap<String, (VariantId, Delivery)>,
}

impl Plan {
    /// How many rows it writes, the version and every setting included.
    pub(super) fn rows(&self) -> usize {
        let goods = self.categories.len() + self.products.len() + self.variants.len();
        let rest = self.reusables.len() + self.accounts.len();
        let settings = self.settings.as_ref().map_or(0, |s| settings_map(s).len());
        match goods + rest + settings {
            0 => 0,
            rows => rows + 1,
        }
    }
}

/// Lays the wishes over what is stored.
pub(super) fn plan(
    wishes: &Wishes,
    stored: &Stored,
    tools: &Tools<'_>,
    problems: &Problems,
) -> Plan {
    let now = tools.clock.now();
    let mut plan = Plan {
        version: stored.version,
        now,
        ..Plan::default()
    };
    let settings = settings(wishes, &stored.settings, &mut plan, problems);
    let mut categories: HashMap<String, CategoryId> = stored
        .categories
        .iter()
        .map(|c| (c.slug.clone(), c.id.clone()))
        .collect();
    for (place, wish) in wishes.categories.iter().enumerate() {
        let known = stored.categories.iter().find(|c| c.slug == wish.slug);
        let place = i32::try_from(place).unwrap_or(i32::MAX);
        let Some(row) = category(wish, known, place, tools, now, problems) else {
            // What stands on it need not be told a second time.
            categories.insert(wish.slug.clone(), CategoryId::new(now, tools.random));
            continue;
        };
        categories.insert(row.slug.clone(), row.id.clone());
        let before = known.map(category_facts);
        let what = format!("category {}", row.slug);
        let line = diff::line(what, before.as_ref(), &category_facts(&row));
        if line.touches() {
            plan.categories.push(row);
        }
        plan.lines.push(line);
    }
    shelf::products(
        wishes,
        stored,
        &categories,
        settings.currency,
        tools,
        &mut plan,
        problems,
    );
    for wish in &wishes.accounts {
        let known = stored.accounts.iter().find(|row| row.id == wish.id);
        let planned = collect::planned(wish, known, settings.currency, tools, now, problems);
        if let Some((line, row)) = planned {
            plan.lines.push(line);
            plan.accounts.extend(row);
        }
    }
    for wish in &wishes.cards {
        let reason = match plan.known.get(&wish.variant) {
            None => format!("no variant has the sku {:?}", wish.variant),
            Some((_, Delivery::CardPool)) => continue,
            Some((_, other)) => format!(
                "{:?} is delivered as {other}, not from a card pool",
                wish.variant
            ),
        };
        problems.add(format!("{}.variant", wish.at), reason);
    }
    plan
}

/// The settings as they will be.
fn settings(wishes: &Wishes, stored: &Settings, plan: &mut Plan, problems: &Problems) -> Settings {
    let before = settings_map(stored);
    let mut after = before.clone();
    for (key, value) in &wishes.shop {
        let at = format!("shop.{key}");
        if !before.contains_key(key) {
            let known: Vec<&str> = before.keys().map(String::as_str).collect();
            problems.add(
                at,
                format!("is not a setting; known are {}", known.join(", ")),
            );
            continue;
        }
        let value = serde_json::to_value(value).unwrap_or_default();
        let mut one = before.clone();
        one.insert(key.clone(), value.clone());
        match serde_json::from_value::<Settings>(serde_json::Value::Object(one)) {
            Ok(_) => {
                after.insert(key.clone(), value);
            }
            Err(_) if key == "webhook_secret" => problems.add(at, "must be text"),
            Err(error) => problems.add(at, error.to_string()),
        }
    }
    // The check tells one thing at a time; each that is told goes back to what it was.
    let mut told: Vec<&str> = Vec::new();
    let settings = loop {
        let object = serde_json::Value::Object(after.clone());
        let Ok(settings) = serde_json::from_value::<Settings>(object) else {
            break stored.clone();
        };
        match settings.check() {
            Err((key, reason)) if !wishes.shop.is_empty() && !told.contains(&key) => {
                problems.add(format!("shop.{key}"), reason);
                told.push(key);
                if let Some(old) = before.get(key) {
                    after.insert(key.to_owned(), old.clone());
                }
            }
            _ => break settings,
        }
    };
    let mut line = diff::line("shop".to_owned(), Some(&vec![]), &vec![]);
    for (key, new) in &after {
        let old = before.get(key);
        if old == Some(new) {
            continue;
        }
        let secret = key == "webhook_secret";
        let text = |value: &serde_json::Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        line.sign = diff::Sign::Changed;
        line.changes.push(diff::Change {
            key: key.clone(),
            old: old.filter(|_| !secret).map(text),
            new: if secret {
                "changed".to_owned()
            } else {
                text(new)
            },
        });
    }
    if line.touches() {
        plan.settings = Some(settings.clone());
    }
    if !wishes.shop.is_empty() {
        plan.lines.push(line);
    }
    settings
}

/// The settings by name.
pub(super) fn settings_map(settings: &Settings) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(settings) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

fn category(
    wish: &CategoryWish,
    stored: Option<&Category>,
    place: i32,
    tools: &Tools<'_>,
    now: Millis,
    problems: &Problems,
) -> Option<Category> {
    let zh = wish.name.zh.clone().or(stored.map(|c| c.name_zh.clone()));
    let en = wish.name.en.clone().or(stored.map(|c| c.name_en.clone()));
    missing_name(&wish.at, &zh, &en, problems);
    Some(Category {
        id: stored.map_or_else(|| CategoryId::new(now, tools.random), |c| c.id.clone()),
        slug: wish.slug.clone(),
        name_zh: zh?,
        name_en: en?,
        position: wish
            .position
            .or(stored.map(|c| c.position))
            .unwrap_or(place),
        changed_at: now,
    })
}

/// Notes the language a name lacks.
pub(super) fn missing_name(
    at: &str,
    zh: &Option<String>,
    en: &Option<String>,
    problems: &Problems,
) {
    for (language, text) in [("zh", zh), ("en", en)] {
        if text.is_none() {
            problems.lacks(format!("{at}.name.{language}"), "is missing");
        }
    }
}

fn category_facts(row: &Category) -> Facts {
    vec![
        ("name.zh", row.name_zh.clone()),
        ("name.en", row.name_en.clone()),
        ("position", row.position.to_string()),
    ]
}
