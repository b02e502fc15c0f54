//! A whole shop on a temporary database with a hand-made catalogue and, where a test wants one,
//! the sandbox gateway beside it: for the tests of this edge.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::account::{self, AccountRow, AccountState};
use crate::app::App;
use crate::catalog::{self, Category, Delivery, OnOff, Product, Variant};
use crate::channel::{Request, Verb};
use crate::clock::{Clock, FixedClock, Millis, SystemClock};
use crate::config::Config;
use crate::ids::{CategoryId, OrderNo, ProductId, SellerId, VariantId};
use crate::money::{Currency, Minor};
use crate::outbound::{Limits, Reach};
use crate::random::{Random, SystemRandom};
use crate::sandbox::{self, Merchant, Running};
use crate::settings::{Limit, Settings};
use crate::stock::{self, import};
use crate::store::StoreError;
use crate::{order, payment, settings};

const KEY: &str = "an-own-key-of-these-tests-0123456789abcdef";

/// The shop, its clock and its gateway.
pub(crate) struct Fixture {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<FixedClock>,
    gateway: Option<Running>,
    folder: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Fixture {
    /// A shop whose only channel (for `alipay`, `wechat`) is a gateway that works.
    pub(crate) async fn with_gateway() -> Self {
        Fixture::open(true).await
    }

    /// A shop whose only channel cannot be reached: it provably refuses.
    pub(crate) async fn without_gateway() -> Self {
        Fixture::open(false).await
    }

    async fn open(with_gateway: bool) -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let random: &dyn Random = &SystemRandom;
        let name = format!("vendgate-web-{}", hex::encode(random.bytes::<8>()));
        let folder = std::env::temp_dir().join(name);
        let config = Config::read(&|_| None, Some(folder.clone()), None).unwrap();
        let mut app = App::open(config, "http://127.0.0.1:9".to_owned())
            .await
            .unwrap();
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        app.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let (gateway, url) = match with_gateway {
            false => (None, "http://127.0.0.1:9".to_owned()),
            true => {
                let options = sandbox::Config {
                    listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                    data: folder.join("gateway"),
                    control: false,
                    base_url: None,
                };
                let running = sandbox::start(options).await.unwrap();
                running
                    .ensure_merchant(Merchant::own("m1", KEY))
                    .await
                    .unwrap();
                let url = running.base_url().to_owned();
                (Some(running), url)
            }
        };
        stock_up(&app, &url).await;
        app.follow_configuration().await.unwrap();
        Fixture {
            app: Arc::new(app),
            clock,
            gateway,
            folder,
        }
    }

    /// Calls a control path of the gateway.
    pub(crate) async fn control(&self, path: &str, body: &Value) {
        let gateway = self.gateway.as_ref().expect("a gateway");
        let request = Request {
            verb: Verb::Post,
            url: format!("{}/control/{path}", gateway.base_url()),
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        };
        let reply = self
            .app
            .outbound
            .send(&request, Reach::Configured, Limits::default())
            .await
            .unwrap();
        assert!(
            reply.status < 300,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
    }

    /// The buyer pays the newest attempt of an order at the gateway.
    pub(crate) async fn pay(&self, order_no: &str) {
        let no: OrderNo = order_no.parse().unwrap();
        let newest = self
            .app
            .store
            .read(move |db| -> Result<_, StoreError> {
                let order = order::store::by_no(db, &no)?.expect("the order");
                payment::store::attempts_of(db, &order.id)
            })
            .await
            .unwrap()
            .pop()
            .expect("an attempt");
        self.control("pay", &json!({"merchant_no": newest.merchant_no}))
            .await;
    }

    /// The one number a query gives.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        self.app
            .store
            .read(move |db| -> Result<i64, StoreError> {
                let query = format!("SELECT count(*) AS n FROM {table}");
                Ok(diesel::sql_query(query).get_result::<Count>(db)?.n)
            })
            .await
            .unwrap()
    }
}

