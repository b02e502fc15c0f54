//! The frame of every page of the staff: the sections at its side, who is signed in, and what
//! the step before has done.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::gate::{SignedIn, csrf};
use super::said;
use crate::app::App;
use crate::clock::Millis;
use crate::web::assets::{Icon, icon};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::pages::failure::Failure;
use crate::web::visitor::Visitor;
use crate::web::words::{Lang, Words};
use crate::zone;

/// A part of the console; one link at the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What is to be done today.
    Home,
    /// Orders.
    Orders,
    /// Categories, products, variants.
    Products,
    /// Cards and their batches.
    Stock,
    /// What buyers ask about their orders.
    Requests,
    /// Accounts at channels.
    Accounts,
    /// Money that needs a decision.
    Cases,
    /// Mails: the queue and their texts.
    Mail,
    /// Settings of the shop.
    Settings,
    /// Who did what.
    Audit,
    /// The own password and sessions.
    Account,
}

impl Section {
    const GROUPS: [Heading; 3] = [
        (
            Words::admin_group_trade,
            &[
                Section::Home,
                Section::Orders,
                Section::Requests,
                Section::Products,
                Section::Stock,
            ],
        ),
        (
            Words::admin_group_money,
            &[Section::Accounts, Section::Cases],
        ),
        (
            Words::admin_group_system,
            &[
                Section::Mail,
                Section::Settings,
                Section::Audit,
                Section::Account,
            ],
        ),
    ];

    /// Where it stands.
    pub const fn url(self) -> &'static str {
        match self {
            Section::Home => "/admin",
            Section::Orders => "/admin/orders",
            Section::Products => "/admin/products",
            Section::Stock => "/admin/stock",
            Section::Requests => "/admin/requests",
            Section::Accounts => "/admin/accounts",
            Section::Cases => "/admin/cases",
            Section::Mail => "/admin/mail",
            Section::Settings => "/admin/settings",
            Section::Audit => "/admin/audit",
            Section::Account => "/admin/account",
        }
    }

    /// To which of them an address belongs; what belongs to none is at home.
    fn of(path: &str) -> Self {
        let sections = Self::GROUPS.iter().flat_map(|(_, sections)| *sections);
        let below = |section: &&Self| path.starts_with(section.url());
        let nearest = sections
            .filter(below)
            .max_by_key(|section| section.url().len());
        nearest.copied().unwrap_or(Section::Home)
    }

    /// What it is called.
    pub const fn name(self, words: Words) -> &'static str {
        match self {
            Section::Home => words.admin_home(),
            Section::Orders => words.admin_orders(),
            Section::Products => words.admin_products(),
            Section::Stock => words.admin_stock(),
            Section::Requests => words.admin_requests(),
            Section::Accounts => words.admin_accounts(),
            Section::Cases => words.admin_cases(),
            Section::Mail => words.admin_mail(),
            Section::Settings => words.admin_settings(),
            Section::Audit => words.admin_audit(),
            Section::Account => words.admin_account(),
        }
    }

    /// Its drawing.
    pub const fn icon(self) -> Icon {
        match self {
            Section::Home => icon::HOME,
            Section::Orders => icon::RECEIPT,
            Section::Products => icon::PACKAGE,
            Section::Stock => icon::STOCK,
            Section::Requests => icon::REQUEST,
            Section::Accounts => icon::CARD,
            Section::Cases => icon::SCALE,
            Section::Mail => icon::MAIL,
            Section::Settings => icon::SETTINGS,
            Section::Audit => icon::HISTORY,
            Section::Account => icon::PERSON,
        }
    }
}

/// A heading of the sections, and what stands under it.
type Heading = (fn(Words) -> &'static str, &'static [Section]);

/// The sections under one heading: its name, and each section with its mark if it is this one.
type Group = (&'static str, Vec<(Section, bool)>);

/// What surrounds a page of the staff. Templates name it `frame`.
pub struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// Name of the shop.
    pub shop_name: String,
    /// Title of the page.
    pub title: String,
    /// Token every form of the page sends as `csrf`.
    pub csrf: String,
    /// Who is signed in; empty before.
    pub who: String,
    /// Where the page belongs.
    pub section: Section,
    /// What the step before has done.
    pub said: Option<String>,
    /// The page in the other language.
    pub switch_url: String,
    visitor: Visitor,
}

