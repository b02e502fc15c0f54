//! `setup` and `migrate`: the key, the folder and the schema.

use super::{Failed, print};
use crate::app::open_key;
use crate::config::Config;
use crate::store::Store;

pub(super) fn setup(config: &Config) -> Result<(), Failed> {
    open_key(&config.data, true)?;
    let (store, _) = Store::open(&config.database)?;
    print(&format!(
        "ready: {} with a {} database; keep a copy of {} apart from your backups",
        config.data.display(),
        store.engine(),
        config.data.join("key").display(),
    ))
}

pub(super) fn migrate(config: &Config) -> Result<(), Failed> {
    let (_, migrated) = Store::open(&config.database)?;
    if migrated.applied.is_empty() {
        return print("nothing to do: the schema is current");
    }
    print(&format!("applied {}", migrated.applied.join(", ")))
}
