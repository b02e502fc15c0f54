//! All that is known of one order, read at one moment.

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::case::{self, MoneyCase};
use crate::catalog;
use crate::delivery::{self, Content};
use crate::ids::{AttemptId, OrderNo};
use crate::ledger::{self, Entry, Journal, SourceKind};
use crate::notify::about;
use crate::notify::outbox::Promise;
use crate::order::{self, Item, Order, OrderEvent};
use crate::payment::heard::{self, Heard};
use crate::payment::{self, Attempt, Receipt};
use crate::refund::{self, Refund};
use crate::request::{self, Request};
use crate::store::{Db, StoreError};
use crate::web::failure;

/// Notices of one order that its page shows.
const NOTICES: i64 = 50;

/// An order with all that happened to it.
pub(super) struct Whole {
    pub(super) order: Order,
    pub(super) items: Vec<Item>,
    /// What the product asked the buyer.
    pub(super) asked: Vec<catalog::Field>,
    pub(super) events: Vec<OrderEvent>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) notices: Vec<Heard>,
    pub(super) refunds: Vec<Refund>,
    pub(super) goods: Vec<Content>,
    pub(super) promises: Vec<Promise>,
    pub(super) journal: Vec<(Journal, Vec<Entry>)>,
    pub(super) cases: Vec<MoneyCase>,
    pub(super) requests: Vec<Request>,
}

/// Reads the order of an address, or answers that there is none.
pub(super) async fn open(
    request: &HttpRequest,
    app: &App,
    no: &str,
) -> Result<Whole, HttpResponse> {
    let no: Option<OrderNo> = no.parse().ok().filter(|n: &OrderNo| n.as_str() == no);
    let Some(no) = no else {
        return Err(failure::not_found(request, app));
    };
    match app.store.read(move |db| read(db, &no)).await {
        Ok(Some(whole)) => Ok(whole),
        Ok(None) => Err(failure::not_found(request, app)),
        Err(error) => Err(failure::store(request, app, &error)),
    }
}

fn read(db: &mut Db, no: &OrderNo) -> Result<Option<Whole>, StoreError> {
    let Some(order) = order::store::by_no(db, no)? else {
        return Ok(None);
    };
    let id = &order.id;
    let items = order::store::items(db, id)?;
    let asked = match items.first() {
        Some(item) => catalog::store::product_by_id(db, &item.product_id)?
            .asks()
            .unwrap_or_default(),
        None => Vec::new(),
    };
    let attempts = payment::store::attempts_of(db, id)?;
    let receipts = payment::store::receipts_of(db, id)?;
    let refunds = refund::store::of_order(db, id)?;
    let numbers: Vec<AttemptId> = attempts.iter().map(|a| a.id.clone()).collect();
    let mut journal = ledger::history(db, SourceKind::Order, id.as_str())?;
    for receipt in &receipts {
        journal.extend(ledger::history(
            db,
            SourceKind::Receipt,
            receipt.id.as_str(),
        )?);
    }
    for refund in &refunds {
        journal.extend(ledger::history(db, SourceKind::Refund, refund.id.as_str())?);
    }
    journal.sort_by(|(a, _), (b, _)| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(Some(Whole {
        asked,
        events: order::store::events(db, id)?,
        notices: heard::notices_of(db, &numbers, NOTICES)?,
        goods: delivery::store::of_order(db, id)?,
        promises: about::of_order(db, id)?,
        cases: case::store::of_order(db, id)?,
        requests: request::store::heads_of(db, id)?,
        items,
        attempts,
        receipts,
        refunds,
        journal,
        order,
    }))
}
