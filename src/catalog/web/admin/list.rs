//! `GET /admin/products`: what the shop has to sell.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::product::band;
use super::told;
use crate::app::App;
use crate::catalog::listing::{self, By, Filter};
use crate::catalog::{self, Category, Delivery, OnOff, Product, Variant};
use crate::ids::{CategoryId, VariantId};
use crate::money::{Currency, Money};
use crate::stock;
use crate::store::{Db, StoreError};
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::{Stamp, StockBand};
use crate::web::words::Words;

struct Row {
    id: String,
    name: String,
    slug: String,
    category: String,
    delivery: &'static str,
    prices: Vec<String>,
    variants: usize,
    stock: Option<Stock>,
    state: OnOff,
    position: i32,
    changed: Stamp,
}

/// How much is left of all variants on sale, as a tag.
struct Stock {
    tag: &'static str,
    text: &'static str,
}

/// One value of a filter: what the address says, what it is called, whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "admin/goods/list.html")]
struct ListPage {
    frame: Frame,
    search: String,
    categories: Vec<Choice>,
    states: Vec<Choice>,
    deliveries: Vec<Choice>,
    filtered: bool,
    clear: String,
    by_position: SortLink,
    by_name: SortLink,
    by_changed: SortLink,
    rows: Vec<Row>,
    pages: Pages,
}

const FILTERS: &[&str] = &["q", "category", "state", "delivery"];

struct Read {
    categories: Vec<Category>,
    products: Vec<Product>,
    variants: Vec<Variant>,
    left: HashMap<VariantId, Option<i64>>,
}

fn read(
    db: &mut Db,
    filter: &Filter,
    order: (By, bool),
    cursor: Option<&Cursor>,
) -> Result<Read, StoreError> {
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let cursor = cursor.map(|cursor| (cursor.key.as_str(), cursor.id.as_str()));
    let products = listing::products(db, filter, order, cursor, limit)?;
    let variants = listing::variants_of(db, &products)?;
    let mut left = HashMap::new();
    for variant in variants.iter().filter(|v| v.state == OnOff::On) {
        let of = products.iter().find(|p| p.id == variant.product_id);
        if let Some(product) = of {
            left.insert(
                variant.id.clone(),
                stock::left(db, product.delivery, &variant.id)?,
            );
        }
    }
    Ok(Read {
        categories: catalog::store::categories(db)?,
        products,
        variants,
        left,
    })
}

/// `GET /admin/products`
pub async fn products(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let order = asked.order(&["position", "name", "changed"], false);
    let by = match order.0 {
        "name" => By::Name,
        "changed" => By::Changed,
        _ => By::Position,
    };
    let chosen = asked.get("category");
    let filter = Filter {
        search: asked.get("q").to_owned(),
        category: Some(chosen)
            .filter(|id| !id.is_empty() && !id.contains('\0'))
            .map(|id| CategoryId(id.to_owned())),
        state: OnOff::parse(asked.get("state")),
        delivery: Delivery::parse(asked.get("delivery")),
    };
    let (wanted, cursor) = (filter.clone(), asked.cursor());
    // No row has a zero byte, and one engine takes it for no text at all.
    let cursor = cursor.filter(|c| !c.key.contains('\0') && !c.id.contains('\0'));
    let found = app
        .store
        .read(move |db| read(db, &wanted, (by, order.1), cursor.as_ref()));
    let mut found = match found.await {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut found.products, |row| Cursor {
        key: listing::key(row, by),
        id: row.id.0.clone(),
    });
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Products,
        Words::admin_products,
    );
    let words = frame.w();
    let choice = |value: &str, name: &str, now: &str| {
        let here = value == now;
        (value.to_owned(), name.to_owned(), here)
    };
    let page = ListPage {
        search: filter.search,
        categories: found
            .categories
            .iter()
            .map(|c| choice(c.id.as_str(), frame.pick(&c.name_zh, &c.name_en), chosen))
            .collect(),
        states: OnOff::ALL
            .iter()
            .map(|one| choice(one.as_str(), told::state(words, *one), asked.get("state")))
            .collect(),
        deliveries: Delivery::ALL
            .iter()
            .map(|one| {
                let name = told::delivery(words, *one);
                choice(one.as_str(), name, asked.get("delivery"))
            })
            .collect(),
        filtered: asked.filtered(FILTERS),
        clear: asked.bare().to_owned(),
        by_position: asked.sort_link("position", order),
        by_name: asked.sort_link("name", order),
        by_changed: asked.sort_link("changed", order),
        rows: found
            .products
            .iter()
            .map(|row| line(&frame, &found, row))
            .collect(),
        pages,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

fn line(frame: &Frame, found: &Read, product: &Product) -> Row {
    let words = frame.w();
    let all = found.variants.iter();
    let own: Vec<&Variant> = all.filter(|v| v.product_id == product.id).collect();
    let shelf = found
        .categories
        .iter()
        .find(|c| c.id == product.category_id);
    let best = own
        .iter()
        .filter_map(|v| found.left.get(&v.id))
        .map(|left| band(*left, product))
        .max_by_key(|band| match band {
            StockBand::Plenty => 2,
            StockBand::Low => 1,
            StockBand::SoldOut => 0,
        });
    Row {
        id: product.id.to_string(),
        name: frame.pick(&product.name_zh, &product.name_en).to_owned(),
        slug: product.slug.clone(),
        category: shelf.map_or_else(String::new, |c| {
            frame.pick(&c.name_zh, &c.name_en).to_owned()
        }),
        delivery: told::delivery(words, product.delivery),
        prices: prices(words, &own),
        variants: own.len(),
        stock: best.map(|band| Stock {
            tag: match band {
                StockBand::Plenty => "t-ok sh-dot",
                StockBand::Low => "t-warn sh-diamond",
                StockBand::SoldOut => "t-bad",
            },
            text: band.word(words),
        }),
        state: product.state,
        position: product.position,
        changed: frame.time(product.changed_at),
    }
}

/// From the lowest to the highest price, currency by currency.
pub(super) fn prices(words: Words, variants: &[&Variant]) -> Vec<String> {
    let mut currencies: Vec<Currency> = variants.iter().map(|v| v.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let range = |currency: Currency| {
        let of = variants.iter().filter(|v| v.currency == currency);
        let least = of.clone().map(|v| v.price).min()?;
        let most = of.map(|v| v.price).max()?;
        let shown = |amount| Money::new(amount, currency).display();
        Some(match least == most {
            true => shown(least),
            false => words.goods_price_range(&shown(least), &shown(most)),
        })
    };
    currencies.into_iter().filter_map(range).collect()
}
