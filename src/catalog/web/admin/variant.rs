//! Making and changing a variant of a product.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

use super::change::shared;
use super::form::Found;
use super::{facts, told, variant_form};
use crate::app::App;
use crate::catalog::lint::{MANY, Unsound};
use crate::catalog::save::{self, SaveError};
use crate::catalog::{self, Delivery, Product, Variant};
use crate::clock::Millis;
use crate::ids::{ProductId, VariantId};
use crate::stock::{self, Reusable};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Kind, Section as Part, Wrong};
use crate::web::admin::{Frame, Posted, Section, SignedIn, done, unsound};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/goods/variant.html")]
struct VariantPage {
    frame: Frame,
    product_id: String,
    product_name: String,
    action: String,
    seen: Millis,
    sections: Vec<Part>,
    wrong: Vec<Wrong>,
    moved: Option<Vec<told::Moved>>,
}

struct Known {
    product: Product,
    /// None: a new one.
    variant: Option<Variant>,
    shared: Option<Reusable>,
    /// How many variants the product has.
    others: usize,
}

fn read(
    db: &mut Db,
    product: &ProductId,
    variant: Option<&VariantId>,
) -> Result<Option<Known>, StoreError> {
    let Some(product) = catalog::store::find_product(db, product)? else {
        return Ok(None);
    };
    let others = catalog::store::variants_of(db, &product.id)?;
    let variant = match variant {
        None => None,
        Some(id) => match others.iter().find(|one| one.id == *id) {
            None => return Ok(None),
            found => found.cloned(),
        },
    };
    let shared = match &variant {
        Some(variant) => stock::store::reusable_of(db, &variant.id)?,
        None => None,
    };
    Ok(Some(Known {
        product,
        variant,
        shared,
        others: others.len(),
    }))
}

#[derive(Default)]
struct Typed {
    form: Option<Form>,
    found: Found,
    moved: bool,
}

async fn known(
    request: &HttpRequest,
    app: &App,
    product: String,
    variant: Option<String>,
) -> Result<Known, HttpResponse> {
    let (product, variant) = (ProductId(product), variant.map(VariantId));
    let found = app
        .store
        .read(move |db| read(db, &product, variant.as_ref()));
    match found.await {
        Ok(Some(known)) => Ok(known),
        Ok(None) => Err(failure::not_found(request, app)),
        Err(error) => Err(failure::store(request, app, &error)),
    }
}

/// `GET /admin/products/{id}/variants/new`
pub async fn new_variant(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    match known(&request, &app, id.into_inner(), None).await {
        Ok(known) => show(&request, &app, &signed, &known, Typed::default()),
        Err(response) => response,
    }
}

/// `GET /admin/products/{id}/variants/{variant}`
pub async fn variant(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    ids: web::Path<(String, String)>,
) -> HttpResponse {
    let (product, variant) = ids.into_inner();
    match known(&request, &app, product, Some(variant)).await {
        Ok(known) => show(&request, &app, &signed, &known, Typed::default()),
        Err(response) => response,
    }
}

