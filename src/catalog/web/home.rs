//! The shop window: categories, search, products.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};

use super::product::{band, price, shown};
use crate::app::App;
use crate::catalog::{self, Category, Delivery, OnOff, Product, Variant};
use crate::ids::{ProductId, VariantId};
use crate::stock;
use crate::store::{Db, StoreError};
use crate::web::failure;
use crate::web::layout::{StockBand, tile_icon};
use crate::web::pages::home::{CategoryLink, HomePage, ProductCard};
use crate::web::visitor::{Visitor, query_value};

struct Window {
    categories: Vec<Category>,
    products: Vec<Product>,
    variants: HashMap<ProductId, Vec<Variant>>,
    left: HashMap<VariantId, Option<i64>>,
}

fn read(db: &mut Db) -> Result<Window, StoreError> {
    let products = catalog::store::products_on_sale(db)?;
    let mut variants: HashMap<ProductId, Vec<Variant>> = HashMap::new();
    let mut left = HashMap::new();
    for variant in catalog::store::variants(db)? {
        if variant.state == OnOff::On {
            variants
                .entry(variant.product_id.clone())
                .or_default()
                .push(variant);
        }
    }
    for product in &products {
        for variant in variants.get(&product.id).into_iter().flatten() {
            left.insert(variant.id.clone(), left_of(db, product, variant)?);
        }
    }
    Ok(Window {
        categories: catalog::store::categories(db)?,
        products,
        variants,
        left,
    })
}

/// How many units could be bought now; none = without end (a person delivers).
pub(super) fn left_of(
    db: &mut Db,
    product: &Product,
    variant: &Variant,
) -> Result<Option<i64>, StoreError> {
    match product.delivery {
        Delivery::Manual => Ok(None),
        Delivery::CardPool => stock::store::available_cards(db, &variant.id).map(Some),
        Delivery::Reusable => {
            let card = stock::store::reusable_of(db, &variant.id)?;
            Ok(card.map_or(Some(0), |card| {
                card.use_limit.map(|limit| (limit - card.used).max(0))
            }))
        }
    }
}

/// `GET /`
pub async fn home(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let visitor = Visitor::of(&request, &app);
    let window = match app.store.read(read).await {
        Ok(window) => window,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let query = query_value(&request, "q").unwrap_or_default();
    let category = query_value(&request, "category");
    let chosen = window
        .categories
        .iter()
        .find(|c| Some(&c.slug) == category.as_ref());
    let needle = query.trim().to_lowercase();
    let products = window
        .products
        .iter()
        .filter(|product| chosen.is_none_or(|c| c.id == product.category_id))
        .filter(|product| needle.is_empty() || matches(product, &needle))
        .filter_map(|product| card(&visitor, &window, product))
        .collect();
    let name = chosen.map(|c| visitor.pick(&c.name_zh, &c.name_en));
    let path = match chosen {
        Some(c) => format!("/?category={}", c.slug),
        None => "/".to_owned(),
    };
    let mut layout = visitor.open_layout(&app, name.unwrap_or_default(), &path);
    layout.description = Some(match name {
        Some(name) => visitor.words().category_about(name, visitor.shop_name()),
        None => visitor.words().home_about(visitor.shop_name()),
    });
    // Neither a search nor a shelf that is not there is a page to keep.
    let kept = needle.is_empty() && (category.is_none() || chosen.is_some());
    if !kept {
        layout = visitor.layout("");
    }
    let page = HomePage {
        layout,
        intro: None,
        query,
        category: chosen.map(|c| c.slug.clone()),
        categories: window
            .categories
            .iter()
            .map(|c| CategoryLink {
                slug: c.slug.clone(),
                name: visitor.pick(&c.name_zh, &c.name_en).to_owned(),
            })
            .collect(),
        products,
    };
    failure::render(&request, &app, &visitor, &page)
}

fn matches(product: &Product, needle: &str) -> bool {
    [
        &product.name_zh,
        &product.name_en,
        &product.summary_zh,
        &product.summary_en,
    ]
    .iter()
    .any(|text| text.to_lowercase().contains(needle))
}

fn card(visitor: &Visitor, window: &Window, product: &Product) -> Option<ProductCard> {
    let variants = window.variants.get(&product.id)?;
    let cheapest = variants.iter().min_by_key(|v| v.price)?;
    let stock = variants
        .iter()
        .map(|v| band(window.left.get(&v.id).copied().flatten(), product))
        .max_by_key(|band| match band {
            StockBand::Plenty => 2,
            StockBand::Low => 1,
            StockBand::SoldOut => 0,
        })?;
    Some(ProductCard {
        slug: product.slug.clone(),
        name: visitor.pick(&product.name_zh, &product.name_en).to_owned(),
        summary: visitor
            .pick(&product.summary_zh, &product.summary_en)
            .to_owned(),
        price: price(visitor, cheapest.price, cheapest.currency),
        price_from: variants.iter().any(|v| v.price != cheapest.price),
        stock,
        delivery: shown(product.delivery),
        icon: tile_icon(&product.picture, shown(product.delivery)),
        picture: None,
    })
}
