//! The format of the file: from TOML to [`Wishes`], with every problem noted.

use std::collections::HashSet;
use std::path::Path;

use toml::Table;

use super::accounts;
use super::goods;
use super::read::{Fields, Problems};
use super::wish::{CardsWish, CategoryWish, Pair, Wishes};
use crate::catalog::lint::{self, Unsound};
use crate::stock::import::{self, Fault, Layout};

/// Malformed lines of one file of cards that are told one by one.
const LINES_TOLD: usize = 20;

/// Reads a whole file. What it names is relative to `folder`. Problems are noted; whatever could
/// be read is in the answer, so that the rest can be checked too.
pub(crate) fn parse(text: &str, folder: &Path, problems: &Problems) -> Wishes {
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            problems.add("", syntax(text, &error));
            return Wishes::default();
        }
    };
    let known = ["shop", "category", "product", "cards", "channel_account"];
    let top = Fields::new(String::new(), &table, &known, problems);
    let mut wishes = Wishes::default();
    if let Some(shop) = top.table("shop") {
        wishes.shop = shop_keys(shop, folder, problems);
    }
    for (at, table) in top.tables("category").unwrap_or_default() {
        wishes.categories.extend(category(at, table, problems));
    }
    let slugs = wishes.categories.iter();
    once(
        slugs.map(|c| (c.at.as_str(), c.slug.as_str())),
        "slug",
        problems,
    );
    for (at, table) in top.tables("product").unwrap_or_default() {
        wishes
            .products
            .extend(goods::product(at, table, folder, problems));
    }
    let slugs = wishes.products.iter();
    once(
        slugs.map(|p| (p.at.as_str(), p.slug.as_str())),
        "slug",
        problems,
    );
    let skus = wishes.products.iter().flat_map(|p| &p.variants);
    once(
        skus.map(|v| (v.at.as_str(), v.sku.as_str())),
        "sku",
        problems,
    );
    let mut seen = HashSet::new();
    for (at, table) in top.tables("cards").unwrap_or_default() {
        wishes
            .cards
            .extend(cards(at, table, folder, &mut seen, problems));
    }
    for (at, table) in top.tables("channel_account").unwrap_or_default() {
        wishes
            .accounts
            .extend(accounts::account(at, table, folder, problems));
    }
    let ids = wishes.accounts.iter();
    once(ids.map(|a| (a.at.as_str(), a.id.as_str())), "id", problems);
    wishes
}

/// Where the syntax breaks. The text of the line is not shown: it may hold a key.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    format!("line {line} is not TOML: {}", error.message())
}

/// The settings by name; the settings themselves know what they are. The secret one may stand
/// in a file or in the environment.
fn shop_keys(shop: &Table, folder: &Path, problems: &Problems) -> Vec<(String, toml::Value)> {
    let mut keys = Vec::new();
    for (key, value) in shop {
        if key == "webhook_secret" {
            let at = format!("shop.{key}");
            let secret = accounts::secret(&at, value, folder, problems);
            let text = secret.map(|secret| secret.reveal().to_owned());
            keys.extend(text.map(|text| (key.clone(), toml::Value::String(text))));
        } else {
            keys.push((key.clone(), value.clone()));
        }
    }
    keys
}

fn category(at: String, table: &Table, problems: &Problems) -> Option<CategoryWish> {
    let fields = Fields::new(at, table, &["slug", "name", "position"], problems);
    let name = named(&fields, "name", lint::LABEL);
    let position = fields.position("position");
    let slug = code(&fields, "slug")?;
    Some(CategoryWish {
        slug,
        name,
        position,
        at: fields.at,
    })
}

fn cards(
    at: String,
    table: &Table,
    folder: &Path,
    seen: &mut HashSet<String>,
    problems: &Problems,
) -> Option<CardsWish> {
    let fields = Fields::new(at, table, &["variant", "file"], problems);
    let variant = fields.needed("variant");
    let file = fields.needed("file")?;
    let bytes = match std::fs::read(folder.join(file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            fields.wrong("file", format!("{file} cannot be read: {error}"));
            return None;
        }
    };
    let mut parsed = import::parse(&bytes, Layout::of_file(file));
    let malformed = parsed.faults.iter();
    let malformed = malformed.filter(|(_, fault)| *fault != Fault::DuplicateInFile);
    let mut count = 0;
    for (line, fault) in malformed {
        if count < LINES_TOLD {
            fields.wrong("file", format!("{file} line {line} {}", fault.words()));
        }
        count += 1;
    }
    if count > LINES_TOLD {
        let more = count - LINES_TOLD;
        fields.wrong("file", format!("{file} has {more} more malformed lines"));
    }
    // A card that stands in two files belongs to the first.
    let faults = &mut parsed.faults;
    parsed.cards.retain(|(line, card)| {
        let fresh = seen.insert(card.clone());
        if !fresh {
            faults.push((*line, Fault::DuplicateInFile));
        }
        fresh
    });
    let name = Path::new(file).file_name().unwrap_or_default();
    Some(CardsWish {
        variant: variant?.to_owned(),
        source: name.to_string_lossy().into_owned(),
        parsed,
        at: fields.at,
    })
}

/// A code that must be there and be sound.
pub(super) fn code(fields: &Fields<'_>, key: &str) -> Option<String> {
    let text = fields.needed(key)?;
    match lint::code(text) {
        Ok(()) => Some(text.to_owned()),
        Err(reason) => {
            fields.wrong(key, reason);
            None
        }
    }
}

/// A pair of lines that may not be blank.
pub(super) fn named(fields: &Fields<'_>, key: &str, most: usize) -> Pair {
    let pair = fields.pair(key);
    for (language, text) in [("zh", &pair.zh), ("en", &pair.en)] {
        let Some(text) = text else { continue };
        let path = format!("{key}.{language}");
        if let Err(reason) = lint::name(text, most) {
            fields.wrong(&path, reason);
        }
    }
    pair
}

/// A pair of texts, checked by `sound`.
pub(super) fn described(
    fields: &Fields<'_>,
    key: &str,
    sound: impl Fn(&str) -> Result<(), Unsound>,
) -> Pair {
    let pair = fields.pair(key);
    for (language, text) in [("zh", &pair.zh), ("en", &pair.en)] {
        if let Some(Err(reason)) = text.as_deref().map(&sound) {
            fields.wrong(&format!("{key}.{language}"), reason);
        }
    }
    pair
}

/// Notes names that stand twice.
fn once<'a>(names: impl Iterator<Item = (&'a str, &'a str)>, key: &str, problems: &Problems) {
    let mut seen = std::collections::HashMap::new();
    for (at, name) in names {
        if let Some(first) = seen.insert(name, at) {
            problems.add(
                format!("{at}.{key}"),
                format!("{name:?} stands at {first} already"),
            );
        }
    }
}
