//! What is not there, what was there, and what failed on our side: a page in both languages,
//! also when the database is away.

use crate::attacks::ground::{BUYER, buy, stock_up};
use crate::attacks::pages::harmless;
use crate::attacks::person::Person;
use crate::harness::{Engine, Proxy, Reply, TestShop, Weight, eventually, on_both_engines, turn};
use futures_util::future::join_all;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// The same page in Chinese and English.
async fn both(shop: &TestShop, path: &str) -> [Reply; 2] {
    let one = async |lang: &str| {
        let headers = [("accept-language", lang)];
        shop.http().send("GET", path, &headers, b"").await
    };
    [one("zh-CN").await, one("en").await]
}

/// Panics unless this is a whole page of its kind in its language, with a number to quote.
#[track_caller]
fn whole(reply: &Reply, status: u16, lang: &str, says: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let html = reply.text();
    assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{html}");
    assert!(html.contains(says) && html.ends_with("</html>"), "{html}");
    assert!(
        html.contains("href=\"/\"") && html.contains("content=\"noindex\""),
        "{html}"
    );
    let id = reply.header("x-request-id").expect("a request id");
    assert!(html.contains(&format!("{status} · {id}")), "{html}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    harmless(reply);
}

on_both_engines!(
    /// A product that was never there is 404; one that was taken from sale is 410 and leads home,
    /// for whoever reads it and for whoever still sends its form. A failure of ours is 500.
    each_failure_has_its_page,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let [zh, en] = both(&shop, "/p/nothing").await;
        whole(&zh, 404, "zh-CN", "没有这个页面");
        whole(&en, 404, "en", "There is no such page");
        let mut late = Person::at(&shop);
        let form = late.checkout("editor", BUYER).await;
        shop.apply("[[product]]\nslug = \"editor\"\nstate = \"off\"\n").await;
        let status = async |path: &str| shop.http().get(path).await.status;
        eventually(SOON, || async { status("/p/editor").await == 410 }).await;
        let [zh, en] = both(&shop, "/p/editor").await;
        whole(&zh, 410, "zh-CN", "这里的内容已下架");
        whole(&en, 410, "en", "This has been taken down");
        assert_eq!(late.order("editor", &form).await.status, 410);
        assert!(!shop.http().get("/sitemap.xml").await.expect(200).text().contains("/p/editor"));
        shop.apply("[[product]]\nslug = \"editor\"\nstate = \"on\"\n").await;
        eventually(SOON, || async { status("/p/editor").await == 200 }).await;

        shop.tamper("ALTER TABLE category RENAME TO hidden");
        eventually(SOON, || async { status("/").await == 500 }).await;
        let [zh, en] = both(&shop, "/").await;
        shop.tamper("ALTER TABLE hidden RENAME TO category");
        whole(&zh, 500, "zh-CN", "我们这边出错了");
        whole(&en, 500, "en", "Something went wrong on our side");
        for page in [&zh, &en] {
            assert!(!page.text().contains("category"), "the cause is for the log");
        }
        shop.http().get("/").await.expect(200);
    }
);

/// The database is away: every page that needs it is a 503 in the visitor's language, made of
/// bytes that were there before, and comes back with the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_stand_when_the_database_is_away() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Postgres).prepare();
    let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
    let (line, through) = Proxy::before(&url).await;
    shop.set_env("VENDGATE_DATABASE_URL", Some(&through));
    shop.start().await;
    shop.set_env("VENDGATE_DATABASE_URL", Some(&url));
    let _gateway = stock_up(&shop).await;
    let order = buy(&shop, "alipay").await;
    let page = format!("/o/{}", order.order_no);
    let mut buyer = Person::with_order(&shop, &order);
    buyer.get(&page).await.expect(200);
    line.cut();
    eventually(SOON, || async { shop.http().get("/").await.status == 503 }).await;
    // Many who come at once are told at once, and not one after another.
    let all = (0..32).map(|_| async { shop.http().get("/").await.status });
    let all = tokio::time::timeout(Duration::from_secs(30), join_all(all)).await;
    assert_eq!(all.expect("told at once"), [503; 32]);
    for path in ["/", "/p/editor", "/?q=x", "/sitemap.xml"] {
        let [zh, en] = both(&shop, path).await;
        whole(&zh, 503, "zh-CN", "正在维护，马上回来");
        whole(&en, 503, "en", "We are doing maintenance");
        assert_eq!(en.header("retry-after"), Some("5"));
    }
    whole(
        &buyer.get(&page).await,
        503,
        "en",
        "We are doing maintenance",
    );
    // What needs no database is there.
    for path in ["/orders", "/robots.txt", "/healthz"] {
        shop.http().get(path).await.expect(200);
    }
    line.restore();
    eventually(SOON, || async {
        let mut buyer = Person::with_order(&shop, &order);
        buyer.get(&page).await.status == 200
    })
    .await;
}

/// A handler that panics answers with the page as well, and the next one is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_page() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite)
        .fail("before_page=panic@1")
        .start()
        .await;
    let [zh, en] = both(&shop, "/").await;
    whole(&zh, 500, "zh-CN", "我们这边出错了");
    assert_eq!(en.status, 200);
    assert!(!zh.text().contains("panic"));
}
