//! The gateway itself: one value that every page, path and task shares.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use super::db::Db;
use super::keys::Known;
use super::model::{Merchant, Payment};
use super::queue::Queue;
use super::switches::Switches;
use super::{Error, book};
use crate::clock::{Clock as _, Millis, SystemClock};
use crate::ids::external_no;
use crate::random::SystemRandom;

/// The gateway, shared by everything that serves.
pub(super) struct Gateway {
    pub(super) db: Db,
    pub(super) switches: Switches,
    pub(super) queue: Queue,
    pub(super) http: reqwest::Client,
    /// Where buyers and shops reach it, without a slash at the end.
    pub(super) base: String,
    pub(super) random: SystemRandom,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) merchants: RwLock<HashMap<String, Arc<Known>>>,
}

impl Gateway {
    pub(super) fn now(&self) -> Millis {
        SystemClock.now()
    }

    /// A new number of the gateway's.
    pub(super) fn number(&self, prefix: &str) -> String {
        external_no(prefix, self.now(), &self.random)
    }

    /// The cashier page of a payment.
    pub(super) fn pay_url(&self, payment: &Payment) -> String {
        format!("{}/pay/{}", self.base, payment.trade_no)
    }

    /// Resolves when the gateway is told to stop.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the one who could stop it is gone.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Makes a merchant, or replaces its keys.
    pub(super) async fn ensure_merchant(&self, merchant: Merchant) -> Result<(), Error> {
        super::keys::check(&merchant)?;
        let id = merchant.id.clone();
        self.db
            .run(move |conn| book::ensure_merchant(conn, merchant))
            .await?;
        self.merchants
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
        Ok(())
    }

    /// A merchant with its keys ready for use.
    pub(super) async fn merchant(&self, id: &str) -> Result<Option<Arc<Known>>, Error> {
        let known = self
            .merchants
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned();
        if known.is_some() {
            return Ok(known);
        }
        let name = id.to_owned();
        let Some(row) = self.db.run(move |conn| book::merchant(conn, &name)).await? else {
            return Ok(None);
        };
        let known = Arc::new(Known::from(row));
        self.merchants
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned(), known.clone());
        Ok(Some(known))
    }
}

/// The client that carries notices: connections are kept, redirects are not followed.
pub(super) fn client() -> Result<reqwest::Client, Error> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let plain = || {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .pool_max_idle_per_host(64)
            .user_agent("vendgate-sandbox")
    };
    // A machine without root certificates can still serve shops on plain http.
    plain()
        .build()
        .or_else(|_| plain().tls_certs_only([]).build())
        .map_err(|e| Error::Http(e.to_string()))
}
