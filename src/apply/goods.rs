//! Products and variants of the file.

use std::path::Path;

use toml::Table;

use super::file::{code, described, named};
use super::read::{Fields, Problems};
use super::wish::{ProductWish, TierWish, VariantWish};
use crate::catalog::lint::{self, MANY, MOST_UNITS, Unsound};
use crate::catalog::{Delivery, Field, FieldKind, OnOff};
use crate::money::Currency;
use crate::seal::Secret;

pub(super) fn product(
    at: String,
    table: &Table,
    folder: &Path,
    problems: &Problems,
) -> Option<ProductWish> {
    let known = [
        "slug",
        "category",
        "name",
        "summary",
        "description",
        "usage",
        "picture",
        "delivery",
        "reserve",
        "low_stock",
        "promised_minutes",
        "state",
        "position",
        "field",
        "variant",
    ];
    let fields = Fields::new(at, table, &known, problems);
    let picture = fields.text("picture");
    if let Some(Err(reason)) = picture.map(lint::picture) {
        fields.wrong("picture", reason);
    }
    let variants = fields.tables("variant").unwrap_or_default();
    let wish = ProductWish {
        slug: String::new(),
        category: fields.text("category").map(str::to_owned),
        name: named(&fields, "name", lint::NAME),
        summary: described(&fields, "summary", |text| lint::line(text, lint::SUMMARY)),
        description: described(&fields, "description", |text| {
            lint::lines(text, lint::DESCRIPTION)
        }),
        usage: described(&fields, "usage", |text| lint::lines(text, lint::USAGE)),
        picture: picture.map(str::to_owned),
        delivery: fields.word("delivery", Delivery::ALL, Delivery::as_str),
        reserve: fields.flag("reserve"),
        low_stock: fields.number("low_stock", 0, MANY),
        promised_minutes: fields.number("promised_minutes", 0, lint::LONGEST_PROMISE),
        state: fields.word("state", OnOff::ALL, OnOff::as_str),
        position: fields.position("position"),
        fields: asked(&fields, problems),
        variants: variants
            .into_iter()
            .filter_map(|(at, table)| variant(at, table, folder, problems))
            .collect(),
        at: fields.at.clone(),
    };
    let slug = code(&fields, "slug")?;
    Some(ProductWish { slug, ..wish })
}

/// The fields a product asks its buyer for; the whole list at once.
fn asked(product: &Fields<'_>, problems: &Problems) -> Option<Vec<Field>> {
    let known = [
        "key", "label_zh", "label_en", "kind", "options", "pattern", "hint", "required",
    ];
    let kinds = [FieldKind::Text, FieldKind::Select, FieldKind::Pattern];
    let mut asked: Vec<Field> = Vec::new();
    for (at, table) in product.tables("field")? {
        let fields = Fields::new(at.clone(), table, &known, problems);
        let text = |key| fields.text(key).unwrap_or_default().to_owned();
        let options = fields.texts("options").unwrap_or_default();
        let (label_zh, label_en) = (fields.needed("label_zh"), fields.needed("label_en"));
        let (hint, pattern) = (text("hint"), text("pattern"));
        let required = fields.flag("required").unwrap_or(false);
        let kind = fields.word("kind", &kinds, kind_word);
        if fields.value("kind").is_none() {
            fields.wrong("kind", "is missing");
        }
        let (Some(key), Some(label_zh), Some(label_en), Some(kind)) =
            (fields.needed("key"), label_zh, label_en, kind)
        else {
            continue;
        };
        for (name, label) in [("label_zh", label_zh), ("label_en", label_en)] {
            if let Err(reason) = lint::name(label, lint::LABEL) {
                fields.wrong(name, reason);
            }
        }
        if options
            .iter()
            .any(|o| o.trim().is_empty() || o.trim() != *o)
        {
            fields.wrong("options", Unsound::BlankOption);
        }
        let field = Field {
            key: key.to_owned(),
            label_zh: label_zh.to_owned(),
            label_en: label_en.to_owned(),
            kind,
            options: options.into_iter().map(str::to_owned).collect(),
            pattern,
            hint,
            required,
        };
        if let Err(reason) = field.is_sound() {
            problems.add(at.clone(), reason);
        }
        if asked.iter().any(|other| other.key == field.key) {
            fields.wrong("key", format!("{key:?} stands above already"));
        }
        asked.push(field);
    }
    Some(asked)
}

