//! One schema: the same on both engines, version by version, once, and never a newer one.

use diesel::connection::SimpleConnection;
use vendgate::store::{Store, StoreError, StoreUrl, migrate_by, schema_of};

use super::{Ground, reads, sql, writes};
use crate::harness::{Engine, TestShop, Weight, on_both_engines, turn};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_one_schema() {
    let _turn = turn(Weight::Shop).await;
    let [sqlite, postgres] = [Engine::Sqlite, Engine::Postgres].map(|engine| {
        let ground = Ground::fresh(engine);
        ground.open();
        schema_of(&ground.url).expect("a schema")
    });
    assert!(sqlite.len() > 300, "{} lines", sqlite.len());
    for line in &sqlite {
        assert!(postgres.contains(line), "only SQLite has {line}");
    }
    for line in &postgres {
        assert!(sqlite.contains(line), "only PostgreSQL has {line}");
    }
}

on_both_engines!(
    each_version_follows_the_one_before,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let mut versions = Vec::new();
        loop {
            let applied = migrate_by(&ground.url, 1)
                .expect("the next version")
                .applied;
            let Some(version) = applied.first() else {
                break;
            };
            assert_eq!(applied.len(), 1);
            versions.push(version.clone());
        }
        assert!(!versions.is_empty());
        assert!(versions.is_sorted(), "{versions:?}");
        let stepwise = schema_of(&ground.url).expect("a schema");

        // At once it comes to the same, and a second time to nothing.
        let at_once = Ground::fresh(engine);
        let (store, migrated) = Store::open(&at_once.url).expect("it opens");
        assert_eq!(migrated.applied, versions);
        assert_eq!(schema_of(&at_once.url).expect("a schema"), stepwise);
        writes(&store, "kept", 1).await;
        drop(store);
        let (store, migrated) = Store::open(&at_once.url).expect("it opens again");
        assert!(migrated.applied.is_empty());
        assert_eq!(reads(&store, "kept").await, Some(1));

        // What the version before held is there after the newest.
        let (store, migrated) = Store::open(&ground.url).expect("it opens");
        assert!(migrated.applied.is_empty());
        let seller = store
            .read(|db| Ok::<_, StoreError>(db.batch_execute("SELECT id FROM seller")?))
            .await;
        assert!(seller.is_ok());
    }
);

on_both_engines!(
    a_newer_schema_is_refused_and_left_alone,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = ground.open();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')";
        sql(&store, newer).await.expect("a newer version was here");
        drop(store);
        let before = schema_of(&ground.url).expect("a schema");
        let refused = Store::open(&ground.url).err().expect("refused").to_string();
        assert!(refused.contains("20990101000000"), "{refused}");
        assert!(refused.contains("newer"), "{refused}");
        assert_eq!(schema_of(&ground.url).expect("a schema"), before);
    }
);

#[test]
fn unknown_urls_are_refused() {
    for url in [
        "",
        "shop.db",
        "mysql://127.0.0.1/shop",
        "sqllite:shop.db",
        "postgres:shop",
        "file:shop.db",
        "sqlite:",
        "sqlite::memory:",
        "SQLITE:shop.db",
        "http://127.0.0.1",
        "redis://127.0.0.1",
    ] {
        let refused = url.parse::<StoreUrl>();
        assert!(
            matches!(refused, Err(StoreError::Refused(_))),
            "{url:?}: {refused:?}"
        );
    }
    let shown = format!("{:?}", "postgres://u:pass-word@h/d".parse::<StoreUrl>());
    assert!(!shown.contains("pass-word"), "{shown}");
}

on_both_engines!(
    a_typo_in_the_url_makes_no_file,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        let typo = shop.data().join("typo.db");
        shop.set_env(
            "VENDGATE_DATABASE_URL",
            Some(&format!("sqllite:{}", typo.display())),
        );
        let refused = shop.cli(&["migrate"]).await.refused();
        assert!(refused.contains("sqllite"), "{refused}");
        assert!(!typo.exists());
        let made: Vec<_> = std::fs::read_dir(shop.data())
            .expect("the folder")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert!(made.is_empty(), "{made:?}");
    }
);

on_both_engines!(
    processes_that_migrate_at_once_migrate_once,
    Weight::Heavy,
    |engine| async move {
        for _ in 0..3 {
            let shop = TestShop::on(engine).prepare();
            let four = tokio::join!(
                shop.cli(&["migrate"]),
                shop.cli(&["migrate"]),
                shop.cli(&["migrate"]),
                shop.cli(&["migrate"]),
            );
            for done in [four.0, four.1, four.2, four.3] {
                done.ok();
            }
            let rows = shop.scalar("SELECT count(*) FROM config_version");
            assert_eq!(rows.as_deref(), Some("1"));
        }
    }
);