/// Three products: `editor` with ten cards, `sample` for nothing, `setup` done by a person and
/// asking for an account, two for each buyer.
async fn stock_up(app: &App, gateway: &str) {
    let now = app.clock.now();
    let account = account_row(app, gateway, now);
    app.store
        .write(move |db| -> Result<(), StoreError> {
            catalog::store::put_category(
                db,
                &Category {
                    id: CategoryId("keys".to_owned()),
                    slug: "keys".to_owned(),
                    name_zh: "密钥".to_owned(),
                    name_en: "Keys".to_owned(),
                    position: 0,
                    changed_at: now,
                },
            )?;
            for (slug, zh, en, delivery, price, limit) in [
                ("editor", "编辑器", "Editor", Delivery::CardPool, 1990, None),
                ("sample", "样品", "Sample", Delivery::CardPool, 0, None),
                ("setup", "代装", "Setup", Delivery::Manual, 5000, Some(2)),
            ] {
                catalog::store::put_product(db, &product(slug, zh, en, delivery, now))?;
                catalog::store::put_variant(db, &variant(slug, price, limit, now))?;
            }
            account::store::put(db, &account)?;
            settings::write(db, &unhurried(), now)?;
            settings::bump(db)
        })
        .await
        .unwrap();
    for slug in ["editor", "sample"] {
        let lines: String = (0..10).map(|n| format!("CARD-{slug}-{n:04}\n")).collect();
        let tools = stock::Tools {
            sealer: &app.sealer,
            clock: &*app.clock,
            random: &*app.random,
        };
        let target = stock::Target {
            variant: VariantId(format!("{slug}-1y")),
            seller: SellerId::house(),
            source: "paste".to_owned(),
        };
        let parsed = import::parse(lines.as_bytes(), import::Layout::Lines);
        stock::load(&app.store, tools, &target, &parsed, false)
            .await
            .unwrap();
    }
}

/// Everybody in these tests is one network, and none of them is about how often it may ask.
fn unhurried() -> Settings {
    let wide: Limit = "1000000, 1000000/s".parse().unwrap();
    Settings {
        limit_placement: wide,
        limit_lookup: wide,
        limit_status: wide,
        ..Settings::default()
    }
}

fn product(slug: &str, zh: &str, en: &str, delivery: Delivery, now: Millis) -> Product {
    let fields = match delivery {
        Delivery::Manual => json!([{"key": "account", "label_zh": "账号", "label_en": "Account",
            "kind": "pattern", "pattern": "[0-9]{5,10}", "required": true}]),
        _ => json!([]),
    };
    Product {
        id: ProductId(slug.to_owned()),
        seller_id: SellerId::house(),
        category_id: CategoryId("keys".to_owned()),
        slug: slug.to_owned(),
        name_zh: zh.to_owned(),
        name_en: en.to_owned(),
        summary_zh: String::new(),
        summary_en: String::new(),
        description_zh: String::new(),
        description_en: String::new(),
        usage_zh: String::new(),
        usage_en: String::new(),
        picture: String::new(),
        delivery,
        reserves: true,
        fields: fields.to_string(),
        low_stock: 0,
        promised_minutes: 0,
        state: OnOff::On,
        position: 0,
        created_at: now,
        changed_at: now,
    }
}

fn variant(slug: &str, price: i64, buyer_limit: Option<i64>, now: Millis) -> Variant {
    Variant {
        id: VariantId(format!("{slug}-1y")),
        product_id: ProductId(slug.to_owned()),
        seller_id: SellerId::house(),
        sku: format!("{slug}-sku"),
        name_zh: String::new(),
        name_en: String::new(),
        price: Minor(price),
        currency: Currency::CNY,
        tiers: "[]".to_owned(),
        min_quantity: 1,
        max_quantity: 20,
        buyer_limit,
        state: OnOff::On,
        position: 0,
        changed_at: now,
    }
}

fn account_row(app: &App, base_url: &str, now: Millis) -> AccountRow {
    let id: crate::ids::AccountId = "sandbox-1".parse().unwrap();
    let credentials = json!({"merchant": "m1", "key": KEY}).to_string();
    AccountRow {
        credentials: app.sealer.seal(
            credentials.as_bytes(),
            &AccountRow::place(&id),
            &*app.random,
        ),
        id,
        kind: "sandbox".to_owned(),
        state: AccountState::Enabled,
        priority: 1,
        currency: Currency::CNY,
        min_amount: None,
        max_amount: None,
        fee: "0".to_owned(),
        fixed: Minor::ZERO,
        base_url: base_url.to_owned(),
        methods: json!(["alipay", "wechat"]).to_string(),
        path_token: "0123456789abcdef".to_owned(),
        created_at: now,
        changed_at: now,
    }
}
