//! What becomes of a variant: its prices, its limits, and the content of a reusable card.

use std::collections::BTreeMap;

use super::diff::{self, Facts, Line};
use super::plan::Plan;
use super::read::Problems;
use super::run::Tools;
use super::store::Stored;
use super::wish::{Amount, VariantWish};
use crate::catalog::lint::{self, Unsound};
use crate::catalog::{Delivery, OnOff, Product, Tier, Tiers, Variant};
use crate::ids::VariantId;
use crate::money::{Currency, Minor};
use crate::seal::Secret;
use crate::stock::Reusable;

#[expect(
    clippy::too_many_arguments,
    reason = "one wish and all it is measured against"
)]
pub(super) fn planned(
    wish: &VariantWish,
    product: &Product,
    stored: &Stored,
    shop: Currency,
    place: i32,
    tools: &Tools<'_>,
    plan: &mut Plan,
    problems: &Problems,
) {
    let wrong = |key: &str, reason: String| problems.add(format!("{}.{key}", wish.at), reason);
    let known = stored.variants.iter().find(|v| v.sku == wish.sku);
    if known.is_some_and(|known| known.product_id != product.id) {
        let reason = format!("{:?} belongs to another product already", wish.sku);
        return wrong("sku", reason);
    }
    let Some(row) = merged(wish, known, product, shop, place, tools, problems) else {
        // Its cards need not be told a second time.
        let stand_in = VariantId::new(tools.clock.now(), tools.random);
        let known = (stand_in, product.delivery);
        plan.known.entry(wish.sku.clone()).or_insert(known);
        return;
    };
    let known_as = (row.id.clone(), product.delivery);
    plan.known.insert(row.sku.clone(), known_as);
    let what = format!("variant {} of {}", row.sku, product.slug);
    let mut line = diff::line(what, known.map(facts).as_ref(), &facts(&row));
    if line.touches() {
        plan.variants.push(row.clone());
    }
    if product.delivery == Delivery::Reusable {
        let known = stored.reusables.iter().find(|r| r.variant_id == row.id);
        plan.reusables
            .extend(reusable(wish, &row, known, tools, &mut line, problems));
    } else if wish.content.is_some() {
        wrong("content", "only a reusable product has content".to_owned());
    } else if wish.use_limit.is_some() {
        wrong(
            "use_limit",
            "only a reusable product has a use limit".to_owned(),
        );
    }
    plan.lines.push(line);
}

fn merged(
    wish: &VariantWish,
    stored: Option<&Variant>,
    product: &Product,
    shop: Currency,
    place: i32,
    tools: &Tools<'_>,
    problems: &Problems,
) -> Option<Variant> {
    let now = tools.clock.now();
    let wrong = |key: &str, reason: &str| problems.add(format!("{}.{key}", wish.at), reason);
    let currency = wish.currency.or(stored.map(|v| v.currency)).unwrap_or(shop);
    let moved = stored.is_some_and(|v| v.currency != currency);
    let amount = |amount: &Amount| match amount.of(currency) {
        Ok(minor) => Some(minor),
        Err(reason) => {
            problems.add(amount.at.clone(), reason);
            None
        }
    };
    let price = match (&wish.price, stored) {
        (Some(price), _) => amount(price),
        (None, Some(_)) if moved => {
            wrong("price", "must be named too when the currency changes");
            None
        }
        (None, Some(stored)) => Some(stored.price),
        (None, None) => {
            problems.lacks(format!("{}.price", wish.at), "is missing");
            None
        }
    };
    let tiers = match &wish.tiers {
        Some(tiers) => {
            let read = tiers.iter().map(|tier| {
                let price = amount(&tier.price)?;
                let from = tier.from;
                Some((tier.at.as_str(), Tier { from, price }))
            });
            let tiers: Vec<_> = read.collect::<Option<_>>()?;
            let (ats, tiers): (Vec<&str>, Vec<Tier>) = tiers.into_iter().unzip();
            for dear in lint::dearer(price, &tiers) {
                problems.add(format!("{}.price", ats[dear]), Unsound::TierDearer);
            }
            serde_json::to_string(&Tiers(tiers)).unwrap_or_default()
        }
        None => stored.map_or_else(|| "[]".to_owned(), |v| v.tiers.clone()),
    };
    if moved && wish.tiers.is_none() && tiers != "[]" {
        wrong("tiers", "must be named too when the currency changes");
    }
    let kept = stored.map(|v| v.min_quantity);
    let min_quantity = wish.min_quantity.or(kept).unwrap_or(1);
    let kept = stored.map(|v| v.max_quantity);
    let max_quantity = wish
        .max_quantity
        .or(kept)
        .unwrap_or(lint::UNITS.max(min_quantity));
    let kept = stored.and_then(|v| v.buyer_limit);
    let buyer_limit = wish.buyer_limit.or(kept).filter(|limit| *limit > 0);
    for (key, reason) in lint::limits(min_quantity, max_quantity, buyer_limit) {
        problems.add(format!("{}.{key}", wish.at), reason);
    }
    let name = |wish: &Option<String>, kept: Option<&String>| {
        wish.clone().or(kept.cloned()).unwrap_or_default()
    };
    Some(Variant {
        id: stored.map_or_else(|| VariantId::new(now, tools.random), |v| v.id.clone()),
        product_id: product.id.clone(),
        seller_id: product.seller_id.clone(),
        sku: wish.sku.clone(),
        name_zh: name(&wish.name.zh, stored.map(|v| &v.name_zh)),
        name_en: name(&wish.name.en, stored.map(|v| &v.name_en)),
        price: price?,
        currency,
        tiers,
        min_quantity,
        max_quantity,
        buyer_limit,
        state: wish.state.or(stored.map(|v| v.state)).unwrap_or(OnOff::On),
        position: wish
            .position
            .or(stored.map(|v| v.position))
            .unwrap_or(place),
        changed_at: now,
    })
}

