//! Waiting for something to become true, with small growing gaps.

use std::future::Future;
use std::panic::Location;
use std::time::{Duration, Instant};

/// What a look at the world may answer: not yet, or a value.
pub trait Seen {
    /// What [`eventually`] gives back.
    type Value;
    /// `None` means: look again.
    fn seen(self) -> Option<Self::Value>;
}

impl Seen for bool {
    type Value = ();
    fn seen(self) -> Option<()> {
        self.then_some(())
    }
}

impl<T> Seen for Option<T> {
    type Value = T;
    fn seen(self) -> Option<T> {
        self
    }
}

/// Looks again and again until `look` answers `true` or `Some`, and panics at
/// the caller's line when `deadline` has passed. The deadline is a bound for
/// broken code, so be generous: a test that passes never waits for it.
#[track_caller]
pub fn eventually<F, L>(
    deadline: Duration,
    look: L,
) -> impl Future<Output = <F::Output as Seen>::Value>
where
    L: FnMut() -> F,
    F: Future<Output: Seen>,
{
    poll(Location::caller(), deadline, look)
}

async fn poll<F, L>(
    at: &'static Location<'static>,
    deadline: Duration,
    mut look: L,
) -> <F::Output as Seen>::Value
where
    L: FnMut() -> F,
    F: Future<Output: Seen>,
{
    let began = Instant::now();
    let mut gap = Duration::from_millis(5);
    loop {
        if let Some(value) = look().await.seen() {
            return value;
        }
        if began.elapsed() >= deadline {
            panic!("{at}: not so within {deadline:?}");
        }
        tokio::time::sleep(gap).await;
        gap = (gap * 3 / 2).min(Duration::from_millis(250));
    }
}
