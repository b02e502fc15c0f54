//! The running shop: what every edge works with, opened once and stopped cleanly.
//!
//! Comes in: the configuration. Goes out: an [`App`] for those who serve and work, or a [`Desk`]
//! for a short command. Both pass `door`, where a database and its `key` are opened together.

mod door;
mod key;

pub use key::Place;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::account::Accounts;
use crate::bus::Bus;
use crate::clock::{Clock, Millis, SECOND, SystemClock};
use crate::config::Config;
use crate::notify::webhook::SigningKey;
use crate::notify::{FileMailer, Mailer, Promises, SmtpMailer};
use crate::outbound::{Outbound, Policy};
use crate::payment::callback::{Flights, RefusedQuota};
use crate::payment::{Hearing, Till};
use crate::random::{Random, SystemRandom};
use crate::risk::Limits;
use crate::seal::{SealError, Sealer};
use crate::settings::{self, Settings};
use crate::store::{Store, StoreError, StoreUrl};
use crate::window::{Goods, Window};

/// Why the shop did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A ring that is none.
    #[error("the key ring in {place}: {cause}")]
    KeyUnusable {
        /// Where it is.
        place: Place,
        /// What is wrong with it.
        cause: SealError,
    },
    /// There is no ring, and the database needs its own.
    #[error(
        "the key is missing: {database:?} holds what was sealed with a key, and there is neither a \
         file {file} nor VENDGATE_KEY. Copy the file `key` of the shop's data folder (or of its \
         backup) to {file}, or set VENDGATE_KEY to its content. Nothing was changed",
        file = file.display()
    )]
    KeyMissing {
        /// The database.
        database: StoreUrl,
        /// Where the ring is looked for.
        file: PathBuf,
    },
    /// There is a ring, and it is another shop's.
    #[error(
        "the wrong key: the ring in {place} does not belong to {database:?} ({cause}). Put the \
         shop's own ring there: all its lines, the oldest last. Nothing was changed"
    )]
    KeyWrong {
        /// The database.
        database: StoreUrl,
        /// Where the ring is.
        place: Place,
        /// What it does not open.
        cause: SealError,
    },
    /// What is sealed in the database is not what it should be.
    #[error("a sealed value of the database: {0}")]
    Sealed(#[from] SealError),
    /// A file of the data folder.
    #[error("{0}")]
    Folder(String),
    /// The mail server's address.
    #[error("smtp_url: {0}")]
    Mail(String),
    /// Redis' address.
    #[error("redis_url: {0}")]
    Redis(String),
    /// The HTTP client.
    #[error(transparent)]
    Outbound(#[from] crate::outbound::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a short command works with: the database and the key that opens it. Whoever opens a
/// database with its key opens this.
pub struct Desk {
    /// The database.
    pub store: Store,
    /// Opens and seals.
    pub sealer: Arc<Sealer>,
}

impl Desk {
    /// Opens both; creates what is missing in an empty place, and refuses a key that is not the
    /// database's (see [`OpenError`]).
    pub async fn open(config: &Config) -> Result<Self, OpenError> {
        let door::Opened { store, sealer } = door::open(config).await?;
        Ok(Desk {
            store,
            sealer: Arc::new(sealer),
        })
    }
}

/// What changes with the configuration.
#[derive(Clone)]
pub struct Live {
    /// As they are now.
    pub settings: Arc<Settings>,
    /// Sends mails from the address of the settings.
    pub mailer: Arc<dyn Mailer>,
    /// Signs webhooks, if there is one.
    pub webhook_key: Option<Arc<SigningKey>>,
    version: i64,
}

/// Remembers what was done in the last two seconds, so that an impatient finger does not become
/// a flood at a channel.
#[derive(Default)]
pub struct Lately(Mutex<HashMap<String, Millis>>);

impl Lately {
    /// Whether `what` was not done within two seconds; counts as done from now on.
    pub fn pass(&self, what: &str, now: Millis) -> bool {
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if done.len() > 10_000 {
            done.retain(|_, at| lately(*at, now));
        }
        match done.get(what) {
            Some(at) if lately(*at, now) => false,
            _ => {
                done.insert(what.to_owned(), now);
                true
            }
        }
    }
}

/// A time that lies ahead is none of the last two seconds: the clock was set back since.
fn lately(at: Millis, now: Millis) -> bool {
    (at..at + 2 * SECOND).contains(&now)
}

/// The running shop. Cheap to share.
pub struct App {
    /// As read at start.
    pub config: Config,
    /// The door.
    pub store: Store,
    /// Opens and seals.
    pub sealer: Arc<Sealer>,
    /// Tells now.
    pub clock: Arc<dyn Clock>,
    /// Makes ids, tokens and nonces.
    pub random: Arc<dyn Random>,
    /// The open channel accounts.
    pub accounts: Arc<Accounts>,
    /// Speaks HTTP to the outside.
    pub outbound: Arc<Outbound>,
    /// Wakes tasks and nodes.
    pub bus: Bus,
    /// How buyers and channels reach the shop; without a trailing `/`.
    pub base_url: Arc<str>,
    /// How often whom is let through.
    pub limits: Limits,
    /// Which attempts were asked about a moment ago.
    pub asked_lately: Lately,
    hearing: Arc<Hearing>,
    refused: Arc<RefusedQuota>,
    flights: Arc<Flights>,
    window: Window,
    following: tokio::sync::Mutex<()>,
    live: RwLock<Live>,
    mail_at: MailAt,
    /// Held while this process serves a SQLite file.
    _lock: Option<std::fs::File>,
}

#[derive(Clone)]
enum MailAt {
    Server(String),
    Folder(PathBuf),
}

impl App {
    /// Opens a shop to serve it: as [`App::open_beside`], and takes the lock of a SQLite file.
    pub async fn open(config: Config, base_url: String) -> Result<Self, OpenError> {
        let lock = match &config.database {
            StoreUrl::Sqlite(file) => Some(serve_alone(file)?),
            StoreUrl::Postgres(_) => None,
        };
        let mut app = Self::open_beside(config, base_url).await?;
        app._lock = lock;
        Ok(app)
    }

    /// Opens a shop beside the process that serves it, for one short command: the data folder,
    /// the key and the schema are made where there is nothing yet.
    pub async fn open_beside(config: Config, base_url: String) -> Result<Self, OpenError> {
        let Desk { store, sealer } = Desk::open(&config).await?;
        let mail_at = match &config.smtp_url {
            Some(url) => MailAt::Server(url.clone()),
            None => MailAt::Folder(config.data.join("mail")),
        };
        let bus = match &config.redis_url {
            Some(url) => Bus::over_redis(url).map_err(OpenError::Redis)?,
            None => Bus::in_process(),
        };
        let outbound = Outbound::new(Policy {
            allow: config.webhook_hosts.clone(),
        })?;
        let accounts = Accounts::load(&store, &sealer).await?;
        let live = read_live(&store, &sealer, &mail_at).await?;
        let limits = Limits::new(Arc::clone(&sealer), &live.settings);
        let limits = match &config.redis_url {
            Some(url) => limits.over_redis(url).await.map_err(OpenError::Redis)?,
            None => limits,
        };
        Ok(App {
            config,
            store,
            sealer,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            accounts: Arc::new(accounts),
            outbound: Arc::new(outbound),
            bus,
            base_url: base_url.into(),
            limits,
            asked_lately: Lately::default(),
            hearing: Arc::default(),
            refused: Arc::default(),
            flights: Arc::default(),
            window: Window::default(),
            following: tokio::sync::Mutex::default(),
            live: RwLock::new(live),
            mail_at,
            _lock: None,
        })
    }

    /// What the configuration says now.
    pub fn live(&self) -> Live {
        self.live
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the configuration again if its version moved; true = it did.
    pub async fn follow_configuration(&self) -> Result<bool, StoreError> {
        let version = self.store.read(settings::version).await?;
        if version <= self.live().version {
            return Ok(false);
        }
        // One at a time, and the version is read before what it stands for: a change that comes
        // meanwhile has a higher one and is read the next time.
        let _alone = self.following.lock().await;
        let version = self.store.read(settings::version).await?;
        if version <= self.live().version {
            return Ok(false);
        }
        self.accounts.reload(&self.store, &self.sealer).await?;
        let mut live = read_live(&self.store, &self.sealer, &self.mail_at)
            .await
            .map_err(|e| StoreError::corrupt(e.to_string()))?;
        live.version = version;
        self.limits.follow(&live.settings);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
        tracing::info!(version, "the configuration changed");
        Ok(true)
    }

    /// What is on sale now, to be shown.
    pub async fn goods(&self) -> Result<Arc<Goods>, StoreError> {
        self.window.goods(&self.store).await
    }

    /// What a step of a payment works with, as things are now.
    pub fn till(&self) -> Till {
        Till {
            store: self.store.clone(),
            sealer: Arc::clone(&self.sealer),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            accounts: Arc::clone(&self.accounts),
            outbound: Arc::clone(&self.outbound),
            hearing: Arc::clone(&self.hearing),
            refused: Arc::clone(&self.refused),
            flights: Arc::clone(&self.flights),
            bus: self.bus.clone(),
            settings: self.live().settings,
            base_url: Arc::clone(&self.base_url),
        }
    }

    /// Who is promised what, as things are now.
    pub fn promises(&self) -> Promises {
        Promises::under(&self.live().settings)
    }
}

async fn read_live(store: &Store, sealer: &Sealer, mail_at: &MailAt) -> Result<Live, OpenError> {
    let (settings, version) = store
        .read(|db| -> Result<_, StoreError> { Ok((settings::read(db)?, settings::version(db)?)) })
        .await?;
    let settings = settings.opened(sealer)?;
    let from = settings.mail_from.as_str();
    let mailer: Arc<dyn Mailer> = match mail_at {
        MailAt::Server(url) => {
            Arc::new(SmtpMailer::new(url, from).map_err(|e| OpenError::Mail(e.to_string()))?)
        }
        MailAt::Folder(folder) => {
            Arc::new(FileMailer::new(folder, from).map_err(|e| OpenError::Mail(e.to_string()))?)
        }
    };
    let webhook_key = match settings.webhook_secret.as_str() {
        "" => None,
        // A secret that is none must not stop the shop: webhooks wait in the outbox.
        secret => match secret.parse() {
            Ok(key) => Some(Arc::new(key)),
            Err(_) => {
                tracing::error!("webhook_secret is not a key; no webhook is sent");
                None
            }
        },
    };
    Ok(Live {
        settings: Arc::new(settings),
        mailer,
        webhook_key,
        version,
    })
}

/// A ring that belongs to its database.
pub struct Belonging {
    /// Opens and seals.
    pub sealer: Sealer,
    /// Where it was found.
    pub place: Place,
}

/// The ring this process was given, if it is the database's; none if there is none, and nothing
/// is sealed either. Changes nothing.
pub fn ring_of(config: &Config) -> Result<Option<Belonging>, OpenError> {
    let (_, given) = door::belonging(config)?;
    Ok(given.map(|key::Ring { sealer, place }| Belonging { sealer, place }))
}

/// The file that a data folder keeps its key in, unless `VENDGATE_KEY` holds the ring.
pub fn key_file(data: &Path) -> PathBuf {
    key::file(data)
}

/// One process serves a SQLite file, whatever its data folder is: nobody else while the answer
/// lives. Also for whoever needs the file while nobody serves it.
pub fn serve_alone(database: &Path) -> Result<std::fs::File, OpenError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".serving");
    let path = PathBuf::from(path);
    let told = |e: std::io::Error| OpenError::Folder(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(told)?;
    file.try_lock().map_err(|_| {
        OpenError::Folder(format!(
            "another process serves {}: a SQLite shop has one server; use PostgreSQL for several",
            database.display()
        ))
    })?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_done_once_in_two_seconds() {
        let lately = Lately::default();
        assert!(lately.pass("one", 10_000));
        assert!(!lately.pass("one", 11_999));
        assert!(lately.pass("other", 11_999));
        assert!(lately.pass("one", 12_000));
        assert!(!lately.pass("one", 12_001));
        assert!(lately.pass("one", 1_000), "the clock was set back");
    }
}
