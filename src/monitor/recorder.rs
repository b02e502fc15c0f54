//! The figures of this process, kept in memory for Prometheus.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to keep figures; a second call changes nothing.
pub fn install() {
    if FIGURES.get().is_some() {
        return;
    }
    match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => {
            // Whoever was first keeps the figures.
            let _ = FIGURES.set(handle);
        }
        Err(cause) => tracing::error!(%cause, "no figures will be kept"),
    }
}

/// The figures as Prometheus reads them.
pub(super) fn text() -> String {
    FIGURES
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}
