//! The gate before every page of the staff: who asks, and whether a form is one of ours. What
//! stands outside of the few open pages needs a session, whatever its handler does (denied by
//! default); every form needs its token and our own origin (X48).

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::cookie;
use super::frame::{self, Frame};
use super::posted::Posted;
use crate::app::App;
use crate::clock::Millis;
use crate::staff::audit::{Actor, Entry};
use crate::staff::{self, PROOF, Session, Staff};
use crate::web::pages::failure::Failure;
use crate::web::visitor::{Visitor, is_ours, same_origin};
use crate::web::words::Words;
use crate::web::{client, failure};

/// Pages that nobody needs to be signed in for.
const OPEN: &[&str] = &["/admin/login", "/admin/login/code", "/admin/link"];

/// Who of the staff asks.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub staff: Staff,
    /// In which session.
    pub session: Session,
    /// The same for the audit log.
    pub actor: Actor,
}

impl SignedIn {
    /// A line of the audit log about what they do.
    pub fn entry(&self, app: &App, action: &str, object: (&str, &str)) -> Entry {
        Entry::new(&self.actor, action, object, app.clock.now(), &*app.random)
    }

    /// The same with what changed.
    pub fn changed(
        &self,
        app: &App,
        action: &str,
        object: (&str, &str),
        before: &Value,
        after: &Value,
    ) -> Entry {
        self.entry(app, action, object).changed(before, after)
    }

    /// Whether they typed their password a few minutes ago.
    pub fn has_proved(&self, now: Millis) -> bool {
        (0..PROOF).contains(&(now - self.session.proved_at))
    }
}

/// Who acts, for the audit log.
pub fn actor(request: &HttpRequest, app: &App, email: &str) -> Actor {
    Actor {
        name: format!("staff:{email}"),
        network: client::network_of(client::address(request, &app.config)),
        request_id: failure::request_id(request),
    }
}

/// The token the forms of a session send.
pub fn csrf(app: &App, session: &Session) -> String {
    app.sealer.keyed_hash("csrf/staff", session.hash.as_bytes())
}

/// Lets staff through, with what they posted.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| ErrorInternalServerError("no shop"))?;
    let open = OPEN.contains(&request.path());
    let signed = match session_of(request.request(), &app).await {
        Ok(signed) => signed,
        Err(error) => {
            let page = failure::store(request.request(), &app, &error);
            return Ok(request.into_response(page));
        }
    };
    if signed.is_none() && !open {
        let page = ask_to_sign_in(request.request(), &app);
        return Ok(request.into_response(page));
    }
    // Before anything is refused: the refusal stands in the frame of whoever is signed in.
    if let Some(signed) = signed.clone() {
        request.extensions_mut().insert(signed);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let posted = match Posted::read(&mut request).await {
            Ok(posted) => posted,
            Err(cause) => {
                tracing::info!(%cause, "a form of the staff cannot be read");
                let page = unread(request.request(), &app, &cause);
                return Ok(request.into_response(page));
            }
        };
        if !is_of_ours(
            request.request(),
            &app,
            signed.as_ref().filter(|_| !open),
            &posted,
        ) {
            let page = failure::page(request.request(), &app, Failure::Forbidden, None);
            return Ok(request.into_response(page));
        }
        request.extensions_mut().insert(posted);
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn session_of(
    request: &HttpRequest,
    app: &App,
) -> Result<Option<SignedIn>, crate::store::StoreError> {
    let Some(token) = cookie::token(request, app).filter(|_| cookie::may_sign_in(app)) else {
        return Ok(None);
    };
    let found = staff::see(&app.store, &token, &*app.clock).await?;
    Ok(found.map(|(session, staff)| SignedIn {
        actor: actor(request, app, &staff.email),
        staff,
        session,
    }))
}

fn ask_to_sign_in(request: &HttpRequest, app: &App) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let frame = Frame::before(request, app, Words::admin_signed_out);
        let text = frame.w().admin_signed_out_hint();
        return frame::refuse(request, app, &frame, StatusCode::UNAUTHORIZED, text);
    }
    let asked = request
        .uri()
        .path_and_query()
        .map_or("/admin", |p| p.as_str());
    let next: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
    HttpResponse::SeeOther()
        .insert_header(("location", format!("/admin/login?next={next}")))
        .insert_header(("cache-control", "no-store"))
        .finish()
}

/// A body that cannot be a form.
fn unread(request: &HttpRequest, app: &App, cause: &Error) -> HttpResponse {
    let status = cause.as_response_error().status_code();
    let words = words_of(request, app);
    let text = match status {
        StatusCode::PAYLOAD_TOO_LARGE => words.admin_too_large(),
        _ => words.admin_unreadable(),
    };
    let frame = Frame::before(request, app, Words::fail_bad_request);
    frame::refuse(request, app, &frame, status, text)
}

/// The texts in the language of a request.
pub fn words_of(request: &HttpRequest, app: &App) -> Words {
    Visitor::of(request, app).words()
}

/// A form of a session sends the session's token, a form of an open page the visitor's.
fn is_of_ours(
    request: &HttpRequest,
    app: &App,
    signed: Option<&SignedIn>,
    posted: &Posted,
) -> bool {
    let Some(signed) = signed else {
        return is_ours(request, app, &posted.form);
    };
    let (wanted, sent) = (csrf(app, &signed.session), posted.get("csrf"));
    same_origin(request, app) && bool::from(wanted.as_bytes().ct_eq(sent.as_bytes()))
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed = request.extensions().get::<SignedIn>().cloned();
        ready(signed.ok_or_else(|| ErrorInternalServerError("a page before the gate")))
    }
}
