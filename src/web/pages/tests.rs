//! What holds for every page: no inline code, escaped text, labels, contrast, budget.

use std::collections::HashMap;

use super::samples::{self, pages};
use crate::web::assets::ASSETS;
use crate::web::words::Lang;

mod look;

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

fn every(mut check: impl FnMut(&str, &str)) {
    for lang in BOTH {
        for (name, html) in pages(lang) {
            check(&format!("{name} {}", lang.tag()), &html);
        }
    }
}

/// Start tags of a page, without the `<` and `>`; quoted values may hold a `>`.
fn tags(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        found.push(&rest[..end.unwrap()]);
    }
    found
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[from..].split('"').next()
}

#[test]
fn nothing_is_inline_and_nothing_hostile_gets_through() {
    every(|name, html| {
        assert!(
            !html.contains("<style") && !html.contains("alert(1)</script>"),
            "{name}"
        );
        for tag in tags(html) {
            if tag.starts_with("script") {
                assert!(tag.contains(" src=\"/static/"), "{name}: {tag}");
            }
            // Attribute names are what stands outside of quotes.
            let bare: String = tag.split('"').step_by(2).collect::<Vec<_>>().join("");
            assert!(
                !bare.contains(" style=") && !bare.contains(" on"),
                "{name}: {tag}"
            );
            for link in ["src", "href", "action", "data-events"] {
                let target = attribute(tag, link).unwrap_or("/");
                assert!(
                    !target.starts_with("data:") && !target.starts_with("javascript:"),
                    "{name}: {tag}"
                );
            }
            if tag.starts_with("form") {
                assert!(
                    attribute(tag, "action").is_some_and(|a| a.starts_with('/')),
                    "{name}: {tag}"
                );
            }
        }
    });
}

#[test]
fn only_the_description_and_our_own_markup_skip_escaping() {
    let mut safe = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for folder in [root.clone(), root.join("parts")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            safe.extend(
                text.lines()
                    .filter(|l| l.contains("|safe") || l.contains("| safe"))
                    .map(str::to_owned),
            );
        }
    }
    safe.sort();
    assert_eq!(safe.len(), 2, "{safe:?}");
    assert!(safe[0].contains("{{ description_html|safe }}"));
    assert!(safe[1].contains("{{ policy_html|safe }}"));
}

#[test]
fn pages_have_one_heading_landmarks_language_and_labels() {
    every(|name, html| {
        let count = |what: &str| html.matches(what).count();
        assert_eq!(count("<h1"), 1, "{name}");
        assert_eq!(count("<main"), 1, "{name}");
        assert!(
            count("<header") == 1 && count("<footer") == 1 && count("class=\"skip\"") == 1,
            "{name}"
        );
        let lang = if name.ends_with("zh-CN") {
            "zh-CN"
        } else {
            "en"
        };
        assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{name}");
        let mut ids = HashMap::new();
        for tag in tags(html) {
            if let Some(id) = attribute(tag, "id") {
                assert!(
                    ids.insert(id.to_owned(), ()).is_none(),
                    "{name}: id {id} twice"
                );
            }
        }
        for tag in tags(html) {
            for reference in ["for", "aria-describedby", "aria-labelledby"] {
                for id in attribute(tag, reference)
                    .unwrap_or_default()
                    .split_whitespace()
                {
                    assert!(
                        ids.contains_key(id),
                        "{name}: {reference} {id} leads nowhere"
                    );
                }
            }
            if tag.starts_with("a ")
                && let Some(id) = attribute(tag, "href").and_then(|h| h.strip_prefix('#'))
            {
                assert!(ids.contains_key(id), "{name}: #{id} leads nowhere");
            }
            let is_field = (tag.starts_with("input") && !tag.contains("type=\"hidden\""))
                || tag.starts_with("select")
                || tag.starts_with("textarea");
            if is_field && !tag.contains("type=\"radio\"") {
                let id = attribute(tag, "id").unwrap_or_else(|| panic!("{name}: {tag}"));
                assert!(
                    html.contains(&format!("<label for=\"{id}\""))
                        || html.contains(&format!("for=\"{id}\">")),
                    "{name}: {id}"
                );
            }
        }
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(
                !form.contains("method=\"post\"") || form.contains("name=\"csrf\""),
                "{name}"
            );
        }
    });
}

#[test]
fn orders_are_never_indexed_and_the_catalogue_is() {
    every(|name, html| {
        let hidden = html.contains("content=\"noindex\"");
        let shown = ["home", "product", "policy"]
            .iter()
            .any(|page| name.starts_with(page));
        assert_eq!(hidden, !shown, "{name}");
    });
}

