//! What happens to cards and orders when nobody pays, when cards come later, and when whoever
//! loads or withdraws them is killed.

mod ends;
mod imports;

use diesel::connection::SimpleConnection;
use std::time::Duration;
use vendgate::ids::OrderId;
use vendgate::payment::store::waiting_orders;
use vendgate::store::{Store, StoreError};

use crate::harness::{Engine, TempDir, eventually, fresh_database, on_both_engines};
use crate::scene::{Scene, Wares};

const LONG: Duration = Duration::from_secs(60);

on_both_engines!(
    /// G08: whoever paid first is served first, as far as the cards go.
    cards_that_come_later_go_to_the_oldest_order,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let mut orders = Vec::new();
        for buyer in 0..4 {
            orders.push(scene.buys(buyer, 1).await);
        }
        // The last to order is the second to pay, and so on.
        scene.gateway.pay(orders[0].pay_url()).await;
        assert_eq!(scene.shop.goods(&orders[0]).await, ["FIRST-0000"]);
        let waiting = [&orders[3], &orders[1], &orders[2]];
        for order in waiting {
            scene.gateway.pay(order.pay_url()).await;
            scene.shop.order_in(order, "awaiting_stock").await;
        }
        let open = "SELECT count(*) FROM money_case WHERE state = 'open' AND kind = 'no_stock'";
        assert_eq!(scene.count(open), 3);

        scene.import("SECOND", 1).await;
        assert_eq!(scene.shop.goods(waiting[0]).await, ["SECOND-0000"]);
        assert_eq!(scene.state(waiting[1]).await, "awaiting_stock");
        assert_eq!(scene.state(waiting[2]).await, "awaiting_stock");
        scene.import("THIRD", 3).await;
        for order in [waiting[1], waiting[2]] {
            let goods = scene.shop.goods(order).await;
            assert!(goods[0].starts_with("THIRD-"), "{goods:?}");
        }
        // The events tell who was first.
        let first = scene.shop.scalar(
            "SELECT o.order_no FROM order_event e JOIN orders o ON o.id = e.order_id \
             WHERE e.kind = 'all_delivered' ORDER BY e.at DESC, o.paid_at DESC LIMIT 1",
        );
        assert_eq!(first.as_ref(), Some(&waiting[2].order_no), "the last to pay was served last");
        assert_eq!(scene.available().await, 1);
        eventually(LONG, || async { scene.count(open) == 0 }).await;
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// The shopkeeper hears once of each import that runs out, and of nothing before.
    low_stock_is_told_once_per_import,
    Weight::Shop,
    |engine| async move {
        let wares = Wares {
            cards: 3,
            product: "low_stock = 2",
            shop: "admin_email = \"owner@example.test\"",
            ..Wares::default()
        };
        let scene = Scene::open(engine, wares).await;
        let told = "SELECT count(*) FROM alert WHERE kind = 'low_stock'";
        let mails = "SELECT count(*) FROM outbox WHERE topic LIKE 'admin%'";
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(scene.count(told), 0, "three are more than two");
        scene.buys(1, 1).await;
        eventually(LONG, || async { scene.count(told) == 1 }).await;
        let mail = scene.shop.smtp().first_mail_to("owner@example.test").await;
        assert!(mail.text().contains("「东西 (thing)」还剩 2 份"), "{}", mail.text());
        // It looks again every five seconds, and has nothing new to say.
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert_eq!((scene.count(told), scene.count(mails)), (1, 1));
        assert_eq!(scene.count("SELECT max(count) FROM alert WHERE kind = 'low_stock'"), 1);

        scene.import("SECOND", 1).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(scene.count(told), 1, "three again");
        scene.buys(2, 2).await;
        eventually(LONG, || async { scene.count(told) == 2 }).await;
        assert_eq!(scene.count(mails), 2);
    }
);

/// Three variants, and orders that wait for them: `o1` the longest, for cards.
const WAITING: &str = "
INSERT INTO category VALUES ('c','c','c','c',0,0);
INSERT INTO product VALUES ('p','house','c','p','p','p','','','','','','','','card_pool',TRUE,'[]',0,0,'on',0,0,0);
INSERT INTO variant VALUES ('v1','p','house','v1','v','v',1000,'CNY','[]',1,9,NULL,'on',0,0);
INSERT INTO variant VALUES ('v2','p','house','v2','v','v',1000,'CNY','[]',1,9,NULL,'on',0,0);
INSERT INTO variant VALUES ('v3','p','house','v3','v','v',1000,'CNY','[]',1,9,NULL,'on',0,0);
INSERT INTO reusable VALUES ('v3','house','',3,2,0,NULL);
INSERT INTO card_batch VALUES ('b1','v1','house','t','loading',1,0,0,NULL);
INSERT INTO card_batch VALUES ('b2','v2','house','t','available',1,0,0,NULL);
INSERT INTO card VALUES ('k1','v1','house','b1','available','','h1',NULL,0);
INSERT INTO card VALUES ('k2','v2','house','b2','available','','h2',NULL,0);
";

fn waiting_order(n: i64, variant: &str, delivery: &str, quantity: i64) -> String {
    format!(
        "INSERT INTO payment VALUES ('p{n}','CNY',0,0,0);
         INSERT INTO orders (id, order_no, seller_id, payment_id, state, version, currency, amount,
            refunded_amount, email, email_hash, locale, event_seq, event_head, created_at,
            expires_at, paid_at)
            VALUES ('o{n}','o{n}','house','p{n}','awaiting_stock',1,'CNY',0,0,'','','en',0,'',0,0,{n});
         INSERT INTO order_item VALUES
            ('i{n}','o{n}','house','p','{variant}','','','{delivery}',0,{quantity},0,'CNY',0,0);"
    )
}

on_both_engines!(
    /// However many wait for what is not there, whoever can be served is the next one.
    nobody_waits_behind_orders_that_get_nothing,
    Weight::Shop,
    |engine| async move {
        let dir = TempDir::new("waiting");
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", dir.join("shop.db").display()),
            Engine::Postgres => fresh_database(),
        };
        let (store, _) = Store::open(&url.parse().expect("a URL")).expect("a store");
        let sql = |text: String| {
            let store = store.clone();
            async move {
                let done = store
                    .write(move |db| Ok::<_, StoreError>(db.batch_execute(&text)?))
                    .await;
                done.expect("rows");
            }
        };
        let next = || async {
            let ids = store.read(|db| waiting_orders(db, 1)).await.expect("read");
            ids.into_iter().map(|OrderId(id)| id).next()
        };
        let rows = [
            WAITING.to_owned(),
            waiting_order(1, "v1", "card_pool", 1),
            waiting_order(2, "v3", "reusable", 2),
            waiting_order(3, "v2", "card_pool", 2),
            waiting_order(4, "v3", "reusable", 1),
        ];
        sql(rows.concat()).await;
        assert_eq!(next().await.as_deref(), Some("o3"), "some of it is something");
        sql("UPDATE card SET state = 'withdrawn' WHERE id = 'k2'".to_owned()).await;
        assert_eq!(next().await.as_deref(), Some("o4"), "a use is left");
        sql("UPDATE reusable SET use_limit = NULL".to_owned()).await;
        assert_eq!(next().await.as_deref(), Some("o2"), "without a limit there are enough");
        sql("UPDATE card_batch SET state = 'available'".to_owned()).await;
        assert_eq!(next().await.as_deref(), Some("o1"), "the import is complete");
        sql("UPDATE orders SET state = 'delivered'".to_owned()).await;
        assert_eq!(next().await, None);
    }
);
