//! Making, changing and copying a product.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::form::{self, Found};
use super::product::{Known, Typed, base, read, show};
use super::{facts, variant_form};
use crate::app::App;
use crate::catalog::lint::Unsound;
use crate::catalog::save::{self, SaveError};
use crate::catalog::{Delivery, Product, Variant};
use crate::clock::Millis;
use crate::ids::{ProductId, VariantId};
use crate::random::Derived;
use crate::stock::{self, Reusable};
use crate::store::{StoreError, WriteError};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Posted, SignedIn, done};
use crate::web::failure;
use crate::web::words::Lang;

/// `POST /admin/products`: a product with its first variant.
pub async fn create(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let known = match app.store.read(|db| read(db, None)).await {
        Ok(Some(known)) => known,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let base = base(&app, &known);
    let (product, mut found) = form::read(&posted.form, &base, &known.categories);
    let (now, settings) = (app.clock.now(), app.live().settings);
    let id = VariantId::new(now, &*app.random);
    let first = Variant::fresh(id, &product, settings.currency, now);
    let (variant, wrong) = variant_form::read_price(&posted.form, &first);
    found.extend(wrong);
    let shared = match product.delivery {
        Delivery::Reusable => {
            let (text, limit) = variant_form::read_shared(&posted.form, &mut found, true);
            text.map(|text| shared(&app, &variant, &text, limit, now))
        }
        Delivery::CardPool | Delivery::Manual => None,
    };
    let again = |found: Found| {
        let typed = Typed {
            form: Some(posted.form.clone()),
            found,
            moved: false,
        };
        show(&request, &app, &signed, &known, typed)
    };
    if !found.is_empty() {
        return again(found);
    }
    let nothing = json!({});
    let lines = [
        signed.changed(
            &app,
            "product.create",
            ("product", product.id.as_str()),
            &nothing,
            &facts::product(&product),
        ),
        signed.changed(
            &app,
            "variant.create",
            ("variant", variant.id.as_str()),
            &nothing,
            &facts::variant(&variant),
        ),
    ];
    let to = format!("/admin/products/{}", product.id);
    let written = app.store.write(move |db| -> Result<(), Refused> {
        save::product(db, &product, None).map_err(|e| Refused::of("slug", e))?;
        save::variant(db, &variant, None).map_err(|e| Refused::of("sku", e))?;
        if let Some(shared) = &shared {
            stock::store::put_reusable(db, shared)?;
        }
        for line in &lines {
            line.write(db)?;
        }
        Ok(())
    });
    match written.await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, &to, words.goods_created())
        }
        Err(Refused(id, SaveError::Taken)) => again(vec![(id.to_owned(), Unsound::Taken)]),
        Err(Refused(_, SaveError::Store(error))) => failure::store(&request, &app, &error),
        Err(_) => again(vec![("category".to_owned(), Unsound::NotAChoice)]),
    }
}

/// The input whose value was refused, and why.
#[derive(Debug)]
pub(super) struct Refused(pub(super) &'static str, pub(super) SaveError);

impl Refused {
    pub(super) fn of(input: &'static str, error: SaveError) -> Self {
        Refused(input, error)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused("", SaveError::Store(error))
    }
}

impl WriteError for Refused {
    fn store_error(&self) -> Option<&StoreError> {
        self.1.store_error()
    }
}

/// A shared content, sealed for its variant.
pub(super) fn shared(
    app: &App,
    of: &Variant,
    text: &str,
    use_limit: Option<i64>,
    now: Millis,
) -> Reusable {
    let place = Reusable::place(&of.id, &of.seller_id);
    Reusable {
        variant_id: of.id.clone(),
        seller_id: of.seller_id.clone(),
        content: app.sealer.seal(text.as_bytes(), &place, &*app.random),
        use_limit,
        used: 0,
        changed_at: now,
    }
}

/// `POST /admin/products/{id}`
pub async fn change(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let id = ProductId(id.into_inner());
    let wanted = id.clone();
    let known = match app.store.read(move |db| read(db, Some(&wanted))).await {
        Ok(Some(known)) => known,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let before = base(&app, &known);
    let (mut row, found) = form::read(&posted.form, &before, &known.categories);
    let again = |known: &Known, found: Found, moved: bool| {
        let typed = Typed {
            form: Some(posted.form.clone()),
            found,
            moved,
        };
        show(&request, &app, &signed, known, typed)
    };
    let seen: Millis = posted.get("seen").parse().unwrap_or(-1);
    if seen != before.changed_at {
        return again(&known, found, true);
    }
    if !found.is_empty() {
        return again(&known, found, false);
    }
    row.changed_at = save::changed_at(app.clock.now(), Some(seen));
    let (was, is) = (facts::product(&before), facts::product(&row));
    let object = ("product", id.as_str());
    let line = signed.changed(&app, "product.save", object, &was, &is);
    let to = format!("/admin/products/{id}");
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        save::product(db, &row, Some(seen))?;
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, &to, words.goods_saved())
        }
        Err(SaveError::Taken) => again(&known, vec![("slug".to_owned(), Unsound::Taken)], false),
        Err(SaveError::NoCategory) => {
            let found = vec![("category".to_owned(), Unsound::NotAChoice)];
            again(&known, found, false)
        }
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(SaveError::Moved | SaveError::NotEmpty) => {
            match app.store.read(move |db| read(db, Some(&id))).await {
                Ok(Some(known)) => again(&known, Found::new(), true),
                Ok(None) => failure::not_found(&request, &app),
                Err(error) => failure::store(&request, &app, &error),
            }
        }
    }
}

/// `POST /admin/products/{id}/duplicate`: the same goods under another name, off sale.
pub async fn duplicate(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let of = ProductId(id.into_inner());
    if of.as_str().contains('\0') {
        return failure::not_found(&request, &app);
    }
    let now = app.clock.now();
    let copy = ProductId::new(now, &*app.random);
    let line = signed.entry(&app, "product.duplicate", ("product", copy.as_str()));
    let seed: [u8; 32] = (*app.random).bytes();
    let to = format!("/admin/products/{copy}");
    let zh = Lang::Zh.words();
    let en = Lang::En.words();
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        let random = Derived::from_seed(seed);
        let names = |row: &Product| {
            let short = |name: &str| name.chars().take(180).collect::<String>();
            let (zh_name, en_name) = (short(&row.name_zh), short(&row.name_en));
            (zh.goods_copy_name(&zh_name), en.goods_copy_name(&en_name))
        };
        let mut new_id = || VariantId::new(now, &random);
        let made = save::copy(db, &of, copy.clone(), names, &mut new_id, now)?;
        let from = json!({ "copied_from": of, "variants": made.variants.len() });
        let mut after = facts::product(&made.product);
        if let (Some(after), Some(from)) = (after.as_object_mut(), from.as_object()) {
            after.extend(from.clone());
        }
        let line = line.clone().changed(&json!({}), &after);
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, &to, words.goods_copied())
        }
        Err(SaveError::Store(StoreError::NotFound)) => failure::not_found(&request, &app),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(other) => failure::internal(&request, &app, &other),
    }
}
