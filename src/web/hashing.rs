//! Password hashing for requests: it takes memory and a whole core, so a few are worked on at
//! once, a short line waits, and whoever comes to a longer one is told to come again.

use tokio::sync::Semaphore;

use crate::app::App;
use crate::password;
use crate::random::Random;
use crate::seal::Secret;
use crate::store::StoreError;

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A line before the hashing. Buyers and staff have one each: a flood of guesses at orders does
/// not keep the shopkeeper out.
pub struct Line(Semaphore);

/// Buyers: order passwords.
pub static BUYERS: Line = Line(Semaphore::const_new(64));
/// Staff: log-in.
pub static STAFF: Line = Line(Semaphore::const_new(16));

/// The longest password, in characters: hashing more is a waste of a core.
pub const LONGEST: usize = 100;

async fn on_a_thread<T: Send + 'static>(
    line: &'static Line,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let _place = line.0.try_acquire().map_err(|_| StoreError::Busy)?;
    let _turn = AT_ONCE.acquire().await;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| StoreError::Panicked(stopped.to_string()))
}

/// The hash of a password; [`StoreError::Busy`] when too many wait.
pub async fn hash(app: &App, line: &'static Line, password: Secret) -> Result<Secret, StoreError> {
    let random: &dyn Random = &*app.random;
    let salt: [u8; 16] = random.bytes();
    on_a_thread(line, move || password::hash(&password, &salt))
        .await?
        .ok_or_else(|| StoreError::corrupt("the password could not be hashed"))
}

/// Whether a password is the one of this hash; costs the same without one.
/// [`StoreError::Busy`] when too many wait.
pub async fn is(
    line: &'static Line,
    password: Secret,
    hash: Option<String>,
) -> Result<bool, StoreError> {
    // A text longer than any password is hashed up to there: it costs no more, and is none.
    let sound = password.reveal().chars().count() <= LONGEST;
    let short = Secret::new(password.reveal().chars().take(LONGEST).collect::<String>());
    let is = on_a_thread(line, move || password::is(&short, hash.as_deref())).await?;
    Ok(is && sound)
}
