//! A stranger buys in the demo, in a real browser: with scripts and without, once however often
//! the button is pressed, and finds the order again.

use crate::harness::{Browser, Demo, Look, Outcome, Weight, press_at, turn};
use std::net::TcpListener;

/// Whoever buys.
pub const EMAIL: &str = "li.wei@example.com";
const ORDERS: &str = "SELECT count(*) FROM orders";
/// The link to the gateway on the cashier page.
pub const GATEWAY: &str = ".till a.primary";

async fn open(browser: &Browser, url: &str) {
    browser.goto(url).await.expect("the page opens");
}

/// Whether an address is an order's.
pub fn is_order(url: &str) -> bool {
    url.contains("/o/")
}

async fn link(browser: &Browser, css: &str) -> String {
    let found = browser.find(fantoccini::Locator::Css(css)).await;
    let found = found.expect("the link is there").prop("href").await;
    found.expect("the link can be read").expect("an address")
}

/// Follows the plain link to the gateway, presses pay there, and comes back.
pub async fn pay_there(browser: &Browser, demo: &Demo) {
    browser.click(GATEWAY).await;
    browser.text("[name=outcome]").await;
    browser.at(|url| url.starts_with(&demo.sandbox)).await;
    browser.click("[value=pay]").await;
    browser.text(".state.ok").await;
    browser.click(".back a").await;
}

/// The delivered units of the page, once they are there.
pub async fn goods(browser: &Browser) -> Vec<String> {
    browser.text(".keys").await;
    let found = browser
        .find_all(fantoccini::Locator::Css(".keys code"))
        .await;
    let mut goods = Vec::new();
    for unit in found.expect("the page can be searched") {
        goods.push(unit.text().await.expect("a unit has a text"));
    }
    goods
}

