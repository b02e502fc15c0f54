//! `serve` and `worker`: a shop that runs until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use super::Failed;
use crate::app::App;
use crate::config::Config;
use crate::web::live::{self, Live};
use crate::{jobs, monitor, web};

/// A shop that serves and works.
pub(super) struct Shop {
    pub(super) app: Arc<App>,
    pub(super) addr: SocketAddr,
    live: Arc<Live>,
    following: tokio::task::JoinHandle<()>,
    jobs: jobs::Running,
    server: actix_web::dev::ServerHandle,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Shop {
    /// Opens everything; the shop answers when this returns.
    pub(super) async fn start(config: Config) -> Result<Self, Failed> {
        monitor::install();
        let listener = TcpListener::bind(config.listen)
            .map_err(|e| Failed::Told(format!("cannot listen on {}: {e}", config.listen)))?;
        let addr = listener.local_addr()?;
        let base_url = config.base_url_at(addr);
        let app = Arc::new(App::open(config, base_url).await?);
        let live = Arc::new(Live::default());
        let following = tokio::spawn(live::run(Arc::clone(&app), Arc::clone(&live)));
        let jobs = jobs::start(&app);
        let serving = web::server::serve(Arc::clone(&app), Arc::clone(&live), listener)?;
        let server = serving.handle();
        Ok(Shop {
            app,
            addr,
            live,
            following,
            jobs,
            server,
            serving: tokio::spawn(serving),
        })
    }

    /// Ends open streams, finishes requests and steps, gives leases back.
    pub(super) async fn stop(self) {
        tracing::info!("stopping");
        self.following.abort();
        self.live.close();
        self.server.stop(true).await;
        self.jobs.stop().await;
        match self.serving.await {
            Ok(Ok(())) => tracing::info!("stopped"),
            other => tracing::warn!(?other, "the server did not stop cleanly"),
        }
    }
}

pub(super) async fn serve(config: Config) -> Result<(), Failed> {
    let shop = Shop::start(config).await?;
    tracing::info!(addr = %shop.addr, url = %shop.app.base_url, "serving");
    until_told_to_stop().await?;
    shop.stop().await;
    Ok(())
}

pub(super) async fn worker(config: Config) -> Result<(), Failed> {
    if matches!(config.database, crate::store::StoreUrl::Sqlite(_)) {
        return Err(Failed::Told(
            "a worker needs PostgreSQL: a SQLite shop is served and worked by one process".into(),
        ));
    }
    monitor::install();
    let base_url = config.base_url_at(config.listen);
    let app = Arc::new(App::open(config, base_url).await?);
    let jobs = jobs::start(&app);
    until_told_to_stop().await?;
    jobs.stop().await;
    Ok(())
}

/// Resolves at SIGTERM or Ctrl-C.
pub(super) async fn until_told_to_stop() -> Result<(), Failed> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}
