//! `/admin/stock/{variant}/batches`: its imports, and taking one out of sale.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::cards::{Choice, is_id};
use super::import::pool;
use super::{Known, Tabs, missing, source, state_of_batch, tag_of_batch};
use crate::app::App;
use crate::ids::BatchId;
use crate::stock::store::shelf as rows;
use crate::stock::{self, Batch, BatchState, CardState};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Posted, Section, SignedIn, SortLink, done};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::whole::whole;
use crate::web::words::{Tag, Words};

type Counts = HashMap<(BatchId, CardState), i64>;

struct Row {
    id: String,
    source: String,
    made: Stamp,
    tag: Tag,
    /// It can be withdrawn.
    open: bool,
    available: i64,
    reserved: i64,
    delivered: i64,
    withdrawn: i64,
}

impl Row {
    fn of(frame: &Frame, batch: &Batch, counts: &Counts) -> Self {
        let count = |state| counts.get(&(batch.id.clone(), state)).copied().unwrap_or(0);
        Row {
            id: batch.id.0.clone(),
            source: source(batch, frame.w()),
            made: frame.time(batch.created_at),
            tag: tag_of_batch(batch, frame.w()),
            open: batch.state != BatchState::Withdrawn,
            available: count(CardState::Available),
            reserved: count(CardState::Reserved),
            delivered: count(CardState::Delivered),
            withdrawn: count(CardState::Withdrawn),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/stock/batches.html")]
struct BatchesPage {
    frame: Frame,
    tabs: Tabs,
    states: Vec<Choice>,
    filtered: bool,
    clear: String,
    by_time: SortLink,
    rows: Vec<Row>,
    pages: Pages,
}

/// `GET /admin/stock/{variant}/batches`
pub async fn batches(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    let known = match pool(&request, &app, &path).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let asked = Asked::of(request.path(), request.query_string());
    let order = asked.order(&["at"], true);
    let state = BatchState::parse(asked.get("state"));
    let after = asked.cursor().map(|cursor| BatchId(cursor.id));
    let after = after.filter(|id| is_id(id.as_str()));
    let of = known.variant.id.clone();
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let found = app.store.read(move |db| {
        let found = rows::batches(db, &of, state, order.1, after.as_ref(), limit)?;
        let ids: Vec<BatchId> = found.iter().map(|batch| batch.id.clone()).collect();
        let counts = rows::counts_of(db, &ids)?;
        Ok::<_, StoreError>((found, counts))
    });
    let (mut found, counts) = match found.await {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut found, |batch| Cursor {
        key: String::new(),
        id: batch.id.0.clone(),
    });
    let frame = Frame::of(&request, &app, &signed, Section::Stock, |w| {
        known.name(w.lang())
    });
    let named = |state: BatchState| state_of_batch(state, frame.w()).text;
    let page = BatchesPage {
        tabs: Tabs::of(&known, "batches"),
        states: BatchState::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), named(*one), Some(*one) == state))
            .collect(),
        filtered: asked.filtered(&["state"]),
        clear: asked.bare().to_owned(),
        by_time: asked.sort_link("at", order),
        rows: found
            .iter()
            .map(|batch| Row::of(&frame, batch, &counts))
            .collect(),
        pages,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

#[derive(Template)]
#[template(path = "admin/stock/batch.html")]
struct BatchPage {
    frame: Frame,
    tabs: Tabs,
    row: Row,
    effect: String,
    keeps: String,
    confirm: String,
}

fn read(db: &mut Db, variant: &str, id: &str) -> Result<(Known, Batch, Counts), StoreError> {
    let known = Known::read(db, variant)?;
    let id = Some(id)
        .filter(|id| is_id(id))
        .ok_or(StoreError::NotFound)?;
    let id = BatchId(id.to_owned());
    let batch = rows::find_batch(db, &id)?.filter(|batch| batch.variant_id == known.variant.id);
    let batch = batch.ok_or(StoreError::NotFound)?;
    let counts = rows::counts_of(db, &[id])?;
    Ok((known, batch, counts))
}

async fn find(
    request: &HttpRequest,
    app: &App,
    path: (String, String),
) -> Result<(Known, Batch, Counts), HttpResponse> {
    let found = app.store.read(move |db| read(db, &path.0, &path.1)).await;
    found.map_err(|error| missing(request, app, &error))
}

/// `GET /admin/stock/{variant}/batches/{batch}`: what withdrawing it would do.
pub async fn batch(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (known, batch, counts) = match find(&request, &app, path.into_inner()).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let frame = Frame::of(&request, &app, &signed, Section::Stock, Words::stock_batch);
    let (row, w) = (Row::of(&frame, &batch, &counts), frame.w());
    let page = BatchPage {
        tabs: Tabs::of(&known, "batch"),
        effect: w.stock_batch_effect(row.available),
        keeps: w.stock_batch_keeps(&row.reserved, &row.delivered),
        confirm: w.stock_batch_confirm(row.available),
        row,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

/// `POST /admin/stock/{variant}/batches/{batch}`: takes it out of sale.
pub async fn withdraw_batch(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
    _posted: Posted,
) -> HttpResponse {
    let (known, batch, _) = match find(&request, &app, path.into_inner()).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let line = signed.entry(&app, "batch.withdraw", ("batch", batch.id.as_str()));
    let also = move |db: &mut Db, from: BatchState| {
        let to = json!({"state": BatchState::Withdrawn});
        line.clone().changed(&json!({"state": from}), &to).write(db)
    };
    let (store, clock, id) = (app.store.clone(), app.clock.clone(), batch.id.clone());
    // Its end does not hang on the browser; cut off by a crash, the sweeper finishes it.
    let gone = whole(async move { stock::withdraw_and(&store, &*clock, &id, also).await }).await;
    let w = words_of(&request, &app);
    let text = match gone.and_then(|gone| gone) {
        Ok(_) if batch.state == BatchState::Withdrawn => w.stock_batch_over().to_owned(),
        Ok(gone) => w.stock_batch_said(gone),
        Err(error) => return failure::store(&request, &app, &error),
    };
    done(
        &app,
        &format!("/admin/stock/{}/batches", known.variant.id),
        &text,
    )
}
