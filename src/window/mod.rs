//! The shop window (橱窗): what is on sale, in memory, from which pages are shown.
//!
//! Comes in: the door to the database. Goes out: [`Goods`], shared by all pages, with texts made
//! into HTML and stock counted. They are at most a second old, and never older than the last
//! write of this process: who changed something sees it. Only what is *shown* comes from here;
//! what an order costs and whether its units are there is decided by the database when it is
//! placed.

mod goods;
pub mod print;

pub use goods::{Goods, OnSale};
pub use print::{Print, Prints};

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::store::{Store, StoreError};

/// Other processes change the goods too.
const FRESH: Duration = Duration::from_secs(1);
/// Where every moment brings a write, reading again leaves the machine this many times as long
/// as it took to others.
const REST: u32 = 3;

/// The goods of one process, read when somebody looks and nobody has lately.
#[derive(Default)]
pub struct Window {
    seen: RwLock<Option<Seen>>,
    /// Held while they are read; how the last reading failed, if it did.
    reading: tokio::sync::Mutex<Option<Failed>>,
}

struct Failed {
    began: Instant,
    error: StoreError,
}

#[derive(Clone)]
struct Seen {
    goods: Arc<Goods>,
    writes: u64,
    began: Instant,
    ended: Instant,
}

impl Window {
    /// The goods as they are now. Whoever comes while they are read waits for that one reading,
    /// and for no more than one that fails.
    pub async fn goods(&self, store: &Store) -> Result<Arc<Goods>, StoreError> {
        let (came, writes) = (Instant::now(), store.writes());
        if let Some(goods) = self.fresh(writes) {
            return Ok(goods);
        }
        let mut failed = self.reading.lock().await;
        if let Some(goods) = self.fresh(writes) {
            return Ok(goods);
        }
        // A database that is away answers nobody faster because many ask it one after another.
        if let Some(last) = failed.as_ref().filter(|last| last.began >= came) {
            return Err(last.error.clone());
        }
        let before = self.seen();
        if let Some(seen) = &before {
            let rest = (seen.ended - seen.began) * REST;
            tokio::time::sleep_until((seen.ended + rest).into()).await;
        }
        let (writes, began) = (store.writes(), Instant::now());
        let known = before.map(|seen| seen.goods);
        let read = store.read(move |db| Goods::read(db, known.as_deref()));
        let goods = match read.await {
            Ok(goods) => Arc::new(goods),
            Err(error) => {
                *failed = Some(Failed {
                    began,
                    error: error.clone(),
                });
                return Err(error);
            }
        };
        *failed = None;
        let seen = Seen {
            goods: Arc::clone(&goods),
            writes,
            began,
            ended: Instant::now(),
        };
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(goods)
    }

    fn seen(&self) -> Option<Seen> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    fn fresh(&self, writes: u64) -> Option<Arc<Goods>> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.as_ref()?;
        let fresh = seen.writes >= writes && seen.began.elapsed() < FRESH;
        fresh.then(|| Arc::clone(&seen.goods))
    }
}
