//! What a shop of a test stands on, made before it is started.

use super::servers::{fresh_database, fresh_redis};
use super::shop::TestShop;
use super::smtp::SmtpSink;
use super::temp::TempDir;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

/// The two ways to keep a shop's truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One embedded file.
    Sqlite,
    /// PostgreSQL, with Redis for limits and wake-ups.
    Postgres,
}

/// What all nodes of one shop share.
pub(super) struct Ground {
    pub(super) engine: Engine,
    pub(super) dir: TempDir,
    pub(super) smtp: SmtpSink,
    pub(super) offset_ms: AtomicI64,
    pub(super) env: Mutex<BTreeMap<String, String>>,
}

/// Limits that no test reaches by accident: all buyers of a test come from one address.
pub(super) const WIDE_LIMITS: &str = r#"
[shop]
limit_placement = "1000000, 1000000/s"
limit_lookup = "1000000, 1000000/s"
limit_status = "1000000, 1000000/s"
limit_login = "1000000, 1000000/s"
limit_login_all = "1000000, 1000000/s"
limit_link = "1000000, 1000000/s"
limit_link_email = "1000000, 1000000/s"
limit_ask = "1000000, 1000000/s"
"#;

/// Prepares a shop.
pub struct ShopBuilder {
    engine: Engine,
    env: Vec<(String, String)>,
    default_limits: bool,
}

impl ShopBuilder {
    /// A shop on this engine, with a database of its own.
    pub(super) fn on(engine: Engine) -> Self {
        ShopBuilder {
            engine,
            env: Vec::new(),
            default_limits: false,
        }
    }

    /// Sets an environment variable, also over one of the harness's own.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets crash points: `after_receipt_insert=kill@1`.
    pub fn fail(self, points: &str) -> Self {
        self.env("VENDGATE_FAIL", points)
    }

    /// Leaves the limits of requests as every new shop has them. Without it a shop that is
    /// started here is configured with limits that no test reaches.
    pub fn with_default_limits(mut self) -> Self {
        self.default_limits = true;
        self
    }

    /// Makes the shop's surroundings without starting it; its limits are those of a new shop.
    pub fn prepare(self) -> TestShop {
        let dir = TempDir::new("shop");
        let smtp = SmtpSink::start();
        let mut env = BTreeMap::new();
        let data = dir.join("data");
        std::fs::create_dir(&data).expect("the data folder is made");
        let clock = dir.join("clock");
        std::fs::write(&clock, "0").expect("the clock file is written");
        match self.engine {
            Engine::Sqlite => {
                let file = data.join("vendgate.db");
                env.insert(
                    "VENDGATE_DATABASE_URL",
                    format!("sqlite:{}", file.display()),
                );
            }
            Engine::Postgres => {
                env.insert("VENDGATE_DATABASE_URL", fresh_database());
                env.insert("VENDGATE_REDIS_URL", fresh_redis());
            }
        }
        env.insert("VENDGATE_DATA", data.display().to_string());
        env.insert("VENDGATE_CLOCK", clock.display().to_string());
        env.insert("VENDGATE_SMTP_URL", smtp.url());
        let mut env: BTreeMap<String, String> = env
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        env.extend(self.env);
        TestShop::node(Arc::new(Ground {
            engine: self.engine,
            dir,
            smtp,
            offset_ms: AtomicI64::new(0),
            env: Mutex::new(env),
        }))
    }

    /// Makes the shop and starts it.
    pub async fn start(self) -> TestShop {
        let default_limits = self.default_limits;
        let shop = self.prepare();
        if !default_limits {
            shop.widen_limits().await;
        }
        shop.start().await;
        shop
    }
}
