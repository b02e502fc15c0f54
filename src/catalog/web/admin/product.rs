//! The page of a product: what is stored or was typed, and what buyers would see of it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::{self, Found};
use super::list::prices;
use super::preview::{Glimpse, glimpse};
use super::{facts, told, variant_form};
use crate::app::App;
use crate::catalog::{self, Category, OnOff, Product, Variant};
use crate::clock::Millis;
use crate::ids::ProductId;
use crate::money::Money;
use crate::store::{Db, StoreError};
use crate::web::admin::inputs::{Inputs, Kind, Section as Part, Wrong};
use crate::web::admin::{Frame, Section, SignedIn, unsound};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::words::Words;

/// A variant in the table of its product.
struct Line {
    id: String,
    sku: String,
    name: String,
    price: String,
    state: OnOff,
}

#[derive(Template)]
#[template(path = "admin/goods/product.html")]
struct ProductPage {
    frame: Frame,
    /// Empty for a new one.
    id: String,
    slug: String,
    state: OnOff,
    action: String,
    seen: Millis,
    sections: Vec<Part>,
    wrong: Vec<Wrong>,
    moved: Option<Vec<told::Moved>>,
    variants: Vec<Line>,
    glimpse: Glimpse,
}

/// What the page needs from the database.
#[derive(Clone)]
pub(super) struct Known {
    /// None: a new one.
    pub(super) product: Option<Product>,
    pub(super) variants: Vec<Variant>,
    pub(super) categories: Vec<Category>,
    places: i32,
}

pub(super) fn read(db: &mut Db, id: Option<&ProductId>) -> Result<Option<Known>, StoreError> {
    let (product, variants) = match id {
        None => (None, Vec::new()),
        Some(id) => match catalog::store::find_product(db, id)? {
            None => return Ok(None),
            found => (found, catalog::store::variants_of(db, id)?),
        },
    };
    Ok(Some(Known {
        product,
        variants,
        categories: catalog::store::categories(db)?,
        places: catalog::store::last_place(db)?.saturating_add(1),
    }))
}

/// What was typed, and why it is shown again.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) form: Option<Form>,
    pub(super) found: Found,
    /// The product as its author saw it is no longer there.
    pub(super) moved: bool,
}

/// `GET /admin/products/new`
pub async fn new(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    match app.store.read(|db| read(db, None)).await {
        Ok(Some(known)) => show(&request, &app, &signed, &known, Typed::default()),
        Ok(None) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `GET /admin/products/{id}`
pub async fn edit(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let id = ProductId(id.into_inner());
    match app.store.read(move |db| read(db, Some(&id))).await {
        Ok(Some(known)) => show(&request, &app, &signed, &known, Typed::default()),
        Ok(None) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

pub(super) fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    typed: Typed,
) -> HttpResponse {
    let mut frame = Frame::of(request, app, signed, Section::Products, Words::goods_new);
    if let Some(row) = &known.product {
        frame.title = frame.pick(&row.name_zh, &row.name_en).to_owned();
    }
    let words = frame.w();
    let base = base(app, known);
    let status = match (typed.moved, typed.found.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    let wrong: Vec<Wrong> = typed
        .found
        .iter()
        .map(|(id, reason)| unsound::wrong(words, id, reason))
        .collect();
    let form = match (typed.form, &known.product) {
        (Some(form), _) => form,
        (None, Some(row)) => form::typed(row),
        (None, None) => blank(app, &base),
    };
    let shelves: Vec<(String, String)> = known
        .categories
        .iter()
        .map(|c| {
            (
                c.id.to_string(),
                frame.pick(&c.name_zh, &c.name_en).to_owned(),
            )
        })
        .collect();
    let mut sections = form::sections(words, &base, &form, &wrong, &shelves);
    if known.product.is_none() {
        let input = Inputs {
            form: &form,
            wrong: &wrong,
        };
        sections.insert(1, variant_form::price_section(words, &input, None, false));
    }
    let (row, _) = form::read(&form, &base, &known.categories);
    let own: Vec<&Variant> = known.variants.iter().collect();
    let page = ProductPage {
        id: known
            .product
            .as_ref()
            .map_or_else(String::new, |row| row.id.to_string()),
        slug: base.slug.clone(),
        state: base.state,
        action: known.product.as_ref().map_or_else(
            || "/admin/products".to_owned(),
            |row| format!("/admin/products/{}", row.id),
        ),
        seen: base.changed_at,
        moved: typed
            .moved
            .then(|| told::moved(words, &facts::product(&base), &facts::product(&row))),
        glimpse: glimpse(&frame, &row, prices(words, &own)),
        variants: known
            .variants
            .iter()
            .map(|variant| Line {
                id: variant.id.to_string(),
                sku: variant.sku.clone(),
                name: frame.pick(&variant.name_zh, &variant.name_en).to_owned(),
                price: Money::new(variant.price, variant.currency).display(),
                state: variant.state,
            })
            .collect(),
        sections,
        wrong,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}

/// The stored product, or the one that a new one begins as.
pub(super) fn base(app: &App, known: &Known) -> Product {
    let now = app.clock.now();
    known.product.clone().unwrap_or_else(|| Product {
        position: known.places,
        ..Product::fresh(ProductId::new(now, &*app.random), now)
    })
}

/// A form nothing was typed into.
fn blank(app: &App, base: &Product) -> Form {
    let mut pairs = form::typed(base).with_prefix("");
    let currency = app.live().settings.currency;
    pairs.insert("currency".to_owned(), currency.to_string());
    told::form_of(pairs.into_iter().collect())
}
