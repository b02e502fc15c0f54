//! What staff do to cards that are not sold: take them out of sale, bring them back, give them to
//! another variant. Cards that an order holds or has are never touched.

use diesel::prelude::*;

use super::model::{Batch, BatchState, Card, CardState};
use super::store::{self, known_hashes};
use crate::clock::{Clock, Millis};
use crate::ids::{BatchId, CardId, SellerId, VariantId};
use crate::random::Random;
use crate::store::schema::{card, card_batch};
use crate::store::{Db, Store, StoreError, locked, skip_locked};

/// The most cards that are moved at once.
pub const MOST_MOVED: i64 = 10_000;
/// Cards of one write.
const CHUNK: i64 = 400;
/// The source of an import that holds cards which came back.
pub const RESTORED: &str = "@restored -";

/// Takes cards out of sale, with `also` in the same transaction; those that were, and of the
/// others none has changed.
pub async fn withdraw_some(
    store: &Store,
    clock: &dyn Clock,
    of: &VariantId,
    ids: Vec<CardId>,
    also: impl Fn(&mut Db, &[CardId]) -> Result<(), StoreError> + Send + 'static,
) -> Result<usize, StoreError> {
    let (of, now) = (of.clone(), clock.now());
    store
        .write(move |db| -> Result<usize, StoreError> {
            let found = lock(db, &of, &ids, CardState::Available)?;
            let found: Vec<CardId> = found.into_iter().map(|card| card.id).collect();
            set(db, &found, CardState::Withdrawn, now)?;
            if !found.is_empty() {
                also(db, &found)?;
            }
            Ok(found.len())
        })
        .await
}

/// What bringing cards back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Cards that can be sold again.
    pub back: usize,
    /// Cards whose content is in stock, held or sold already, or may be: they are withheld.
    pub elsewhere: usize,
}

/// Brings withdrawn cards back into sale where their content is nowhere else. Those of a
/// withdrawn import come back in another one, or they would be withdrawn again; those of a
/// withheld one do not, because they may be a buyer's.
pub async fn restore_some(
    store: &Store,
    clock: &dyn Clock,
    random: &dyn Random,
    of: (&VariantId, &SellerId),
    ids: Vec<CardId>,
    also: impl Fn(&mut Db, &[CardId]) -> Result<(), StoreError> + Send + 'static,
) -> Result<Restored, StoreError> {
    let now = clock.now();
    let (of, seller) = (of.0.clone(), of.1.clone());
    let fresh = batch(&of, &seller, RESTORED, now, random);
    store
        .write(move |db| -> Result<Restored, StoreError> {
            let found = lock(db, &of, &ids, CardState::Withdrawn)?;
            let hashes: Vec<String> = found.iter().map(|c| c.content_hash.clone()).collect();
            let mut known = known_hashes(db, &seller, &hashes, None)?;
            let batches: Vec<BatchId> = found.iter().map(|card| card.batch_id.clone()).collect();
            let mut batches = store::shelf::batches_of(db, &batches)?;
            batches.retain(|batch| batch.withheld_at.is_some());
            let (mut back, mut elsewhere) = (Vec::new(), 0);
            for card in found {
                let withheld = batches.iter().any(|batch| batch.id == card.batch_id);
                if withheld || known.contains(&card.content_hash) {
                    elsewhere += 1;
                } else {
                    known.push(card.content_hash.clone());
                    back.push(card);
                }
            }
            bring_back(db, &fresh, &back, now)?;
            let back: Vec<CardId> = back.into_iter().map(|card| card.id).collect();
            if !back.is_empty() {
                also(db, &back)?;
            }
            let back = back.len();
            Ok(Restored { back, elsewhere })
        })
        .await
}

/// Which cards are moved where.
#[derive(Debug, Clone)]
pub struct Move {
    /// From this variant.
    pub from: VariantId,
    /// To that one, of the same seller.
    pub to: VariantId,
    /// Whose.
    pub seller: SellerId,
    /// Of this import, or of any that is on sale.
    pub batch: Option<BatchId>,
    /// The oldest so many, at most [`MOST_MOVED`].
    pub count: i64,
    /// The source of the import they are in from then on.
    pub source: String,
}

/// Moves unsold cards to another variant, the oldest first, in small writes; how many. `also`
/// makes what is written in the transaction of each of them. Cut off, it has moved some.
pub async fn move_some<A>(
    store: &Store,
    clock: &dyn Clock,
    random: &dyn Random,
    wish: &Move,
    also: &(dyn Fn() -> A + Sync),
) -> Result<usize, StoreError>
where
    A: Fn(&mut Db, usize) -> Result<(), StoreError> + Send + 'static,
{
    let now = clock.now();
    let into = batch(&wish.to, &wish.seller, &wish.source, now, random);
    let mut moved: usize = 0;
    loop {
        let left = wish.count.min(MOST_MOVED) - i64::try_from(moved).unwrap_or(MOST_MOVED);
        let (wish, into, also, begins) = (wish.clone(), into.clone(), also(), moved == 0);
        let some = store
            .write(move |db| -> Result<usize, StoreError> {
                let picked = pick(db, &wish, left.min(CHUNK))?;
                if picked.is_empty() {
                    return Ok(0);
                }
                if begins {
                    store::insert_batch(db, &into)?;
                }
                put(db, &picked, &wish.to, &into.id, now)?;
                also(db, picked.len())?;
                Ok(picked.len())
            })
            .await?;
        moved += some;
        if some == 0 || left <= CHUNK {
            return Ok(moved);
        }
    }
}

