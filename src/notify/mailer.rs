//! The port for mail, and the mailer that writes files (the demo and the tests).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use lettre::message::Mailbox;

use super::mail::Mail;
use super::mime;

/// Sends mails. A mail that is sent twice has the same Message-ID both times.
pub trait Mailer: Send + Sync {
    /// Hands the mail over; `Ok` means that somebody else is responsible for it now.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct MailError {
    /// Whether another try would fail the same way.
    pub permanent: bool,
    /// What the other side said, without addresses: for the queue page and the log.
    pub said: String,
}

impl MailError {
    /// A failure that may pass.
    pub(super) fn temporary(said: &str) -> Self {
        MailError {
            permanent: false,
            said: without_addresses(said),
        }
    }

    /// A failure that stays.
    pub(super) fn permanent(said: &str) -> Self {
        MailError {
            permanent: true,
            said: without_addresses(said),
        }
    }
}

/// Servers like to repeat the address they refuse; it has no place in rows and logs (X60).
fn without_addresses(said: &str) -> String {
    let words: Vec<&str> = said
        .split_whitespace()
        .map(|word| {
            if word.contains('@') {
                "<address>"
            } else {
                word
            }
        })
        .collect();
    words.join(" ")
}

/// Writes each mail as `{outbox id}.eml` into a folder. The same id replaces its file.
pub struct FileMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl FileMailer {
    /// Files go into `folder`, which is created; `from` is the sender, with or without a name.
    pub fn new(folder: impl Into<PathBuf>, from: &str) -> Result<Self, MailError> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(|e| MailError::permanent(&e.to_string()))?;
        let from = mime::sender(from)
            .ok_or_else(|| MailError::permanent("the sender is not an address"))?;
        Ok(FileMailer { folder, from })
    }
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let bytes = mime::message(mail, &self.from)?.formatted();
            let (folder, id) = (self.folder.clone(), mail.id.to_string());
            tokio::task::spawn_blocking(move || write(&folder, &id, &bytes))
                .await
                .map_err(|e| MailError::temporary(&e.to_string()))?
                .map_err(|e| MailError::temporary(&e.to_string()))
        })
    }
}

/// Whole or not at all: written beside its name, made durable, then renamed.
fn write(folder: &Path, id: &str, bytes: &[u8]) -> std::io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nth = COUNT.fetch_add(1, Ordering::SeqCst);
    let beside = folder.join(format!(".{id}.{}.{nth}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    // There are goods in it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, folder.join(format!("{id}.eml")))
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
#[path = "mailer_tests.rs"]
mod tests;
