//! A thread with the order it is about, read at one moment.

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::ids::RequestId;
use crate::notify::about;
use crate::notify::outbox::{Kind, Promise, Topic};
use crate::order::{self, Item, Order};
use crate::refund::{self, Refund};
use crate::request::{Request, Thread, store};
use crate::store::{Db, StoreError};
use crate::web::failure;

/// A thread and what whoever answers it looks up.
pub(super) struct Whole {
    pub(super) thread: Thread,
    pub(super) order: Order,
    pub(super) items: Vec<Item>,
    pub(super) refunds: Vec<Refund>,
    /// The newest mail with the goods, where it may go again.
    pub(super) goods_mail: Option<Promise>,
    /// Other requests of the order, the oldest first.
    pub(super) others: Vec<Request>,
}

/// Reads the request of an address, or answers that there is none.
pub(super) async fn open(
    request: &HttpRequest,
    app: &App,
    id: &str,
) -> Result<Whole, HttpResponse> {
    let id = RequestId(id.to_owned());
    match app.store.read(move |db| read(db, &id)).await {
        Ok(Some(whole)) => Ok(whole),
        Ok(None) => Err(failure::not_found(request, app)),
        Err(error) => Err(failure::store(request, app, &error)),
    }
}

fn read(db: &mut Db, id: &RequestId) -> Result<Option<Whole>, StoreError> {
    let Some(thread) = store::thread(db, id)? else {
        return Ok(None);
    };
    let order = order::store::by_id(db, &thread.request.order_id)?;
    let mut others = store::heads_of(db, &order.id)?;
    others.retain(|other| other.id != *id);
    let goods = |promise: &Promise| {
        promise.kind == Kind::Mail
            && promise.topic == Topic::OrderDelivered.as_str()
            && about::may_go_again(&order, promise)
    };
    let promises = about::of_order(db, &order.id)?;
    Ok(Some(Whole {
        goods_mail: promises.into_iter().rev().find(goods),
        items: order::store::items(db, &order.id)?,
        refunds: refund::store::of_order(db, &order.id)?,
        thread,
        others,
        order,
    }))
}
