//! Queries of imports that wait to be confirmed or loaded.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{BatchId, DraftId, StaffId, VariantId};
use crate::stock::draft::{Draft, DraftState};
use crate::store::schema::import_draft;
use crate::store::{Db, StoreError};

/// Writes a new draft; whoever made it has no other one waiting for the same variant.
pub(in crate::stock) fn insert(db: &mut Db, row: &Draft) -> Result<(), StoreError> {
    diesel::delete(
        import_draft::table
            .filter(import_draft::variant_id.eq(&row.variant_id))
            .filter(import_draft::staff_id.eq(&row.staff_id))
            .filter(import_draft::state.eq(DraftState::Ready)),
    )
    .execute(db)?;
    diesel::insert_into(import_draft::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// What a page tells of a draft: everything but what it holds.
#[derive(Debug, Clone, Queryable)]
pub struct Standing {
    /// The row.
    pub id: DraftId,
    /// What it has units of.
    pub variant_id: VariantId,
    /// Where it came from.
    pub source: String,
    /// Where it is.
    pub state: DraftState,
    /// JSON of [`Told`](crate::stock::draft::Told).
    pub told: String,
    /// The import it became.
    pub batch_id: Option<BatchId>,
    /// UTC.
    pub created_at: Millis,
}

/// A draft of somebody's own.
pub fn of_staff(
    db: &mut Db,
    id: &DraftId,
    staff: &StaffId,
) -> Result<Option<Standing>, StoreError> {
    Ok(import_draft::table
        .filter(import_draft::id.eq(id))
        .filter(import_draft::staff_id.eq(staff))
        .select((
            import_draft::id,
            import_draft::variant_id,
            import_draft::source,
            import_draft::state,
            import_draft::told,
            import_draft::batch_id,
            import_draft::created_at,
        ))
        .get_result(db)
        .optional()?)
}

/// Marks a draft that was made after `since` as confirmed; false if it is not waiting for that.
pub(in crate::stock) fn begin(
    db: &mut Db,
    id: &DraftId,
    staff: &StaffId,
    since: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let touched = diesel::update(
        import_draft::table
            .filter(import_draft::id.eq(id))
            .filter(import_draft::staff_id.eq(staff))
            .filter(import_draft::state.eq(DraftState::Ready))
            .filter(import_draft::created_at.ge(since)),
    )
    .set((
        import_draft::state.eq(DraftState::Loading),
        import_draft::changed_at.eq(now),
    ))
    .execute(db)?;
    Ok(touched == 1)
}

/// The draft that was confirmed first and is not loaded yet.
pub(in crate::stock) fn next(db: &mut Db) -> Result<Option<Draft>, StoreError> {
    Ok(import_draft::table
        .filter(import_draft::state.eq(DraftState::Loading))
        .order((import_draft::created_at, import_draft::id))
        .select(Draft::as_select())
        .first(db)
        .optional()?)
}

/// Ends a draft that was loading, and forgets what it held.
pub(in crate::stock) fn end(
    db: &mut Db,
    id: &DraftId,
    to: DraftState,
    told: &str,
    batch: Option<&BatchId>,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(
        import_draft::table
            .filter(import_draft::id.eq(id))
            .filter(import_draft::state.eq(DraftState::Loading)),
    )
    .set((
        import_draft::state.eq(to),
        import_draft::content.eq(None::<Vec<u8>>),
        import_draft::told.eq(told),
        import_draft::batch_id.eq(batch),
        import_draft::changed_at.eq(now),
    ))
    .execute(db)?;
    Ok(())
}

/// Forgets drafts that were not confirmed since `unconfirmed`, and those that ended before
/// `ended`; at most 100, how many.
pub(in crate::stock) fn forget(
    db: &mut Db,
    unconfirmed: Millis,
    ended: Millis,
) -> Result<usize, StoreError> {
    let over = vec![DraftState::Done, DraftState::Failed];
    let old: Vec<DraftId> = import_draft::table
        .filter(
            import_draft::state
                .eq(DraftState::Ready)
                .and(import_draft::created_at.lt(unconfirmed))
                .or(import_draft::state
                    .eq_any(over)
                    .and(import_draft::changed_at.lt(ended))),
        )
        .limit(100)
        .select(import_draft::id)
        .load(db)?;
    Ok(diesel::delete(
        import_draft::table
            .filter(import_draft::id.eq_any(old))
            .filter(import_draft::state.ne(DraftState::Loading)),
    )
    .execute(db)?)
}
