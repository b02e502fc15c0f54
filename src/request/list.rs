//! Requests as the staff looks for them: filtered, by age or by the last word, page by page.

use diesel::prelude::*;

use super::model::{Request, RequestKind, RequestState};
use crate::clock::Millis;
use crate::ids::RequestId;
use crate::store::schema::request;
use crate::store::{Db, StoreError};

/// What a list shows; empty shows all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Where they stand.
    pub state: Option<RequestState>,
    /// What they are about.
    pub kind: Option<RequestKind>,
}

/// The column a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// When it was asked first: ids begin with their time.
    Asked,
    /// When somebody last wrote or closed it.
    Changed,
}

impl Sort {
    /// The value of a request in the ordered column.
    pub fn key(self, request: &Request) -> Millis {
        match self {
            Sort::Asked => request.created_at,
            Sort::Changed => request.changed_at,
        }
    }
}

/// Requests behind the row with this key and id, at most `limit`; `down` = from the newest.
pub fn list(
    db: &mut Db,
    filter: Filter,
    (sort, down): (Sort, bool),
    after: Option<(Millis, RequestId)>,
    limit: i64,
) -> Result<Vec<Request>, StoreError> {
    let mut rows = request::table.select(Request::as_select()).into_boxed();
    if let Some(state) = filter.state {
        rows = rows.filter(request::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(request::kind.eq(kind));
    }
    if let Some((at, id)) = after {
        rows = match (sort, down) {
            (Sort::Asked, false) => rows.filter(request::id.gt(id)),
            (Sort::Asked, true) => rows.filter(request::id.lt(id)),
            (Sort::Changed, false) => rows
                .filter(request::changed_at.ge(at))
                .filter(request::changed_at.gt(at).or(request::id.gt(id))),
            (Sort::Changed, true) => rows
                .filter(request::changed_at.le(at))
                .filter(request::changed_at.lt(at).or(request::id.lt(id))),
        };
    }
    let rows = match (sort, down) {
        (Sort::Asked, false) => rows.order(request::id.asc()),
        (Sort::Asked, true) => rows.order(request::id.desc()),
        (Sort::Changed, false) => rows.order((request::changed_at.asc(), request::id.asc())),
        (Sort::Changed, true) => rows.order((request::changed_at.desc(), request::id.desc())),
    };
    Ok(rows.limit(limit).load(db)?)
}
