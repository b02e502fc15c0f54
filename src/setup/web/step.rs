//! The list of the steps, and what every step's page has around its form.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::apply::{self, ApplyError, Tools, Wishes};
use crate::setup::Progress;
pub(super) use crate::setup::Step;
use crate::store::StoreError;
use crate::web::admin::inputs::{Input, Inputs, Kind, Section as Part, Wrong};
use crate::web::admin::{Frame, Section, SignedIn, prove};
use crate::web::failure;
use crate::web::words::Words;

impl Step {
    /// Where its page is.
    pub const fn url(self) -> &'static str {
        match self {
            Step::Shop => "/admin/setup/shop",
            Step::Channel => "/admin/setup/channel",
            Step::Mail => "/admin/setup/mail",
            Step::Product => "/admin/setup/product",
            Step::Finish => "/admin/setup/finish",
        }
    }

    /// Where the next one is.
    pub(super) fn next(self) -> &'static str {
        let at = Step::ALL.iter().position(|step| *step == self);
        let next = at.and_then(|at| Step::ALL.get(at + 1));
        next.map_or("/admin/setup", |step| step.url())
    }

    /// What it is called.
    pub const fn title(self, words: Words) -> &'static str {
        match self {
            Step::Shop => words.setup_shop(),
            Step::Channel => words.setup_channel(),
            Step::Mail => words.setup_mail(),
            Step::Product => words.setup_product(),
            Step::Finish => words.setup_finish(),
        }
    }

    const fn lead(self, words: Words) -> &'static str {
        match self {
            Step::Shop => words.setup_shop_lead(),
            Step::Channel => words.setup_channel_lead(),
            Step::Mail => words.setup_mail_lead(),
            Step::Product => words.setup_product_lead(),
            Step::Finish => words.setup_finish_lead(),
        }
    }
}

struct Line {
    url: &'static str,
    title: &'static str,
    lead: &'static str,
    done: bool,
    now: bool,
}

#[derive(Template)]
#[template(path = "admin/setup/overview.html")]
struct OverviewPage {
    frame: Frame,
    lines: Vec<Line>,
    done: bool,
}

/// `GET /admin/setup`: what is done, and what comes next.
pub async fn overview(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let progress = match app.store.read(Progress::read).await {
        Ok(progress) => progress,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let frame = Frame::of(&request, &app, &signed, Section::Home, Words::setup_title);
    let words = frame.w();
    let next = Step::ALL.iter().find(|step| !step.is_done(progress));
    let page = OverviewPage {
        lines: Step::ALL
            .iter()
            .map(|step| Line {
                url: step.url(),
                title: step.title(words),
                lead: step.lead(words),
                done: step.is_done(progress),
                now: next == Some(step),
            })
            .collect(),
        done: progress.is_done(),
        frame,
    };
    page.frame.show(&request, &app, &page)
}

/// A step's page.
#[derive(Template)]
#[template(path = "admin/setup/step.html")]
struct StepPage {
    frame: Frame,
    at: usize,
    steps: usize,
    lead: &'static str,
    action: String,
    next: &'static str,
    /// Other ways to fill the step in: address, name, whether it is this one.
    tabs: Vec<(String, String, bool)>,
    sections: Vec<Part>,
    wrong: Vec<Wrong>,
    /// Something the step knows already.
    note: Option<String>,
    /// A second button: its value of `do`, and its words.
    also: Option<(&'static str, &'static str)>,
}

/// What differs between the steps' pages.
#[derive(Default)]
pub(super) struct Form {
    pub(super) sections: Vec<Part>,
    pub(super) wrong: Vec<Wrong>,
    pub(super) tabs: Vec<(String, String, bool)>,
    pub(super) query: String,
    pub(super) note: Option<String>,
    pub(super) also: Option<(&'static str, &'static str)>,
}

/// Answers with the page of a step; 422 if something is wrong.
pub(super) fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    step: Step,
    form: Form,
) -> HttpResponse {
    let frame = Frame::of(request, app, signed, Section::Home, |words| {
        step.title(words)
    });
    let at = Step::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let page = StepPage {
        at: at + 1,
        steps: Step::ALL.len(),
        lead: step.lead(frame.w()),
        action: format!("{}{}", step.url(), form.query),
        next: step.next(),
        tabs: form.tabs,
        sections: form.sections,
        wrong: form.wrong,
        note: form.note,
        also: form.also,
        frame,
    };
    let status = match page.wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page.frame.show_as(request, app, status, &page)
}

/// The password again, where it was not typed a moment ago.
pub(super) fn proof(words: Words, app: &App, signed: &SignedIn, inputs: &Inputs<'_>) -> Vec<Input> {
    let asked = !signed.has_proved(app.clock.now());
    let field = || {
        inputs
            .of(Kind::Secret, prove::FIELD, words.proof_label())
            .hint(words.proof_hint())
    };
    asked.then(field).into_iter().collect()
}

/// Why a step changed nothing.
pub(super) enum Refused {
    /// What is wrong, by the key of a file.
    Wrong(Vec<(String, String)>),
    /// The database.
    Store(StoreError),
}

/// Changes the configuration as a file would, with its line in the audit log.
pub(super) async fn configure(
    app: &App,
    signed: &SignedIn,
    wishes: &Wishes,
    (action, object): (&str, (&str, &str)),
    moved: &str,
) -> Result<(), Refused> {
    let tools = Tools {
        store: &app.store,
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    };
    let refused = |error: ApplyError| match error {
        ApplyError::Store(error) => Refused::Store(error),
        ApplyError::Moved => Refused::Wrong(vec![(String::new(), moved.to_owned())]),
        ApplyError::Problems(problems) => Refused::Wrong(
            problems
                .into_iter()
                .map(|problem| (problem.key, problem.reason))
                .collect(),
        ),
    };
    let change = apply::consider(tools, wishes, |_| true)
        .await
        .map_err(refused)?;
    if change.touches() {
        let (before, after) = change.told();
        let line = signed.changed(app, action, object, &before, &after);
        let also = move |db: &mut crate::store::Db| line.write(db);
        change.make(&app.store, also).await.map_err(refused)?;
        app.follow_configuration().await.map_err(Refused::Store)?;
    }
    Ok(())
}
