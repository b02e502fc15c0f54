//! The shop window: categories, search, products.

use actix_web::{HttpRequest, HttpResponse, web};

use super::product::{band, price, shown};
use crate::app::App;
use crate::web::failure;
use crate::web::layout::{StockBand, tile_icon};
use crate::web::pages::home::{CategoryLink, HomePage, PER_PAGE, Place, ProductCard};
use crate::web::print;
use crate::web::visitor::{Visitor, query_value};
use crate::window::{Goods, OnSale};

/// `GET /`
pub async fn home(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let visitor = Visitor::of(&request, &app);
    let goods = match app.goods().await {
        Ok(goods) => goods,
        Err(error) => return failure::store(&request, &app, &error),
    };
    print::shared(&request, &app, &visitor, &goods, |anybody| {
        Ok(draw(&request, &app, anybody, &goods))
    })
}

fn draw(request: &HttpRequest, app: &App, visitor: &Visitor, goods: &Goods) -> HomePage {
    let query = query_value(request, "q").unwrap_or_default();
    let category = query_value(request, "category");
    let chosen = goods
        .categories
        .iter()
        .find(|c| Some(&c.slug) == category.as_ref());
    let needle = query.trim().to_lowercase();
    let found: Vec<_> = goods
        .products
        .iter()
        .filter(|p| chosen.is_none_or(|c| c.id == p.product.category_id))
        .filter(|p| needle.is_empty() || p.is_found_by(&needle))
        .collect();
    let place = Place::of(query_value(request, "page").as_deref(), found.len());
    let name = chosen.map(|c| visitor.pick(&c.name_zh, &c.name_en));
    let path = match (chosen, place.page) {
        (None, 1) => "/".to_owned(),
        (None, page) => format!("/?page={page}"),
        (Some(c), 1) => format!("/?category={}", c.slug),
        (Some(c), page) => format!("/?category={}&page={page}", c.slug),
    };
    let mut layout = visitor.open_layout(app, name.unwrap_or_default(), &path);
    layout.description = Some(match name {
        Some(name) => visitor.words().category_about(name, visitor.shop_name()),
        None => visitor.words().home_about(visitor.shop_name()),
    });
    // Neither a search nor a shelf that is not there is a page to keep.
    let kept = needle.is_empty() && (category.is_none() || chosen.is_some());
    if !kept {
        layout = visitor.layout("");
    }
    HomePage {
        layout,
        intro: None,
        query,
        category: chosen.map(|c| c.slug.clone()),
        categories: goods
            .categories
            .iter()
            .map(|c| CategoryLink {
                slug: c.slug.clone(),
                name: visitor.pick(&c.name_zh, &c.name_en).to_owned(),
            })
            .collect(),
        products: found
            .into_iter()
            .skip(place.before())
            .take(PER_PAGE)
            .filter_map(|p| card(visitor, p))
            .collect(),
        place,
    }
}

fn card(visitor: &Visitor, on_sale: &OnSale) -> Option<ProductCard> {
    let OnSale {
        product, variants, ..
    } = on_sale;
    let (cheapest, _) = variants.iter().min_by_key(|(v, _)| v.price)?;
    let stock = variants
        .iter()
        .map(|(_, left)| band(*left, product))
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
        price_from: variants.iter().any(|(v, _)| v.price != cheapest.price),
        stock,
        delivery: shown(product.delivery),
        icon: tile_icon(&product.picture, shown(product.delivery)),
        picture: None,
    })
}
