//! Changing the content that is sold many times, and how often it may be.

use diesel::prelude::*;

use super::load::Tools;
use super::model::Reusable;
use super::store::put_reusable;
use crate::ids::{SellerId, VariantId};
use crate::store::schema::reusable;
use crate::store::{Db, Store, StoreError, locked, write_error};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReuseError {
    /// There is none yet, and none was given.
    #[error("there is no content yet")]
    NoContent,
    /// It was sold or is held more often.
    #[error("it was sold or is held {0} times already")]
    UsedMore(i64),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(ReuseError);

/// Sets the content (or keeps it) and the limit, with `also` in the same transaction: it is told
/// what stood there before. What was sold stays counted.
pub async fn change_reusable(
    store: &Store,
    tools: Tools<'_>,
    of: (&VariantId, &SellerId),
    content: Option<&str>,
    use_limit: Option<i64>,
    also: impl Fn(&mut Db, Option<&Reusable>) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), ReuseError> {
    let now = tools.clock.now();
    let (of, seller) = (of.0.clone(), of.1.clone());
    let place = Reusable::place(&of, &seller);
    let content = content.map(|text| tools.sealer.seal(text.as_bytes(), &place, tools.random));
    store
        .write(move |db| -> Result<(), ReuseError> {
            let before: Option<Reusable> = locked!(
                db,
                reusable::table.find(&of).select(Reusable::as_select()),
                |q, c| q.get_result(c)
            )
            .optional()
            .map_err(StoreError::from)?;
            let used = before.as_ref().map_or(0, |row| row.used);
            if use_limit.is_some_and(|limit| limit < used) {
                return Err(ReuseError::UsedMore(used));
            }
            let kept = before.as_ref().map(|row| row.content.clone());
            let row = Reusable {
                variant_id: of.clone(),
                seller_id: seller.clone(),
                content: content.clone().or(kept).ok_or(ReuseError::NoContent)?,
                use_limit,
                used,
                changed_at: now,
            };
            put_reusable(db, &row)?;
            also(db, before.as_ref())?;
            Ok(())
        })
        .await
}
