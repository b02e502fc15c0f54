//! Mail by SMTP, one connection for each mail.
//!
//! What the server says decides whether to try again: 4xx and a broken connection are temporary,
//! 5xx about the recipient or the message is permanent. A 5xx before that (greeting, TLS, login,
//! sender) speaks about our configuration, not about this mail: temporary, so that a wrong
//! password costs an hour and not the mails of that hour.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use percent_encoding::percent_decode_str;
use url::Url;

use super::mail::Mail;
use super::mailer::{MailError, Mailer};
use super::mime;

/// How long each step may take.
const STEP: Duration = Duration::from_secs(15);

/// A URL or a sender that is not usable; holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the SMTP configuration is not usable: {0}")]
pub struct BadSmtpUrl(&'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// From the first byte (`smtps://`).
    Wrapped,
    /// By STARTTLS, or not at all.
    Required,
    /// By STARTTLS where the server offers it. A password never goes out in the clear.
    Offered,
    /// Never; the password goes out in the clear, as was asked for.
    None,
}

/// Sends by SMTP.
pub struct SmtpMailer {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    from: Mailbox,
    hello: ClientId,
    step: Duration,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpMailer({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

impl SmtpMailer {
    /// Reads `smtp://[user:password@]host[:port][?tls=required|none]` (port 587 with a user,
    /// else 25; STARTTLS where offered) or `smtps://…` (port 465, TLS from the first byte).
    /// User and password are percent-encoded. `from` is the sender, with or without a name;
    /// without one the shop's name stands there.
    pub fn new(url: &str, from: &str) -> Result<Self, BadSmtpUrl> {
        let url = Url::parse(url).map_err(|_| BadSmtpUrl("not a URL"))?;
        let host = url
            .host_str()
            .map(|host| host.trim_matches(['[', ']']).to_owned())
            .filter(|host| !host.is_empty())
            .ok_or(BadSmtpUrl("it names no host"))?;
        let mut tls = match url.scheme() {
            "smtp" => Tls::Offered,
            "smtps" => Tls::Wrapped,
            _ => return Err(BadSmtpUrl("the scheme is smtp or smtps")),
        };
        if !matches!(url.path(), "" | "/") {
            return Err(BadSmtpUrl("it has a path"));
        }
        for (key, value) in url.query_pairs() {
            tls = match (&*key, &*value, url.scheme()) {
                ("tls", "required", "smtp") => Tls::Required,
                ("tls", "none", "smtp") => Tls::None,
                _ => {
                    return Err(BadSmtpUrl(
                        "the only option is tls=required|none, with smtp",
                    ));
                }
            };
        }
        let words = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(|text| text.into_owned())
                .map_err(|_| BadSmtpUrl("user and password are UTF-8"))
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err(BadSmtpUrl("a password without a user")),
            (_, None) => return Err(BadSmtpUrl("a user without a password")),
            (user, Some(password)) => Some(Credentials::new(words(user)?, words(password)?)),
        };
        let port = url.port().unwrap_or(match (tls, &credentials) {
            (Tls::Wrapped, _) => 465,
            (_, Some(_)) => 587,
            (_, None) => 25,
        });
        let from = mime::sender(from).ok_or(BadSmtpUrl("the sender is not an address"))?;
        Ok(SmtpMailer {
            host,
            port,
            tls,
            credentials,
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
            step: STEP,
        })
    }

    #[cfg(test)]
    fn with_step(mut self, step: Duration) -> Self {
        self.step = step;
        self
    }

    /// A connection that is encrypted and logged in as configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let parameters = || {
            TlsParameters::new(self.host.clone())
                .map_err(|e| MailError::temporary(&format!("TLS: {e}")))
        };
        let wrapped = match self.tls {
            Tls::Wrapped => Some(parameters()?),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let greeting =
            AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, wrapped, None);
        let mut connection = self.within("connect", greeting).await?;
        let upgrade = match self.tls {
            Tls::Required => true,
            Tls::Offered => connection.can_starttls(),
            Tls::Wrapped | Tls::None => false,
        };
        if upgrade {
            let starttls = connection.starttls(parameters()?, &self.hello);
            self.within("STARTTLS", starttls).await?;
        }
        if let Some(credentials) = &self.credentials {
            if self.tls != Tls::None && !connection.is_encrypted() {
                return Err(MailError::temporary(
                    "the server offers no STARTTLS, and the password is not sent in the clear \
                     (tls=none would)",
                ));
            }
            let login = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials);
            self.within("login", login).await?;
        }
        Ok(connection)
    }

    /// Does everything up to the sender, and sends nothing: whether the server is there, takes
    /// the password and lets the shop write from its address. Whether the way was encrypted.
    pub async fn check(&self) -> Result<bool, MailError> {
        let mut connection = self.connect().await?;
        let sender = MailFrom::new(Some(self.from.email.clone()), Vec::new());
        self.within("sender", connection.command(sender)).await?;
        let encrypted = connection.is_encrypted();
        // The answer is known; a farewell changes nothing.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
        Ok(encrypted)
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mime::message(mail, &self.from)?;
        let to: Vec<Address> = message.envelope().to().to_vec();
        let mut connection = self.connect().await?;
        let mut options = Vec::new();
        if !mail.to.is_ascii() {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(MailError::permanent(
                    "the server takes no address outside ASCII",
                ));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let sender = MailFrom::new(Some(self.from.email.clone()), options);
        self.within("sender", connection.command(sender)).await?;
        for to in to {
            let recipient = connection.command(Rcpt::new(to, Vec::new()));
            final_word(self.within("recipient", recipient).await)?;
        }
        final_word(self.within("data", connection.command(Data)).await)?;
        final_word(
            self.within("message", connection.message(&message.formatted()))
                .await,
        )?;
        // It is theirs now, whether or not they say goodbye.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
        Ok(())
    }

    /// One step, with its name in whatever goes wrong.
    async fn within<T>(
        &self,
        step: &'static str,
        work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Step> {
        match tokio::time::timeout(self.step, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Step {
                refused: error.is_permanent(),
                said: format!("{step}: {}", told(&error)),
            }),
            Err(_) => Err(Step {
                refused: false,
                said: format!("{step}: no answer in {} s", self.step.as_secs()),
            }),
        }
    }
}

/// How a step failed.
struct Step {
    /// With a 5xx.
    refused: bool,
    said: String,
}

impl From<Step> for MailError {
    fn from(step: Step) -> Self {
        MailError::temporary(&step.said)
    }
}

/// From the recipient on, a 5xx is about this mail.
fn final_word<T>(step: Result<T, Step>) -> Result<T, MailError> {
    step.map_err(|step| match step.refused {
        true => MailError::permanent(&step.said),
        false => step.into(),
    })
}

/// An error with its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_words = next.to_string();
        if !words.contains(&next_words) {
            words.push_str(": ");
            words.push_str(&next_words);
        }
        cause = next.source();
    }
    words
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(self.deliver(mail))
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