fn no_complaints(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_scripts() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let browser = Browser::start().await;
    open(&browser, &demo.shop).await;
    assert_eq!(browser.count(".goods").await, 15);
    browser.click("a[href=\"/p/noteharbor-pro\"]").await;

    // What some account serves is offered, and nothing else.
    browser.reads("#pay", "Pay ¥29.90 with Alipay").await;
    assert_eq!(browser.count("[name=method]").await, 6);
    assert_eq!(browser.count("#method-wallet").await, 0);

    // The button names what it does, for every choice.
    browser.reads("#pay", "Pay ¥29.90 with Alipay").await;
    browser.click("[data-step=\"1\"]").await;
    browser.reads("#pay", "Pay ¥59.80 with Alipay").await;
    browser.fill("#quantity", "5").await;
    browser.reads("#pay", "Pay ¥139.50 with Alipay").await;
    browser.click("#method-wechat").await;
    browser.reads("#pay", "Pay ¥139.50 with WeChat").await;
    browser.reads("#total", "¥139.50").await;
    browser.fill("#email", EMAIL).await;
    browser.double_click("#pay").await;
    let order = browser.at(is_order).await;
    browser.reads(".till-amount .amount", "¥139.50").await;
    assert_eq!(browser.count("svg.qr").await, 1);

    // Back to the form, and the same again: the same order.
    browser.back().await.expect("the history goes back");
    browser.reads("#pay", "Pay ¥139.50 with WeChat").await;
    browser.click("#pay").await;
    assert_eq!(browser.at(is_order).await, order);
    assert_eq!(demo.scalar(ORDERS), "1");
    assert_eq!(demo.scalar("SELECT count(*) FROM attempt"), "1");

    // The same page in the other language and back.
    browser.click("nav a[hreflang=zh-CN]").await;
    browser.text("html[lang=zh-CN] .till").await;
    assert!(browser.at(is_order).await.starts_with(&order));
    browser.click("nav a[hreflang=en]").await;
    browser.text("html[lang=en] .till").await;

    // An address that says it is paid proves nothing.
    let forged = format!("{order}/return?trade_status=SUCCESS&trade_no=1");
    open(&browser, &forged).await;
    browser.text("#live").await;
    assert_eq!(demo.scalar("SELECT state FROM orders"), "pending_payment");

    pay_there(&browser, &demo).await;
    let keys = goods(&browser).await;
    assert_eq!(browser.at(is_order).await, order);
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|key| key.starts_with("NHPRO-")), "{keys:?}");
    browser.reads("h1", "Paid. Here are your 5 keys").await;
    browser.click("[data-copy-one]").await;
    browser.reads("[data-copy-one]", "Copied").await;
    no_complaints(browser.complaints().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_open_page_moves_on_by_itself() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let phone = Look {
        size: (390, 844),
        locale: "zh-CN".to_owned(),
        ..Look::default()
    };
    let browser = Browser::with(phone).await;
    open(&browser, &format!("{}/p/streambay-30d", demo.shop)).await;
    browser.reads("#pay", "用支付宝支付 ¥19.90").await;
    browser.fill("#email", EMAIL).await;
    browser.click("#pay").await;
    let first = browser.at(is_order).await;
    browser.text("#live").await;

    // A form that has placed an order and is changed says so, and places one more if asked.
    browser.back().await.expect("the history goes back");
    browser.fill("#quantity", "2").await;
    browser.click("#pay").await;
    browser.text(".note.t-warn").await;
    assert_eq!(demo.scalar(ORDERS), "1");
    browser.reads("#pay", "用支付宝支付 ¥39.80").await;
    browser.click("#pay").await;
    let second = browser.at(is_order).await;
    assert_ne!(first, second);
    assert_eq!(demo.scalar(ORDERS), "2");

    // Paid on another device.
    browser.text("#live").await;
    press_at(&link(&browser, GATEWAY).await, Outcome::Pay).await;
    assert_eq!(goods(&browser).await.len(), 2);
    browser.reads("h1", "付款成功，商品已发货").await;
    assert_eq!(browser.at(is_order).await, second);
    // It was told: it did not have to ask.
    let log = demo.log();
    let (_, since) = log
        .rsplit_once("/o/{order_no}/events")
        .expect("a stream of events");
    assert!(!since.contains("/o/{order_no}/status"), "{log}");
    let complaints = browser.complaints().await;
    no_complaints(
        complaints
            .into_iter()
            .filter(|c| !c.contains("status of 409"))
            .collect(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_scripts() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let browser = Browser::without_javascript().await;
    open(&browser, &demo.shop).await;
    browser.click("a[href=\"/p/noteharbor-pro\"]").await;
    browser.text("#pay").await;
    browser.fill("#quantity", "5").await;
    browser.click("#method-wechat").await;
    browser.click("[name=update]").await;
    browser.reads("#pay", "Pay ¥139.50 with WeChat").await;
    browser.fill("#email", EMAIL).await;
    browser.double_click("#pay").await;
    let first = browser.at(is_order).await;
    browser.text(GATEWAY).await;
    assert_eq!(demo.scalar(ORDERS), "1");

    // By links and forms alone.
    pay_there(&browser, &demo).await;
    assert_eq!(goods(&browser).await.len(), 5);
    assert_eq!(browser.at(is_order).await, first);

    // Paid on another device: the page reloads itself.
    open(&browser, &format!("{}/p/driftbox-2tb", demo.shop)).await;
    browser.fill("#email", EMAIL).await;
    browser.click("#pay").await;
    browser.at(|url| is_order(url) && url != first).await;
    browser.text(GATEWAY).await;
    press_at(&link(&browser, GATEWAY).await, Outcome::Pay).await;
    assert_eq!(goods(&browser).await.len(), 1);
    no_complaints(browser.complaints().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_found_again() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let browser = Browser::start().await;
    open(&browser, &format!("{}/p/draftpad-trial", demo.shop)).await;
    browser.reads("#pay", "Get it free").await;
    browser.fill("#email", EMAIL).await;
    browser.click("#pay").await;
    let key = goods(&browser).await;
    let no = browser.text("code.no").await;
    no_complaints(browser.complaints().await);
    drop(browser);

    let elsewhere = Browser::start().await;
    open(&elsewhere, &format!("{}/o/{no}", demo.shop)).await;
    assert_eq!(
        elsewhere.count(".keys").await,
        0,
        "nobody's without its token"
    );
    let fill = async |number: &str, email: &str| {
        open(&elsewhere, &format!("{}/orders", demo.shop)).await;
        elsewhere.fill("#order_no", number).await;
        elsewhere.fill("#secret", email).await;
        elsewhere.click("main form .btn").await;
    };
    for (number, email) in [
        (no.as_str(), "li.wei@example.org"),
        ("2222-2222-2222", EMAIL),
    ] {
        fill(number, email).await;
        assert!(
            elsewhere
                .text("#errors")
                .await
                .starts_with("No order matches")
        );
    }
    fill(&no.to_lowercase(), &format!(" {} ", EMAIL.to_uppercase())).await;
    assert_eq!(goods(&elsewhere).await, key);
}

/// Browsers send the forms of our pages with the origin `null`, because the pages forbid referrers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_taken_from_our_pages_alone() {
    let _turn = turn(Weight::Shop).await;
    let demo = Demo::start().await;
    let page = demo.http().get("/p/noteharbor-pro").await.expect(200);
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let set = page.header("set-cookie").expect("a cookie").to_owned();
    let cookie = set.split(';').next().expect("a cookie").to_owned();
    let html = page.text();
    let csrf = html.split("name=\"csrf\" value=\"").nth(1);
    let csrf = csrf.and_then(|rest| rest.split('"').next());
    let body = format!("csrf={}&update=1&quantity=1", csrf.expect("a token"));
    let sent = async |headers: &[(&str, &str)], cookie: &str| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [&[kind, ("cookie", cookie)], headers].concat();
        let path = "/p/noteharbor-pro";
        let reply = demo.http().send("POST", path, &headers, body.as_bytes());
        reply.await.status
    };
    let (ours, site) = (demo.shop.as_str(), "sec-fetch-site");
    for headers in [
        &[("origin", ours)][..],
        &[("origin", "null")],
        &[("origin", "null"), (site, "same-origin")],
        &[],
    ] {
        assert_eq!(sent(headers, &cookie).await, 200, "{headers:?}");
        assert_eq!(sent(headers, "vg_csrf=0").await, 403, "{headers:?}");
    }
    for headers in [
        &[("origin", "https://elsewhere.example")][..],
        &[("origin", "null"), (site, "cross-site")],
        &[(site, "same-site")],
    ] {
        assert_eq!(sent(headers, &cookie).await, 403, "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_goes_on_where_it_ended() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    assert!(demo.log().contains("in a browser"), "a hint for people");
    let before = demo
        .place("noteharbor-pro", "one@example.com", "alipay")
        .await;
    let other = demo
        .place("noteharbor-pro", "two@example.com", "wechat")
        .await;
    let counts = "SELECT (SELECT count(*) FROM product) || ' ' || (SELECT count(*) FROM card)";
    let seeded = demo.scalar(counts);

    let sandbox = demo.sandbox.clone();
    let (demo, ()) = demo.again(|_| ()).await;
    assert_eq!(demo.scalar(counts), seeded);
    assert_eq!(demo.sandbox, sandbox);
    assert_eq!(demo.variant("noteharbor-pro").await["available"], 126);
    press_at(before.pay_url(), Outcome::Pay).await;
    let key = demo.goods(&before).await;

    // Somebody else has the gateway's port: another one serves.
    let taken = |url: &str| TcpListener::bind(url.trim_start_matches("http://"));
    let (demo, _taken) = demo.again(taken).await;
    assert_ne!(demo.sandbox, sandbox);
    assert_eq!(demo.scalar(counts), seeded);
    assert_eq!(demo.goods(&before).await, key);
    let moved = other.pay_url().replace(&sandbox, &demo.sandbox);
    press_at(&moved, Outcome::Pay).await;
    demo.goods(&other).await;
    let after = demo
        .place("lumen-office", "three@example.com", "bank")
        .await;
    press_at(after.pay_url(), Outcome::Pay).await;
    demo.goods(&after).await;
}
