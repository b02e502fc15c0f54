//! `/admin/stock/{variant}`: its cards, and what is done with those that are chosen.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::{Beside, CardRow, Known, Tabs, known, missing, source};
use crate::app::App;
use crate::ids::{BatchId, CardId};
use crate::payment;
use crate::staff::audit::Entry;
use crate::stock::change::{restore_some, withdraw_some};
use crate::stock::store::shelf::{self as rows, Counted, Wanted};
use crate::stock::{Batch, Card, CardState};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Posted, Section, SignedIn, SortLink, done};
use crate::web::failure;
use crate::web::words::Words;

/// A choice of a list: its value, its name, whether it is made.
pub(super) type Choice = (String, String, bool);
/// So many imports can be chosen by name; the others are reached from their own list.
pub(super) const CHOICES: i64 = 200;

#[derive(Template)]
#[template(path = "admin/stock/cards.html")]
struct CardsPage {
    frame: Frame,
    tabs: Tabs,
    refused: Option<String>,
    available: i64,
    reserved: i64,
    waiting: i64,
    threshold: String,
    states: Vec<Choice>,
    batches: Vec<Choice>,
    filtered: bool,
    clear: String,
    /// Where the list stands, to come back to.
    back: String,
    by_import: SortLink,
    deed: Option<(&'static str, &'static str)>,
    rows: Vec<CardRow>,
    pages: Pages,
}

struct Found {
    cards: Vec<Card>,
    beside: Beside,
    batches: Vec<Batch>,
    counted: Counted,
    waiting: i64,
}

fn read(
    db: &mut Db,
    wanted: &Wanted,
    newest_first: bool,
    after: Option<&CardId>,
) -> Result<Found, StoreError> {
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let cards = rows::cards(db, wanted, newest_first, after, limit)?;
    let mut batches = rows::batches(db, &wanted.of, None, true, None, CHOICES)?;
    // The chosen one has its name in the list, however old it is.
    if let Some(chosen) = &wanted.batch
        && !batches.iter().any(|batch| batch.id == *chosen)
    {
        batches.extend(rows::find_batch(db, chosen)?.filter(|batch| batch.variant_id == wanted.of));
    }
    let waiting = payment::store::waiting_by_variant(db)?;
    Ok(Found {
        beside: Beside::read(db, &cards)?,
        cards,
        batches,
        counted: rows::counted(db, &wanted.of)?,
        waiting: waiting.get(&wanted.of).copied().unwrap_or(0),
    })
}

/// `GET /admin/stock/{variant}`
pub async fn cards(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    let query = request.query_string().to_owned();
    match known(&request, &app, &path).await {
        Ok(known) => show(&request, &app, &signed, &known, &query, None).await,
        Err(response) => response,
    }
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    query: &str,
    refused: Option<String>,
) -> HttpResponse {
    let path = format!("/admin/stock/{}", known.variant.id);
    let asked = Asked::of(&path, query);
    let order = asked.order(&["import"], false);
    let batch = Some(asked.get("batch").to_owned()).filter(|id| is_id(id));
    let wanted = Wanted {
        of: known.variant.id.clone(),
        state: CardState::parse(asked.get("state")).unwrap_or(CardState::Available),
        batch: batch.map(BatchId),
    };
    let after = asked.cursor().map(|cursor| CardId(cursor.id));
    let after = after.filter(|id| is_id(id.as_str()));
    let (state, chosen) = (wanted.state, wanted.batch.clone());
    let found = app
        .store
        .read(move |db| read(db, &wanted, order.1, after.as_ref()))
        .await;
    let mut found = match found {
        Ok(found) => found,
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(request, app, signed, Section::Stock, |w| {
        known.name(w.lang())
    });
    let w = frame.w();
    let pages = asked.pages(&mut found.cards, |card| Cursor {
        key: String::new(),
        id: card.id.0.clone(),
    });
    let here = match state {
        CardState::Withdrawn => "bin",
        _ => "cards",
    };
    let named = |state: CardState| super::state_of_card(state, w).text;
    let page = CardsPage {
        tabs: Tabs::of(known, here),
        available: found.counted.available,
        reserved: found.counted.reserved,
        waiting: found.waiting,
        threshold: match known.product.low_stock {
            0 => w.stock_threshold_none().to_owned(),
            n => w.stock_threshold(n),
        },
        states: CardState::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), named(*one), *one == state))
            .collect(),
        batches: batch_choices(&frame, &found.batches, chosen.as_ref()),
        filtered: asked.filtered(&["batch", "state"]),
        clear: asked.bare().to_owned(),
        back: query.to_owned(),
        by_import: asked.sort_link("import", order),
        deed: deed(state, w),
        rows: found
            .cards
            .iter()
            .map(|card| found.beside.row(&frame, &app.sealer, card))
            .collect(),
        pages,
        refused,
        frame,
    };
    let status = match page.refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

