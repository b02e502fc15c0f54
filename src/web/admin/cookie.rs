//! The cookie of a signed-in browser (X50).

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::ids::ViewToken;
use crate::staff::LONGEST;

/// Browsers take a name with this prefix only over https (or from this machine), for the whole
/// host, and from nobody else.
const GUARDED: &str = "__Host-vg_staff";
const PLAIN: &str = "vg_staff";

/// Whether browsers keep secure cookies of this shop: it is reached by https, or on this machine.
pub fn is_secure(base_url: &str) -> bool {
    let Ok(url) = url::Url::parse(base_url) else {
        return false;
    };
    url.scheme() == "https"
        || match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// Whether staff may sign in at all: a password and a session that travel in the clear are
/// everybody's, unless the owner has said that they know.
pub fn may_sign_in(app: &App) -> bool {
    is_secure(&app.base_url) || app.config.allow_insecure_admin
}

fn name(app: &App) -> &'static str {
    match is_secure(&app.base_url) {
        true => GUARDED,
        false => PLAIN,
    }
}

/// The token this browser holds.
pub fn token(request: &HttpRequest, app: &App) -> Option<ViewToken> {
    request
        .cookie(name(app))
        .and_then(|cookie| ViewToken::from_client(cookie.value()))
}

fn cookie(app: &App, value: &str, age: Duration) -> Cookie<'static> {
    Cookie::build(name(app), value.to_owned())
        .path("/")
        .http_only(true)
        .secure(is_secure(&app.base_url))
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

fn add(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(cause) = response.add_cookie(cookie) {
        tracing::error!(%cause, "the cookie of the staff could not be set");
    }
}

/// Signs this browser in.
pub fn set(response: &mut HttpResponse, app: &App, token: &ViewToken) {
    let age = Duration::milliseconds(LONGEST);
    add(response, &cookie(app, token.reveal(), age));
}

/// Signs it out.
pub fn forget(response: &mut HttpResponse, app: &App) {
    add(response, &cookie(app, "", Duration::ZERO));
}

#[cfg(test)]
mod tests {
    use super::is_secure;

    #[test]
    fn plain_http_is_secure_on_this_machine_only() {
        for url in [
            "https://shop.example",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost",
        ] {
            assert!(is_secure(url), "{url}");
        }
        for url in [
            "http://shop.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "nothing",
        ] {
            assert!(!is_secure(url), "{url}");
        }
    }
}
