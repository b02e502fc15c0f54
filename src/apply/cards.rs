//! Cards without a configuration file: import one file, list imports, take one out of sale.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::diff::told;
use super::run::Tools;
use super::store;
use crate::catalog::{self, Delivery, Variant};
use crate::clock::Millis;
use crate::ids::BatchId;
use crate::stock::import::{self, Layout, Parsed};
use crate::stock::{self, Batch, BatchState, CardState, Loaded, Target};
use crate::store::{Store, StoreError, write_error};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// No variant has the sku.
    #[error("no variant has the sku {0:?}")]
    UnknownVariant(String),
    /// The variant does not sell cards of a pool.
    #[error("variant {sku:?} is delivered as {delivery}, not from a card pool")]
    NoPool {
        /// Which.
        sku: String,
        /// How it is delivered.
        delivery: Delivery,
    },
    /// The file cannot be read.
    #[error("{file}: cannot be read: {cause}")]
    Unreadable {
        /// Which, as the caller named it.
        file: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file holds neither a card nor anything like one.
    #[error("{0}: holds no cards")]
    Empty(String),
    /// No import has the id.
    #[error("no import has the id {0}")]
    UnknownBatch(BatchId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(CardsError);

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Nothing was written.
    pub dry_run: bool,
    /// The variant's sku.
    pub variant: String,
    /// The file's name.
    pub file: String,
    /// What happened to its lines.
    #[serde(flatten)]
    pub loaded: Loaded,
}

/// The imports of a variant, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imports {
    /// The variant's sku.
    pub variant: String,
    /// Each import.
    pub batches: Vec<Import>,
}

/// One import and where its cards are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Names it for `withdraw`.
    pub id: BatchId,
    /// Where it is.
    pub state: BatchState,
    /// The file it came from.
    pub source: String,
    /// When it began, UTC milliseconds.
    pub created_at: Millis,
    /// Cards it brought so far.
    pub cards: i64,
    /// Cards that can be sold, or could if the import were available.
    pub available: i64,
    /// Held for unpaid orders.
    pub reserved: i64,
    /// Handed out.
    pub delivered: i64,
    /// Taken out of sale.
    pub withdrawn: i64,
    /// Not sold until it is released: the database was put back to an earlier time.
    pub withheld: bool,
}

/// What taking an import out of sale did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withdrawn {
    /// Which import.
    pub batch: BatchId,
    /// Of which variant, by sku.
    pub variant: String,
    /// Cards taken out of sale now.
    pub withdrawn: usize,
    /// Cards that stay with their orders: reserved or handed out.
    pub kept: i64,
    /// It was withdrawn before.
    pub already: bool,
}

/// Loads a file of cards (`.csv`: one a record; else one a line), or tells what would happen.
pub async fn import(
    tools: Tools<'_>,
    file: &Path,
    sku: &str,
    dry_run: bool,
) -> Result<Imported, CardsError> {
    let parsed = read(file)?;
    let variant = variant(tools.store, sku).await?;
    let product = variant.product_id.clone();
    let product = tools
        .store
        .read(move |db| catalog::store::product_by_id(db, &product))
        .await?;
    if product.delivery != Delivery::CardPool {
        return Err(CardsError::NoPool {
            sku: sku.to_owned(),
            delivery: product.delivery,
        });
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let target = Target {
        variant: variant.id,
        seller: variant.seller_id,
        source: name.clone().into_owned(),
    };
    let loaded = stock::load(tools.store, tools.stock(), &target, &parsed, dry_run).await?;
    Ok(Imported {
        dry_run,
        variant: variant.sku,
        file: name.into_owned(),
        loaded,
    })
}

/// Reads a file of cards (`.csv`: one a record; else one a line); one that holds nothing at all
/// is refused.
pub(super) fn read(file: &Path) -> Result<Parsed, CardsError> {
    let shown = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|cause| CardsError::Unreadable {
        file: shown.clone(),
        cause,
    })?;
    let parsed = import::parse(&bytes, Layout::of_file(&shown));
    if parsed.cards.is_empty() && parsed.faults.is_empty() {
        return Err(CardsError::Empty(shown));
    }
    Ok(parsed)
}

