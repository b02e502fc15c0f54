//! The visitor of a page: language, CSRF token, and the frame of the page in both.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::clock::Millis;
use crate::random::Random;
use crate::settings::Settings;
use crate::web::form::Form;
use crate::web::layout::{Layout, Stamp};
use crate::web::theme;
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
    /// The language of a request: `?lang=` wins, then the cookie, then Accept-Language, then
    /// Chinese.
    pub fn lang_of(request: &HttpRequest) -> Lang {
        let kept = || {
            let cookie = request.cookie(LANG)?;
            Lang::parse(cookie.value())
        };
        let asked = || {
            let header = request.headers().get("accept-language")?;
            Lang::from_accept_language(header.to_str().ok()?)
        };
        chosen(request)
            .or_else(kept)
            .or_else(asked)
            .unwrap_or(Lang::Zh)
    }

    /// Reads a request.
    pub fn of(request: &HttpRequest, app: &App) -> Self {
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
            lang: Visitor::lang_of(request),
            csrf: csrf_token(app, &csrf_cookie),
            csrf_cookie,
            new_cookie,
            chose_lang: chosen(request).is_some(),
            secure: app.base_url.starts_with("https://"),
            path: own_path(request),
            year: Zone::or_utc(&settings.time_zone).year(app.clock.now()),
            settings,
        }
    }

    /// Path and query of what they look at, as a link on this host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The token of their forms.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Anybody who looks at the same page in the same way, with this in the place of a token.
    pub fn unnamed(&self, csrf: &str) -> Visitor {
        Visitor {
            lang: self.lang,
            settings: Arc::clone(&self.settings),
            csrf_cookie: String::new(),
            new_cookie: false,
            chose_lang: self.chose_lang,
            secure: self.secure,
            csrf: csrf.to_owned(),
            path: self.path.clone(),
            year: self.year,
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
        dress(&mut layout, &self.settings);
        layout
    }

    /// The frame of a page that search engines may keep: `path` on this host is the same page
    /// whatever else stands in the address; each language has an address of its own.
    pub fn open_layout(&self, app: &App, title: &str, path: &str) -> Layout {
        let mut layout = self.layout(title);
        let bare = format!("{}{path}", app.base_url);
        let with = |lang: Lang| {
            let sign = if path.contains('?') { '&' } else { '?' };
            format!("{bare}{sign}lang={}", lang.tag())
        };
        layout.no_index = false;
        layout.canonical = Some(if self.chose_lang {
            with(self.lang)
        } else {
            bare.clone()
        });
        layout.alternates = vec![
            (Lang::Zh.tag(), with(Lang::Zh)),
            (Lang::En.tag(), with(Lang::En)),
            ("x-default", bare.clone()),
        ];
        layout
    }

    /// The shop's name in their language.
    pub fn shop_name(&self) -> &str {
        shop_name(&self.settings, self.lang)
    }

    /// The zone times are shown in.
    pub fn zone(&self) -> Zone {
        Zone::or_utc(&self.settings.time_zone)
    }

    /// A moment as they read it.
    pub fn stamp(&self, at: Millis) -> Stamp {
        Stamp {
            iso: crate::zone::iso(at),
            human: self.zone().date_time(at, self.lang == Lang::Zh),
        }
    }

    /// Picks the text of their language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        pick(self.lang, zh, en)
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

/// The language somebody has chosen by its link.
fn chosen(request: &HttpRequest) -> Option<Lang> {
    query_value(request, "lang").and_then(|tag| Lang::parse(&tag))
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

/// The shop's name in a language.
pub fn shop_name(settings: &Settings, lang: Lang) -> &str {
    pick(lang, &settings.name, &settings.name_en)
}

fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::En if !en.is_empty() => en,
        _ => zh,
    }
}

/// What the seller says on every page, in the language of its frame, and in which colour.
pub fn dress(layout: &mut Layout, settings: &Settings) {
    let own = |zh: &str, en: &str| {
        let text = pick(layout.lang, zh, en);
        (!text.is_empty()).then(|| text.to_owned())
    };
    layout.announcement = own(&settings.announcement, &settings.announcement_en);
    layout.footer_note = own(&settings.footer_note, &settings.footer_note_en);
    let policy = own(&settings.policy, &settings.policy_en);
    layout.policy_url = policy.map(|_| "/policy".to_owned());
    layout.contact_url = contact_url(&settings.contact);
    layout.theme_url = theme::sheet(&settings.brand_colour).map(|sheet| sheet.url());
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
