//! A database and its key belong together: whoever opens one without the other is told what is
//! missing, and changes nothing.

use vendgate::app::App;
use vendgate::config::Config;
use vendgate::random::SystemRandom;
use vendgate::seal::Sealer;
use vendgate::store::{Store, StoreUrl, has_table, schema_of};

use super::sql;
use crate::drills::stage;
use crate::harness::{Engine, TempDir, TestShop, on_both_engines};

/// A shop with something sealed in it: an account of a gateway that is not there.
const GOODS: &str = r#"
[shop]
name = "测试店"
currency = "CNY"
webhook_url = "https://seller.example/hook"
webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[[channel_account]]
id = "sandbox-1"
kind = "sandbox"
methods = ["alipay"]
base_url = "http://127.0.0.1:9"
[channel_account.credentials]
merchant = "m1"
key = "an-own-key-of-the-doors-0123456789abcdef"
"#;

fn url(shop: &TestShop) -> StoreUrl {
    let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
    url.parse().expect("a URL")
}

/// The ring in the shop's data folder.
fn ring(shop: &TestShop) -> String {
    std::fs::read_to_string(shop.data().join("key")).expect("the key")
}

fn put_ring(shop: &TestShop, ring: &str) {
    std::fs::write(shop.data().join("key"), ring).expect("the key is written");
}

fn check_value(shop: &TestShop) -> Option<String> {
    shop.scalar(match shop.engine() {
        Engine::Sqlite => "SELECT max(hex(value)) FROM key_check",
        Engine::Postgres => "SELECT max(encode(value, 'hex')) FROM key_check",
    })
}

/// The names in a folder, sorted; none if there is no folder.
fn names(folder: &std::path::Path) -> Vec<String> {
    let Ok(found) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = found
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        // SQLite's own, made by whoever looks, and the lock of a server.
        .filter(|name| !name.starts_with("vendgate.db"))
        .collect();
    names.sort();
    names
}

/// Changes the database while nobody serves it.
async fn tamper(shop: &TestShop, text: &str) {
    let (store, _) = Store::open(&url(shop)).expect("it opens");
    sql(&store, text).await.expect(text);
}

on_both_engines!(
    a_missing_key_is_told_and_never_made_anew,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        shop.apply(GOODS).await;
        shop.stop();
        let kept = ring(&shop);
        std::fs::remove_file(shop.data().join("key")).expect("the key is lost");
        let (before, check) = (names(&shop.data()), check_value(&shop));
        assert!(check.is_some(), "the first process left its check value");
        let goods = shop.write_file("goods.toml", GOODS).display().to_string();
        let elsewhere = TempDir::new("elsewhere");
        let new = elsewhere.join("data").display().to_string();
        let commands: &[&[&str]] = &[
            &["serve"],
            &["worker"],
            &["demo"],
            &["setup"],
            &["apply", &goods],
            &["apply", &goods, "--dry-run"],
            &["export"],
            &["cards", "batches", "--variant", "x"],
            &["case", "list"],
            &["case", "note", "x", "y"],
            &["mail", "list"],
            &["ledger", "verify"],
            &["setup", "--data", &new],
        ];
        for words in commands {
            // It has a reason of its own to refuse SQLite.
            if words[0] == "worker" && engine == Engine::Sqlite {
                continue;
            }
            let why = shop.cli(words).await.refused();
            let why = why.lines().last().unwrap_or_default();
            assert!(why.contains("the key is missing"), "{words:?}: {why}");
            assert!(why.contains("VENDGATE_KEY"), "{words:?}: {why}");
            let file = match words.last() {
                Some(last) if *last == new => elsewhere.join("data").join("key"),
                _ => shop.data().join("key"),
            };
            let file = file.display().to_string();
            assert!(why.contains(&file), "{words:?} names the file: {why}");
            assert!(!why.contains("private"), "no password: {why}");
        }
        assert_eq!(names(&shop.data()), before, "nothing was written");
        assert!(!elsewhere.join("data").exists());
        assert_eq!(check_value(&shop), check);

        // The variable is as good as the file, and leaves none.
        shop.set_env("VENDGATE_KEY", Some(&kept));
        shop.cli(&["case", "list"]).await.ok();
        assert_eq!(names(&shop.data()), before);
        shop.set_env("VENDGATE_KEY", None);
        put_ring(&shop, &kept);
        shop.start().await;
        assert_eq!(check_value(&shop), check, "it is sealed once");
    }
);

