//! The demo shop is whole, and is made once.

use diesel::connection::SimpleConnection as _;

use super::*;
use crate::apply::support_tests::{KEY, Shop};
use crate::catalog::Delivery;
use crate::random::{Random, SystemRandom};

fn gateway(port: u16) -> Gateway {
    Gateway {
        base_url: format!("http://127.0.0.1:{port}"),
        keys: None,
    }
}

/// A first start: every account has its keys.
fn with_keys() -> Gateway {
    let pem = |text: &str| Secret::new(text.to_owned());
    Gateway {
        keys: Some(Keys {
            merchant: "demo".to_owned(),
            key: Secret::new(KEY),
            v1_pid: "1001".to_owned(),
            v1_key: Secret::new("Qm7xB2vT9kR4nW8yL3cJ6hD1pF5sG0aZ"),
            v2_pid: "1002".to_owned(),
            v2_merchant_private_key: pem(&KEYS.0),
            v2_platform_public_key: pem(&KEYS.1),
        }),
        ..gateway(4000)
    }
}

/// RSA keys take a moment to make: once for all tests.
static KEYS: std::sync::LazyLock<(String, String)> = std::sync::LazyLock::new(|| {
    use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
    let mut random = OsBits;
    let ours = rsa::RsaPrivateKey::new(&mut random, 2_048).expect("a key");
    let theirs = rsa::RsaPrivateKey::new(&mut random, 2_048).expect("a key");
    let private = ours.to_pkcs8_pem(LineEnding::LF).expect("PEM");
    let public = theirs.to_public_key().to_public_key_pem(LineEnding::LF);
    (private.to_string(), public.expect("PEM"))
});

struct OsBits;

impl rsa::rand_core::RngCore for OsBits {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        SystemRandom.fill(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for OsBits {}

async fn left(shop: &Shop, sku: &'static str) -> i64 {
    let count = shop.store.read(move |db| {
        let variant = crate::catalog::store::variant_by_sku(db, sku)?;
        let variant = variant.ok_or(StoreError::NotFound)?;
        stock::store::available_cards(db, &variant.id)
    });
    count.await.expect("counted")
}

#[tokio::test]
async fn the_demo_shop_has_all_kinds_of_goods() {
    let shop = Shop::open();
    assert!(needs_keys(shop.tools()).await.expect("read"));
    let report = seed(shop.tools(), 1, Some(&with_keys())).await;
    assert!(report.expect("seeded").changes());
    assert!(!needs_keys(shop.tools()).await.expect("read"));
    let stored = shop.store.read(stored).await.expect("stored");
    assert!(stored.products.len() >= 14);
    let icons: Vec<&str> = crate::web::assets::icon::ALL
        .iter()
        .map(|(_, i)| i.id())
        .collect();
    for p in &stored.products {
        assert!(
            icons.contains(&p.picture.as_str()),
            "{}: {}",
            p.slug,
            p.picture
        );
        for text in [
            &p.summary_zh,
            &p.summary_en,
            &p.description_zh,
            &p.description_en,
            &p.usage_zh,
            &p.usage_en,
        ] {
            assert!(!text.is_empty(), "{}", p.slug);
        }
        let html = crate::catalog::to_html(&p.description_en);
        assert!(html.starts_with('<'), "{html}");
    }
    for delivery in Delivery::ALL {
        assert!(stored.products.iter().any(|p| p.delivery == *delivery));
    }
    // Every pool of the goods has its cards, or is sold out on purpose.
    for v in &stored.variants {
        let of = stored
            .products
            .iter()
            .find(|p| p.id == v.product_id)
            .expect("its product");
        let pooled = cards::pools(1).any(|(sku, _)| sku == v.sku);
        assert_eq!(of.delivery == Delivery::CardPool, pooled, "{}", v.sku);
        assert_eq!(v.currency, Currency::CNY);
    }
    assert!(stored.variants.iter().any(|v| v.price.0 == 0));
    assert!(
        stored
            .products
            .iter()
            .any(|p| p.name_en.chars().count() > 120)
    );
    assert!(
        stored
            .products
            .iter()
            .any(|p| p.asks().is_ok_and(|f| f.len() == 3))
    );
    assert_eq!(left(&shop, "tunefield-1y").await, 0);
    assert_eq!(left(&shop, "shieldline-1y").await, 3);
    assert_eq!(left(&shop, "noteharbor-pro").await, 128);
    for row in &stored.accounts {
        assert!(
            crate::account::open(row, &shop.sealer).is_ok(),
            "{}",
            row.id
        );
    }
    assert_eq!(stored.accounts[1].base_url, "http://127.0.0.1:4000/epay");
}

#[tokio::test]
async fn a_second_start_seeds_nothing_twice_and_keeps_what_was_changed() {
    let shop = Shop::open();
    seed(shop.tools(), 1, Some(&with_keys()))
        .await
        .expect("seeded");
    shop.apply("[shop]\nname = \"Mine\"\n[[product]]\nslug = \"noteharbor-pro\"\nstate = \"off\"")
        .await;
    let again = seed(shop.tools(), 2, Some(&gateway(4000)))
        .await
        .expect("seeded");
    assert!(!again.changes(), "{again}");
    // A sandbox on another port is followed; keys and callback addresses stay.
    let before = shop.store.read(stored).await.expect("stored");
    let moved = seed(shop.tools(), 1, Some(&gateway(5000)))
        .await
        .expect("seeded");
    assert!(moved.to_string().contains("base_url"), "{moved}");
    let after = shop.store.read(stored).await.expect("stored");
    for (old, new) in before.accounts.iter().zip(&after.accounts) {
        assert_eq!(
            (&old.path_token, &old.credentials),
            (&new.path_token, &new.credentials)
        );
    }
    assert_eq!(left(&shop, "noteharbor-pro").await, 128);
}

/// The process died while cards were being loaded: some are written, none can be sold.
#[tokio::test]
async fn a_seeding_that_was_cut_off_goes_on() {
    let shop = Shop::open();
    let tools = shop.tools();
    seed(tools, 9, None).await.expect("seeded");
    let cut = "UPDATE card_batch SET state = 'loading', cards = 0 \
               WHERE variant_id = (SELECT id FROM variant WHERE sku = 'noteharbor-pro'); \
               DELETE FROM card WHERE id IN (SELECT card.id FROM card \
               JOIN variant ON variant.id = card.variant_id WHERE sku = 'noteharbor-pro' \
               ORDER BY card.id DESC LIMIT 28);";
    let cut = tools
        .store
        .write(move |db| Ok::<_, StoreError>(db.batch_execute(cut)?));
    cut.await.expect("cut off");
    assert_eq!(left(&shop, "noteharbor-pro").await, 0);
    seed(tools, 9, None).await.expect("seeded");
    assert_eq!(left(&shop, "noteharbor-pro").await, 128);
    let list = crate::apply::cards::batches(tools.store, "noteharbor-pro").await;
    assert_eq!(list.expect("a list").batches.len(), 1);
    assert!(!seed(tools, 9, None).await.expect("seeded").changes());
}
