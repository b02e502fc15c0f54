//! `GET /api/v1/products`: what is on sale.

use std::collections::HashMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::words::{Currencies, Deliveries};
use crate::app::App;
use crate::catalog::{self, Delivery, Field, OnOff, Product, Variant};
use crate::ids::{ProductId, VariantId};
use crate::money::{Currency, Minor};
use crate::stock::{self, LeftOfAll};
use crate::store::{Db, StoreError};
use crate::web::problem::Problem;
use crate::web::words::Lang;

/// What is on sale, in the order of the shop.
#[derive(Serialize, ToSchema)]
pub(super) struct ProductList {
    products: Vec<ProductView>,
}

/// A product with at least one variant on sale.
#[derive(Serialize, ToSchema)]
pub(super) struct ProductView {
    /// Stays the same.
    #[schema(value_type = String)]
    id: ProductId,
    /// Its word in addresses.
    slug: String,
    /// In the asked language.
    name: String,
    /// One line about it.
    summary: String,
    /// How it is delivered.
    #[schema(value_type = Deliveries)]
    delivery: Delivery,
    /// What an order of it must or may fill in, under `fields`.
    fields: Vec<FieldView>,
    /// What can be ordered.
    variants: Vec<VariantView>,
}

/// A custom field.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldView {
    /// Its key under `fields`.
    key: String,
    /// What the buyer is asked.
    label: String,
    /// `text`, `select` or `pattern`.
    #[schema(value_type = String, example = "text")]
    kind: catalog::FieldKind,
    /// The choices of a `select`.
    options: Vec<String>,
    /// The regular expression that the whole value of a `pattern` matches.
    pattern: String,
    /// What the buyer is told about its form.
    hint: String,
    /// Whether an order needs it.
    required: bool,
}

/// What can be ordered.
#[derive(Serialize, ToSchema)]
pub(super) struct VariantView {
    /// What `POST /api/v1/orders` takes as `variant`.
    #[schema(value_type = String)]
    id: VariantId,
    /// The seller's own code; an order takes it as well.
    sku: String,
    /// In the asked language; the product's name where it has one variant only.
    name: String,
    /// For one unit, in minor units.
    #[schema(value_type = i64, example = 1990)]
    price: Minor,
    /// Of the price.
    #[schema(value_type = Currencies)]
    currency: Currency,
    /// How many can be ordered now, counted up to 1000. `null` where nothing is counted: a
    /// person delivers.
    #[schema(maximum = 1000)]
    available: Option<i64>,
    /// Fewest in one order.
    min_quantity: i64,
    /// Most in one order.
    max_quantity: i64,
}

/// What is on sale.
#[utoipa::path(
    get,
    path = "/api/v1/products",
    tag = "catalogue",
    params(("locale" = Option<String>, Query,
        description = "`zh-CN` or `en`; without it `Accept-Language` decides, then Chinese")),
    responses(
        (status = 200, description = "What is on sale", body = ProductList),
        (status = 503, description = "The shop cannot answer just now", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let lang = language(&request);
    let products = app.store.read(move |db| read(db, lang)).await?;
    let mut reply = answer(actix_web::http::StatusCode::OK, &ProductList { products })?;
    let tag = header::HeaderValue::from_static(lang.tag());
    reply.headers_mut().insert(header::CONTENT_LANGUAGE, tag);
    Ok(reply)
}

/// The language a client wants: `?locale=`, then `Accept-Language`, then Chinese.
pub(super) fn language(request: &HttpRequest) -> Lang {
    let asked = url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(key, _)| key == "locale")
        .and_then(|(_, value)| Lang::parse(&value));
    let accepted = || {
        let value = request.headers().get(header::ACCEPT_LANGUAGE)?;
        Lang::from_accept_language(value.to_str().ok()?)
    };
    asked.or_else(accepted).unwrap_or(Lang::Zh)
}

fn read(db: &mut Db, lang: Lang) -> Result<Vec<ProductView>, StoreError> {
    let mut variants: HashMap<ProductId, Vec<Variant>> = HashMap::new();
    for variant in catalog::store::variants(db)? {
        if variant.state == OnOff::On {
            let of = variants.entry(variant.product_id.clone()).or_default();
            of.push(variant);
        }
    }
    let left = stock::left_of_all(db)?;
    let mut products = Vec::new();
    for product in catalog::store::products_on_sale(db)? {
        if let Some(of) = variants.remove(&product.id) {
            products.push(product_view(&left, product, of, lang)?);
        }
    }
    Ok(products)
}

fn product_view(
    left: &LeftOfAll,
    product: Product,
    variants: Vec<Variant>,
    lang: Lang,
) -> Result<ProductView, StoreError> {
    let fields = product
        .asks()
        .map_err(|e| StoreError::corrupt(format!("fields of {}: {e}", product.slug)))?;
    let name = pick(lang, &product.name_zh, &product.name_en);
    let variants = variants
        .into_iter()
        .map(|variant| {
            let own = pick(lang, &variant.name_zh, &variant.name_en);
            VariantView {
                available: available(left, product.delivery, &variant.id),
                name: if own.is_empty() { name.clone() } else { own },
                id: variant.id,
                sku: variant.sku,
                price: variant.price,
                currency: variant.currency,
                min_quantity: variant.min_quantity,
                max_quantity: variant.max_quantity,
            }
        })
        .collect();
    Ok(ProductView {
        summary: pick(lang, &product.summary_zh, &product.summary_en),
        name,
        id: product.id,
        slug: product.slug,
        delivery: product.delivery,
        fields: fields.into_iter().map(|f| field_view(f, lang)).collect(),
        variants,
    })
}

fn field_view(field: Field, lang: Lang) -> FieldView {
    FieldView {
        label: pick(lang, &field.label_zh, &field.label_en),
        key: field.key,
        kind: field.kind,
        options: field.options,
        pattern: field.pattern,
        hint: field.hint,
        required: field.required,
    }
}

/// A reusable card without an end counts as what a page would never count beyond.
fn available(left: &LeftOfAll, delivery: Delivery, variant: &VariantId) -> Option<i64> {
    match (delivery, left.of(delivery, variant)) {
        (Delivery::Manual, _) => None,
        (_, left) => Some(left.unwrap_or(stock::COUNT_CAP).min(stock::COUNT_CAP)),
    }
}

fn pick(lang: Lang, zh: &str, en: &str) -> String {
    match lang {
        Lang::Zh => zh.to_owned(),
        Lang::En => en.to_owned(),
    }
}
