//! The form of a product: what it shows of a row, and the row that what was typed would become.
//! Only the fields named here are read; whose a product is and when it was made is not typed.

use super::asks;
use super::told::{self, form_of, number};
use crate::catalog::lint::{self, Unsound};
use crate::catalog::{Category, Delivery, OnOff, Product};
use crate::web::admin::inputs::{Inputs, Section, Wrong};
use crate::web::form::Form;
use crate::web::words::Words;

/// Icons a product may be drawn with where it has no picture.
const ICONS: &[&str] = &[
    "key", "package", "bag", "download", "card", "wallet", "shield", "globe", "phone", "mail",
    "person", "zap", "receipt",
];

/// What is wrong with a form: the input and why.
pub type Found = Vec<(String, Unsound)>;

/// The form as it shows a product.
pub fn typed(row: &Product) -> Form {
    let tick = |yes: bool| if yes { "1" } else { "" };
    let (low_stock, promised) = (row.low_stock.to_string(), row.promised_minutes.to_string());
    let position = row.position.to_string();
    let pairs = [
        ("name_zh", row.name_zh.as_str()),
        ("name_en", &row.name_en),
        ("slug", &row.slug),
        ("category", row.category_id.as_str()),
        ("summary_zh", &row.summary_zh),
        ("summary_en", &row.summary_en),
        ("description_zh", &row.description_zh),
        ("description_en", &row.description_en),
        ("usage_zh", &row.usage_zh),
        ("usage_en", &row.usage_en),
        ("picture", &row.picture),
        ("delivery", row.delivery.as_str()),
        ("reserves", tick(row.reserves)),
        ("low_stock", &low_stock),
        ("promised_minutes", &promised),
        ("state", row.state.as_str()),
        ("position", &position),
    ];
    let mut all: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.extend(asks::typed(&row.asks().unwrap_or_default()));
    form_of(all)
}

/// The product that was typed over `base`, with everything that is wrong with it. What is wrong
/// stays as it was in `base`.
pub fn read(form: &Form, base: &Product, categories: &[Category]) -> (Product, Found) {
    let mut row = base.clone();
    let mut found = Found::new();
    let mut text = |id: &str, into: &mut String, check: &dyn Fn(&str) -> Result<(), Unsound>| {
        let typed = plain(form.get(id));
        match check(&typed) {
            Ok(()) => *into = typed,
            Err(reason) => found.push((id.to_owned(), reason)),
        }
    };
    let named = |text: &str| lint::name(text, lint::NAME);
    text("name_zh", &mut row.name_zh, &named);
    text("name_en", &mut row.name_en, &named);
    text("slug", &mut row.slug, &lint::code);
    let line = |text: &str| lint::line(text, lint::SUMMARY);
    text("summary_zh", &mut row.summary_zh, &line);
    text("summary_en", &mut row.summary_en, &line);
    let long = |text: &str| lint::lines(text, lint::DESCRIPTION);
    text("description_zh", &mut row.description_zh, &long);
    text("description_en", &mut row.description_en, &long);
    let usage = |text: &str| lint::lines(text, lint::USAGE);
    text("usage_zh", &mut row.usage_zh, &usage);
    text("usage_en", &mut row.usage_en, &usage);
    text("picture", &mut row.picture, &lint::picture);
    let mut wrong = |id: &str, reason: Unsound| found.push((id.to_owned(), reason));
    match categories
        .iter()
        .find(|one| one.id.as_str() == form.get("category"))
    {
        Some(category) => row.category_id = category.id.clone(),
        None => wrong("category", Unsound::NotAChoice),
    }
    match Delivery::parse(form.get("delivery")) {
        Some(delivery) => row.delivery = delivery,
        None => wrong("delivery", Unsound::NotAChoice),
    }
    match OnOff::parse(form.get("state")) {
        Some(state) => row.state = state,
        None => wrong("state", Unsound::NotAChoice),
    }
    row.reserves = !form.get("reserves").is_empty();
    match number(form.get("low_stock"), 0, lint::MANY, 0) {
        Ok(number) => row.low_stock = number,
        Err(reason) => wrong("low_stock", reason),
    }
    match number(form.get("promised_minutes"), 0, lint::LONGEST_PROMISE, 0) {
        Ok(number) => row.promised_minutes = number,
        Err(reason) => wrong("promised_minutes", reason),
    }
    match place(form.get("position"), base.position) {
        Ok(place) => row.position = place,
        Err(reason) => wrong("position", reason),
    }
    if asks::fits(base) {
        let (fields, wrong) = asks::read(form);
        found.extend(wrong);
        row.fields = serde_json::to_string(&fields).unwrap_or_else(|_| base.fields.clone());
    }
    (row, found)
}

