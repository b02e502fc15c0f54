//! The form of a variant: prices typed in whole units, wholesale prices as repeated rows.

use super::form::{Found, place, plain};
use super::told::{self, form_of, number};
use crate::catalog::lint::{self, Unsound};
use crate::catalog::{Delivery, OnOff, Tier, Tiers, Variant};
use crate::web::admin::inputs::{Inputs, Kind, Section, Wrong};
use crate::web::form::Form;
use crate::web::words::Words;

/// Most wholesale prices this form takes.
const MOST: usize = 12;
/// Empty rows to add more.
const SPARE: usize = 2;

/// The form as it shows a variant; `limit` is how often a shared content may be sold.
pub fn typed(row: &Variant, limit: Option<i64>) -> Form {
    let shown = |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string());
    let mut pairs = vec![
        ("sku".to_owned(), row.sku.clone()),
        ("variant_zh".to_owned(), row.name_zh.clone()),
        ("variant_en".to_owned(), row.name_en.clone()),
        ("price".to_owned(), row.price.decimal(row.currency)),
        ("currency".to_owned(), row.currency.to_string()),
        ("min_quantity".to_owned(), row.min_quantity.to_string()),
        ("max_quantity".to_owned(), row.max_quantity.to_string()),
        ("buyer_limit".to_owned(), shown(row.buyer_limit)),
        ("variant_state".to_owned(), row.state.to_string()),
        ("variant_position".to_owned(), row.position.to_string()),
        ("use_limit".to_owned(), shown(limit)),
    ];
    let tiers = row.wholesale().unwrap_or_default().0;
    for (at, tier) in tiers.iter().take(MOST).enumerate() {
        pairs.push((format!("t{at}_from"), tier.from.to_string()));
        pairs.push((format!("t{at}_price"), tier.price.decimal(row.currency)));
    }
    form_of(pairs)
}

/// The variant that was typed over `base`, with everything that is wrong with it.
pub fn read(form: &Form, base: &Variant) -> (Variant, Found) {
    let (mut row, mut found) = read_price(form, base);
    for (id, into) in [
        ("variant_zh", &mut row.name_zh),
        ("variant_en", &mut row.name_en),
    ] {
        let typed = plain(form.get(id));
        match lint::line(&typed, lint::LABEL) {
            Ok(()) => *into = typed,
            Err(reason) => found.push((id.to_owned(), reason)),
        }
    }
    let priced = !found.iter().any(|(id, _)| id == "price");
    tiers(form, &mut row, priced, &mut found);
    let mut wrong = |id: &str, reason: Unsound| found.push((id.to_owned(), reason));
    let mut sound = true;
    let most = lint::MOST_UNITS;
    match number(form.get("min_quantity"), 1, most, 1) {
        Ok(number) => row.min_quantity = number,
        Err(reason) => {
            sound = false;
            wrong("min_quantity", reason);
        }
    }
    let otherwise = lint::UNITS.max(row.min_quantity);
    match number(form.get("max_quantity"), 1, most, otherwise) {
        Ok(number) => row.max_quantity = number,
        Err(reason) => {
            sound = false;
            wrong("max_quantity", reason);
        }
    }
    match number(form.get("buyer_limit"), 0, lint::MANY, 0) {
        Ok(number) => row.buyer_limit = Some(number).filter(|number| *number > 0),
        Err(reason) => {
            sound = false;
            wrong("buyer_limit", reason);
        }
    }
    if sound {
        for (id, reason) in lint::limits(row.min_quantity, row.max_quantity, row.buyer_limit) {
            wrong(id, reason);
        }
    }
    match OnOff::parse(form.get("variant_state")) {
        Some(state) => row.state = state,
        None => wrong("variant_state", Unsound::NotAChoice),
    }
    match place(form.get("variant_position"), base.position) {
        Ok(place) => row.position = place,
        Err(reason) => wrong("variant_position", reason),
    }
    (row, found)
}