fn batch(
    of: &VariantId,
    seller: &SellerId,
    source: &str,
    now: Millis,
    random: &dyn Random,
) -> Batch {
    Batch {
        id: BatchId::new(now, random),
        variant_id: of.clone(),
        seller_id: seller.clone(),
        source: source.to_owned(),
        state: BatchState::Available,
        cards: 0,
        created_at: now,
        changed_at: now,
        withheld_at: None,
    }
}

/// The cards of these ids that are in a state, held until the transaction ends.
fn lock(
    db: &mut Db,
    of: &VariantId,
    ids: &[CardId],
    state: CardState,
) -> Result<Vec<Card>, StoreError> {
    Ok(locked!(
        db,
        card::table
            .filter(card::id.eq_any(ids.to_vec()))
            .filter(card::variant_id.eq(of))
            .filter(card::state.eq(state))
            .order(card::id)
            .select(Card::as_select()),
        |q, c| q.load(c)
    )?)
}

fn set(db: &mut Db, ids: &[CardId], to: CardState, now: Millis) -> Result<(), StoreError> {
    diesel::update(card::table.filter(card::id.eq_any(ids.to_vec())))
        .set((card::state.eq(to), card::changed_at.eq(now)))
        .execute(db)
        .map_err(|error| match StoreError::from(error) {
            // Somebody imported the same content at this moment; looking again finds it.
            StoreError::Constraint(told) => StoreError::Conflict(told),
            other => other,
        })?;
    Ok(())
}

fn bring_back(db: &mut Db, fresh: &Batch, cards: &[Card], now: Millis) -> Result<(), StoreError> {
    let of: Vec<BatchId> = cards.iter().map(|card| card.batch_id.clone()).collect();
    let on_sale = store::shelf::batches_of(db, &of)?;
    let on_sale: Vec<BatchId> = on_sale
        .into_iter()
        .filter(|batch| batch.state == BatchState::Available)
        .map(|batch| batch.id)
        .collect();
    let (stay, go): (Vec<&Card>, Vec<&Card>) = cards
        .iter()
        .partition(|card| on_sale.contains(&card.batch_id));
    let ids = |cards: Vec<&Card>| cards.into_iter().map(|c| c.id.clone()).collect::<Vec<_>>();
    let (stay, go) = (ids(stay), ids(go));
    if !go.is_empty() {
        let earlier = card_batch::table
            .filter(card_batch::variant_id.eq(&fresh.variant_id))
            .filter(card_batch::source.eq(RESTORED))
            .filter(card_batch::state.eq(BatchState::Available))
            .filter(card_batch::withheld_at.is_null())
            .order(card_batch::id)
            .select(card_batch::id)
            .first::<BatchId>(db)
            .optional()?;
        let into = match earlier {
            Some(id) => id,
            None => {
                store::insert_batch(db, fresh)?;
                fresh.id.clone()
            }
        };
        put(db, &go, &fresh.variant_id, &into, now)?;
    }
    let all = [stay, go].concat();
    set(db, &all, CardState::Available, now)
}

/// Puts cards into an import of a variant.
fn put(
    db: &mut Db,
    ids: &[CardId],
    of: &VariantId,
    into: &BatchId,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(card::table.filter(card::id.eq_any(ids.to_vec())))
        .set((
            card::variant_id.eq(of),
            card::batch_id.eq(into),
            card::changed_at.eq(now),
        ))
        .execute(db)?;
    let count = i64::try_from(ids.len()).unwrap_or(CHUNK);
    diesel::update(card_batch::table.find(into))
        .set((
            card_batch::cards.eq(card_batch::cards + count),
            card_batch::changed_at.eq(now),
        ))
        .execute(db)?;
    Ok(())
}

/// The oldest cards that can be moved and that nobody is buying at this moment.
fn pick(db: &mut Db, wish: &Move, most: i64) -> Result<Vec<CardId>, StoreError> {
    let on_sale = card_batch::table
        .filter(card_batch::id.eq(card::batch_id))
        .filter(card_batch::state.eq(BatchState::Available))
        .filter(card_batch::withheld_at.is_null());
    let any = BatchId(String::new());
    let batch = wish.batch.as_ref();
    Ok(skip_locked!(
        db,
        card::table
            .filter(card::variant_id.eq(&wish.from))
            .filter(card::seller_id.eq(&wish.seller))
            .filter(card::state.eq(CardState::Available))
            .filter(
                card::batch_id
                    .eq(batch.unwrap_or(&any))
                    .or(batch.is_none().into_sql::<diesel::sql_types::Bool>())
            )
            .filter(diesel::dsl::exists(on_sale))
            .order(card::id)
            .limit(most)
            .select(card::id),
        |q, c| q.load(c)
    )?)
}
