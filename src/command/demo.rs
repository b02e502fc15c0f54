//! `demo`: a shop with goods in it and a payment gateway of its own, in one process.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use serde_json::json;

use super::serve::{Shop, until_told_to_stop};
use super::staff::url_of;
use super::{Failed, print};
use crate::app::Desk;
use crate::apply::Tools;
use crate::clock::SystemClock;
use crate::config::{Config, Network};
use crate::demo::{self, Gateway, Keys};
use crate::random::{Random, SystemRandom};
use crate::sandbox::{self, Merchant};
use crate::seal::Secret;

pub(super) async fn demo(mut config: Config, seed: u64) -> Result<(), Failed> {
    let told = |e: &dyn std::fmt::Display| Failed::Told(e.to_string());
    // Buyers of a demo all come from this machine; `X-Forwarded-For` tells them apart.
    let here = ["127.0.0.0/8", "::1"].map(str::parse::<Network>);
    config.trusted_proxies.extend(here.into_iter().flatten());
    let (folder, mail) = (config.data.join("sandbox"), config.data.join("mail"));
    let mail_leaves = config.smtp_url.is_some();
    // First of all: a database that does not open leaves no gateway behind.
    let desk = Desk::open(&config).await?;
    let sandbox = sandbox::start(sandbox::Config {
        listen: listener_of_last_time(&folder),
        data: folder.clone(),
        control: false,
        base_url: None,
    })
    .await
    .map_err(|e| told(&e))?;
    std::fs::write(folder.join(LISTENER), sandbox.addr.to_string())?;
    {
        let tools = Tools {
            store: &desk.store,
            sealer: &desk.sealer,
            clock: &SystemClock,
            random: &SystemRandom,
        };
        let keys = match demo::needs_keys(tools).await? {
            true => Some(make_keys(&sandbox).await?),
            false => None,
        };
        let base_url = sandbox.base_url().to_owned();
        demo::seed(tools, seed, Some(&Gateway { base_url, keys }))
            .await
            .map_err(|e| told(&e))?;
    }
    drop(desk);
    let shop = Shop::start(config).await?;
    let link = crate::staff::first_link(&shop.app.store, &SystemClock, &SystemRandom).await?;
    let url = shop.app.base_url.as_ref();
    // Who has an administrator signs in; who has none becomes it by this link, once.
    let admin = match link {
        Some(token) => url_of(url, &token),
        None => format!("{url}/admin"),
    };
    let ready = json!({"shop": url, "sandbox": sandbox.base_url(), "admin": admin});
    print(&ready.to_string())?;
    match mail_leaves {
        true => tracing::info!("open {url} in a browser; Ctrl-C ends the demo"),
        false => tracing::info!(
            "open {url} in a browser; mail is written to {}; Ctrl-C ends the demo",
            mail.display()
        ),
    }
    until_told_to_stop().await?;
    shop.stop().await;
    sandbox.stop().await;
    Ok(())
}

/// Where the gateway listened, in its folder.
const LISTENER: &str = "listener";

/// The address the gateway had before, so that payment pages which are still open stay where they
/// are; a free one if there was none, or somebody else has it now.
fn listener_of_last_time(folder: &Path) -> SocketAddr {
    let kept = std::fs::read_to_string(folder.join(LISTENER)).ok();
    kept.and_then(|text| text.trim().parse().ok())
        .filter(|addr: &SocketAddr| TcpListener::bind(addr).is_ok())
        .unwrap_or_else(|| ([127, 0, 0, 1], 0).into())
}

/// New keys for the three merchants of the demo; the gateway learns them first.
async fn make_keys(sandbox: &sandbox::Running) -> Result<Keys, Failed> {
    let told = |e: sandbox::Error| Failed::Told(e.to_string());
    let random: &dyn Random = &SystemRandom;
    let word = || hex::encode(random.bytes::<24>());
    let (key, v1_key) = (word(), word());
    let (ours, theirs) = tokio::task::spawn_blocking(|| Some((rsa_pair()?, rsa_pair()?)))
        .await
        .ok()
        .flatten()
        .ok_or_else(|| Failed::Told("the demo's RSA keys could not be made".into()))?;
    let (merchant, v1_pid, v2_pid) = ("demo", "1001", "1002");
    for known in [
        Merchant::own(merchant, &key),
        Merchant::epay_v1(v1_pid, &v1_key),
        Merchant::epay_v2(v2_pid, &ours.public, theirs.private.reveal()),
    ] {
        sandbox.ensure_merchant(known).await.map_err(told)?;
    }
    Ok(Keys {
        merchant: merchant.to_owned(),
        key: Secret::new(key),
        v1_pid: v1_pid.to_owned(),
        v1_key: Secret::new(v1_key),
        v2_pid: v2_pid.to_owned(),
        v2_merchant_private_key: ours.private,
        v2_platform_public_key: Secret::new(theirs.public),
    })
}

struct Pair {
    private: Secret,
    public: String,
}

fn rsa_pair() -> Option<Pair> {
    let private = RsaPrivateKey::new(&mut OsRng, 2048).ok()?;
    let public = private
        .to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .ok()?;
    let private = private.to_pkcs8_pem(LineEnding::LF).ok()?;
    Some(Pair {
        private: Secret::new(private.as_str()),
        public,
    })
}
