//! Importing, listing and withdrawing cards without a configuration file.

use super::cards::{CardsError, batches, import, withdraw};
use super::support_tests::{CARDS, SMALL, Shop};
use crate::ids::BatchId;
use crate::stock::BatchState;

#[tokio::test]
async fn cards_come_in_are_listed_and_go_out_again() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    shop.apply(SMALL).await;
    let more = "SECRETCARD-0002\nNEW-1\nNEW-1\nNE\u{7}W\nNEW-2\n";
    let file = shop.file("more.txt", more);
    let told = import(shop.tools(), &file, "notes-1", true).await;
    let told = told.expect("looked at").to_string();
    assert_eq!(
        told,
        "notes-1 more.txt: 2 new, 1 duplicate in file (line 3), 1 already in stock (line 1), \
         1 malformed (line 4)\n  line 4 holds a control character\ndry run: nothing was written"
    );
    let done = import(shop.tools(), &file, "notes-1", false).await;
    let batch = done.expect("imported").loaded.batch.expect("an import");
    let list = batches(&shop.store, "notes-1").await.expect("a list");
    assert_eq!(list.batches.len(), 2);
    let listed = list.batches.iter().find(|b| b.id == batch);
    let listed = listed.expect("listed");
    assert_eq!((listed.available, listed.source.as_str()), (2, "more.txt"));
    let gone = withdraw(shop.tools(), &batch).await.expect("withdrawn");
    assert_eq!((gone.withdrawn, gone.kept, gone.already), (2, 0, false));
    let again = withdraw(shop.tools(), &batch).await.expect("withdrawn");
    assert!(again.already && again.withdrawn == 0);
    let list = batches(&shop.store, "notes-1").await.expect("a list");
    let listed = list.batches.iter().find(|b| b.id == batch);
    assert_eq!(listed.map(|b| b.state), Some(BatchState::Withdrawn));
    let json = serde_json::to_value(&list).expect("JSON");
    assert_eq!(json["batches"][0]["id"].as_str(), Some(batch.as_str()));
    assert!(!format!("{json}").contains("SECRETCARD"));
}

/// A withdrawn card comes back by an import that asks for it, not by applying the file again.
#[tokio::test]
async fn applying_again_does_not_bring_withdrawn_cards_back() {
    let shop = Shop::open();
    let file = shop.file("cards.txt", CARDS);
    let report = shop.apply(SMALL).await;
    let batch = report.cards[0].loaded.batch.clone().expect("an import");
    withdraw(shop.tools(), &batch).await.expect("withdrawn");
    let report = shop.apply(SMALL).await;
    assert!(!report.changes(), "{report}");
    assert_eq!(report.cards[0].withdrawn, [1, 2]);
    let back = import(shop.tools(), &file, "notes-1", false).await;
    assert_eq!(back.expect("imported").loaded.new, 2);
    let report = shop.apply(SMALL).await;
    assert!(report.cards[0].withdrawn.is_empty(), "{report}");
}

#[tokio::test]
async fn wrong_names_are_told() {
    let shop = Shop::open();
    let file = shop.file("cards.txt", CARDS);
    shop.apply(SMALL).await;
    let refused = import(shop.tools(), &file, "none", false).await;
    assert!(matches!(refused, Err(CardsError::UnknownVariant(_))));
    let refused = import(shop.tools(), &file, "guide-1", false).await;
    assert!(matches!(refused, Err(CardsError::NoPool { .. })));
    let refused = import(shop.tools(), &shop.folder.join("none"), "notes-1", true).await;
    assert!(matches!(refused, Err(CardsError::Unreadable { .. })));
    let empty = shop.file("empty.txt", "\n\n");
    let refused = import(shop.tools(), &empty, "notes-1", true).await;
    assert!(matches!(refused, Err(CardsError::Empty(_))));
    let none = BatchId("none".to_owned());
    let refused = withdraw(shop.tools(), &none).await;
    assert!(matches!(refused, Err(CardsError::UnknownBatch(_))));
}
