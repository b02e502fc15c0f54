//! What a first visit costs, as it is on the wire: every page, with all it loads, in as few bytes
//! of brotli as its table says, and six requests.

use crate::browser_desk::{Day, desk_pages};
use crate::browser_pages::{Page, pages};
use crate::harness::{Demo, Http, Reply, Weight, turn};
use regex::Regex;
use std::collections::BTreeSet;

const REQUESTS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_small() {
    let _turn = turn(Weight::Heavy).await;
    let demo = Demo::start().await;
    let day = Day::begin().await;
    let staff = day.owner.cookies();
    let pages = pages(&demo).await;
    let mut heavy = Vec::new();
    for lang in ["en", "zh-CN"] {
        for page in &pages {
            heavy.extend(weigh(demo.http(), page, lang, "").await);
        }
        for page in desk_pages(&day) {
            heavy.extend(weigh(day.shop.http(), &page, lang, &staff).await);
        }
    }
    assert!(heavy.is_empty(), "{heavy:#?}");
}

/// The page as a browser gets it the first time; says what is too much of it.
async fn weigh(shop: &Http, page: &Page, lang: &str, staff: &str) -> Option<String> {
    let html = page.plainly(shop, lang, "identity", staff).await.text();
    // What a person does on a page first leads to one of the same parts.
    let here = page.then.is_empty();
    assert!(!here || html.contains(page.shows), "{}: {html}", page.name);
    let file = Regex::new(r##"(?:href|src)="(/(?:static/|theme)[^"#]+)"##).expect("a pattern");
    let files = file.captures_iter(&html).map(|found| found[1].to_owned());
    let urls: BTreeSet<String> = files.collect();
    assert!(!urls.is_empty(), "{} loads its style", page.name);
    let mut bytes = packed(page.plainly(shop, lang, "br", staff).await);
    for url in &urls {
        let coding = [("accept-encoding", "br")];
        bytes += packed(shop.send("GET", url, &coding, b"").await.expect(200));
    }
    let requests = urls.len() + 1;
    let much = bytes > page.budget || requests > REQUESTS;
    much.then(|| {
        format!(
            "{} ({lang}): {bytes} bytes in {requests} requests",
            page.name
        )
    })
}

fn packed(reply: Reply) -> usize {
    assert_eq!(
        reply.header("content-encoding"),
        Some("br"),
        "{}",
        reply.url
    );
    reply.body.len()
}
