//! Whose request it is, and which.

use std::str::FromStr;

use actix_web::HttpRequest;

use crate::seal::Sealer;
use crate::web::problem::Problem;

/// What a client calls its request: 1 to 200 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl FromStr for Key {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 200 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("must be 1 to 200 visible ASCII characters");
        }
        Ok(Key(text.to_owned()))
    }
}

impl Key {
    /// The header `Idempotency-Key`, if the request has one.
    pub fn of(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        const NAME: &str = "Idempotency-Key";
        let mut sent = request.headers().get_all(NAME);
        let Some(value) = sent.next() else {
            return Ok(None);
        };
        if sent.next().is_some() {
            return Err(Problem::invalid(NAME, "stands twice"));
        }
        let text = value.to_str().unwrap_or_default();
        text.parse()
            .map(Some)
            .map_err(|reason| Problem::invalid(NAME, reason))
    }
}

/// One request of one caller.
#[derive(Debug, Clone)]
pub struct Claim {
    pub(super) route: &'static str,
    pub(super) caller: String,
    pub(super) key: String,
    pub(super) body_hash: String,
}

impl Claim {
    /// A guest's request: `network` is who asks (`client::network_of`), `body` the canonical bytes
    /// of all that was sent. Both are kept as keyed hashes only: a body may hold a password.
    pub fn of_guest(
        sealer: &Sealer,
        route: &'static str,
        network: &str,
        key: Key,
        body: &[u8],
    ) -> Self {
        Claim {
            route,
            caller: format!("guest/{}", sealer.keyed_hash("network", network.as_bytes())),
            key: key.0,
            body_hash: sealer.keyed_hash("idempotency", body),
        }
    }
}
