//! What the tests of this room share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

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
