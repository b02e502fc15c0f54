//! `/admin/stock/{variant}/export`: unsold or withdrawn cards as a file, for whoever types their
//! password again.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::cards::{CHOICES, Choice, batch_choices, is_id};
use super::import::pool;
use super::{Known, Tabs, content, source, state_of_card};
use crate::app::App;
use crate::ids::{BatchId, CardId};
use crate::seal::{Sealer, Secret};
use crate::stock::store::shelf::{self as rows, Wanted};
use crate::stock::{Batch, CardState};
use crate::store::{Db, StoreError};
use crate::web::admin::prove::proved;
use crate::web::admin::{Asked, Frame, Posted, Section, SignedIn};
use crate::web::csv::{Cell, Csv};
use crate::web::failure;
use crate::web::words::Words;

/// The most cards of one file.
const MOST: i64 = 200_000;
/// Cards that are read at once.
const CHUNK: i64 = 1_000;

/// What is to be taken out.
#[derive(Debug, Clone)]
struct Wish {
    state: CardState,
    batch: Option<BatchId>,
    csv: bool,
}

impl Wish {
    fn of(state: &str, batch: &str, form: &str) -> Self {
        let withdrawn = state == CardState::Withdrawn.as_str();
        Wish {
            state: match withdrawn {
                true => CardState::Withdrawn,
                false => CardState::Available,
            },
            batch: Some(batch.to_owned()).filter(|id| is_id(id)).map(BatchId),
            csv: form == "csv",
        }
    }