impl Frame {
    /// The frame of a page for somebody who is signed in; `title` in its language.
    pub fn of<T: Into<String>>(
        request: &HttpRequest,
        app: &App,
        signed: &SignedIn,
        section: Section,
        title: impl FnOnce(Words) -> T,
    ) -> Self {
        let mut frame = Self::before(request, app, title);
        frame.csrf = csrf(app, &signed.session);
        frame.who.clone_from(&signed.staff.email);
        frame.section = section;
        frame.said = said::read(request, app);
        frame
    }

    /// The frame of a page before anybody is signed in.
    pub fn before<T: Into<String>>(
        request: &HttpRequest,
        app: &App,
        title: impl FnOnce(Words) -> T,
    ) -> Self {
        let visitor = Visitor::of(request, app);
        let layout = visitor.layout(&title(visitor.words()).into());
        Frame {
            lang: visitor.lang,
            shop_name: visitor.shop_name().to_owned(),
            switch_url: layout.switch_url(),
            title: layout.title,
            csrf: layout.csrf,
            who: String::new(),
            section: Section::Home,
            said: None,
            visitor,
        }
    }

    /// The texts in the page's language.
    pub const fn w(&self) -> Words {
        self.lang.words()
    }

    /// A moment, to the second, in the shop's time zone (ui.md §6).
    pub fn time(&self, at: Millis) -> Stamp {
        Stamp {
            iso: zone::iso(at),
            human: self.visitor.zone().date_time(at, true),
        }
    }

    /// Picks the text of the page's language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::En if !en.is_empty() => en,
            _ if zh.is_empty() => en,
            _ => zh,
        }
    }

    /// The sections by heading, each with its mark if the page belongs to it.
    pub fn groups(&self) -> Vec<Group> {
        let words = self.w();
        Section::GROUPS
            .iter()
            .map(|(name, sections)| {
                let sections = sections.iter().map(|one| (*one, *one == self.section));
                (name(words), sections.collect())
            })
            .collect()
    }

    /// Answers with a page in this frame.
    pub fn show(&self, request: &HttpRequest, app: &App, page: &impl Template) -> HttpResponse {
        self.show_as(request, app, StatusCode::OK, page)
    }

    /// The same with a status of its own: 422 where a form has to be mended.
    pub fn show_as(
        &self,
        request: &HttpRequest,
        app: &App,
        status: StatusCode,
        page: &impl Template,
    ) -> HttpResponse {
        match page.render() {
            Ok(html) => {
                let mut response = HttpResponse::build(status);
                response.insert_header(("cache-control", "no-store"));
                let mut response = self.visitor.page(response, html);
                if self.said.is_some() {
                    said::forget(&mut response);
                }
                response
            }
            Err(cause) => failure::internal(request, app, &cause),
        }
    }
}

/// A page that could not be shown to somebody who is signed in: the same as for a buyer, in the
/// frame of the console.
#[derive(Template)]
#[template(path = "admin/failure.html")]
struct Failed<'a> {
    frame: &'a Frame,
    failure: Failure,
    detail: Option<String>,
    retry_after: Option<u64>,
    request_id: String,
}

/// Tells staff of a failure, in their own frame.
pub fn fail(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    failure: Failure,
    (detail, retry_after): (Option<String>, Option<u64>),
) -> HttpResponse {
    let section = Section::of(request.path());
    let frame = Frame::of(request, app, signed, section, |w| failure.title(w));
    let page = Failed {
        failure,
        detail,
        retry_after,
        request_id: failure::request_id(request),
        frame: &frame,
    };
    let status = StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = frame.show_as(request, app, status, &page);
    if let Some(seconds) = retry_after {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// A page that says what happened instead of what was asked for.
#[derive(Template)]
#[template(path = "admin/refusal.html")]
struct Refusal<'a> {
    frame: &'a Frame,
    text: &'a str,
    request_id: String,
}

/// Answers with a sentence: what happened, and what to do.
pub fn refuse(
    request: &HttpRequest,
    app: &App,
    frame: &Frame,
    status: StatusCode,
    text: &str,
) -> HttpResponse {
    let request_id = failure::request_id(request);
    let page = Refusal {
        frame,
        text,
        request_id,
    };
    frame.show_as(request, app, status, &page)
}
