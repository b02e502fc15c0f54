//! Goods that a person delivers.

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use vendgate::store::StoreError;

use super::{books_hold, case, page, posted, show, staff};
use crate::drills::stage::{self, BUYER, FIVE, account, count, verified};
use crate::harness::{Engine, Placed, Sandbox, TestShop, on_both_engines};
use crate::scene::{Scene, Wares};

/// A shop that also sells what a person prepares, for an account that the buyer names.
async fn open(shop: &TestShop) -> Sandbox {
    let gateway = stage::gateway(shop).await;
    let by_hand = r#"
[[product]]
slug = "course"
category = "keys"
name = { zh = "陪跑课", en = "Course" }
delivery = "manual"
[[product.field]]
key = "account"
label_zh = "账号"
label_en = "Account"
kind = "text"
required = true
[[product.variant]]
sku = "course-1"
price = 5000
"#;
    let rest = format!("{by_hand}{}", account("m1", "alipay", 1, &gateway.url()));
    stage::open_shop(shop, FIVE, "", &rest).await;
    gateway
}

async fn orders(shop: &TestShop, quantity: u32) -> Placed {
    let body = json!({
        "variant": "course-1", "quantity": quantity, "email": BUYER, "method": "alipay",
        "locale": "en", "fields": {"account": "stranger-42"},
    });
    let reply = shop.try_place(&body).await.expect(201);
    serde_json::from_slice(&reply.body).expect("an order")
}

fn file(shop: &TestShop, name: &str, content: &str) -> String {
    shop.write_file(name, content).display().to_string()
}

/// Nothing that the shop keeps or says holds this text in the clear.
fn sealed(shop: &TestShop, text: &str) {
    assert!(!shop.log().contains(text), "in the log");
    let hex = match shop.engine() {
        Engine::Sqlite => "lower(hex(content))",
        Engine::Postgres => "encode(content, 'hex')",
    };
    let plain: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    let found = format!("delivery WHERE {hex} LIKE '%{plain}%'");
    assert_eq!(count(shop, &found), 0, "at rest");
}

