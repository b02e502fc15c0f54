//! What applying does, and does not do twice.

use super::read::Problems;
use super::run::configure;
use super::support_tests::{CARDS, KEY, SMALL, Shop};
use super::{ApplyError, Sign, export, parse, stored};
use crate::money::{Currency, Minor};
use crate::settings;
use crate::stock;

async fn small() -> Shop {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    shop.apply(SMALL).await;
    shop
}

async fn version(shop: &Shop) -> i64 {
    let version = shop.store.read(settings::version).await;
    version.expect("a version")
}

#[tokio::test]
async fn a_file_becomes_a_shop() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    let report = shop.apply(SMALL).await;
    assert!(report.changes());
    let told = report.to_string();
    assert!(told.contains("~ shop"), "{told}");
    assert!(told.contains("+ variant notes-1 of notes"), "{told}");
    assert!(
        told.contains("+ cards notes-1 cards.txt: 2 new, 1 duplicate in file (line 4)"),
        "{told}"
    );
    assert!(told.ends_with("\napplied"), "{told}");
    let stored = shop.store.read(stored).await.expect("stored");
    assert_eq!(stored.settings.name, "Paper Lantern");
    let notes = &stored.variants.iter().find(|v| v.sku == "notes-1");
    let notes = notes.expect("the variant");
    assert_eq!((notes.price, notes.currency), (Minor(2_990), Currency::CNY));
    let tiers = notes.wholesale().expect("tiers");
    assert_eq!(tiers.price_for(60), Some(Minor(2_000)));
    assert_eq!(notes.buyer_limit, Some(60));
    let id = notes.id.clone();
    let left = shop
        .store
        .read(move |db| stock::store::available_cards(db, &id))
        .await;
    assert_eq!(left.expect("counted"), 2);
    let account = &stored.accounts[0];
    assert_eq!(account.base_url, "https://pay.example.com");
    assert_eq!(account.path_token.len(), 22);
    assert!(crate::account::open(account, &shop.sealer).is_ok());
    let guide = &stored.reusables[0];
    let place = stock::Reusable::place(&guide.variant_id, &guide.seller_id);
    let text = shop.sealer.open_text(&guide.content, &place);
    assert_eq!(text.as_deref(), Ok("https://guide.example/EVERGREEN-7721"));
    assert_eq!(guide.use_limit, Some(500));
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let shop = small().await;
    let before = shop.store.read(stored).await.expect("stored");
    let report = shop.apply(SMALL).await;
    assert!(!report.changes());
    assert!(report.lines.iter().all(|line| line.sign == Sign::Same));
    let told = report.to_string();
    assert!(told.ends_with("nothing to change"), "{told}");
    assert!(told.contains("[credentials.key unchanged]"), "{told}");
    assert!(told.contains("2 already in stock"), "{told}");
    let after = shop.store.read(stored).await.expect("stored");
    assert_eq!(before.version, after.version);
    assert_eq!(before.products, after.products);
    assert_eq!(before.variants, after.variants);
    assert_eq!(before.accounts, after.accounts);
}

#[tokio::test]
async fn what_is_not_named_stays_and_ids_stay() {
    let shop = small().await;
    let before = shop.store.read(stored).await.expect("stored");
    let report = shop
        .apply(
            "[[product]]\nslug = \"notes\"\nstate = \"off\"\n\
             [[product.variant]]\nsku = \"notes-1\"\nprice = \"31.00\"\n\
             [[channel_account]]\nid = \"epay-main\"\nstate = \"draining\"\n",
        )
        .await;
    let told = report.to_string();
    assert!(told.contains("price: \"29.90\" -> \"31.00\""), "{told}");
    assert!(told.contains("state: \"on\" -> \"off\""), "{told}");
    let after = shop.store.read(stored).await.expect("stored");
    assert_eq!(after.version, before.version + 1);
    let (old, new) = (&before.variants[0], &after.variants[0]);
    assert_eq!(
        (&old.id, &old.tiers, old.buyer_limit),
        (&new.id, &new.tiers, new.buyer_limit)
    );
    let (old, new) = (&before.accounts[0], &after.accounts[0]);
    assert_eq!(old.path_token, new.path_token);
    assert_eq!(old.credentials, new.credentials);
    assert_eq!(before.settings, after.settings);
}

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    let before = version(&shop).await;
    let report = shop.dry_run(SMALL).await;
    let told = report.to_string();
    assert!(told.contains("2 new, 1 duplicate in file"), "{told}");
    assert!(told.ends_with("dry run: nothing was written"), "{told}");
    for secret in [KEY, "EVERGREEN", "whsec_", "SECRETCARD"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(told.contains("credentials.key: \"changed\""), "{told}");
    assert!(told.contains("webhook_secret: \"changed\""), "{told}");
    assert_eq!(version(&shop).await, before);
    let stored = shop.store.read(stored).await.expect("stored");
    assert!(stored.products.is_empty() && stored.accounts.is_empty());
}

