//! Where a request may go: pure rules over addresses and URLs (X35).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use super::{NotSent, Reach};

/// The addresses that one of the clients may connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Net {
    /// The public internet alone.
    Public,
    /// The public internet, private networks and this machine.
    Own,
    /// This machine alone.
    Loopback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Public,
    Private,
    Loopback,
    /// Link-local, metadata, carrier-grade NAT, multicast, reserved: nobody's peer.
    Nowhere,
}

/// Whether a client of `net` may connect to `ip`.
pub(super) fn permits(net: Net, ip: IpAddr) -> bool {
    let (place, wrapped) = match ip {
        IpAddr::V4(v4) => (place_v4(v4), false),
        IpAddr::V6(v6) => match wrapped_v4(v6) {
            Some(v4) => (place_v4(v4), true),
            None => (place_v6(v6), false),
        },
    };
    match net {
        Net::Public => place == Place::Public && !wrapped,
        Net::Own => place != Place::Nowhere,
        Net::Loopback => place == Place::Loopback && !wrapped,
    }
}

fn place_v4(ip: Ipv4Addr) -> Place {
    match ip.octets() {
        [127, ..] => Place::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Place::Private,
        // This network, carrier-grade NAT (a cloud keeps its metadata there), link-local.
        [0, ..] | [100, 64..=127, ..] | [169, 254, ..] => Place::Nowhere,
        // IETF assignments, documentation, the 6to4 relay, benchmarks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => Place::Nowhere,
        [198, 51, 100, _] | [203, 0, 113, _] => Place::Nowhere,
        // A cloud's metadata on a public address.
        [168, 63, 129, 16] => Place::Nowhere,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => Place::Nowhere,
        _ => Place::Public,
    }
}

fn place_v6(ip: Ipv6Addr) -> Place {
    if ip == Ipv6Addr::LOCALHOST {
        return Place::Loopback;
    }
    match ip.segments() {
        // A cloud's metadata on a private address.
        [0xfd00, 0x0ec2, ..] => Place::Nowhere,
        [0xfc00..=0xfdff, ..] => Place::Private,
        // Teredo and other protocols' own ranges, documentation.
        [0x2001, 0x0000..=0x01ff | 0x0db8, ..] | [0x3fff, ..=0x0fff, ..] => Place::Nowhere,
        [0x2000..=0x3fff, ..] => Place::Public,
        _ => Place::Nowhere,
    }
}

/// The IPv4 address inside an IPv4-mapped, NAT64 or 6to4 address.
fn wrapped_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(of(high, low)),
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

