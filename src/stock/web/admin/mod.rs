//! The stock in the console: what several of its pages share.

mod batches;
mod card;
mod cards;
mod draft;
mod export;
mod import;
mod moving;
mod reusable;
mod shelf;

pub use batches::{batch, batches, withdraw_batch};
pub use card::{card, reveal};
pub use cards::{cards, change_cards};
pub use draft::{confirm, draft};
pub use export::{export, take_out};
pub use import::{import, read_import};
pub use moving::{move_cards, moving};
pub use reusable::{change_reusable, reusable, reveal_reusable};
pub use shelf::{find, shelf};

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::catalog::{self, Delivery, Product, Variant};
use crate::ids::{BatchId, ItemId, VariantId};
use crate::seal::Sealer;
use crate::stock::draft::Workshop;
use crate::stock::store::shelf as rows;
use crate::stock::{Batch, BatchState, Card, CardState, Tools, mask};
use crate::store::{Db, StoreError};
use crate::web::admin::Frame;
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Lang, Shape, Tag, Tone, Words};

/// The variant a page is about.
#[derive(Clone)]
struct Known {
    variant: Variant,
    product: Product,
}

impl Known {
    fn read(db: &mut Db, id: &str) -> Result<Self, StoreError> {
        // No row has such an id, and PostgreSQL takes a zero byte for no text at all (X67).
        if id.contains('\0') {
            return Err(StoreError::NotFound);
        }
        let variant = catalog::store::variant_by_id(db, &VariantId(id.to_owned()))?;
        let product = catalog::store::product_by_id(db, &variant.product_id)?;
        Ok(Known { variant, product })
    }

    fn name(&self, lang: Lang) -> String {
        named(&self.product, &self.variant, lang)
    }

    fn is_pool(&self) -> bool {
        self.product.delivery == Delivery::CardPool
    }
}

/// Product and variant, as the console calls them.
fn named(product: &Product, variant: &Variant, lang: Lang) -> String {
    let (of, one) = match lang {
        Lang::Zh => (&product.name_zh, &variant.name_zh),
        Lang::En => (&product.name_en, &variant.name_en),
    };
    let of = if of.is_empty() { &product.name_zh } else { of };
    if one.is_empty() {
        of.clone()
    } else {
        format!("{of} · {one}")
    }
}

/// The variant of an address, or the page that says there is none.
async fn known(request: &HttpRequest, app: &App, id: &str) -> Result<Known, HttpResponse> {
    let id = id.to_owned();
    let found = app.store.read(move |db| Known::read(db, &id)).await;
    found.map_err(|error| missing(request, app, &error))
}

/// The page for a row that is not there, or a database that failed.
fn missing(request: &HttpRequest, app: &App, error: &StoreError) -> HttpResponse {
    match error {
        StoreError::NotFound => failure::not_found(request, app),
        other => failure::store(request, app, other),
    }
}

fn tools(app: &App) -> Tools<'_> {
    Tools {
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    }
}

fn workshop(app: &App) -> Workshop {
    Workshop {
        sealer: app.sealer.clone(),
        clock: app.clock.clone(),
        random: app.random.clone(),
    }
}

/// The addresses of a variant's pages, and which of them is shown.
struct Tabs {
    base: String,
    product_url: String,
    sku: String,
    pool: bool,
    here: &'static str,
}

impl Tabs {
    fn of(known: &Known, here: &'static str) -> Self {
        Tabs {
            base: format!("/admin/stock/{}", known.variant.id),
            product_url: format!("/admin/products/{}", known.product.id),
            sku: known.variant.sku.clone(),
            pool: known.is_pool(),
            here,
        }
    }

    fn is(&self, here: &str) -> bool {
        self.here == here
    }

    /// Whether it is one of the lists; a form has its own one thing to do.
    fn is_list(&self) -> bool {
        ["cards", "batches", "bin"].contains(&self.here)
    }
}

