//! A shop of the version before, with a day's orders in it, opened by this one: the schema
//! becomes what a fresh one is, every row is still there, the books hold, and the buyers' links
//! open.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde_json::json;
use vendgate::store::{Store, StoreUrl, migrate_by, schema_of};

use super::Ground;
use crate::harness::{Engine, Placed, Sandbox, TestShop, eventually, on_both_engines};

const KEY: &str = "an-own-key-of-the-upgrades-0123456789abc";
const BUYER: &str = "stranger@example.test";
const LONG: Duration = Duration::from_secs(60);

/// `pool` and `last` reserve their cards, `open` does not, `shared` sells one content, and a
/// person does `work`.
fn goods(gateway: &Sandbox) -> String {
    let url = gateway.url();
    let product = |slug: &str, lines: &str, variant: &str| {
        format!(
            "[[product]]\nslug = \"{slug}\"\ncategory = \"things\"\n\
             name = {{ zh = \"{slug}\", en = \"{slug}\" }}\n{lines}\n\
             [[product.variant]]\nsku = \"{slug}\"\nprice = 1990\n{variant}\n"
        )
    };
    [
        "[shop]\nname = \"旧店\"\ncurrency = \"CNY\"\nunpaid_per_network = 1000\n\
         unpaid_per_email = 1000\nadmin_email = \"owner@example.test\"\n\
         webhook_url = \"https://seller.example/hook\"\n\
         webhook_secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
         [[category]]\nslug = \"things\"\nname = { zh = \"东西\", en = \"Things\" }\n"
            .to_owned(),
        product("pool", "delivery = \"card_pool\"", "buyer_limit = 50"),
        product("last", "delivery = \"card_pool\"", ""),
        product("open", "delivery = \"card_pool\"\nreserve = false", ""),
        product(
            "shared",
            "delivery = \"reusable\"",
            "content = \"THE-SHARED-CONTENT\"",
        ),
        product("work", "delivery = \"manual\"\nreserve = false", ""),
        "[[cards]]\nvariant = \"pool\"\nfile = \"pool.txt\"\n\
         [[cards]]\nvariant = \"last\"\nfile = \"last.txt\"\n\
         [[cards]]\nvariant = \"open\"\nfile = \"open.txt\"\n"
            .to_owned(),
        format!(
            "[[channel_account]]\nid = \"m1\"\nkind = \"sandbox\"\nmethods = [\"alipay\"]\n\
             base_url = \"{url}\"\n[channel_account.credentials]\nmerchant = \"m1\"\n\
             key = \"{KEY}\"\n"
        ),
    ]
    .concat()
}

async fn buy(shop: &TestShop, slug: &str, quantity: u32) -> Placed {
    let variant = shop.variant(slug).await;
    shop.place(&variant, quantity, BUYER, "alipay").await
}

fn merchant_no(shop: &TestShop, placed: &Placed) -> String {
    let no = &placed.order_no;
    shop.scalar(&format!(
        "SELECT a.merchant_no FROM attempt a JOIN orders o ON o.id = a.order_id \
         WHERE o.order_no = '{no}'"
    ))
    .expect("an attempt")
}

/// A day of the shop; the orders by the states they were left in.
async fn a_day(shop: &TestShop, gateway: &Sandbox) -> BTreeMap<&'static str, Placed> {
    shop.write_file("pool.txt", "POOL-1\nPOOL-2\nPOOL-3\nPOOL-4\n");
    shop.write_file("last.txt", "LAST-1\n");
    shop.write_file("open.txt", "OPEN-1\nOPEN-2\nOPEN-3\n");
    shop.apply(&goods(gateway)).await;
    eventually(LONG, || async {
        let page = shop.http().get("/p/pool").await;
        page.text().contains("value=\"alipay\"")
    })
    .await;
    let mut orders = BTreeMap::new();

    // Never paid; then the money comes after all, and goes back, because the goods are gone.
    let expired = buy(shop, "pool", 1).await;
    let refunded = buy(shop, "last", 1).await;
    shop.advance_clock(Duration::from_secs(16 * 60));
    shop.order_in(&expired, "expired").await;
    shop.order_in(&refunded, "expired").await;
    let delivered = buy(shop, "last", 1).await;
    gateway.pay(delivered.pay_url()).await;
    shop.order_in(&delivered, "delivered").await;
    let late = json!({"merchant_no": merchant_no(shop, &refunded), "late": true});
    gateway.control("pay", late).await;
    shop.order_in(&refunded, "refunded").await;

    let shared = buy(shop, "shared", 1).await;
    gateway.pay(shared.pay_url()).await;
    assert_eq!(shop.goods(&shared).await, ["THE-SHARED-CONTENT"]);

    // All want of the same three cards; nobody reserved one.
    let first = buy(shop, "open", 2).await;
    let partly = buy(shop, "open", 2).await;
    let waiting = buy(shop, "open", 1).await;
    gateway.pay(first.pay_url()).await;
    shop.order_in(&first, "delivered").await;
    gateway.pay(partly.pay_url()).await;
    let partly_is = eventually(LONG, || async {
        let order = shop.order(&partly.order_no, &partly.view_token).await;
        let state = order["state"].as_str().unwrap_or_default().to_owned();
        (state != "pending_payment" && state != "paid").then_some(state)
    })
    .await;
    assert!(
        partly_is == "partially_delivered" || partly_is == "awaiting_stock",
        "{partly_is}"
    );
    gateway.pay(waiting.pay_url()).await;
    eventually(LONG, || async {
        let order = shop.order(&waiting.order_no, &waiting.view_token).await;
        order["state"] != "pending_payment" && order["state"] != "paid"
    })
    .await;

    let work = buy(shop, "work", 1).await;
    gateway.pay(work.pay_url()).await;
    shop.order_in(&work, "delivering").await;

    let cancelled = buy(shop, "pool", 1).await;
    let path = format!("/api/v1/orders/{}/cancel", cancelled.order_no);
    let bearer = format!("Bearer {}", cancelled.view_token);
    let headers = [("authorization", bearer.as_str())];
    let answer = shop.http().post_json(&path, &headers, &json!({})).await;
    answer.expect(200);
    let pending = buy(shop, "pool", 1).await;
    orders.extend([
        ("expired", expired),
        ("refunded", refunded),
        ("delivered", delivered),
        ("shared", shared),
        ("partly", partly),
        ("waiting", waiting),
        ("work", work),
        ("cancelled", cancelled),
        ("pending", pending),
    ]);
    // The books are closed before the figures are taken.
    eventually(LONG, || async {
        shop.scalar("SELECT count(*) FROM unsealed").as_deref() == Some("0")
    })
    .await;
    shop.cli(&["ledger", "verify"]).await.ok();
    orders
}

