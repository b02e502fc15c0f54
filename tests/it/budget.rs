//! What a first visit costs, as it is on the wire: every page a buyer sees, with all it loads, in
//! at most 20 KB of brotli and six requests.

use crate::harness::{Demo, Http, Outcome, Reply, Weight, press_at, turn};
use regex::Regex;
use std::collections::BTreeSet;

const BYTES: usize = 20 * 1024;
const REQUESTS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_small() {
    let _turn = turn(Weight::Shop).await;
    let demo = Demo::start().await;
    let placed = demo
        .place("noteharbor-pro", "li.wei@example.com", "alipay")
        .await;
    let order = format!("/o/{}", placed.order_no);
    let cookie = format!("vg_order={}", placed.view_token);
    for lang in ["en", "zh-CN"] {
        let visitor = Visitor {
            http: demo.http(),
            lang,
            cookie: &cookie,
        };
        for path in [
            "/",
            "/p/noteharbor-pro",
            "/p/lumen-office",
            "/p/riverland-topup",
            "/orders",
        ] {
            visitor.weigh(path, "<main").await;
        }
        visitor.weigh(&order, "class=\"qr").await;
    }
    press_at(placed.pay_url(), Outcome::Pay).await;
    demo.goods(&placed).await;
    for lang in ["en", "zh-CN"] {
        let visitor = Visitor {
            http: demo.http(),
            lang,
            cookie: &cookie,
        };
        visitor.weigh(&order, "class=\"keys").await;
    }
}

struct Visitor<'a> {
    http: &'a Http,
    lang: &'a str,
    cookie: &'a str,
}

impl Visitor<'_> {
    async fn get(&self, path: &str, coding: &str) -> Reply {
        let headers = [
            ("accept-encoding", coding),
            ("accept-language", self.lang),
            ("cookie", self.cookie),
        ];
        self.http.send("GET", path, &headers, b"").await.expect(200)
    }

    /// The page as a browser gets it the first time; `shows` tells that it is the page we mean.
    async fn weigh(&self, path: &str, shows: &str) {
        let html = self.get(path, "identity").await.text();
        assert!(html.contains(shows), "{path} shows no {shows}: {html}");
        let file = Regex::new(r##"(?:href|src)="(/static/[^"#]+)"##).expect("a pattern");
        let files = file.captures_iter(&html).map(|found| found[1].to_owned());
        let mut urls: BTreeSet<String> = files.collect();
        urls.insert(path.to_owned());
        let mut bytes = 0;
        for url in &urls {
            let reply = self.get(url, "br").await;
            assert_eq!(reply.header("content-encoding"), Some("br"), "{url}");
            bytes += reply.body.len();
        }
        assert!(bytes <= BYTES, "{path} ({}): {bytes} bytes", self.lang);
        assert!(urls.len() <= REQUESTS, "{path}: {urls:?}");
    }
}