/// Code, price and currency alone: what the first variant of a new product is asked for.
pub fn read_price(form: &Form, base: &Variant) -> (Variant, Found) {
    let (mut row, mut found) = (base.clone(), Found::new());
    let mut wrong = |id: &str, reason: Unsound| found.push((id.to_owned(), reason));
    let sku = plain(form.get("sku"));
    match lint::code(&sku) {
        Ok(()) => row.sku = sku,
        Err(reason) => wrong("sku", reason),
    }
    match form.get("currency").parse() {
        Ok(currency) => row.currency = currency,
        Err(_) => wrong("currency", Unsound::NotAChoice),
    }
    match lint::price(form.get("price").trim(), row.currency) {
        Ok(price) => row.price = price,
        Err(reason) => wrong("price", reason),
    }
    (row, found)
}

fn tiers(form: &Form, row: &mut Variant, priced: bool, found: &mut Found) {
    let (mut tiers, mut places) = (Vec::new(), Vec::new());
    let before = found.len();
    for at in 0..MOST {
        let (from_id, price_id) = (format!("t{at}_from"), format!("t{at}_price"));
        let (from, price) = (form.get(&from_id).trim(), form.get(&price_id).trim());
        if from.is_empty() && price.is_empty() {
            continue;
        }
        let from = match from {
            "" => Err(Unsound::Empty),
            text => number(text, 2, lint::MOST_UNITS, 0),
        };
        match (from, lint::price(price, row.currency)) {
            (Ok(from), Ok(price)) => {
                tiers.push(Tier { from, price });
                places.push(at);
            }
            (from, price) => {
                found.extend(from.err().map(|reason| (from_id, reason)));
                found.extend(price.err().map(|reason| (price_id, reason)));
            }
        }
    }
    let froms: Vec<i64> = tiers.iter().map(|tier| tier.from).collect();
    for at in lint::out_of_order(&froms) {
        found.push((format!("t{}_from", places[at]), Unsound::TierOrder));
    }
    for at in lint::dearer(priced.then_some(row.price), &tiers) {
        found.push((format!("t{}_price", places[at]), Unsound::TierDearer));
    }
    if found.len() == before {
        row.tiers = serde_json::to_string(&Tiers(tiers)).unwrap_or_else(|_| row.tiers.clone());
    }
}

/// A shared content that was typed: the text, if any was, and how often it may be sold.
pub fn read_shared(form: &Form, found: &mut Found, needed: bool) -> (Option<String>, Option<i64>) {
    let content = plain(form.get("content"));
    let sound = match content.as_str() {
        "" if needed => Err(Unsound::Empty),
        text => lint::lines(text, lint::CONTENT),
    };
    found.extend(sound.err().map(|reason| ("content".to_owned(), reason)));
    let limit = match number(form.get("use_limit"), 0, lint::MANY, 0) {
        Ok(limit) => Some(limit).filter(|limit| *limit > 0),
        Err(reason) => {
            found.push(("use_limit".to_owned(), reason));
            None
        }
    };
    (Some(content).filter(|text| !text.is_empty()), limit)
}

/// Code, price and currency; with the shared content where there is one. `known` = a content is
/// stored already.
pub fn price_section(
    words: Words,
    input: &Inputs<'_>,
    delivery: Option<Delivery>,
    known: bool,
) -> Section {
    let mut rows = vec![vec![
        input
            .code("sku", words.goods_sku(), 80)
            .hint(words.goods_sku_hint())
            .needed(),
        input
            .number("price", words.goods_price())
            .hint(words.goods_price_hint())
            .needed(),
        input.choice("currency", words.goods_currency(), told::currencies()),
    ]];
    if delivery.is_none_or(|delivery| delivery == Delivery::Reusable) {
        let hint = match (known, delivery) {
            (true, _) => words.goods_content_kept(),
            (false, None) => words.goods_content_if(),
            (false, Some(_)) => words.goods_content_hint(),
        };
        rows.push(vec![
            input
                .of(Kind::Source, "content", words.goods_content())
                .hint(hint),
            input
                .number("use_limit", words.goods_use_limit())
                .hint(words.goods_use_limit_hint()),
        ]);
    }
    Section {
        id: "s-price",
        title: words.goods_pricing().to_owned(),
        lead: words.goods_price_frozen().to_owned(),
        rows,
        ..Section::default()
    }
}

