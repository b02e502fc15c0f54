//! Rows of the refund room and its error.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{AccountId, AttemptId, OrderId, PaymentId, ReceiptId, RefundId, text_enum};
use crate::ledger::postings::RefundFrom;
use crate::money::{Currency, Minor, MoneyError};
use crate::store::schema::refund;
use crate::store::{StoreError, write_error};

text_enum! {
    /// Where a refund stands.
    pub enum RefundState {
        /// Decided, not sent.
        Requested = "requested",
        /// Sent; nobody knows whether the channel did it.
        Unknown = "unknown",
        /// The channel works on it.
        Pending = "pending",
        /// The money is on its way back.
        Done = "done",
        /// A person found that it did not go back, and gave this one up: its acceptance is undone
        /// in the books, and the money waits for another decision.
        Failed = "failed",
    }
}

text_enum! {
    /// Why money goes back.
    pub enum Grounds {
        /// It came after the end of the order, and the shop sends such money back.
        Late = "late",
        /// It came after the end of the order, and the goods are gone.
        NoStockLate = "no_stock_late",
        /// The order was paid already.
        Duplicate = "duplicate",
        /// More came than was asked.
        Over = "over",
        /// An operator decided.
        Staff = "staff",
    }
}

impl RefundState {
    /// Whether nothing will happen to it any more.
    pub fn is_final(self) -> bool {
        matches!(self, RefundState::Done | RefundState::Failed)
    }
}

impl Grounds {
    /// For staff.
    pub fn words(self) -> &'static str {
        match self {
            Grounds::Late => "after the order had ended",
            Grounds::NoStockLate => "after the order had ended, and the goods are sold",
            Grounds::Duplicate => "although the order was paid already",
            Grounds::Over => "more than was asked",
            Grounds::Staff => "decided by staff",
        }
    }
}

/// One payment back.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = refund, treat_none_as_default_value = false)]
pub struct Refund {
    /// The row.
    pub id: RefundId,
    /// Its order.
    pub order_id: OrderId,
    /// Its checkout.
    pub payment_id: PaymentId,
    /// The money it gives back: reverse needs forward (L7).
    pub receipt_id: ReceiptId,
    /// The attempt that money came by.
    pub attempt_id: AttemptId,
    /// Where it goes back through.
    pub account_id: AccountId,
    /// Our number at the channel, one for ever.
    pub merchant_refund_no: String,
    /// One refund for one cause.
    #[serde(skip)]
    pub dedupe: String,
    /// The channel's number, once known.
    pub channel_refund_no: Option<String>,
    /// Of the amount.
    pub currency: Currency,
    /// What goes back.
    pub amount: Minor,
    /// Where it stands.
    pub state: RefundState,
    /// The channel's last failure, for staff.
    pub failure: Option<String>,
    /// How often it was sent or asked about.
    pub tries: i64,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
    /// When it is sent or asked about next, UTC; none = final, or a person's.
    pub next_check_at: Option<Millis>,
    /// Why.
    pub grounds: Grounds,
    /// Where the books took it from.
    pub source: RefundFrom,
    /// A worker sends it or asks about it until then, UTC: nobody else decides about it.
    pub held_until: Option<Millis>,
}

impl Refund {
    /// Whether a worker has it in hand now.
    pub fn is_held(&self, now: Millis) -> bool {
        self.held_until.is_some_and(|until| until > now)
    }

    /// Whether it gives back what its order cost, as opposed to money beside it (a second
    /// payment, an excess, money held in a case).
    pub fn is_of_the_order(&self) -> bool {
        match self.source {
            RefundFrom::Unfulfilled | RefundFrom::Sales => true,
            RefundFrom::SecondPayment => false,
            RefundFrom::Unallocated => {
                matches!(self.grounds, Grounds::Late | Grounds::NoStockLate)
            }
        }
    }
}

/// Why a refund was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing, or a negative amount, was asked.
    #[error("a refund is more than nothing")]
    Nothing,
    /// Together with the refunds before it, it would be more than was paid.
    #[error("more than was paid")]
    ExceedsPaid,
    /// The money has no attempt it could go back through.
    #[error("this money has no way back by itself")]
    NoWayBack,
    /// It went back, or was given up, before.
    #[error("the refund has ended already")]
    Ended,
    /// A worker has it in hand: what it finds out is not known yet.
    #[error("the refund is being sent right now: look again in two minutes")]
    Held,
    /// The channel has taken it on; the same number sent again would change nothing.
    #[error("the channel works on this refund: wait for its end, or say that it went back")]
    Pending,
    /// The order refused a change.
    #[error(transparent)]
    Order(crate::order::Error),
    /// A posting refused itself.
    #[error("ledger: {0}")]
    Ledger(String),
    /// The amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
write_error!(Error);

impl From<crate::order::Error> for Error {
    fn from(error: crate::order::Error) -> Self {
        match error {
            crate::order::Error::Store(error) => Error::Store(error),
            other => Error::Order(other),
        }
    }
}

impl From<crate::ledger::Error> for Error {
    fn from(error: crate::ledger::Error) -> Self {
        match error {
            crate::ledger::Error::Store(error) => Error::Store(error),
            other => Error::Ledger(other.to_string()),
        }
    }
}