/// The content of a reusable card, sealed; none if it stays as it is.
fn reusable(
    wish: &VariantWish,
    variant: &Variant,
    stored: Option<&Reusable>,
    tools: &Tools<'_>,
    line: &mut Line,
    problems: &Problems,
) -> Option<Reusable> {
    let wrong = |key: &str, reason: String| problems.add(format!("{}.{key}", wish.at), reason);
    let place = Reusable::place(&variant.id, &variant.seller_id);
    let opened = stored.and_then(|r| tools.sealer.open_text(&r.content, &place).ok());
    let before = opened.map(|text| BTreeMap::from([("content".to_owned(), Secret::new(text))]));
    let kept = stored.and_then(|r| r.use_limit);
    let use_limit = wish.use_limit.or(kept).filter(|limit| *limit > 0);
    let sold = stored.map_or(0, |r| r.used);
    if use_limit.is_some_and(|limit| limit < sold) {
        wrong(
            "use_limit",
            format!("is below the {sold} uses sold or held already"),
        );
    }
    let shown = |limit: Option<i64>| limit.map_or("none".to_owned(), |n| n.to_string());
    let old = stored.map(|r| vec![("use_limit", shown(r.use_limit))]);
    let limits = diff::line(
        String::new(),
        old.as_ref(),
        &vec![("use_limit", shown(use_limit))],
    );
    if limits.touches() && (stored.is_some() || use_limit.is_some()) {
        line.changes.extend(limits.changes);
        if line.sign == diff::Sign::Same {
            line.sign = diff::Sign::Changed;
        }
    }
    let content = match (&wish.content, stored) {
        (None, None) => {
            problems.lacks(
                format!("{}.content", wish.at),
                "is missing: what a reusable product hands out",
            );
            return None;
        }
        (None, Some(stored)) if stored.use_limit == use_limit => return None,
        (None, Some(stored)) => stored.content.clone(),
        (Some(content), _) => {
            let after = BTreeMap::from([("content".to_owned(), content.clone())]);
            line.secrets("", before.as_ref(), &after);
            let same = before.as_ref() == Some(&after);
            match stored {
                Some(stored) if same && stored.use_limit == use_limit => return None,
                Some(stored) if same => stored.content.clone(),
                _ => {
                    let text = content.reveal().as_bytes();
                    tools.sealer.seal(text, &place, tools.random)
                }
            }
        }
    };
    Some(Reusable {
        variant_id: variant.id.clone(),
        seller_id: variant.seller_id.clone(),
        content,
        use_limit,
        used: sold,
        changed_at: tools.clock.now(),
    })
}

fn facts(row: &Variant) -> Facts {
    let tiers = row.wholesale().unwrap_or_default().0;
    let tiers: Vec<String> = tiers
        .iter()
        .map(|tier| format!("{} from {}", price(tier.price, row.currency), tier.from))
        .collect();
    let limit = row.buyer_limit.map_or("none".to_owned(), |n| n.to_string());
    vec![
        ("name.zh", row.name_zh.clone()),
        ("name.en", row.name_en.clone()),
        ("price", price(row.price, row.currency)),
        ("currency", row.currency.to_string()),
        ("tiers", tiers.join(", ")),
        ("min_quantity", row.min_quantity.to_string()),
        ("max_quantity", row.max_quantity.to_string()),
        ("buyer_limit", limit),
        ("state", row.state.to_string()),
        ("position", row.position.to_string()),
    ]
}

fn price(minor: Minor, currency: Currency) -> String {
    minor.decimal(currency)
}
