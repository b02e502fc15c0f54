//! The shop as its own process, told from the user's side.

use super::answers::{Cli, Placed};
use super::builder::{Engine, Ground, ShopBuilder, WIDE_LIMITS};
use super::http::{Http, Reply};
use super::ports::free_port;
use super::process::{Process, run};
use super::servers::{Scalar, scalar_query};
use super::smtp::SmtpSink;
use super::wait::eventually;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const READY: Duration = Duration::from_secs(60);
const COMMAND: Duration = Duration::from_secs(120);
/// How long an order may take to reach a state on a busy machine.
const SETTLED: Duration = Duration::from_secs(60);

/// One node of a shop.
pub struct TestShop {
    process: Mutex<Option<Process>>,
    log: PathBuf,
    port: u16,
    http: Http,
    ground: Arc<Ground>,
}

impl TestShop {
    /// A shop on this engine, with a database of its own.
    pub fn on(engine: Engine) -> ShopBuilder {
        ShopBuilder::on(engine)
    }

    pub(super) fn node(ground: Arc<Ground>) -> Self {
        let port = free_port();
        let http = Http::new(&format!("http://127.0.0.1:{port}"));
        let log = ground.dir.join(&format!("log-{port}"));
        Self {
            process: Mutex::default(),
            log,
            port,
            http,
            ground,
        }
    }

