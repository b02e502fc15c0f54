//! The two ways a thread goes on without its buyer's words: the staff answers, and somebody ends
//! it. What the staff does and its line in the audit log are one write.

use serde_json::json;

use super::ask::{Draft, said, stands_against};
use super::model::{Author, Error, MOST_MESSAGES, RequestState, Tools};
use super::store;
use crate::clock::Clock;
use crate::ids::{OrderId, RequestId};
use crate::order;
use crate::random::Derived;
use crate::staff::audit::Entry;
use crate::store::Store;

/// What the staff says.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The words.
    pub text: &'a str,
    /// How many messages they had read.
    pub seen: i64,
    /// Tells an answer from the same one sent twice.
    pub key: &'a str,
}

/// Writes an answer as whoever `line` names and promises the buyer a mail with it. Where more was
/// said than they had read, nothing is written: two people do not answer twice, and nobody
/// answers past the buyer's last word. The same key again writes nothing.
pub async fn answer(
    shop: &Store,
    tools: &Tools<'_>,
    id: &RequestId,
    line: Entry,
    answer: Answer<'_>,
) -> Result<(), Error> {
    let place = format!("staff/{id}");
    let draft = Draft::new(tools, answer.text, &place, answer.key)?;
    let (id, promises) = (id.clone(), tools.promises);
    let most = answer.seen.saturating_add(1).min(MOST_MESSAGES);
    shop.write(move |db| {
        let request = store::by_id(db, &id)?.ok_or(Error::Unknown)?;
        if !store::insert_message(db, &draft.row(&id, Author::Staff, line.actor()))? {
            return Ok(());
        }
        said(db, &request, RequestState::Answered, most, draft.now)?;
        let order = order::store::by_id(db, &request.order_id)?;
        let random = Derived::from_seed(draft.seed);
        promises.answered(db, &random, &order, &draft.id, draft.now)?;
        // The words stay sealed: the log names the message.
        let was = json!({"state": request.state});
        let is = json!({"state": RequestState::Answered, "message": draft.id});
        Ok(line.clone().changed(&was, &is).write(db)?)
    })
    .await
}

/// Ends a request of this order for its buyer. One that is ended already stays as it is.
pub async fn close(
    shop: &Store,
    clock: &dyn Clock,
    order: &OrderId,
    id: &RequestId,
) -> Result<(), Error> {
    let (order, id, now) = (order.clone(), id.clone(), clock.now());
    shop.write(move |db| {
        let request = store::by_id(db, &id)?.filter(|request| request.order_id == order);
        request.ok_or(Error::Unknown)?;
        store::close(db, &id, i64::MAX, now)?;
        Ok(())
    })
    .await
}

/// Ends a request as whoever `line` names, who had read `seen` messages of it: where more was
/// said since, or it is ended already, nothing happens.
pub async fn end(
    shop: &Store,
    clock: &dyn Clock,
    id: &RequestId,
    line: Entry,
    seen: i64,
) -> Result<(), Error> {
    let (id, now) = (id.clone(), clock.now());
    shop.write(move |db| {
        let request = store::by_id(db, &id)?.ok_or(Error::Unknown)?;
        if !store::close(db, &id, seen, now)? {
            return Err(match stands_against(db, &id)? {
                // A full thread can be ended: only what was not read stands against it.
                Error::TooLong => Error::Moved,
                why => why,
            });
        }
        let was = json!({"state": request.state});
        let is = json!({"state": RequestState::Closed});
        Ok(line.clone().changed(&was, &is).write(db)?)
    })
    .await
}
