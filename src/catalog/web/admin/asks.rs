//! The editor of what a product asks its buyer: a group of inputs for each question and two empty
//! ones to add more. A group that is left blank, or ticked to be removed, is none.

use super::form::{Found, plain};
use super::told;
use crate::catalog::lint::{self, Unsound};
use crate::catalog::{Field, FieldKind, Product};
use crate::web::admin::inputs::{Inputs, Section};
use crate::web::form::Form;
use crate::web::words::Words;

/// Most questions this editor takes: a form has at most 200 fields.
const MOST: usize = 16;
/// Empty groups to add more.
const SPARE: usize = 2;

const KINDS: [(FieldKind, &str); 3] = [
    (FieldKind::Text, "text"),
    (FieldKind::Select, "select"),
    (FieldKind::Pattern, "pattern"),
];

/// Whether this editor can show all questions of a product; others stay as they are.
pub fn fits(row: &Product) -> bool {
    row.asks().is_ok_and(|fields| fields.len() <= MOST)
}

/// The questions as the form shows them.
pub fn typed(fields: &[Field]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (at, field) in fields.iter().take(MOST).enumerate() {
        let kind = KINDS.iter().find(|(kind, _)| *kind == field.kind);
        let values = [
            ("key", field.key.clone()),
            ("label_zh", field.label_zh.clone()),
            ("label_en", field.label_en.clone()),
            ("kind", kind.map_or("", |(_, word)| word).to_owned()),
            ("options", field.options.join("\n")),
            ("pattern", field.pattern.clone()),
            ("hint", field.hint.clone()),
            ("required", if field.required { "1" } else { "" }.to_owned()),
        ];
        pairs.extend(values.map(|(name, value)| (id(at, name), value)));
    }
    pairs
}

fn id(at: usize, name: &str) -> String {
    format!("f{at}_{name}")
}

/// The questions that were typed, and what is wrong with them.
pub fn read(form: &Form) -> (Vec<Field>, Found) {
    let (mut fields, mut found) = (Vec::<Field>::new(), Found::new());
    for at in 0..MOST {
        let get = |name: &str| plain(form.get(&id(at, name)));
        let names = ["key", "label_zh", "label_en", "options", "pattern", "hint"];
        let blank = names.iter().all(|name| get(name).is_empty());
        if blank || !get("remove").is_empty() {
            continue;
        }
        let mut wrong = |name: &str, reason: Unsound| found.push((id(at, name), reason));
        let word = get("kind");
        let kind = KINDS.iter().find(|(_, known)| *known == word);
        if kind.is_none() {
            wrong("kind", Unsound::NotAChoice);
        }
        for name in ["label_zh", "label_en"] {
            if let Err(reason) = lint::name(&get(name), lint::LABEL) {
                wrong(name, reason);
            }
        }
        if let Err(reason) = lint::line(&get("hint"), lint::SUMMARY) {
            wrong("hint", reason);
        }
        let options = get("options");
        let field = Field {
            key: get("key"),
            label_zh: get("label_zh"),
            label_en: get("label_en"),
            kind: kind.map_or(FieldKind::Text, |(kind, _)| *kind),
            options: options
                .lines()
                .map(str::trim)
                .filter(|option| !option.is_empty())
                .map(str::to_owned)
                .collect(),
            pattern: get("pattern"),
            hint: get("hint"),
            required: !get("required").is_empty(),
        };
        if let Err(reason) = field.is_sound() {
            let place = match reason {
                Unsound::NoOptions | Unsound::OptionsElsewhere => "options",
                Unsound::Pattern | Unsound::PatternElsewhere => "pattern",
                _ => "key",
            };
            wrong(place, reason);
        }
        if fields.iter().any(|other| other.key == field.key) {
            wrong("key", Unsound::Taken);
        }
        fields.push(field);
    }
    (fields, found)
}

/// The groups of inputs: those that were typed, and the spare ones.
pub fn section(words: Words, input: &Inputs<'_>) -> Section {
    let typed = |at: &usize| {
        let names = ["key", "label_zh", "label_en", "options", "pattern", "hint"];
        names
            .iter()
            .any(|name| !input.form.get(&id(*at, name)).is_empty())
    };
    let used = (0..MOST).rev().find(typed).map_or(0, |last| last + 1);
    let kinds = KINDS.map(|(kind, word)| (word, told::kind(words, kind)));
    let group = |at: usize| {
        let named = match at < used {
            true => words.goods_field_no(at + 1),
            false => words.goods_field_new().to_owned(),
        };
        let own = |name: &str| id(at, name);
        let mut rows = vec![
            vec![
                input
                    .code(&own("key"), words.goods_field_key(), 40)
                    .hint(words.goods_field_key_hint()),
                input.choice(&own("kind"), words.goods_field_kind(), kinds),
            ],
            vec![
                input.line(&own("label_zh"), words.goods_field_label_zh(), lint::LABEL),
                input.line(&own("label_en"), words.goods_field_label_en(), lint::LABEL),
            ],
            vec![
                input
                    .area(&own("options"), words.goods_field_options(), 0)
                    .hint(words.goods_field_options_hint()),
                input
                    .code(&own("pattern"), words.goods_field_regex(), 500)
                    .hint(words.goods_field_regex_hint()),
            ],
            vec![input.line(&own("hint"), words.goods_field_hint(), lint::SUMMARY)],
            vec![input.tick(&own("required"), words.goods_field_required())],
        ];
        if at < used {
            let remove = input.tick(&own("remove"), words.goods_field_remove());
            if let Some(last) = rows.last_mut() {
                last.push(remove);
            }
        }
        (named, rows)
    };
    Section {
        id: "s-fields",
        title: words.goods_fields().to_owned(),
        lead: words.goods_fields_lead().to_owned(),
        groups: (0..(used + SPARE).min(MOST)).map(group).collect(),
        ..Section::default()
    }
}