/// A place in a list.
pub fn place(text: &str, otherwise: i32) -> Result<i32, Unsound> {
    let last = lint::LAST_PLACE;
    let place = number(text, -last, last, i64::from(otherwise))?;
    i32::try_from(place).map_err(|_| Unsound::Range(-last, last))
}

/// Browsers send lines with two characters at their end; blanks around a text mean nothing.
pub fn plain(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

/// The inputs of the form.
pub fn sections(
    words: Words,
    base: &Product,
    form: &Form,
    wrong: &[Wrong],
    categories: &[(String, String)],
) -> Vec<Section> {
    let input = Inputs { form, wrong };
    let states = OnOff::ALL
        .iter()
        .map(|one| (one.as_str(), told::state(words, *one)));
    let ways = Delivery::ALL
        .iter()
        .map(|one| (one.as_str(), told::delivery(words, *one)));
    let mut sections = vec![
        Section {
            id: "s-basics",
            title: words.goods_basics().to_owned(),
            rows: vec![
                vec![
                    input
                        .line("name_zh", words.goods_name_zh(), lint::NAME)
                        .needed(),
                    input
                        .line("name_en", words.goods_name_en(), lint::NAME)
                        .needed(),
                ],
                vec![
                    input.line("summary_zh", words.goods_summary_zh(), lint::SUMMARY),
                    input.line("summary_en", words.goods_summary_en(), lint::SUMMARY),
                ],
                vec![
                    input
                        .code("slug", words.goods_slug(), 80)
                        .hint(words.goods_slug_hint())
                        .needed(),
                    input.choice("category", words.goods_category(), categories.to_vec()),
                ],
                vec![
                    input.choice("picture", words.goods_picture(), icons(words, form)),
                    input
                        .number("position", words.goods_position())
                        .hint(words.goods_position_hint()),
                ],
                vec![
                    input
                        .choice("state", words.goods_state(), states)
                        .hint(words.goods_state_hint()),
                ],
            ],
            ..Section::default()
        },
        Section {
            id: "s-texts",
            title: words.goods_texts().to_owned(),
            lead: words.goods_texts_lead().to_owned(),
            rows: vec![
                vec![
                    input.area("description_zh", words.goods_description_zh(), 0),
                    input.area("description_en", words.goods_description_en(), 0),
                ],
                vec![
                    input
                        .area("usage_zh", words.goods_usage_zh(), 0)
                        .hint(words.goods_usage_hint()),
                    input
                        .area("usage_en", words.goods_usage_en(), 0)
                        .hint(words.goods_usage_hint()),
                ],
            ],
            ..Section::default()
        },
        Section {
            id: "s-delivery",
            title: words.goods_delivery().to_owned(),
            rows: vec![
                vec![
                    input
                        .choice("delivery", words.goods_delivery_kind(), ways)
                        .hint(words.goods_delivery_hint()),
                ],
                vec![
                    input
                        .tick("reserves", words.goods_reserves())
                        .hint(words.goods_reserves_hint()),
                ],
                vec![
                    input
                        .number("low_stock", words.goods_low_stock())
                        .hint(words.goods_low_stock_hint()),
                    input
                        .number("promised_minutes", words.goods_promised())
                        .hint(words.goods_promised_hint()),
                ],
            ],
            ..Section::default()
        },
    ];
    sections.push(match asks::fits(base) {
        true => asks::section(words, &input),
        false => Section {
            id: "s-fields",
            title: words.goods_fields().to_owned(),
            lead: words.goods_fields_many().to_owned(),
            ..Section::default()
        },
    });
    sections
}

/// The icons to choose from, and what stands there now if it is none of them.
fn icons(words: Words, form: &Form) -> Vec<(String, String)> {
    let now = form.get("picture");
    let mut icons = vec![(String::new(), words.goods_icon_auto().to_owned())];
    icons.extend(
        ICONS
            .iter()
            .map(|name| ((*name).to_owned(), icon(words, name).to_owned())),
    );
    if !icons.iter().any(|(name, _)| name == now) {
        icons.push((now.to_owned(), now.to_owned()));
    }
    icons
}

fn icon(words: Words, name: &str) -> &'static str {
    match name {
        "key" => words.goods_icon_key(),
        "package" => words.goods_icon_package(),
        "bag" => words.goods_icon_bag(),
        "download" => words.goods_icon_download(),
        "card" => words.goods_icon_card(),
        "wallet" => words.goods_icon_wallet(),
        "shield" => words.goods_icon_shield(),
        "globe" => words.goods_icon_globe(),
        "phone" => words.goods_icon_phone(),
        "mail" => words.goods_icon_mail(),
        "person" => words.goods_icon_person(),
        "zap" => words.goods_icon_zap(),
        _ => words.goods_icon_receipt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Field, FieldKind};
    use crate::ids::{CategoryId, ProductId};

    fn category() -> Category {
        Category {
            id: CategoryId("c1".to_owned()),
            slug: "c".to_owned(),
            name_zh: "类".to_owned(),
            name_en: "C".to_owned(),
            position: 0,
            changed_at: 0,
        }
    }

    fn product() -> Product {
        let field = Field {
            key: "region".to_owned(),
            label_zh: "区".to_owned(),
            label_en: "Region".to_owned(),
            kind: FieldKind::Select,
            options: vec!["CN".to_owned(), "US".to_owned()],
            pattern: String::new(),
            hint: "h".to_owned(),
            required: true,
        };
        Product {
            category_id: category().id,
            slug: "a".to_owned(),
            name_zh: "甲".to_owned(),
            name_en: "A".to_owned(),
            description_zh: "一\n二".to_owned(),
            low_stock: 5,
            position: 3,
            fields: serde_json::to_string(&[field]).unwrap(),
            ..Product::fresh(ProductId("p1".to_owned()), 1)
        }
    }

    #[test]
    fn what_a_form_shows_is_what_it_reads() {
        let row = product();
        let (read, found) = read(&typed(&row), &row, &[category()]);
        assert_eq!((read, found), (row, Vec::new()));
    }

    #[test]
    fn everything_wrong_is_found_at_once_and_nothing_of_it_is_kept() {
        let row = product();
        let pairs = [
            ("name_zh", " "),
            ("name_en", "A\u{7}"),
            ("slug", "a b"),
            ("category", "none"),
            ("delivery", "drone"),
            ("state", "on"),
            ("low_stock", "-1"),
            ("promised_minutes", "1.5"),
            ("position", "x"),
            ("picture", "javascript:alert(1)"),
            ("f0_label_zh", "无键"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (read, found) = read(&Form::of(pairs).unwrap(), &row, &[category()]);
        let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        for id in [
            "name_zh",
            "name_en",
            "slug",
            "picture",
            "category",
            "delivery",
            "low_stock",
            "promised_minutes",
            "position",
            "f0_key",
        ] {
            assert!(ids.contains(&id), "{id} of {ids:?}");
        }
        assert_eq!((read.slug, read.low_stock), (row.slug, row.low_stock));
    }
}
