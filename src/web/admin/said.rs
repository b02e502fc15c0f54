//! What a step has done, told on the page that follows it: a short sentence in a signed cookie.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::cookie::is_secure;
use crate::app::App;

const NAME: &str = "vg_said";
const LONGEST: usize = 500;

/// Goes on to `to`, where `text` is told once.
pub fn done(app: &App, to: &str, text: &str) -> HttpResponse {
    let text: String = text.chars().take(LONGEST).collect();
    let mark = app.sealer.keyed_hash("said", text.as_bytes());
    let value = format!("{}.{mark}", URL_SAFE_NO_PAD.encode(&text));
    let mut cookie = cookie(value);
    cookie.set_secure(is_secure(&app.base_url));
    cookie.set_max_age(Duration::minutes(1));
    HttpResponse::SeeOther()
        .insert_header(("location", to.to_owned()))
        .insert_header(("cache-control", "no-store"))
        .cookie(cookie)
        .finish()
}

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build(NAME, value)
        .path("/admin")
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// What is to be told; nothing that we did not write.
pub(super) fn read(request: &HttpRequest, app: &App) -> Option<String> {
    let cookie = request.cookie(NAME)?;
    let (text, mark) = cookie.value().split_once('.')?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let wanted = app.sealer.keyed_hash("said", text.as_bytes());
    bool::from(wanted.as_bytes().ct_eq(mark.as_bytes())).then_some(text)
}

pub(super) fn forget(response: &mut HttpResponse) {
    let mut gone = cookie(String::new());
    gone.set_max_age(Duration::ZERO);
    if let Err(cause) = response.add_cookie(&gone) {
        tracing::error!(%cause, "a told sentence could not be forgotten");
    }
}
