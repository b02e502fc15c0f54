//! Networks whose proxies are believed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network of addresses, `10.0.0.0/8`; a single address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address lies in it. IPv4 written as IPv6 is IPv4.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        let differ = (from_the_left(self.first) ^ from_the_left(ip)).checked_shr(128 - self.bits);
        self.first.is_ipv4() == ip.is_ipv4() && differ.unwrap_or(0) == 0
    }
}

impl Network {
    /// Whether it is everybody: no network of proxies.
    pub fn is_everybody(&self) -> bool {
        self.bits == 0 || self.first.is_unspecified()
    }

    /// Whether it is this machine, or part of a private network.
    pub fn is_near(&self) -> bool {
        match self.first {
            IpAddr::V4(ip) => self.bits >= 8 && (ip.is_loopback() || ip.is_private()),
            IpAddr::V6(ip) => self.bits >= 7 && (ip.is_loopback() || ip.is_unique_local()),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = if self.first.is_ipv4() { 32 } else { 128 };
        match self.bits == longest {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}/{}", self.first, self.bits),
        }
    }
}

/// The bits of an address, the first one leftmost.
fn from_the_left(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()) << 96,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// What is written is neither an address nor a network.
#[derive(Debug, PartialEq, Eq)]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let first = written.to_canonical();
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let bits = match length {
            None => longest,
            // The length counts the bits of what is written: of `::ffff:10.0.0.0/104` it would
            // be the wrong ones.
            Some(_) if first != written => return Err(NoNetwork),
            Some(length) if length.bytes().all(|b| b.is_ascii_digit()) => {
                length.parse().map_err(|_| NoNetwork)?
            }
            Some(_) => return Err(NoNetwork),
        };
        // `10.0.0.1/8` is a slip of somebody who wanted one host, or the whole network.
        let begins = |bits| from_the_left(first).checked_shl(bits).unwrap_or(0) == 0;
        (bits <= longest && begins(bits))
            .then_some(Network { first, bits })
            .ok_or(NoNetwork)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, ip: &str) -> bool {
        network
            .parse::<Network>()
            .unwrap()
            .holds(ip.parse().unwrap())
    }

    #[test]
    fn an_address_lies_in_its_network() {
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::1/128", "::1") && !holds("::1", "::2"));
        assert!(holds("fd00::/8", "fdff::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("::/0", "2001:db8::1") && !holds("::/0", "10.0.0.1"));
        assert!(holds("192.168.7.0/31", "192.168.7.1") && !holds("192.168.7.0/31", "192.168.7.2"));
    }

    #[test]
    fn a_slip_is_no_network() {
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::1/129",
            "::1/64",
            "10.0.0/8",
            "proxy",
            "10.0.0.0/8/8",
            "::ffff:10.0.0.0/104",
            "/8",
        ] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
