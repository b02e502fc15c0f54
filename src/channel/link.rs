//! Addresses: where a channel lives, and what it may send a buyer to.
//!
//! Comes in: text of an operator or of a channel. Goes out: addresses of `https`, or of `http`
//! on loopback (test doubles, the sandbox); apps of wallets by a short list of schemes. Scripts
//! never pass. Source: design.md §5.

use url::{Host, Url};

use super::account::Misconfigured;

/// The longest address or code that is passed on, in bytes.
const LONGEST: usize = 2_048;

/// Schemes that open a payment app on a phone.
const APPS: &[&str] = &[
    "weixin",
    "wxp",
    "alipays",
    "alipay",
    "mqqapi",
    "mqqwallet",
    "upwrp",
];

/// Schemes that have no place in a code to scan.
const NEVER: &[&str] = &[
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "view-source",
    "intent",
    "filesystem",
];

/// The base address of an account: https, or http on loopback; no user, query or fragment.
/// Without a trailing `/`.
pub(super) fn base(text: &str) -> Result<Url, Misconfigured> {
    let wrong = |reason: &str| Misconfigured::at("base_url", reason);
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| wrong("is not an address"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("must be https (http is for loopback addresses only)")),
        _ => return Err(wrong("must be https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must not hold a query or fragment"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A page a buyer may be sent to: https (or http on loopback, for an account that lives there),
/// a reference that starts with `/` resolved on the account's base. `None` for anything else.
pub(super) fn page(text: &str, base: &Url) -> Option<String> {
    if !plain(text) {
        return None;
    }
    let url = if text.starts_with('/') {
        base.join(text).ok()?
    } else {
        Url::parse(text).ok()?
    };
    let fits = match url.scheme() {
        "https" => true,
        "http" => base.scheme() == "http" && is_loopback(&url),
        _ => false,
    };
    let clean = url.username().is_empty() && url.password().is_none();
    (fits && clean && url.has_host()).then(|| url.to_string())
}

/// A link that opens a payment app, or a page.
pub(super) fn app(text: &str, base: &Url) -> Option<String> {
    if let Some(page) = page(text, base) {
        return Some(page);
    }
    let (scheme, _) = text.split_once("://").filter(|_| plain(text))?;
    APPS.contains(&scheme.to_ascii_lowercase().as_str())
        .then(|| text.to_owned())
}

/// The text of a code to scan: any short plain text that is not a script.
pub(super) fn code(text: &str, base: &Url) -> Option<String> {
    if !plain(text) {
        return None;
    }
    if text.starts_with('/') {
        return page(text, base);
    }
    let scheme = text.split(':').next().unwrap_or_default();
    (!NEVER.contains(&scheme.to_ascii_lowercase().as_str())).then(|| text.to_owned())
}

/// Not empty, not too long, no blank, control character, quote or angle bracket.
fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Url {
        base(text).expect("a base")
    }

    #[test]
    fn a_base_is_https_or_loopback() {
        for right in [
            "https://pay.example.com",
            "https://pay.example.com/epay",
            "http://127.0.0.1:8080/epay",
            "http://127.8.0.1",
            "http://[::1]:9",
            "http://localhost:1",
        ] {
            assert!(base(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "pay.example.com",
            "http://pay.example.com",
            "http://10.0.0.1",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "javascript:alert(1)",
            "https://u:p@pay.example.com",
            "https://pay.example.com?x=1",
            "https://pay.example.com#x",
        ] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn buyers_are_sent_to_pages_and_never_to_scripts() {
        let (far, near) = (
            at("https://pay.example.com/e"),
            at("http://127.0.0.1:8080/e"),
        );
        assert_eq!(
            page("/pay/1?a=b", &far).as_deref(),
            Some("https://pay.example.com/pay/1?a=b")
        );
        assert!(page("https://qr.alipay.com/bax", &far).is_some());
        assert!(page("http://127.0.0.1:8080/pay/1", &near).is_some());
        assert!(app("weixin://dl/business/?t=x", &far).is_some());
        assert!(code("weixin://wxpay/bizpayurl?pr=x", &far).is_some());
        assert!(code("TXYZ123", &far).is_some());
        for wrong in [
            "",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "https://a b",
            "https://x/\"><script>",
        ] {
            assert_eq!(page(wrong, &far), None, "{wrong}");
            assert_eq!(app(wrong, &far), None, "{wrong}");
            assert_eq!(code(wrong, &far), None, "{wrong}");
        }
        assert_eq!(page("http://pay.example.com/1", &far), None);
        assert_eq!(page("http://pay.example.com/1", &near), None);
        assert_eq!(page("https://u:p@pay.example.com/1", &far), None);
        assert_eq!(page("pay/1", &far), None);
        assert_eq!(app("steam://run/1", &far), None);
    }
}
