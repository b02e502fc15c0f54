//! What every room relies on at the database door, the same on both engines: a job is all or
//! nothing and answered when it is durable, a limit is never passed, a read sees one moment, the
//! schema is one. On a fresh SQLite file and on a real PostgreSQL.

mod batch;
mod conflict;
mod durable;
mod key;
mod limit;
mod queue;
mod read;
mod schema;
mod serving;
mod upgrade;
mod window;

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use vendgate::store::schema::counter;
use vendgate::store::{Db, Store, StoreError, StoreUrl};

use crate::harness::{Engine, TempDir, fresh_database};

/// Nothing here takes this long unless it hangs.
const LONG: Duration = Duration::from_secs(60);

/// A database nobody has opened yet.
struct Ground {
    url: StoreUrl,
    /// Kept while the file is in use.
    _dir: TempDir,
}

impl Ground {
    fn fresh(engine: Engine) -> Self {
        let dir = TempDir::new("store");
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", dir.join("shop.db").display()),
            Engine::Postgres => fresh_database(),
        };
        let url = url.parse().expect("a URL we know");
        Ground { url, _dir: dir }
    }

    fn open(&self) -> Store {
        Store::open(&self.url).expect("it opens").0
    }
}

/// Makes jobs wait inside their transactions, until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Gate {
    /// In a job: waits here.
    fn wait(&self) {
        let (state, moved) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += 1;
        moved.notify_all();
        while !state.1 {
            let (next, late) = moved
                .wait_timeout(state, LONG)
                .unwrap_or_else(PoisonError::into_inner);
            assert!(!late.timed_out(), "the gate was never opened");
            state = next;
        }
    }

    /// In a test: until `jobs` wait.
    async fn reached(&self, jobs: usize) {
        crate::harness::eventually(LONG, || async {
            let state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 >= jobs
        })
        .await;
    }

    fn open(&self) {
        let (state, moved) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        moved.notify_all();
    }
}

/// Holds the writer (one of PostgreSQL's connections) until the gate opens.
fn hold(store: &Store, gate: &Gate) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let (store, gate) = (store.clone(), gate.clone());
    tokio::spawn(async move {
        store
            .write(move |_| {
                gate.wait();
                Ok(())
            })
            .await
    })
}

fn put(db: &mut Db, name: &str, used: i64) -> Result<(), StoreError> {
    diesel::insert_into(counter::table)
        .values((counter::name.eq(name), counter::used.eq(used)))
        .execute(db)?;
    Ok(())
}

fn add(db: &mut Db, name: &str, amount: i64) -> Result<(), StoreError> {
    diesel::update(counter::table.find(name))
        .set(counter::used.eq(counter::used + amount))
        .execute(db)?;
    Ok(())
}

fn used(db: &mut Db, name: &str) -> Result<Option<i64>, StoreError> {
    Ok(counter::table
        .find(name)
        .select(counter::used)
        .first(db)
        .optional()?)
}

fn all(db: &mut Db) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(counter::table
        .order(counter::name)
        .select((counter::name, counter::used))
        .load(db)?)
}

/// What the store holds of a counter now.
async fn reads(store: &Store, name: &str) -> Option<i64> {
    let name = name.to_owned();
    store.read(move |db| used(db, &name)).await.expect("a read")
}

/// Writes a counter.
async fn writes(store: &Store, name: &str, amount: i64) {
    let name = name.to_owned();
    store
        .write(move |db| put(db, &name, amount))
        .await
        .expect("a write");
}

/// Runs plain SQL as one job.
async fn sql(store: &Store, text: &str) -> Result<(), StoreError> {
    let text = text.to_owned();
    store.write(move |db| Ok(db.batch_execute(&text)?)).await
}