on_both_engines!(
    a_key_of_another_shop_is_refused,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        shop.cli(&["setup"]).await.ok();
        let own = ring(&shop);
        let grown = Sealer::rotate_ring(&own, &SystemRandom).expect("a ring");
        let new_alone = grown.lines().next().expect("a line").to_owned();
        let turned = format!("{own}{new_alone}\n");
        let stranger = Sealer::new_ring(&SystemRandom);
        for (what, ring) in [
            ("another shop's", stranger.as_str()),
            ("without the old line", &new_alone),
            ("the old line first", &turned),
        ] {
            put_ring(&shop, ring);
            let why = shop.cli(&["case", "list"]).await.refused();
            assert!(why.contains("the wrong key"), "{what}: {why}");
            let file = shop.data().join("key").display().to_string();
            assert!(why.contains(&file), "{what}: {why}");
        }
        for none in ["", "not a ring", "1:AAAA"] {
            put_ring(&shop, none);
            let why = shop.cli(&["case", "list"]).await.refused();
            assert!(why.contains("the key ring in"), "{none:?}: {why}");
        }
        // A ring that has grown opens, and the check value outlives the growth.
        for good in [&grown, &own] {
            put_ring(&shop, good);
            shop.cli(&["case", "list"]).await.ok();
        }
    }
);

on_both_engines!(
    of_processes_that_begin_at_once_one_key_wins,
    Weight::Heavy,
    |engine| async move {
        for _ in 0..3 {
            let shop = TestShop::on(engine).prepare();
            let folders = [(); 4].map(|()| TempDir::new("node"));
            let at = |n: usize| folders[n].path().display().to_string();
            let paths = [at(0), at(1), at(2), at(3)];
            let words = |n: usize| ["setup", "--data", paths[n].as_str()];
            let all = [words(0), words(1), words(2), words(3)];
            let done = tokio::join!(
                shop.cli(&all[0]),
                shop.cli(&all[1]),
                shop.cli(&all[2]),
                shop.cli(&all[3]),
            );
            let done = [done.0, done.1, done.2, done.3];
            let winners: Vec<usize> = (0..4).filter(|n| done[*n].code == 0).collect();
            assert_eq!(winners.len(), 1, "{done:?}");
            let key = folders[winners[0]].join("key");
            let kept = std::fs::read_to_string(&key).expect("its key");
            for (n, cli) in done
                .into_iter()
                .enumerate()
                .filter(|(n, _)| *n != winners[0])
            {
                let why = cli.refused();
                assert!(why.contains("key"), "{why}");
                assert!(!folders[n].join("key").exists(), "no key is left behind");
                // Given the shop's key, the node is one of them.
                std::fs::write(folders[n].join("key"), &kept).expect("the key is copied");
                shop.cli(&["case", "list", "--data", &paths[n]]).await.ok();
            }
            assert_eq!(
                shop.scalar("SELECT count(*) FROM key_check").as_deref(),
                Some("1")
            );
        }
    }
);

on_both_engines!(
    processes_of_one_folder_begin_at_once_with_one_key,
    Weight::Heavy,
    |engine| async move {
        for _ in 0..3 {
            let shop = TestShop::on(engine).prepare();
            let done = tokio::join!(
                shop.cli(&["setup"]),
                shop.cli(&["case", "list"]),
                shop.cli(&["export"]),
                shop.cli(&["setup"]),
            );
            for cli in [done.0, done.1, done.2, done.3] {
                cli.ok();
            }
            assert_eq!(names(&shop.data()), ["key"]);
        }
    }
);

on_both_engines!(
    a_database_without_a_check_value_gets_one_from_its_own_key,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        shop.apply(GOODS).await;
        tamper(&shop, "DELETE FROM key_check").await;
        let own = ring(&shop);
        put_ring(&shop, &Sealer::new_ring(&SystemRandom));
        let why = shop.cli(&["case", "list"]).await.refused();
        assert!(why.contains("the wrong key"), "{why}");
        std::fs::remove_file(shop.data().join("key")).expect("the key is lost");
        let why = shop.cli(&["case", "list"]).await.refused();
        assert!(why.contains("the key is missing"), "{why}");
        assert_eq!(check_value(&shop), None, "no stranger has claimed it");
        put_ring(&shop, &own);
        shop.cli(&["case", "list"]).await.ok();
        assert!(check_value(&shop).is_some());

        // Nothing is sealed: any key may begin.
        let fresh = TestShop::on(engine).prepare();
        fresh.cli(&["migrate"]).await.ok();
        assert!(names(&fresh.data()).is_empty(), "migrating needs no key");
        fresh.cli(&["setup"]).await.ok();
        assert!(check_value(&fresh).is_some());
    }
);