/// Tables and their columns, of a schema.
fn tables(url: &StoreUrl) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in schema_of(url).expect("a schema") {
        if let Some((table, column)) = line.split_once(": ").and_then(|(at, _)| at.split_once('.'))
        {
            let columns = tables.entry(table.to_owned()).or_default();
            columns.push(column.to_owned());
        }
    }
    tables
}

/// Where a column of the first version stands now, as an expression.
fn now_as(table: &str, column: &str) -> String {
    match (table, column) {
        // Since refund_grounds two columns.
        ("refund", "reason") => "(grounds || '/' || source)".to_owned(),
        (_, column) => as_it_was("", column),
    }
}

/// A column under its own name.
fn as_it_was(_: &str, column: &str) -> String {
    format!("\"{column}\"")
}

/// Puts the database back to the first version, with every row and column that version knows.
fn put_back(shop: &TestShop) -> BTreeMap<String, Vec<String>> {
    let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
    let parsed: StoreUrl = url.parse().expect("a URL");
    let copy = |played: &str, old: &BTreeMap<String, Vec<String>>| -> String {
        let one = |(table, columns): (&String, &Vec<String>)| {
            let now: Vec<String> = columns.iter().map(|c| now_as(table, c)).collect();
            let (columns, now) = (columns.join("\", \""), now.join(", "));
            format!(
                "DELETE FROM \"{table}\"; INSERT INTO \"{table}\" (\"{columns}\") \
                 SELECT {now} FROM {played}.\"{table}\";"
            )
        };
        old.iter().map(one).collect()
    };
    match &parsed {
        StoreUrl::Sqlite(file) => {
            let played = file.with_extension("played");
            let mut db =
                SqliteConnection::establish(&file.display().to_string()).expect("it opens");
            db.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
                .expect("one file");
            drop(db);
            std::fs::rename(file, &played).expect("the file is moved");
            assert_eq!(migrate_by(&parsed, 1).expect("the first").applied.len(), 1);
            let old = tables(&parsed);
            let mut db =
                SqliteConnection::establish(&file.display().to_string()).expect("it opens");
            let attach = format!(
                "PRAGMA foreign_keys = OFF; ATTACH '{}' AS played;",
                played.display()
            );
            db.batch_execute(&(attach + &copy("played", &old)))
                .expect("the rows are copied");
            old
        }
        StoreUrl::Postgres(_) => {
            let mut db = PgConnection::establish(&url).expect("it answers");
            db.batch_execute("ALTER SCHEMA public RENAME TO played; CREATE SCHEMA public;")
                .expect("the tables are moved");
            assert_eq!(migrate_by(&parsed, 1).expect("the first").applied.len(), 1);
            let old = tables(&parsed);
            let quiet = "SET session_replication_role = replica;".to_owned();
            let gone = "DROP SCHEMA played CASCADE;";
            db.batch_execute(&(quiet + &copy("played", &old) + gone))
                .expect("the rows are copied");
            old
        }
    }
}

