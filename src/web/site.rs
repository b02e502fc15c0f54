//! What the shop says as a whole: to search engines, and its own rules.

use std::fmt::Write as _;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::catalog;
use crate::clock::Millis;
use crate::web::failure;
use crate::web::pages::policy::PolicyPage;
use crate::web::visitor::Visitor;
use crate::web::words::Lang;

/// Search engines may keep it for so long.
const KEEP: &str = "public, max-age=600";

/// `GET /robots.txt`
pub async fn robots(app: web::Data<App>) -> HttpResponse {
    let text = format!(
        "User-agent: *\nDisallow: /o/\nDisallow: /orders\nDisallow: /api/\nDisallow: /callback/\n\
         Disallow: /*?q=\nDisallow: /*&q=\n\nSitemap: {}/sitemap.xml\n",
        app.base_url
    );
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, KEEP))
        .body(text)
}

/// `GET /sitemap.xml`: what is on sale, each page in both languages.
pub async fn sitemap(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let goods = match app.goods().await {
        Ok(goods) => goods,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let products: Vec<_> = goods.products.iter().map(|p| &p.product).collect();
    let mut pages = vec![("/".to_owned(), None)];
    for category in &goods.categories {
        if products.iter().any(|p| p.category_id == category.id) {
            pages.push((format!("/?category={}", category.slug), None));
        }
    }
    for product in products {
        pages.push((format!("/p/{}", product.slug), Some(product.changed_at)));
    }
    if !app.live().settings.policy.is_empty() {
        pages.push(("/policy".to_owned(), None));
    }
    HttpResponse::Ok()
        .content_type("application/xml; charset=utf-8")
        .insert_header((CACHE_CONTROL, KEEP))
        .body(xml(&app.base_url, &pages))
}

fn xml(base: &str, pages: &[(String, Option<Millis>)]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for (path, changed_at) in pages {
        let bare = escaped(&format!("{base}{path}"));
        let sign = if path.contains('?') { "&amp;" } else { "?" };
        let of = |lang: Lang| format!("{bare}{sign}lang={}", lang.tag());
        for place in [bare.clone(), of(Lang::Zh), of(Lang::En)] {
            // Writing to a string cannot fail.
            let _ = write!(out, "<url><loc>{place}</loc>");
            if let Some(at) = changed_at {
                let _ = write!(out, "<lastmod>{}</lastmod>", crate::zone::iso(*at));
            }
            for lang in [Lang::Zh, Lang::En] {
                let _ = write!(
                    out,
                    "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>",
                    lang.tag(),
                    of(lang)
                );
            }
            let _ = writeln!(
                out,
                "<xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"{bare}\"/></url>"
            );
        }
    }
    out.push_str("</urlset>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// `GET /policy`
pub async fn policy(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let visitor = Visitor::of(&request, &app);
    let settings = &visitor.settings;
    let text = visitor.pick(&settings.policy, &settings.policy_en);
    if text.is_empty() {
        return failure::not_found(&request, &app);
    }
    let title = visitor.words().policy_title();
    let page = PolicyPage {
        layout: visitor.open_layout(&app, title, "/policy"),
        policy_html: catalog::to_html(text),
    };
    failure::render(&request, &app, &visitor, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_names_each_page_in_both_languages() {
        let pages = [
            ("/".to_owned(), None),
            ("/?category=a&b".to_owned(), None),
            ("/p/x".to_owned(), Some(1_795_000_000_000)),
        ];
        let xml = xml("https://shop.example", &pages);
        assert_eq!(xml.matches("<url>").count(), 9);
        assert_eq!(xml.matches("</url>").count(), 9);
        for place in [
            "<loc>https://shop.example/</loc>",
            "<loc>https://shop.example/?lang=en</loc>",
            "<loc>https://shop.example/?category=a&amp;b&amp;lang=zh-CN</loc>",
            "<loc>https://shop.example/p/x?lang=en</loc><lastmod>2026-11-18T",
        ] {
            assert!(xml.contains(place), "{place} in {xml}");
        }
        assert!(!xml.contains("a&b"), "{xml}");
    }
}
