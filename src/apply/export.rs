//! Writing a shop's configuration back in the format that `apply` reads. Secrets, contents and
//! cards stay in the shop: comments say which there are.

use std::fmt::Write as _;

use super::error::ApplyError;
use super::goods::kind_word;
use super::plan::settings_map;
use super::run::Tools;
use super::store::{self, Stored};
use crate::account::AccountRow;
use crate::catalog::{Delivery, Product, Variant};
use crate::money::{Currency, Minor};
use crate::store::StoreError;

/// The whole configuration as TOML. Applied to the same shop it changes nothing.
pub async fn export(tools: Tools<'_>) -> Result<String, ApplyError> {
    let stored = tools.store.read(store::stored).await?;
    let mut out = Out(String::new());
    shop(&mut out, &stored);
    for row in &stored.categories {
        out.head("[category]");
        out.text("slug", &row.slug);
        out.pair("name", &row.name_zh, &row.name_en);
        out.raw("position", row.position);
    }
    let place = |p: &Product| {
        let at = stored.categories.iter().position(|c| c.id == p.category_id);
        (at, p.position)
    };
    let mut products: Vec<&Product> = stored.products.iter().collect();
    products.sort_by_key(|p| place(p));
    for row in products {
        product(&mut out, row, &stored)?;
    }
    for row in &stored.accounts {
        account(&mut out, row, &tools)?;
    }
    Ok(out.0)
}

fn shop(out: &mut Out, stored: &Stored) {
    out.0.push_str("[shop]\n");
    for (key, value) in settings_map(&stored.settings) {
        match value {
            serde_json::Value::String(secret) if key == "webhook_secret" => {
                if !secret.is_empty() {
                    out.0
                        .push_str("# webhook_secret is set; it is not exported\n");
                }
            }
            serde_json::Value::String(text) => out.text(&key, &text),
            other => out.raw(&key, other),
        }
    }
}

fn product(out: &mut Out, row: &Product, stored: &Stored) -> Result<(), StoreError> {
    let shelf = stored.categories.iter().find(|c| c.id == row.category_id);
    out.head("[product]");
    out.text("slug", &row.slug);
    out.text(
        "category",
        shelf.map(|c| c.slug.as_str()).unwrap_or_default(),
    );
    out.pair("name", &row.name_zh, &row.name_en);
    out.pair("summary", &row.summary_zh, &row.summary_en);
    out.text("picture", &row.picture);
    out.text("delivery", row.delivery.as_str());
    out.raw("reserve", row.reserves);
    out.raw("low_stock", row.low_stock);
    out.raw("promised_minutes", row.promised_minutes);
    out.text("state", row.state.as_str());
    out.raw("position", row.position);
    out.long(
        "product.description",
        &row.description_zh,
        &row.description_en,
    );
    out.long("product.usage", &row.usage_zh, &row.usage_en);
    let asks = row.asks();
    let asks = asks.map_err(|e| StoreError::corrupt(format!("fields of {}: {e}", row.slug)))?;
    for field in &asks {
        out.head("[product.field]");
        out.text("key", &field.key);
        out.text("label_zh", &field.label_zh);
        out.text("label_en", &field.label_en);
        out.text("kind", kind_word(field.kind));
        if !field.options.is_empty() {
            let options: Vec<String> = field.options.iter().map(|o| quoted(o)).collect();
            out.raw("options", format!("[{}]", options.join(", ")));
        }
        if !field.pattern.is_empty() {
            out.text("pattern", &field.pattern);
        }
        if !field.hint.is_empty() {
            out.text("hint", &field.hint);
        }
        out.raw("required", field.required);
    }
    for of in stored.variants.iter().filter(|v| v.product_id == row.id) {
        variant(out, of, row, stored)?;
    }
    Ok(())
}

fn variant(
    out: &mut Out,
    row: &Variant,
    product: &Product,
    stored: &Stored,
) -> Result<(), StoreError> {
    out.head("[product.variant]");
    out.text("sku", &row.sku);
    out.pair("name", &row.name_zh, &row.name_en);
    out.amount("price", row.price, row.currency);
    out.text("currency", row.currency.code());
    let tiers = row.wholesale();
    let tiers = tiers.map_err(|e| StoreError::corrupt(format!("tiers of {}: {e}", row.sku)))?;
    let tiers: Vec<String> = tiers
        .0
        .iter()
        .map(|tier| {
            let price = quoted(&tier.price.decimal(row.currency));
            format!("{{ from = {}, price = {price} }}", tier.from)
        })
        .collect();
    out.raw("tiers", format!("[{}]", tiers.join(", ")));
    out.raw("min_quantity", row.min_quantity);
    out.raw("max_quantity", row.max_quantity);
    out.raw("buyer_limit", row.buyer_limit.unwrap_or(0));
    out.text("state", row.state.as_str());
    out.raw("position", row.position);
    if product.delivery == Delivery::Reusable {
        let card = stored.reusables.iter().find(|r| r.variant_id == row.id);
        if let Some(card) = card {
            out.raw("use_limit", card.use_limit.unwrap_or(0));
            out.0.push_str("# content is set; it is not exported\n");
        }
    }
    Ok(())
}

fn account(out: &mut Out, row: &AccountRow, tools: &Tools<'_>) -> Result<(), StoreError> {
    let facts = row.facts()?;
    out.head("[channel_account]");
    out.text("id", row.id.as_str());
    out.text("kind", &row.kind);
    out.text("state", row.state.as_str());
    let methods: Vec<String> = facts.methods.iter().map(|m| quoted(m.as_str())).collect();
    out.raw("methods", format!("[{}]", methods.join(", ")));
    out.text("base_url", &row.base_url);
    out.text("currency", row.currency.code());
    out.text("fee", &facts.fee.to_string());
    out.amount("fixed", row.fixed, row.currency);
    let limit = |limit: Option<Minor>| limit.unwrap_or(Minor::ZERO);
    out.amount("min_amount", limit(row.min_amount), row.currency);
    out.amount("max_amount", limit(row.max_amount), row.currency);
    out.raw("priority", row.priority);
    let known = row.open_credentials(tools.sealer).unwrap_or_default();
    out.0
        .push_str("# [channel_account.credentials] are set; they are not exported:\n");
    for key in known.keys() {
        let _ = writeln!(out.0, "# {key} = \"…\"");
    }
    Ok(())
}

/// The text so far.
struct Out(String);

impl Out {
    fn head(&mut self, table: &str) {
        let _ = writeln!(self.0, "\n[{table}]");
    }

    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, quoted(text));
    }

    fn amount(&mut self, key: &str, amount: Minor, currency: Currency) {
        self.text(key, &amount.decimal(currency));
    }

    fn pair(&mut self, key: &str, zh: &str, en: &str) {
        self.raw(
            key,
            format!("{{ zh = {}, en = {} }}", quoted(zh), quoted(en)),
        );
    }

    /// Two long texts as a table of their own.
    fn long(&mut self, table: &str, zh: &str, en: &str) {
        self.head(table);
        self.text("zh", zh);
        self.text("en", en);
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