/// The word of a kind of field.
pub(super) fn kind_word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Select => "select",
        FieldKind::Pattern => "pattern",
    }
}

fn variant(at: String, table: &Table, folder: &Path, problems: &Problems) -> Option<VariantWish> {
    let known = [
        "sku",
        "name",
        "price",
        "currency",
        "tiers",
        "min_quantity",
        "max_quantity",
        "buyer_limit",
        "state",
        "position",
        "content",
        "content_file",
        "use_limit",
    ];
    let fields = Fields::new(at, table, &known, problems);
    let wish = VariantWish {
        sku: String::new(),
        name: described(&fields, "name", |text| lint::line(text, lint::LABEL)),
        price: fields.amount("price"),
        currency: currency(&fields),
        tiers: tiers(&fields, problems),
        min_quantity: fields.number("min_quantity", 1, MOST_UNITS),
        max_quantity: fields.number("max_quantity", 1, MOST_UNITS),
        buyer_limit: fields.number("buyer_limit", 0, MANY),
        state: fields.word("state", OnOff::ALL, OnOff::as_str),
        position: fields.position("position"),
        content: content(&fields, folder),
        use_limit: fields.number("use_limit", 0, MANY),
        at: fields.at.clone(),
    };
    let sku = code(&fields, "sku")?;
    Some(VariantWish { sku, ..wish })
}

/// An ISO code, if it is there.
pub(super) fn currency(fields: &Fields<'_>) -> Option<Currency> {
    let code = fields.text("currency")?;
    let currency = code.parse().ok();
    if currency.is_none() {
        fields.wrong("currency", format!("{code:?} is not a currency we know"));
    }
    currency
}

/// Wholesale prices; the whole list at once.
fn tiers(variant: &Fields<'_>, problems: &Problems) -> Option<Vec<TierWish>> {
    let mut tiers: Vec<TierWish> = Vec::new();
    for (at, table) in variant.tables("tiers")? {
        let fields = Fields::new(at, table, &["from", "price"], problems);
        for key in ["from", "price"] {
            if fields.value(key).is_none() {
                fields.wrong(key, "is missing");
            }
        }
        let price = fields.amount("price");
        let (Some(from), Some(price)) = (fields.number("from", 2, MOST_UNITS), price) else {
            continue;
        };
        let before = tiers.last().map_or(0, |before| before.from);
        if !lint::out_of_order(&[before, from]).is_empty() {
            fields.wrong("from", Unsound::TierOrder);
        }
        tiers.push(TierWish {
            at: fields.at,
            from,
            price,
        });
    }
    Some(tiers)
}

/// What a reusable card hands out, from the file itself or a file beside it.
fn content(variant: &Fields<'_>, folder: &Path) -> Option<Secret> {
    let (key, text) = match (variant.text("content"), variant.text("content_file")) {
        (Some(_), Some(_)) => {
            variant.wrong("content_file", "stands beside content; name one of them");
            return None;
        }
        (Some(text), None) => ("content", text.to_owned()),
        (None, Some(file)) => match std::fs::read_to_string(folder.join(file)) {
            Ok(text) => ("content_file", text),
            Err(error) => {
                variant.wrong("content_file", format!("{file} cannot be read: {error}"));
                return None;
            }
        },
        (None, None) => return None,
    };
    let text = text.trim();
    if text.is_empty() {
        variant.wrong(key, Unsound::Empty);
    } else if let Err(reason) = lint::lines(text, lint::CONTENT) {
        variant.wrong(key, reason);
    }
    Some(Secret::new(text))
}
