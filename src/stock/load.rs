//! Loading cards: many small writes that become sellable by one final update.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::import::{Fault, Parsed};
use super::model::{Batch, BatchState, Card, CardState};
use super::store;
use crate::clock::{Clock, HOUR, Millis};
use crate::ids::{BatchId, CardId, SellerId, VariantId};
use crate::random::Random;
use crate::seal::Sealer;
use crate::store::{Store, StoreError};

/// Cards of one write.
const CHUNK: usize = 400;
/// An import that has written nothing for so long will not go on by itself.
const ABANDONED: Millis = HOUR;

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Loaded {
    /// The import, unless it was a dry run or brought nothing.
    pub batch: Option<BatchId>,
    /// Cards that are (or would be) new.
    pub new: usize,
    /// Lines that stand above already.
    pub duplicate_in_file: Vec<u64>,
    /// Lines of cards the shop knows already: waiting, held or sold.
    pub already_in_stock: Vec<u64>,
    /// Lines that are no card, with why.
    pub malformed: Vec<(u64, &'static str)>,
}

/// What is to be loaded where.
#[derive(Debug, Clone)]
pub struct Target {
    /// What the cards are units of.
    pub variant: VariantId,
    /// Whose.
    pub seller: SellerId,
    /// Where they come from: a file's name, `paste`.
    pub source: String,
}

/// What sealing and stamping needs.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// Seals the cards.
    pub sealer: &'a Sealer,
    /// Stamps rows.
    pub clock: &'a dyn Clock,
    /// Makes ids and nonces.
    pub random: &'a dyn Random,
}

/// Loads what was parsed, or (dry run) tells what would happen. An import that was cut off goes
/// on where it stopped when the same file is loaded again; until its last write none of its
/// cards can be sold.
pub async fn load(
    store: &Store,
    tools: Tools<'_>,
    target: &Target,
    parsed: &Parsed,
    dry_run: bool,
) -> Result<Loaded, StoreError> {
    let hashes: Vec<String> = parsed
        .cards
        .iter()
        .map(|(_, card)| tools.sealer.keyed_hash("card", card.as_bytes()))
        .collect();
    let source = format!("{} {}", target.source, digest(&hashes));
    let begun = {
        let (variant, source) = (target.variant.clone(), source.clone());
        store
            .read(move |db| store::loading_batch(db, &variant, &source))
            .await?
    };
    let known: HashSet<String> = {
        let (asked, begun) = (hashes.clone(), begun.clone());
        let known = store
            .read(move |db| store::known_hashes(db, &asked, begun.as_ref()))
            .await?;
        known.into_iter().collect()
    };
    let mut loaded = Loaded::default();
    for (line, fault) in &parsed.faults {
        match fault {
            Fault::DuplicateInFile => loaded.duplicate_in_file.push(*line),
            other => loaded.malformed.push((*line, other.words())),
        }
    }
    let mut fresh = Vec::new();
    for ((line, card), hash) in parsed.cards.iter().zip(hashes) {
        if known.contains(&hash) {
            loaded.already_in_stock.push(*line);
        } else {
            fresh.push((card.as_str(), hash));
        }
    }
    loaded.new = fresh.len();
    if dry_run || fresh.is_empty() {
        return Ok(loaded);
    }
    let batch = match begun {
        Some(batch) => batch,
        None => begin(store, tools, target, source).await?,
    };
    for chunk in fresh.chunks(CHUNK) {
        let cards: Vec<Card> = chunk
            .iter()
            .map(|(card, hash)| sealed(tools, target, &batch, card, hash))
            .collect();
        let (batch, now) = (batch.clone(), tools.clock.now());
        store
            .write(move |db| -> Result<(), StoreError> {
                // Its time tells the sweeper that it goes on.
                let loading = BatchState::Loading;
                if !store::move_batch(db, &batch, loading, loading, None, now)? {
                    return Err(withdrawn_meanwhile());
                }
                store::insert_cards(db, &cards)?;
                Ok(())
            })
            .await?;
        crate::fault::point("after_load_chunk");
    }
    let now = tools.clock.now();
    let done = batch.clone();
    store
        .write(move |db| -> Result<(), StoreError> {
            let cards = store::count_batch(db, &done)?;
            let moved = store::move_batch(
                db,
                &done,
                BatchState::Loading,
                BatchState::Available,
                Some(cards),
                now,
            )?;
            if moved {
                Ok(())
            } else {
                Err(withdrawn_meanwhile())
            }
        })
        .await?;
    loaded.batch = Some(batch);
    Ok(loaded)
}

fn withdrawn_meanwhile() -> StoreError {
    StoreError::Refused("the import was withdrawn while it was loading".to_owned())
}

/// Takes an import out of sale: at once for buyers, then its unsold cards in small writes.
/// Returns how many cards were withdrawn; reserved and sold ones stay with their orders. One
/// that was cut off goes on, here or in [`sweep`].
pub async fn withdraw(
    store: &Store,
    clock: &dyn Clock,
    batch: &BatchId,
) -> Result<usize, StoreError> {
    let now = clock.now();
    let id = batch.clone();
    store
        .write(move |db| -> Result<(), StoreError> {
            for from in [BatchState::Available, BatchState::Loading] {
                store::move_batch(db, &id, from, BatchState::Withdrawn, None, now)?;
            }
            Ok(())
        })
        .await?;
    let mut total = 0;
    loop {
        let id = batch.clone();
        let some = store
            .write(move |db| store::withdraw_cards(db, &id, CHUNK as i64, now))
            .await?;
        crate::fault::point("after_withdraw_chunk");
        total += some;
        if some == 0 {
            return Ok(total);
        }
    }
}

/// Finishes what was left half done: an import that has not gone on for an hour is withdrawn,
/// and so is every card of a withdrawn import that is (again) for sale, because its withdrawal
/// was cut off or its order gave it back. Returns how many cards were withdrawn.
pub async fn sweep(store: &Store, clock: &dyn Clock) -> Result<usize, StoreError> {
    let before = clock.now() - ABANDONED;
    let left = store
        .read(move |db| store::left_half_done(db, before))
        .await?;
    let mut total = 0;
    for batch in left {
        total += withdraw(store, clock, &batch).await?;
    }
    Ok(total)
}

async fn begin(
    store: &Store,
    tools: Tools<'_>,
    target: &Target,
    source: String,
) -> Result<BatchId, StoreError> {
    let now = tools.clock.now();
    let row = Batch {
        id: BatchId::new(now, tools.random),
        variant_id: target.variant.clone(),
        seller_id: target.seller.clone(),
        source,
        state: BatchState::Loading,
        cards: 0,
        created_at: now,
        changed_at: now,
        withheld_at: None,
    };
    let id = row.id.clone();
    store.write(move |db| store::insert_batch(db, &row)).await?;
    Ok(id)
}

fn sealed(tools: Tools<'_>, target: &Target, batch: &BatchId, card: &str, hash: &str) -> Card {
    let now = tools.clock.now();
    let id = CardId::new(now, tools.random);
    let place = Card::place(&id, &target.seller);
    Card {
        content: tools.sealer.seal(card.as_bytes(), &place, tools.random),
        id,
        variant_id: target.variant.clone(),
        seller_id: target.seller.clone(),
        batch_id: batch.clone(),
        state: CardState::Available,
        content_hash: hash.to_owned(),
        item_id: None,
        changed_at: now,
    }
}

fn digest(hashes: &[String]) -> String {
    let mut digest = Sha256::new();
    for hash in hashes {
        digest.update(hash.as_bytes());
    }
    hex::encode(&digest.finalize()[..8])
}