fn deed(state: CardState, w: Words) -> Option<(&'static str, &'static str)> {
    match state {
        CardState::Available => Some(("withdraw", w.stock_withdraw())),
        CardState::Withdrawn => Some(("restore", w.stock_restore())),
        CardState::Reserved | CardState::Delivered => None,
    }
}

/// Whether a text can be an id of ours; what it names is another question.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Imports by name and time, to choose one.
pub(super) fn batch_choices(
    frame: &Frame,
    batches: &[Batch],
    chosen: Option<&BatchId>,
) -> Vec<Choice> {
    batches
        .iter()
        .map(|batch| {
            let time = frame.time(batch.created_at).human;
            let name = format!("{time} · {}", source(batch, frame.w()));
            (batch.id.0.clone(), name, Some(&batch.id) == chosen)
        })
        .collect()
}

/// `POST /admin/stock/{variant}/cards`: withdraws or restores the chosen cards.
pub async fn change_cards(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let known = match known(&request, &app, &path).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let w = words_of(&request, &app);
    let chosen = posted.form.with_prefix("c_");
    let ids: Vec<CardId> = chosen
        .into_keys()
        .filter(|id| is_id(id))
        .map(CardId)
        .collect();
    let withdraws = match posted.get("do") {
        "withdraw" => true,
        "restore" => false,
        _ => return failure::not_found(&request, &app),
    };
    let changed = match ids.is_empty() {
        true => Ok(Err(w.stock_chosen_none().to_owned())),
        false if withdraws => withdraw(&app, &signed, &known, ids.clone(), w).await,
        false => restore(&app, &signed, &known, ids.clone(), w).await,
    };
    let back = posted.get("back");
    match (changed, ids.as_slice()) {
        (Ok(Ok(text)), [one]) if back == "card" => {
            done(&app, &format!("/admin/stock/cards/{one}"), &text)
        }
        (Ok(Ok(text)), _) => {
            let list = Asked::of(&format!("/admin/stock/{}", known.variant.id), back);
            done(&app, &list.with(&[("from", None)]), &text)
        }
        (Ok(Err(text)), _) => show(&request, &app, &signed, &known, back, Some(text)).await,
        (Err(error), _) => missing(&request, &app, &error),
    }
}

/// The sentence that tells what was done, or why nothing was.
type Said = Result<Result<String, String>, StoreError>;

/// A line of the audit log for each card, made before the transaction and written for those that
/// changed.
fn lines(
    app: &App,
    signed: &SignedIn,
    action: &str,
    (from, to): (CardState, CardState),
    ids: &[CardId],
) -> impl Fn(&mut Db, &[CardId]) -> Result<(), StoreError> + Send + use<> {
    let line = |id: &CardId| {
        let (before, after) = (json!({"state": from}), json!({"state": to}));
        signed.changed(app, action, ("card", id.as_str()), &before, &after)
    };
    let lines: Vec<(CardId, Entry)> = ids.iter().map(|id| (id.clone(), line(id))).collect();
    move |db, changed| {
        for (_, line) in lines.iter().filter(|(id, _)| changed.contains(id)) {
            line.write(db)?;
        }
        Ok(())
    }
}

async fn withdraw(app: &App, signed: &SignedIn, known: &Known, ids: Vec<CardId>, w: Words) -> Said {
    let step = (CardState::Available, CardState::Withdrawn);
    let also = lines(app, signed, "card.withdraw", step, &ids);
    let asked = ids.len();
    let gone = withdraw_some(&app.store, &*app.clock, &known.variant.id, ids, also).await?;
    Ok(match asked - gone {
        _ if gone == 0 => Err(w.stock_withdrawn_no().to_owned()),
        0 => Ok(w.stock_withdrawn_said(gone)),
        kept => Ok(w.stock_withdrawn_some(&gone, &kept)),
    })
}

async fn restore(app: &App, signed: &SignedIn, known: &Known, ids: Vec<CardId>, w: Words) -> Said {
    let step = (CardState::Withdrawn, CardState::Available);
    let also = lines(app, signed, "card.restore", step, &ids);
    let asked = ids.len();
    let of = (&known.variant.id, &known.variant.seller_id);
    let (clock, random) = (&*app.clock, &*app.random);
    let restored = restore_some(&app.store, clock, random, of, ids, also).await?;
    Ok(match (restored.back, asked - restored.back) {
        (0, _) => Err(w.stock_restored_no().to_owned()),
        (back, 0) => Ok(w.stock_restored_said(back)),
        (back, kept) => Ok(w.stock_restored_some(&back, &kept)),
    })
}
