//! What becomes of products and variants.

use std::collections::HashMap;

use super::diff::{self, Facts};
use super::plan::{Plan, missing_name};
use super::read::Problems;
use super::run::Tools;
use super::store::Stored;
use super::variant;
use super::wish::{Pair, ProductWish, Wishes};
use crate::catalog::{Delivery, OnOff, Product};
use crate::ids::{CategoryId, ProductId, SellerId};
use crate::money::Currency;

/// Lays the products of the file over those stored, and their variants with them.
pub(super) fn products(
    wishes: &Wishes,
    stored: &Stored,
    categories: &HashMap<String, CategoryId>,
    shop: Currency,
    tools: &Tools<'_>,
    plan: &mut Plan,
    problems: &Problems,
) {
    for row in &stored.variants {
        let of = stored.products.iter().find(|p| p.id == row.product_id);
        if let Some(product) = of {
            let known = (row.id.clone(), product.delivery);
            plan.known.insert(row.sku.clone(), known);
        }
    }
    for (place, wish) in wishes.products.iter().enumerate() {
        let known = stored.products.iter().find(|p| p.slug == wish.slug);
        let place = i32::try_from(place).unwrap_or(i32::MAX);
        let merged = product(wish, known, categories, place, tools, problems);
        // Whatever is wrong with the product, its variants are looked at too.
        let whole = merged.is_some();
        let row = merged.unwrap_or_else(|| stand_in(wish, tools));
        if whole {
            let before = known.map(|p| facts(p, stored_slug(p, stored)));
            let shelf = wish
                .category
                .clone()
                .or(known.map(|p| stored_slug(p, stored)));
            let after = facts(&row, shelf.unwrap_or_default());
            let line = diff::line(format!("product {}", row.slug), before.as_ref(), &after);
            if line.touches() {
                plan.products.push(row.clone());
            }
            plan.lines.push(line);
        }
        let others = stored.variants.iter().filter(|v| v.product_id == row.id);
        if whole && wish.variants.is_empty() && others.count() == 0 {
            problems.lacks(
                format!("{}.variant", wish.at),
                "needs at least one, with a sku and a price",
            );
        }
        let turned = known.is_some_and(|known| known.delivery != row.delivery);
        for row_of in stored.variants.iter().filter(|v| v.product_id == row.id) {
            let known = (row_of.id.clone(), row.delivery);
            plan.known.insert(row_of.sku.clone(), known);
            let named = wish.variants.iter().any(|v| v.sku == row_of.sku);
            let content = stored.reusables.iter().any(|r| r.variant_id == row_of.id);
            if turned && !named && row.delivery == Delivery::Reusable && !content {
                let reason = format!("needs the content of variant {:?} too", row_of.sku);
                problems.add(format!("{}.delivery", wish.at), reason);
            }
        }
        for (place, wish) in wish.variants.iter().enumerate() {
            let place = i32::try_from(place).unwrap_or(i32::MAX);
            variant::planned(wish, &row, stored, shop, place, tools, plan, problems);
        }
    }
}

