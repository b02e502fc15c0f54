//! The door: a database and the key ring that opens what is sealed in it, opened together or
//! not at all.
//!
//! Comes in: the configuration. Goes out: the store, its schema current, and the ring, which
//! have been seen to belong together: the ring opens the check value that the first process
//! sealed into the database. What does not belong together is refused before anything is
//! written. A key is made only for a database in which nothing is sealed.

use diesel::prelude::*;

use super::OpenError;
use super::key::{self, Ring};
use crate::account::AccountRow;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::ids::{AccountId, CardId, DeliveryId, OrderId, SellerId, VariantId};
use crate::order::{self, Order};
use crate::random::SystemRandom;
use crate::seal::{SealError, Sealer};
use crate::settings;
use crate::stock::{Card, Reusable};
use crate::store::schema::{card, channel_account, delivery, key_check, orders, reusable};
use crate::store::{Db, Store, StoreError, both, has_table};

/// The associated data the check value is sealed with.
const CHECK_PLACE: &str = "key_check";

/// A database and its ring.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) sealer: Sealer,
}

/// Opens the database with the ring this process was given, or, if nothing is sealed in it yet,
/// with a new one. Of several processes that find an empty database at once, the key of one
/// wins; the others are refused, unless it is theirs too.
pub(super) async fn open(config: &Config) -> Result<Opened, OpenError> {
    let (seen, given) = belonging(config)?;
    let (store, migrated) = Store::open(&config.database)?;
    if !migrated.applied.is_empty() {
        tracing::info!(applied = ?migrated.applied, "the schema is current now");
    }
    let (ring, made) = match given {
        Some(ring) => (ring, false),
        None => key::made(&config.data, &SystemRandom)?,
    };
    if seen.check.is_none() {
        let kept = claim(&store, &ring.sealer).await?;
        if let Err(cause) = opens(&ring.sealer, &kept) {
            if made {
                key::take_back(&config.data);
            }
            return Err(wrong(config, &ring, cause));
        }
    }
    if settings::seal_secret(&store, &ring.sealer, &SystemRandom).await? {
        tracing::info!("the webhook secret was in the clear; it is sealed now");
    }
    Ok(Opened {
        store,
        sealer: ring.sealer,
    })
}

/// What is sealed in a database, and the ring this process was given; refused unless they belong
/// together. Changes nothing.
pub(super) fn belonging(config: &Config) -> Result<(Sealed, Option<Ring>), OpenError> {
    // In this order: a process beside this one writes its key's file before it says so in the
    // database.
    let seen = Store::look(&config.database, Sealed::find)?.unwrap_or_default();
    let given = key::given(&config.data)?;
    match &given {
        Some(ring) => seen
            .belongs_to(&ring.sealer)
            .map_err(|cause| wrong(config, ring, cause))?,
        None if seen.is_anything() => {
            return Err(OpenError::KeyMissing {
                database: config.database.clone(),
                file: key::file(&config.data),
            });
        }
        None => {}
    }
    Ok((seen, given))
}

fn wrong(config: &Config, ring: &Ring, cause: SealError) -> OpenError {
    OpenError::KeyWrong {
        database: config.database.clone(),
        place: ring.place.clone(),
        cause,
    }
}

/// Puts the ring's check value into a database that has none; the one that is there then.
async fn claim(store: &Store, sealer: &Sealer) -> Result<Vec<u8>, StoreError> {
    let value = sealer.seal(&check_text(sealer), CHECK_PLACE, &SystemRandom);
    store
        .write(move |db| -> Result<Vec<u8>, StoreError> {
            let row = (key_check::id.eq(1), key_check::value.eq(&value));
            both!(db, |c| diesel::insert_into(key_check::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c))?;
            check_value(db)?.ok_or(StoreError::NotFound)
        })
        .await
}

fn check_value(db: &mut Db) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(key_check::table
        .select(key_check::value)
        .first(db)
        .optional()?)
}

/// A ring that opens everything and finds nothing again.
const NOT_LAST: SealError = SealError::KeyRing("the shop's first key is not its last line");

/// What the check value says: how this ring hashes. A ring whose last line is another one opens
/// every box and finds no card, address or limit again.
fn check_text(sealer: &Sealer) -> Vec<u8> {
    sealer.keyed_hash("key_check", b"").into_bytes()
}

/// Whether a ring is the one a check value was made with, or has grown out of it.
fn opens(sealer: &Sealer, check: &[u8]) -> Result<(), SealError> {
    if *sealer.open(check, CHECK_PLACE)? == check_text(sealer) {
        Ok(())
    } else {
        Err(NOT_LAST)
    }
}

