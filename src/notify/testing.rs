//! What the tests of this room share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;

use super::mail::{GoodsWord, ItemLine, Lang, MailFacts, News, OrderFacts, Unit};
use crate::ids::OutboxId;
use crate::seal::Secret;
use crate::store::Store;

/// A store in a folder of its own, gone when it is dropped.
pub(super) struct Shop {
    pub(super) store: Store,
    _folder: Folder,
}

pub(super) fn shop() -> Shop {
    let folder = folder();
    let url = format!("sqlite:{}", folder.0.join("shop.db").display());
    let (store, _) = Store::open(&url.parse().expect("a URL")).expect("a store");
    Shop {
        store,
        _folder: folder,
    }
}

/// A new folder, removed when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

pub(super) fn folder() -> Folder {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "vendgate-notify-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::SeqCst)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).expect("a folder");
    Folder(path)
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn unit(content: &str) -> Unit {
    Unit {
        label: String::new(),
        content: Secret::new(content),
    }
}

pub(super) fn order() -> OrderFacts {
    OrderFacts {
        order_no: "K7Q2-94MX-31AB".to_owned(),
        link: "https://shop.example/o/K7Q2-94MX-31AB?t=abc&x=1".to_owned(),
        items: vec![ItemLine {
            name: "NoteMaster Pro".to_owned(),
            quantity: 1,
            amount: "¥29.90".to_owned(),
        }],
        amount: "¥29.90".to_owned(),
        paid_at: "2026-11-22 18:42:10 UTC+8".to_owned(),
    }
}

pub(super) fn delivered(goods: Vec<Unit>) -> News {
    News::Delivered {
        order: order(),
        word: GoodsWord::Key,
        goods,
        include_goods: true,
        usage: "1. Open Settings\n2. Paste <the key> & restart".to_owned(),
    }
}

pub(super) fn facts(lang: Lang, news: News) -> MailFacts {
    MailFacts {
        id: OutboxId("0190a1b2-aaaa".to_owned()),
        at: 1_795_000_000_000,
        lang,
        to: "li@example.com".to_owned(),
        shop: "云栈数码".to_owned(),
        base_url: "https://shop.example".to_owned(),
        support: "help@shop.example".to_owned(),
        news,
    }
}

/// What a reader sees of an HTML part: no tags, entities read.
pub(super) fn html_words(html: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => words.push(letter),
            _ => {}
        }
    }
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ]
    .iter()
    .fold(words, |words, (entity, letter)| {
        words.replace(entity, letter)
    })
}

/// The leaves of a message, decoded: the headers and the bytes of each.
pub(super) fn sections(raw: &str) -> Vec<(String, Vec<u8>)> {
    let (head, body) = raw.split_once("\r\n\r\n").expect("a head");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    if let Some(rest) = head.split("boundary=\"").nth(1) {
        let boundary = rest.split('"').next().expect("a boundary");
        let body = format!("\r\n{body}");
        return body
            .split(&format!("\r\n--{boundary}"))
            .skip(1)
            .take_while(|part| !part.starts_with("--"))
            .flat_map(|part| sections(part.trim_start_matches("\r\n")))
            .collect();
    }
    let bytes = if head.contains("Content-Transfer-Encoding: base64") {
        let text: String = body.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64")
    } else {
        assert!(head.contains("Content-Transfer-Encoding: quoted-printable"));
        quoted(body)
    };
    vec![(head, bytes)]
}

/// Reads quoted-printable.
fn quoted(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            let pair = std::str::from_utf8(&after[..2]).expect("two letters");
            bytes.push(u8::from_str_radix(pair, 16).expect("hex"));
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}