fn base(app: &App, known: &Known) -> Variant {
    let (now, currency) = (app.clock.now(), app.live().settings.currency);
    known.variant.clone().unwrap_or_else(|| Variant {
        position: i32::try_from(known.others).unwrap_or(0),
        ..Variant::fresh(
            VariantId::new(now, &*app.random),
            &known.product,
            currency,
            now,
        )
    })
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    typed: Typed,
) -> HttpResponse {
    let mut frame = Frame::of(
        request,
        app,
        signed,
        Section::Products,
        Words::goods_variant_new,
    );
    let words = frame.w();
    if let Some(row) = &known.variant {
        frame.title.clone_from(&row.sku);
    }
    let base = base(app, known);
    let wrong: Vec<Wrong> = typed
        .found
        .iter()
        .map(|(id, reason)| unsound::wrong(words, id, reason))
        .collect();
    let limit = known.shared.as_ref().and_then(|card| card.use_limit);
    let form = typed
        .form
        .unwrap_or_else(|| variant_form::typed(&base, limit));
    let (row, _) = variant_form::read(&form, &base);
    let (delivery, stored) = (known.product.delivery, known.shared.is_some());
    let product = &known.product;
    let page = VariantPage {
        product_id: product.id.to_string(),
        product_name: frame.pick(&product.name_zh, &product.name_en).to_owned(),
        action: match &known.variant {
            None => format!("/admin/products/{}/variants", product.id),
            Some(row) => format!("/admin/products/{}/variants/{}", product.id, row.id),
        },
        seen: base.changed_at,
        sections: variant_form::sections(words, delivery, stored, &form, &wrong),
        moved: typed
            .moved
            .then(|| told::moved(words, &facts::variant(&base), &facts::variant(&row))),
        wrong,
        frame,
    };
    let status = match (page.moved.is_some(), page.wrong.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/products/{id}/variants`
pub async fn add_variant(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    match known(&request, &app, id.into_inner(), None).await {
        Ok(known) => write(&request, &app, &signed, known, &posted).await,
        Err(response) => response,
    }
}

/// `POST /admin/products/{id}/variants/{variant}`
pub async fn change_variant(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    ids: web::Path<(String, String)>,
    posted: Posted,
) -> HttpResponse {
    let (product, variant) = ids.into_inner();
    match known(&request, &app, product, Some(variant)).await {
        Ok(known) => write(&request, &app, &signed, known, &posted).await,
        Err(response) => response,
    }
}

async fn write(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: Known,
    posted: &Posted,
) -> HttpResponse {
    let before = base(app, &known);
    let (mut row, mut found) = variant_form::read(&posted.form, &before);
    let content = match known.product.delivery {
        Delivery::Reusable => {
            let needed = known.shared.is_none();
            let (text, limit) = variant_form::read_shared(&posted.form, &mut found, needed);
            let sold = known.shared.as_ref().map_or(0, |card| card.used);
            if limit.is_some_and(|limit| limit < sold) {
                found.push(("use_limit".to_owned(), Unsound::Range(sold, MANY)));
            }
            Some((text, limit))
        }
        Delivery::CardPool | Delivery::Manual => None,
    };
    let again = |known: &Known, found: Found, moved: bool| {
        let typed = Typed {
            form: Some(posted.form.clone()),
            found,
            moved,
        };
        show(request, app, signed, known, typed)
    };
    let seen = known.variant.as_ref().map(|row| row.changed_at);
    if seen.is_some_and(|seen| posted.get("seen") != seen.to_string()) {
        return again(&known, found, true);
    }
    if !found.is_empty() {
        return again(&known, found, false);
    }
    let now = app.clock.now();
    row.changed_at = save::changed_at(now, seen);
    let (mut was, mut is) = (facts::variant(&before), facts::variant(&row));
    let card = content.and_then(|(text, limit)| {
        let card = changed_content(app, &known, &row, text.as_deref(), limit, now)?;
        note(&mut was, known.shared.as_ref(), false);
        note(&mut is, Some(&card), text.is_some());
        Some(card)
    });
    let object = ("variant", row.id.as_str());
    let line = match seen {
        None => signed.changed(app, "variant.create", object, &json!({}), &is),
        Some(_) => signed.changed(app, "variant.save", object, &was, &is),
    };
    let to = format!("/admin/products/{}", known.product.id);
    let (product, id) = (known.product.id.clone(), row.id.clone());
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        save::variant(db, &row, seen)?;
        if let Some(card) = &card {
            stock::store::put_reusable(db, card)?;
        }
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => done(app, &to, words_of(request, app).goods_saved()),
        Err(SaveError::Taken) => again(&known, vec![("sku".to_owned(), Unsound::Taken)], false),
        Err(SaveError::Store(error)) => failure::store(request, app, &error),
        Err(_) => {
            let found = app.store.read(move |db| read(db, &product, Some(&id)));
            match found.await {
                Ok(Some(known)) => again(&known, Found::new(), true),
                Ok(None) => failure::not_found(request, app),
                Err(error) => failure::store(request, app, &error),
            }
        }
    }
}

/// The shared content as it will be; none if it stays as it is.
fn changed_content(
    app: &App,
    known: &Known,
    of: &Variant,
    text: Option<&str>,
    limit: Option<i64>,
    now: Millis,
) -> Option<Reusable> {
    match (text, &known.shared) {
        (Some(text), _) => Some(shared(app, of, text, limit, now)),
        (None, Some(card)) if card.use_limit != limit => Some(Reusable {
            use_limit: limit,
            changed_at: now,
            ..card.clone()
        }),
        (None, _) => None,
    }
}

/// Notes a shared content for the audit log without its text.
fn note(facts: &mut Value, card: Option<&Reusable>, anew: bool) {
    facts["use_limit"] = json!(card.and_then(|card| card.use_limit));
    facts["content"] = json!(if anew { "changed" } else { "kept" });
}
