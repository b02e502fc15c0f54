//! A shop with one product and a gateway, for stories about stock, limits and ends of orders.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use vendgate::app::App;
use vendgate::config::Config;

use crate::harness::{Engine, Placed, Reply, Sandbox, TestShop};

/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-scenes-0123456789abcdef";
/// What one unit costs, unless a story says otherwise.
pub const PRICE: i64 = 1_990;

/// What the shop sells, as lines of its configuration.
#[derive(Clone, Copy, Default)]
pub struct Wares {
    /// Lines of `[shop]`.
    pub shop: &'static str,
    /// Lines of the product; without `delivery` it sells from a card pool.
    pub product: &'static str,
    /// Lines of its variant; without `price` it costs [`PRICE`].
    pub variant: &'static str,
    /// How many cards it begins with.
    pub cards: usize,
}

/// A shop and its gateway.
pub struct Scene {
    /// Its address is behind a proxy that it trusts, so that a test is many buyers.
    pub shop: TestShop,
    /// Serves `alipay` by its own protocol.
    pub gateway: Sandbox,
}

impl Scene {
    /// Starts both, and fills the shop.
    pub async fn open(engine: Engine, wares: Wares) -> Self {
        let shop = TestShop::on(engine).env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1");
        let (shop, gateway) = (shop.start().await, Sandbox::start().await);
        gateway.merchant(json!({"id": "m1", "key": KEY})).await;
        let scene = Self { shop, gateway };
        scene.shop.apply(&scene.configuration(wares)).await;
        // A running shop acts on new settings within a second.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        scene
    }

    fn configuration(&self, wares: Wares) -> String {
        let Wares {
            shop,
            product,
            variant,
            cards,
        } = wares;
        let delivery = if product.contains("delivery") {
            ""
        } else {
            "delivery = \"card_pool\""
        };
        let price = if variant.contains("price") {
            String::new()
        } else {
            format!("price = {PRICE}")
        };
        let stock = if cards > 0 {
            self.shop.write_file("first.txt", numbered("FIRST", cards));
            "[[cards]]\nvariant = \"thing\"\nfile = \"first.txt\""
        } else {
            ""
        };
        let url = self.gateway.url();
        format!(
            r#"
[shop]
name = "测试店"
currency = "CNY"
{shop}

[[category]]
slug = "things"
name = {{ zh = "东西", en = "Things" }}

[[product]]
slug = "thing"
category = "things"
name = {{ zh = "东西", en = "Thing" }}
{delivery}
{product}

[[product.variant]]
sku = "thing"
{price}
{variant}

{stock}

[[channel_account]]
id = "sandbox-1"
kind = "sandbox"
methods = ["alipay"]
base_url = "{url}"
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"
"#
        )
    }

    /// Orders as the buyer `buyer`: a network and, unless one is given, an address of their own.
    pub async fn ask(&self, buyer: usize, email: Option<&str>, quantity: u32) -> Reply {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let network = format!("198.51.{}.{}", buyer / 250, buyer % 250 + 1);
        let own = format!("buyer-{buyer}@example.test");
        let body = json!({
            "variant": "thing", "quantity": quantity, "email": email.unwrap_or(&own),
            "method": "alipay", "locale": "en", "fields": {},
        });
        let headers = [
            ("x-forwarded-for", network.as_str()),
            ("idempotency-key", &format!("scene-{n}")),
        ];
        self.shop
            .http()
            .post_json("/api/v1/orders", &headers, &body)
            .await
    }

    /// Orders, and must succeed.
    pub async fn buys(&self, buyer: usize, quantity: u32) -> Placed {
        placed(&self.ask(buyer, None, quantity).await.expect(201))
    }

    /// 64 buyers at once; the orders that were placed, and why the others were not.
    pub async fn all_at_once(&self, ask: impl Fn(usize) -> Ask) -> (Vec<Placed>, Vec<Value>) {
        let asked = (0..64).map(|n| {
            let Ask {
                buyer,
                email,
                quantity,
            } = ask(n);
            async move { self.ask(buyer, email.as_deref(), quantity).await }
        });
        let (mut orders, mut refused) = (Vec::new(), Vec::new());
        for reply in join_all(asked).await {
            match reply.status {
                201 => orders.push(placed(&reply)),
                409 | 429 => refused.push(reply.json()),
                other => panic!("{other}: {}", reply.text()),
            }
        }
        (orders, refused)
    }

    /// Gives an unpaid order up.
    pub async fn cancel(&self, order: &Placed) -> Reply {
        let path = format!("/api/v1/orders/{}/cancel", order.order_no);
        let bearer = format!("Bearer {}", order.view_token);
        self.shop
            .http()
            .post_json(&path, &[("authorization", &bearer)], &json!({}))
            .await
    }

    /// Where an order stands.
    pub async fn state(&self, order: &Placed) -> String {
        let order = self.shop.order(&order.order_no, &order.view_token).await;
        order["state"].as_str().unwrap_or_default().to_owned()
    }

    /// A number the database knows.
    pub fn count(&self, query: &str) -> i64 {
        let text = self.shop.scalar(query).unwrap_or_default();
        text.parse().unwrap_or_else(|_| panic!("{query}: {text:?}"))
    }

    /// How many cards are in a state.
    pub fn cards(&self, state: &str) -> i64 {
        self.count(&format!(
            "SELECT count(*) FROM card WHERE state = '{state}'"
        ))
    }

    /// What the shop says can be bought.
    pub async fn available(&self) -> i64 {
        let list = self.shop.http().get("/api/v1/products").await.expect(200);
        let list = list.json();
        list["products"][0]["variants"][0]["available"]
            .as_i64()
            .unwrap_or_else(|| panic!("no number of units in {list}"))
    }

    /// Imports cards `{name}-0000`, and so on.
    pub async fn import(&self, name: &str, cards: usize) -> Value {
        let file = self
            .shop
            .write_file(&format!("{name}.txt"), numbered(name, cards));
        let file = file.display().to_string();
        let args = ["cards", "import", &file, "--variant", "thing", "--json"];
        let done = self.shop.cli(&args).await.ok();
        serde_json::from_str(&done).expect("JSON")
    }

    /// The imports, newest first.
    pub async fn imports(&self) -> Vec<Value> {
        let args = ["cards", "batches", "--variant", "thing", "--json"];
        let list: Value = serde_json::from_str(&self.shop.cli(&args).await.ok()).expect("JSON");
        list["batches"].as_array().cloned().unwrap_or_default()
    }

    /// The shop as a short command opens it, beside the server.
    pub async fn beside(&self) -> App {
        // The first of several tests installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let env = |name: &str| self.shop.env(name);
        let config = Config::read(&env, None, None).expect("a configuration");
        App::open_beside(config, self.shop.url())
            .await
            .expect("it opens")
    }

    /// The books must hold.
    pub async fn books_hold(&self) {
        self.shop.cli(&["ledger", "verify"]).await.ok();
    }
}

/// What one of many buyers asks for.
pub struct Ask {
    /// Tells networks apart.
    pub buyer: usize,
    /// One of their own, if none.
    pub email: Option<String>,
    /// How many.
    pub quantity: u32,
}

fn placed(reply: &Reply) -> Placed {
    serde_json::from_slice(&reply.body).expect("an order")
}

fn numbered(name: &str, cards: usize) -> String {
    (0..cards).map(|n| format!("{name}-{n:04}\n")).collect()
}
