//! The chain by itself, the other half of I20.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{CHUNK, Check, snapshot};
use crate::ledger::model::Error;
use crate::ledger::seal::{GENESIS, JOURNAL, Seal};
use crate::store::Store;
use crate::store::schema::{journal, seal as seals};

/// The chain up to `head`: gap-free, each row follows the one before, each transaction is there.
pub(super) async fn check(store: &Store, head: i64, i20: &mut Check) -> Result<(), Error> {
    let mut last = (0, GENESIS.to_owned());
    while last.0 < head {
        let after = last.0;
        let (rows, there) = snapshot(store, move |db| {
            let rows: Vec<Seal> = seals::table
                .filter(seals::seq.gt(after).and(seals::seq.le(head)))
                .order(seals::seq)
                .limit(CHUNK)
                .select(Seal::as_select())
                .load(db)?;
            let ids: Vec<&str> = rows.iter().map(|row| row.row_id.as_str()).collect();
            let there: Vec<String> = journal::table
                .filter(journal::id.eq_any(ids))
                .select(journal::id)
                .load(db)?;
            Ok((rows, there.into_iter().collect::<BTreeSet<_>>()))
        })
        .await?;
        if rows.is_empty() {
            break;
        }
        i20.count(rows.len());
        for row in rows {
            let seq = row.seq;
            if seq != last.0 + 1 {
                i20.find(format!("seal {seq}: follows {}, a gap", last.0));
            }
            if row.prev_hash != last.1 {
                i20.find(format!("seal {seq}: does not follow the row before it"));
            }
            if row.hash != row.expected_hash() {
                i20.find(format!("seal {seq}: altered"));
            }
            if row.row_kind != JOURNAL {
                // Another room's rows; it holds their content against `row_hash` itself.
            } else if !there.contains(&row.row_id) {
                i20.find(format!("seal {seq}: journal {} is gone", row.row_id));
            }
            last = (seq, row.hash);
        }
    }
    Ok(())
}
