//! What the doctor found, for people and for programs.

use std::fmt;

use serde::Serialize;

/// How a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// Buyers, money or secrets are at risk now.
    Bad,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `configuration`, `clock`, `disk`, …
    pub area: &'static str,
    /// How it stands.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do; empty when nothing is.
    pub todo: String,
}

/// A finding that needs nobody.
pub(super) fn ok(area: &'static str, found: impl Into<String>) -> Finding {
    Finding {
        area,
        level: Level::Ok,
        found: found.into(),
        todo: String::new(),
    }
}

/// A finding that somebody should look at.
pub(super) fn warn(
    area: &'static str,
    found: impl Into<String>,
    todo: impl Into<String>,
) -> Finding {
    Finding {
        area,
        level: Level::Warn,
        found: found.into(),
        todo: todo.into(),
    }
}

/// A finding that must be mended.
pub(super) fn bad(
    area: &'static str,
    found: impl Into<String>,
    todo: impl Into<String>,
) -> Finding {
    Finding {
        level: Level::Bad,
        ..warn(area, found, todo)
    }
}

/// Everything that was found, in the order it was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Each finding.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is [`Level::Bad`].
    pub fn ok(&self) -> bool {
        self.count(Level::Bad) == 0
    }

    fn count(&self, level: Level) -> usize {
        let of = self.findings.iter().filter(|f| f.level == level);
        of.count()
    }

    /// `{"ok": true, "findings": [{"area", "level", "found", "todo"}, …]}`
    pub fn json(&self) -> String {
        serde_json::json!({"ok": self.ok(), "findings": self.findings}).to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.findings.iter().map(|f| f.area.len()).max();
        let width = width.unwrap_or(0);
        for finding in &self.findings {
            let (level, area) = (finding.level.word(), finding.area);
            writeln!(f, "{level:<4}  {area:<width$}  {}", finding.found)?;
            if !finding.todo.is_empty() {
                writeln!(f, "{:4}  {:width$}  -> {}", "", "", finding.todo)?;
            }
        }
        let (bad, warn) = (self.count(Level::Bad), self.count(Level::Warn));
        write!(f, "{bad} bad, {warn} to look at")
    }
}
