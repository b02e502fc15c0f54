//! The page before something that cannot be taken back: what exactly will happen, what is to be
//! typed, and, for money and secrets, the password again.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::frame::{Frame, Section};
use super::gate::SignedIn;
use super::posted::Posted;
use super::prove;
use crate::app::App;
use crate::web::words::Words;

/// What is typed into a field of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Area,
    /// Content that is kept byte for byte.
    Code,
}

/// A field of a step.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name; its id as well.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What to type, where that is not plain.
    pub hint: String,
    /// What was typed.
    pub value: String,
    /// Most letters; none = the form's own limit.
    pub most: Option<usize>,
    /// How it looks.
    pub kind: Kind,
    /// Whether what was typed is wrong.
    pub wrong: bool,
}

impl Input {
    /// A field that must be filled in.
    pub fn new(name: &str, label: impl Into<String>, kind: Kind) -> Self {
        Input {
            name: name.to_owned(),
            label: label.into(),
            hint: String::new(),
            value: String::new(),
            most: Some(500),
            kind,
            wrong: false,
        }
    }

    /// With a hint under its label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With what was typed.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = value.to_owned();
        self
    }

    fn is_area(&self) -> bool {
        self.kind != Kind::Line
    }

    fn is_code(&self) -> bool {
        self.kind == Kind::Code
    }
}

/// A step that somebody is about to take.
#[derive(Template)]
#[template(path = "admin/step.html")]
pub struct Step {
    frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// Where the page came from, and what that is called.
    pub back: (String, String),
    /// What will happen, a sentence each.
    pub effects: Vec<String>,
    /// What is special about this one.
    pub warning: Option<String>,
    /// What is to be typed.
    pub inputs: Vec<Input>,
    /// What goes with the form as it is.
    pub hidden: Vec<(&'static str, String)>,
    /// What the button says: the result. Empty = there is nothing to do but go back.
    pub button: String,
    /// Whether it cannot be taken back.
    pub danger: bool,
    /// What is wrong: the field it is about, and a sentence.
    pub errors: Vec<(String, String)>,
    prove: bool,
}

impl Step {
    /// A step in the console; `title` says what it does.
    pub fn new<T: Into<String>>(
        request: &HttpRequest,
        app: &App,
        signed: &SignedIn,
        section: Section,
        title: impl FnOnce(Words) -> T,
    ) -> Self {
        Step {
            frame: Frame::of(request, app, signed, section, title),
            action: request.path().to_owned(),
            back: (section.url().to_owned(), String::new()),
            effects: Vec::new(),
            warning: None,
            inputs: Vec::new(),
            hidden: Vec::new(),
            button: String::new(),
            danger: false,
            errors: Vec::new(),
            prove: false,
        }
    }

    /// The frame around it.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Asks for the password, unless it was typed a few minutes ago.
    pub fn asks_for_proof(&mut self, app: &App, signed: &SignedIn) {
        self.prove = !signed.has_proved(app.clock.now());
    }

    /// Puts what was typed back into its fields, and says what is wrong with some of them.
    pub fn refused(&mut self, posted: &Posted, errors: Vec<(String, String)>) {
        for input in &mut self.inputs {
            posted.get(&input.name).clone_into(&mut input.value);
            input.wrong = errors.iter().any(|(name, _)| *name == input.name);
        }
        self.errors = errors;
    }

    /// The password was not right.
    pub fn not_proved(&mut self, posted: &Posted) {
        let text = self.frame.w().proof_wrong().to_owned();
        self.refused(posted, vec![(prove::FIELD.to_owned(), text)]);
        self.prove = true;
    }

    /// Shows the page: 422 where something is to be mended.
    pub fn show(&self, request: &HttpRequest, app: &App) -> HttpResponse {
        let status = match self.errors.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        self.frame.show_as(request, app, status, self)
    }

    fn proof_is_wrong(&self) -> bool {
        self.errors.iter().any(|(name, _)| name == prove::FIELD)
    }
}
