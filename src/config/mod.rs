//! Configuration: one [`Config`], read and validated once, from a file and the environment.
//!
//! The file is the one `VENDGATE_CONFIG` names, else `vendgate.toml` in the data folder; every key
//! of it is also an environment variable, which wins. Unknown keys and URL schemes are refused: a typo is not
//! silence.

mod proxies;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::seal::Secret;
use crate::store::{StoreError, StoreUrl};

pub use proxies::Network;

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {cause}")]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{file}: {cause}")]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        cause: Box<toml::de::Error>,
    },
    /// A value cannot be used.
    #[error("{key}: {reason}")]
    Value {
        /// The key, or the environment variable.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    listen: Option<String>,
    base_url: Option<String>,
    database_url: Option<String>,
    redis_url: Option<String>,
    smtp_url: Option<String>,
    metrics_token: Option<String>,
    #[serde(default)]
    allow_insecure_admin: bool,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    #[serde(default)]
    webhook_hosts: Vec<String>,
}

/// Everything a process needs before it opens its database.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the shop listens.
    pub listen: SocketAddr,
    /// How buyers and channels reach it; without a trailing `/`. None = from `listen`.
    pub base_url: Option<String>,
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: StoreUrl,
    /// Redis, on several nodes.
    pub redis_url: Option<String>,
    /// The mail server; none = mails become files in the data folder.
    pub smtp_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed: addresses and networks of proxies.
    pub trusted_proxies: Vec<Network>,
    /// Opens `/metrics` from anywhere; none = only from this machine.
    pub metrics_token: Option<Secret>,
    /// Staff may sign in although passwords travel in the clear: the shop is reached by plain
    /// http from elsewhere.
    pub allow_insecure_admin: bool,
    /// Addresses webhooks may reach although they are not public, `127.0.0.1:9000`.
    pub webhook_hosts: Vec<SocketAddr>,
}

impl Config {
    /// Reads the configuration. `env` looks a variable up, so that tests need no process-wide
    /// state; `data` and `listen` from the command line win over everything.
    pub fn read(
        env: &dyn Fn(&str) -> Option<String>,
        data: Option<PathBuf>,
        listen: Option<String>,
    ) -> Result<Self, ConfigError> {
        let told = data.or_else(|| env("VENDGATE_DATA").map(PathBuf::from));
        let nowhere = PathBuf::from("data");
        let (path, named) = file_at(env, told.as_deref().unwrap_or(&nowhere));
        let file = read_file(&path, named)?;
        let data = told.or(file.data).unwrap_or(nowhere);
        let pick =
            |name: &str, in_file: Option<String>| env(name).filter(|v| !v.is_empty()).or(in_file);
        let listen = listen
            .or_else(|| pick("VENDGATE_LISTEN", file.listen))
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let database = match pick("VENDGATE_DATABASE_URL", file.database_url) {
            Some(url) => url.parse().map_err(|e: StoreError| ConfigError::Value {
                key: "database_url",
                reason: e.to_string(),
            })?,
            None => StoreUrl::Sqlite(data.join("vendgate.db")),
        };
        let base_url = pick("VENDGATE_BASE_URL", file.base_url)
            .map(|url| check_base_url(&url))
            .transpose()?;
        let redis_url = pick("VENDGATE_REDIS_URL", file.redis_url);
        if let Some(url) = &redis_url
            && !(url.starts_with("redis://") || url.starts_with("unix:"))
        {
            return Err(ConfigError::Value {
                key: "redis_url",
                reason: "begins with redis:// or unix:".to_owned(),
            });
        }
        Ok(Config {
            listen: listen.parse().map_err(|_| ConfigError::Value {
                key: "listen",
                reason: format!("{listen:?} is not ADDRESS:PORT"),
            })?,
            base_url,
            database,
            redis_url,
            smtp_url: pick("VENDGATE_SMTP_URL", file.smtp_url),
            metrics_token: pick("VENDGATE_METRICS_TOKEN", file.metrics_token)
                .map(check_metrics_token)
                .transpose()?,
            allow_insecure_admin: match env("VENDGATE_ALLOW_INSECURE_ADMIN").as_deref() {
                None | Some("") => file.allow_insecure_admin,
                Some("true") => true,
                Some("false") => false,
                Some(_) => {
                    return Err(ConfigError::Value {
                        key: "allow_insecure_admin",
                        reason: "is true or false".to_owned(),
                    });
                }
            },
            trusted_proxies: list(
                "trusted_proxies",
                "an address or a network such as 10.0.0.0/8",
                env("VENDGATE_TRUSTED_PROXIES"),
                file.trusted_proxies,
            )?,
            webhook_hosts: list(
                "webhook_hosts",
                "ADDRESS:PORT",
                env("VENDGATE_WEBHOOK_HOSTS"),
                file.webhook_hosts,
            )?,
            data,
        })
    }

