//! Work in hand: what a step has begun, and the next step need not wait for.
//!
//! Work stands in *lanes*, one for each party that may be slow (a channel account, the mail
//! server). A lane has so many places and no more; a party that is silent fills its own lane
//! and nobody else's.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::{JoinError, JoinSet};

use super::StepError;

/// Work that ends within so much of each other makes room together: one claim instead of many.
const GATHER: Duration = Duration::from_millis(10);

type Ended = (String, Result<(), StepError>);

/// The work a job has in hand.
#[derive(Default)]
pub struct Crew {
    tasks: JoinSet<Ended>,
    busy: HashMap<String, usize>,
    /// A lane was found full: there may be more to do as soon as a place is free.
    short: bool,
}

impl Crew {
    /// How many of a lane's `places` are free now.
    pub fn free(&mut self, lane: &str, places: usize) -> usize {
        let busy = self.busy.get(lane).copied().unwrap_or(0);
        let free = places.saturating_sub(busy);
        self.short |= free == 0;
        free
    }

    /// Begins work in a lane; the caller has asked [`Crew::free`]. An error, or a panic, counts
    /// as a failure of the job.
    pub fn start(
        &mut self,
        lane: &str,
        work: impl Future<Output = Result<(), StepError>> + Send + 'static,
    ) {
        *self.busy.entry(lane.to_owned()).or_default() += 1;
        let lane = lane.to_owned();
        self.tasks.spawn(async move {
            let ended = AssertUnwindSafe(work).catch_unwind().await;
            (lane, ended.unwrap_or_else(|_| Err("work panicked".into())))
        });
    }

    /// A step begins: which lanes are full is found anew.
    pub(super) fn begin(&mut self) {
        self.short = false;
    }

    /// Waits until there is room where there was none. Without a full lane it never ends; work
    /// that fails ends it at once.
    pub(super) async fn room(&mut self) -> Result<(), StepError> {
        loop {
            let Some(ended) = self.tasks.join_next().await else {
                return std::future::pending().await;
            };
            self.count(ended)?;
            if self.short {
                tokio::time::sleep(GATHER).await;
                while let Some(ended) = self.tasks.try_join_next() {
                    self.count(ended)?;
                }
                return Ok(());
            }
        }
    }

    /// Lets everything in hand finish.
    pub(super) async fn finish(&mut self) -> Vec<StepError> {
        let mut failed = Vec::new();
        while let Some(ended) = self.tasks.join_next().await {
            failed.extend(self.count(ended).err());
        }
        failed
    }

    fn count(&mut self, ended: Result<Ended, JoinError>) -> Result<(), StepError> {
        // Work catches its own panics and nobody aborts it, so that its lane is always known.
        let (lane, ended) = ended?;
        if let Some(busy) = self.busy.get_mut(&lane) {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(&lane);
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    const SOON: Duration = Duration::from_millis(200);

    /// A lane that is stuck leaves the others their places.
    #[tokio::test]
    async fn a_full_lane_takes_no_place_of_another() {
        let mut crew = Crew::default();
        for _ in 0..3 {
            crew.start("silent", std::future::pending());
        }
        assert_eq!((crew.free("silent", 3), crew.free("other", 3)), (0, 3));
        crew.start("other", async { Ok(()) });
        assert_eq!(crew.free("other", 3), 2);
        crew.room().await.expect("one ended");
        assert_eq!((crew.free("silent", 3), crew.free("other", 3)), (0, 3));
    }

    /// Only a full lane makes somebody wait for room.
    #[tokio::test]
    async fn room_is_told_where_it_was_missing() {
        let mut crew = Crew::default();
        let (ends, end) = oneshot::channel::<()>();
        crew.start("one", async {
            let _ = end.await;
            Ok(())
        });
        crew.begin();
        assert_eq!(crew.free("one", 2), 1);
        assert!(tokio::time::timeout(SOON, crew.room()).await.is_err());
        crew.begin();
        assert_eq!(crew.free("one", 1), 0);
        assert!(tokio::time::timeout(SOON, crew.room()).await.is_err());
        ends.send(()).expect("it waits");
        crew.room().await.expect("it ended");
        assert_eq!(crew.free("one", 1), 1);
    }

    /// What fails or panics gives its place back and is told.
    #[tokio::test]
    async fn failures_are_told_and_free_their_place() {
        let mut crew = Crew::default();
        crew.start("one", async { Err("no".into()) });
        crew.start("one", async { panic!("on purpose") });
        assert_eq!(crew.free("one", 2), 0);
        let mut told = Vec::new();
        while told.len() < 2 {
            told.extend(crew.room().await.err().map(|e| e.to_string()));
        }
        told.sort();
        assert_eq!(told, ["no", "work panicked"]);
        assert_eq!(crew.free("one", 2), 2);
    }

    #[tokio::test]
    async fn nothing_in_hand_is_left_behind() {
        let mut crew = Crew::default();
        let (tell, told) = oneshot::channel();
        crew.start("one", async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            tell.send(()).map_err(|()| "nobody listens".into())
        });
        assert!(crew.finish().await.is_empty());
        told.await.expect("it ran to its end");
    }
}
