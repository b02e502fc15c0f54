//! The product page: facts left, the checkout right.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::catalog::{Delivery, Field, FieldKind as Asks, Product, Variant};
use crate::money::{Currency, Minor, Money};
use crate::random::Random;
use crate::stock;
use crate::store::StoreError;
use crate::web::failure;
use crate::web::form::Form;
use crate::web::layout::{Delivery as Shown, StockBand, tile_icon};
use crate::web::methods::method_choices;
use crate::web::pages::failure::Failure;
use crate::web::pages::product::{
    BuyForm, CustomField, FieldError, FieldKind, MoneyFormat, Offer, ProductPage, Quantity,
    TextInput, Tier, VariantChoice,
};
use crate::web::print;
use crate::web::visitor::Visitor;
use crate::window::{Goods, OnSale};

/// The goods under a slug among all others, or the page that says that they are gone or never
/// were.
pub(super) async fn on_sale(
    request: &HttpRequest,
    app: &App,
    slug: &str,
) -> Result<(Arc<Goods>, Arc<OnSale>), HttpResponse> {
    let goods = app.goods().await;
    let goods = goods.map_err(|error| failure::store(request, app, &error))?;
    match goods.by_slug(slug).map(Arc::clone) {
        Some(found) => Ok((goods, found)),
        None if goods.was_withdrawn(slug) => Err(failure::page(request, app, Failure::Gone, None)),
        None => Err(failure::not_found(request, app)),
    }
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) form: Form,
    pub(super) errors: Vec<FieldError>,
    pub(super) notice: Option<String>,
    /// The form placed an order before: it gets a key of its own.
    pub(super) anew: bool,
    /// Shown to its seller, who has not saved it: nothing can be bought.
    pub(super) preview: bool,
}

/// `GET /p/{slug}`
pub async fn product(
    request: HttpRequest,
    app: web::Data<App>,
    slug: web::Path<String>,
) -> HttpResponse {
    let (goods, on_sale) = match on_sale(&request, &app, &slug).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let visitor = Visitor::of(&request, &app);
    print::shared(&request, &app, &visitor, &goods, |anybody| {
        let key = print::KEY.to_owned();
        draw(&app, anybody, &on_sale, Typed::default(), key)
    })
}

/// How much is left, as buyers are told.
pub(super) fn band(left: Option<i64>, product: &Product) -> StockBand {
    match left {
        Some(0) => StockBand::SoldOut,
        Some(left) if left <= product.low_stock.max(5) => StockBand::Low,
        _ => StockBand::Plenty,
    }
}

/// How the goods come, in a page's words.
pub(super) fn shown(delivery: Delivery) -> Shown {
    match delivery {
        Delivery::Manual => Shown::Manual,
        Delivery::CardPool | Delivery::Reusable => Shown::Automatic,
    }
}

/// A price, or the word for nothing to pay.
pub(super) fn price(visitor: &Visitor, amount: Minor, currency: Currency) -> String {
    match amount {
        Minor::ZERO => visitor.words().free().to_owned(),
        _ => Money::new(amount, currency).display(),
    }
}

/// The seller's promise for goods that a person prepares.
fn promised(visitor: &Visitor, product: &Product) -> Option<String> {
    let words = visitor.words();
    match whole(product.promised_minutes) {
        0 => None,
        minutes if minutes % 60 == 0 => Some(words.within_hours(minutes / 60)),
        minutes => Some(words.within_minutes(minutes)),
    }
}

