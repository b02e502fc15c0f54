//! The files the shop serves, built and named by `build.rs` and embedded in the program.
//!
//! A name carries the hash of its content, so a browser may keep it for a year; the constants
//! (`SHOP_CSS`, `SHOP_JS`, …) and [`icon`] make a missing file or a misspelt icon a compile error.

use std::fmt;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One embedded file in its three forms.
#[derive(Debug)]
pub struct Asset {
    /// File name with the hash, as it follows `/static/`.
    pub name: &'static str,
    /// Value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The bytes as they are.
    pub raw: &'static [u8],
    /// The same, compressed with brotli.
    pub br: &'static [u8],
    /// The same, compressed with gzip.
    pub gz: &'static [u8],
}

/// A drawing of the sprite. It prints itself as markup that templates need not mark as safe.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Icon {
    href: &'static str,
    id: &'static str,
}

impl Icon {
    const fn new(href: &'static str, id: &'static str) -> Self {
        Self { href, id }
    }

    /// Its name in the sprite, also a class for its colour (`i-alipay`).
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.id
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { href, id } = self;
        write!(
            f,
            "<svg class=\"i i-{id}\" width=\"20\" height=\"20\" aria-hidden=\"true\"><use href=\"{href}\"/></svg>"
        )
    }
}

impl askama::filters::HtmlSafe for Icon {}

/// The file of this name (the part after `/static/`).
#[must_use]
pub fn find(file_name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == file_name)
}

/// Handler for `/static/{name}`.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some(asset) = find(&name) else {
        return HttpResponse::NotFound()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
    };
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let mut reply = HttpResponse::Ok();
    reply
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if accepts(accepted, "br") {
        reply
            .insert_header((header::CONTENT_ENCODING, "br"))
            .body(asset.br)
    } else if accepts(accepted, "gzip") {
        reply
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(asset.gz)
    } else {
        reply.body(asset.raw)
    }
}

/// Whether the header names this coding without refusing it by `q=0`.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding))
            && !parts.any(|p| {
                p.strip_prefix("q=")
                    .is_some_and(|q| q.trim_matches(['0', '.']).is_empty())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::App;
    use actix_web::test as served;

    #[test]
    fn names_carry_the_hash_and_are_found() {
        for url in [SHOP_CSS, SHOP_JS, PAY_JS, SPRITE, FAVICON] {
            let name = url.strip_prefix("/static/").unwrap();
            assert!(
                find(name).is_some_and(|a| a.br.len() < a.raw.len()),
                "{name}"
            );
        }
        assert!(find("shop.css").is_none());
        assert!(find("../assets.rs").is_none());
    }

    #[test]
    fn codings_are_read_as_the_header_means_them() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("br;q=0.0", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brotli", "br"));
    }

    #[actix_web::test]
    async fn served_with_a_year_of_caching_and_the_best_coding() {
        let app =
            served::init_service(App::new().route("/static/{name}", web::get().to(serve))).await;
        for (accept, coding) in [("gzip, br", "br"), ("gzip", "gzip"), ("identity", "")] {
            let request = served::TestRequest::get()
                .uri(SHOP_CSS)
                .insert_header(("Accept-Encoding", accept));
            let reply = served::call_service(&app, request.to_request()).await;
            let header = |name: &str| {
                reply
                    .headers()
                    .get(name)
                    .map_or("", |v| v.to_str().unwrap())
                    .to_owned()
            };
            assert_eq!(header("Content-Encoding"), coding);
            assert_eq!(header("Vary"), "Accept-Encoding");
            assert_eq!(header("X-Content-Type-Options"), "nosniff");
            assert!(header("Cache-Control").contains("immutable"));
            assert!(header("Content-Type").starts_with("text/css"));
        }
        let missing = served::TestRequest::get()
            .uri("/static/shop.css")
            .to_request();
        assert_eq!(served::call_service(&app, missing).await.status(), 404);
    }

    #[test]
    fn every_icon_of_the_sprite_is_used_somewhere() {
        let mut sources = String::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("templates"), root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    sources.push_str(&std::fs::read_to_string(path).unwrap_or_default());
                }
            }
        }
        for (name, icon) in icon::ALL {
            assert!(
                sources.contains(&format!("icon::{name}")),
                "{name} ({}) is drawn nowhere",
                icon.id()
            );
        }
    }
}
