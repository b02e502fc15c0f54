//! Keeps the outbox's promises: renders or signs, sends, says how it went.

mod buyer;
mod facts;
mod owner;

use std::sync::Arc;
use std::time::Duration;

use super::Alarm;
use super::outbox::{self, After, Claimed, Kind, Topic};
use super::webhook;
use crate::app::{App, Live};
use crate::clock::{MINUTE, Millis};
use crate::jobs::{Crew, Step, StepError};
use crate::notify::alert::Severity;
use crate::outbound::{Limits, Reach};
use crate::random::Derived;
use crate::store::{StoreError, apart};

pub use facts::{Eyes, letter_of};

/// Promises of one kind that are on their way at once. A receiver that is slow holds one of
/// these places for as long as [`PATIENCE`], and the others go on.
const AT_ONCE: usize = 16;
/// Longer than the slowest send, so that no other worker takes a row that is being sent.
const LEASE: Millis = 5 * MINUTE;
/// A server that says nothing for so long is cut off.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a promise was not kept this time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Broken {
    /// Trying again cannot help.
    pub permanent: bool,
    /// What went wrong, without a secret or an address.
    pub said: String,
}

impl Broken {
    fn for_good(said: impl std::fmt::Display) -> Self {
        Broken {
            permanent: true,
            said: said.to_string(),
        }
    }

    fn for_now(said: impl std::fmt::Display) -> Self {
        Broken {
            permanent: false,
            said: said.to_string(),
        }
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Broken::for_now(error)
    }
}

/// Begins to keep promises of one kind that are due, as many as there are places for.
pub async fn deliver(app: &Arc<App>, crew: &mut Crew, kind: Kind) -> Result<Step, StepError> {
    let now = app.clock.now();
    let free = crew.free(kind.as_str(), AT_ONCE);
    if free == 0
        || !app
            .store
            .read(move |db| outbox::is_due(db, kind, now))
            .await?
    {
        return Ok(Step::Idle);
    }
    let limit = i64::try_from(free)?;
    let claim = app
        .store
        .write(move |db| outbox::claim(db, kind, now, limit, LEASE))
        .await?;
    if !claim.work.is_empty() {
        crate::fault::point("outbox_claimed");
    }
    let step = Step::of(claim.work.len() + claim.dead.len());
    for promise in claim.work {
        let app = Arc::clone(app);
        crew.start(kind.as_str(), async move { Ok(keep(&app, promise).await?) });
    }
    // After the work is begun: what cannot be told must not leave it claimed and undone.
    for id in &claim.dead {
        tell_dead(app, id.as_str(), "its worker died on the last try").await?;
    }
    Ok(step)
}

/// Brings back promises that a clock which was set back has put too far ahead; how many.
pub async fn set_back(app: &App) -> Result<usize, StepError> {
    let now = app.clock.now();
    let far = app
        .store
        .read(move |db| outbox::too_far_ahead(db, now, LEASE))
        .await?;
    let found = far.len();
    if found > 0 {
        app.store
            .write(move |db| outbox::bring_back(db, &far, now, LEASE))
            .await?;
    }
    Ok(found)
}

async fn keep(app: &App, promise: Claimed) -> Result<(), StoreError> {
    let live = app.live();
    let sent = tokio::time::timeout(PATIENCE, apart(send(app, &live, &promise)))
        .await
        .unwrap_or_else(|_| Err(Broken::for_now("no answer in time")));
    crate::fault::point("after_send");
    let (id, token, now) = (promise.id.clone(), promise.token, app.clock.now());
    let after = match sent {
        Ok(()) => {
            app.store
                .write(move |db| outbox::finish(db, &id, token, now))
                .await?
        }
        Err(broken) => {
            tracing::warn!(promise = %promise.id, topic = promise.topic, cause = broken.said,
                "a promise was not kept this time");
            app.store
                .write(move |db| outbox::fail(db, &id, token, &broken.said, now, broken.permanent))
                .await?
        }
    };
    metrics::counter!("vendgate_outbox_total", "topic" => promise.topic.clone(),
        "after" => match after { After::Done => "done", After::Again { .. } => "again",
            After::Dead => "dead", After::Stale => "stale" })
    .increment(1);
    // A dead alert mail raises no further alert: that would never end.
    if after == After::Dead && promise.topic() != Some(Topic::AdminAlert) {
        tell_dead(
            app,
            promise.id.as_str(),
            "it was tried for days, or refused for good",
        )
        .await?;
    }
    Ok(())
}

async fn tell_dead(app: &App, id: &str, why: &'static str) -> Result<(), StoreError> {
    let (promises, now, id) = (app.promises(), app.clock.now(), id.to_owned());
    let seed: [u8; 32] = (*app.random).bytes();
    app.store
        .write(move |db| {
            let alarm = Alarm {
                kind: "outbox_dead",
                cause: &format!("outbox/{id}"),
                severity: Severity::Warning,
                body: format!("Promise {id} is given up: {why}. See it with `vendgate mail list`."),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await
}

async fn send(app: &App, live: &Live, promise: &Claimed) -> Result<(), Broken> {
    let topic = promise
        .topic()
        .ok_or_else(|| Broken::for_good("an unknown topic"))?;
    match promise.kind {
        Kind::Mail => {
            let letter = letter_of(app, live, &promise.matter(), Eyes::Receiver).await?;
            let Some(mail) = letter else {
                return Ok(());
            };
            crate::fault::point_of("before_send", topic.as_str());
            live.mailer.send(&mail).await.map_err(|e| Broken {
                permanent: e.permanent,
                said: e.said,
            })
        }
        Kind::Webhook => {
            let Some(key) = &live.webhook_key else {
                return Err(Broken::for_now("no webhook secret is set"));
            };
            let (at, data) = facts::delivered(app, &promise.matter()).await?;
            let body = webhook::body(topic, at, &data).map_err(|e| Broken::for_good(e.said))?;
            let url = &live.settings.webhook_url;
            let request = webhook::sign(url, key, &promise.id, app.clock.now(), body);
            crate::fault::point_of("before_send", topic.as_str());
            let reply = app
                .outbound
                .send(&request, Reach::Public, Limits::default())
                .await
                .map_err(Broken::for_now)?;
            webhook::read(reply.status).map_err(|e| Broken {
                permanent: e.permanent,
                said: e.said,
            })
        }
    }
}
