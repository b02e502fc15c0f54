//! The switches that make the gateway misbehave (docs/SANDBOX.md, section 5).
//!
//! Sets pile up: for each switch the set posted last that matches and names it wins. They are
//! consulted on the database thread, inside the job they act on, and kept in the file, so
//! that a restart forgets nothing and two requests never share one use of `times`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::settings;

/// When and whether the notice of a payment goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Callback {
    Normal,
    None,
    DelayMs(u32),
    BeforeAnswer,
    OutOfOrder,
}

/// What happens to the answer of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Create {
    Normal,
    TimeoutDone,
    TimeoutNotDone,
    #[serde(rename = "http_500")]
    Http500,
    Malformed,
    Refuse,
    Reset,
}

/// What a query answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Query {
    Normal,
    Timeout,
    #[serde(rename = "http_500")]
    Http500,
    Malformed,
    NotFound,
    Amount(i64),
}

/// What a refund does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refund {
    Normal,
    TimeoutDone,
    TimeoutNotDone,
    #[serde(rename = "http_500")]
    Http500,
    Pending,
    Fail,
}

/// What a close does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Close {
    Normal,
    TimeoutDone,
    #[serde(rename = "http_500")]
    Http500,
    Refuse,
}

/// One posted set. A switch that is absent leaves the matter to earlier sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Set {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) merchant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) merchant_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callback: Option<Callback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repeat: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parallel: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wrong_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lie: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) create: Option<Create>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<Query>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund: Option<Refund>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) close: Option<Close>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u32>,
}

/// How a notice is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Telling {
    pub(super) callback: Callback,
    pub(super) repeat: u32,
    pub(super) parallel: u32,
    pub(super) wrong_amount: i64,
    pub(super) lie: bool,
}

/// The sets in force, last posted last.
pub(super) struct Switches(Mutex<Vec<Set>>);

impl Switches {
    /// Reads what the file holds.
    pub(super) fn load(conn: &mut SqliteConnection) -> QueryResult<Switches> {
        let text: Option<String> = settings::table
            .find("switches")
            .select(settings::value)
            .first(conn)
            .optional()?;
        let sets = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Switches(Mutex::new(sets.unwrap_or_default())))
    }

    /// The sets in force.
    pub(super) fn all(&self) -> Vec<Set> {
        self.sets().clone()
    }

    /// Adds a set.
    pub(super) fn add(&self, conn: &mut SqliteConnection, set: Set) -> QueryResult<()> {
        let mut sets = self.sets();
        sets.push(set);
        save(conn, &sets)
    }

    /// Back to a gateway that behaves.
    pub(super) fn clear(&self, conn: &mut SqliteConnection) -> QueryResult<()> {
        let mut sets = self.sets();
        sets.clear();
        save(conn, &sets)
    }

    /// What to do with a create, besides what `telling` says about its notices.
    pub(super) fn create(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
    ) -> QueryResult<Create> {
        let found = self.take(conn, of, |set| {
            (set.create, set.create != Some(Create::Normal))
        })?;
        Ok(found.unwrap_or(Create::Normal))
    }

    /// What to do with a query.
    pub(super) fn query(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
    ) -> QueryResult<Query> {
        let found = self.take(conn, of, |set| {
            (set.query, set.query != Some(Query::Normal))
        })?;
        Ok(found.unwrap_or(Query::Normal))
    }

    /// What to do with a refund.
    pub(super) fn refund(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
    ) -> QueryResult<Refund> {
        let found = self.take(conn, of, |set| {
            (set.refund, set.refund != Some(Refund::Normal))
        })?;
        Ok(found.unwrap_or(Refund::Normal))
    }

    /// What to do with a close.
    pub(super) fn close(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
    ) -> QueryResult<Close> {
        let found = self.take(conn, of, |set| {
            (set.close, set.close != Some(Close::Normal))
        })?;
        Ok(found.unwrap_or(Close::Normal))
    }

    /// Whether a payment just made is told as paid before its create is answered.
    pub(super) fn paid_before_answer(&self, of: (&str, &str)) -> bool {
        let sets = self.sets();
        let said = sets
            .iter()
            .rev()
            .filter(|s| s.matches(of))
            .find_map(|s| s.callback);
        said == Some(Callback::BeforeAnswer)
    }

    /// Whether a payment just made is to be told as paid although it is not.
    pub(super) fn lies(&self, of: (&str, &str)) -> bool {
        let sets = self.sets();
        let said = sets
            .iter()
            .rev()
            .filter(|s| s.matches(of))
            .find_map(|s| s.lie);
        said == Some(true)
    }

    /// How to tell of a payment; one use of each set that has a say.
    pub(super) fn telling(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
    ) -> QueryResult<Telling> {
        let mut sets = self.sets();
        let mut used = vec![false; sets.len()];
        let mut telling = Telling {
            callback: Callback::Normal,
            repeat: 1,
            parallel: 8,
            wrong_amount: 0,
            lie: false,
        };
        // Oldest first, so that the set posted last has the last word.
        for (at, set) in sets.iter().enumerate().filter(|(_, s)| s.matches(of)) {
            used[at] = set.callback.is_some_and(|c| c != Callback::Normal)
                || set.repeat.is_some()
                || set.wrong_amount.is_some()
                || set.lie == Some(true);
            telling.callback = set.callback.unwrap_or(telling.callback);
            telling.repeat = set.repeat.unwrap_or(telling.repeat);
            telling.parallel = set.parallel.unwrap_or(telling.parallel).clamp(1, 64);
            telling.wrong_amount = set.wrong_amount.unwrap_or(telling.wrong_amount);
            telling.lie = set.lie.unwrap_or(telling.lie);
        }
        spend(conn, &mut sets, &used)?;
        Ok(telling)
    }

    /// The last word on one switch; one use of the set that had it, if it `acts`.
    fn take<T>(
        &self,
        conn: &mut SqliteConnection,
        of: (&str, &str),
        read: impl Fn(&Set) -> (Option<T>, bool),
    ) -> QueryResult<Option<T>> {
        let mut sets = self.sets();
        let mut used = vec![false; sets.len()];
        let mut found = None;
        for (at, set) in sets.iter().enumerate().rev().filter(|(_, s)| s.matches(of)) {
            if let (Some(value), acts) = read(set) {
                used[at] = acts;
                found = Some(value);
                break;
            }
        }
        spend(conn, &mut sets, &used)?;
        Ok(found)
    }

    fn sets(&self) -> MutexGuard<'_, Vec<Set>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Set {
    fn matches(&self, (merchant, merchant_no): (&str, &str)) -> bool {
        self.merchant.as_deref().is_none_or(|m| m == merchant)
            && self.merchant_no.as_deref().is_none_or(|n| n == merchant_no)
    }
}

fn spend(conn: &mut SqliteConnection, sets: &mut Vec<Set>, used: &[bool]) -> QueryResult<()> {
    let mut changed = false;
    for (set, used) in sets.iter_mut().zip(used) {
        if let (Some(times), true) = (&mut set.times, *used) {
            *times = times.saturating_sub(1);
            changed = true;
        }
    }
    if !changed {
        return Ok(());
    }
    sets.retain(|set| set.times != Some(0));
    save(conn, sets)
}

fn save(conn: &mut SqliteConnection, sets: &[Set]) -> QueryResult<()> {
    let text = serde_json::to_string(sets)
        .map_err(|e| diesel::result::Error::SerializationError(Box::new(e)))?;
    let row = (settings::name.eq("switches"), settings::value.eq(text));
    diesel::replace_into(settings::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}
