//! The demo, as a person starts it: a shop with goods and a gateway, in one process.

use super::answers::Placed;
use super::http::Http;
use super::ports::free_port;
use super::process::Process;
use super::servers::{Scalar, scalar_query};
use super::shop::vendgate;
use super::temp::TempDir;
use super::wait::eventually;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A running demo.
pub struct Demo {
    /// Where its shop is.
    pub shop: String,
    /// Where its gateway is.
    pub sandbox: String,
    /// The one-time link to its first administrator.
    pub admin: String,
    port: u16,
    http: Http,
    log: PathBuf,
    // In this order: the process ends first, then what it wrote goes.
    process: Process,
    dir: TempDir,
}

impl Demo {
    /// A new one.
    pub async fn start() -> Self {
        Self::within(TempDir::new("demo"), free_port()).await
    }

    /// Ends it as Ctrl-C does; `meanwhile` happens, which is told where the gateway was; then the
    /// same command starts it again.
    pub async fn again<T>(self, meanwhile: impl FnOnce(&str) -> T) -> (Self, T) {
        let Self {
            mut process,
            dir,
            sandbox,
            port,
            ..
        } = self;
        let ended = process.end("INT", Duration::from_secs(60));
        assert!(ended.success(), "no clean end: {ended}");
        let kept = meanwhile(&sandbox);
        (Self::within(dir, port).await, kept)
    }

    async fn within(dir: TempDir, port: u16) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let log = dir.join(&format!("log-{listen}"));
        // What an earlier start has told is not its word.
        drop(std::fs::remove_file(&log));
        let mut command = vendgate();
        command.current_dir(dir.path());
        command.args(["demo", "--listen", &listen, "--seed", "7", "--data"]);
        command.arg(dir.join("data"));
        let mut process = Process::start(command, &log, "TERM");
        let began = Instant::now();
        let ready = loop {
            let told = std::fs::read_to_string(&log).unwrap_or_default();
            let lines = told
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            if let Some(ready) = lines
                .into_iter()
                .find(|line: &Value| line["shop"].is_string())
            {
                break ready;
            }
            let alive = process.ended().is_none() && began.elapsed() < Duration::from_secs(60);
            assert!(alive, "the demo is not ready:\n{told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let url = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(url("shop"), format!("http://{listen}"));
        Self {
            port,
            http: Http::new(&url("shop")),
            shop: url("shop"),
            sandbox: url("sandbox"),
            admin: url("admin"),
            log,
            process,
            dir,
        }
    }

    /// Speaks with its shop.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// What it printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log is text")
    }

    /// The first variant of a product, as the API tells it.
    pub async fn variant(&self, slug: &str) -> Value {
        let list = self.http.get("/api/v1/products").await.expect(200).json();
        let products = list["products"].as_array().cloned().unwrap_or_default();
        let found = products.iter().find(|p| p["slug"] == slug);
        found.map_or_else(
            || panic!("no product {slug} in {list}"),
            |p| p["variants"][0].clone(),
        )
    }

    /// Places an order for one of it.
    pub async fn place(&self, slug: &str, email: &str, method: &str) -> Placed {
        let variant = self.variant(slug).await["id"].clone();
        let asked = json!({"variant": variant, "quantity": 1, "email": email, "method": method, "locale": "en"});
        let reply = self
            .http
            .post_json("/api/v1/orders", &[("idempotency-key", email)], &asked)
            .await
            .expect(201);
        serde_json::from_value(reply.json()).expect("a placed order")
    }

    /// Waits for its goods.
    pub async fn goods(&self, placed: &Placed) -> Value {
        let (path, bearer) = (
            format!("/api/v1/orders/{}", placed.order_no),
            format!("Bearer {}", placed.view_token),
        );
        eventually(Duration::from_secs(60), || async {
            let order = self
                .http
                .send("GET", &path, &[("authorization", &bearer)], b"")
                .await
                .expect(200)
                .json();
            (order["state"] == "delivered").then(|| order["goods"].clone())
        })
        .await
    }

    /// The one value a query of its database gives.
    pub fn scalar(&self, query: &str) -> String {
        let file = self.dir.join("data").join("vendgate.db");
        let mut db =
            SqliteConnection::establish(&file.display().to_string()).expect("the file opens");
        let row: Scalar = scalar_query(query).get_result(&mut db).expect("a value");
        row.value.unwrap_or_default()
    }
}