#[tokio::test]
async fn an_exported_shop_applied_again_changes_nothing() {
    let shop = small().await;
    let text = export(shop.tools()).await.expect("exported");
    for secret in [KEY, "EVERGREEN", "whsec_", "SECRETCARD"] {
        assert!(!text.contains(secret), "{text}");
    }
    let token = shop.store.read(stored).await.expect("stored");
    assert!(!text.contains(&token.accounts[0].path_token));
    assert!(text.contains("# key = "), "{text}");
    let before = version(&shop).await;
    let report = shop.apply(&text).await;
    assert!(!report.changes(), "{report}\n{text}");
    assert_eq!(version(&shop).await, before);
    assert_eq!(export(shop.tools()).await.expect("exported"), text);
}

/// The process died after the configuration was committed and before its cards were.
#[tokio::test]
async fn a_crash_before_the_cards_is_repaired_by_applying_again() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    let problems = Problems::of("shop.toml");
    let wishes = parse(SMALL, &shop.folder, &problems);
    let done = configure(shop.tools(), &wishes, problems, false).await;
    done.expect("configured");
    let report = shop.apply(SMALL).await;
    assert!(report.lines.iter().all(|line| line.sign == Sign::Same));
    assert_eq!(report.cards[0].loaded.new, 2);
    assert!(!shop.apply(SMALL).await.changes());
}

/// Two hands at once: the second is told instead of mixing with the first.
#[tokio::test]
async fn a_configuration_that_moved_is_not_written_over() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    let clock = Meddler(&shop.store, std::sync::atomic::AtomicBool::new(false));
    let problems = Problems::of("shop.toml");
    let wishes = parse(SMALL, &shop.folder, &problems);
    let tools = super::Tools {
        clock: &clock,
        ..shop.tools()
    };
    let refused = configure(tools, &wishes, problems, false).await;
    assert!(matches!(refused, Err(ApplyError::Moved)));
    let stored = shop.store.read(stored).await.expect("stored");
    assert!(stored.products.is_empty());
}

/// Changes the configuration the moment somebody looks at the clock.
struct Meddler<'a>(&'a crate::store::Store, std::sync::atomic::AtomicBool);

impl crate::clock::Clock for Meddler<'_> {
    fn now(&self) -> crate::clock::Millis {
        if !self.1.swap(true, std::sync::atomic::Ordering::SeqCst) {
            let store = self.0.clone();
            let thread = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                let bumped = store.write(settings::bump);
                runtime
                    .expect("a runtime")
                    .block_on(bumped)
                    .expect("bumped");
            });
            thread.join().expect("done");
        }
        1_795_000_000_000
    }
}

/// X61: neither cards nor keys are readable where they are kept.
#[tokio::test]
async fn the_database_holds_no_secret_in_the_clear() {
    let shop = small().await;
    let bytes = shop.bytes();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("Paper Lantern"), "the file is the right one");
    for secret in ["SECRETCARD", KEY, "EVERGREEN"] {
        assert!(!holds(secret), "{secret}");
    }
}

#[tokio::test]
async fn secrets_come_from_files_and_the_environment_too() {
    let shop = Shop::open();
    shop.file("epay.key", &format!("{KEY}\n"));
    let account = |key: &str| {
        format!(
            "[[channel_account]]\nid = \"a\"\nkind = \"epay\"\nmethods = [\"alipay\"]\n\
             base_url = \"https://pay.example.com\"\nfee = 0.006\n\
             [channel_account.credentials]\nversion = \"v1\"\npid = \"1001\"\nkey = {key}\n"
        )
    };
    assert!(
        shop.apply(&account("{ file = \"epay.key\" }"))
            .await
            .changes()
    );
    assert!(!shop.apply(&account(&format!("{KEY:?}"))).await.changes());
    let wrong = shop
        .refused(&account("{ env = \"VENDGATE_NO_SUCH_KEY\" }"))
        .await;
    assert_eq!(
        wrong[0],
        "channel_account[0].credentials.key.env: VENDGATE_NO_SUCH_KEY is not set"
    );
    // The tests run with their package's name in the environment.
    let pid = account(&format!("{KEY:?}")).replace("\"1001\"", "{ env = \"CARGO_PKG_NAME\" }");
    let told = shop.dry_run(&pid).await.to_string();
    assert!(told.contains("credentials.pid: \"changed\""), "{told}");
    assert!(told.contains("credentials.key: \"unchanged\""), "{told}");
    assert!(!told.contains("vendgate"), "{told}");
}
