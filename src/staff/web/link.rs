//! One-time links: becoming the first of the staff, or choosing a new password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::login::{enter as begin, in_the_clear};
use crate::app::App;
use crate::ids::ViewToken;
use crate::seal::Secret;
use crate::staff::{self, Enter, Error, LinkFor, shortest_password};
use crate::web::admin::frame::Frame;
use crate::web::admin::{Posted, gate};
use crate::web::visitor::query_value;
use crate::web::words::Words;
use crate::web::{checkout, failure, hashing};

#[derive(Template)]
#[template(path = "admin/link.html")]
struct LinkPage {
    frame: Frame,
    token: String,
    /// Whose password is chosen; empty for the first of the staff, who chooses an address too.
    of: String,
    email: String,
    email_error: bool,
    password_error: bool,
    shortest: usize,
}

/// `GET /admin/link?token=…`; a link that was used or is too old is a page that is not there.
pub async fn link(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if let Some(refusal) = in_the_clear(&request, &app) {
        return refusal;
    }
    let token = query_value(&request, "token");
    let Some(token) = token.and_then(|text| ViewToken::from_client(&text)) else {
        return failure::not_found(&request, &app);
    };
    match staff::look(&app.store, &token, &*app.clock).await {
        Ok(Some(end)) => show(&request, &app, &token, &end, Typed::default()),
        Ok(None) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

#[derive(Default)]
struct Typed {
    email: String,
    email_error: bool,
    password_error: bool,
}

fn show(
    request: &HttpRequest,
    app: &App,
    token: &ViewToken,
    end: &LinkFor,
    typed: Typed,
) -> HttpResponse {
    let (title, of): (fn(Words) -> &'static str, _) = match end {
        LinkFor::First => (Words::first_title, String::new()),
        LinkFor::Reset(staff) => (Words::reset_title, staff.email.clone()),
    };
    let status = match typed.email_error || typed.password_error {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let page = LinkPage {
        frame: Frame::before(request, app, title),
        token: token.reveal().to_owned(),
        of,
        email: typed.email,
        email_error: typed.email_error,
        password_error: typed.password_error,
        shortest: shortest_password(),
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/link`
pub async fn enter(request: HttpRequest, app: web::Data<App>, posted: Posted) -> HttpResponse {
    if let Some(refusal) = in_the_clear(&request, &app) {
        return refusal;
    }
    let Some(token) = ViewToken::from_client(posted.get("token")) else {
        return failure::not_found(&request, &app);
    };
    let end = match staff::look(&app.store, &token, &*app.clock).await {
        Ok(Some(end)) => end,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let email = posted.get("email").trim().to_ascii_lowercase();
    let length = posted.get("password").chars().count();
    let typed = Typed {
        email_error: end == LinkFor::First && checkout::check_email(&email).is_err(),
        password_error: !(shortest_password()..=hashing::LONGEST).contains(&length),
        email: email.clone(),
    };
    if typed.email_error || typed.password_error {
        return show(&request, &app, &token, &end, typed);
    }
    let password = Secret::new(posted.get("password"));
    let password_hash = match hashing::hash(&app, &hashing::STAFF, password).await {
        Ok(hash) => hash,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let named = match &end {
        LinkFor::First => email.clone(),
        LinkFor::Reset(staff) => staff.email.clone(),
    };
    let actor = gate::actor(&request, &app, &named);
    let typed = Enter {
        token,
        email,
        password_hash,
    };
    match staff::enter(&app.store, typed, &actor, &*app.clock, &*app.random).await {
        Ok(staff) => begin(&request, &app, staff, "/admin").await,
        Err(Error::Store(error)) => failure::store(&request, &app, &error),
        // Somebody else used it a moment before.
        Err(_) => failure::not_found(&request, &app),
    }
}
