//! Channel accounts of the file, and secrets wherever they stand.

use std::path::Path;

use toml::{Table, Value};

use super::file;
use super::goods::currency;
use super::read::{Fields, Problems, kind};
use super::wish::AccountWish;
use crate::account::AccountState;
use crate::channel::Method;
use crate::money::Rate;
use crate::seal::Secret;

/// The largest file that is read as one credential.
const LARGEST_SECRET: usize = 64 * 1024;

/// Reads one `[[channel_account]]`.
pub(super) fn account(
    at: String,
    table: &Table,
    folder: &Path,
    problems: &Problems,
) -> Option<AccountWish> {
    let known = [
        "id",
        "kind",
        "state",
        "methods",
        "base_url",
        "fee",
        "fixed",
        "min_amount",
        "max_amount",
        "currency",
        "priority",
        "credentials",
    ];
    let fields = Fields::new(at, table, &known, problems);
    let methods = methods(&fields);
    let fee = fee(&fields);
    let credentials = fields.table("credentials").map(|table| {
        let read = |(key, value): (&String, &Value)| {
            let path = fields.path(&format!("credentials.{key}"));
            Some((key.clone(), secret(&path, value, folder, problems)?))
        };
        table.iter().filter_map(read).collect()
    });
    let kind = fields.text("kind").map(str::to_owned);
    let state = fields.word("state", AccountState::ALL, AccountState::as_str);
    let base_url = fields.text("base_url");
    let (fixed, min_amount, max_amount) = (
        fields.amount("fixed"),
        fields.amount("min_amount"),
        fields.amount("max_amount"),
    );
    let currency = currency(&fields);
    let priority = fields.position("priority");
    let id = file::code(&fields, "id")?;
    let id = match id.parse() {
        Ok(id) => id,
        Err(reason) => {
            fields.wrong("id", format!("must be {reason}"));
            return None;
        }
    };
    Some(AccountWish {
        id,
        kind,
        state,
        methods,
        base_url: base_url.map(|url| url.trim().trim_end_matches('/').to_owned()),
        fee,
        fixed,
        min_amount,
        max_amount,
        currency,
        priority,
        credentials,
        at: fields.at,
    })
}

fn methods(fields: &Fields<'_>) -> Option<Vec<Method>> {
    let mut methods = Vec::new();
    for word in fields.texts("methods")? {
        match Method::parse(word) {
            Some(method) if methods.contains(&method) => {
                fields.wrong("methods", format!("{word:?} stands there twice"));
            }
            Some(method) => methods.push(method),
            None => {
                let known: Vec<&str> = Method::ALL.iter().map(|m| m.as_str()).collect();
                let reason = format!("{word:?} is not one of {}", known.join(", "));
                fields.wrong("methods", reason);
            }
        }
    }
    if methods.is_empty() {
        fields.wrong("methods", "needs at least one");
    }
    Some(methods)
}

/// A share of each payment. A number is taken by its shortest decimal text, which is what was
/// written; it is no amount.
fn fee(fields: &Fields<'_>) -> Option<Rate> {
    let text = match fields.value("fee")? {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        Value::Integer(number) => number.to_string(),
        other => {
            fields.wrong(
                "fee",
                format!("is {}; write a rate like \"0.006\"", kind(other)),
            );
            return None;
        }
    };
    let rate = text.parse();
    rate.map_err(|e| {
        fields.wrong(
            "fee",
            format!("must be a rate from 0 to 1 (\"0.006\"): {e}"),
        )
    })
    .ok()
}

/// A value that is a secret: text, `{ file = "path" }` or `{ env = "NAME" }`.
pub(super) fn secret(
    at: &str,
    value: &Value,
    folder: &Path,
    problems: &Problems,
) -> Option<Secret> {
    let table = match value {
        Value::String(text) => return Some(Secret::new(text.clone())),
        Value::Integer(number) => return Some(Secret::new(number.to_string())),
        Value::Table(table) => table,
        other => {
            let reason = format!(
                "is {}; it must be text, {{ file = \"…\" }} or {{ env = \"…\" }}",
                kind(other)
            );
            problems.add(at, reason);
            return None;
        }
    };
    let fields = Fields::new(at.to_owned(), table, &["file", "env"], problems);
    match (fields.text("file"), fields.text("env")) {
        (Some(file), None) => match std::fs::read_to_string(folder.join(file)) {
            Ok(text) if text.len() <= LARGEST_SECRET => Some(Secret::new(text.trim_end())),
            Ok(_) => {
                fields.wrong("file", format!("{file} is too large for a key"));
                None
            }
            Err(error) => {
                fields.wrong("file", format!("{file} cannot be read: {error}"));
                None
            }
        },
        (None, Some(name)) => {
            let known = std::env::var(name).ok();
            if known.is_none() {
                fields.wrong("env", format!("{name} is not set"));
            }
            known.map(Secret::new)
        }
        _ => {
            problems.add(at, "needs either file or env");
            None
        }
    }
}
