//! B01 and the seller's own: what search engines are told, in which colour the shop stands, and
//! what its owner says on every page.

use crate::attacks::ground::{BUYER, buy, stock_up};
use crate::attacks::pages::harmless;
use crate::attacks::person::Person;
use crate::harness::{Reply, TestShop, eventually, on_both_engines};
use regex::Regex;
use std::time::Duration;

/// One value of a tag of the head.
fn head(html: &str, pattern: &str) -> Option<String> {
    let found = Regex::new(pattern).expect("a pattern").captures(html)?;
    Some(found[1].to_owned())
}

fn canonical(html: &str) -> Option<String> {
    head(html, "<link rel=\"canonical\" href=\"([^\"]+)\"")
}

fn hidden(html: &str) -> bool {
    html.contains("<meta name=\"robots\" content=\"noindex\">")
}

on_both_engines!(
    /// B01: each page of the catalogue has a title, a description, one address for each language
    /// that names the others, and a product says what it is and costs; searches, orders and
    /// failures are nobody's to keep. The sitemap names what is on sale, and every address in it
    /// is a page that names itself.
    search_engines_find_the_catalogue_and_nothing_else,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let base = shop.url();
        shop.apply("[[product]]\nslug = \"editor\"\nsummary = { zh = \"一年\", en = \"A year\" }\n").await;
        let told = || async { shop.http().get("/p/editor").await.text().contains("一年") };
        eventually(Duration::from_secs(10), told).await;
        for (path, lang, title, says) in [
            ("/", "zh", "测试店", "测试店：付款后自动发货的数字商品"),
            ("/?lang=en", "en", "Test shop", "Test shop: digital goods"),
            ("/?category=keys&lang=en", "en", "Keys · Test shop", "Keys at Test shop"),
            ("/p/editor?lang=zh-CN", "zh", "编辑器 · 测试店", "一年"),
            ("/p/editor?lang=en", "en", "Editor · Test shop", "A year"),
        ] {
            let html = shop.http().get(path).await.expect(200).text();
            assert_eq!(head(&html, "<title>([^<]+)</title>").as_deref(), Some(title), "{path}");
            let about = head(&html, "<meta name=\"description\" content=\"([^\"]+)\"");
            assert!(about.is_some_and(|about| about.starts_with(says)), "{path}: {html}");
            let own = canonical(&html).expect("an address").replace("&#38;", "&");
            assert_eq!(own, format!("{base}{path}"), "{path}");
            for tag in ["zh-CN", "en", "x-default"] {
                assert!(html.contains(&format!("hreflang=\"{tag}\" href=\"{base}/")), "{path} {tag}");
            }
            assert!(!hidden(&html) && html.contains(&format!("<html lang=\"{lang}")), "{path}");
        }
        // Whatever else stands in the address, the page is the same one.
        let noise = shop.http().get("/p/editor?utm_source=x&next=//evil.example").await.text();
        assert_eq!(canonical(&noise), Some(format!("{base}/p/editor")));

        let html = shop.http().get("/p/editor?lang=en").await.expect(200).text();
        for said in [
            "itemtype=\"https://schema.org/Product\"",
            "itemprop=\"name\">Editor<",
            "itemprop=\"description\" content=\"A year\"",
            "itemtype=\"https://schema.org/Offer\"",
            "itemprop=\"price\" content=\"19.90\"",
            "itemprop=\"priceCurrency\" content=\"CNY\"",
            "itemprop=\"availability\" href=\"https://schema.org/InStock\"",
            &format!("itemprop=\"url\" href=\"{base}/p/editor\""),
        ] {
            assert!(html.contains(said), "{said} in {html}");
        }

        let order = buy(&shop, "alipay").await;
        let mut buyer = Person::with_order(&shop, &order);
        let page = format!("/o/{}", order.order_no);
        for path in ["/?q=editor", "/?category=nothing", "/orders", "/nowhere", page.as_str()] {
            let html = buyer.get(path).await.text();
            assert!(hidden(&html) && canonical(&html).is_none(), "{path}: {html}");
        }

        let robots = shop.http().get("/robots.txt").await.expect(200);
        assert_eq!(robots.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(robots.text().contains(&format!("Sitemap: {base}/sitemap.xml")));
        assert!(robots.text().contains("Disallow: /o/\n"));
        let map = shop.http().get("/sitemap.xml").await.expect(200);
        assert_eq!(map.header("content-type"), Some("application/xml; charset=utf-8"));
        let map = map.text();
        let place = Regex::new("<loc>([^<]+)</loc>").expect("a pattern");
        let places: Vec<String> = place
            .captures_iter(&map)
            .map(|found| found[1].replace("&amp;", "&"))
            .collect();
        assert_eq!(places.len(), 9, "{map}");
        for place in places {
            let html = shop.http().get(&place).await.expect(200).text();
            assert_eq!(canonical(&html).map(|c| c.replace("&#38;", "&")), Some(place));
        }
    }
);

