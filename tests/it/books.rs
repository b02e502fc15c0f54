//! The books from outside: every sale, second payment and late payment is posted as the worked
//! journal of spec/ledger.md says; and when somebody breaks the books on purpose, behind the
//! shop's back, `vendgate ledger verify --json` names the invariant that was broken.

use crate::drills::stage::{
    BUYER, Goods, account, all_taken, buy, count, gateway, merchant_no, open_shop, quiet,
    try_another, verified,
};
use crate::harness::{Engine, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// What one of each in this shop has left in the books.
struct History {
    shop: TestShop,
    _gateway: Sandbox,
}

/// Cards for 19.90 CNY: one is sold; one is sold and paid twice, by two accounts; one is sold out
/// by the time its buyer pays after the deadline, so that the money goes back; one is ordered and
/// never paid. One card for 20.00 USD is sold to two buyers, of whom one waits for stock.
async fn history(engine: Engine) -> History {
    let shop = TestShop::on(engine).start().await;
    let gateway = gateway(&shop).await;
    let url = gateway.url();
    let fee = |account: String| account.replace("priority", "fee = \"0.006\"\npriority");
    let dollars = |account: String| account.replace("priority", "currency = \"USD\"\npriority");
    let accounts = fee(account("m1", "alipay", 1, &url)) + &account("m2", "wechat", 2, &url);
    let goods = Goods {
        cards: 4,
        reserve: true,
    };
    open_shop(&shop, goods, "", &accounts).await;
    shop.write_file("dollars.txt", "DOLLAR-0001-SECRET\n");
    let abroad = "[[product]]\nslug = \"abroad\"\ncategory = \"keys\"\n\
        name = { zh = \"海外\", en = \"Abroad\" }\ndelivery = \"card_pool\"\nreserve = false\n\
        [[product.variant]]\nsku = \"abroad-1\"\nprice = 2000\ncurrency = \"USD\"\n\
        [[cards]]\nvariant = \"abroad-1\"\nfile = \"dollars.txt\"\n";
    let with_card = dollars(account("m3", "card", 3, &url));
    shop.apply(&(abroad.to_owned() + &with_card)).await;
    // A running shop acts on new accounts within a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    let sold = buy(&shop, "alipay").await;
    gateway.pay(sold.pay_url()).await;
    shop.goods(&sold).await;

    let twice = buy(&shop, "alipay").await;
    let other = try_another(&shop, &twice, "wechat")
        .await
        .expect(201)
        .json();
    gateway.pay(twice.pay_url()).await;
    shop.goods(&twice).await;
    let other = other["pay"]["url"].as_str().expect("a page to pay at");
    gateway.pay(other).await;

    let late = buy(&shop, "alipay").await;
    shop.advance_clock(Duration::from_secs(16 * 60));
    shop.order_in(&late, "expired").await;
    let quick = shop.variant("editor").await;
    let quick = shop.place(&quick, 2, BUYER, "wechat").await;
    gateway.pay(quick.pay_url()).await;
    shop.goods(&quick).await;
    let pay_late = json!({"merchant_no": merchant_no(&shop, &late, 1), "late": true});
    gateway.control("pay", pay_late).await;
    shop.order_in(&late, "refunded").await;

    let variant = shop.variant("abroad").await;
    let first = shop.place(&variant, 1, BUYER, "card").await;
    let second = shop.place(&variant, 1, BUYER, "card").await;
    gateway.pay(first.pay_url()).await;
    shop.goods(&first).await;
    gateway.pay(second.pay_url()).await;
    shop.order_in(&second, "awaiting_stock").await;

    shop.write_file("more.txt", "CARD-MORE-SECRET\n");
    shop.apply("[[cards]]\nvariant = \"editor-1y\"\nfile = \"more.txt\"\n")
        .await;
    buy(&shop, "wechat").await;
    all_taken(&gateway, "").await;
    eventually(Duration::from_secs(60), || async {
        count(&shop, "refund WHERE state = 'done'") == 2
    })
    .await;
    verified(&shop).await;
    History {
        shop,
        _gateway: gateway,
    }
}

/// All transactions of one template, oldest first, as the specification writes them.
fn posted(shop: &TestShop, template: &str) -> Vec<String> {
    let legs = format!(
        "SELECT j.id AS id, e.leg AS leg, (CASE e.side WHEN 'D' THEN 'Dr ' ELSE 'Cr ' END) \
         || e.account || ' ' || e.amount || ' ' || e.currency AS line \
         FROM journal j JOIN journal_entry e ON e.journal_id = j.id \
         WHERE j.template = '{template}' ORDER BY j.id, e.leg"
    );
    let joined = match shop.engine() {
        Engine::Sqlite => "group_concat(CASE leg WHEN 1 THEN '|' ELSE '; ' END || line, '')",
        Engine::Postgres => "string_agg(CASE leg WHEN 1 THEN '|' ELSE '; ' END || line, '')",
    };
    let text = shop.scalar(&format!("SELECT {joined} FROM ({legs}) AS legs"));
    let text = text.unwrap_or_default();
    let each = text.split('|').filter(|one| !one.is_empty());
    each.map(str::to_owned).collect()
}

on_both_engines!(
    /// J01 (and J11, J15, J19, J27, J44, which are the same event), J02, J37, J54 to J58.
    what_happened_is_posted_as_the_specification_says,
    Weight::Shop,
    |engine| async move {
        let History { shop, _gateway } = history(engine).await;
        let sale = "Dr asset:clearing:m1 1990 CNY; Cr liab:order_unfulfilled 1990 CNY";
        let dollars = "Dr asset:clearing:m3 2000 USD; Cr liab:order_unfulfilled 2000 USD";
        let two = "Dr asset:clearing:m2 3980 CNY; Cr liab:order_unfulfilled 3980 CNY";
        assert_eq!(
            posted(&shop, "J01"),
            [sale, sale, two, dollars, dollars]
        );
        // 0.6 % of 19.90 is 0.1194: three receipts came by m1, one of them late.
        let fee = "Dr exp:channel_fee:m1 12 CNY; Cr asset:clearing:m1 12 CNY";
        assert_eq!(posted(&shop, "J02"), [fee; 3]);
        let delivered = "Dr liab:order_unfulfilled 1990 CNY; Cr rev:sales 1990 CNY";
        assert_eq!(
            posted(&shop, "J37"),
            [
                delivered,
                delivered,
                "Dr liab:order_unfulfilled 3980 CNY; Cr rev:sales 3980 CNY",
                "Dr liab:order_unfulfilled 2000 USD; Cr rev:sales 2000 USD",
            ]
        );
        assert_eq!(
            posted(&shop, "J54"),
            ["Dr asset:clearing:m2 1990 CNY; Cr liab:refund_payable 1990 CNY"]
        );
        assert_eq!(
            posted(&shop, "J56"),
            ["Dr asset:clearing:m1 1990 CNY; Cr liab:unallocated 1990 CNY"]
        );
        assert_eq!(
            posted(&shop, "J57"),
            ["Dr liab:unallocated 1990 CNY; Cr liab:refund_payable 1990 CNY"]
        );
        // J55 and J58: what the channel confirmed, whatever it was for.
        let back = |account: &str| {
            format!("Dr liab:refund_payable 1990 CNY; Cr asset:clearing:{account} 1990 CNY")
        };
        let confirmed: BTreeSet<String> = posted(&shop, "J14").into_iter().collect();
        assert_eq!(confirmed, BTreeSet::from([back("m1"), back("m2")]));
        assert_eq!(count(&shop, "journal"), 5 + 3 + 4 + 1 + 1 + 1 + 2);
    }
);

/// A copy of the stopped shop's database, which its commands use from now on.
fn copy(shop: &TestShop, original: &str, n: usize) {
    shop.set_env("VENDGATE_DATABASE_URL", Some(original));
    let url = match shop.engine() {
        Engine::Sqlite => {
            let file = original.trim_start_matches("sqlite:");
            let to = format!("{file}.{n}");
            shop.tamper(&format!("VACUUM INTO '{to}'"));
            format!("sqlite:{to}")
        }
        Engine::Postgres => {
            let (house, name) = original.rsplit_once('/').expect("a database");
            shop.tamper(&format!("CREATE DATABASE {name}_{n} TEMPLATE {name}"));
            format!("{house}/{name}_{n}")
        }
    };
    shop.set_env("VENDGATE_DATABASE_URL", Some(&url));
    assert!(count(shop, "journal") > 10, "the copy holds the books");
}

/// Changes what the database itself keeps anybody from changing.
fn break_in(shop: &TestShop, sql: &str) {
    let free = match shop.engine() {
        Engine::Sqlite => ["journal", "journal_entry", "seal", "order_event"]
            .iter()
            .flat_map(|table| ["update", "delete"].map(|verb| (*table, verb)))
            .map(|(table, verb)| format!("DROP TRIGGER {table}_is_append_only_{verb};"))
            .collect(),
        Engine::Postgres => "SET session_replication_role = replica;".to_owned(),
    };
    shop.tamper(&format!("{free}{sql}"));
}

/// The invariants that do not hold, and whether the command's exit code says so.
async fn broken(shop: &TestShop) -> BTreeSet<String> {
    let told = shop.cli(&["ledger", "verify", "--json"]).await;
    let report: Value = serde_json::from_str(&told.out)
        .unwrap_or_else(|error| panic!("{error}: {}{}", told.out, told.err));
    let checks = report["checks"].as_array().expect("checks");
    let wrong = checks.iter().filter(|check| check["ok"] == false);
    let ids: BTreeSet<String> = wrong
        .inspect(|check| assert_ne!(check["found"], 0, "{check}"))
        .map(|check| check["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(told.code == 0, ids.is_empty(), "{}", told.err);
    ids
}

/// The first money that bought goods, and its charge.
const SOLD: &str = "(SELECT min(id) FROM receipt WHERE kind = 'captured')";
const SOLD_CHARGE: &str = "(SELECT j.id FROM journal j WHERE j.op = 'charge' AND j.source_id = \
    (SELECT min(id) FROM receipt WHERE kind = 'captured'))";

on_both_engines!(
    /// R045: a reverse has its forward. The database takes no refund without the money it gives
    /// back, the attempt that money came by, or its checkout.
    a_refund_names_what_it_gives_back,
    Weight::Shop,
    |engine| async move {
        let History { shop, _gateway } = history(engine).await;
        for column in ["receipt_id", "attempt_id", "payment_id", "order_id"] {
            for (value, why) in [("NULL", "null"), ("'nowhere'", "foreign key")] {
                let sql = format!("UPDATE refund SET {column} = {value}");
                let keys = match engine {
                    Engine::Sqlite => "PRAGMA foreign_keys = ON;",
                    Engine::Postgres => "",
                };
                let refused = shop.try_tamper(&format!("{keys}{sql}")).expect_err(&sql);
                let said = refused.to_string().to_lowercase();
                assert!(said.contains(why), "{sql}: {said}");
            }
        }
        verified(&shop).await;
    }
);

on_both_engines!(
    /// I01, I02, I03, I06, I07, I08, I10, I14, I20; R062 (either side of a pair is missing),
    /// R065 (delivered and never paid), R066 (refunded twice).
    what_contradicts_the_books_is_named,
    Weight::Heavy,
    |engine| async move {
        let History { shop, _gateway } = history(engine).await;
        quiet(&shop).await;
        shop.stop();
        let original = shop.env("VENDGATE_DATABASE_URL").expect("a database");
        let cases: &[(&str, String, &[&str])] = &[
            ("nothing", String::new(), &[]),
            (
                "the debit is a cent more",
                format!("UPDATE journal_entry SET amount = amount + 1 WHERE side = 'D' AND journal_id = {SOLD_CHARGE}"),
                &["I01", "I02", "I03", "I06", "I20"],
            ),
            (
                "the credit is a cent more",
                format!("UPDATE journal_entry SET amount = amount + 1 WHERE side = 'C' AND journal_id = {SOLD_CHARGE}"),
                &["I01", "I02", "I03", "I10", "I20"],
            ),
            (
                "both legs are a cent more: it nets to zero, and it is not what came",
                format!("UPDATE journal_entry SET amount = amount + 1 WHERE journal_id = {SOLD_CHARGE}"),
                &["I03", "I06", "I10", "I20"],
            ),
            (
                "a balance is a cent more",
                "UPDATE balance SET credit = credit + 1 WHERE account = 'rev:sales' AND currency = 'CNY'".to_owned(),
                &["I03"],
            ),
            (
                "a receipt without its charge",
                format!("DELETE FROM journal_entry WHERE journal_id = {SOLD_CHARGE}; DELETE FROM journal WHERE id = {SOLD_CHARGE}"),
                &["I03", "I06", "I10", "I20"],
            ),
            (
                "a charge without its receipt",
                format!("DELETE FROM receipt WHERE id = {SOLD}"),
                &["I06"],
            ),
            (
                "a receipt of another amount",
                format!("UPDATE receipt SET amount = amount + 1 WHERE id = {SOLD}"),
                &["I06"],
            ),
            (
                "delivered and never paid",
                "UPDATE orders SET state = 'delivered' WHERE state = 'pending_payment'".to_owned(),
                &["I07"],
            ),
            (
                "paid, and delivered in words alone",
                "UPDATE orders SET state = 'delivered' WHERE state = 'awaiting_stock'".to_owned(),
                &["I07", "I10"],
            ),
            (
                "one unit too few",
                "DELETE FROM delivery WHERE id = (SELECT min(id) FROM delivery)".to_owned(),
                &["I07"],
            ),
            (
                "a delivered card is for sale again",
                "UPDATE card SET state = 'available', item_id = NULL WHERE id = (SELECT min(card_id) FROM delivery)".to_owned(),
                &["I08"],
            ),
            (
                "a delivered card belongs to another order",
                "UPDATE card SET item_id = (SELECT max(item_id) FROM delivery) WHERE id = \
                 (SELECT card_id FROM delivery WHERE item_id = (SELECT min(item_id) FROM delivery))".to_owned(),
                &["I08"],
            ),
            (
                "an order that waits is worth more",
                "UPDATE orders SET amount = amount + 1 WHERE state = 'awaiting_stock'".to_owned(),
                &["I10"],
            ),
            (
                "a refund is not done after all",
                "UPDATE refund SET state = 'pending' WHERE id = (SELECT min(id) FROM refund)".to_owned(),
                &["I14"],
            ),
            (
                "refunded twice",
                "CREATE TEMP TABLE twin AS SELECT * FROM refund WHERE id = (SELECT min(id) FROM refund); \
                 UPDATE twin SET id = 'twin', dedupe = 'twin', merchant_refund_no = 'twin'; \
                 INSERT INTO refund SELECT * FROM twin".to_owned(),
                &["I14"],
            ),
            (
                "a transaction at another time",
                format!("UPDATE journal SET at = at + 1 WHERE id = {SOLD_CHARGE}"),
                &["I20"],
            ),
            (
                "a link of the chain is gone",
                "DELETE FROM seal WHERE seq = 3".to_owned(),
                &["I03", "I20"],
            ),
            (
                "an order's event tells another story",
                "UPDATE order_event SET actor = 'nobody' WHERE seq = 1 AND order_id = (SELECT min(id) FROM orders)".to_owned(),
                &["I20o"],
            ),
        ];
        let mut wrong = Vec::new();
        for (n, (what, sql, named)) in cases.iter().enumerate() {
            copy(&shop, &original, n);
            if !sql.is_empty() {
                break_in(&shop, sql);
            }
            let named: BTreeSet<String> = named.iter().map(|id| (*id).to_owned()).collect();
            let found = broken(&shop).await;
            if found != named {
                wrong.push(format!("{what}: {found:?} instead of {named:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);
