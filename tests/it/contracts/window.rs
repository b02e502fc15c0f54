//! The shop window: what pages show is what the database holds, at most a second ago.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use vendgate::catalog::{Category, Delivery, Product, Variant, store as rows};
use vendgate::ids::{CategoryId, ProductId, VariantId};
use vendgate::money::Currency;
use vendgate::stock;
use vendgate::store::{Db, Store, StoreError};
use vendgate::window::Window;

use super::Ground;
use crate::harness::{eventually, on_both_engines};

/// One variant of each product, whose id is the product's.
const GOODS: [(&str, Delivery); 7] = [
    ("pool", Delivery::CardPool),
    ("many", Delivery::CardPool),
    ("empty", Delivery::CardPool),
    ("endless", Delivery::Reusable),
    ("limited", Delivery::Reusable),
    ("missing", Delivery::Reusable),
    ("person", Delivery::Manual),
];

/// Cards in every state an import and a card can be in; a reusable card of each kind.
fn stock_up(db: &mut Db) -> Result<(), StoreError> {
    let mut sql = String::new();
    let mut batch = |id: &str, of: &str, state: &str, withheld: &str| {
        sql += &format!(
            "INSERT INTO card_batch VALUES ('{id}', '{of}', 'house', 'x', '{state}', 9, 1, 1, {withheld});"
        );
        for n in 0..if of == "many" { 1_003 } else { 3 } {
            sql += &format!(
                "INSERT INTO card VALUES ('{id}{n}', '{of}', 'house', '{id}', 'available', '', '{id}{n}', NULL, 1);"
            );
        }
    };
    batch("b1", "pool", "available", "NULL");
    batch("b2", "pool", "loading", "NULL");
    batch("b3", "pool", "withdrawn", "NULL");
    batch("b4", "pool", "available", "7");
    batch("b5", "many", "available", "NULL");
    sql += "UPDATE card SET state = 'delivered', item_id = 'i' WHERE id = 'b10';\
         INSERT INTO reusable VALUES ('endless', 'house', '', NULL, 5, 1, NULL);\
         INSERT INTO reusable VALUES ('limited', 'house', '', 7, 5, 1, NULL);";
    Ok(db.batch_execute(&sql)?)
}

fn put(db: &mut Db, slug: &str, delivery: Delivery) -> Result<(), StoreError> {
    let shelf = CategoryId("keys".to_owned());
    rows::put_category(
        db,
        &Category {
            id: shelf.clone(),
            slug: "keys".to_owned(),
            name_zh: "软件".to_owned(),
            name_en: "Keys".to_owned(),
            position: 0,
            changed_at: 1,
        },
    )?;
    let product = Product {
        category_id: shelf,
        slug: slug.to_owned(),
        description_zh: "**说明**".to_owned(),
        delivery,
        ..Product::fresh(ProductId(slug.to_owned()), 1)
    };
    rows::put_product(db, &product)?;
    let id = VariantId(slug.to_owned());
    let variant = Variant {
        sku: slug.to_owned(),
        ..Variant::fresh(id, &product, Currency::CNY, 1)
    };
    rows::put_variant(db, &variant)
}

async fn stocked(ground: &Ground) -> Store {
    let store = ground.open();
    let filled = store.write(|db| {
        for (slug, delivery) in GOODS {
            put(db, slug, delivery)?;
        }
        stock_up(db)
    });
    filled.await.expect("goods");
    store
}

async fn sql(store: &Store, text: &'static str) {
    let run = store.write(move |db| Ok::<_, StoreError>(db.batch_execute(text)?));
    run.await.expect(text);
}

on_both_engines!(
    all_stock_in_one_go_is_the_stock_of_each,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let store = stocked(&ground).await;
        let read = store.read(|db| {
            let all = stock::left_of_all(db)?;
            let mut found = Vec::new();
            for (slug, delivery) in GOODS {
                let of = VariantId(slug.to_owned());
                let one = stock::left(db, delivery, &of)?;
                assert_eq!(all.of(delivery, &of), one, "{slug}");
                found.push(one);
            }
            Ok::<_, StoreError>(found)
        });
        let found = read.await.expect("a read");
        let wanted = [Some(2), Some(1_000), Some(0), None, Some(2), Some(0), None];
        assert_eq!(found, wanted);
    }
);

on_both_engines!(
    own_writes_are_shown_at_once_and_others_within_a_second,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let (store, window) = (stocked(&ground).await, Window::default());
        let first = window.goods(&store).await.expect("goods");
        assert_eq!(first.products.len(), GOODS.len());
        assert!(Arc::ptr_eq(
            &first,
            &window.goods(&store).await.expect("goods")
        ));
        let html = |goods: &vendgate::window::Goods| {
            let pool = goods.by_slug("pool").expect("on sale");
            assert_eq!(pool.description_zh(), "<p><strong>说明</strong></p>\n");
            pool.description_zh().as_ptr()
        };

        sql(&store, "UPDATE product SET state = 'off' WHERE id = 'many'").await;
        let second = window.goods(&store).await.expect("goods");
        assert!(second.by_slug("many").is_none() && second.was_withdrawn("many"));
        assert!(!second.was_withdrawn("pool") && !second.was_withdrawn("nothing"));
        assert_eq!(
            html(&first),
            html(&second),
            "a text that stayed is not made anew"
        );

        let other = ground.open();
        sql(
            &other,
            "UPDATE product SET description_zh = '' WHERE id = 'pool'",
        )
        .await;
        let told = || async {
            let goods = window.goods(&store).await.expect("goods");
            goods
                .by_slug("pool")
                .is_some_and(|p| p.description_zh().is_empty())
        };
        eventually(Duration::from_secs(5), told).await;
    }
);

on_both_engines!(
    many_who_look_at_once_share_one_reading,
    Weight::Shop,
    |engine| async move {
        let ground = Ground::fresh(engine);
        let (store, window) = (stocked(&ground).await, Arc::new(Window::default()));
        let look = || {
            let (store, window) = (store.clone(), Arc::clone(&window));
            tokio::spawn(async move { window.goods(&store).await.expect("goods") })
        };
        let looks: Vec<_> = (0..64).map(|_| look()).collect();
        let mut seen = Vec::new();
        for one in looks {
            seen.push(one.await.expect("it ran"));
        }
        assert!(seen.iter().all(|goods| Arc::ptr_eq(goods, &seen[0])));
    }
);
