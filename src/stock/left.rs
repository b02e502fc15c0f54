//! How much could be bought now: of one variant, or of all of them in one go.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::model::COUNT_CAP;
use super::store;
use crate::catalog::Delivery;
use crate::ids::VariantId;
use crate::store::{Db, StoreError, both};

/// How many units of a variant that is delivered so could be bought now; none = without end (a
/// person delivers).
pub fn left(db: &mut Db, delivery: Delivery, of: &VariantId) -> Result<Option<i64>, StoreError> {
    match delivery {
        Delivery::Manual => Ok(None),
        Delivery::CardPool => store::available_cards(db, of).map(Some),
        Delivery::Reusable => {
            let card = store::reusable_of(db, of)?;
            Ok(card.map_or(Some(0), |card| {
                card.use_limit.map(|limit| (limit - card.used).max(0))
            }))
        }
    }
}

/// What could be bought of every variant on sale, at one moment.
#[derive(Debug, Default)]
pub struct LeftOfAll {
    pools: HashMap<VariantId, i64>,
    reusable: HashMap<VariantId, Option<i64>>,
}

impl LeftOfAll {
    /// The same as [`left`] for one of them.
    pub fn of(&self, delivery: Delivery, variant: &VariantId) -> Option<i64> {
        match delivery {
            Delivery::Manual => None,
            Delivery::CardPool => Some(self.pools.get(variant).copied().unwrap_or(0)),
            Delivery::Reusable => {
                let known = self.reusable.get(variant).copied();
                known.unwrap_or(Some(0)).map(|left| left.max(0))
            }
        }
    }
}

#[derive(QueryableByName)]
struct Pool {
    #[diesel(sql_type = Text)]
    variant: VariantId,
    #[diesel(sql_type = BigInt)]
    units: i64,
}

/// The same as [`left`] for every variant on sale, in two statements. No more than [`COUNT_CAP`]
/// cards of a variant are looked at.
pub fn left_of_all(db: &mut Db) -> Result<LeftOfAll, StoreError> {
    // The states stand in the text, because only then can the planners prove the partial index.
    let pools = diesel::sql_query(
        "SELECT v.id AS variant, (SELECT COUNT(*) FROM (SELECT 1 FROM card c \
         WHERE c.variant_id = v.id AND c.state = 'available' AND EXISTS (SELECT 1 \
         FROM card_batch b WHERE b.id = c.batch_id AND b.state = 'available' \
         AND b.withheld_at IS NULL) LIMIT 1000) AS few) AS units \
         FROM variant v WHERE v.state = 'on'",
    );
    const { assert!(COUNT_CAP == 1_000) };
    let pools: Vec<Pool> = both!(db, |c| pools.load(c))?;
    Ok(LeftOfAll {
        pools: pools.into_iter().map(|p| (p.variant, p.units)).collect(),
        reusable: store::shelf::uses(db)?,
    })
}