    /// A second server process on the same database and data folder, started.
    pub async fn second_node(&self) -> Self {
        let node = Self::node(Arc::clone(&self.ground));
        node.start().await;
        node
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(&self) {
        if let Err(log) = self.try_start().await {
            panic!("the shop did not start:\n{log}");
        }
    }

    /// Starts the server; `Err` is what it printed when it ended instead.
    pub async fn try_start(&self) -> Result<(), String> {
        let mut command = self.command();
        command.arg("serve");
        *self.process() = Some(Process::start(command, &self.log, "TERM"));
        let began = Instant::now();
        loop {
            if self
                .process()
                .as_mut()
                .is_none_or(|process| process.ended().is_some())
            {
                return Err(self.log());
            }
            if let Ok(reply) = self.http.try_send("GET", "/readyz", &[], b"").await
                && reply.status == 200
            {
                return Ok(());
            }
            assert!(
                began.elapsed() < READY,
                "the shop is never ready:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs another long-lived command (`worker`) beside the server.
    pub fn background(&self, args: &[&str]) -> Process {
        let mut command = self.command();
        command.args(args);
        Process::start(command, &self.log, "TERM")
    }

    /// The process id of the running server.
    pub fn pid(&self) -> u32 {
        self.process().as_ref().map_or(0, Process::id)
    }

    /// SIGKILL.
    pub fn kill9(&self) {
        if let Some(mut process) = self.process().take() {
            process.kill9();
        }
    }

    /// Waits until the server has died by itself, as at a crash point.
    pub async fn died(&self) {
        eventually(SETTLED, || async {
            self.process()
                .as_mut()
                .is_none_or(|process| process.ended().is_some())
        })
        .await;
    }

    /// SIGTERM; the graceful stop must end by itself.
    pub fn stop(&self) {
        let ended = self
            .process()
            .take()
            .map(|mut p| p.end("TERM", Duration::from_secs(60)));
        assert!(
            ended.is_some_and(|status| status.success()),
            "no clean stop:\n{}",
            self.log()
        );
    }

    /// Sets (or with `None` removes) a variable for the next start or command.
    pub fn set_env(&self, name: &str, value: Option<&str>) {
        let mut env = self
            .ground
            .env
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => env.insert(name.to_owned(), value.to_owned()),
            None => env.remove(name),
        };
    }

    /// A variable the shop gets: `VENDGATE_DATABASE_URL` and so on.
    pub fn env(&self, name: &str) -> Option<String> {
        self.ground
            .env
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    /// Both outputs of all runs of this node so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Lets the shop's clock, on all nodes, jump ahead.
    pub fn advance_clock(&self, by: Duration) {
        self.move_clock(i64::try_from(by.as_millis()).expect("a jump of sane length"));
    }

    /// Lets the shop's clock jump back, as a time server's correction does.
    pub fn set_clock_back(&self, by: Duration) {
        self.move_clock(-i64::try_from(by.as_millis()).expect("a jump of sane length"));
    }

    /// What the shop's clock shows, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.expect("after 1970").as_millis();
        i64::try_from(now).expect("before the year 292278994")
            + self.ground.offset_ms.load(Ordering::SeqCst)
    }

    fn move_clock(&self, by: i64) {
        let offset = self.ground.offset_ms.fetch_add(by, Ordering::SeqCst) + by;
        let (file, new) = (
            self.ground.dir.join("clock"),
            self.ground.dir.join("clock.new"),
        );
        std::fs::write(&new, offset.to_string()).expect("the clock file is written");
        std::fs::rename(new, file).expect("the clock file is swapped");
    }

    /// What the shop's clock shows, in milliseconds of UTC.
    pub fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let since = since.expect("after 1970").as_millis();
        let machine = i64::try_from(since).expect("a time of today");
        machine + self.ground.offset_ms.load(Ordering::SeqCst)
    }

    /// Runs a command (`["case", "list"]`) with the shop's environment.
    pub async fn cli(&self, args: &[&str]) -> Cli {
        let mut command = self.command();
        command.args(args);
        let output = tokio::task::spawn_blocking(move || run(command, COMMAND)).await;
        let output = output.expect("the command was run");
        Cli {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Writes a file into the folder in which [`Self::apply`] puts its own, so
    /// that `file = "cards.txt"` finds it.
    pub fn write_file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.ground.dir.join(name);
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// Configures limits that no test reaches. Crash points are for the server, not for this.
    pub async fn widen_limits(&self) {
        let points = self.env("VENDGATE_FAIL");
        self.set_env("VENDGATE_FAIL", None);
        self.apply(WIDE_LIMITS).await;
        self.set_env("VENDGATE_FAIL", points.as_deref());
    }

    /// `vendgate apply` of this text; panics when it is refused.
    #[track_caller]
    pub fn apply(&self, toml: &str) -> impl Future<Output = String> {
        let asked = self.try_apply(toml);
        async { asked.await.ok() }
    }

    /// `vendgate apply` of this text.
    pub async fn try_apply(&self, toml: &str) -> Cli {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("apply-{}.toml", NEXT.fetch_add(1, Ordering::Relaxed));
        let file = self.write_file(&name, toml);
        self.cli(&["apply", &file.display().to_string()]).await
    }

    /// The raw client: redirects off, no cookies.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The mail server of this shop.
    pub fn smtp(&self) -> &SmtpSink {
        &self.ground.smtp
    }

    /// The engine it stands on.
    pub fn engine(&self) -> Engine {
        self.ground.engine
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.ground.dir.join("data")
    }

    /// The id of a product's first variant.
    pub async fn variant(&self, slug: &str) -> String {
        let list = self.http.get("/api/v1/products").await.expect(200).json();
        let product = list["products"].as_array().and_then(|products| {
            products
                .iter()
                .find(|product| product["slug"].as_str() == Some(slug))
        });
        let id = product.and_then(|product| product["variants"][0]["id"].as_str());
        id.map_or_else(
            || panic!("no product {slug} with a variant in {list}"),
            str::to_owned,
        )
    }

    /// Places an order that must be accepted.
    pub async fn place(&self, variant: &str, quantity: u32, email: &str, method: &str) -> Placed {
        let body = json!({
            "variant": variant, "quantity": quantity, "email": email, "method": method,
            "locale": "en", "fields": {},
        });
        let reply = self.try_place(&body).await.expect(201);
        serde_json::from_slice(&reply.body)
            .unwrap_or_else(|error| panic!("not an order ({error}): {}", reply.text()))
    }

    /// Places whatever the body says, under an idempotency key of its own.
    pub async fn try_place(&self, body: &Value) -> Reply {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let key = format!("it-{}-{}-{n}", std::process::id(), self.port);
        self.http
            .post_json("/api/v1/orders", &[("idempotency-key", &key)], body)
            .await
    }

    /// The order as its bearer sees it.
    pub async fn order(&self, order_no: &str, view_token: &str) -> Value {
        self.try_order(order_no, view_token)
            .await
            .expect(200)
            .json()
    }

    /// The answer to whoever asks with this token.
    pub async fn try_order(&self, order_no: &str, view_token: &str) -> Reply {
        let bearer = format!("Bearer {view_token}");
        let path = format!("/api/v1/orders/{order_no}");
        self.http
            .send("GET", &path, &[("authorization", &bearer)], b"")
            .await
    }

    /// Waits until an order is in a state, and returns it.
    pub async fn order_in(&self, placed: &Placed, state: &str) -> Value {
        eventually(SETTLED, || async {
            let order = self.order(&placed.order_no, &placed.view_token).await;
            (order["state"].as_str() == Some(state)).then_some(order)
        })
        .await
    }

    /// Waits until an order is delivered, and returns its goods, unit by unit.
    pub async fn goods(&self, placed: &Placed) -> Vec<String> {
        let order = self.order_in(placed, "delivered").await;
        let goods = order["goods"].as_array().cloned().unwrap_or_default();
        goods
            .iter()
            .map(|unit| unit["content"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The one value a query gives, as text: for what no page or command tells.
    pub fn scalar(&self, query: &str) -> Option<String> {
        let url = self
            .env("VENDGATE_DATABASE_URL")
            .expect("the shop has a database");
        let row: Result<Scalar, _> = match self.ground.engine {
            Engine::Postgres => {
                let mut db = PgConnection::establish(&url).expect("the database answers");
                scalar_query(query).get_result(&mut db)
            }
            Engine::Sqlite => {
                let file = url.trim_start_matches("sqlite:");
                assert!(Path::new(file).exists(), "{file} does not exist yet");
                let mut db = SqliteConnection::establish(file).expect("the file opens");
                scalar_query(query).get_result(&mut db)
            }
        };
        row.unwrap_or_else(|error| panic!("{query}: {error}")).value
    }

    /// Changes the database behind the shop's back; panics when the database refuses.
    pub fn tamper(&self, sql: &str) {
        if let Err(error) = self.try_tamper(sql) {
            panic!("{sql}: {error}");
        }
    }

    /// The same; the error is the database's own refusal.
    pub fn try_tamper(&self, sql: &str) -> diesel::QueryResult<()> {
        let url = self.env("VENDGATE_DATABASE_URL").expect("a database");
        match self.engine() {
            Engine::Postgres => PgConnection::establish(&url)
                .expect("the database answers")
                .batch_execute(sql),
            Engine::Sqlite => {
                let file = url.trim_start_matches("sqlite:");
                let mut db = SqliteConnection::establish(file).expect("the file opens");
                db.batch_execute("PRAGMA busy_timeout = 5000")?;
                db.batch_execute(sql)
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = vendgate();
        command
            .current_dir(self.ground.dir.path())
            .env("VENDGATE_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("VENDGATE_BASE_URL", self.url());
        command.envs(
            &*self
                .ground
                .env
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        command
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The built binary, without any `VENDGATE_…` of whoever runs the tests.
pub fn vendgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vendgate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VENDGATE_") {
            command.env_remove(name);
        }
    }
    command
}
