//! A small real payment gateway, to sell with before there is a contract with one.
//!
//! It is what stands on the other side of a shop: shops ask it for a payment, it shows the
//! buyer a cashier page, takes (pretended) money, and tells the shop by a signed notice that
//! it repeats until the shop says it has it. It keeps its own database file, commits every
//! change before it answers, and sees shops over HTTP only; so it can be killed, or the shop
//! can, and whatever was promised still arrives. It speaks its own small protocol and epay in
//! both versions, and it has switches that make it late, wrong, silent or dishonest, because a
//! shop must survive such gateways too. docs/SANDBOX.md is its manual.
//!
//! In: [`start`] (inside a demo) or [`run`] (`vendgate sandbox`). Out: [`Running`], its address.
//! The way through: `own` and `epay` read requests, `acts` and `pay` do what they ask in one
//! transaction of `db` with the `switches` applied, `promise` writes the notices owed, `queue`
//! and `notice` carry them out, `answer` lets the answer leave.

mod acts;
mod answer;
mod book;
mod cashier;
mod control;
mod db;
mod epay;
mod gateway;
mod keys;
mod list;
mod model;
mod notice;
mod own;
mod pay;
mod promise;
mod queue;
mod schema;
mod switches;
#[cfg(test)]
mod tests;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use gateway::Gateway;
pub use model::Merchant;

/// How a gateway is started; also the options of `vendgate sandbox`.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Folder of its database file.
    #[arg(long, default_value = "data/sandbox")]
    pub data: PathBuf,
    /// Serve the control paths on a listener that is not loopback, too.
    #[arg(long)]
    pub control: bool,
    /// Where buyers reach it, if not at the address it listens on.
    #[arg(long)]
    pub base_url: Option<String>,
}

/// Why a gateway does not start, or what broke in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Folder or listener.
    #[error("sandbox: {0}")]
    Io(#[from] std::io::Error),
    /// Another gateway works in this folder.
    #[error("sandbox: {} is in use by another gateway", .0.display())]
    InUse(PathBuf),
    /// The database file.
    #[error("sandbox database: {0}")]
    Database(String),
    /// The client that carries notices.
    #[error("sandbox client: {0}")]
    Http(String),
    /// The cashier page.
    #[error("sandbox page: {0}")]
    Page(String),
    /// A merchant with unusable keys.
    #[error("merchant {0}")]
    Merchant(String),
    /// It is stopping.
    #[error("the sandbox has stopped")]
    Stopped,
}

/// A gateway at work. Dropped, it goes on until the runtime ends; [`Running::stop`] ends it.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    gateway: Arc<Gateway>,
    server: ServerHandle,
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Running {
    /// Its address as others write it, without a slash at the end. The base URL of an epay
    /// account is this with `/epay` behind it.
    pub fn base_url(&self) -> &str {
        &self.gateway.base
    }

    /// Makes a merchant. Keys that are given replace earlier ones; others stay.
    pub async fn ensure_merchant(&self, merchant: Merchant) -> Result<(), Error> {
        self.gateway.ensure_merchant(merchant).await
    }

    /// Stops it: notices under way are cut and sent again at the next start.
    pub async fn stop(self) {
        // The queue may have ended by itself; then nobody listens.
        let _ = self.stop.send(true);
        self.server.stop(true).await;
        for task in self.tasks {
            let _ = task.await;
        }
        self.gateway.db.stop().await;
    }
}

/// Starts a gateway on the runtime of the caller; it listens when this returns.
pub async fn start(config: Config) -> Result<Running, Error> {
    let db = db::Db::open(&config.data)?;
    let (switches, open) = db
        .run(|conn| Ok((switches::Switches::load(conn)?, promise::open(conn)?)))
        .await?;
    let listener = TcpListener::bind(config.listen)?;
    let addr = listener.local_addr()?;
    let base = config.base_url.unwrap_or_else(|| format!("http://{addr}"));
    let (stop, stopping) = watch::channel(false);
    let gateway = Arc::new(Gateway {
        db,
        switches,
        queue: queue::Queue::default(),
        http: gateway::client()?,
        base: base.trim_end_matches('/').to_owned(),
        random: crate::random::SystemRandom,
        stopping,
        merchants: std::sync::RwLock::default(),
    });
    gateway.queue.push_all(open);
    let control = config.control || addr.ip().is_loopback();
    let data = Data::from(gateway.clone());
    let server = HttpServer::new(move || {
        let app = App::new().app_data(data.clone()).configure(routes);
        app.configure(|config| {
            if control {
                control::routes(config);
            }
        })
    })
    .workers(2)
    .disable_signals()
    .shutdown_timeout(2)
    .h1_allow_half_closed(false)
    .on_connect(answer::on_connect)
    .listen(listener)?
    .run();
    let handle = server.handle();
    let serving = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "sandbox: server ended");
        }
    });
    let sending = tokio::spawn(queue::run(gateway.clone()));
    Ok(Running {
        addr,
        gateway,
        server: handle,
        stop,
        tasks: [serving, sending],
    })
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/payments", web::post().to(own::serve))
        .route("/v1/payments/query", web::post().to(own::serve))
        .route("/v1/payments/close", web::post().to(own::serve))
        .route("/v1/refunds", web::post().to(own::serve))
        .route("/v1/refunds/query", web::post().to(own::serve))
        .route("/pay/{trade_no}", web::get().to(cashier::show))
        .route("/pay/{trade_no}", web::post().to(cashier::press))
        .route("/assets/cashier.css", web::get().to(cashier::css))
        .route(
            "/healthz",
            web::get().to(async || HttpResponse::Ok().body("ok\n")),
        )
        .configure(epay::routes);
}

/// Runs a gateway alone until the process is told to stop; prints its address as one JSON
/// line when it is ready.
pub async fn run(config: Config) -> Result<(), Error> {
    use std::io::Write as _;
    let running = start(config).await?;
    let ready = serde_json::json!({ "sandbox": running.base_url() });
    let mut out = std::io::stdout();
    writeln!(out, "{ready}")?;
    out.flush()?;
    told_to_stop().await?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() -> Result<(), Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn told_to_stop() -> Result<(), Error> {
    Ok(tokio::signal::ctrl_c().await?)
}

/// Whether a text is an address we would send a notice or a buyer to.
fn web_address(text: &str) -> bool {
    text.len() <= 2_048
        && url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
