//! The figures of this process, kept in memory for Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to keep figures; a second call changes nothing.
pub fn install() {
    if FIGURES.get().is_some() {
        return;
    }
    match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => {
            keep_small(handle.clone());
            // Whoever was first keeps the figures.
            let _ = FIGURES.set(handle);
        }
        Err(cause) => tracing::error!(%cause, "no figures will be kept"),
    }
}

/// Timings are kept one by one until somebody adds them up, which nobody does where no Prometheus
/// reads: a thread does it every few seconds, so that requests fill no memory.
fn keep_small(handle: PrometheusHandle) {
    let run = move || {
        loop {
            std::thread::sleep(Duration::from_secs(5));
            handle.run_upkeep();
        }
    };
    let started = std::thread::Builder::new().name("figures".to_owned());
    if let Err(cause) = started.spawn(run) {
        tracing::error!(%cause, "figures are not added up");
    }
}

/// The figures as Prometheus reads them.
pub(super) fn text() -> String {
    FIGURES
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}
