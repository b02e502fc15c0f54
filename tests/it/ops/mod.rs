//! The shop as its owner runs it: backups, the way back, the doctor, and what stands before it.

mod backup;
mod doctor;
mod proxy;
mod restore;
mod units;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Engine, TestShop, fresh_database, postgres_tool, run};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(120);

/// Runs a tool that must succeed; what it printed.
fn tool(command: Command) -> String {
    let shown = format!("{command:?}");
    let done = run(command, LONG);
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(done.status.success(), "{shown}: {said}");
    said
}

/// Whether a program is on this machine; loudly, where it is not.
fn there_is(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = [PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")];
    let found = std::env::split_paths(&path)
        .chain(more)
        .any(|folder| folder.join(name).is_file());
    if !found {
        writeln!(
            std::io::stderr(),
            "NOT TESTED: there is no {name} on this machine"
        )
        .expect("standard error is there");
    }
    found
}

/// A file of docs/deploy.
fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deploy");
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A backup as the engine's owner takes one, while the shop runs.
async fn back_up(shop: &TestShop, file: &Path) {
    let file = file.display().to_string();
    match shop.engine() {
        Engine::Sqlite => {
            shop.cli(&["backup", &file]).await.ok();
        }
        Engine::Postgres => {
            let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
            let mut dump = Command::new(postgres_tool("pg_dump"));
            dump.args(["--format=custom", "--file", &file, &url]);
            tool(dump);
        }
    }
}

/// Puts it back as the engine's owner does, while the shop stands; what the command said.
async fn put_back(shop: &TestShop, file: &Path) -> String {
    let file = file.display().to_string();
    match shop.engine() {
        Engine::Sqlite => shop.cli(&["restore", &file, "--force"]).await.ok(),
        Engine::Postgres => {
            let url = fresh_database();
            let mut restore = Command::new(postgres_tool("pg_restore"));
            restore.args(["--exit-on-error", "--no-owner", "--dbname", &url, &file]);
            tool(restore);
            shop.set_env("VENDGATE_DATABASE_URL", Some(&url));
            shop.cli(&["restored"]).await.ok()
        }
    }
}
