//! Setting up a new shop: how far it has come, read from the shop itself.
//!
//! Comes in: the database. Goes out: [`Progress`], for the checklist and for the steps of the
//! setup. No step remembers that it was done: a shop that was filled by a file is set up as well.

pub mod web;

use crate::account::{self, AccountState};
use crate::catalog;
use crate::delivery;
use crate::notify::outbox::{self, Kind};
use crate::settings::{self, Settings};
use crate::stock;
use crate::store::{Db, StoreError};

/// One step of the setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The shop's name.
    Shop,
    /// A way to be paid.
    Channel,
    /// Mail that goes out.
    Mail,
    /// Something to buy.
    Product,
    /// A first order.
    Finish,
}

impl Step {
    /// All, in the order they are taken.
    pub const ALL: [Step; 5] = [
        Step::Shop,
        Step::Channel,
        Step::Mail,
        Step::Product,
        Step::Finish,
    ];

    /// Whether a shop that has come so far needs it no more.
    pub const fn is_done(self, progress: Progress) -> bool {
        match self {
            Step::Shop => progress.named,
            Step::Channel => progress.account,
            Step::Mail => progress.mail,
            Step::Product => progress.product,
            Step::Finish => progress.order,
        }
    }
}

/// What a shop has of all it needs to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// It has a name of its own.
    pub named: bool,
    /// An account takes orders.
    pub account: bool,
    /// A mail has gone out.
    pub mail: bool,
    /// Something can be bought now.
    pub product: bool,
    /// Goods have been handed out.
    pub order: bool,
}

impl Progress {
    /// Reads how far the shop has come.
    pub fn read(db: &mut Db) -> Result<Self, StoreError> {
        let accounts = account::store::all(db)?;
        Ok(Progress {
            named: settings::read(db)?.name != Settings::default().name,
            account: accounts
                .iter()
                .any(|row| row.state == AccountState::Enabled),
            mail: outbox::was_kept(db, Kind::Mail)?,
            product: something_to_buy(db)?.is_some(),
            order: delivery::store::any(db)?,
        })
    }

    /// Whether the checklist is done.
    pub fn is_done(self) -> bool {
        Step::ALL.iter().all(|step| step.is_done(self))
    }

    /// Whether nothing of it is there: the first visit.
    pub fn is_empty(self) -> bool {
        self == Progress::default()
    }
}

/// The slug of a product that a buyer could buy now, the first on the shelves.
pub fn something_to_buy(db: &mut Db) -> Result<Option<String>, StoreError> {
    let left = stock::left_of_all(db)?;
    for product in catalog::store::products_on_sale(db)? {
        for variant in catalog::store::variants_on_sale(db, &product.id)? {
            if left.of(product.delivery, &variant.id) != Some(0) {
                return Ok(Some(product.slug));
            }
        }
    }
    Ok(None)
}