/// All rows of the old tables, as text; `told` says where a column stands.
fn rows(
    shop: &TestShop,
    old: &BTreeMap<String, Vec<String>>,
    told: fn(&str, &str) -> String,
) -> BTreeMap<String, String> {
    let one = |(table, columns): (&String, &Vec<String>)| {
        let columns: Vec<String> = columns.iter().map(|c| told(table, c)).collect();
        let query = match shop.engine() {
            Engine::Sqlite => {
                let line: Vec<String> = columns.iter().map(|c| format!("quote({c})")).collect();
                let line = line.join(" || '|' || ");
                format!(
                    "SELECT group_concat(line, char(10)) FROM \
                     (SELECT {line} AS line FROM \"{table}\" ORDER BY 1)"
                )
            }
            Engine::Postgres => {
                let line = columns.join(", ");
                format!(
                    "SELECT string_agg(line, chr(10) ORDER BY line) FROM \
                     (SELECT CAST(ROW({line}) AS TEXT) AS line FROM \"{table}\") AS lines"
                )
            }
        };
        (table.clone(), shop.scalar(&query).unwrap_or_default())
    };
    old.iter().map(one).collect()
}

on_both_engines!(
    a_shop_of_the_version_before_goes_on,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = Sandbox::on_the_clock_of(&shop).await;
        gateway.merchant(json!({"id": "m1", "key": KEY})).await;
        let orders = a_day(&shop, &gateway).await;
        let mut states = BTreeMap::new();
        for (name, order) in &orders {
            let seen = shop.order(&order.order_no, &order.view_token).await;
            states.insert(*name, (seen["state"].clone(), seen["goods"].clone()));
        }
        shop.stop();
        let old = put_back(&shop);
        assert!(old.len() > 30, "{} tables", old.len());
        assert!(
            !old.contains_key("key_check"),
            "the version before had none"
        );
        let before = rows(&shop, &old, as_it_was);
        for table in [
            "orders",
            "card",
            "receipt",
            "refund",
            "money_case",
            "journal_entry",
            "setting",
        ] {
            assert!(!before[table].is_empty(), "{table} is empty");
        }

        // Migrating alone needs no key and touches no row.
        shop.cli(&["migrate"]).await.ok();
        assert_eq!(rows(&shop, &old, now_as), before, "every row is as it was");
        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let fresh = Ground::fresh(engine);
        drop(fresh.open());
        assert_eq!(
            schema_of(&url.parse().expect("a URL")).expect("a schema"),
            schema_of(&fresh.url).expect("a schema"),
        );

        shop.cli(&["ledger", "verify"]).await.ok();
        let checks = shop.scalar("SELECT count(*) FROM key_check");
        assert_eq!(
            checks.as_deref(),
            Some("1"),
            "its key is known to be its key"
        );
        shop.start().await;
        for (name, order) in &orders {
            let seen = shop.order(&order.order_no, &order.view_token).await;
            let is = (seen["state"].clone(), seen["goods"].clone());
            assert_eq!(is, states[name], "{name}");
            let path = format!("/o/{}", order.order_no);
            let cookie = format!("vg_order={}", order.view_token);
            let page = shop
                .http()
                .send("GET", &path, &[("cookie", &cookie)], b"")
                .await;
            assert!(page.expect(200).text().contains(&order.order_no), "{name}");
        }
        // And it sells: what waited for its money is paid, and delivered.
        gateway.pay(orders["pending"].pay_url()).await;
        assert_eq!(shop.goods(&orders["pending"]).await.len(), 1);
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    the_first_version_alone_becomes_a_fresh_shop,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        migrate_by(&ground.url, 1).expect("the first version");
        let (_store, migrated) = Store::open(&ground.url).expect("it opens");
        assert!(!migrated.applied.is_empty());
        let fresh = Ground::fresh(engine);
        drop(fresh.open());
        assert_eq!(
            schema_of(&ground.url).expect("a schema"),
            schema_of(&fresh.url).expect("a schema")
        );
    }
);

on_both_engines!(
    /// F45: a migration is killed half way, as often as there are steps; the next start goes on
    /// from there, and nothing of the shop is lost. Fails when two steps share one transaction
    /// that the engine has committed in part.
    a_migration_that_is_killed_is_completed_by_the_next_start,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).prepare();
        let url = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let url: StoreUrl = url.parse().expect("a URL");
        migrate_by(&url, 1).expect("the first version");
        shop.tamper("INSERT INTO seller (id, name, created_at) VALUES ('kept', 'kept', 1)");
        for nth in 1..=2 {
            shop.set_env("VENDGATE_FAIL", Some(&format!("after_migration=kill@{nth}")));
            let killed = shop.cli(&["migrate"]).await;
            assert_ne!(killed.code, 0, "it was killed: {}", killed.out);
        }
        shop.set_env("VENDGATE_FAIL", None);
        shop.start().await;
        let fresh = Ground::fresh(engine);
        drop(fresh.open());
        assert_eq!(
            schema_of(&url).expect("a schema"),
            schema_of(&fresh.url).expect("a schema")
        );
        let kept = shop.scalar("SELECT name FROM seller WHERE id = 'kept'");
        assert_eq!(kept.as_deref(), Some("kept"));
    }
);