/// What is sealed in a database.
#[derive(Default)]
pub(super) struct Sealed {
    check: Option<Vec<u8>>,
    /// Where there is no check value: the oldest sealed value of each kind.
    samples: Vec<Sample>,
}

/// A sealed value.
struct Sample {
    value: Vec<u8>,
    place: String,
    /// The hash beside it, and how it was made.
    hashed: Option<(String, Hash)>,
}

/// How a ring hashes what it opened.
type Hash = fn(&Sealer, &[u8]) -> String;

impl Sample {
    fn new(value: Vec<u8>, place: String) -> Self {
        Sample {
            value,
            place,
            hashed: None,
        }
    }

    fn hashed(self, hash: String, how: Hash) -> Self {
        Sample {
            hashed: Some((hash, how)),
            ..self
        }
    }

    /// Whether a ring opens it; and hashes as the shop did, which only the shop's first key does,
    /// as its last line.
    fn is_of(&self, sealer: &Sealer) -> Result<bool, SealError> {
        let plain = sealer.open(&self.value, &self.place)?;
        Ok(self
            .hashed
            .as_ref()
            .is_none_or(|(hash, how)| how(sealer, &plain) == *hash))
    }
}

impl Sealed {
    /// Reads a database of any version.
    fn find(db: &mut Db) -> Result<Self, StoreError> {
        let mut sealed = Sealed::default();
        if has_table(db, "key_check")? {
            sealed.check = check_value(db)?;
        }
        if sealed.check.is_none() && has_table(db, "setting")? {
            sealed.samples = samples(db)?;
        }
        Ok(sealed)
    }

    fn is_anything(&self) -> bool {
        self.check.is_some() || !self.samples.is_empty()
    }

    /// Whether a ring is the database's. Without a check value it is if it opens anything: nodes
    /// of earlier versions may each have made a key of their own, and no ring opens everything
    /// then.
    fn belongs_to(&self, sealer: &Sealer) -> Result<(), SealError> {
        if let Some(check) = &self.check {
            return opens(sealer, check);
        }
        let mut strange = Vec::new();
        for sample in &self.samples {
            match sample.is_of(sealer) {
                Ok(true) => {}
                Ok(false) => return Err(NOT_LAST),
                Err(cause) => strange.push((&sample.place, cause)),
            }
        }
        if strange.len() < self.samples.len() {
            for (place, cause) in strange {
                tracing::error!(place, %cause, "a value in the database was sealed with another key");
            }
            return Ok(());
        }
        strange.pop().map_or(Ok(()), |(_, cause)| Err(cause))
    }
}

/// The oldest sealed value of each kind.
fn samples(db: &mut Db) -> Result<Vec<Sample>, StoreError> {
    let mut found = Vec::new();
    let account: Option<(AccountId, Vec<u8>)> = channel_account::table
        .order((channel_account::created_at, channel_account::id))
        .select((channel_account::id, channel_account::credentials))
        .first(db)
        .optional()?;
    found.extend(account.map(|(id, value)| Sample::new(value, AccountRow::place(&id))));
    let order: Option<(OrderId, Vec<u8>, String)> = orders::table
        .order(orders::id)
        .select((orders::id, orders::email, orders::email_hash))
        .first(db)
        .optional()?;
    found.extend(order.map(|(id, value, hash)| {
        Sample::new(value, Order::email_place(&id)).hashed(hash, |sealer, email| {
            order::email_hash(sealer, &String::from_utf8_lossy(email))
        })
    }));
    let pooled: Option<(CardId, SellerId, Vec<u8>, String)> = card::table
        .order(card::id)
        .select((card::id, card::seller_id, card::content, card::content_hash))
        .first(db)
        .optional()?;
    found.extend(pooled.map(|(id, seller, value, hash)| {
        Sample::new(value, Card::place(&id, &seller))
            .hashed(hash, |sealer, card| sealer.keyed_hash("card", card))
    }));
    let shared: Option<(VariantId, SellerId, Vec<u8>)> = reusable::table
        .order(reusable::changed_at)
        .select((reusable::variant_id, reusable::seller_id, reusable::content))
        .first(db)
        .optional()?;
    found.extend(
        shared.map(|(of, seller, value)| Sample::new(value, Reusable::place(&of, &seller))),
    );
    let delivered: Option<(DeliveryId, Option<Vec<u8>>)> = delivery::table
        .filter(delivery::content.is_not_null())
        .order(delivery::id)
        .select((delivery::id, delivery::content))
        .first(db)
        .optional()?;
    found.extend(delivered.and_then(|(id, value)| Some(Sample::new(value?, Delivery::place(&id)))));
    let secret = settings::sealed_secret(db)?;
    found.extend(secret.map(|(value, place)| Sample::new(value, place)));
    Ok(found)
}
