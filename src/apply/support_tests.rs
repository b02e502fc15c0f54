//! A shop on a temporary file, and files to apply to it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{ApplyError, Report, Tools, apply};
use crate::clock::SystemClock;
use crate::random::{Random, SystemRandom};
use crate::seal::Sealer;
use crate::store::Store;

/// A shop and the folder it lives in, removed when it goes.
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) sealer: Sealer,
    pub(crate) folder: PathBuf,
}

impl Shop {
    pub(crate) fn open() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let random: &dyn Random = &SystemRandom;
        let n = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("vendgate-apply-{}-{n}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("data")).expect("a folder");
        let url = format!("sqlite:{}", folder.join("data/shop.db").display());
        let (store, _) = Store::open(&url.parse().expect("a URL")).expect("a store");
        let sealer = Sealer::from_ring(&Sealer::new_ring(random)).expect("a key");
        Shop {
            store,
            sealer,
            folder,
        }
    }

    pub(crate) fn tools(&self) -> Tools<'_> {
        Tools {
            store: &self.store,
            sealer: &self.sealer,
            clock: &SystemClock,
            random: &SystemRandom,
        }
    }

    /// Writes a file beside the database.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    pub(crate) async fn apply(&self, text: &str) -> Report {
        let path = self.file("shop.toml", text);
        apply(self.tools(), &path, false).await.expect("applied")
    }

    pub(crate) async fn dry_run(&self, text: &str) -> Report {
        let path = self.file("shop.toml", text);
        apply(self.tools(), &path, true).await.expect("looked at")
    }

    /// `key: reason` of everything that is wrong with a file.
    pub(crate) async fn refused(&self, text: &str) -> Vec<String> {
        let path = self.file("shop.toml", text);
        match apply(self.tools(), &path, false).await {
            Err(ApplyError::Problems(problems)) => problems
                .into_iter()
                .map(|p| {
                    assert!(p.file.ends_with("shop.toml"), "{}", p.file);
                    format!("{}: {}", p.key, p.reason)
                })
                .collect(),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Every byte the database keeps.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(self.folder.join("data")).expect("files") {
            bytes.extend(std::fs::read(entry.expect("a file").path()).expect("read"));
        }
        bytes
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A key no manual shows.
pub(crate) const KEY: &str = "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA";

/// A small whole shop; it wants `cards.txt` beside it.
pub(crate) const SMALL: &str = r#"
[shop]
name = "Paper Lantern"
currency = "CNY"
webhook_url = "https://seller.example/hook"
webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[[category]]
slug = "software"
name = { zh = "软件", en = "Software" }

[[product]]
slug = "notes"
category = "software"
name = { zh = "笔记", en = "Notes" }
delivery = "card_pool"
low_stock = 5

[product.description]
zh = "第一行\n\n- \"引号\" 与 \\ 反斜线"
en = """
First line

- "quoted" and '''three''' and \\ back
"""

[[product.field]]
key = "region"
label_zh = "地区"
label_en = "Region"
kind = "select"
options = ["CN", "US"]
required = true

[[product.variant]]
sku = "notes-1"
price = "29.90"
tiers = [{ from = 10, price = "25.00" }, { from = 50, price = 2000 }]
buyer_limit = 60

[[product]]
slug = "guide"
category = "software"
name = { zh = "教程", en = "Guide" }
delivery = "reusable"

[[product.variant]]
sku = "guide-1"
price = 0
content = "https://guide.example/EVERGREEN-7721"
use_limit = 500

[[cards]]
variant = "notes-1"
file = "cards.txt"

[[channel_account]]
id = "epay-main"
kind = "epay"
methods = ["alipay", "wechat"]
base_url = "https://pay.example.com/"
fee = "0.006"
fixed = 0
priority = 10

[channel_account.credentials]
version = "v1"
pid = 1001
key = "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA"
"#;

pub(crate) const CARDS: &str = "SECRETCARD-0001\nSECRETCARD-0002\n\nSECRETCARD-0001\n";
