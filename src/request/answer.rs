//! The staff's side of a thread: answering, and closing it.

use super::ask::{Draft, said};
use super::model::{Author, Error, RequestState, Tools};
use super::store;
use crate::clock::Clock;
use crate::ids::{OrderId, RequestId};
use crate::order;
use crate::random::Derived;
use crate::store::Store;

/// Writes an answer as `actor` and promises the buyer a mail with it. The same `key` again
/// writes nothing.
pub async fn answer(
    shop: &Store,
    tools: &Tools<'_>,
    id: &RequestId,
    actor: &str,
    text: &str,
    key: &str,
) -> Result<(), Error> {
    let place = format!("staff/{id}");
    let draft = Draft::new(tools, text, &place, key)?;
    let (id, actor, promises) = (id.clone(), actor.to_owned(), tools.promises);
    shop.write(move |db| {
        let request = store::by_id(db, &id)?.ok_or(Error::Unknown)?;
        if !store::insert_message(db, &draft.row(&id, Author::Staff, &actor))? {
            return Ok(());
        }
        said(db, &request, RequestState::Answered, draft.now)?;
        let order = order::store::by_id(db, &request.order_id)?;
        let random = Derived::from_seed(draft.seed);
        Ok(promises.answered(db, &random, &order, &draft.id, draft.now)?)
    })
    .await
}

/// Ends a request: of this order where the buyer ends it, of any where the staff does. One that
/// is ended already stays as it is.
pub async fn close(
    shop: &Store,
    clock: &dyn Clock,
    of: Option<&OrderId>,
    id: &RequestId,
) -> Result<(), Error> {
    let (of, id, now) = (of.cloned(), id.clone(), clock.now());
    shop.write(move |db| {
        let request = store::by_id(db, &id)?;
        let theirs = request.filter(|request| of.as_ref().is_none_or(|of| *of == request.order_id));
        theirs.ok_or(Error::Unknown)?;
        store::close(db, &id, now)?;
        Ok(())
    })
    .await
}
