//! Rows of the stock.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{BatchId, CardId, ItemId, SellerId, VariantId, text_enum};
use crate::store::schema::{card, card_batch, reusable};

/// Stock is counted up to here; more is shown as "plenty".
pub const COUNT_CAP: i64 = 1_000;

text_enum! {
    /// Where a card is.
    pub enum CardState {
        /// Can be sold, if its batch is available.
        Available = "available",
        /// Held for an unpaid order.
        Reserved = "reserved",
        /// Handed out; final.
        Delivered = "delivered",
        /// Taken out of sale; final.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Where an import is.
    pub enum BatchState {
        /// Its cards are being written; none can be sold.
        Loading = "loading",
        /// Its cards can be sold.
        Available = "available",
        /// Its unsold cards are out of sale.
        Withdrawn = "withdrawn",
    }
}

/// One card, its content sealed for [`Card::place`].
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = card, treat_none_as_default_value = false)]
pub struct Card {
    /// The row; sorts by import.
    pub id: CardId,
    /// What it is a unit of.
    pub variant_id: VariantId,
    /// Whose.
    pub seller_id: SellerId,
    /// The import it came with.
    pub batch_id: BatchId,
    /// Where it is.
    pub state: CardState,
    /// Sealed.
    pub content: Vec<u8>,
    /// Keyed hash of the content: finds duplicates without showing them.
    pub content_hash: String,
    /// Who holds or has it.
    pub item_id: Option<ItemId>,
    /// UTC.
    pub changed_at: Millis,
}

impl Card {
    /// The associated data a card's content is sealed with: swapping two rows opens neither.
    pub fn place(id: &CardId, seller: &SellerId) -> String {
        format!("card/{id}/{seller}")
    }
}

/// One import.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = card_batch)]
pub struct Batch {
    /// The row.
    pub id: BatchId,
    /// What it has units of.
    pub variant_id: VariantId,
    /// Whose.
    pub seller_id: SellerId,
    /// Where it came from: a file's name, `paste`.
    pub source: String,
    /// Where it is.
    pub state: BatchState,
    /// How many cards it brought.
    pub cards: i64,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
    /// Since when its cards are not sold because the database was put back to an earlier time
    /// and they may have left already; none = they are sold.
    pub withheld_at: Option<Millis>,
}

/// One content that is sold many times.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reusable)]
pub struct Reusable {
    /// What it is the content of.
    pub variant_id: VariantId,
    /// Whose.
    pub seller_id: SellerId,
    /// Sealed for [`Reusable::place`].
    pub content: Vec<u8>,
    /// How often it may be sold; none = without end.
    pub use_limit: Option<i64>,
    /// Sold or held so far.
    pub used: i64,
    /// UTC.
    pub changed_at: Millis,
}

impl Reusable {
    /// The associated data its content is sealed with.
    pub fn place(variant: &VariantId, seller: &SellerId) -> String {
        format!("reusable/{variant}/{seller}")
    }
}
