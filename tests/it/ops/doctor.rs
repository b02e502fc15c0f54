//! The doctor: a shop that is well, and the same shop with one thing wrong after the other.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::Value;

use crate::drills::stage::{self, FIVE};
use crate::harness::{Clerk, Engine, TestShop, on_both_engines};

/// What it found, and whether it failed.
async fn asked(shop: &TestShop) -> (Vec<Value>, bool) {
    let told = shop.cli(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_str(&told.out)
        .unwrap_or_else(|e| panic!("no JSON ({e}): {} {}", told.out, told.err));
    assert_eq!(report["ok"], told.code == 0, "{report}");
    let findings = report["findings"].as_array().cloned().expect("findings");
    for finding in &findings {
        let well = finding["level"] == "ok";
        assert_eq!(finding["todo"] == "", well, "says what to do: {finding}");
    }
    (findings, told.code != 0)
}

/// The one area that is not well, told with these words; then the doctor fails.
async fn only_bad(shop: &TestShop, area: &str, words: &str) {
    let (findings, failed) = asked(shop).await;
    let bad: Vec<&Value> = findings.iter().filter(|f| f["level"] == "bad").collect();
    assert!(failed, "{findings:?}");
    assert!(
        bad.iter().all(|f| f["area"] == area)
            && bad
                .iter()
                .any(|f| f["found"].as_str().is_some_and(|t| t.contains(words))),
        "{area}, {words}: {bad:?}"
    );
}

on_both_engines!(
    the_doctor_finds_what_is_wrong_and_nothing_else,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stage::set_up(&shop, FIVE).await;
        let (findings, failed) = asked(&shop).await;
        assert!(!failed, "{findings:?}");
        for area in [
            "configuration",
            "proxies",
            "disk",
            "database",
            "redis",
            "mail",
            "key",
            "channels",
        ] {
            assert!(
                findings.iter().any(|f| f["area"] == area),
                "{area}: {findings:?}"
            );
        }
        // Nobody has used the link that makes the first administrator.
        let staff = |findings: &[Value]| {
            let found = findings.iter().find(|f| f["area"] == "staff").cloned();
            found.expect("a finding")
        };
        assert_eq!(staff(&findings)["level"], "warn", "{findings:?}");
        let todo = staff(&findings)["todo"].to_string();
        assert!(todo.contains("vendgate staff first"), "{todo}");
        Clerk::first_of(&shop).await;
        assert_eq!(staff(&asked(&shop).await.0)["level"], "ok");
        let text = shop.cli(&["doctor"]).await.ok();
        assert!(text.contains("m1 (enabled) opens"), "{text}");
        assert!(!text.contains("private"), "no password: {text}");

        shop.smtp().down();
        only_bad(&shop, "mail", "connect").await;
        shop.smtp().up();

        let key = shop.data().join("key");
        let may = |mode| std::fs::set_permissions(&key, PermissionsExt::from_mode(mode));
        may(0o644).expect("changed");
        only_bad(&shop, "key", "644").await;
        may(0o600).expect("changed");
        let ring = std::fs::read(&key).expect("the key");
        std::fs::remove_file(&key).expect("gone");
        only_bad(&shop, "key", "the key is missing").await;
        std::fs::write(&key, ring).expect("written");
        may(0o600).expect("changed");

        gateway.kill9();
        only_bad(&shop, "channels", "gives no answer").await;
        gateway.up().await;

        let own = shop.env("VENDGATE_BASE_URL");
        shop.set_env("VENDGATE_BASE_URL", Some("http://shop.example"));
        only_bad(&shop, "configuration", "plain http").await;
        shop.set_env("VENDGATE_BASE_URL", Some("not an address"));
        only_bad(&shop, "configuration", "base_url").await;
        shop.set_env("VENDGATE_BASE_URL", own.as_deref());

        let redis = shop.env("VENDGATE_REDIS_URL");
        shop.set_env("VENDGATE_REDIS_URL", Some("redis://127.0.0.1:1"));
        only_bad(&shop, "redis", "").await;
        shop.set_env("VENDGATE_REDIS_URL", redis.as_deref());

        // The gateway is on the shop's clock: the rows, and PostgreSQL's server, are not.
        let order = stage::buy(&shop, "alipay").await;
        shop.set_clock_back(Duration::from_secs(7_200));
        only_bad(&shop, "clock", "ahead").await;
        shop.advance_clock(Duration::from_secs(7_200));
        shop.order(&order.order_no, &order.view_token).await;

        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let elsewhere = match engine {
            Engine::Sqlite => format!("sqlite:{}", shop.data().join("key").display()),
            Engine::Postgres => "postgres://a:private@127.0.0.1:1/none".to_owned(),
        };
        shop.set_env("VENDGATE_DATABASE_URL", Some(&elsewhere));
        let (findings, failed) = asked(&shop).await;
        let bad = findings
            .iter()
            .find(|f| f["area"] == "database" && f["level"] == "bad");
        assert!(failed && bad.is_some(), "{findings:?}");
        assert!(!format!("{findings:?}").contains("private"), "no password");
        shop.set_env("VENDGATE_DATABASE_URL", Some(&url));
        let (findings, failed) = asked(&shop).await;
        assert!(!failed, "{findings:?}");
    }
);

on_both_engines!(
    /// A look changes nothing: not the schema, not a file. Fails when the doctor opens the
    /// database through the door.
    the_doctor_changes_nothing,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let parsed = url.parse().expect("a URL");
        vendgate::store::migrate_by(&parsed, 2).expect("an old schema");
        let before = vendgate::store::schema_of(&parsed).expect("a schema");
        let (findings, _) = asked(&shop).await;
        let old = findings.iter().find(|f| f["area"] == "database" && f["level"] == "warn");
        let todo = old.expect("it is told")["todo"].as_str().unwrap_or_default().to_owned();
        assert!(todo.contains("migrate"), "{todo}");
        assert_eq!(vendgate::store::schema_of(&parsed).expect("a schema"), before);
        assert!(!shop.data().join("key").exists());
    }
);
