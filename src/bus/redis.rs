//! Hints over Redis: one channel that every node publishes to and listens on.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::{broadcast, mpsc};

use super::Hint;
use crate::random::{Random, SystemRandom};

const CHANNEL: &str = "vendgate:hints";
/// Between tries to reach a Redis that is away.
const PAUSE: Duration = Duration::from_secs(2);

/// How long a Redis may take to answer who asks whether it is there.
const PING: Duration = Duration::from_secs(3);

pub(super) struct Relay {
    out: mpsc::Sender<String>,
}

impl Relay {
    /// Starts publishing and listening in the background; both go on for ever.
    pub(super) fn start(url: &str, here: broadcast::Sender<Hint>) -> Result<Self, String> {
        let client = redis::Client::open(url).map_err(|e| e.to_string())?;
        let (out, outgoing) = mpsc::channel(1_024);
        let node = node_name();
        tokio::spawn(publish(client.clone(), outgoing, node.clone()));
        tokio::spawn(listen(client, here, node));
        Ok(Relay { out })
    }

    /// Hands a hint over; a full queue drops it.
    pub(super) fn publish(&self, hint: &Hint) {
        let _ = self.out.try_send(hint.to_text());
    }
}

/// How long a Redis takes to answer, or why it does not.
pub(super) async fn ping(url: &str) -> Result<Duration, String> {
    let client = redis::Client::open(url).map_err(|e| e.to_string())?;
    let asked = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        let began = std::time::Instant::now();
        let _: String = redis::cmd("PING").query_async(&mut connection).await?;
        Ok::<_, redis::RedisError>(began.elapsed())
    };
    match tokio::time::timeout(PING, asked).await {
        Ok(answer) => answer.map_err(|e| e.to_string()),
        Err(_) => Err(format!("no answer in {} s", PING.as_secs())),
    }
}

fn node_name() -> String {
    let random: &dyn Random = &SystemRandom;
    hex::encode(random.bytes::<8>())
}

async fn publish(client: redis::Client, mut outgoing: mpsc::Receiver<String>, node: String) {
    loop {
        let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
            tracing::warn!("Redis is away: wake-ups stay on this node");
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        loop {
            let Some(hint) = outgoing.recv().await else {
                return;
            };
            let sent: Result<(), _> = redis::cmd("PUBLISH")
                .arg(CHANNEL)
                .arg(format!("{node} {hint}"))
                .query_async(&mut connection)
                .await;
            if sent.is_err() {
                break;
            }
        }
    }
}

async fn listen(client: redis::Client, here: broadcast::Sender<Hint>, node: String) {
    loop {
        if let Ok(mut heard) = client.get_async_pubsub().await
            && heard.subscribe(CHANNEL).await.is_ok()
        {
            let mut messages = heard.on_message();
            while let Some(message) = messages.next().await {
                let Ok(text) = message.get_payload::<String>() else {
                    continue;
                };
                // Our own hints were told here already.
                if let Some((from, hint)) = text.split_once(' ')
                    && from != node
                    && let Some(hint) = Hint::from_text(hint)
                {
                    let _ = here.send(hint);
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
