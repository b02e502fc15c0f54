//! `backup`, `restore` and `restored`: the shop's database in a file, and back.

use std::path::{Path, PathBuf};

use super::{Failed, print};
use crate::app::{self, Desk};
use crate::backup::{self, Manifest};
use crate::clock::{Clock, Millis, SystemClock};
use crate::config::Config;
use crate::random::SystemRandom;
use crate::stock::withheld::{self, Withheld};
use crate::store::{Store, StoreUrl};

#[derive(Debug, clap::Args)]
pub(super) struct BackupOptions {
    /// The file to write.
    file: PathBuf,
    /// Replace a file of this name.
    #[arg(long)]
    force: bool,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreOptions {
    /// A file that `backup` wrote.
    file: PathBuf,
    /// Also where there is a database: it is kept beside the new one.
    #[arg(long)]
    force: bool,
}

fn told(error: impl std::fmt::Display) -> Failed {
    Failed::Told(error.to_string())
}

/// Takes a backup while the shop runs. The schema is left as it is, also by a newer version.
pub(super) fn backup(config: &Config, options: &BackupOptions) -> Result<(), Failed> {
    let database = match &config.database {
        StoreUrl::Sqlite(path) => path,
        StoreUrl::Postgres(_) => {
            return Err(Failed::Told(
                "this shop is on PostgreSQL, whose own tool takes the backup, while the shop \
                 runs: pg_dump --format=custom --file=FILE \"$VENDGATE_DATABASE_URL\" \
                 (docs/OPERATIONS.md)"
                    .to_owned(),
            ));
        }
    };
    let now = SystemClock.now();
    let manifest =
        backup::take(database, &options.file, options.force, now, &SystemRandom).map_err(told)?;
    if options.json {
        return print(&serde_json::json!(manifest).to_string());
    }
    let rows = |table: &str| manifest.rows.get(table).copied().unwrap_or(0);
    print(&format!(
        "{}: {} orders, {} cards, {} receipts, schema {}, {} bytes\n\
         The key is not in it. {}: keep a copy of that apart from the backups; without it neither \
         cards nor channel secrets open.",
        options.file.display(),
        rows("orders"),
        rows("card"),
        rows("receipt"),
        manifest.schema,
        manifest.size,
        match std::env::var_os("VENDGATE_KEY") {
            Some(_) => "It is the content of VENDGATE_KEY".to_owned(),
            None => format!("It is the file {}", app::key_file(&config.data).display()),
        },
    ))
}

/// Puts a backup back while the shop stands, and withholds what may have left since.
pub(super) async fn restore(config: &Config, options: &RestoreOptions) -> Result<(), Failed> {
    let target = match &config.database {
        StoreUrl::Sqlite(path) => path.clone(),
        StoreUrl::Postgres(_) => {
            return Err(Failed::Told(
                "this shop is on PostgreSQL: stop every node, pg_restore into an empty database, \
                 then run `vendgate restored` before the first node starts (docs/OPERATIONS.md)"
                    .to_owned(),
            ));
        }
    };
    let _alone = app::serve_alone(&target)?;
    if target.exists() && !options.force {
        return Err(Failed::Told(format!(
            "there is a database at {}: with --force it is kept beside the new one",
            target.display()
        )));
    }
    let now = SystemClock.now();
    let (ready, kept) = (backup::restoring(&target), backup::aside(&target, now));
    backup::sweep(&ready).map_err(told)?;
    let done = make_ready(config, &options.file, &ready, now).await;
    let (manifest, found) = match done {
        Ok(done) => done,
        Err(failed) => {
            backup::sweep(&ready).map_err(told)?;
            return Err(failed);
        }
    };
    let was_there = target.exists();
    backup::put_in_place(&ready, &target, &kept).map_err(told)?;
    let mut text = format!(
        "restored {} of {}, taken {}\n",
        target.display(),
        manifest.shop,
        at(manifest.taken_at)
    );
    if was_there {
        text.push_str(&format!("what was there is kept: {}\n", kept.display()));
    }
    text.push_str(&what_now(&found, &at(manifest.taken_at)));
    print(&text)
}

/// A whole database at `ready`, opened with the shop's key, current, and its stock withheld: it
/// cannot be served before it is.
async fn make_ready(
    config: &Config,
    file: &Path,
    ready: &Path,
    now: Millis,
) -> Result<(Manifest, Vec<Withheld>), Failed> {
    let manifest = backup::unpack(file, ready).map_err(told)?;
    let opened = Desk::open(&Config {
        database: StoreUrl::Sqlite(ready.to_owned()),
        ..config.clone()
    })
    .await?;
    withheld::withhold(&opened.store, now, Some(manifest.taken_at)).await?;
    let found = opened.store.read(withheld::withheld).await?;
    Ok((manifest, found))
}

/// Tells a database that its server's own tool has put back that it was.
pub(super) async fn restored(config: &Config, force: bool) -> Result<(), Failed> {
    let now = SystemClock.now();
    let _alone = match &config.database {
        StoreUrl::Sqlite(path) => Some(app::serve_alone(path)?),
        StoreUrl::Postgres(_) => None,
    };
    let busy = Store::look(&config.database, move |db| backup::at_work(db, now))?;
    match busy {
        None => return Err(Failed::Told("there is no database".to_owned())),
        Some(true) if !force => {
            return Err(Failed::Told(
                "a node works with this database, or did a few seconds before the backup was \
                 taken: stop every node, wait half a minute, and try again (or --force)"
                    .to_owned(),
            ));
        }
        Some(_) => {}
    }
    let desk = Desk::open(config).await?;
    withheld::withhold(&desk.store, now, None).await?;
    let found = desk.store.read(withheld::withheld).await?;
    print(&what_now(&found, "the backup was taken"))
}

fn at(time: Millis) -> String {
    let at = chrono::DateTime::from_timestamp_millis(time).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What the owner does next.
fn what_now(found: &[Withheld], since: &str) -> String {
    let mut text = format!(
        "\nWhat the shop did after {since} is not in this database: its orders, and which cards \
         left. So that no card is sold twice:\n\n"
    );
    if found.is_empty() {
        text.push_str("  (there is no unsold card in it)\n");
    }
    for Withheld { sku, units } in found {
        text.push_str(&format!("  {sku}: {units} unsold are out of sale\n"));
    }
    text.push_str(
        "\n1. Start the shop. It asks the channels about every open payment; what was paid waits \
         for stock. Money that belongs to no order becomes a case: `vendgate case list`.\n\
         2. For each line above, put on sale again what cannot have left. N is at least as many \
         units as were ordered meanwhile, paid or not; the oldest N leave the stock for good:\n     \
         vendgate cards release --variant SKU --but-first N\n   If you know the contents that \
         buyers have: --delivered FILE. If nothing was ordered: --all.\n\
         3. Load no file again that was loaded after the backup: its cards may be sold. New cards \
         are sold at once.\n",
    );
    text
}
