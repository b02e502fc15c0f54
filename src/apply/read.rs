//! Reading tables of a TOML file key by key: whatever is wrong is noted with the key's path, and
//! reading goes on, so that one run tells everything.

use std::cell::RefCell;

use toml::{Table, Value};

use super::error::Problem;
use super::wish::{Amount, Pair, Written};

/// All that is wrong with one file so far.
pub(crate) struct Problems {
    file: String,
    found: RefCell<Vec<Problem>>,
}

impl Problems {
    /// None yet.
    pub(crate) fn of(file: &str) -> Self {
        Problems {
            file: file.to_owned(),
            found: RefCell::default(),
        }
    }

    /// Notes one.
    pub(crate) fn add(&self, key: impl Into<String>, reason: impl Into<String>) {
        self.found.borrow_mut().push(Problem {
            file: self.file.clone(),
            key: key.into(),
            reason: reason.into(),
        });
    }

    /// Notes that something is lacking, unless what stood there was wrong already.
    pub(super) fn lacks(&self, key: String, reason: impl Into<String>) {
        let below = |found: &Problem| {
            let rest = found.key.strip_prefix(&key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let told = self.found.borrow().iter().any(below);
        if !told {
            self.add(key, reason);
        }
    }

    /// All of them.
    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.found.into_inner()
    }
}

/// A table and where it stands.
pub(super) struct Fields<'a> {
    pub(super) at: String,
    table: &'a Table,
    problems: &'a Problems,
}

impl<'a> Fields<'a> {
    /// A table that may have these keys and no others.
    pub(super) fn new(
        at: String,
        table: &'a Table,
        known: &[&str],
        problems: &'a Problems,
    ) -> Self {
        let fields = Fields {
            at,
            table,
            problems,
        };
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let reason = format!("is not a key here; known are {}", known.join(", "));
            fields.wrong(key, reason);
        }
        fields
    }

    /// The path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        match self.at.as_str() {
            "" => key.to_owned(),
            at => format!("{at}.{key}"),
        }
    }

    pub(super) fn wrong(&self, key: &str, reason: impl Into<String>) {
        self.problems.add(self.path(key), reason);
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    /// Text, if it is there.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        let value = self.value(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong(key, format!("is {}; it must be text", kind(value)));
        }
        text
    }

    /// Text that must be there.
    pub(super) fn needed(&self, key: &str) -> Option<&'a str> {
        if self.value(key).is_none() {
            self.wrong(key, "is missing");
        }
        self.text(key)
    }

    /// A whole number within bounds, if it is there.
    pub(super) fn number(&self, key: &str, from: i64, to: i64) -> Option<i64> {
        let value = self.value(key)?;
        match value.as_integer() {
            Some(number) if (from..=to).contains(&number) => Some(number),
            Some(number) => {
                self.wrong(key, format!("is {number}; it must be from {from} to {to}"));
                None
            }
            None => {
                self.wrong(
                    key,
                    format!("is {}; it must be a whole number", kind(value)),
                );
                None
            }
        }
    }

    /// A place in a list.
    pub(super) fn position(&self, key: &str) -> Option<i32> {
        let number = self.number(key, -1_000_000, 1_000_000)?;
        i32::try_from(number).ok()
    }

    /// `true` or `false`, if it is there.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.wrong(key, format!("is {}; it must be true or false", kind(value)));
        }
        flag
    }

    /// One of some words, if it is there.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        all: &[T],
        spelt: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(key)?;
        let found = all.iter().copied().find(|word| spelt(*word) == text);
        if found.is_none() {
            let words: Vec<&str> = all.iter().map(|word| spelt(*word)).collect();
            self.wrong(key, format!("{text:?} is not one of {}", words.join(", ")));
        }
        found
    }

    /// A text in both languages, or either: `{ zh = "…", en = "…" }`.
    pub(super) fn pair(&self, key: &str) -> Pair {
        match self.value(key) {
            None => Pair::default(),
            Some(Value::Table(table)) => {
                let inside = Fields::new(self.path(key), table, &["zh", "en"], self.problems);
                Pair {
                    zh: inside.text("zh").map(str::to_owned),
                    en: inside.text("en").map(str::to_owned),
                }
            }
            Some(other) => {
                let reason = format!("is {}; write {{ zh = \"…\", en = \"…\" }}", kind(other));
                self.wrong(key, reason);
                Pair::default()
            }
        }
    }

    /// An amount, if it is there: whole minor units, or text of whole units.
    pub(super) fn amount(&self, key: &str) -> Option<Amount> {
        let written = match self.value(key)? {
            Value::Integer(minor) => Written::Minor(*minor),
            Value::String(whole) => Written::Whole(whole.clone()),
            Value::Float(_) => {
                self.wrong(
                    key,
                    "is a floating-point number, which cannot hold money exactly; write text \
                     of whole units (\"29.90\") or an integer of minor units (2990)",
                );
                return None;
            }
            other => {
                let reason = format!(
                    "is {}; write text of whole units (\"29.90\") or an integer of minor units (2990)",
                    kind(other)
                );
                self.wrong(key, reason);
                return None;
            }
        };
        Some(Amount {
            at: self.path(key),
            written,
        })
    }

    /// A list of words, if it is there.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<&'a str>> {
        let value = self.value(key)?;
        let texts = value
            .as_array()
            .and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        if texts.is_none() {
            self.wrong(key, "must be a list of texts");
        }
        texts
    }

    /// The table below a key, if it is there.
    pub(super) fn table(&self, key: &str) -> Option<&'a Table> {
        let value = self.value(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.wrong(
                key,
                format!("is {}; write [{}]", kind(value), self.path(key)),
            );
        }
        table
    }

    /// The tables below a key, each with its path; none if it is not there.
    pub(super) fn tables(&self, key: &str) -> Option<Vec<(String, &'a Table)>> {
        let value = self.value(key)?;
        let tables = value
            .as_array()
            .and_then(|list| list.iter().map(Value::as_table).collect::<Option<Vec<_>>>());
        let Some(tables) = tables else {
            self.wrong(key, format!("must be tables; write [[{key}]]"));
            return None;
        };
        let path = self.path(key);
        let named = tables.into_iter().enumerate();
        Some(
            named
                .map(|(n, table)| (format!("{path}[{n}]"), table))
                .collect(),
        )
    }
}

/// What a value is, in words; never the value itself, which may be a secret.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a floating-point number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
