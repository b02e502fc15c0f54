//! `setup` and `migrate`: the key, the folder and the schema.

use super::{Failed, print};
use crate::app::Desk;
use crate::config::Config;
use crate::store::Store;

pub(super) async fn setup(config: &Config) -> Result<(), Failed> {
    let store = Desk::open(config).await?.store;
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
