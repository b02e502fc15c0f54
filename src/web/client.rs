//! Who asks: the address behind trusted proxies, the network it counts as, the device.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;

use crate::channel::{Buyer, Device};
use crate::config::Config;

/// The client's own address: the peer's, or, behind proxies that are configured as trusted, the
/// right-most address of `X-Forwarded-For` that is none of them (X44).
pub fn address(request: &HttpRequest, config: &Config) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| plain(peer.ip()));
    if !config.trusts(peer) {
        return peer;
    }
    let lines: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .collect();
    // From the right, where the trusted proxies wrote: whatever is not an address ends the chain
    // of what can be believed, and takes nothing from what stands behind it.
    lines
        .iter()
        .flat_map(|line| line.split(','))
        .rev()
        .map_while(written)
        .find(|ip| !config.trusts(*ip))
        .unwrap_or(peer)
}

/// An address as proxies write it: bare, or with the port it came from.
fn written(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|at| at.ip());
    text.parse().ok().or_else(with_port).map(plain)
}

/// The network an address counts as wherever somebody is limited: an IPv4 address (also one
/// written as IPv6), or an IPv6 /64.
pub fn network_of(ip: IpAddr) -> String {
    match plain(ip) {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The network this client counts as.
pub fn network(request: &HttpRequest, config: &Config) -> String {
    network_of(address(request, config))
}

/// What a channel is told of the buyer.
pub fn buyer(request: &HttpRequest, config: &Config) -> Buyer {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mobile = [
        "Mobile",
        "Android",
        "iPhone",
        "MicroMessenger",
        "AlipayClient",
    ];
    Buyer {
        ip: address(request, config),
        device: if mobile.iter().any(|word| agent.contains(word)) {
            Device::Mobile
        } else {
            Device::Desktop
        },
    }
}

fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn config(trusted: &str) -> Config {
        let env = |name: &str| (name == "VENDGATE_TRUSTED_PROXIES").then(|| trusted.to_owned());
        let nowhere = std::env::temp_dir().join("vendgate-no-such-folder");
        Config::read(&env, Some(nowhere), None).unwrap()
    }

    fn seen(peer: &str, forwarded: &[&str], trusted: &str) -> String {
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        address(&request.to_http_request(), &config(trusted)).to_string()
    }

    /// X44: only what a trusted proxy wrote is believed.
    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        assert_eq!(seen("9.9.9.9:1", &["1.2.3.4"], ""), "9.9.9.9");
        assert_eq!(seen("10.0.0.1:1", &["1.2.3.4"], "10.0.0.1"), "1.2.3.4");
        let spoofed = ["6.6.6.6, 1.2.3.4, 10.0.0.2"];
        assert_eq!(seen("10.0.0.1:1", &spoofed, "10.0.0.1,10.0.0.2"), "1.2.3.4");
        assert_eq!(
            seen("10.0.0.1:1", &["6.6.6.6", "1.2.3.4"], "10.0.0.1"),
            "1.2.3.4"
        );
        assert_eq!(seen("10.0.0.1:1", &["' OR 1=1"], "10.0.0.1"), "10.0.0.1");
        // What a stranger puts before it hides nobody, and ports are passed over.
        for sent in ["x, 1.2.3.4", "1.2.3.4:5678", "y, 1.2.3.4:5678"] {
            assert_eq!(seen("10.0.0.1:1", &[sent], "10.0.0.1"), "1.2.3.4", "{sent}");
        }
        assert_eq!(seen("10.0.0.1:1", &["1.2.3.4, z"], "10.0.0.1"), "10.0.0.1");
        assert_eq!(
            seen("10.0.0.1:1", &["[2001:db8::1]:9"], "10.0.0.1"),
            "2001:db8::1"
        );
        assert_eq!(
            seen("[::ffff:10.0.0.1]:1", &["1.2.3.4"], "10.0.0.1"),
            "1.2.3.4"
        );
    }

    /// X44: a proxy may be named by its network, and whatever lies in it is passed over.
    #[test]
    fn whole_networks_of_proxies_are_trusted() {
        let list = "10.0.0.0/8, fd00::/8,::1";
        assert_eq!(
            seen("10.9.8.7:1", &["1.2.3.4, 10.200.0.1"], list),
            "1.2.3.4"
        );
        assert_eq!(seen("[fd00::7]:1", &["2001:db8::9"], list), "2001:db8::9");
        assert_eq!(seen("[::1]:1", &["1.2.3.4"], list), "1.2.3.4");
        assert_eq!(seen("11.0.0.1:1", &["1.2.3.4"], list), "11.0.0.1");
        assert_eq!(seen("[fe80::1]:1", &["1.2.3.4"], list), "fe80::1");
        // Nothing but proxies: the nearest one is whoever it speaks for.
        assert_eq!(seen("10.0.0.1:1", &["10.0.0.2"], list), "10.0.0.1");
    }

    #[test]
    fn a_buyer_with_ipv6_is_a_network_of_64_bits() {
        let a = network_of("2001:db8:1:2:3:4:5:6".parse().unwrap());
        let b = network_of("2001:db8:1:2:ffff::1".parse().unwrap());
        assert_eq!(a, b);
        assert_ne!(a, network_of("2001:db8:1:3::1".parse().unwrap()));
        let mapped = network_of("::ffff:203.0.113.9".parse().unwrap());
        assert_eq!(mapped, "203.0.113.9");
        assert_ne!(mapped, network_of("::ffff:203.0.113.10".parse().unwrap()));
    }
}
