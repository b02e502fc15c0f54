//! A book on a temporary file, for the tests of this room.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;

use super::model::{Error, Posting};
use super::postings::Received;
use super::seal::Sealed;
use super::store::Posted;
use crate::ids::{AccountId, JournalId, ReceiptId, SellerId};
use crate::money::{Currency, Minor, Money};
use crate::random::{Random, SystemRandom};
use crate::store::{Store, StoreError};

/// When everything happens in these tests.
pub(super) const NOW: i64 = 1_795_000_000_000;

/// A store that removes its file when it goes.
pub(super) struct Book {
    pub(super) store: Store,
    folder: PathBuf,
}

impl Book {
    pub(super) fn open() -> Self {
        let random: &dyn Random = &SystemRandom;
        let name = format!("vendgate-ledger-{}", hex::encode(random.bytes::<8>()));
        let folder = std::env::temp_dir().join(name);
        let url = format!("sqlite:{}", folder.join("shop.db").display());
        let (store, _) = Store::open(&url.parse().expect("a url")).expect("a store");
        Book { store, folder }
    }

    /// Runs plain SQL, also against the triggers.
    pub(super) async fn sql(&self, sql: &str) -> Result<(), StoreError> {
        let sql = sql.to_owned();
        self.store
            .write(move |db| Ok(db.batch_execute(&sql)?))
            .await
    }

    /// Posts under the id `j-N`.
    pub(super) async fn post(&self, n: usize, posting: Posting) -> Posted {
        self.store
            .write(move |db| super::post(db, journal(n), &posting, NOW))
            .await
            .expect("posted")
    }

    pub(super) async fn seal(&self, limit: i64) -> Result<Sealed, StoreError> {
        self.store
            .write(move |db| super::seal::step(db, NOW + 500, limit))
            .await
    }

    /// Seals until nothing waits.
    pub(super) async fn seal_all(&self) -> Sealed {
        loop {
            let sealed = self.seal(200).await.expect("a step");
            if sealed.rows == 0 {
                return sealed;
            }
        }
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn journal(n: usize) -> JournalId {
    JournalId(format!("j-{n:06}"))
}

/// A posting about the receipt `r-N` of the account `epay-main`.
pub(super) fn received(
    n: usize,
    minor: i64,
    make: impl FnOnce(Received<'_>) -> Result<Posting, Error>,
) -> Posting {
    let account: AccountId = "epay-main".parse().expect("an account");
    make(Received {
        receipt: &ReceiptId(format!("r-{n}")),
        seller: &SellerId::house(),
        account: &account,
        money: Money::new(Minor(minor), Currency::CNY),
    })
    .expect("a posting")
}
