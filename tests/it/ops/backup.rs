//! Backups of a SQLite shop: taken while it sells, whole or not at all, and never with the key.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::Value;

use crate::drills::stage::{self, Goods, count};
use crate::harness::{Engine, TestShop, Weight, turn};

const MANY: Goods = Goods {
    cards: 60,
    reserve: true,
};

async fn sqlite_shop() -> TestShop {
    TestShop::on(Engine::Sqlite).start().await
}

fn beside(shop: &TestShop, name: &str) -> (PathBuf, String) {
    let path = shop.data().with_file_name(name);
    let text = path.display().to_string();
    (path, text)
}

fn manifest(file: &Path) -> Value {
    let bytes = std::fs::read(file).expect("the backup");
    let line = bytes.split(|b| *b == b'\n').nth(1).expect("a manifest");
    serde_json::from_slice(line).expect("JSON")
}

/// X65 too: the key, and what only it opens, is not in a backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_taken_while_the_shop_sells() {
    let _turn = turn(Weight::Shop).await;
    let shop = sqlite_shop().await;
    let gateway = stage::set_up(&shop, MANY).await;
    let variant = shop.variant("editor").await;
    let (file, name) = beside(&shop, "shop.backup");
    let selling = async {
        for n in 0..20 {
            let email = format!("b{n}@example.test");
            let order = shop.place(&variant, 1, &email, "alipay").await;
            gateway.pay(order.pay_url()).await;
        }
    };
    let taking = async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        shop.cli(&["backup", &name]).await.ok()
    };
    let ((), told) = tokio::join!(selling, taking);
    let key = shop.data().join("key");
    assert!(
        told.contains(&key.display().to_string()),
        "where the key is: {told}"
    );
    assert!(told.contains("not in it"), "{told}");

    let bytes = std::fs::read(&file).expect("the backup");
    let ring = std::fs::read_to_string(&key).expect("the key");
    let secret = ring.trim().split_once(':').expect("kid:base64").1;
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(!holds(secret), "the key is in the backup");
    assert!(!holds("CARD-0000-SECRET"), "a card is in it in the clear");
    assert!(!holds("b0@example.test"), "a buyer is in it in the clear");
    let mode = std::fs::metadata(&file).expect("it").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let told = manifest(&file);
    assert_eq!(told["rows"]["card"], 60);
    assert_eq!(told["shop"], "演练");
    let left: Vec<String> = std::fs::read_dir(file.parent().expect("a folder"))
        .expect("its folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "drafts stay behind: {left:?}");

    // A second one of the name is refused, and replaces the first when told to.
    let refused = shop.cli(&["backup", &name]).await.refused();
    assert!(refused.contains("--force"), "{refused}");
    assert_eq!(std::fs::read(&file).expect("it"), bytes);
    let again = shop.cli(&["backup", &name, "--force", "--json"]).await.ok();
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(again["rows"]["orders"], 20);

    // It is a whole shop: put back, its books hold.
    shop.stop();
    shop.cli(&["restore", &name, "--force"]).await.ok();
    shop.cli(&["ledger", "verify"]).await.ok();
    assert_eq!(count(&shop, "orders"), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_whole_backup_of_this_shop_changes_nothing() {
    let _turn = turn(Weight::Shop).await;
    let shop = sqlite_shop().await;
    let _gateway = stage::set_up(&shop, MANY).await;
    let (file, name) = beside(&shop, "shop.backup");
    shop.cli(&["backup", &name]).await.ok();
    let good = std::fs::read(&file).expect("the backup");
    shop.stop();
    let database = shop.data().join("vendgate.db");
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(shop.data())
            .expect("the folder")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        names
    };
    let was = (std::fs::read(&database).expect("it"), names());
    let refused = |what: &'static str, bytes: Vec<u8>, words: &'static str| {
        let (bad, bad_name) = beside(&shop, "bad.backup");
        std::fs::write(&bad, bytes).expect("written");
        let (shop, was, database, names) = (&shop, &was, &database, &names);
        async move {
            let why = shop.cli(&["restore", &bad_name, "--force"]).await.refused();
            assert!(why.contains(words), "{what}: {why}");
            assert_eq!(std::fs::read(database).expect("it"), was.0, "{what}");
            assert_eq!(names(), was.1, "{what}");
        }
    };
    let turned = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let end = good.len();
    refused("nothing", Vec::new(), "no backup").await;
    refused(
        "another file",
        b"SQLite format 3\0\n\n".to_vec(),
        "no backup",
    )
    .await;
    refused("the manifest", turned(120), "manifest is damaged").await;
    refused("the database", turned(end / 2), "SHA-256").await;
    refused("its last byte", turned(end - 1), "SHA-256").await;
    refused("cut off", good[..end - 1].to_vec(), "bytes of").await;
    refused("grown", [&good[..], b"x"].concat(), "bytes of").await;

    // Without --force a database stays; the wrong key and no key open none.
    let why = shop.cli(&["restore", &name]).await.refused();
    assert!(why.contains("--force"), "{why}");
    let key = shop.data().join("key");
    let ring = std::fs::read_to_string(&key).expect("the key");
    let other = vendgate::seal::Sealer::new_ring(&vendgate::random::SystemRandom);
    std::fs::write(&key, other).expect("written");
    let why = shop.cli(&["restore", &name, "--force"]).await.refused();
    assert!(why.contains("wrong key"), "{why}");
    std::fs::remove_file(&key).expect("gone");
    let why = shop.cli(&["restore", &name, "--force"]).await.refused();
    assert!(why.contains("the key is missing"), "{why}");
    std::fs::write(&key, ring).expect("written");
    assert_eq!(std::fs::read(&database).expect("it"), was.0);
    assert_eq!(names(), was.1);

    // With it, what was there is kept, and the way back is open.
    shop.cli(&["restore", &name, "--force"]).await.ok();
    let kept: Vec<PathBuf> = names()
        .iter()
        .map(|name| shop.data().join(name))
        .filter(|path| path.display().to_string().contains("vendgate.db.before-"))
        .collect();
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    let mut old = SqliteConnection::establish(&kept.display().to_string()).expect("it opens");
    old.batch_execute("SELECT id FROM channel_account")
        .expect("it is the shop");
    assert_eq!(count(&shop, "restoration"), 1);
}

/// A backup of a newer version is told apart before anything is changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_newer_version_is_refused() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite).prepare();
    shop.cli(&["setup"]).await.ok();
    shop.tamper("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')");
    let (_, name) = beside(&shop, "newer.backup");
    // A backup takes the schema as it is.
    shop.cli(&["backup", &name]).await.ok();
    let why = shop.cli(&["restore", &name, "--force"]).await.refused();
    assert!(
        why.contains("20990101000000") && why.contains("newer"),
        "{why}"
    );
    assert_eq!(
        shop.scalar("SELECT count(*) FROM sqlite_master WHERE name = 'restoration'")
            .as_deref(),
        Some("1"),
        "the database is untouched"
    );
    assert_eq!(count(&shop, "restoration"), 0);
}

/// On PostgreSQL the server's own tools do it: the commands say so, and fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_the_commands_name_the_servers_tools() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Postgres).prepare();
    let (file, name) = beside(&shop, "pg.backup");
    let why = shop.cli(&["backup", &name]).await.refused();
    assert!(why.contains("pg_dump") && !why.contains("private"), "{why}");
    let why = shop.cli(&["restore", &name]).await.refused();
    assert!(
        why.contains("pg_restore") && why.contains("vendgate restored"),
        "{why}"
    );
    assert!(!file.exists());
}
