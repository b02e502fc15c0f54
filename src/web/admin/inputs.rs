//! Forms as lists of inputs: a page names what it asks for, and one template draws it with its
//! label, its hint, what was typed and what is wrong with it.

use crate::web::form::Form;

/// What is wrong with one input, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The input's id, which is its name in the form.
    pub id: String,
    /// In the page's language.
    pub text: String,
}

/// How something is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Line,
    /// One line of a code: slug, sku, pattern.
    Code,
    /// A whole number or an amount.
    Number,
    /// Several lines.
    Area,
    /// Several lines that machines read.
    Source,
    /// One of some: value and words.
    Choice(Vec<(String, String)>),
    /// Yes or no.
    Tick,
    /// Never sent back.
    Secret,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its id and name.
    pub id: String,
    /// What it asks for.
    pub label: String,
    /// What helps to answer; may be empty.
    pub hint: String,
    /// What stands in it.
    pub value: String,
    /// How it asks.
    pub kind: Kind,
    /// Most characters; 0 = the server alone decides.
    pub max: usize,
    /// Whether it must be answered.
    pub required: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Input {
    /// With words that help.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    /// With at most so many characters.
    #[must_use]
    pub fn most(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// To be answered.
    #[must_use]
    pub fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    /// Ids of the hint and the error, as far as they are there.
    pub fn described(&self) -> String {
        let id = &self.id;
        match (self.hint.is_empty(), &self.error) {
            (true, None) => String::new(),
            (false, None) => format!("{id}-h"),
            (true, Some(_)) => format!("{id}-e"),
            (false, Some(_)) => format!("{id}-h {id}-e"),
        }
    }
}

/// A part of a form under one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// To link to.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// A sentence under it; may be empty.
    pub lead: String,
    /// Inputs; those of one row stand side by side.
    pub rows: Vec<Vec<Input>>,
    /// Repeated groups, each with its name.
    pub groups: Vec<(String, Vec<Vec<Input>>)>,
}

/// Makes inputs from what was typed and what is wrong with it.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// What was typed.
    pub form: &'a Form,
    /// What is wrong.
    pub wrong: &'a [Wrong],
}

impl Inputs<'_> {
    /// An input of this kind.
    pub fn of(&self, kind: Kind, id: &str, label: &str) -> Input {
        let found = self.wrong.iter().find(|wrong| wrong.id == id);
        Input {
            id: id.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            value: match kind {
                Kind::Secret => String::new(),
                _ => self.form.get(id).to_owned(),
            },
            kind,
            max: 0,
            required: false,
            error: found.map(|wrong| wrong.text.clone()),
        }
    }

    /// One line.
    pub fn line(&self, id: &str, label: &str, max: usize) -> Input {
        self.of(Kind::Line, id, label).most(max)
    }

    /// A code.
    pub fn code(&self, id: &str, label: &str, max: usize) -> Input {
        self.of(Kind::Code, id, label).most(max)
    }

    /// A number.
    pub fn number(&self, id: &str, label: &str) -> Input {
        self.of(Kind::Number, id, label).most(20)
    }

    /// Several lines.
    pub fn area(&self, id: &str, label: &str, max: usize) -> Input {
        self.of(Kind::Area, id, label).most(max)
    }

    /// Yes or no.
    pub fn tick(&self, id: &str, label: &str) -> Input {
        self.of(Kind::Tick, id, label)
    }

    /// One of some.
    pub fn choice<V: Into<String>, T: Into<String>>(
        &self,
        id: &str,
        label: &str,
        options: impl IntoIterator<Item = (V, T)>,
    ) -> Input {
        let options = options.into_iter();
        let options = options.map(|(value, text)| (value.into(), text.into()));
        self.of(Kind::Choice(options.collect()), id, label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_keeps_what_was_typed_and_a_secret_does_not() {
        let typed = [("a", "x"), ("s", "secret")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let form = Form::of(typed).unwrap();
        let wrong = [Wrong {
            id: "a".to_owned(),
            text: "no".to_owned(),
        }];
        let inputs = Inputs {
            form: &form,
            wrong: &wrong,
        };
        let a = inputs.line("a", "A", 9).hint("h");
        assert_eq!((a.value.as_str(), a.described().as_str()), ("x", "a-h a-e"));
        let secret = inputs.of(Kind::Secret, "s", "S");
        assert_eq!((secret.value.as_str(), secret.error), ("", None));
    }
}