/// Waits until the shop follows its configuration.
async fn shows(shop: &TestShop, path: &str, what: &str) -> Reply {
    eventually(Duration::from_secs(30), || async {
        let reply = shop.http().get(path).await;
        reply.text().contains(what).then_some(reply)
    })
    .await
}

on_both_engines!(
    /// The owner's colour, line, footer and policy: on every page, in both languages, as text;
    /// the colour in a sheet of its own that browsers keep for as long as it is the same; and no
    /// setting that is none of these is taken.
    the_owner_dresses_the_shop,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let plain = shop.http().get("/").await.expect(200).text();
        for absent in ["/theme.", "class=\"announce\"", "href=\"/policy\""] {
            assert!(!plain.contains(absent), "{absent}");
        }
        shop.http().get("/policy").await.expect(404);
        shop.http().get("/theme.0123456789.css").await.expect(404);
        let dressed = "[shop]\nbrand_colour = \"#FFD400\"\nannouncement = \"周末 <b>休息</b>\"\n\
            announcement_en = \"Closed at weekends\"\nfooter_note = \"十分钟内回复\"\n\
            contact = \"help@shop.example\"\n\
            policy = \"# 规则\\n\\n<script>alert(1)</script> [x](javascript:alert(1))\\n\\n**七天**\"\n\
            policy_en = \"\"\"\nSeven *days*.\n\n- one\n\"\"\"\n";
        shop.apply(dressed).await;
        let home = shows(&shop, "/?lang=zh-CN", "class=\"announce\"").await;
        harmless(&home);
        let html = home.text();
        assert!(html.contains("周末 &#60;b&#62;休息"), "{html}");
        assert!(html.contains("十分钟内回复") && html.contains("mailto:help@shop.example"));
        let theme = head(&html, "href=\"(/theme\\.[0-9a-f]{10}\\.css)\"").expect("a sheet");
        let sheet = shop.http().get(&theme).await.expect(200);
        assert_eq!(sheet.header("content-type"), Some("text/css; charset=utf-8"));
        assert_eq!(sheet.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let css = sheet.text();
        assert!(css.contains("--brand:#") && css.contains("prefers-color-scheme:dark"), "{css}");
        let (light, dark) = css.split_once('\n').expect("two themes");
        assert!(!light.contains("--brand:#ffd400;"), "white cannot be read on it: {css}");
        assert!(dark.contains("--brand:#ffd400;"), "and it is a light in the dark: {css}");
        let before = shop.http().get("/theme.0123456789.css").await.expect(200);
        assert_eq!(before.header("cache-control"), Some("no-store"), "a page of a moment ago");

        let policy = shop.http().get("/policy?lang=zh-CN").await.expect(200);
        harmless(&policy);
        let html = policy.text();
        assert!(html.contains("<strong>七天</strong>") && html.contains("&lt;script&gt;"), "{html}");
        let english = shop.http().get("/policy?lang=en").await.expect(200).text();
        assert!(english.contains("<em>days</em>") && english.contains("Closed at weekends"));
        assert!(shop.http().get("/sitemap.xml").await.text().contains("/policy?lang=en"));
        // A page of an order and a failure stand in the same dress.
        let order = buy(&shop, "alipay").await;
        let mut buyer = Person::with_order(&shop, &order);
        for path in [format!("/o/{}", order.order_no), "/nowhere".to_owned()] {
            let html = buyer.get(&path).await.text();
            assert!(html.contains(&theme) && html.contains("Closed at weekends"), "{path}");
        }

        let exported = shop.cli(&["export"]).await.ok();
        assert!(exported.contains("brand_colour = \"#FFD400\""), "{exported}");
        assert!(shop.apply(&exported).await.contains("nothing to change"));
        let long = "x".repeat(20_001);
        for (name, wrong) in [
            ("brand_colour", "red"),
            ("brand_colour", "#12345"),
            ("brand_colour", "#12345g"),
            ("brand_colour", "#123456;}body{"),
            ("announcement", "two\\nlines"),
            ("footer_note", "a\\u0000b"),
            ("policy", "a\\u001bb"),
            ("policy_en", long.as_str()),
        ] {
            let told = shop.try_apply(&format!("[shop]\n{name} = \"{wrong}\"\n")).await.refused();
            assert!(told.contains(&format!("shop.{name}")), "{told}");
        }
        shop.apply("[shop]\nbrand_colour = \"\"\n").await;
        eventually(Duration::from_secs(30), || async {
            !shop.http().get("/").await.text().contains("/theme.")
        })
        .await;
        let form = Person::at(&shop).checkout("editor", BUYER).await;
        assert!(form.contains_key("csrf"), "and the shop goes on");
    }
);
