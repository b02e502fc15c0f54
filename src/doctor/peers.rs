//! Redis and the mail server.

use std::path::Path;
use std::time::Duration;

use super::report::{Finding, bad, ok, warn};
use crate::bus;
use crate::notify::SmtpMailer;

const REDIS: &str = "redis";
const MAIL: &str = "mail";
const SLOW: Duration = Duration::from_millis(50);

/// Redis, if there is one.
pub(super) async fn redis(url: Option<&str>) -> Finding {
    match url {
        None => ok(REDIS, "none: this shop is one node"),
        Some(url) => answered(bus::ping(url).await),
    }
}

/// What its answer means.
pub(super) fn answered(ping: Result<Duration, String>) -> Finding {
    match ping {
        Ok(took) if took <= SLOW => ok(REDIS, format!("answers in {} ms", took.as_millis())),
        Ok(took) => warn(
            REDIS,
            format!("answers in {} ms", took.as_millis()),
            "keep it in the same network: wake-ups between nodes are late",
        ),
        Err(cause) => bad(
            REDIS,
            cause,
            "start it or mend VENDGATE_REDIS_URL: nodes do not wake each other meanwhile",
        ),
    }
}

/// The mail server, asked up to the sender; nothing is sent.
pub(super) async fn mail(smtp_url: Option<&str>, data: &Path, from: &str) -> Finding {
    let Some(url) = smtp_url else {
        return warn(
            MAIL,
            format!("mails become files in {}", data.join("mail").display()),
            "set VENDGATE_SMTP_URL, or buyers get none",
        );
    };
    let mailer = match SmtpMailer::new(url, from) {
        Ok(mailer) => mailer,
        Err(cause) => return bad(MAIL, cause.to_string(), "mend VENDGATE_SMTP_URL"),
    };
    match mailer.check().await {
        Ok(true) => ok(
            MAIL,
            "the server takes mail from the shop's address, encrypted",
        ),
        Ok(false) => plain(url),
        Err(cause) => bad(
            MAIL,
            cause.said,
            "mend VENDGATE_SMTP_URL or mail_from: mails wait in the outbox meanwhile",
        ),
    }
}

/// A server that takes mail in the clear: fine on this machine alone.
pub(super) fn plain(url: &str) -> Finding {
    let found = "the server takes mail from the shop's address, in the clear";
    let host = url::Url::parse(url).ok();
    let host = host
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or_default();
    let here = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    match here {
        true => ok(MAIL, format!("{found}, on this machine")),
        false => warn(
            MAIL,
            format!("{found}: goods in mails are read on the way"),
            "use smtps:// or ?tls=required, if the server has it",
        ),
    }
}