#[test]
fn goods_beyond_a_page_stand_on_the_next() {
    use super::home::{PER_PAGE, Place};
    use askama::Template as _;
    let mut shop = samples::home(Lang::En);
    let all = 2 * PER_PAGE + 1;
    let mut before = 0;
    let mut next = Some("/?q=a%20b&lang=en".to_owned());
    while let Some(path) = next {
        let asked = path.split_once("page=").map(|(_, number)| number);
        shop.place = Place::of(asked, all);
        assert_eq!(shop.place.before(), before);
        before += PER_PAGE;
        shop.layout.path = path;
        let html = shop.render().unwrap();
        let link = |rel: &str| {
            let (before, _) = html.split_once(&format!("\" rel=\"{rel}\""))?;
            Some(before.rsplit('"').next()?.replace("&#38;", "&"))
        };
        match shop.place.page {
            1 => assert_eq!(link("prev"), None),
            2 => assert_eq!(link("prev").as_deref(), Some("/?q=a%20b")),
            _ => assert_eq!(link("prev").as_deref(), Some("/?q=a%20b&page=2")),
        }
        next = link("next");
    }
    assert_eq!(before, 3 * PER_PAGE);
    let page = |asked| Place::of(asked, all).page;
    for odd in ["0", "-1", "99999999999999999999", "<b>", ""] {
        assert_eq!(page(Some(odd)), 1, "{odd}");
    }
    assert_eq!((page(None), page(Some("2")), page(Some("9"))), (1, 2, 3));
    shop.place = Place::of(Some("7"), PER_PAGE);
    assert!(!shop.render().unwrap().contains("class=\"pages\""));
}

#[test]
fn the_heading_says_what_is_looked_at() {
    use askama::Template as _;
    let heading = |html: String| {
        html.split("<h1>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut shop = samples::home(Lang::Zh);
    shop.layout.title.clear();
    assert_eq!(heading(shop.render().unwrap()), "云栈数码");
    shop.query = "<pro>".to_owned();
    let html = shop.render().unwrap();
    assert!(
        html.contains("<title>搜索「&#60;pro&#62;」 · 云栈数码</title>"),
        "{html}"
    );
    assert_eq!(heading(html), "搜索「&#60;pro&#62;」");
    shop.query.clear();
    shop.category = Some("gift-cards".to_owned());
    shop.layout.title = "礼品卡".to_owned();
    assert_eq!(heading(shop.render().unwrap()), "礼品卡");
}

#[test]
fn who_may_have_one_is_not_asked_how_many() {
    use askama::Template as _;
    let mut page = samples::product(Lang::En);
    page.buy.quantity.min = 1;
    assert!(page.render().unwrap().contains("type=\"number\""));
    page.buy.variants.iter_mut().for_each(|v| v.max = 1);
    let html = page.render().unwrap();
    assert!(
        html.contains("<input type=\"hidden\" id=\"quantity\" name=\"quantity\" value=\"1\""),
        "{html}"
    );
    assert!(!html.contains("type=\"number\""));
    // What is wrong with it can be put right.
    page.buy.quantity.error = Some("Enter a quantity from 1 to 1".to_owned());
    assert!(page.render().unwrap().contains("type=\"number\""));
}

#[test]
fn the_button_names_method_and_amount() {
    use askama::Template as _;
    let button = |html: &str| {
        html.split("id=\"pay\">")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        button(&samples::product(Lang::Zh).render().unwrap()),
        "用支付宝支付 ¥29.90"
    );
    assert_eq!(
        button(&samples::product(Lang::En).render().unwrap()),
        "Pay ¥29.90 with Alipay"
    );
    let mut free = samples::product(Lang::En);
    free.buy.total = None;
    assert_eq!(button(&free.render().unwrap()), "Get it free");
}

#[test]
fn a_waiting_page_without_scripts_reloads_itself() {
    every(|name, html| {
        let head = html.split("</head>").next().unwrap();
        let refreshes =
            head.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
        let waits = name.starts_with("cashier") || name.starts_with("result-paid");
        assert_eq!(refreshes, waits, "{name}");
    });
}

#[test]
fn english_pages_hold_no_chinese_but_the_switch_and_data() {
    use askama::Template as _;
    let html = samples::product_with_errors(Lang::En).render().unwrap();
    let chinese: String = html
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .collect();
    assert_eq!(chinese, "中文");
}

/// Writes all pages and files below `PAGES_DIR`, to be looked at: `cargo test --lib -- --ignored write_pages`.
#[test]
#[ignore = "writes files to look at"]
fn write_pages() {
    let Some(folder) = std::env::var_os("PAGES_DIR").map(std::path::PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(folder.join("static")).unwrap();
    for asset in ASSETS {
        std::fs::write(folder.join("static").join(asset.name), asset.raw).unwrap();
    }
    for lang in BOTH {
        for (name, html) in pages(lang) {
            std::fs::write(folder.join(format!("{name}.{}.html", lang.tag())), html).unwrap();
        }
    }
}