/// Reads an address and decides which client may send to it, before anything is resolved. A
/// name is checked again when it is resolved, address by address.
pub(super) fn target(
    text: &str,
    reach: Reach,
    allow: &[SocketAddr],
) -> Result<(Url, Net), NotSent> {
    // What URL parsers repair in silence, and read differently, is refused.
    if text.bytes().any(|b| b <= b' ' || b == b'\\' || b == 0x7f) {
        return Err(NotSent::BadUrl);
    }
    let url = Url::parse(text).map_err(|_| NotSent::BadUrl)?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(NotSent::BadUrl),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotSent::BadUrl);
    }
    let port = url.port_or_known_default().ok_or(NotSent::BadUrl)?;
    let ip = match url.host().ok_or(NotSent::BadUrl)? {
        Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
        Host::Domain(name) if name.is_empty() || name.ends_with('.') => {
            return Err(NotSent::BadUrl);
        }
        Host::Domain(_) => None,
    };
    let allowed = ip.is_some_and(|ip| allow.contains(&SocketAddr::new(ip, port)));
    let net = match (reach, secure) {
        (_, false) if allowed => Net::Loopback,
        (_, true) if allowed => Net::Own,
        (Reach::Public, true) if port == 443 || port == 80 => Net::Public,
        (Reach::Public, _) => return Err(NotSent::Forbidden),
        (Reach::Configured, true) => Net::Own,
        (Reach::Configured, false) => Net::Loopback,
    };
    match ip {
        Some(ip) if !allowed && !permits(net, ip) => Err(NotSent::Forbidden),
        _ => Ok((url, net)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(url: &str) -> Result<Net, NotSent> {
        target(url, Reach::Public, &[]).map(|(_, net)| net)
    }

    fn configured(url: &str) -> Result<Net, NotSent> {
        target(url, Reach::Configured, &[]).map(|(_, net)| net)
    }

    /// X35: each way to write an address that is not public.
    #[test]
    fn an_address_that_is_not_public_is_refused_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::7f00:1]",
            "[::ffff:7f00:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::808:808]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:808:808::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
            "[4000::1]",
        ] {
            let told = public(&format!("https://{host}/hook"));
            assert_eq!(told, Err(NotSent::Forbidden), "{host}");
        }
        for host in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]"] {
            assert_eq!(public(&format!("https://{host}/")), Ok(Net::Public));
        }
    }

    #[test]
    fn a_public_peer_is_https_on_a_web_port() {
        assert_eq!(public("https://example.com/a?b=c"), Ok(Net::Public));
        assert_eq!(public("https://example.com:80/"), Ok(Net::Public));
        for url in [
            "http://example.com/",
            "http://8.8.8.8/",
            "https://example.com:8443/",
            "https://example.com:22/",
            "https://8.8.8.8:6379/",
        ] {
            assert_eq!(public(url), Err(NotSent::Forbidden), "{url}");
        }
    }

    #[test]
    fn a_url_that_parsers_read_differently_is_refused() {
        for url in [
            "",
            "example.com",
            "//example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "https://",
            "https:///",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://example.com:pw@127.0.0.1/",
            "https://example.com./",
            "https://example.com\\@127.0.0.1/",
            "https://exa\tmple.com/",
            " https://example.com/",
            "https://example.com/\r\nHost: x",
            "https://[fe80::1%25eth0]/",
            "https://1.2.3.4.5/",
            "https://256.1.1.1/",
            "https://example.com:99999/",
        ] {
            for reach in [Reach::Public, Reach::Configured] {
                let told = target(url, reach, &[]).map(|(_, net)| net);
                assert_eq!(told, Err(NotSent::BadUrl), "{url:?}");
            }
        }
    }

    #[test]
    fn what_an_operator_configured_may_be_near_but_plain_only_on_this_machine() {
        assert_eq!(configured("http://127.0.0.1:8090/x"), Ok(Net::Loopback));
        assert_eq!(configured("http://[::1]:8090/x"), Ok(Net::Loopback));
        assert_eq!(configured("http://localhost:8090/x"), Ok(Net::Loopback));
        assert_eq!(configured("https://192.168.1.9:8443/x"), Ok(Net::Own));
        assert_eq!(configured("https://pay.example.com/x"), Ok(Net::Own));
        for url in [
            "http://192.168.1.9/",
            "http://8.8.8.8/",
            "http://[::ffff:7f00:1]/",
            "https://169.254.169.254/",
            "https://[fd00:ec2::254]/",
            "https://0.0.0.0/",
            "https://100.100.100.200/",
            "https://[::ffff:a9fe:a9fe]/",
        ] {
            assert_eq!(configured(url), Err(NotSent::Forbidden), "{url}");
        }
        assert!(!permits(Net::Loopback, "8.8.8.8".parse().expect("an ip")));
    }

    #[test]
    fn the_list_of_allowed_addresses_holds_for_one_port_alone() {
        let allow = ["127.0.0.1:9000".parse().expect("an address")];
        let to = |url| target(url, Reach::Public, &allow).map(|(_, net)| net);
        assert_eq!(to("http://127.0.0.1:9000/hook"), Ok(Net::Loopback));
        assert_eq!(to("https://127.0.0.1:9000/hook"), Ok(Net::Own));
        assert_eq!(to("http://127.0.0.1:9001/hook"), Err(NotSent::Forbidden));
        assert_eq!(to("http://localhost:9000/hook"), Err(NotSent::Forbidden));
    }
}
