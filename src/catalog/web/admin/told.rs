//! Goods in the words of the console.

use serde_json::Value;

use crate::catalog::lint::Unsound;
use crate::catalog::{Delivery, FieldKind, OnOff};
use crate::money::Currency;
use crate::web::form::Form;
use crate::web::words::Words;

/// How goods are delivered.
pub fn delivery(words: Words, delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::CardPool => words.goods_card_pool(),
        Delivery::Reusable => words.goods_reusable(),
        Delivery::Manual => words.goods_manual(),
    }
}

/// On sale or not.
pub fn state(words: Words, state: OnOff) -> &'static str {
    match state {
        OnOff::On => words.goods_on(),
        OnOff::Off => words.goods_off(),
    }
}

/// What a field accepts.
pub fn kind(words: Words, kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => words.goods_field_text(),
        FieldKind::Select => words.goods_field_select(),
        FieldKind::Pattern => words.goods_field_pattern(),
    }
}

/// All currencies, as a choice.
pub fn currencies() -> Vec<(String, String)> {
    let codes = Currency::ALL.iter().map(|one| one.code().to_owned());
    codes.map(|code| (code.clone(), code)).collect()
}

/// A form as a page shows it before anything was typed.
pub fn form_of(pairs: Vec<(String, String)>) -> Form {
    // Names made by us, each once; a form that cannot be is shown empty.
    Form::of(pairs).unwrap_or_default()
}

/// A whole number of a form, from `from` to `to`; nothing typed is `otherwise`.
pub fn number(text: &str, from: i64, to: i64, otherwise: i64) -> Result<i64, Unsound> {
    match text.trim() {
        "" => Ok(otherwise),
        text => text
            .parse()
            .ok()
            .filter(|number| (from..=to).contains(number))
            .ok_or(Unsound::Range(from, to)),
    }
}

/// What a value of the audit log's facts is called on the form.
pub fn label(words: Words, key: &str) -> &'static str {
    match key {
        "name_zh" => words.goods_name_zh(),
        "name_en" => words.goods_name_en(),
        "slug" => words.goods_slug(),
        "category" => words.goods_category(),
        "summary_zh" => words.goods_summary_zh(),
        "summary_en" => words.goods_summary_en(),
        "description_zh" => words.goods_description_zh(),
        "description_en" => words.goods_description_en(),
        "usage_zh" => words.goods_usage_zh(),
        "usage_en" => words.goods_usage_en(),
        "picture" => words.goods_picture(),
        "delivery" => words.goods_delivery_kind(),
        "reserves" => words.goods_reserves(),
        "fields" => words.goods_fields(),
        "low_stock" => words.goods_low_stock(),
        "promised_minutes" => words.goods_promised(),
        "sku" => words.goods_sku(),
        "price" => words.goods_price(),
        "currency" => words.goods_currency(),
        "tiers" => words.goods_tiers(),
        "min_quantity" => words.goods_min(),
        "max_quantity" => words.goods_max(),
        "buyer_limit" => words.goods_buyer_limit(),
        "state" => words.goods_state(),
        _ => words.goods_position(),
    }
}

/// A value that differs between what is stored and what was typed.
pub struct Moved {
    /// What it is called.
    pub name: &'static str,
    /// As somebody else left it.
    pub theirs: String,
    /// As it was typed.
    pub yours: String,
}

/// What differs between two facts of one thing.
pub fn moved(words: Words, theirs: &Value, yours: &Value) -> Vec<Moved> {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let keys = theirs.as_object().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| theirs.get(key) != yours.get(key))
        .map(|key| Moved {
            name: label(words, key),
            theirs: text(theirs.get(key)),
            yours: text(yours.get(key)),
        })
        .collect()
}
