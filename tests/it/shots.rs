//! `make shots`: a picture of every page at every width, in light and dark and in both languages,
//! as `target/shots/<page>-<width>-<theme>-<language>.png`.

use crate::browser_desk::{Day, desk_pages, sign_in};
use crate::browser_hard::Hard;
use crate::browser_pages::{Page, pages};
use crate::harness::{Browser, Demo, Look, Weight, turn};
use std::path::{Path, PathBuf};

const SIZES: [(u32, u32); 2] = [(390, 844), (1440, 900)];
/// The pages that README.md shows, and how.
const SHOWN: [&str; 3] = ["product", "cashier", "result"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes pictures: make shots"]
async fn shots() {
    let _turn = turn(Weight::Alone).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let album = root.join("target/shots");
    std::fs::create_dir_all(&album).expect("the album is made");
    let hard = Hard::open().await;
    let difficult = hard.pages().await;
    let day = Day::begin().await;
    for size in SIZES {
        for (dark, theme) in [(false, "light"), (true, "dark")] {
            for (locale, lang) in [("zh-CN", "zh"), ("en", "en")] {
                // One visitor may look an order up only so often: each look has a shop of its own.
                let demo = Demo::start().await;
                let usual = pages(&demo).await;
                let browser = Browser::with(Look {
                    javascript: true,
                    size,
                    locale: locale.to_owned(),
                    dark,
                })
                .await;
                let file = |page: &Page| -> PathBuf {
                    album.join(format!("{}-{}-{theme}-{lang}.png", page.name, size.0))
                };
                for page in &usual {
                    page.open(&browser, &demo.shop).await;
                    browser.shot(&file(page)).await;
                }
                sign_in(&browser, &day).await;
                for page in &desk_pages(&day) {
                    page.open(&browser, &day.shop.url()).await;
                    browser.shot(&file(page)).await;
                }
                for (shop, page) in &difficult {
                    page.open(&browser, shop).await;
                    browser.shot(&file(page)).await;
                }
            }
        }
    }
}

/// The pictures of README.md.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes pictures: make shots"]
async fn shots_of_the_readme() {
    let _turn = turn(Weight::Alone).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let demo = Demo::start().await;
    let usual = pages(&demo).await;
    let browser = Browser::with(Look {
        size: (1200, 800),
        ..Look::default()
    })
    .await;
    for page in usual.iter().filter(|page| SHOWN.contains(&page.name)) {
        page.open(&browser, &demo.shop).await;
        browser
            .shot_of_the_window(&root.join(format!("docs/shots/{}.png", page.name)))
            .await;
    }
}
