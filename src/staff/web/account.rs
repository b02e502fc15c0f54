//! The own password and sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::agent;
use crate::app::App;
use crate::ids::SessionId;
use crate::seal::Secret;
use crate::staff::{self, shortest_password};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Frame, Posted, Section, SignedIn, cookie, done};
use crate::web::layout::Stamp;
use crate::web::words::Words;
use crate::web::{failure, hashing};

struct Open {
    id: String,
    network: String,
    /// Browser and system in words.
    device: String,
    /// What the browser says of itself.
    agent: String,
    began: Stamp,
    seen: Stamp,
    here: bool,
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    frame: Frame,
    sessions: Vec<Open>,
    shortest: usize,
    second: bool,
    old_wrong: bool,
    new_wrong: bool,
}

/// `GET /admin/account`
pub async fn account(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    show(&request, &app, &signed, false, false).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    old_wrong: bool,
    new_wrong: bool,
) -> HttpResponse {
    let id = signed.staff.id.clone();
    let found = app
        .store
        .read(move |db| staff::store::open_sessions(db, &id))
        .await;
    let (sessions, now) = match found {
        Ok(sessions) => (sessions, app.clock.now()),
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(request, app, signed, Section::Account, Words::admin_account);
    let sessions = sessions
        .into_iter()
        .filter(|session| staff::is_alive(session, &signed.staff, now))
        .map(|session| Open {
            began: frame.time(session.created_at),
            seen: frame.time(session.seen_at),
            here: session.id == signed.session.id,
            id: session.id.0,
            network: session.network,
            device: agent::called(frame.w(), &session.agent),
            agent: session.agent,
        })
        .collect();
    let page = AccountPage {
        frame,
        sessions,
        shortest: shortest_password(),
        second: signed.staff.totp.is_some(),
        old_wrong,
        new_wrong,
    };
    let status = match old_wrong || new_wrong {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/account/password`: all other sessions end.
pub async fn password(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let length = posted.get("new").chars().count();
    let new_wrong = !(shortest_password()..=hashing::LONGEST).contains(&length);
    let old = Secret::new(posted.get("old"));
    let hash = Some(signed.staff.password_hash.clone());
    match hashing::is(&hashing::STAFF, old, hash).await {
        Ok(true) if !new_wrong => {}
        Ok(right) => return show(&request, &app, &signed, !right, new_wrong).await,
        Err(error) => return failure::store(&request, &app, &error),
    }
    let new = match hashing::hash(&app, &hashing::STAFF, Secret::new(posted.get("new"))).await {
        Ok(hash) => hash,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let object = ("staff", signed.staff.id.as_str());
    let line = signed.entry(&app, "staff.new_password", object);
    let (staff, here) = (signed.staff.id.clone(), signed.session.id.clone());
    match staff::change_password(&app.store, &staff, &here, new, line, &*app.clock).await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, "/admin/account", words.password_changed())
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/account/end`: one session.
pub async fn end(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let id = SessionId(posted.get("id").to_owned());
    let line = signed.entry(&app, "staff.end_session", ("session", id.as_str()));
    match staff::end(&app.store, &signed.staff.id, &id, line, &*app.clock).await {
        Ok(true) => {
            let words = words_of(&request, &app);
            done(&app, "/admin/account", words.session_ended())
        }
        Ok(false) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/leave`: this session.
pub async fn leave(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let id = &signed.session.id;
    let line = signed.entry(&app, "staff.sign_out", ("session", id.as_str()));
    match staff::end(&app.store, &signed.staff.id, id, line, &*app.clock).await {
        Ok(_) => signed_out(&app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/account/end-all`: everywhere.
pub async fn leave_all(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
) -> HttpResponse {
    let object = ("staff", signed.staff.id.as_str());
    let line = signed.entry(&app, "staff.sign_out_everywhere", object);
    match staff::end_all(&app.store, &signed.staff.id, line, &*app.clock).await {
        Ok(_) => signed_out(&app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn signed_out(app: &App) -> HttpResponse {
    let mut response = HttpResponse::SeeOther()
        .insert_header(("location", "/admin/login"))
        .finish();
    cookie::forget(&mut response, app);
    response
}
