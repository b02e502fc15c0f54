//! The one HTTP client: everything Vendgate asks of others over HTTP goes through here.
//!
//! Comes in: a [`Request`] and how far it may reach. Goes out: the whole [`Reply`], or a
//! [`SendError`] that says the one thing that matters with money: whether the peer can have
//! seen the request. Redirects are not followed, proxies of the environment are not used, and
//! every address is checked when a connection is made, so that a name cannot point inside
//! (X35). Nothing here shows queries, headers or bodies. Source: design.md §2 rule 6.

mod guard;
mod model;

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method};

use crate::channel::{Reply, Request, Verb};
use guard::Net;
pub use model::{Error, Limits, Lost, NotSent, Policy, Reach, SendError};

/// From the first packet to the end of the TLS handshake, name resolution included.
const CONNECT: Duration = Duration::from_secs(3);
/// Of these, for the resolver: what ends here is [`NotSent::Dns`].
const RESOLVE: Duration = Duration::from_millis(2_500);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);
/// Unused connections kept per peer.
const IDLE_PER_PEER: usize = 16;

/// The client. Keeps connections open between calls; cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    allow: Arc<[SocketAddr]>,
    /// One client per net, so that a connection made for one reach never serves another.
    public: Client,
    own: Client,
    loopback: Client,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbound(allow {:?})", self.allow)
    }
}

impl Outbound {
    /// Prepares the clients with the process's TLS provider. They trust the roots of the
    /// machine; where it has none, those of Mozilla's list at build time.
    pub fn new(policy: Policy) -> Result<Self, Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(Error::NoProvider);
        }
        Ok(Outbound {
            allow: policy.allow.into(),
            public: trusting(Net::Public)?,
            own: trusting(Net::Own)?,
            // Sends plain http alone, so it need not read the machine's roots.
            loopback: with_built_in_roots(Net::Loopback)?,
        })
    }

    /// Sends a request and reads the whole reply, whatever its status.
    pub async fn send(
        &self,
        request: &Request,
        reach: Reach,
        limits: Limits,
    ) -> Result<Reply, SendError> {
        let (url, net) = guard::target(&request.url, reach, &self.allow)?;
        let client = match net {
            Net::Public => &self.public,
            Net::Own => &self.own,
            Net::Loopback => &self.loopback,
        };
        let method = match request.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        };
        let mut call = client.request(method, url);
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        if request.verb == Verb::Post || !request.body.is_empty() {
            call = call.body(request.body.clone());
        }
        let call = call.build().map_err(|_| NotSent::BadUrl)?;
        let exchange = async {
            let response = client.execute(call).await.map_err(|e| told(&e))?;
            read(response, limits.body).await
        };
        tokio::time::timeout(limits.budget, exchange)
            .await
            .unwrap_or(Err(Lost::Timeout.into()))
    }
}

async fn read(mut response: reqwest::Response, most: usize) -> Result<Reply, SendError> {
    let promised = response.content_length().unwrap_or(0);
    if usize::try_from(promised).map_or(true, |promised| promised > most) {
        return Err(Lost::TooLarge.into());
    }
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| told(&e))? {
        if body.len() + chunk.len() > most {
            return Err(Lost::TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

fn base(net: Net) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("vendgate/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // A proxy would resolve names in our place.
        .no_proxy()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_PEER)
        .dns_resolver(Guarded(net))
}

fn trusting(net: Net) -> Result<Client, Error> {
    base(net).build().or_else(|_| with_built_in_roots(net))
}

fn with_built_in_roots(net: Net) -> Result<Client, Error> {
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let mut tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    base(net)
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| Error::Setup(error.to_string()))
}

/// Resolves a name and lets it through only if every one of its addresses is permitted; the
/// connection is then made to these addresses and no others.
struct Guarded(Net);

/// Why the resolver gave no address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unresolved(NotSent);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let net = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0));
            let found: Vec<SocketAddr> = match tokio::time::timeout(RESOLVE, found).await {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            };
            admit(net, found.iter().map(SocketAddr::ip)).map_err(Unresolved)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// All or nothing: one forbidden address among others refuses the name.
fn admit(net: Net, mut found: impl Iterator<Item = IpAddr>) -> Result<(), NotSent> {
    let first = found.next().ok_or(NotSent::Dns)?;
    if guard::permits(net, first) && found.all(|ip| guard::permits(net, ip)) {
        Ok(())
    } else {
        Err(NotSent::Forbidden)
    }
}

/// Sorts an error by what the peer can have seen.
fn told(error: &reqwest::Error) -> SendError {
    let mut chain: Vec<&(dyn StdError + 'static)> = Vec::new();
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = next {
        chain.push(cause);
        // An io::Error shows the cause of what it wraps, not the wrapped error itself.
        next = match cause.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => cause.source(),
        };
    }
    if error.is_builder() {
        return NotSent::BadUrl.into();
    }
    if error.is_connect() {
        let unresolved = chain.iter().find_map(|e| e.downcast_ref::<Unresolved>());
        let kind = match unresolved {
            Some(Unresolved(kind)) => *kind,
            None if chain.iter().any(|e| e.is::<rustls::Error>()) => NotSent::Tls,
            None => NotSent::Refused,
        };
        return kind.into();
    }
    if error.is_timeout() {
        return Lost::Timeout.into();
    }
    let broken = |e: &&(dyn StdError + 'static)| {
        e.is::<std::io::Error>() || e.to_string().contains("connection closed")
    };
    if chain.iter().any(broken) {
        Lost::Reset.into()
    } else {
        Lost::Protocol.into()
    }
}

#[cfg(test)]
mod tests;
