//! Signing in: an address and a password, one answer for everything that is wrong with them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::ids::StaffId;
use crate::seal::Secret;
use crate::staff::{self, SignIn, Staff, StaffState};
use crate::store::StoreError;
use crate::web::admin::frame::{Frame, refuse};
use crate::web::admin::{Posted, cookie, gate};
use crate::web::visitor::query_value;
use crate::web::words::Words;
use crate::web::{client, failure, hashing};

#[derive(Template)]
#[template(path = "admin/login.html")]
struct LoginPage {
    frame: Frame,
    email: String,
    next: String,
    /// Address and password do not belong together, whatever is wrong with them.
    missed: bool,
    /// Nobody can sign in yet: the first of the staff comes by a link.
    nobody: bool,
}

/// `GET /admin/login`
pub async fn login(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if let Some(refusal) = in_the_clear(&request, &app) {
        return refusal;
    }
    let next = query_value(&request, "next").unwrap_or_default();
    show(&request, &app, String::new(), safe(&next), false).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    email: String,
    next: String,
    missed: bool,
) -> HttpResponse {
    let nobody = match app.store.read(staff::store::is_anybody).await {
        Ok(anybody) => !anybody,
        Err(error) => return failure::store(request, app, &error),
    };
    let page = LoginPage {
        frame: Frame::before(request, app, Words::login_title),
        email,
        next,
        missed,
        nobody,
    };
    let status = match missed {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// Passwords do not travel in the clear, unless the owner has said that they may.
pub(super) fn in_the_clear(request: &HttpRequest, app: &App) -> Option<HttpResponse> {
    if cookie::may_sign_in(app) {
        return None;
    }
    let frame = Frame::before(request, app, Words::login_title);
    let text = frame.w().login_in_the_clear();
    Some(refuse(request, app, &frame, StatusCode::FORBIDDEN, text))
}

/// A place of the console to go on to; nothing else, however it is written (X54).
pub(super) fn safe(next: &str) -> String {
    let plain = next
        .bytes()
        .all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'"');
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let inside = path == "/admin" || path.starts_with("/admin/");
    let steps = path.split('/').any(|step| step == "." || step == "..");
    match plain && inside && !steps && !path.contains("//") {
        true => next.to_owned(),
        false => "/admin".to_owned(),
    }
}

/// `POST /admin/login`. Who is unknown, switched off or typed another password gets the same
/// page after the same work (X52).
pub async fn sign_in(request: HttpRequest, app: web::Data<App>, posted: Posted) -> HttpResponse {
    if let Some(refusal) = in_the_clear(&request, &app) {
        return refusal;
    }
    let email = posted.get("email").trim().to_ascii_lowercase();
    let next = safe(posted.get("next"));
    let network = client::network(&request, &app.config);
    if let Err(wait) = app.limits.login(&network, &email).await {
        return failure::too_many(&request, &app, wait);
    }
    match check(&app, &email, Secret::new(posted.get("password"))).await {
        Ok(Some(staff)) if staff.totp.is_some() => {
            let (now, random) = (app.clock.now(), &*app.random);
            let pending = staff::totp::pending(&app.sealer, &staff, now, random);
            ask_code(&request, &app, pending, next, false)
        }
        Ok(Some(staff)) => enter(&request, &app, staff, &next).await,
        Ok(None) => {
            failed(&request);
            show(&request, &app, email, next, true).await
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn failed(request: &HttpRequest) {
    metrics::counter!("vendgate_staff_log_ins_failed_total").increment(1);
    let request = failure::request_id(request);
    tracing::warn!(request, "a log-in of the staff failed");
}

#[derive(Template)]
#[template(path = "admin/code.html")]
struct CodePage {
    frame: Frame,
    pending: String,
    next: String,
    missed: bool,
}

fn ask_code(
    request: &HttpRequest,
    app: &App,
    pending: String,
    next: String,
    missed: bool,
) -> HttpResponse {
    let page = CodePage {
        frame: Frame::before(request, app, Words::code_title),
        pending,
        next,
        missed,
    };
    let status = match missed {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/login/code`: the second factor of whoever's password was right a moment ago.
pub async fn code(request: HttpRequest, app: web::Data<App>, posted: Posted) -> HttpResponse {
    if let Some(refusal) = in_the_clear(&request, &app) {
        return refusal;
    }
    let (pending, next) = (posted.get("pending").to_owned(), safe(posted.get("next")));
    let Some(id) = staff::totp::who(&app.sealer, &pending, app.clock.now()) else {
        return show(&request, &app, String::new(), next, true).await;
    };
    // A code counts as a try at its account, like the password before it.
    let network = client::network(&request, &app.config);
    if let Err(wait) = app.limits.login(&network, id.as_str()).await {
        return failure::too_many(&request, &app, wait);
    }
    let typed = posted.get("code");
    match accepted(&app, id, typed).await {
        Ok(Some(staff)) => enter(&request, &app, staff, &next).await,
        Ok(None) => {
            failed(&request);
            ask_code(&request, &app, pending, next, true)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

async fn accepted(app: &App, id: StaffId, code: &str) -> Result<Option<Staff>, StoreError> {
    let found = app
        .store
        .read(move |db| staff::store::by_id(db, &id))
        .await?;
    let Some(found) = found.filter(|staff| staff.state == StaffState::On) else {
        return Ok(None);
    };
    let right = staff::totp::accept(&app.store, &app.sealer, &found, code, &*app.clock).await?;
    Ok(right.then_some(found))
}

async fn check(app: &App, email: &str, password: Secret) -> Result<Option<Staff>, StoreError> {
    let wanted = email.to_owned();
    let found = app
        .store
        .read(move |db| staff::store::by_email(db, &wanted))
        .await?;
    let found = found.filter(|staff| staff.state == StaffState::On);
    let hash = found.as_ref().map(|staff| staff.password_hash.clone());
    let right = hashing::is(&hashing::STAFF, password, hash).await?;
    Ok(found.filter(|_| right))
}

/// Begins a session in this browser, under a new token (X49).
pub(super) async fn enter(
    request: &HttpRequest,
    app: &App,
    staff: Staff,
    next: &str,
) -> HttpResponse {
    let actor = gate::actor(request, app, &staff.email);
    let agent = request.headers().get("user-agent");
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let who = SignIn {
        network: actor.network.clone(),
        agent: agent.unwrap_or_default().to_owned(),
        before: cookie::token(request, app),
        staff,
    };
    let network = who.network.clone();
    let names = [who.staff.email.clone(), who.staff.id.0.clone()];
    let begun = staff::sign_in(&app.store, who, &actor, &*app.clock, &*app.random).await;
    match begun {
        Ok(token) => {
            for name in &names {
                app.limits.logged_in(&network, name);
            }
            let mut response = HttpResponse::SeeOther()
                .insert_header(("location", next.to_owned()))
                .finish();
            cookie::set(&mut response, app, &token);
            response
        }
        Err(error) => failure::store(request, app, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    /// X54
    #[test]
    fn a_log_in_leads_into_the_console_and_nowhere_else() {
        for good in ["/admin", "/admin/orders?state=paid&q=a%20b", "/admin/o/x#y"] {
            assert_eq!(safe(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/admin//evil.example",
            "/admin/../p/x",
            "/admin/./x",
            "/administrator",
            "/admin\\@evil.example",
            "/admin/\r\nset-cookie: a=b",
            " /admin",
            "/orders",
        ] {
            assert_eq!(safe(bad), "/admin", "{bad:?}");
        }
    }
}