/// Lists the imports of a variant.
pub async fn batches(store: &Store, sku: &str) -> Result<Imports, CardsError> {
    let variant = variant(store, sku).await?;
    let id = variant.id.clone();
    let (rows, counts) = store
        .read(move |db| {
            let rows = stock::store::batches(db, &id)?;
            Ok::<_, StoreError>((rows, store::counts(db, &id)?))
        })
        .await?;
    let one = |row: Batch| {
        let count = |state| {
            let of = counts
                .iter()
                .filter(|(id, at, _)| *id == row.id && *at == state);
            of.map(|(_, _, n)| n).sum()
        };
        let (available, reserved) = (count(CardState::Available), count(CardState::Reserved));
        let (delivered, withdrawn) = (count(CardState::Delivered), count(CardState::Withdrawn));
        Import {
            state: row.state,
            source: source(&row.source).to_owned(),
            created_at: row.created_at,
            cards: available + reserved + delivered + withdrawn,
            available,
            reserved,
            delivered,
            withdrawn,
            withheld: row.withheld_at.is_some(),
            id: row.id,
        }
    };
    Ok(Imports {
        variant: variant.sku,
        batches: rows.into_iter().map(one).collect(),
    })
}

/// Takes an import out of sale: its unsold cards; what is reserved or sold stays with its order.
pub async fn withdraw(tools: Tools<'_>, batch: &BatchId) -> Result<Withdrawn, CardsError> {
    let id = batch.clone();
    let found = tools.store.read(move |db| store::batch(db, &id)).await?;
    let (row, variant) = found.ok_or_else(|| CardsError::UnknownBatch(batch.clone()))?;
    let withdrawn = stock::withdraw(tools.store, tools.clock, batch).await?;
    let left = batches(tools.store, &variant).await?;
    let left = left.batches.into_iter().find(|left| left.id == *batch);
    Ok(Withdrawn {
        batch: batch.clone(),
        variant,
        withdrawn,
        kept: left.map_or(0, |left| left.reserved + left.delivered),
        already: row.state == BatchState::Withdrawn,
    })
}

pub(super) async fn variant(store: &Store, sku: &str) -> Result<Variant, CardsError> {
    let asked = sku.to_owned();
    let found = store
        .read(move |db| catalog::store::variant_by_sku(db, &asked))
        .await?;
    found.ok_or_else(|| CardsError::UnknownVariant(sku.to_owned()))
}

/// The file's name without the digest that tells imports of one name apart.
fn source(text: &str) -> &str {
    text.rsplit_once(' ').map_or(text, |(name, _)| name)
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.variant, self.file)?;
        told(f, &self.loaded)?;
        for (line, reason) in &self.loaded.malformed {
            write!(f, "\n  line {line} {reason}")?;
        }
        match (&self.loaded.batch, self.dry_run) {
            (_, true) => f.write_str("\ndry run: nothing was written"),
            (Some(batch), _) => write!(f, "\nimport {batch}"),
            (None, _) => f.write_str("\nnothing to import"),
        }
    }
}

impl fmt::Display for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} imports", self.variant, self.batches.len())?;
        for b in &self.batches {
            write!(
                f,
                "\n{} {:<9} {} cards: {} available, {} reserved, {} delivered, {} withdrawn; {}",
                b.id,
                b.state.as_str(),
                b.cards,
                b.available,
                b.reserved,
                b.delivered,
                b.withdrawn,
                b.source
            )?;
            if b.withheld {
                f.write_str(" (withheld: `vendgate cards release`)")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.already {
            write!(
                f,
                "import {} of {} was withdrawn already",
                self.batch, self.variant
            )
        } else {
            write!(
                f,
                "import {} of {}: {} cards withdrawn, {} stay with their orders",
                self.batch, self.variant, self.withdrawn, self.kept
            )
        }
    }
}