/// All inputs of the form.
pub fn sections(
    words: Words,
    delivery: Delivery,
    known: bool,
    form: &Form,
    wrong: &[Wrong],
) -> Vec<Section> {
    let input = Inputs { form, wrong };
    let states = OnOff::ALL
        .iter()
        .map(|one| (one.as_str(), told::state(words, *one)));
    let mut first = price_section(words, &input, Some(delivery), known);
    first.rows.push(vec![
        input
            .line("variant_zh", words.goods_variant_zh(), lint::LABEL)
            .hint(words.goods_variant_hint()),
        input
            .line("variant_en", words.goods_variant_en(), lint::LABEL)
            .hint(words.goods_variant_hint()),
    ]);
    first.rows.push(vec![
        input
            .choice("variant_state", words.goods_state(), states)
            .hint(words.goods_state_hint()),
        input
            .number("variant_position", words.goods_position())
            .hint(words.goods_position_hint()),
    ]);
    let typed = |at: &usize| {
        let names = [format!("t{at}_from"), format!("t{at}_price")];
        names.iter().any(|name| !form.get(name).is_empty())
    };
    let used = (0..MOST).rev().find(typed).map_or(0, |last| last + 1);
    let tier = |at: usize| {
        vec![
            input.number(&format!("t{at}_from"), &words.goods_tier_from(at + 1)),
            input.number(&format!("t{at}_price"), &words.goods_tier_price(at + 1)),
        ]
    };
    vec![
        first,
        Section {
            id: "s-limits",
            title: words.goods_limits().to_owned(),
            rows: vec![vec![
                input.number("min_quantity", words.goods_min()),
                input.number("max_quantity", words.goods_max()),
                input
                    .number("buyer_limit", words.goods_buyer_limit())
                    .hint(words.goods_buyer_limit_hint()),
            ]],
            ..Section::default()
        },
        Section {
            id: "s-tiers",
            title: words.goods_tiers().to_owned(),
            lead: words.goods_tiers_lead().to_owned(),
            rows: (0..(used + SPARE).min(MOST)).map(tier).collect(),
            ..Section::default()
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;
    use crate::ids::{ProductId, VariantId};
    use crate::money::{Currency, Minor};

    fn variant() -> Variant {
        let product = Product::fresh(ProductId("p".to_owned()), 1);
        let tiers = r#"[{"from":5,"price":2500},{"from":20,"price":1990}]"#;
        Variant {
            sku: "a-1".to_owned(),
            price: Minor(2990),
            tiers: tiers.to_owned(),
            buyer_limit: Some(3),
            ..Variant::fresh(VariantId("v".to_owned()), &product, Currency::CNY, 1)
        }
    }

    fn over(row: &Variant, changes: &[(&str, &str)]) -> Vec<(String, Unsound)> {
        let mut all = typed(row, None).with_prefix("");
        for (name, value) in changes {
            all.insert((*name).to_owned(), (*value).to_owned());
        }
        read(&Form::of(all).unwrap(), row).1
    }

    #[test]
    fn what_a_form_shows_is_what_it_reads() {
        let row = variant();
        let (read, found) = read(&typed(&row, None), &row);
        assert_eq!((read, found), (row, Vec::new()));
    }

    #[test]
    fn prices_limits_and_tiers_are_checked_as_a_file_is() {
        let row = variant();
        let one = |id: &str, reason| vec![(id.to_owned(), reason)];
        for (changes, wanted) in [
            (
                &[("price", "29.905")][..],
                one("price", Unsound::TooPrecise(Currency::CNY)),
            ),
            (&[("price", "２９")], one("price", Unsound::NotMoney)),
            (&[("sku", "a b")], one("sku", Unsound::Code)),
            (&[("currency", "XXX")], one("currency", Unsound::NotAChoice)),
            (
                &[("max_quantity", "201")],
                one("max_quantity", Unsound::Range(1, 200)),
            ),
            (
                &[
                    ("min_quantity", "9"),
                    ("max_quantity", "8"),
                    ("buyer_limit", ""),
                ],
                one("max_quantity", Unsound::BelowLeast),
            ),
            (
                &[("min_quantity", "4")],
                one("buyer_limit", Unsound::NobodyCouldBuy),
            ),
            (&[("t1_from", "5")], one("t1_from", Unsound::TierOrder)),
            (&[("t1_price", "26")], one("t1_price", Unsound::TierDearer)),
            (&[("t0_price", "")], one("t0_price", Unsound::Empty)),
            (&[("price", "20")], one("t0_price", Unsound::TierDearer)),
        ] {
            assert_eq!(over(&row, changes), wanted, "{changes:?}");
        }
    }
}
