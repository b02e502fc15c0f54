//! A product as buyers would see it, from a form that is not saved: the whole page in a window
//! of its own, or the part of it that stands beside the form.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::product::{Typed, show};
use super::list::prices;
use super::product::{Known, base, read};
use super::{form, variant_form};
use crate::app::App;
use crate::catalog::{self, OnOff, Product, Variant};
use crate::ids::{ProductId, VariantId};
use crate::stock;
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Frame, Posted, SignedIn};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::visitor::Visitor;
use crate::web::words::Words;
use crate::window::OnSale;

/// The product as it stands beside its form.
pub(super) struct Glimpse {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) prices: Vec<String>,
    /// Sanitised already.
    pub(super) html: String,
    pub(super) asks: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/goods/glimpse.html")]
struct Part {
    w: Words,
    glimpse: Glimpse,
}

/// A product beside its form.
pub(super) fn glimpse(frame: &Frame, row: &Product, prices: Vec<String>) -> Glimpse {
    picked(row, prices, |zh, en| frame.pick(zh, en).to_owned())
}

fn picked(row: &Product, prices: Vec<String>, pick: impl Fn(&str, &str) -> String) -> Glimpse {
    let asks = row.asks().unwrap_or_default();
    Glimpse {
        name: pick(&row.name_zh, &row.name_en),
        summary: pick(&row.summary_zh, &row.summary_en),
        prices,
        html: catalog::to_html(&pick(&row.description_zh, &row.description_en)),
        asks: asks
            .iter()
            .map(|field| pick(&field.label_zh, &field.label_en))
            .collect(),
    }
}

/// `POST /admin/products/preview`: nothing is written.
pub async fn preview(
    request: HttpRequest,
    app: web::Data<App>,
    _: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let id = Some(posted.get("id")).filter(|id| !id.is_empty());
    let id = id.map(|id| ProductId(id.to_owned()));
    let found = app.store.read(move |db| -> Result<_, StoreError> {
        let Some(known) = read(db, id.as_ref())? else {
            return Ok(None);
        };
        let left = left(db, &known)?;
        Ok(Some((known, left)))
    });
    let (known, left) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let (product, _) = form::read(&posted.form, &base(&app, &known), &known.categories);
    let variants = match left.is_empty() {
        true => vec![(first(&app, &product, &posted.form), None)],
        false => left,
    };
    if posted.get("part").is_empty() {
        let mut product = product;
        // Questions that are not in order yet are told at their fields; the rest can be seen.
        if product.asks().is_err() {
            "[]".clone_into(&mut product.fields);
        }
        let shelf = OnSale::of(product, variants);
        let typed = Typed {
            preview: true,
            ..Typed::default()
        };
        return show(&request, &app, &shelf, typed);
    }
    let words = words_of(&request, &app);
    let rows: Vec<&Variant> = variants.iter().map(|(row, _)| row).collect();
    let visitor = Visitor::of(&request, &app);
    let part = Part {
        w: words,
        glimpse: picked(&product, prices(words, &rows), |zh, en| {
            visitor.pick(zh, en).to_owned()
        }),
    };
    match part.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(cause) => failure::internal(&request, &app, &cause),
    }
}

/// The variants buyers would see with what is left; all of them where none is on sale.
fn left(db: &mut Db, known: &Known) -> Result<Vec<(Variant, Option<i64>)>, StoreError> {
    let Some(product) = &known.product else {
        return Ok(Vec::new());
    };
    let on: Vec<&Variant> = known
        .variants
        .iter()
        .filter(|variant| variant.state == OnOff::On)
        .collect();
    let shown = match on.is_empty() {
        true => known.variants.iter().collect(),
        false => on,
    };
    shown
        .into_iter()
        .map(|row| Ok((row.clone(), stock::left(db, product.delivery, &row.id)?)))
        .collect()
}

/// The first variant of a product that is not there yet.
fn first(app: &App, product: &Product, form: &Form) -> Variant {
    let (now, currency) = (app.clock.now(), app.live().settings.currency);
    let id = VariantId::new(now, &*app.random);
    let fresh = Variant::fresh(id, product, currency, now);
    variant_form::read_price(form, &fresh).0
}
