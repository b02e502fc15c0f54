//! The manual's example is a shop that applies.

use super::support_tests::{KEY, Shop};

#[tokio::test]
async fn the_example_of_the_manual_applies_once() {
    let manual = include_str!("../../docs/APPLY.md");
    let (_, rest) = manual.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```\n").expect("its end");
    let shop = Shop::open();
    shop.file("cards.txt", "NHPRO-1\nNHPRO-2\n");
    shop.file("course.txt", "Chapter 1\n\nChapter 2\n");
    shop.file("epay.key", KEY);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
    shop.file("webhook.secret", secret);
    let report = shop.apply(example).await;
    assert_eq!(report.cards[0].loaded.new, 2);
    assert!(!shop.apply(example).await.changes());
    let exported = super::export(shop.tools()).await.expect("exported");
    let again = shop.apply(&exported).await;
    assert!(!again.changes(), "{again}");
}
