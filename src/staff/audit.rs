//! The audit log (审计日志): who changed what, from what to what, from where. A line is written in
//! the transaction of the change, never changed, and chained by the ledger's sealer.

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::clock::Millis;
use crate::ids::AuditId;
use crate::ledger;
use crate::ledger::verify::Check;
use crate::random::Random;
use crate::store::schema::audit;
use crate::store::{Db, Store, StoreError};

/// The row kind of audit lines in the chain.
pub const AUDIT: &str = "audit";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
pub struct Line {
    /// The row.
    pub id: AuditId,
    /// UTC.
    pub at: Millis,
    /// Who: `staff:li@example.com`, or `machine:root` for a command.
    pub actor: String,
    /// What was done: `product.save`, `card.reveal`.
    pub action: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which one.
    pub object_id: String,
    /// JSON object of the fields that changed, as they were. No secret stands in it.
    pub before: String,
    /// The same fields as they are now.
    pub after: String,
    /// The network it came from; empty for a command.
    pub network: String,
    /// The request, as logs name it; empty for a command.
    pub request_id: String,
    /// SHA-256 over all fields before this one.
    pub hash: String,
}

/// A line to be written. Made before the transaction, so that a second run writes the same.
#[derive(Debug, Clone)]
pub struct Entry {
    line: Line,
}

/// Who acts, from where.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `staff:li@example.com`
    pub name: String,
    /// Empty for a command.
    pub network: String,
    /// Empty for a command.
    pub request_id: String,
}

impl Entry {
    /// A line about `object`, with nothing changed yet.
    pub fn new(
        actor: &Actor,
        action: &str,
        object: (&str, &str),
        now: Millis,
        random: &dyn Random,
    ) -> Self {
        Entry {
            line: Line {
                id: AuditId::new(now, random),
                at: now,
                actor: actor.name.clone(),
                action: action.to_owned(),
                object_kind: object.0.to_owned(),
                object_id: object.1.to_owned(),
                before: "{}".to_owned(),
                after: "{}".to_owned(),
                network: actor.network.clone(),
                request_id: actor.request_id.clone(),
                hash: String::new(),
            },
        }
    }

    /// What was and what is: of two JSON objects only the fields that differ are kept. The
    /// caller leaves secrets out, or names them without their value.
    #[must_use]
    pub fn changed(mut self, before: &Value, after: &Value) -> Self {
        let (was, is) = difference(before, after);
        self.line.before = Value::Object(was).to_string();
        self.line.after = Value::Object(is).to_string();
        self
    }

    /// The same about another object, which got its id only inside the transaction.
    #[must_use]
    pub fn of(mut self, object_id: &str) -> Self {
        self.line.object_id = object_id.to_owned();
        self
    }

    /// Writes the line, and promises it to the sealer.
    pub fn write(&self, db: &mut Db) -> Result<(), StoreError> {
        let mut line = self.line.clone();
        line.hash = line.expected_hash();
        diesel::insert_into(audit::table)
            .values(&line)
            .execute(db)?;
        ledger::seal::promise(db, AUDIT, line.id.as_str(), &line.hash, line.at)
    }
}

impl Line {
    /// What `hash` must be.
    pub fn expected_hash(&self) -> String {
        ledger::row_hash([
            "vendgate/audit/1",
            self.id.as_str(),
            &self.at.to_string(),
            &self.actor,
            &self.action,
            &self.object_kind,
            &self.object_id,
            &self.before,
            &self.after,
            &self.network,
            &self.request_id,
        ])
    }

    /// The fields that changed: name, was, is. A value that is no text is shown as JSON.
    pub fn changes(&self) -> Vec<(String, String, String)> {
        let read =
            |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let (was, is) = (read(&self.before), read(&self.after));
        let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
        names.sort();
        names.dedup();
        let told = |map: &Map<String, Value>, name: &String| match map.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        names
            .into_iter()
            .map(|name| (name.clone(), told(&was, name), told(&is, name)))
            .collect()
    }
}

