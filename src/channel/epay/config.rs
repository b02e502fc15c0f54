//! What an operator configured, checked before the account may start (X03).

use url::Url;

use super::sign::RsaKeys;
use crate::channel::account::{AccountConfig, Misconfigured};
use crate::channel::{link, rsa_keys};
use crate::money::Currency;
use crate::seal::Secret;

/// The shortest V1 key; platforms hand out 32 characters.
const SHORTEST_KEY: usize = 16;

/// Keys that stand in manuals and sources.
const KNOWN_KEYS: &[&str] = &[
    "123456",
    "1234567890123456",
    "12345678901234567890123456789012",
    "epusdt_password_xasddawqe",
    "89unjub8hz54hj7x4nuj56hn4nuzuj8i",
];

/// How an account signs.
pub(super) enum Keys {
    /// V1: MD5 with this key.
    V1(Secret),
    /// V2: SHA256withRSA.
    V2(Box<RsaKeys>),
}

/// A checked configuration.
pub(super) struct Config {
    /// Where the platform lives, without a page of it.
    pub(super) base: Url,
    /// The merchant's number at the platform.
    pub(super) pid: String,
    /// The protocol's version and its keys.
    pub(super) keys: Keys,
}

impl Config {
    /// Checks everything, or names the field that is wrong and why.
    pub(super) fn read(config: &AccountConfig) -> Result<Config, Misconfigured> {
        if config.currency != Currency::CNY {
            return Err(Misconfigured::at(
                "currency",
                "must be CNY: epay knows yuan only",
            ));
        }
        let pid = config.require("pid")?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if pid.len() > 32 || !pid.bytes().all(plain) {
            return Err(Misconfigured::at(
                "pid",
                "must be letters and digits, at most 32",
            ));
        }
        Ok(Config {
            base: base(&config.base_url)?,
            pid: pid.to_owned(),
            keys: keys(config)?,
        })
    }
}

/// The base address, freed of a page that was pasted with it.
fn base(text: &str) -> Result<Url, Misconfigured> {
    let mut url = link::base(text)?;
    let mut path = url.path().trim_end_matches('/').to_owned();
    for page in ["/submit.php", "/mapi.php", "/api.php"] {
        if let Some(kept) = path.strip_suffix(page) {
            path = kept.to_owned();
            break;
        }
    }
    for folder in ["/api/pay", "/api/merchant"] {
        if let Some(at) = path.rfind(folder) {
            let rest = &path[at + folder.len()..];
            if rest.is_empty() || rest.starts_with('/') {
                path.truncate(at);
                break;
            }
        }
    }
    url.set_path(path.trim_end_matches('/'));
    Ok(url)
}

fn keys(config: &AccountConfig) -> Result<Keys, Misconfigured> {
    let unwanted = |names: &[&str], version: &str| {
        names
            .iter()
            .find(|name| config.credentials.contains_key(**name))
            .map_or(Ok(()), |name| {
                Err(Misconfigured::at(
                    name,
                    format!("does not belong to {version}"),
                ))
            })
    };
    match config.require("version")?.to_ascii_lowercase().as_str() {
        "v1" | "1" => {
            unwanted(&["merchant_private_key", "platform_public_key"], "v1")?;
            let key = config.require("key")?;
            check_key(key)?;
            Ok(Keys::V1(Secret::new(key)))
        }
        "v2" | "2" => {
            unwanted(&["key"], "v2")?;
            let ours = rsa_keys::private(
                "merchant_private_key",
                config.require("merchant_private_key")?,
            )?;
            let theirs = rsa_keys::theirs(
                "platform_public_key",
                config.require("platform_public_key")?,
                &ours,
            )?;
            Ok(Keys::V2(Box::new(RsaKeys::new(ours, theirs))))
        }
        _ => Err(Misconfigured::at("version", "is v1 or v2")),
    }
}

fn check_key(key: &str) -> Result<(), Misconfigured> {
    let first = key.chars().next();
    if KNOWN_KEYS.contains(&key.to_ascii_lowercase().as_str()) {
        return Err(Misconfigured::at("key", "is a known default"));
    }
    if key.len() < SHORTEST_KEY {
        return Err(Misconfigured::at("key", "is shorter than 16 characters"));
    }
    if key.chars().all(|c| Some(c) == first) {
        return Err(Misconfigured::at("key", "is one character repeated"));
    }
    if key.chars().any(char::is_whitespace) {
        return Err(Misconfigured::at("key", "holds a blank"));
    }
    Ok(())
}
