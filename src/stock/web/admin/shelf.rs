//! `/admin/stock`: every variant and what is there of it.

use std::cmp::Ordering;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{named, tag};
use crate::app::App;
use crate::catalog::{self, Delivery, OnOff, Product, Variant};
use crate::clock::{DAY, Millis};
use crate::ids::SellerId;
use crate::payment;
use crate::stock::store::shelf as rows;
use crate::store::{Db, StoreError};
use crate::web::admin::{Asked, Cursor, Frame, Pages, Posted, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::words::{Lang, Shape, Tag, Tone, Words};

const COLUMNS: &[&str] = &["name", "available", "reserved", "lately", "waiting"];
const FILTERS: &[&str] = &["q", "mark", "kind"];

/// One variant and its numbers; none where there is nothing to count.
struct Standing {
    variant: Variant,
    product: Product,
    available: Option<i64>,
    reserved: i64,
    lately: i64,
    waiting: i64,
}

impl Standing {
    fn is_low(&self) -> bool {
        let mark = self.product.low_stock;
        mark > 0 && self.available.is_some_and(|left| left <= mark)
    }

    fn is_out(&self) -> bool {
        self.available == Some(0)
    }

    /// Where it stands by a column; what has no end stands behind every number.
    fn key(&self, column: &str) -> (i64, &str) {
        let number = match column {
            "available" => self.available.unwrap_or(i64::MAX),
            "reserved" => self.reserved,
            "lately" => self.lately,
            "waiting" => self.waiting,
            _ => 0,
        };
        (number, &self.variant.sku)
    }
}

fn read(db: &mut Db, now: Millis) -> Result<Vec<Standing>, StoreError> {
    let products = catalog::store::products(db)?;
    let lately = rows::delivered_since(db, now - 30 * DAY)?;
    let waiting = payment::store::waiting_by_variant(db)?;
    let uses = rows::uses(db)?;
    let mut found = Vec::new();
    for variant in catalog::store::variants(db)? {
        let Some(product) = products.iter().find(|p| p.id == variant.product_id) else {
            continue;
        };
        let (available, reserved) = match product.delivery {
            Delivery::CardPool => {
                let counted = rows::counted(db, &variant.id)?;
                (Some(counted.available), counted.reserved)
            }
            Delivery::Reusable => (uses.get(&variant.id).copied().unwrap_or(Some(0)), 0),
            Delivery::Manual => (None, 0),
        };
        found.push(Standing {
            available,
            reserved,
            lately: lately.get(&variant.id).copied().unwrap_or(0),
            waiting: waiting.get(&variant.id).copied().unwrap_or(0),
            product: product.clone(),
            variant,
        });
    }
    Ok(found)
}

struct Row {
    name: String,
    sku: String,
    kind: &'static str,
    url: String,
    import: Option<String>,
    available: String,
    marks: Vec<Tag>,
    pool: bool,
    reserved: i64,
    lately: i64,
    waiting: i64,
}

#[derive(Template)]
#[template(path = "admin/stock/shelf.html")]
struct ShelfPage {
    frame: Frame,
    q: String,
    mark: String,
    kind: String,
    filtered: bool,
    clear: String,
    sort: Vec<(&'static str, bool, SortLink)>,
    rows: Vec<Row>,
    nothing: bool,
    pages: Pages,
    sought: String,
    missed: bool,
}

/// `GET /admin/stock`
pub async fn shelf(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    show(&request, &app, &signed, None).await
}

/// `POST /admin/stock/find`: the card with exactly this content. It travels in a form, because
/// addresses are kept in histories and logs.
pub async fn find(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let hash = app
        .sealer
        .keyed_hash("card", posted.get("content").trim().as_bytes());
    let found = app
        .store
        .read(move |db| rows::by_content(db, &SellerId::house(), &hash))
        .await;
    match found {
        Ok(ids) => match ids.first() {
            Some(id) => HttpResponse::SeeOther()
                .insert_header(("location", format!("/admin/stock/cards/{id}")))
                .finish(),
            None => show(&request, &app, &signed, Some(posted.get("content"))).await,
        },
        Err(error) => failure::store(&request, &app, &error),
    }
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    missed: Option<&str>,
) -> HttpResponse {
    let now = app.clock.now();
    let found = match app.store.read(move |db| read(db, now)).await {
        Ok(found) => found,
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(request, app, signed, Section::Stock, Words::admin_stock);
    let asked = Asked::of("/admin/stock", request.query_string());
    let order = asked.order(COLUMNS, false);
    let nothing = found.is_empty();
    let mut found: Vec<Standing> = found.into_iter().filter(|one| fits(one, &asked)).collect();
    let by = |a: (i64, &str), b: (i64, &str)| match order.1 {
        true => b.cmp(&a),
        false => a.cmp(&b),
    };
    found.sort_by(|a, b| by(a.key(order.0), b.key(order.0)));
    if let Some((number, sku)) = asked.cursor().as_ref().and_then(behind) {
        found.retain(|one| by(one.key(order.0), (number, sku)) == Ordering::Greater);
    }
    let pages = asked.pages(&mut found, |one| {
        let (number, sku) = one.key(order.0);
        Cursor {
            key: number.to_string(),
            id: sku.to_owned(),
        }
    });
    let sort = COLUMNS.iter().enumerate();
    let page = ShelfPage {
        q: asked.get("q").to_owned(),
        mark: asked.get("mark").to_owned(),
        kind: asked.get("kind").to_owned(),
        filtered: asked.filtered(FILTERS),
        clear: asked.bare().to_owned(),
        sort: sort
            .map(|(n, column)| {
                let link = asked.sort_link(column, order);
                (heading(column, frame.w()), n > 0, link)
            })
            .collect(),
        rows: found.iter().map(|one| row(one, &frame)).collect(),
        nothing,
        pages,
        sought: missed.unwrap_or_default().to_owned(),
        missed: missed.is_some(),
        frame,
    };
    let status = match page.missed {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// The row a page begins behind; a cursor that is none is the beginning.
fn behind(cursor: &Cursor) -> Option<(i64, &str)> {
    Some((cursor.key.parse().ok()?, &cursor.id))
}

fn fits(one: &Standing, asked: &Asked) -> bool {
    let wanted = asked.get("q").to_lowercase();
    let names = [
        one.variant.sku.to_lowercase(),
        named(&one.product, &one.variant, Lang::Zh).to_lowercase(),
        named(&one.product, &one.variant, Lang::En).to_lowercase(),
    ];
    let marked = match asked.get("mark") {
        "low" => one.is_low(),
        "out" => one.is_out(),
        "waiting" => one.waiting > 0,
        _ => true,
    };
    let kind = Delivery::parse(asked.get("kind"));
    names.iter().any(|name| name.contains(&wanted))
        && marked
        && kind.is_none_or(|kind| kind == one.product.delivery)
}

fn heading(column: &str, w: Words) -> &'static str {
    match column {
        "available" => w.stock_available(),
        "reserved" => w.stock_reserved(),
        "lately" => w.stock_lately(),
        "waiting" => w.stock_waiting(),
        _ => w.stock_product(),
    }
}

fn row(one: &Standing, frame: &Frame) -> Row {
    let w = frame.w();
    let base = format!("/admin/stock/{}", one.variant.id);
    let mut marks = Vec::new();
    if one.is_out() {
        marks.push(tag(w.stock_out(), Tone::Bad, Shape::Square));
    } else if one.is_low() {
        marks.push(tag(w.stock_mark_low(), Tone::Warn, Shape::Diamond));
    }
    if one.variant.state == OnOff::Off || one.product.state == OnOff::Off {
        marks.push(tag(w.stock_off(), Tone::Mute, Shape::Dot));
    }
    let delivery = one.product.delivery;
    let (kind, url) = match delivery {
        Delivery::CardPool => (w.stock_kind_card_pool(), base.clone()),
        Delivery::Reusable => (w.stock_kind_reusable(), format!("{base}/reusable")),
        Delivery::Manual => (
            w.stock_kind_manual(),
            format!("/admin/products/{}", one.product.id),
        ),
    };
    Row {
        name: named(&one.product, &one.variant, frame.lang),
        sku: one.variant.sku.clone(),
        kind,
        url,
        import: (delivery == Delivery::CardPool).then(|| format!("{base}/import")),
        available: match (one.available, delivery) {
            (Some(left), _) => left.to_string(),
            (None, Delivery::Manual) => w.stock_by_hand().to_owned(),
            (None, _) => w.stock_endless().to_owned(),
        },
        marks,
        pool: delivery == Delivery::CardPool,
        reserved: one.reserved,
        lately: one.lately,
        waiting: one.waiting,
    }
}
