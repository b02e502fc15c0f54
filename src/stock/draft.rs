//! Imports in two steps: what somebody sent is parsed and told (dry run), kept sealed, and loaded
//! once they confirm it.
//!
//! The load goes on after a crash where it stopped, and a draft ends in the transaction that
//! makes its cards sellable: confirming twice, or being cut off, never loads twice.

use std::sync::Arc;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::import::{self, Fault, Layout, Parsed};
use super::load::{Last, Loaded, Target, Tools, load, load_and};
use super::store::draft as rows;
use crate::catalog;
use crate::clock::{Clock, DAY, HOUR, Millis};
use crate::ids::{BatchId, DraftId, StaffId, VariantId, text_enum};
use crate::random::Random;
use crate::seal::{SealError, Sealer};
use crate::store::schema::import_draft;
use crate::store::{Db, Store, StoreError, write_error};

/// How long a draft waits to be confirmed.
pub const WAITS: Millis = HOUR;
/// How long what became of one can be looked at.
const KEPT: Millis = DAY;
/// The most lines of one import.
pub const MOST_LINES: usize = 200_000;
/// So many line numbers of each kind are told; the rest is counted.
const TOLD: usize = 100;

text_enum! {
    /// Where a draft is.
    pub enum DraftState {
        /// Told, and not confirmed.
        Ready = "ready",
        /// Confirmed; its cards are being written.
        Loading = "loading",
        /// Loaded.
        Done = "done",
        /// Its import was withdrawn while it was loading.
        Failed = "failed",
    }
}

/// What somebody sent, sealed for [`Draft::place`].
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_draft, treat_none_as_default_value = false)]
pub struct Draft {
    /// The row.
    pub id: DraftId,
    /// What it has units of.
    pub variant_id: VariantId,
    /// Who sent it.
    pub staff_id: StaffId,
    /// Where it came from: a file's name, `@paste`.
    pub source: String,
    /// How it is laid out.
    pub layout: Layout,
    /// Where it is.
    pub state: DraftState,
    /// Sealed; none once it is loaded.
    pub content: Option<Vec<u8>>,
    /// JSON of [`Told`]: what would be loaded, later what was.
    pub told: String,
    /// The import it became.
    pub batch_id: Option<BatchId>,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
}

impl Draft {
    fn place(id: &DraftId) -> String {
        format!("import_draft/{id}")
    }
}

/// Lines of one kind: how many, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// How many.
    pub count: usize,
    /// The first hundred.
    pub first: Vec<u64>,
}

impl Lines {
    fn of(lines: &[u64]) -> Self {
        Lines {
            count: lines.len(),
            first: lines.iter().take(TOLD).copied().collect(),
        }
    }
}

/// What an import would do, or did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Cards that are new.
    pub new: usize,
    /// Lines that stand above already.
    pub duplicate_in_file: Lines,
    /// Lines of cards the shop knows already.
    pub already_in_stock: Lines,
    /// How many lines are no card.
    pub malformed: usize,
    /// The first hundred of them, with why.
    pub faults: Vec<(u64, Fault)>,
}

impl Told {
    fn of(loaded: &Loaded, parsed: &Parsed) -> Self {
        let faults = parsed.faults.iter();
        let faults = faults.filter(|(_, fault)| *fault != Fault::DuplicateInFile);
        Told {
            new: loaded.new,
            duplicate_in_file: Lines::of(&loaded.duplicate_in_file),
            already_in_stock: Lines::of(&loaded.already_in_stock),
            malformed: loaded.malformed.len(),
            faults: faults.take(TOLD).copied().collect(),
        }
    }

    fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|cause| StoreError::corrupt(cause.to_string()))
    }

    /// What a row tells.
    pub fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|cause| StoreError::corrupt(cause.to_string()))
    }
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is neither a card nor anything like one.
    #[error("holds no cards")]
    Empty,
    /// More than [`MOST_LINES`].
    #[error("holds more than {MOST_LINES} lines")]
    TooManyLines,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(DraftError);

/// What reading and sealing needs, to be taken along to another thread.
#[derive(Clone)]
pub struct Workshop {
    /// Seals what was sent, and the cards.
    pub sealer: Arc<Sealer>,
    /// Stamps rows.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and nonces.
    pub random: Arc<dyn Random>,
}

impl Workshop {
    fn tools(&self) -> Tools<'_> {
        Tools {
            sealer: &self.sealer,
            clock: &*self.clock,
            random: &*self.random,
        }
    }
}

/// Something to import: what, and how it is laid out.
#[derive(Clone)]
pub struct Sent {
    /// As it came.
    pub bytes: Vec<u8>,
    /// How to read it.
    pub layout: Layout,
}

