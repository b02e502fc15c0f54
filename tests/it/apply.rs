//! Configuration as a file on both engines, against the rooms themselves: the
//! same example applies, exports and loads its cards on SQLite and PostgreSQL.

use crate::harness::{TempDir, fresh_database};
use vendgate::apply::{Tools, apply, cards, export};
use vendgate::clock::SystemClock;
use vendgate::demo;
use vendgate::random::SystemRandom;
use vendgate::seal::Sealer;
use vendgate::store::Store;

const MANUAL: &str = include_str!("../../docs/APPLY.md");

async fn the_manual_applies_on(url: &str, folder: &TempDir) {
    let (_, example) = MANUAL.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```\n").expect("its end");
    for (name, text) in [
        ("cards.txt", "NHPRO-1\nNHPRO-2\nNHPRO-1\n"),
        ("course.txt", "Chapter 1\n"),
        ("epay.key", "Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA"),
        ("webhook.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("shop.toml", example),
    ] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let (store, _) = Store::open(&url.parse().expect("a URL")).expect("a store");
    let sealer = Sealer::from_ring(&Sealer::new_ring(&SystemRandom)).expect("a key");
    let tools = Tools {
        store: &store,
        sealer: &sealer,
        clock: &SystemClock,
        random: &SystemRandom,
    };
    let file = folder.join("shop.toml");
    let looked = apply(tools, &file, true).await.expect("looked at");
    assert_eq!(looked.cards[0].loaded.new, 2);
    let done = apply(tools, &file, false).await.expect("applied");
    assert_eq!(done.cards[0].loaded.duplicate_in_file, [3]);
    let again = apply(tools, &file, false).await.expect("applied");
    assert!(!again.changes(), "{again}");
    let text = export(tools).await.expect("exported");
    std::fs::write(&file, &text).expect("written");
    let again = apply(tools, &file, false).await.expect("applied");
    assert!(!again.changes(), "{again}");
    let list = cards::batches(&store, "noteharbor-pro").await;
    let batch = list.expect("a list").batches.remove(0);
    assert_eq!((batch.cards, batch.available), (2, 2));
    let gone = cards::withdraw(tools, &batch.id).await.expect("withdrawn");
    assert_eq!(gone.withdrawn, 2);
}

#[tokio::test]
async fn the_manual_applies_on_sqlite() {
    let folder = TempDir::new("apply");
    let url = format!("sqlite:{}", folder.join("shop.db").display());
    the_manual_applies_on(&url, &folder).await;
}

#[tokio::test]
async fn the_manual_applies_on_postgres() {
    the_manual_applies_on(&fresh_database(), &TempDir::new("apply")).await;
}

/// Starting again seeds nothing twice.
#[tokio::test]
async fn the_demo_is_seeded_once_on_postgres() {
    let (store, _) = Store::open(&fresh_database().parse().expect("a URL")).expect("a store");
    let sealer = Sealer::from_ring(&Sealer::new_ring(&SystemRandom)).expect("a key");
    let tools = Tools {
        store: &store,
        sealer: &sealer,
        clock: &SystemClock,
        random: &SystemRandom,
    };
    assert!(demo::seed(tools, 1, None).await.expect("seeded").changes());
    assert!(!demo::seed(tools, 1, None).await.expect("seeded").changes());
    let list = cards::batches(&store, "starforge-60")
        .await
        .expect("a list");
    let counts: Vec<i64> = list.batches.iter().map(|b| b.available).collect();
    assert_eq!(counts, [400]);
}
