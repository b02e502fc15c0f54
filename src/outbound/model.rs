//! The words of the client: how far a call may reach, its limits, and how it can end.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// Who wrote the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Somebody else (a webhook, an avatar): https to public addresses on ports 443 and 80.
    Public,
    /// An operator (the base URL of a channel account): private networks and this machine as
    /// well; plain http to this machine alone. Link-local and metadata addresses never.
    Configured,
}

/// What is allowed beyond [`Reach`].
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Addresses that a URL may name literally, with http too: webhooks in tests and sandboxes.
    pub allow: Vec<SocketAddr>,
}

/// The limits of one call.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the call to the last byte of the body. A call that ends for this reason is
    /// [`Lost::Timeout`], even if it was still connecting.
    pub budget: Duration,
    /// The longest body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// 10 seconds and 1 MiB.
    fn default() -> Self {
        Limits {
            budget: Duration::from_secs(10),
            body: 1 << 20,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The process has no default TLS provider: `main` installs it first thing.
    #[error("no TLS provider is installed")]
    NoProvider,
    /// The TLS set-up was refused.
    #[error("the HTTP client could not be made: {0}")]
    Setup(String),
}

/// A call that brought no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The peer has seen nothing of this request: it may be sent again, or elsewhere.
    #[error("not sent: {kind}")]
    NotSent {
        /// Why.
        kind: NotSent,
    },
    /// The peer may have done what it was asked: ask it, never repeat blindly.
    #[error("sent, outcome unknown: {kind}")]
    Unknown {
        /// What happened.
        kind: Lost,
    },
}

/// Why nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// The name has no address, or nobody told it in time.
    Dns,
    /// No connection: refused, unreachable, or nobody answered within 3 seconds.
    Refused,
    /// The TLS handshake failed: a wrong or expired certificate, or no TLS at all.
    Tls,
    /// The address is one that must not be reached.
    Forbidden,
    /// Not a URL, or a header that cannot be one.
    BadUrl,
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotSent::Dns => "the name has no address",
            NotSent::Refused => "no connection",
            NotSent::Tls => "the TLS handshake failed",
            NotSent::Forbidden => "the address must not be reached",
            NotSent::BadUrl => "not a usable request",
        })
    }
}

/// How a request was lost after it may have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No whole reply within the budget.
    Timeout,
    /// The connection ended before the reply did.
    Reset,
    /// The body is longer than the limit.
    TooLarge,
    /// What came is not HTTP.
    Protocol,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lost::Timeout => "no reply in time",
            Lost::Reset => "the connection ended early",
            Lost::TooLarge => "the reply is too long",
            Lost::Protocol => "the reply is not HTTP",
        })
    }
}

impl From<NotSent> for SendError {
    fn from(kind: NotSent) -> Self {
        SendError::NotSent { kind }
    }
}

impl From<Lost> for SendError {
    fn from(kind: Lost) -> Self {
        SendError::Unknown { kind }
    }
}
