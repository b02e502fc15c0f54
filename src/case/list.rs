//! Cases as staff look for them: filtered, by due time or amount, page by page.

use diesel::prelude::*;

use super::model::{CaseKind, MoneyCase};
use crate::ids::CaseId;
use crate::store::schema::money_case;
use crate::store::{Db, StoreError};

/// What a list shows; empty shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `open` or `closed`.
    pub state: Option<String>,
    /// Why it was opened.
    pub kind: Option<CaseKind>,
    /// `critical`, `warning` or `notice`.
    pub severity: Option<String>,
}

/// The column a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// When it is to be decided.
    Due,
    /// What it is about.
    Amount,
}

impl Sort {
    /// The value of a case in the ordered column.
    pub fn key(self, case: &MoneyCase) -> i64 {
        match self {
            Sort::Due => case.due_at,
            Sort::Amount => case.amount.0,
        }
    }
}

/// Cases behind the row with this key and id, at most `limit`; `down` = from the greatest.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    (sort, down): (Sort, bool),
    after: Option<(i64, CaseId)>,
    limit: i64,
) -> Result<Vec<MoneyCase>, StoreError> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let column = match sort {
        Sort::Due => "money_case.due_at",
        Sort::Amount => "money_case.amount",
    };
    let key = || sql::<BigInt>(column);
    let mut rows = money_case::table
        .select(MoneyCase::as_select())
        .into_boxed();
    if let Some(state) = &filter.state {
        rows = rows.filter(money_case::state.eq(state.clone()));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(money_case::kind.eq(kind));
    }
    if let Some(severity) = &filter.severity {
        rows = rows.filter(money_case::severity.eq(severity.clone()));
    }
    if let Some((at, id)) = after {
        rows = match down {
            true => rows
                .filter(key().le(at))
                .filter(key().lt(at).or(money_case::id.lt(id))),
            false => rows
                .filter(key().ge(at))
                .filter(key().gt(at).or(money_case::id.gt(id))),
        };
    }
    let rows = match down {
        true => rows.order((key().desc(), money_case::id.desc())),
        false => rows.order((key().asc(), money_case::id.asc())),
    };
    Ok(rows.limit(limit).load(db)?)
}
