//! Custom fields: what a product asks its buyer for, checked on the server.

use std::collections::BTreeMap;

use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::lint::Unsound;

/// One field of a product's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name in forms and in the API: lower-case letters, digits and `_`.
    pub key: String,
    /// 中文 label.
    pub label_zh: String,
    /// English label.
    pub label_en: String,
    /// What is accepted.
    pub kind: FieldKind,
    /// The choices of a `select`, as shown and stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The regular expression of a `pattern`: the whole value must match (linear time, X68).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// What the buyer is told about the form of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Whether it must be filled in.
    #[serde(default)]
    pub required: bool,
}

/// What a field accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Up to 200 characters.
    Text,
    /// One of its options.
    Select,
    /// Text of a certain form.
    Pattern,
}

/// What is wrong with a value; the key names the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's key, or the key that no field has.
    pub key: String,
    /// In words for the sender.
    pub reason: &'static str,
}

/// The longest value of a field, in characters.
const LONGEST: usize = 200;

/// Checks the values a buyer sent against the fields of a product. Unknown keys are refused;
/// blank values of optional fields are dropped.
pub fn check_fields(
    fields: &[Field],
    sent: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, FieldProblem> {
    if let Some(key) = sent
        .keys()
        .find(|key| fields.iter().all(|f| f.key != **key))
    {
        return Err(problem(key, "is not asked for"));
    }
    let mut kept = BTreeMap::new();
    for field in fields {
        let value = sent.get(&field.key).map(|v| v.trim()).unwrap_or_default();
        if value.is_empty() {
            if field.required {
                return Err(problem(&field.key, "is required"));
            }
            continue;
        }
        if value.chars().count() > LONGEST {
            return Err(problem(&field.key, "is longer than 200 characters"));
        }
        if value.chars().any(char::is_control) {
            return Err(problem(&field.key, "holds a control character"));
        }
        match field.kind {
            FieldKind::Text => {}
            FieldKind::Select if field.options.iter().any(|o| o == value) => {}
            FieldKind::Select => return Err(problem(&field.key, "is not one of the choices")),
            FieldKind::Pattern => {
                if !compile(&field.pattern).is_some_and(|p| p.is_match(value)) {
                    return Err(problem(&field.key, "does not have the form asked for"));
                }
            }
        }
        kept.insert(field.key.clone(), value.to_owned());
    }
    Ok(kept)
}

impl Field {
    /// Whether the field itself is usable: its key, its choices, its pattern.
    pub fn is_sound(&self) -> Result<(), Unsound> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if self.key.is_empty() || self.key.len() > 40 || !self.key.bytes().all(plain) {
            return Err(Unsound::FieldKey);
        }
        match self.kind {
            FieldKind::Select if self.options.is_empty() => Err(Unsound::NoOptions),
            FieldKind::Pattern if compile(&self.pattern).is_none() => Err(Unsound::Pattern),
            FieldKind::Text | FieldKind::Pattern if !self.options.is_empty() => {
                Err(Unsound::OptionsElsewhere)
            }
            FieldKind::Text | FieldKind::Select if !self.pattern.is_empty() => {
                Err(Unsound::PatternElsewhere)
            }
            _ => Ok(()),
        }
    }
}

fn compile(pattern: &str) -> Option<regex::Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(1 << 18)
        .build()
        .ok()
}

fn problem(key: &str, reason: &'static str) -> FieldProblem {
    FieldProblem {
        key: key.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<Field> {
        serde_json::from_str(
            r#"[{"key":"account","label_zh":"账号","label_en":"Account","kind":"pattern",
                "pattern":"[0-9]{5,10}","required":true},
               {"key":"region","label_zh":"区","label_en":"Region","kind":"select",
                "options":["CN","US"]},
               {"key":"note","label_zh":"备注","label_en":"Note","kind":"text"}]"#,
        )
        .expect("fields")
    }

    fn sent(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn accepts_what_was_asked_for_and_nothing_else() {
        let ok = check_fields(&fields(), &sent(&[("account", " 12345 "), ("note", "")]));
        assert_eq!(ok, Ok(sent(&[("account", "12345")])));
        for wrong in [
            &[][..],
            &[("account", "12345\n")][..0],
            &[("account", "1234a")],
            &[("account", "12345"), ("region", "JP")],
            &[("account", "12345"), ("price", "0")],
            &[("account", "12345"), ("note", "a\u{7}b")],
        ] {
            assert!(check_fields(&fields(), &sent(wrong)).is_err(), "{wrong:?}");
        }
    }

    /// X68: a pattern that hangs others takes linear time here.
    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let mut field = fields().remove(0);
        field.key = "x".to_owned();
        field.pattern = "(a+)+b".to_owned();
        assert!(check_fields(&[field], &sent(&[("x", &"a".repeat(200))])).is_err());
    }
}