fn product(
    wish: &ProductWish,
    stored: Option<&Product>,
    categories: &HashMap<String, CategoryId>,
    place: i32,
    tools: &Tools<'_>,
    problems: &Problems,
) -> Option<Product> {
    let now = tools.clock.now();
    let wrong = |key: &str, reason: String| problems.add(format!("{}.{key}", wish.at), reason);
    let zh = wish.name.zh.clone().or(stored.map(|p| p.name_zh.clone()));
    let en = wish.name.en.clone().or(stored.map(|p| p.name_en.clone()));
    missing_name(&wish.at, &zh, &en, problems);
    let category_id = match &wish.category {
        Some(slug) => {
            let found = categories.get(slug).cloned();
            if found.is_none() {
                wrong("category", format!("no category has the slug {slug:?}"));
            }
            found
        }
        None => {
            if stored.is_none() {
                problems.lacks(format!("{}.category", wish.at), "is missing");
            }
            stored.map(|p| p.category_id.clone())
        }
    };
    let delivery = wish.delivery.or(stored.map(|p| p.delivery));
    if delivery.is_none() {
        problems.lacks(
            format!("{}.delivery", wish.at),
            "is missing: card_pool, reusable or manual",
        );
    }
    let fields = match &wish.fields {
        Some(fields) => serde_json::to_string(fields).unwrap_or_default(),
        None => stored.map_or_else(|| "[]".to_owned(), |p| p.fields.clone()),
    };
    let both = |pair: &Pair, zh: fn(&Product) -> &String, en: fn(&Product) -> &String| {
        let kept = |get: fn(&Product) -> &String| stored.map(|p| get(p).clone());
        (
            pair.zh.clone().or_else(|| kept(zh)).unwrap_or_default(),
            pair.en.clone().or_else(|| kept(en)).unwrap_or_default(),
        )
    };
    let (summary_zh, summary_en) = both(&wish.summary, |p| &p.summary_zh, |p| &p.summary_en);
    let (description_zh, description_en) = both(
        &wish.description,
        |p| &p.description_zh,
        |p| &p.description_en,
    );
    let (usage_zh, usage_en) = both(&wish.usage, |p| &p.usage_zh, |p| &p.usage_en);
    let picture = wish.picture.clone().or(stored.map(|p| p.picture.clone()));
    Some(Product {
        id: stored.map_or_else(|| ProductId::new(now, tools.random), |p| p.id.clone()),
        seller_id: stored.map_or_else(SellerId::house, |p| p.seller_id.clone()),
        category_id: category_id?,
        slug: wish.slug.clone(),
        name_zh: zh?,
        name_en: en?,
        summary_zh,
        summary_en,
        description_zh,
        description_en,
        usage_zh,
        usage_en,
        picture: picture.unwrap_or_default(),
        delivery: delivery?,
        reserves: wish.reserve.or(stored.map(|p| p.reserves)).unwrap_or(true),
        fields,
        low_stock: wish.low_stock.or(stored.map(|p| p.low_stock)).unwrap_or(0),
        promised_minutes: wish
            .promised_minutes
            .or(stored.map(|p| p.promised_minutes))
            .unwrap_or(0),
        state: wish.state.or(stored.map(|p| p.state)).unwrap_or(OnOff::On),
        position: wish
            .position
            .or(stored.map(|p| p.position))
            .unwrap_or(place),
        created_at: stored.map_or(now, |p| p.created_at),
        changed_at: now,
    })
}

/// Something for the variants of a broken product to stand on; it is never written.
fn stand_in(wish: &ProductWish, tools: &Tools<'_>) -> Product {
    let now = tools.clock.now();
    Product {
        slug: wish.slug.clone(),
        delivery: wish.delivery.unwrap_or(Delivery::CardPool),
        ..Product::fresh(ProductId::new(now, tools.random), now)
    }
}

fn stored_slug(product: &Product, stored: &Stored) -> String {
    let of = stored
        .categories
        .iter()
        .find(|c| c.id == product.category_id);
    of.map(|c| c.slug.clone()).unwrap_or_default()
}

fn facts(row: &Product, category: String) -> Facts {
    vec![
        ("category", category),
        ("name.zh", row.name_zh.clone()),
        ("name.en", row.name_en.clone()),
        ("summary.zh", row.summary_zh.clone()),
        ("summary.en", row.summary_en.clone()),
        ("description.zh", row.description_zh.clone()),
        ("description.en", row.description_en.clone()),
        ("usage.zh", row.usage_zh.clone()),
        ("usage.en", row.usage_en.clone()),
        ("picture", row.picture.clone()),
        ("delivery", row.delivery.to_string()),
        ("reserve", row.reserves.to_string()),
        ("low_stock", row.low_stock.to_string()),
        ("promised_minutes", row.promised_minutes.to_string()),
        ("state", row.state.to_string()),
        ("position", row.position.to_string()),
        (
            "field",
            if row.fields == "[]" {
                String::new()
            } else {
                row.fields.clone()
            },
        ),
    ]
}
