//! The visitor of a page: language, CSRF token, and the frame of the page in both.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::random::Random;
use crate::settings::Settings;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::words::{Lang, Words};
use crate::zone::Zone;

const LANG: &str = "vg_lang";
const CSRF: &str = "vg_csrf";

/// Who looks at a page.
pub struct Visitor {
    /// In which language.
    pub lang: Lang,
    /// The settings of this moment.
    pub settings: Arc<Settings>,
    csrf_cookie: String,
    new_cookie: bool,
    chose_lang: bool,
    secure: bool,
    csrf: String,
    path: String,
    year: i32,
}

impl Visitor {
    /// Reads a request: `?lang=` wins, then the cookie, then Accept-Language, then Chinese.
    pub fn of(request: &HttpRequest, app: &App) -> Self {
        let chosen = query_value(request, "lang").and_then(|tag| Lang::parse(&tag));
        let kept = request
            .cookie(LANG)
            .and_then(|cookie| Lang::parse(cookie.value()));
        let asked = request
            .headers()
            .get("accept-language")
            .and_then(|value| value.to_str().ok())
            .and_then(Lang::from_accept_language);
        let found = request
            .cookie(CSRF)
            .map(|cookie| cookie.value().to_owned())
            .filter(|value| value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit()));
        let new_cookie = found.is_none();
        let csrf_cookie = found.unwrap_or_else(|| {
            let random: &dyn Random = &*app.random;
            hex::encode(random.bytes::<16>())
        });
        let settings = app.live().settings;
        Visitor {
            lang: chosen.or(kept).or(asked).unwrap_or(Lang::Zh),
            csrf: csrf_token(app, &csrf_cookie),
            csrf_cookie,
            new_cookie,
            chose_lang: chosen.is_some(),
            secure: app.base_url.starts_with("https://"),
            path: own_path(request),
            year: Zone::or_utc(&settings.time_zone).year(app.clock.now()),
            settings,
        }
    }

    /// The texts of their language.
    pub fn words(&self) -> Words {
        self.lang.words()
    }

    /// The frame of a page.
    pub fn layout(&self, title: &str) -> Layout {
        let mut layout = Layout::new(self.lang, self.shop_name(), title, &self.path);
        layout.csrf.clone_from(&self.csrf);
        layout.year = self.year.to_string();
        layout.contact_url = contact_url(&self.settings.contact);
        layout
    }

    /// The shop's name in their language.
    pub fn shop_name(&self) -> &str {
        match self.lang {
            Lang::En if !self.settings.name_en.is_empty() => &self.settings.name_en,
            _ => &self.settings.name,
        }
    }

    /// The zone times are shown in.
    pub fn zone(&self) -> Zone {
        Zone::or_utc(&self.settings.time_zone)
    }

    /// Picks the text of their language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::En if !en.is_empty() => en,
            _ => zh,
        }
    }

    /// A page, with the cookies the visitor needs.
    pub fn page(&self, mut response: HttpResponseBuilder, html: String) -> HttpResponse {
        if self.new_cookie {
            response.cookie(self.cookie(CSRF, &self.csrf_cookie, None));
        }
        if self.chose_lang {
            response.cookie(self.cookie(LANG, self.lang.tag(), Some(Duration::days(365))));
        }
        response.content_type("text/html; charset=utf-8").body(html)
    }

    fn cookie(&self, name: &str, value: &str, age: Option<Duration>) -> Cookie<'static> {
        let mut cookie = Cookie::build(name.to_owned(), value.to_owned())
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .finish();
        cookie.set_max_age(age);
        cookie
    }
}

/// Whether a form comes from one of our own pages: its token belongs to the visitor's cookie,
/// and its origin, where the browser tells it, is ours.
pub fn is_ours(request: &HttpRequest, app: &App, form: &Form) -> bool {
    let Some(cookie) = request.cookie(CSRF) else {
        return false;
    };
    let wanted = csrf_token(app, cookie.value());
    same_origin(request, app) && bool::from(wanted.as_bytes().ct_eq(form.get("csrf").as_bytes()))
}

/// Whether a request comes from one of our own pages, as far as the browser tells.
pub fn same_origin(request: &HttpRequest, app: &App) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    match header("origin") {
        // Our pages forbid referrers, so browsers send their forms with the origin `null`. Where
        // the browser says who sent it, that must be us or the person at the browser.
        None | Some(b"null") => {
            header("sec-fetch-site").is_none_or(|site| matches!(site, b"same-origin" | b"none"))
        }
        Some(told) => {
            told == app.base_url.as_bytes()
                || header("host").is_some_and(|host| told == [b"http://", host].concat())
        }
    }
}

fn csrf_token(app: &App, cookie: &str) -> String {
    app.sealer.keyed_hash("csrf", cookie.as_bytes())
}

/// Path and query of a request as a link on this host: `//elsewhere` would lead away from it.
fn own_path(request: &HttpRequest) -> String {
    let asked = request.uri().path_and_query().map_or("/", |p| p.as_str());
    format!("/{}", asked.trim_start_matches(['/', '\\']))
}

/// One value of the query, decoded; the first if it stands there twice.
pub fn query_value(request: &HttpRequest, name: &str) -> Option<String> {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn contact_url(contact: &str) -> Option<String> {
    match contact {
        "" => None,
        link if link.starts_with("https://") || link.starts_with("mailto:") => {
            Some(link.to_owned())
        }
        address if address.contains('@') => Some(format!("mailto:{address}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_link_to_the_same_page_stays_on_this_host() {
        let path = |asked: &str| own_path(&TestRequest::with_uri(asked).to_http_request());
        assert_eq!(path("/?category=software"), "/?category=software");
        assert_eq!(
            path("//elsewhere.example/x?a=1"),
            "/elsewhere.example/x?a=1"
        );
        assert_eq!(path("/"), "/");
    }
}
