//! What all nodes together have let through: the same reckoning as in `memory` (GCRA), in Redis,
//! by Redis' own clock. Redis answers within tens of milliseconds or is passed over: whoever
//! asks is let through here (this process has counted them already), and a task of its own asks
//! Redis again until it answers.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::settings::Limit;

/// A question is answered within this time, or not by Redis.
const ANSWER: Duration = Duration::from_millis(40);
/// So many late answers in a row, and Redis is not asked any more.
const LATE: u32 = 3;
/// A connection is made within this time.
const CONNECT: Duration = Duration::from_millis(500);
/// Between tries to reach a Redis that is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Times are microseconds. A key is the time at which its burst is whole again; it goes by itself
/// at that time. One that lies further ahead than it can (Redis' clock was set back) becomes that
/// of an empty burst, so that nobody waits longer than the limit says.
const RECKONING: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap = tonumber(ARGV[1])
local burst = tonumber(ARGV[2])
local kept = tonumber(redis.call('GET', KEYS[1]) or now)
local whole = math.min(math.max(kept, now), now + gap * burst)
local wait = math.max(whole + gap - gap * burst - now, 0)
if wait == 0 then whole = whole + gap end
if wait == 0 or whole ~= kept then
  redis.call('SET', KEYS[1], string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
end
return wait
";

/// The line to a Redis; none while it is away.
type Line = Arc<RwLock<Option<MultiplexedConnection>>>;

/// A Redis that all nodes count in.
pub(super) struct Shared {
    line: Line,
    lost: Arc<Notify>,
    late: AtomicU32,
    script: Script,
    keeping: JoinHandle<()>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

impl Shared {
    /// Reaches for Redis, and keeps the line from then on. Returns as soon as it is known whether
    /// it is there.
    pub(super) async fn start(url: &str) -> Result<Self, String> {
        let client = Client::open(url).map_err(|e| e.to_string())?;
        let line = Line::default();
        let lost = Arc::new(Notify::new());
        match connect(&client).await {
            Ok(connection) => put(&line, connection),
            Err(cause) => {
                gone(&cause);
                lost.notify_one();
            }
        }
        let keeping = tokio::spawn(keep(client, Arc::clone(&line), Arc::clone(&lost)));
        Ok(Shared {
            line,
            lost,
            late: AtomicU32::new(0),
            script: Script::new(RECKONING),
            keeping,
        })
    }

    /// Takes one of the burst of a key; else how long until there is one. A Redis that does not
    /// answer lets everybody pass.
    pub(super) async fn pass(&self, key: &str, limit: Limit) -> Result<(), Duration> {
        let Some(mut connection) = get(&self.line) else {
            return Ok(());
        };
        let (gap, burst) = (micros(limit.gap()), limit.burst().get());
        // A limit that changes begins anew, as it does in memory.
        let mut asked = self.script.key(format!("{key}:{burst}:{gap}"));
        asked.arg(gap).arg(burst);
        let answer = tokio::time::timeout(ANSWER, asked.invoke_async::<u64>(&mut connection));
        match answer.await {
            Ok(Ok(wait)) => {
                self.late.store(0, Ordering::Relaxed);
                match wait {
                    0 => Ok(()),
                    wait => Err(Duration::from_micros(wait)),
                }
            }
            Ok(Err(cause)) if !cause.is_timeout() => {
                self.give_up(&cause);
                Ok(())
            }
            Ok(Err(_)) | Err(_) => {
                if self.late.fetch_add(1, Ordering::Relaxed) + 1 >= LATE {
                    self.give_up(&"it does not answer in time");
                }
                Ok(())
            }
        }
    }

    /// Redis is not asked any more until it is there again.
    fn give_up(&self, cause: &dyn std::fmt::Display) {
        // Whoever takes the line away tells of it; the others ran into the same.
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.take().is_some() {
            gone(cause);
            self.late.store(0, Ordering::Relaxed);
            self.lost.notify_one();
        }
    }
}

fn get(line: &Line) -> Option<MultiplexedConnection> {
    line.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn put(line: &Line, connection: MultiplexedConnection) {
    *line.write().unwrap_or_else(PoisonError::into_inner) = Some(connection);
    metrics::gauge!("vendgate_limits_shared").set(1.0);
}

fn gone(cause: &dyn std::fmt::Display) {
    tracing::warn!(%cause, "Redis is away: each node limits by itself");
    metrics::gauge!("vendgate_limits_shared").set(0.0);
    metrics::counter!("vendgate_limits_redis_lost_total").increment(1);
}

/// Brings the line back whenever it is lost, for ever.
async fn keep(client: Client, line: Line, lost: Arc<Notify>) {
    loop {
        lost.notified().await;
        let connection = loop {
            tokio::time::sleep(PAUSE).await;
            if let Ok(connection) = connect(&client).await {
                break connection;
            }
        };
        put(&line, connection);
        tracing::info!("Redis is there: all nodes limit together");
    }
}

/// A connection over which Redis has answered.
async fn connect(client: &Client) -> Result<MultiplexedConnection, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(CONNECT));
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let _: String = redis::cmd("PING").query_async(&mut connection).await?;
    Ok(connection)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
