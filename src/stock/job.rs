//! Loads imports that were confirmed; notices that a variant runs out; finishes withdrawals and
//! imports that were cut off.

use std::sync::Arc;

use crate::app::App;
use crate::catalog::{self, Delivery, OnOff};
use crate::jobs::{Step, StepError};
use crate::notify::{LowStock, alert};
use crate::random::Derived;
use crate::store::{Db, StoreError};

use super::draft::{self, Workshop};
use super::{BatchState, store};

struct Low {
    told: LowStock,
    /// What is told once: the variant since its newest import. A new one starts a new notice.
    cause: String,
}

/// Finishes what was cut off.
pub async fn sweep(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(super::sweep(&app.store, &*app.clock).await?))
}

/// Loads what staff have confirmed.
pub async fn load(app: &App) -> Result<Step, StepError> {
    let with = Workshop {
        sealer: Arc::clone(&app.sealer),
        clock: Arc::clone(&app.clock),
        random: Arc::clone(&app.random),
    };
    Ok(Step::of(draft::load_next(&app.store, &with).await?))
}

/// Forgets what nobody confirmed.
pub async fn drafts(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(draft::forget(&app.store, &*app.clock).await?))
}

/// Forgets counters that nobody uses any more.
pub async fn counters(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(super::forget_unused(&app.store).await?))
}

/// Raises one notice for each variant that fell below its product's mark.
pub async fn notice(app: &App) -> Result<Step, StepError> {
    let low = app.store.read(find).await?;
    let (promises, now) = (app.promises(), app.clock.now());
    for Low { told, cause } in low {
        let seed: [u8; 32] = (*app.random).bytes();
        app.store
            .write(move |db| promises.low_stock(db, &Derived::from_seed(seed), &cause, &told, now))
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
            // An import that still loads has brought nothing yet.
            let imports = store::batches(db, &variant.id)?;
            let newest = imports.iter().find(|b| b.state != BatchState::Loading);
            let since = newest.map_or("none", |batch| batch.id.as_str());
            let cause = format!("low_stock/{}/{since}", variant.sku);
            if alert::is_up(db, &cause)? {
                continue;
            }
            let name = format!("{} {}", product.name_zh, variant.name_zh);
            low.push(Low {
                told: LowStock {
                    sku: variant.sku,
                    name: name.trim_end().to_owned(),
                    left,
                    threshold: product.low_stock,
                },
                cause,
            });
        }
    }
    Ok(low)
}
