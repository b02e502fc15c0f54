//! Budget of a first visit, contrast, and the rule that only the token sheet names colours.

use std::collections::HashMap;

use super::{BOTH, pages};
use crate::web::assets::{self, ASSETS};

fn brotli(bytes: &[u8]) -> usize {
    use actix_web::http::header::ContentEncoding;
    let body = actix_web::rt::System::new().block_on(async {
        let reply = actix_web::HttpResponse::Ok().body(bytes.to_vec());
        let body = actix_http_body(ContentEncoding::Brotli, reply);
        actix_web::body::to_bytes(body.await).await.unwrap()
    });
    body.len()
}

/// Sends a page through the server's own compression.
async fn actix_http_body(
    coding: actix_web::http::header::ContentEncoding,
    reply: actix_web::HttpResponse,
) -> impl actix_web::body::MessageBody<Error: std::fmt::Debug> {
    use actix_web::{App, middleware::Compress, test, web};
    let bytes = actix_web::body::to_bytes(reply.into_body()).await.unwrap();
    let app = App::new().wrap(Compress::default()).route(
        "/",
        web::get().to(move || {
            let bytes = bytes.clone();
            async move {
                actix_web::HttpResponse::Ok()
                    .content_type("text/html")
                    .body(bytes)
            }
        }),
    );
    let service = test::init_service(app).await;
    let request = test::TestRequest::get()
        .uri("/")
        .insert_header(("Accept-Encoding", coding.as_str()));
    let reply = test::call_service(&service, request.to_request()).await;
    assert_eq!(reply.headers().get("Content-Encoding").unwrap(), "br");
    reply.into_body()
}

#[test]
fn a_first_visit_stays_within_twenty_kilobytes_and_six_requests() {
    let size_of = |url: &str| {
        ASSETS
            .iter()
            .find(|a| url.ends_with(a.name))
            .unwrap()
            .br
            .len()
    };
    for lang in BOTH {
        for (name, html) in pages(lang) {
            if name.contains("huge") || name.contains("bulky") {
                continue;
            }
            let mut urls = vec![assets::SHOP_CSS, assets::SPRITE, assets::FAVICON];
            urls.extend(
                [assets::SHOP_JS, assets::PAY_JS]
                    .iter()
                    .filter(|u| html.contains(**u)),
            );
            let page = brotli(html.as_bytes());
            let total = page + urls.iter().map(|u| size_of(u)).sum::<usize>();
            assert!(urls.len() < 6);
            assert!(
                total <= 20 * 1024,
                "{name}: {total} bytes, {page} of them html"
            );
        }
    }
}

type Rgb = [f64; 3];

/// The colours of one theme: those of the first block, with the second laid over it in the dark.
fn theme(dark: bool) -> HashMap<String, Rgb> {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css/tokens/10-tokens.css");
    let text = std::fs::read_to_string(path).unwrap();
    let (light, over) = text
        .split_once("@media (prefers-color-scheme: dark)")
        .unwrap();
    let light = light.split(".qr-mark").next().unwrap();
    let mut colours = HashMap::new();
    for block in if dark { vec![light, over] } else { vec![light] } {
        for line in block.split(['{', ';', '}']) {
            let Some((name, value)) = line.trim().split_once(':') else {
                continue;
            };
            let hex = value.trim().strip_prefix('#').unwrap_or("");
            if name.starts_with("--") && hex.len() == 6 {
                let channel =
                    |i: usize| f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
                colours.insert(name[2..].to_owned(), [channel(0), channel(2), channel(4)]);
            }
        }
    }
    colours
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let light = |c: Rgb| {
        let lin = c.map(|v| {
            if v <= 0.040_45 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]
    };
    let (x, y) = (light(a), light(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

#[test]
fn text_and_marks_have_contrast_in_both_themes() {
    let grounds = ["bg", "surface", "sunken"];
    let tones = ["ok", "warn", "bad", "info", "hold", "mute"];
    for dark in [false, true] {
        let colours = theme(dark);
        let ratio = |a: &str, b: &str| contrast(colours[a], colours[b]);
        let need = |a: &str, b: &str, least: f64| {
            let got = ratio(a, b);
            assert!(
                got >= least,
                "dark={dark}: {a} on {b} is {got:.2}, needs {least}"
            );
        };
        for ground in grounds {
            for text in [
                "ink",
                "ink-2",
                "ink-3",
                "brand-ink",
                "ok",
                "warn",
                "bad",
                "info",
                "hold",
                "mute",
            ] {
                need(text, ground, 4.5);
            }
            for edge in ["brand", "field"] {
                need(edge, ground, 3.0);
            }
        }
        for tone in tones {
            need(tone, &format!("{tone}-soft"), 4.5);
            need(&format!("{tone}-mark"), "surface", 3.0);
        }
        for soft in ["brand-soft", "bad-soft"] {
            need("ink", soft, 4.5);
            need("ink-2", soft, 4.5);
        }
        need("brand-on", "brand", 4.5);
        need("brand-on", "brand-hover", 4.5);
        need("brand-ink", "brand-soft", 4.5);
        for mark in ["m-alipay", "m-wechat", "m-tether", "m-paypal"] {
            need(mark, "surface", 3.0);
            need(mark, "brand-soft", 3.0);
        }
    }
}

#[test]
fn only_the_token_sheet_names_colours() {
    let styles = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css");
    for folder in ["shop", "admin"] {
        for entry in std::fs::read_dir(styles.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                // `#fff`, but not the name of an element, `#copy-all`.
                let is_colour = |rest: &str| {
                    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
                    let name = rest.split(part).next().unwrap();
                    [3, 4, 6, 8].contains(&name.len())
                        && name.bytes().all(|b| b.is_ascii_hexdigit())
                };
                let literal = line.contains("rgb")
                    || line
                        .match_indices('#')
                        .any(|(i, _)| is_colour(&line[i + 1..]));
                // Codes and print are black on white in both themes.
                assert!(
                    !literal || line.contains("#fff"),
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }
    let tokens = std::fs::read_to_string(styles.join("tokens/10-tokens.css")).unwrap();
    assert!(theme(false).len() > 30 && tokens.contains("--ink:"));
}