/// The page with what was typed and what is wrong with it.
pub(super) fn show(request: &HttpRequest, app: &App, shelf: &OnSale, typed: Typed) -> HttpResponse {
    let visitor = Visitor::of(request, app);
    let status = match (typed.anew, typed.errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    let key = match typed.form.get("key") {
        key if typed.anew || key.is_empty() => {
            let random: &dyn Random = &*app.random;
            hex::encode(random.bytes::<16>())
        }
        key => key.to_owned(),
    };
    let page = match draw(app, &visitor, shelf, typed, key) {
        Ok(page) => page,
        Err(error) => return failure::store(request, app, &error),
    };
    let mut response = failure::render(request, app, &visitor, &page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

fn draw(
    app: &App,
    visitor: &Visitor,
    shelf: &OnSale,
    typed: Typed,
    key: String,
) -> Result<ProductPage, StoreError> {
    let fields = shelf.fields()?;
    let product = &shelf.product;
    let (chosen, left) = chosen(shelf, &typed.form);
    let name = visitor.pick(&product.name_zh, &product.name_en);
    let summary = visitor.pick(&product.summary_zh, &product.summary_en);
    let mut layout = visitor.open_layout(app, name, &format!("/p/{}", product.slug));
    layout.description = Some(match summary {
        "" => name.to_owned(),
        summary => summary.to_owned(),
    });
    let description = visitor.pick(shelf.description_zh(), shelf.description_en());
    let delivery = shown(product.delivery);
    Ok(ProductPage {
        layout,
        preview: typed.preview,
        slug: product.slug.clone(),
        name: name.to_owned(),
        summary: summary.to_owned(),
        icon: tile_icon(&product.picture, delivery),
        picture: None,
        description_html: description.to_owned(),
        delivery,
        delivery_time: promised(visitor, product),
        stock: band(*left, product),
        stock_count: left
            .filter(|left| *left > 0 && *left < stock::COUNT_CAP)
            .and_then(|left| u64::try_from(left).ok())
            .map(|left| visitor.words().stock_count(left)),
        offer: Some(Offer {
            price: chosen.price.decimal(chosen.currency),
            currency: chosen.currency.to_string(),
            url: format!("{}/p/{}", app.base_url, product.slug),
        }),
        buy: buy_form(app, visitor, (shelf, fields), (chosen, *left), typed, key),
    })
}

pub(super) fn chosen<'a>(shelf: &'a OnSale, form: &Form) -> &'a (Variant, Option<i64>) {
    let asked = form.get("variant");
    shelf
        .variants
        .iter()
        .find(|(variant, _)| variant.id.as_str() == asked)
        .or_else(|| shelf.variants.iter().find(|(_, left)| *left != Some(0)))
        .unwrap_or(&shelf.variants[0])
}

/// Most that one order may take now: what is there, the variant's own limits, and, where stock is
/// held for an unpaid order, what one buyer may have held.
fn most(visitor: &Visitor, product: &Product, variant: &Variant, left: Option<i64>) -> i64 {
    let settings = &visitor.settings;
    let held = match holds(product) {
        true => settings.unpaid_per_email.min(settings.unpaid_per_network),
        false => i64::MAX,
    };
    variant
        .max_quantity
        .min(left.unwrap_or(i64::MAX))
        .min(variant.buyer_limit.unwrap_or(i64::MAX))
        .min(held)
        .max(variant.min_quantity)
}

/// Whether an order that is not paid yet holds units of it.
fn holds(product: &Product) -> bool {
    match product.delivery {
        Delivery::CardPool => product.reserves,
        Delivery::Reusable => true,
        Delivery::Manual => false,
    }
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn buy_form(
    app: &App,
    visitor: &Visitor,
    (shelf, fields): (&OnSale, &[Field]),
    (chosen, left): (&Variant, Option<i64>),
    typed: Typed,
    key: String,
) -> BuyForm {
    let Typed {
        form,
        errors,
        notice,
        ..
    } = typed;
    let error_of = |id: &str| errors.iter().find(|e| e.id == id).map(|e| e.text.clone());
    let quantity = match form.get("quantity") {
        "" => chosen.min_quantity.to_string(),
        typed => typed.to_owned(),
    };
    let counted = quantity.parse().unwrap_or(chosen.min_quantity);
    let total = crate::order::quote(chosen, counted).map_or(chosen.price, |quote| quote.amount);
    let free = chosen.price == Minor::ZERO;
    BuyForm {
        key,
        price: price(visitor, chosen.price, chosen.currency),
        notice,
        variants: shelf
            .variants
            .iter()
            .map(|(variant, left)| variant_choice(visitor, shelf, variant, *left, chosen))
            .collect(),
        variant_error: error_of("variant"),
        quantity: Quantity {
            value: quantity,
            min: whole(chosen.min_quantity),
            max: whole(most(visitor, &shelf.product, chosen, left)),
            error: error_of("quantity"),
        },
        methods: if free {
            Vec::new()
        } else {
            method_choices(app, visitor, chosen.currency, form.get("method"))
        },
        method_error: errors
            .iter()
            .find(|e| e.id.starts_with("method-"))
            .map(|e| e.text.clone()),
        email: TextInput {
            value: form.get("email").to_owned(),
            error: error_of("email"),
        },
        fields: fields
            .iter()
            .map(|field| custom_field(visitor, field, &form, &error_of))
            .collect(),
        password_error: error_of("password"),
        total: (!free).then(|| Money::new(total, chosen.currency).display()),
        money: MoneyFormat {
            pattern: money_pattern(chosen.currency),
            exponent: chosen.currency.exponent(),
        },
        hold_minutes: if holds(&shelf.product) {
            whole(visitor.settings.minutes_to_pay)
        } else {
            0
        },
        errors,
    }
}

fn money_pattern(currency: Currency) -> String {
    match currency.symbol() {
        "" => format!("{}\u{a0}{{}}", currency.code()),
        symbol => format!("{symbol}{{}}"),
    }
}

fn variant_choice(
    visitor: &Visitor,
    shelf: &OnSale,
    variant: &Variant,
    left: Option<i64>,
    chosen: &Variant,
) -> VariantChoice {
    let each = |amount| Money::new(amount, variant.currency).display();
    VariantChoice {
        id: variant.id.to_string(),
        name: visitor.pick(&variant.name_zh, &variant.name_en).to_owned(),
        price: price(visitor, variant.price, variant.currency),
        unit_minor: variant.price.0,
        chosen: variant.id == chosen.id,
        stock: band(left, &shelf.product),
        max: whole(most(visitor, &shelf.product, variant, left)),
        tiers: variant
            .wholesale()
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|tier| Tier {
                from: whole(tier.from),
                price: each(tier.price),
                unit_minor: tier.price.0,
            })
            .collect(),
    }
}

fn custom_field(
    visitor: &Visitor,
    field: &Field,
    form: &Form,
    error_of: &dyn Fn(&str) -> Option<String>,
) -> CustomField {
    let id = format!("field_{}", field.key);
    let value = form.get(&id).to_owned();
    CustomField {
        label: visitor.pick(&field.label_zh, &field.label_en).to_owned(),
        hint: (!field.hint.is_empty()).then(|| field.hint.clone()),
        error: error_of(&id),
        required: field.required,
        kind: match field.kind {
            Asks::Select => FieldKind::Select {
                value,
                options: field.options.clone(),
            },
            Asks::Text => FieldKind::Text {
                value,
                max: 200,
                pattern: None,
            },
            Asks::Pattern => FieldKind::Text {
                value,
                max: 200,
                pattern: Some(field.pattern.clone()),
            },
        },
        id: field.key.clone(),
    }
}
