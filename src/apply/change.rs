//! One change of the configuration by somebody at a page: the same wishes, checks and rows as those
//! of a file, and beside them, in the same transaction, what the page has to write.

use serde_json::{Map, Value};

use super::diff::Line;
use super::error::ApplyError;
use super::plan::Plan;
use super::read::Problems;
use super::run::{self, Tools};
use super::store::Stored;
use super::wish::Wishes;
use crate::store::{Db, Store, StoreError};

/// A change that is checked and not yet made.
pub(crate) struct Change {
    plan: Plan,
    lines: Vec<Line>,
}

/// Checks what somebody wishes for; `as_seen` tells whether the shop still is as they saw it.
/// Nothing is written.
pub(crate) async fn consider(
    tools: Tools<'_>,
    wishes: &Wishes,
    as_seen: impl FnOnce(&Stored) -> bool,
) -> Result<Change, ApplyError> {
    let mut plan = run::planned(tools, wishes, Problems::of("form"), as_seen).await?;
    let lines = std::mem::take(&mut plan.lines);
    Ok(Change { plan, lines })
}

impl Change {
    /// Whether it changes anything.
    pub(crate) fn touches(&self) -> bool {
        self.plan.rows() > 0
    }

    /// What was and what becomes, as two JSON objects; of a secret only that it changed.
    pub(crate) fn told(&self) -> (Value, Value) {
        let (mut before, mut after) = (Map::new(), Map::new());
        for change in self.lines.iter().flat_map(|line| &line.changes) {
            if change.key.starts_with("credentials.") && change.new == "unchanged" {
                continue;
            }
            if let Some(old) = &change.old {
                before.insert(change.key.clone(), Value::from(old.as_str()));
            }
            after.insert(change.key.clone(), Value::from(change.new.as_str()));
        }
        (Value::Object(before), Value::Object(after))
    }

    /// Makes it, with whatever else belongs into the same transaction. Refused as moved if
    /// anything of the configuration changed since it was considered.
    pub(crate) async fn make(
        self,
        store: &Store,
        also: impl Fn(&mut Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), ApplyError> {
        let plan = self.plan;
        store
            .write(move |db| -> Result<(), ApplyError> {
                run::write(db, &plan)?;
                Ok(also(db)?)
            })
            .await
    }
}