on_both_engines!(
    /// A ring that grew, its lines turned round: it opens every box and finds no card again. Fails
    /// when the samples of a database without a check value are not hashed.
    the_first_key_is_known_without_a_check_value,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        let account = stage::account("m1", "alipay", 1, "http://127.0.0.1:9");
        stage::open_shop(&shop, stage::FIVE, "", &account).await;
        tamper(&shop, "DELETE FROM key_check").await;
        let own = ring(&shop);
        let grown = Sealer::rotate_ring(&own, &SystemRandom).expect("a ring");
        let new_alone = grown.lines().next().expect("a line");
        put_ring(&shop, &format!("{own}{new_alone}\n"));
        let why = shop.cli(&["case", "list"]).await.refused();
        assert!(why.contains("first key is not its last line"), "{why}");
        assert_eq!(check_value(&shop), None, "nothing was claimed");
        put_ring(&shop, &grown);
        shop.cli(&["case", "list"]).await.ok();
        assert!(check_value(&shop).is_some());
    }
);

on_both_engines!(
    a_webhook_secret_in_the_clear_is_sealed_on_opening,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        shop.apply(GOODS).await;
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let row = "SELECT value FROM setting WHERE name = 'webhook_secret'";
        let plain =
            format!("UPDATE setting SET value = '\"{secret}\"' WHERE name = 'webhook_secret'");
        tamper(&shop, &plain).await;
        shop.cli(&["case", "list"]).await.ok();
        let sealed = shop.scalar(row).expect("a secret");
        assert!(!sealed.contains("whsec_"), "{sealed}");
        shop.cli(&["case", "list"]).await.ok();
        assert_eq!(shop.scalar(row), Some(sealed), "sealed once");

        drop(rustls::crypto::ring::default_provider().install_default());
        let config = Config::read(&|name| shop.env(name), None, None).expect("a configuration");
        let app = App::open_beside(config, shop.url())
            .await
            .expect("it opens");
        assert_eq!(
            app.live().settings.webhook_secret,
            secret,
            "and still the same"
        );
        shop.start().await;
    }
);

on_both_engines!(
    a_setting_of_a_newer_version_is_passed_over,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        shop.apply(GOODS).await;
        tamper(
            &shop,
            "INSERT INTO setting (name, value, changed_at) VALUES ('loyalty', '{\"a\":1}', 1)",
        )
        .await;
        shop.start().await;
        assert!(
            shop.http()
                .get("/")
                .await
                .expect(200)
                .text()
                .contains("测试店")
        );
        assert!(shop.log().contains("loyalty"), "the log says so");
        shop.apply("[shop]\nname = \"新店\"\n").await;
        let row = shop.scalar("SELECT value FROM setting WHERE name = 'loyalty'");
        assert_eq!(
            row.as_deref(),
            Some("{\"a\":1}"),
            "left for whoever knows it"
        );
        let refused = shop.try_apply("[shop]\nloyalty = 1\n").await.refused();
        assert!(refused.contains("loyalty"), "{refused}");
    }
);

on_both_engines!(
    a_look_changes_nothing_in_a_database,
    Weight::Shop,
    |engine| async move {
        let ground = super::Ground::fresh(engine);
        let seen = Store::look(&ground.url, |db| has_table(db, "setting")).expect("a look");
        assert_eq!(seen, (engine == Engine::Postgres).then_some(false));
        if let StoreUrl::Sqlite(file) = &ground.url {
            assert!(!file.exists(), "a look makes no file");
        }
        ground.open();
        let schema = schema_of(&ground.url).expect("a schema");
        let seen = Store::look(&ground.url, |db| has_table(db, "setting")).expect("a look");
        assert_eq!(seen, Some(true));
        let wrote = Store::look(&ground.url, |db| super::put(db, "x", 1));
        assert!(wrote.is_err(), "a look cannot write");
        assert_eq!(schema_of(&ground.url).expect("a schema"), schema);
    }
);
