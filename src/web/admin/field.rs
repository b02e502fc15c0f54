//! A field of a form of the staff, with what was typed and what is wrong with it; and the summary
//! of all that is wrong. Both print themselves as escaped markup.

use actix_web::http::StatusCode;
use askama::Template;

use crate::web::words::Words;

/// What a field is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One line; the `type` of the input.
    Line(&'static str),
    /// Several lines.
    Area {
        /// How high.
        rows: u8,
        /// In a font of fixed width.
        code: bool,
    },
    /// One of these: value and name.
    Choice(Vec<(String, String)>),
    /// On or off.
    Tick,
    /// Some of these: value, name, and whether it is chosen. Each is a field `{id}_{value}`.
    Ticks(Vec<(String, String, bool)>),
    /// One line that is never shown again.
    Secret {
        /// What the browser may fill in.
        autocomplete: &'static str,
    },
    /// Several lines that are never shown again.
    SecretArea,
}

/// One field.
#[derive(Template, Debug, Clone, PartialEq, Eq)]
#[template(path = "admin/parts/config_field.html")]
pub struct Field {
    /// Its id, and its name in the form.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What to know before filling it in; empty = nothing.
    pub hint: String,
    /// What stands in it. Never filled for secrets; `on` for a tick.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// How it is filled in.
    pub input: Input,
    /// The most letters.
    pub most: usize,
    /// Whether it has to be filled in.
    pub required: bool,
    /// Whether it is a short one.
    pub narrow: bool,
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    /// A field with nothing in it.
    pub fn new(id: &str, label: impl Into<String>, input: Input) -> Self {
        Field {
            id: id.to_owned(),
            label: label.into(),
            hint: String::new(),
            value: String::new(),
            error: None,
            input,
            most: 200,
            required: false,
            narrow: false,
        }
    }

    /// The field that asks for the password again.
    pub fn proof(words: Words) -> Self {
        let autocomplete = "current-password";
        let input = Input::Secret { autocomplete };
        Field {
            most: 100,
            ..Field::new(super::prove::FIELD, words.proof_label(), input).hint(words.proof_hint())
        }
    }

    /// With this in it.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With this to know.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// At most so many letters.
    #[must_use]
    pub fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// It has to be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// A short one.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-h", self.id));
        let error = self.error.is_some().then(|| format!("{}-e", self.id));
        let both: Vec<String> = [hint, error].into_iter().flatten().collect();
        both.join(" ")
    }
}

/// What is wrong with a form: each thing with the id of its field (empty = none).
#[derive(Template, Debug, Clone, Default, PartialEq, Eq)]
#[template(path = "admin/parts/config_errors.html")]
pub struct Errors(pub Vec<(String, String)>);

impl askama::filters::HtmlSafe for Errors {}

impl Errors {
    /// Adds one.
    pub fn add(&mut self, field: &str, text: impl Into<String>) {
        self.0.push((field.to_owned(), text.into()));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How the page that shows them is answered: 422 where something has to be mended.
    pub fn status(&self) -> StatusCode {
        match self.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Tells the fields what is wrong with them.
    pub fn mark<'a>(&self, fields: impl IntoIterator<Item = &'a mut Field>) {
        for field in fields {
            let found = self.0.iter().find(|(id, _)| *id == field.id);
            if let Some((_, text)) = found {
                field.error = Some(text.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_escaped_and_a_secret_is_never_shown() {
        let typed = Field::new("name", "名称", Input::Line("text")).value("\"><script>");
        let html = typed.to_string();
        assert!(!html.contains("<script>"), "{html}");
        let secret = Input::Secret {
            autocomplete: "off",
        };
        for input in [secret, Input::SecretArea] {
            let html = Field::new("key", "k", input).value("a-secret").to_string();
            assert!(!html.contains("a-secret"), "{html}");
        }
        let mut errors = Errors::default();
        errors.add("name", "<b>");
        let mut fields = [typed];
        errors.mark(&mut fields);
        let html = fields[0].to_string();
        assert!(
            html.contains("aria-invalid=\"true\"") && html.contains("name-e"),
            "{html}"
        );
        assert!(errors.to_string().contains("href=\"#name\""));
        assert!(!errors.to_string().contains("<b>"));
    }
}
