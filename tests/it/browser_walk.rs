//! The walk of somebody who has never been here, through every page: on a phone and at a desk,
//! in light and dark, in both languages, with scripts and without. On every page axe-core finds
//! nothing, nothing runs over the edge, and the content security policy refuses nothing.

use crate::browser_buys::{EMAIL, GATEWAY, goods, is_order, pay_there};
use crate::browser_desk::{Day, desk_pages, enter_by_the_link, sign_in};
use crate::browser_pages::pages;
use crate::harness::{Browser, Demo, Look, Weight, turn};
use serde_json::json;

const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1440, 900);

/// Five walks, so that every two of the four choices meet in each of their four ways.
macro_rules! walks {
    ($($name:ident: $size:expr, $locale:expr, dark $dark:expr, scripts $scripts:expr;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            walk(Look { javascript: $scripts, size: $size, locale: $locale.to_owned(), dark: $dark }).await;
        }
    )+};
}

walks! {
    on_a_phone_in_chinese: PHONE, "zh-CN", dark false, scripts true;
    on_a_phone_in_english_in_the_dark_without_scripts: PHONE, "en", dark true, scripts false;
    at_a_desk_in_chinese_in_the_dark_without_scripts: DESK, "zh-CN", dark true, scripts false;
    at_a_desk_in_english_without_scripts: DESK, "en", dark false, scripts false;
    at_a_desk_in_english_in_the_dark: DESK, "en", dark true, scripts true;
}

async fn walk(look: Look) {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let browser = Browser::with(look.clone()).await;
    let mut walk = Walk {
        browser: &browser,
        look,
        found: Vec::new(),
    };
    walk.buys(&demo).await;
    for page in pages(&demo).await {
        page.open(&browser, &demo.shop).await;
        walk.looks_around(page.name).await;
    }
    enter_by_the_link(&browser, &demo).await;
    walk.looks_around("the first page of the console").await;
    let day = Day::begin().await;
    sign_in(&browser, &day).await;
    for page in desk_pages(&day) {
        page.open(&browser, &day.shop.url()).await;
        walk.looks_around(page.name).await;
    }
    assert!(walk.found.is_empty(), "\n{}\n", walk.found.join("\n"));
    browser.complains_of_nothing_but(&[404, 409, 422]).await;
}

struct Walk<'a> {
    browser: &'a Browser,
    look: Look,
    found: Vec<String>,
}

impl Walk<'_> {
    /// From the shop's door to the goods and back to them, by clicks alone.
    async fn buys(&mut self, demo: &Demo) {
        let browser = self.browser;
        browser.goto(&demo.shop).await.expect("the shop opens");
        self.looks_around("the door").await;
        browser.fill("#q", "pro").await;
        browser.click(".search .btn").await;
        browser.at(|url| url.contains("q=pro")).await;
        browser.click("a[href=\"/p/noteharbor-pro\"]").await;
        browser.fill("#email", EMAIL).await;
        browser.click("#pay").await;
        let order = browser.at(is_order).await;
        browser.click(GATEWAY).await;
        browser.text("[name=outcome]").await;
        self.looks_around("the gateway").await;
        browser.back().await.expect("the history goes back");
        assert_eq!(browser.at(is_order).await, order);
        pay_there(browser, demo).await;
        let bought = goods(browser).await;
        self.looks_around("the goods").await;
        let no = browser.text("code.no").await;
        browser.click("header nav a[href=\"/orders\"]").await;
        browser.fill("#order_no", &no).await;
        browser.fill("#secret", EMAIL).await;
        browser.click("main form .btn").await;
        assert_eq!(goods(browser).await, bought);
    }

    async fn looks_around(&mut self, page: &str) {
        // Without scripts a cashier page reloads itself: nothing else would tell of the money.
        let but: &[&str] = if self.look.javascript {
            &[]
        } else {
            &["meta-refresh"]
        };
        for violation in self.browser.axe(but).await {
            self.found.push(format!("{page}: {violation}"));
        }
        for over in self.browser.overhang().await {
            self.found.push(format!("{page}: {over}"));
        }
    }
}

/// Each of the three looks finds what is there to be found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_page_is_seen() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let browser = Browser::with(Look {
        size: PHONE,
        dark: true,
        ..Look::default()
    })
    .await;
    let ask = async |script: &str| {
        browser
            .execute(script, Vec::new())
            .await
            .expect("it is run")
    };
    browser.goto(&demo.shop).await.expect("the shop opens");
    let told = ask(
        "return [innerWidth, navigator.maxTouchPoints > 0, matchMedia('(pointer: coarse)').matches,
         matchMedia('(prefers-color-scheme: dark)').matches]",
    )
    .await;
    assert_eq!(told, json!([390, true, true, true]));
    assert_eq!(browser.axe(&[]).await, [""; 0]);
    assert_eq!(browser.overhang().await, [""; 0]);
    assert_eq!(browser.complaints().await, [""; 0]);

    ask("document.body.setAttribute('style', 'color: red')").await;
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("style-src"), "{complaints}");
    assert!(
        complaints.contains("refused by the content security policy"),
        "{complaints}"
    );
    ask("document.querySelector('main').append(document.createElement('img'))").await;
    let violations = browser.axe(&[]).await.join("\n");
    assert!(
        violations.starts_with("image-alt (critical)"),
        "{violations}"
    );
    assert_eq!(browser.axe(&["image-alt"]).await, [""; 0]);
    ask("document.querySelector('main').style.width = '500px'").await;
    let over = browser.overhang().await.join("\n");
    assert!(over.contains("<main "), "{over}");
    assert_eq!(browser.complaints().await, [""; 0]);
}