    fn wanted(&self, known: &Known) -> Wanted {
        Wanted {
            of: known.variant.id.clone(),
            state: self.state,
            batch: self.batch.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/stock/export.html")]
struct ExportPage {
    frame: Frame,
    tabs: Tabs,
    refused: Option<(&'static str, &'static str)>,
    states: Vec<Choice>,
    batches: Vec<Choice>,
    csv: bool,
    asks: bool,
    /// The password was.
    wrong: bool,
}

/// What is wrong with a wish: the field, and the sentence.
type Refused = fn(Words) -> (&'static str, &'static str);

/// `GET /admin/stock/{variant}/export`
pub async fn export(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let wish = Wish::of(asked.get("state"), asked.get("batch"), asked.get("form"));
    match pool(&request, &app, &path).await {
        Ok(known) => show(&request, &app, &signed, &known, &wish, None).await,
        Err(response) => response,
    }
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    wish: &Wish,
    refused: Option<Refused>,
) -> HttpResponse {
    let of = known.variant.id.clone();
    let chosen = wish.batch.clone();
    let found = app.store.read(move |db| {
        let mut batches = rows::batches(db, &of, None, true, None, CHOICES)?;
        if let Some(id) = chosen.filter(|id| !batches.iter().any(|batch| batch.id == *id)) {
            batches.extend(rows::find_batch(db, &id)?.filter(|batch| batch.variant_id == of));
        }
        let mut of_state = |state| {
            let wanted = Wanted {
                of: of.clone(),
                state,
                batch: None,
            };
            rows::count_cards(db, &wanted, MOST)
        };
        let (available, withdrawn) = (CardState::Available, CardState::Withdrawn);
        Ok::<_, StoreError>((batches, of_state(available)?, of_state(withdrawn)?))
    });
    let (batches, available, withdrawn) = match found.await {
        Ok(found) => found,
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Stock,
        Words::stock_export_title,
    );
    let w = frame.w();
    let choice = |state: CardState, name| (state.as_str().to_owned(), name, state == wish.state);
    let refused = refused.map(|of| of(w));
    let page = ExportPage {
        tabs: Tabs::of(known, "export"),
        wrong: refused.is_some_and(|(field, _)| field == "proof"),
        refused,
        states: vec![
            choice(CardState::Available, w.stock_export_available(available)),
            choice(CardState::Withdrawn, w.stock_export_withdrawn(withdrawn)),
        ],
        batches: batch_choices(&frame, &batches, wish.batch.as_ref()),
        csv: wish.csv,
        asks: !signed.has_proved(app.clock.now()),
        frame,
    };
    let status = match page.refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/stock/{variant}/export`: the file, once the audit log knows of it.
pub async fn take_out(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let known = match pool(&request, &app, &path).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let (state, form) = (posted.get("state"), posted.get("form"));
    let wish = Wish::of(state, posted.get("batch"), form);
    let again =
        async |refused: Refused| show(&request, &app, &signed, &known, &wish, Some(refused)).await;
    if state != wish.state.as_str() || !["txt", "csv"].contains(&form) {
        return again(|w| ("state", w.stock_export_choose())).await;
    }
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => return again(|w| ("proof", w.proof_wrong())).await,
        Err(error) => return failure::store(&request, &app, &error),
    }
    let (sealer, wanted) = (Arc::clone(&app.sealer), wish.wanted(&known));
    let taken = app
        .store
        .read(move |db| read_out(db, &sealer, &wanted))
        .await;
    let taken = match taken {
        Ok(taken) => taken,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let count = super::count(taken.cards.len());
    if count == 0 {
        return again(|w| ("state", w.stock_export_none())).await;
    }
    if count > MOST {
        return again(|w| ("batch", w.stock_export_many())).await;
    }
    let what = json!({
        "cards": count, "state": wish.state, "batch": wish.batch, "form": form,
    });
    let variant = ("variant", known.variant.id.as_str());
    let line = signed.changed(&app, "card.export", variant, &json!({}), &what);
    if let Err(error) = app.store.write(move |db| line.write(db)).await {
        return failure::store(&request, &app, &error);
    }
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Stock,
        Words::stock_export_title,
    );
    let (kind, body) = match wish.csv {
        true => ("text/csv; charset=utf-8", table(&frame, wish.state, &taken)),
        false => ("text/plain; charset=utf-8", lines(&taken)),
    };
    let name = format!("cards-{}-{}.{form}", plain(&known.variant.sku), wish.state);
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((
            "content-disposition",
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header(("cache-control", "no-store"))
        .body(body)
}

/// A sku in a header: what no file system minds.
fn plain(sku: &str) -> String {
    let keeps = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    sku.chars().map(keeps).take(60).collect()
}

struct Taken {
    cards: Vec<(Secret, BatchId)>,
    batches: HashMap<BatchId, Batch>,
}

/// Opens the cards of a list, one more than [`MOST`] of them; they are read at one moment.
fn read_out(db: &mut Db, sealer: &Sealer, wanted: &Wanted) -> Result<Taken, StoreError> {
    let mut cards = Vec::new();
    let mut after: Option<CardId> = None;
    loop {
        let some = rows::cards(db, wanted, false, after.as_ref(), CHUNK)?;
        let full = super::count(some.len()) == CHUNK;
        after = some.last().map(|card| card.id.clone());
        for card in some {
            cards.push((Secret::new(content(sealer, &card)?), card.batch_id));
        }
        if !full || super::count(cards.len()) > MOST {
            break;
        }
    }
    let mut ids: Vec<BatchId> = cards.iter().map(|(_, batch)| batch.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut batches = HashMap::new();
    for some in ids.chunks(400) {
        let found = rows::batches_of(db, some)?;
        batches.extend(found.into_iter().map(|batch| (batch.id.clone(), batch)));
    }
    Ok(Taken { cards, batches })
}

/// One card a line, as it can be imported again.
fn lines(taken: &Taken) -> String {
    let mut text = String::new();
    for (card, _) in &taken.cards {
        text.push_str(card.reveal());
        text.push('\n');
    }
    text
}

fn table(frame: &Frame, state: CardState, taken: &Taken) -> String {
    let w = frame.w();
    let mut csv = Csv::new();
    let headings = [
        w.stock_csv_card(),
        w.stock_csv_state(),
        w.stock_csv_batch(),
        w.stock_csv_imported(),
    ];
    csv.row(&headings.map(Cell::Text));
    let state = state_of_card(state, w).text;
    for (card, batch) in &taken.cards {
        let batch = taken.batches.get(batch);
        let from = batch.map_or_else(String::new, |batch| source(batch, w));
        let at = batch.map_or_else(String::new, |batch| frame.time(batch.created_at).human);
        csv.row(&[
            Cell::Text(card.reveal()),
            Cell::Text(&state),
            Cell::Text(&from),
            Cell::Text(&at),
        ]);
    }
    csv.take()
}
