//! `/admin/stock/{variant}/move`: unsold cards become units of another variant.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::cards::{CHOICES, Choice, batch_choices, is_id};
use super::import::pool;
use super::{Known, Tabs, known, named};
use crate::app::App;
use crate::catalog::{self, Delivery};
use crate::ids::{BatchId, VariantId};
use crate::stock::change::{MOST_MOVED, Move, move_some};
use crate::stock::store::shelf::{self as rows, Wanted};
use crate::stock::{Batch, CardState};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Asked, Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::whole::whole;
use crate::web::words::Words;

/// What the last step before the move says.
struct Sure {
    effect: String,
    confirm: String,
}

#[derive(Template)]
#[template(path = "admin/stock/move.html")]
struct MovePage {
    frame: Frame,
    tabs: Tabs,
    refused: Vec<(&'static str, String)>,
    bad_to: bool,
    bad_count: bool,
    sure: Option<Sure>,
    targets: Vec<Choice>,
    batches: Vec<Choice>,
    to: String,
    batch: String,
    count: String,
}

/// What was typed.
#[derive(Default, Clone)]
struct Typed {
    to: String,
    batch: String,
    count: String,
    /// Ready to be confirmed, not just opened.
    complete: bool,
}

impl Typed {
    fn count(&self) -> Option<i64> {
        let count = self.count.trim().parse().ok();
        count.filter(|n| (1..=MOST_MOVED).contains(n))
    }

    fn batch(&self) -> Option<BatchId> {
        Some(self.batch.clone()).filter(|id| is_id(id)).map(BatchId)
    }
}

struct Found {
    targets: Vec<Known>,
    batches: Vec<Batch>,
    /// As many as can be moved, counted up to one more than at once.
    there: i64,
}

fn read(db: &mut Db, from: &Known, batch: Option<BatchId>) -> Result<Found, StoreError> {
    let products = catalog::store::products(db)?;
    let mut targets = Vec::new();
    for variant in catalog::store::variants(db)? {
        let product = products.iter().find(|one| one.id == variant.product_id);
        if let Some(product) = product
            && product.delivery == Delivery::CardPool
            && variant.seller_id == from.variant.seller_id
            && variant.id != from.variant.id
        {
            let product = product.clone();
            targets.push(Known { variant, product });
        }
    }
    let of = from.variant.id.clone();
    let batches = rows::batches(db, &of, None, true, None, CHOICES)?;
    let wanted = Wanted {
        of,
        state: CardState::Available,
        batch,
    };
    Ok(Found {
        targets,
        batches,
        there: rows::count_cards(db, &wanted, MOST_MOVED + 1)?,
    })
}

/// `GET /admin/stock/{variant}/move`: the form, and once it is complete, what it would do.
pub async fn moving(
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
    let typed = Typed {
        to: asked.get("to").to_owned(),
        batch: asked.get("batch").to_owned(),
        count: asked.get("count").to_owned(),
        complete: asked.get("sure") == "1",
    };
    show(&request, &app, &signed, &known, &typed, None).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    typed: &Typed,
    told: Option<String>,
) -> HttpResponse {
    let (from, batch) = (known.clone(), typed.batch());
    let found = app.store.read(move |db| read(db, &from, batch)).await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Stock,
        Words::stock_move_title,
    );
    let w = frame.w();
    let to = found
        .targets
        .iter()
        .find(|one| one.variant.id.0 == typed.to);
    let (bad_to, count) = (to.is_none(), typed.count());
    let mut refused: Vec<(&'static str, String)> = Vec::new();
    if typed.complete && bad_to {
        refused.push(("to", w.stock_move_to_error().to_owned()));
    }
    match count {
        _ if !typed.complete => {}
        None => refused.push(("count", w.stock_move_count_error().to_owned())),
        Some(n) if n > found.there => refused.push(("count", w.stock_move_few(found.there))),
        Some(_) => {}
    }
    refused.extend(told.map(|text| ("count", text)));
    let bad_count = refused.iter().any(|(field, _)| *field == "count");
    let sure = match (to, count) {
        (Some(to), Some(n)) if typed.complete && refused.is_empty() => Some(Sure {
            effect: w.stock_move_effect(&n, &known.variant.sku, &to.variant.sku),
            confirm: w.stock_move_confirm(n),
        }),
        _ => None,
    };
    let target = |one: &Known| {
        let sku = &one.variant.sku;
        let name = named(&one.product, &one.variant, frame.lang);
        let here = one.variant.id.0 == typed.to;
        (one.variant.id.0.clone(), format!("{name} ({sku})"), here)
    };
    let page = MovePage {
        tabs: Tabs::of(known, "move"),
        bad_to: bad_to && typed.complete,
        bad_count,
        sure,
        targets: found.targets.iter().map(target).collect(),
        batches: batch_choices(&frame, &found.batches, typed.batch().as_ref()),
        to: typed.to.clone(),
        batch: typed.batch.clone(),
        count: typed.count.clone(),
        refused,
        frame,
    };
    let status = match page.refused.is_empty() {
        false => StatusCode::UNPROCESSABLE_ENTITY,
        true => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/stock/{variant}/move`
pub async fn move_cards(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let from = match pool(&request, &app, &path).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let typed = Typed {
        to: posted.get("to").to_owned(),
        batch: posted.get("batch").to_owned(),
        count: posted.get("count").to_owned(),
        complete: true,
    };
    let to = match is_id(&typed.to) {
        true => known(&request, &app, &typed.to).await.ok(),
        false => None,
    };
    let fits = |to: &Known| {
        to.is_pool()
            && to.variant.seller_id == from.variant.seller_id
            && to.variant.id != from.variant.id
    };
    let (Some(to), Some(count)) = (to.filter(fits), typed.count()) else {
        return show(&request, &app, &signed, &from, &typed, None).await;
    };
    let wish = Move {
        from: from.variant.id.clone(),
        to: to.variant.id.clone(),
        seller: from.variant.seller_id.clone(),
        batch: typed.batch(),
        count,
        source: format!("@from {} -", from.variant.sku),
    };
    let w = words_of(&request, &app);
    match run(&app, &signed, wish).await {
        Ok(0) => {
            let text = Some(w.stock_move_no().to_owned());
            let typed = Typed {
                complete: false,
                ..typed
            };
            show(&request, &app, &signed, &from, &typed, text).await
        }
        Ok(moved) => {
            let text = w.stock_move_said(&moved, &to.variant.sku);
            done(&app, &format!("/admin/stock/{}", from.variant.id), &text)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// Moves, and writes a line of the audit log with each part of it. It goes on to its end whether
/// or not the browser waits.
async fn run(app: &web::Data<App>, signed: &SignedIn, wish: Move) -> Result<usize, StoreError> {
    let (app, signed) = (app.clone(), signed.clone());
    whole(async move {
        let (from, to): (VariantId, VariantId) = (wish.from.clone(), wish.to.clone());
        let also = || {
            let line = signed.entry(&app, "card.move", ("variant", from.as_str()));
            let to = to.clone();
            move |db: &mut Db, cards: usize| {
                let after = json!({"cards": cards, "to": to});
                line.clone().changed(&json!({}), &after).write(db)
            }
        };
        move_some(&app.store, &*app.clock, &*app.random, &wish, &also).await
    })
    .await
    .and_then(|moved| moved)
}
