//! What changed, or would change, told line by line. Secrets are told as changed or unchanged,
//! never as text.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::seal::Secret;
use crate::stock::Loaded;

/// What a reader may see of a row: keys of the file and their values as text.
pub(super) type Facts = Vec<(&'static str, String)>;

/// The longest value shown, in characters.
const SHOWN: usize = 60;
/// Line numbers shown before "…".
const LINES_SHOWN: usize = 12;

/// What becomes of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sign {
    /// It is new.
    #[serde(rename = "+")]
    New,
    /// It changes.
    #[serde(rename = "~")]
    Changed,
    /// It stays.
    #[serde(rename = "=")]
    Same,
}

/// One value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key, as the file names it.
    pub key: String,
    /// What it was; none where the thing is new, and for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it becomes; of a secret only `changed`, `unchanged` or `removed`.
    pub new: String,
}

/// One thing of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What becomes of it.
    pub sign: Sign,
    /// Its kind and name: `variant nm-pro`.
    pub what: String,
    /// Its values that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// One file of cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardLine {
    /// The variant's sku.
    pub variant: String,
    /// The file's name.
    pub file: String,
    /// What happened to its lines.
    #[serde(flatten)]
    pub loaded: Loaded,
    /// Lines of cards that were withdrawn from sale; they stay withdrawn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<u64>,
}

/// What applying a file did, or would do. Prints itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing was written.
    pub dry_run: bool,
    /// Settings, shelves, goods and accounts, in the order of the file.
    pub lines: Vec<Line>,
    /// Files of cards, in the order of the file.
    pub cards: Vec<CardLine>,
}

impl Report {
    /// Whether anything changed, or would.
    pub fn changes(&self) -> bool {
        self.lines.iter().any(Line::touches) || self.cards.iter().any(|c| c.loaded.new > 0)
    }
}

impl Line {
    /// Whether it is new or changes.
    pub(super) fn touches(&self) -> bool {
        self.sign != Sign::Same
    }

    /// Adds what becomes of secrets, by name.
    pub(super) fn secrets(
        &mut self,
        prefix: &str,
        before: Option<&BTreeMap<String, Secret>>,
        after: &BTreeMap<String, Secret>,
    ) {
        let none = BTreeMap::new();
        let before = before.unwrap_or(&none);
        let mut words = Vec::new();
        for (key, value) in after {
            let same = before.get(key) == Some(value);
            words.push((key, if same { "unchanged" } else { "changed" }));
        }
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        words.extend(gone.map(|key| (key, "removed")));
        if self.sign == Sign::Same && words.iter().any(|(_, word)| *word != "unchanged") {
            self.sign = Sign::Changed;
        }
        self.changes
            .extend(words.into_iter().map(|(key, word)| Change {
                key: format!("{prefix}{key}"),
                old: None,
                new: word.to_owned(),
            }));
    }
}

/// Compares what a thing was with what it becomes.
pub(super) fn line(what: String, before: Option<&Facts>, after: &Facts) -> Line {
    let mut changes = Vec::new();
    for (at, (key, new)) in after.iter().enumerate() {
        let old = before.and_then(|facts| facts.get(at)).map(|(_, old)| old);
        if old != Some(new) && (old.is_some() || !new.is_empty()) {
            changes.push(Change {
                key: (*key).to_owned(),
                old: old.cloned(),
                new: new.clone(),
            });
        }
    }
    let sign = match before {
        None => Sign::New,
        Some(_) if changes.is_empty() => Sign::Same,
        Some(_) => Sign::Changed,
    };
    Line {
        sign,
        what,
        changes,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for card in &self.cards {
            let sign = if card.loaded.new > 0 { '+' } else { '=' };
            write!(f, "{sign} cards {} {}: ", card.variant, card.file)?;
            told(f, &card.loaded)?;
            if !card.withdrawn.is_empty() {
                write!(f, ", {} withdrawn from sale", card.withdrawn.len())?;
                lines(f, card.withdrawn.iter().copied())?;
            }
            writeln!(f)?;
        }
        match (self.changes(), self.dry_run) {
            (false, _) => f.write_str("nothing to change"),
            (true, true) => f.write_str("dry run: nothing was written"),
            (true, false) => f.write_str("applied"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::New => '+',
            Sign::Changed => '~',
            Sign::Same => '=',
        };
        write!(f, "{sign} {}", self.what)?;
        for change in &self.changes {
            let Change { key, old, new } = change;
            match (self.sign, old) {
                (Sign::Same, _) => write!(f, " [{key} {new}]")?,
                (_, Some(old)) => write!(f, "\n    {key}: {} -> {}", short(old), short(new))?,
                (_, None) => write!(f, "\n    {key}: {}", short(new))?,
            }
        }
        Ok(())
    }
}

/// How many cards of a file are what, with the lines of those that are not new.
pub(super) fn told(f: &mut fmt::Formatter<'_>, loaded: &Loaded) -> fmt::Result {
    write!(f, "{} new", loaded.new)?;
    write!(f, ", {} duplicate in file", loaded.duplicate_in_file.len())?;
    lines(f, loaded.duplicate_in_file.iter().copied())?;
    write!(f, ", {} already in stock", loaded.already_in_stock.len())?;
    lines(f, loaded.already_in_stock.iter().copied())?;
    write!(f, ", {} malformed", loaded.malformed.len())?;
    lines(f, loaded.malformed.iter().map(|(line, _)| *line))
}

fn lines(f: &mut fmt::Formatter<'_>, numbers: impl Iterator<Item = u64>) -> fmt::Result {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    if numbers.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = numbers
        .iter()
        .take(LINES_SHOWN)
        .map(u64::to_string)
        .collect();
    let more = if numbers.len() > LINES_SHOWN {
        ", …"
    } else {
        ""
    };
    let word = if numbers.len() == 1 { "line" } else { "lines" };
    write!(f, " ({word} {}{more})", shown.join(", "))
}

/// One line of a value.
fn short(text: &str) -> String {
    let line: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().count() > SHOWN {
        "…"
    } else {
        ""
    };
    format!("{:?}", format!("{line}{more}"))
}