/// A line of a list of cards.
struct CardRow {
    id: String,
    masked: String,
    tag: Tag,
    batch: String,
    source: String,
    order_no: Option<String>,
    changed: Stamp,
}

/// What the cards of a list stand beside: their imports and their orders.
#[derive(Default)]
struct Beside {
    batches: HashMap<BatchId, Batch>,
    orders: HashMap<ItemId, String>,
}

impl Beside {
    fn read(db: &mut Db, cards: &[Card]) -> Result<Self, StoreError> {
        let mut batches: Vec<BatchId> = cards.iter().map(|card| card.batch_id.clone()).collect();
        batches.dedup();
        let batches = rows::batches_of(db, &batches)?;
        let items: Vec<ItemId> = cards
            .iter()
            .filter_map(|card| card.item_id.clone())
            .collect();
        Ok(Beside {
            batches: batches
                .into_iter()
                .map(|one| (one.id.clone(), one))
                .collect(),
            orders: rows::order_numbers(db, &items)?,
        })
    }

    fn row(&self, frame: &Frame, sealer: &Sealer, card: &Card) -> CardRow {
        let batch = self.batches.get(&card.batch_id);
        let order = card.item_id.as_ref().and_then(|item| self.orders.get(item));
        CardRow {
            id: card.id.0.clone(),
            // One that cannot be opened is listed all the same; opening it tells why.
            masked: content(sealer, card).map_or_else(|_| "…".to_owned(), |text| mask(&text)),
            tag: state_of_card(card.state, frame.w()),
            batch: card.batch_id.0.clone(),
            source: batch.map_or_else(String::new, |batch| source(batch, frame.w())),
            order_no: order.cloned(),
            changed: frame.time(card.changed_at),
        }
    }
}

/// What a card says.
fn content(sealer: &Sealer, card: &Card) -> Result<String, StoreError> {
    let place = Card::place(&card.id, &card.seller_id);
    let opened = sealer.open_text(&card.content, &place);
    opened.map_err(|cause| StoreError::corrupt(format!("card {}: {cause}", card.id)))
}

fn tag(text: &str, tone: Tone, shape: Shape) -> Tag {
    Tag {
        text: text.to_owned(),
        tone,
        shape,
    }
}

fn state_of_card(state: CardState, w: Words) -> Tag {
    match state {
        CardState::Available => tag(w.stock_state_available(), Tone::Ok, Shape::Dot),
        CardState::Reserved => tag(w.stock_state_reserved(), Tone::Info, Shape::Ring),
        CardState::Delivered => tag(w.stock_state_delivered(), Tone::Mute, Shape::Dot),
        CardState::Withdrawn => tag(w.stock_state_withdrawn(), Tone::Warn, Shape::Diamond),
    }
}

fn tag_of_batch(batch: &Batch, w: Words) -> Tag {
    match batch.withheld_at {
        Some(_) if batch.state == BatchState::Available => {
            tag(w.stock_batch_withheld(), Tone::Hold, Shape::Bar)
        }
        _ => state_of_batch(batch.state, w),
    }
}

fn state_of_batch(state: BatchState, w: Words) -> Tag {
    match state {
        BatchState::Available => tag(w.stock_batch_available(), Tone::Ok, Shape::Dot),
        BatchState::Loading => tag(w.stock_batch_loading(), Tone::Info, Shape::Ring),
        BatchState::Withdrawn => tag(w.stock_batch_withdrawn(), Tone::Warn, Shape::Diamond),
    }
}

/// Where an import came from: a file's name, or words for what the console made. No file that
/// the console takes is called `@…`.
fn source(batch: &Batch, w: Words) -> String {
    source_words(batch.name(), w)
}

fn source_words(name: &str, w: Words) -> String {
    match name {
        "@paste" => w.stock_source_paste().to_owned(),
        "@restored" => w.stock_source_restored().to_owned(),
        other => match other.strip_prefix("@from ") {
            Some(sku) => w.stock_source_from(sku),
            None => other.to_owned(),
        },
    }
}

/// As a count in a sentence.
fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