fn difference(before: &Value, after: &Value) -> (Map<String, Value>, Map<String, Value>) {
    let empty = Map::new();
    let (old, new) = (
        before.as_object().unwrap_or(&empty),
        after.as_object().unwrap_or(&empty),
    );
    let differs = |name: &String| old.get(name) != new.get(name);
    let kept = |map: &Map<String, Value>| {
        map.iter()
            .filter(|(name, _)| differs(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    (kept(old), kept(new))
}

/// Rows of one chunk of [`check`].
const CHUNK: i64 = 500;

/// Holds every line against the chain: none was altered, and none that was sealed is gone.
pub async fn check(shop: &Store) -> Result<Check, StoreError> {
    let mut check = Check::new("I20a", "the audit log is as it was sealed");
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (lines, promised) = shop
            .read(move |db| -> Result<_, StoreError> {
                let lines: Vec<Line> = audit::table
                    .filter(audit::id.gt(from))
                    .order(audit::id)
                    .limit(CHUNK)
                    .select(Line::as_select())
                    .load(db)?;
                let ids: Vec<String> = lines.iter().map(|line| line.id.0.clone()).collect();
                Ok((lines, ledger::seal::hashes(db, AUDIT, &ids)?))
            })
            .await?;
        check.count(lines.len());
        for line in &lines {
            let told = promised.get(line.id.as_str());
            if line.hash != line.expected_hash() || told != Some(&line.hash) {
                check.find(format!("audit {}: altered", line.id));
            }
        }
        match lines.last() {
            Some(last) => after = last.id.0.clone(),
            None => break,
        }
    }
    let (sealed, there) = shop
        .read(|db| -> Result<(i64, i64), StoreError> {
            let there = audit::table.count().get_result(db)?;
            Ok((ledger::seal::count(db, AUDIT)?, there))
        })
        .await?;
    let gone = sealed - there;
    if gone > 0 {
        check.find(format!("{gone} lines that were sealed are gone"));
    }
    Ok(check)
}

/// What the list shows; empty shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Who.
    pub actor: String,
    /// `product.save`, or the part before the dot.
    pub action: String,
    /// Kind of thing.
    pub object_kind: String,
    /// Which thing.
    pub object_id: String,
}

/// The log, newest first (or oldest first), beyond `cursor`.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    oldest_first: bool,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let mut rows = audit::table.select(Line::as_select()).into_boxed();
    if !filter.actor.is_empty() {
        rows = rows.filter(audit::actor.eq(&filter.actor));
    }
    if !filter.action.is_empty() {
        let family = format!("{}.", filter.action);
        let next = format!("{}/", filter.action);
        rows = rows.filter(
            audit::action
                .eq(&filter.action)
                .or(audit::action.ge(family).and(audit::action.lt(next))),
        );
    }
    if !filter.object_kind.is_empty() {
        rows = rows.filter(audit::object_kind.eq(&filter.object_kind));
    }
    if !filter.object_id.is_empty() {
        rows = rows.filter(audit::object_id.eq(&filter.object_id));
    }
    rows = match (cursor, oldest_first) {
        (None, _) => rows,
        (Some(id), true) => rows.filter(audit::id.gt(id.to_owned())),
        (Some(id), false) => rows.filter(audit::id.lt(id.to_owned())),
    };
    let rows = match oldest_first {
        true => rows.order(audit::id.asc()),
        false => rows.order(audit::id.desc()),
    };
    Ok(rows.limit(limit).load(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;
    use serde_json::json;

    #[test]
    fn a_line_keeps_what_changed_and_nothing_else() {
        let actor = Actor {
            name: "staff:li@example.com".to_owned(),
            network: "203.0.113.7".to_owned(),
            request_id: "ab".to_owned(),
        };
        let random = SeededRandom::from_seed(1);
        let entry = Entry::new(&actor, "product.save", ("product", "p1"), 1_000, &random).changed(
            &json!({"price": 100, "name": "a", "old": true}),
            &json!({"price": 200, "name": "a", "new": "x"}),
        );
        let told = entry.line.changes();
        let told: Vec<_> = told.iter().map(|(n, a, b)| (&**n, &**a, &**b)).collect();
        assert_eq!(
            told,
            [
                ("new", "", "x"),
                ("old", "true", ""),
                ("price", "100", "200")
            ]
        );
        let first = entry.line.expected_hash();
        assert_ne!(first, entry.of("p2").line.expected_hash());
    }
}