    /// Whether what this address writes into `X-Forwarded-For` is believed.
    pub fn trusts(&self, ip: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.holds(ip))
    }

    /// How buyers and channels reach the shop that listens at `addr`.
    pub fn base_url_at(&self, addr: SocketAddr) -> String {
        self.base_url
            .clone()
            .unwrap_or_else(|| format!("http://{addr}"))
    }
}

/// Where the configuration file is looked for, for a data folder that is known without it, and
/// whether it was named and so must be there.
pub fn file_at(env: &dyn Fn(&str) -> Option<String>, data: &Path) -> (PathBuf, bool) {
    match env("VENDGATE_CONFIG").filter(|path| !path.is_empty()) {
        Some(path) => (PathBuf::from(path), true),
        None => (data.join("vendgate.toml"), false),
    }
}

fn read_file(path: &Path, must_exist: bool) -> Result<File, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !must_exist => {
            return Ok(File::default());
        }
        Err(cause) => {
            return Err(ConfigError::Unreadable {
                file: path.to_owned(),
                cause,
            });
        }
    };
    toml::from_str(&text).map_err(|cause| ConfigError::Malformed {
        file: path.to_owned(),
        cause: Box::new(cause),
    })
}

fn check_base_url(text: &str) -> Result<String, ConfigError> {
    let wrong = |reason: &str| ConfigError::Value {
        key: "base_url",
        reason: reason.to_owned(),
    };
    let url = url::Url::parse(text).map_err(|e| wrong(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("begins with https:// (or http://)"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("is a scheme, a host and a port, without a path"));
    }
    Ok(url.origin().ascii_serialization())
}

/// What a scraper sends as bearer: nothing that could be guessed, or that a header cannot hold.
fn check_metrics_token(text: String) -> Result<Secret, ConfigError> {
    if text.len() < 16 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::Value {
            key: "metrics_token",
            reason: "is at least 16 visible ASCII characters".to_owned(),
        });
    }
    Ok(Secret::new(text))
}

fn list<T: std::str::FromStr>(
    key: &'static str,
    form: &str,
    env: Option<String>,
    in_file: Vec<String>,
) -> Result<Vec<T>, ConfigError> {
    let texts = match env {
        Some(text) => text.split(',').map(|t| t.trim().to_owned()).collect(),
        None => in_file,
    };
    texts
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse().map_err(|_| ConfigError::Value {
                key,
                reason: format!("{text:?} is not {form}"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let env = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let nowhere = std::env::temp_dir().join("vendgate-no-such-folder");
        Config::read(&env, Some(nowhere), None)
    }

    #[test]
    fn defaults_need_nothing() {
        let config = read(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(matches!(config.database, StoreUrl::Sqlite(_)));
        assert_eq!(config.base_url_at(config.listen), "http://127.0.0.1:8080");
    }

    #[test]
    fn a_typo_is_refused() {
        for wrong in [
            ("VENDGATE_DATABASE_URL", "sqllite:shop.db"),
            ("VENDGATE_DATABASE_URL", "mysql://x"),
            ("VENDGATE_BASE_URL", "shop.example.com"),
            ("VENDGATE_BASE_URL", "https://shop.example.com/path"),
            ("VENDGATE_LISTEN", "8080"),
            ("VENDGATE_REDIS_URL", "localhost:6379"),
            ("VENDGATE_METRICS_TOKEN", "short"),
            ("VENDGATE_METRICS_TOKEN", "with a blank in the middle"),
            ("VENDGATE_TRUSTED_PROXIES", "10.0.0.0/40"),
            ("VENDGATE_TRUSTED_PROXIES", "127.0.0.1, proxy"),
            ("VENDGATE_WEBHOOK_HOSTS", "127.0.0.1"),
        ] {
            assert!(read(&[wrong]).is_err(), "{wrong:?}");
        }
        assert!(read(&[("VENDGATE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")]).is_ok());
        let unknown: Result<File, _> = toml::from_str("lisen = \"x\"");
        assert!(unknown.is_err());
    }
}
