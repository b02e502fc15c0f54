//! Rows of the order room and its error.

use diesel::prelude::*;

use super::state::{NoSuchEdge, State};
use crate::catalog::Delivery;
use crate::clock::Millis;
use crate::ids::{ItemId, OrderId, OrderNo, PaymentId, ProductId, SellerId, VariantId, ViewToken};
use crate::money::{Currency, Minor, Money, MoneyError};
use crate::seal::Sealer;
use crate::store::schema::{order_event, order_item, orders};
use crate::store::{StoreError, write_error};

/// One order of one seller.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct Order {
    /// The row.
    pub id: OrderId,
    /// What people call it.
    pub order_no: OrderNo,
    /// Whose goods.
    pub seller_id: SellerId,
    /// The checkout it is paid by.
    pub payment_id: PaymentId,
    /// Where it stands; written by `apply` alone.
    pub state: State,
    /// Counts every write of `apply`.
    pub version: i64,
    /// Where a running refund started.
    pub refund_from: Option<State>,
    /// The currency of its amounts.
    pub currency: Currency,
    /// What is to be paid, frozen at placement.
    pub amount: Minor,
    /// What has gone back.
    pub refunded_amount: Minor,
    /// Sealed for `order/{id}/email`.
    pub email: Vec<u8>,
    /// Keyed hash of the address in lower case.
    pub email_hash: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    /// argon2id, if the buyer set an order password.
    pub password_hash: Option<String>,
    /// Sealed JSON of the custom fields for `order/{id}/fields`.
    pub fields: Option<Vec<u8>>,
    /// How many events it has.
    pub event_seq: i64,
    /// The hash of the last one.
    pub event_head: String,
    /// UTC.
    pub created_at: Millis,
    /// The buyer's deadline, UTC.
    pub expires_at: Millis,
    /// UTC.
    pub paid_at: Option<Millis>,
    /// When the last unit left, UTC.
    pub delivered_at: Option<Millis>,
    /// When the sweeper looks at it next, UTC; none in final states.
    pub next_check_at: Option<Millis>,
}

impl Order {
    /// What is to be paid.
    pub fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// Whether goods that left may be shown to the buyer. What left of a partly delivered order
    /// is bought and stays the buyer's, also while and after the rest goes back.
    pub fn shows_goods(&self) -> bool {
        match self.state {
            State::Delivered | State::PartiallyDelivered => true,
            State::Refunding | State::Refunded => {
                self.refund_from == Some(State::PartiallyDelivered)
            }
            _ => false,
        }
    }

    /// The associated data its address is sealed with.
    pub fn email_place(id: &OrderId) -> String {
        format!("order/{id}/email")
    }

    /// The token its buyer gets: the same one however often it is asked for, so that a repeated
    /// answer needs no new row. It opens the order once [`super::store::add_token`] knows it.
    pub fn token(sealer: &Sealer, id: &OrderId) -> ViewToken {
        ViewToken::derived(sealer, &format!("order/{id}"))
    }

    /// The associated data its custom fields are sealed with.
    pub fn fields_place(id: &OrderId) -> String {
        format!("order/{id}/fields")
    }
}

/// One line of an order, with the names and the price it was bought at.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_item)]
pub struct Item {
    /// The row.
    pub id: ItemId,
    /// Its order.
    pub order_id: OrderId,
    /// Whose goods.
    pub seller_id: SellerId,
    /// What was bought.
    pub product_id: ProductId,
    /// Which of it.
    pub variant_id: VariantId,
    /// 中文 name at placement.
    pub name_zh: String,
    /// English name at placement.
    pub name_en: String,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Frozen at placement.
    pub unit_price: Minor,
    /// How many.
    pub quantity: i64,
    /// `unit_price × quantity`.
    pub amount: Minor,
    /// Of the amounts.
    pub currency: Currency,
    /// Units handed out so far.
    pub delivered: i64,
    /// Units held for it: reserved cards, or uses of a reusable card.
    pub held: i64,
}

/// One row of an order's history, chained by hash.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_event, treat_none_as_default_value = false)]
pub struct OrderEvent {
    /// Its order.
    pub order_id: OrderId,
    /// From 1, without gaps.
    pub seq: i64,
    /// UTC.
    pub at: Millis,
    /// `buyer`, `system`, `channel:epay-main`, `staff:…`.
    pub actor: String,
    /// The event's word, or `placed`.
    pub kind: String,
    /// State before.
    pub state_from: String,
    /// State after.
    pub state_to: String,
    /// JSON, without anything secret.
    pub detail: String,
    /// The hash of the event before, empty for the first.
    pub prev_hash: String,
    /// SHA-256 of all the above.
    pub hash: String,
}

/// Why an order was not placed or not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The variant does not exist or is not on sale.
    #[error("this is not on sale")]
    NotOnSale,
    /// Fewer are left than asked for.
    #[error("only {left} left")]
    SoldOut {
        /// How many could be bought now.
        left: i64,
    },
    /// The quantity is outside the variant's limits.
    #[error("the quantity must be from {min} to {max}")]
    Quantity {
        /// Fewest per order.
        min: i64,
        /// Most per order.
        max: i64,
    },
    /// This buyer has bought as many as one buyer may.
    #[error("one buyer may buy at most {most}")]
    BuyerLimit {
        /// The limit.
        most: i64,
    },
    /// Too many unpaid orders hold stock for this address or network.
    #[error("too many unpaid orders; pay or cancel one first")]
    TooManyUnpaid,
    /// A field of the request is wrong.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field, by its name in the API.
        field: String,
        /// What is wrong, in words for the sender.
        reason: &'static str,
    },
    /// The amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The state machine has no such edge.
    #[error(transparent)]
    Edge(#[from] NoSuchEdge),
    /// The order is not there.
    #[error("no such order")]
    Unknown,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] crate::seal::SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
write_error!(Error);
