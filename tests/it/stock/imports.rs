//! Imports and withdrawals, whole or killed half way.

use std::time::Duration;

use super::LONG;
use crate::harness::{Cli, eventually, on_both_engines};
use crate::scene::{Scene, Wares};

/// More than two writes of them.
const MANY: usize = 1_000;

/// Runs a command that is killed at a point.
async fn killed(scene: &Scene, point: &str, args: &[&str]) -> Cli {
    scene
        .shop
        .set_env("VENDGATE_FAIL", Some(&format!("{point}=kill@1")));
    let killed = scene.shop.cli(args).await;
    scene.shop.set_env("VENDGATE_FAIL", None);
    assert_eq!(killed.code, -1, "{}{}", killed.out, killed.err);
    killed
}

/// An import of [`MANY`] that is killed after its first write.
async fn killed_import(scene: &Scene) {
    let cards: String = (0..MANY).map(|n| format!("MANY-{n:04}\n")).collect();
    let file = scene.shop.write_file("MANY.txt", cards);
    let file = file.display().to_string();
    let import = ["cards", "import", &file, "--variant", "thing"];
    killed(scene, "after_load_chunk", &import).await;
    assert_eq!(scene.available().await, 0, "half an import sells nothing");
    let imports = scene.imports().await;
    assert_eq!(imports[0]["state"], "loading");
    assert_eq!(imports[0]["cards"], 400);
}

on_both_engines!(
    a_killed_import_goes_on_where_it_stopped,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, Wares::default()).await;
        killed_import(&scene).await;
        let done = scene.import("MANY", MANY).await;
        assert_eq!(done["already_in_stock"].as_array().map(Vec::len), Some(0));
        let imports = scene.imports().await;
        assert_eq!(imports.len(), 1, "it is the same import: {imports:?}");
        assert_eq!(imports[0]["available"], MANY);
        assert_eq!(scene.available().await, 1_000);
        let again = scene.import("MANY", MANY).await;
        assert_eq!(again["new"], 0);
        assert_eq!(scene.imports().await.len(), 1);
    }
);

on_both_engines!(
    an_import_nobody_finishes_is_withdrawn,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, Wares::default()).await;
        killed_import(&scene).await;
        // It may still go on, for an hour.
        scene.shop.advance_clock(Duration::from_secs(50 * 60));
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(scene.imports().await[0]["state"], "loading");
        scene.shop.advance_clock(Duration::from_secs(11 * 60));
        eventually(LONG, || async { scene.cards("withdrawn") == 400 }).await;
        assert_eq!(scene.imports().await[0]["state"], "withdrawn");
        // Its cards are free to be imported again.
        let again = scene.import("MANY", MANY).await;
        assert_eq!(again["new"], MANY);
        assert_eq!(scene.cards("available"), 1_000);
    }
);

on_both_engines!(
    a_killed_withdrawal_is_finished,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, Wares::default()).await;
        scene.import("MANY", MANY).await;
        let import = scene.imports().await[0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        killed(
            &scene,
            "after_withdraw_chunk",
            &["cards", "withdraw", &import],
        )
        .await;
        assert_eq!(scene.available().await, 0, "buyers see none of it at once");
        eventually(LONG, || async { scene.cards("withdrawn") == 1_000 }).await;
        assert_eq!(scene.cards("available"), 0);
    }
);

on_both_engines!(
    a_withdrawal_leaves_reserved_cards_to_their_orders,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(
            engine,
            Wares {
                cards: 10,
                ..Wares::default()
            },
        )
        .await;
        let pays = scene.buys(1, 2).await;
        let leaves = scene.buys(2, 3).await;
        let import = scene.imports().await[0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let told = scene.shop.cli(&["cards", "withdraw", &import]).await.ok();
        assert!(told.contains("5 cards withdrawn, 5 stay"), "{told}");
        assert_eq!(scene.available().await, 0);
        assert_eq!(scene.ask(3, None, 1).await.status, 409);

        scene.gateway.pay(pays.pay_url()).await;
        assert_eq!(scene.shop.goods(&pays).await.len(), 2);
        // What its order gives back is not for sale again.
        scene.cancel(&leaves).await.expect(200);
        assert_eq!(scene.available().await, 0);
        eventually(LONG, || async { scene.cards("withdrawn") == 8 }).await;
        assert_eq!((scene.cards("available"), scene.cards("delivered")), (0, 2));
        scene.books_hold().await;
    }
);
