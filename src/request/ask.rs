//! The buyer's side of a thread: a new request, and one more message in it.

use super::model::{
    Author, Error, MOST, MOST_MESSAGES, MOST_OPEN, Message, Request, RequestKind, RequestState,
    Tools, checked,
};
use super::store;
use crate::clock::Millis;
use crate::ids::{MessageId, OrderId, RequestId};
use crate::order;
use crate::random::Derived;
use crate::store::{Db, Store, StoreError};

/// All of a message that is made before the write, so that the write can run twice.
pub(super) struct Draft {
    pub(super) id: MessageId,
    pub(super) body: Vec<u8>,
    pub(super) dedupe: String,
    pub(super) now: Millis,
    pub(super) seed: [u8; 32],
}

impl Draft {
    /// `key` tells two messages of one `place` apart from one that is sent twice.
    pub(super) fn new(
        tools: &Tools<'_>,
        text: &str,
        place: &str,
        key: &str,
    ) -> Result<Self, Error> {
        let text = checked(text)?;
        let now = tools.clock.now();
        let id = MessageId::new(now, tools.random);
        let sealed = tools
            .sealer
            .seal(text.as_bytes(), &Message::place(&id), tools.random);
        Ok(Draft {
            body: sealed,
            dedupe: format!("{place}/{key}"),
            now,
            seed: tools.random.bytes(),
            id,
        })
    }

    pub(super) fn row(&self, request: &RequestId, author: Author, actor: &str) -> Message {
        Message {
            id: self.id.clone(),
            request_id: request.clone(),
            author,
            actor: actor.to_owned(),
            body: self.body.clone(),
            dedupe: self.dedupe.clone(),
            created_at: self.now,
        }
    }
}

/// Opens a request about a paid order, and promises the owner a mail. The same `key` again finds
/// the request that it opened. At most [`MOST_OPEN`] of an order are not closed, and
/// [`MOST`] are ever made.
pub async fn ask(
    shop: &Store,
    tools: &Tools<'_>,
    order: &OrderId,
    kind: RequestKind,
    text: &str,
    key: &str,
) -> Result<RequestId, Error> {
    let draft = Draft::new(tools, text, order.as_str(), key)?;
    let (order, promises) = (order.clone(), tools.promises);
    let id = RequestId::new(draft.now, tools.random);
    shop.write(move |db| {
        let order = order::store::lock(db, &order)?;
        if order.paid_at.is_none() {
            return Err(Error::NotPaid);
        }
        if let Some(known) = store::by_dedupe(db, &draft.dedupe)? {
            return Ok(known);
        }
        let (unclosed, made) = store::counts(db, &order.id)?;
        if unclosed >= MOST_OPEN || made >= MOST {
            return Err(Error::TooManyOpen);
        }
        let row = Request {
            id: id.clone(),
            order_id: order.id.clone(),
            kind,
            state: RequestState::Open,
            messages: 1,
            created_at: draft.now,
            changed_at: draft.now,
            closed_at: None,
        };
        store::insert(db, &row)?;
        store::insert_message(db, &draft.row(&id, Author::Buyer, "buyer"))?;
        let random = Derived::from_seed(draft.seed);
        promises.asked(db, &random, &order, &draft.id, draft.now)?;
        Ok(id.clone())
    })
    .await
}

/// One more message of the buyer of this order; an answered request is open again. The same
/// `key` again writes nothing.
pub async fn reply(
    shop: &Store,
    tools: &Tools<'_>,
    order: &OrderId,
    id: &RequestId,
    text: &str,
    key: &str,
) -> Result<(), Error> {
    let draft = Draft::new(tools, text, order.as_str(), key)?;
    let (order, id, promises) = (order.clone(), id.clone(), tools.promises);
    shop.write(move |db| {
        let request = store::by_id(db, &id)?.filter(|request| request.order_id == order);
        let request = request.ok_or(Error::Unknown)?;
        if !store::insert_message(db, &draft.row(&id, Author::Buyer, "buyer"))? {
            return Ok(());
        }
        said(db, &request, RequestState::Open, MOST_MESSAGES, draft.now)?;
        let order = order::store::by_id(db, &order)?;
        let random = Derived::from_seed(draft.seed);
        Ok(promises.asked(db, &random, &order, &draft.id, draft.now)?)
    })
    .await
}

/// Counts a message that was just written into a thread of fewer than `most`, or tells why it
/// must be undone.
pub(super) fn said(
    db: &mut Db,
    request: &Request,
    to: RequestState,
    most: i64,
    now: Millis,
) -> Result<(), Error> {
    if store::count_message(db, &request.id, to, most, now)? {
        return Ok(());
    }
    Err(stands_against(db, &request.id)?)
}

/// Why a thread took nothing more.
pub(super) fn stands_against(db: &mut Db, id: &RequestId) -> Result<Error, StoreError> {
    Ok(match store::by_id(db, id)? {
        None => Error::Unknown,
        Some(now) if now.state == RequestState::Closed => Error::Closed,
        Some(now) if now.messages >= MOST_MESSAGES => Error::TooLong,
        Some(_) => Error::Moved,
    })
}