/// Parses what was sent, tells what loading it would do, and keeps it for [`WAITS`].
pub async fn keep(
    store: &Store,
    with: &Workshop,
    staff: &StaffId,
    target: &Target,
    sent: Sent,
) -> Result<DraftId, DraftError> {
    if sent.bytes.iter().filter(|byte| **byte == b'\n').count() >= MOST_LINES {
        return Err(DraftError::TooManyLines);
    }
    let now = with.clock.now();
    let id = DraftId::new(now, &*with.random);
    let (layout, place, tools) = (sent.layout, Draft::place(&id), with.clone());
    let (parsed, content) = on_a_thread(move || {
        let parsed = import::parse(&sent.bytes, sent.layout);
        let content = tools.sealer.seal(&sent.bytes, &place, &*tools.random);
        (parsed, content)
    })
    .await?;
    if parsed.cards.is_empty() && parsed.faults.is_empty() {
        return Err(DraftError::Empty);
    }
    let would = load(store, with.tools(), target, &parsed, true).await?;
    let row = Draft {
        id: id.clone(),
        variant_id: target.variant.clone(),
        staff_id: staff.clone(),
        source: target.source.clone(),
        layout,
        state: DraftState::Ready,
        content: Some(content),
        told: Told::of(&would, &parsed).text()?,
        batch_id: None,
        created_at: now,
        changed_at: now,
    };
    store.write(move |db| rows::insert(db, &row)).await?;
    Ok(id)
}

/// Confirms a draft, with `also` in the same transaction; false if it was confirmed before, or
/// has waited for too long.
pub async fn confirm(
    store: &Store,
    clock: &dyn Clock,
    id: &DraftId,
    staff: &StaffId,
    also: impl Fn(&mut Db) -> Result<(), StoreError> + Send + 'static,
) -> Result<bool, StoreError> {
    let (id, staff, now) = (id.clone(), staff.clone(), clock.now());
    store
        .write(move |db| -> Result<bool, StoreError> {
            let begun = rows::begin(db, &id, &staff, now - WAITS, now)?;
            if begun {
                also(db)?;
            }
            Ok(begun)
        })
        .await
}

/// Loads the draft that was confirmed first; how many there were.
pub async fn load_next(store: &Store, with: &Workshop) -> Result<usize, StoreError> {
    let Some(draft) = store.read(rows::next).await? else {
        return Ok(0);
    };
    let (id, place, layout) = (draft.id.clone(), Draft::place(&draft.id), draft.layout);
    let (sealed, tools) = (draft.content.unwrap_or_default(), with.clone());
    let opened = on_a_thread(move || {
        let bytes = tools.sealer.open(&sealed, &place)?;
        Ok::<_, SealError>(import::parse(&bytes, layout))
    })
    .await?;
    let parsed = match opened {
        Ok(parsed) => parsed,
        Err(cause) => {
            tracing::error!(draft = %id, %cause, "an import cannot be opened");
            end(store, with, id, DraftState::Failed, &Told::default()).await?;
            return Ok(1);
        }
    };
    let variant = draft.variant_id;
    let of = variant.clone();
    let sold = store
        .read(move |db| catalog::store::variant_by_id(db, &of))
        .await?;
    let target = Target {
        variant,
        seller: sold.seller_id,
        source: draft.source,
    };
    let parsed = Arc::new(parsed);
    let last: Last = {
        let (id, parsed, clock) = (id.clone(), Arc::clone(&parsed), Arc::clone(&with.clock));
        Arc::new(move |db: &mut Db, loaded: &Loaded| {
            let told = Told::of(loaded, &parsed).text()?;
            let (to, batch) = (DraftState::Done, loaded.batch.as_ref());
            rows::end(db, &id, to, &told, batch, clock.now())
        })
    };
    match load_and(store, with.tools(), &target, &parsed, false, last).await {
        Ok(loaded) if loaded.batch.is_none() => {
            let told = Told::of(&loaded, &parsed);
            end(store, with, id, DraftState::Done, &told).await?;
        }
        Ok(_) => {}
        // Somebody withdrew it while it was loading, or another node has ended it.
        Err(StoreError::Refused(_)) => {
            end(store, with, id, DraftState::Failed, &Told::default()).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(1)
}

/// Forgets drafts nobody confirmed, and what became of old ones; how many.
pub async fn forget(store: &Store, clock: &dyn Clock) -> Result<usize, StoreError> {
    let now = clock.now();
    store
        .write(move |db| rows::forget(db, now - WAITS, now - KEPT))
        .await
}

async fn end(
    store: &Store,
    with: &Workshop,
    id: DraftId,
    to: DraftState,
    told: &Told,
) -> Result<(), StoreError> {
    let (told, now) = (told.text()?, with.clock.now());
    store
        .write(move |db| rows::end(db, &id, to, &told, None, now))
        .await
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| StoreError::Panicked(stopped.to_string()))
}