on_both_engines!(
    /// The whole walk: paid, told to wait, prepared, delivered by a person, mailed, shown; once.
    a_person_delivers_what_was_bought, |shop| async move {
        let gateway = open(&shop).await;
        let placed = orders(&shop, 2).await;
        gateway.pay(placed.pay_url()).await;
        shop.order_in(&placed, "delivering").await;
        let waits = shop.smtp().first_mail_to(BUYER).await;
        assert!(waits.text().contains("A person delivers this item"), "{}", waits.text());

        // What staff need to know stands on the case.
        let id = case(&shop, "no_stock").await;
        let view = show(&shop, &id).await;
        let order = &view["order"];
        assert_eq!(order["order_no"], placed.order_no.as_str());
        assert_eq!(order["fields"], json!({"account": "stranger-42"}));
        assert_eq!((&order["items"][0]["quantity"], &order["items"][0]["owed"]), (&json!(2), &json!(2)));
        assert_eq!(view["may"], json!(["deliver", "refund"]));
        let told = shop.cli(&["case", "show", &id]).await.ok();
        for word in [placed.order_no.as_str(), "2 owed (manual)", "account: stranger-42", "case deliver"] {
            assert!(told.contains(word), "{word}: {told}");
        }

        // One content for each unit, and each of them something.
        let first = file(&shop, "one.txt", "login: a\npassword: SESAME-ONE\n");
        let second = file(&shop, "two.txt", "login: b\npassword: SESAME-TWO\r\n");
        let empty = file(&shop, "empty.txt", " \n");
        let long = file(&shop, "long.txt", &"x".repeat(65_537));
        let refused = staff(&shop, &["deliver", &id]).await.refused();
        assert!(refused.contains("2 unit(s)") && refused.contains("0 given"), "{refused}");
        for (other, why) in [(&first, "2 unit(s)"), (&empty, "is empty"), (&long, "64 KiB")] {
            let files = match other == &first {
                true => vec!["--content-file", other],
                false => vec!["--content-file", &first, "--content-file", other],
            };
            let deed = [&["deliver", id.as_str()], files.as_slice()].concat();
            let refused = staff(&shop, &deed).await.refused();
            assert!(refused.contains(why), "{refused}");
        }
        let put_away = staff(&shop, &["close", &id]).await.refused();
        assert!(put_away.contains("case deliver"), "{put_away}");
        assert_eq!((count(&shop, "delivery"), count(&shop, "case_note")), (0, 0));

        let deed = ["deliver", &id, "--content-file", &first, "--content-file", &second];
        staff(&shop, &deed).await.ok();
        let goods = shop.goods(&placed).await;
        assert_eq!(goods, ["login: a\npassword: SESAME-ONE", "login: b\npassword: SESAME-TWO"]);
        let shown = page(&shop, &placed).await;
        assert!(shown.contains("SESAME-ONE") && shown.contains("SESAME-TWO"));
        verified(&shop).await;
        let mails = shop.smtp().mails_to(BUYER);
        assert_eq!(mails.len(), 2, "wait; here it is");
        assert!(mails[1].text().contains("SESAME-TWO"), "{}", mails[1].text());
        for secret in ["SESAME-ONE", "SESAME-TWO"] {
            sealed(&shop, secret);
        }
        assert_eq!(show(&shop, &id).await["case"]["state"], "closed");
        assert_eq!(posted(&shop, "J37"), 1);

        let again = staff(&shop, &deed).await.refused();
        assert!(again.contains("the case is closed"), "{again}");
        assert_eq!((count(&shop, "delivery"), count(&shop, "case_note")), (2, 1));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// A pool and a person in one order: each unit leaves when it is there, and the case closes
    /// with the last one.
    an_order_of_both_kinds_is_delivered_in_parts,
    Weight::Shop,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let (quick, both) = (scene.buys(1, 1).await, scene.buys(2, 1).await);
        // A second line, which a person delivers.
        let line = format!(
            "INSERT INTO order_item SELECT 'by-hand', order_id, seller_id, product_id, variant_id, \
             name_zh, name_en, 'manual', 0, 2, 0, currency, 0, 0 FROM order_item WHERE order_id = \
             (SELECT id FROM orders WHERE order_no = '{}')",
            both.order_no
        );
        let store = scene.beside().await.store;
        let added = store.write(move |db| Ok::<_, StoreError>(db.batch_execute(&line)?)).await;
        added.expect("a line");
        scene.gateway.pay(quick.pay_url()).await;
        scene.shop.goods(&quick).await;
        scene.gateway.pay(both.pay_url()).await;
        scene.shop.order_in(&both, "awaiting_stock").await;

        let id = case(&scene.shop, "no_stock").await;
        let by_hand = ["deliver", &id, "--content", "BY-HAND-1", "--content", "BY-HAND-2"];
        staff(&scene.shop, &by_hand).await.ok();
        let order = scene.shop.order_in(&both, "partially_delivered").await;
        assert_eq!(order["goods"].as_array().map(Vec::len), Some(2));
        let view = show(&scene.shop, &id).await;
        assert_eq!(view["case"]["state"], "open", "a card is still owed");
        let again = staff(&scene.shop, &by_hand).await.refused();
        assert!(again.contains("0 unit(s)") && again.contains("2 given"), "{again}");

        scene.import("SECOND", 1).await;
        let mut goods = scene.shop.goods(&both).await;
        goods.sort();
        assert_eq!(goods, ["BY-HAND-1", "BY-HAND-2", "SECOND-0000"]);
        super::closed(&scene.shop, &id).await;
        let units: Value = show(&scene.shop, &id).await["order"]["items"].clone();
        assert!(units.as_array().is_some_and(|all| all.iter().all(|item| item["owed"] == 0)));
        scene.books_hold().await;
    }
);
