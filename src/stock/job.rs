//! Notices that a variant runs out.

use crate::app::App;
use crate::catalog::{self, Delivery, OnOff};
use crate::jobs::{Step, StepError};
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::random::Derived;
use crate::store::{Db, StoreError};

use super::store;

struct Low {
    sku: String,
    left: i64,
    /// The newest import: a new one starts a new notice.
    since: String,
}

/// Raises one notice for each variant that fell below its product's mark.
pub async fn notice(app: &App) -> Result<Step, StepError> {
    let low = app.store.read(find).await?;
    let (promises, now) = (app.promises(), app.clock.now());
    for Low { sku, left, since } in low {
        let seed: [u8; 32] = (*app.random).bytes();
        app.store
            .write(move |db| -> Result<(), StoreError> {
                let alarm = Alarm {
                    kind: "low_stock",
                    cause: &format!("low_stock/{sku}/{since}"),
                    severity: Severity::Info,
                    body: format!("{sku}: {left} left. Import cards before it is sold out."),
                };
                promises.alarm(db, &Derived::from_seed(seed), alarm, now)
            })
            .await?;
    }
    Ok(Step::Idle)
}

fn find(db: &mut Db) -> Result<Vec<Low>, StoreError> {
    let mut low = Vec::new();
    let products = catalog::store::products_on_sale(db)?;
    for product in products {
        if product.low_stock == 0 || product.delivery != Delivery::CardPool {
            continue;
        }
        for variant in catalog::store::variants_on_sale(db, &product.id)? {
            if variant.state != OnOff::On {
                continue;
            }
            let left = store::available_cards(db, &variant.id)?;
            if left > product.low_stock {
                continue;
            }
            let newest = store::batches(db, &variant.id)?.into_iter().next();
            low.push(Low {
                sku: variant.sku,
                left,
                since: newest.map_or_else(|| "none".to_owned(), |batch| batch.id.to_string()),
            });
        }
    }
    Ok(low)
}
