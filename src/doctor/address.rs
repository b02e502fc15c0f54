//! Where the shop is reached, and through whom.

use url::{Host, Url};

use crate::config::Network;

use super::report::{Finding, bad, ok, warn};

const AREA: &str = "configuration";
const PROXIES: &str = "proxies";

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The address that buyers and channels are given.
pub(super) fn base_url(text: &str, was_set: bool) -> Finding {
    let Ok(url) = Url::parse(text) else {
        return bad(
            AREA,
            format!("base_url {text:?} is no address"),
            "set VENDGATE_BASE_URL to https:// and the shop's name",
        );
    };
    let found = format!("the shop is reached at {text}");
    match (url.scheme(), is_loopback(&url), was_set) {
        ("https", _, _) => ok(AREA, found),
        (_, true, true) => ok(AREA, format!("{found}, from this machine alone")),
        (_, true, false) => warn(
            AREA,
            format!("{found}, from this machine alone, because no base_url is set"),
            "set VENDGATE_BASE_URL to https:// and the shop's name before it sells",
        ),
        _ => bad(
            AREA,
            format!("{found}: over plain http everybody on the way reads and changes it"),
            "put a proxy with TLS before it and set VENDGATE_BASE_URL to https:// (docs/deploy)",
        ),
    }
}

/// Whose word about the buyer's address is taken.
pub(super) fn proxies(base_url: &str, trusted: &[Network]) -> Finding {
    if let Some(all) = trusted.iter().find(|net| net.is_everybody()) {
        return bad(
            PROXIES,
            format!("{all} in trusted_proxies is no address of a proxy"),
            "name the proxy's own address, 127.0.0.1 if it is on this machine",
        );
    }
    let public: Vec<String> = trusted
        .iter()
        .filter(|net| !net.is_near())
        .map(Network::to_string)
        .collect();
    if !public.is_empty() {
        return warn(
            PROXIES,
            format!(
                "trusted_proxies names public addresses: {}",
                public.join(", ")
            ),
            "be sure that they are your own proxies: whoever is there says who the buyer is",
        );
    }
    if trusted.is_empty() && base_url.starts_with("https://") {
        return warn(
            PROXIES,
            "https, and no proxy is trusted: all buyers look like one, and share its limits",
            "set VENDGATE_TRUSTED_PROXIES to the address of the proxy that ends TLS",
        );
    }
    match trusted {
        [] => ok(
            PROXIES,
            "none is trusted: buyers are known by their connection",
        ),
        some => {
            let names: Vec<String> = some.iter().map(Network::to_string).collect();
            ok(PROXIES, format!("trusted: {}", names.join(", ")))
        }
    }
}
