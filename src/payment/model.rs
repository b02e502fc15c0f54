//! Rows of the payment room and its error.

use diesel::prelude::*;

use super::why::Why;
use crate::channel::{Method, PayKind};
use crate::clock::Millis;
use crate::ids::{
    AccountId, AttemptId, OrderId, PartId, PaymentId, ReceiptId, SellerId, text_enum,
};
use crate::money::{Currency, Minor, MoneyError};
use crate::store::schema::{attempt, receipt};
use crate::store::{StoreError, write_error};

text_enum! {
    /// Where an attempt stands (design.md §4).
    pub enum AttemptState {
        /// The row is written, nothing is sent.
        Planned = "planned",
        /// The channel made it; the buyer can pay.
        Created = "created",
        /// Nobody knows whether the channel made it: ask, never repeat blindly.
        Unknown = "unknown",
        /// The channel provably made nothing.
        Refused = "refused",
        /// The channel says that the bank declined; it may be paid all the same.
        Failed = "failed",
        /// Its time ended without money.
        Expired = "expired",
        /// It is closed at the channel.
        Closed = "closed",
        /// Money came.
        Paid = "paid",
    }
}

impl AttemptState {
    /// Whether the buyer may be shown how to pay it.
    pub fn is_open(self) -> bool {
        self == AttemptState::Created
    }
}

/// One try to collect a part of a payment.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempt, treat_none_as_default_value = false)]
pub struct Attempt {
    /// The row.
    pub id: AttemptId,
    /// Its checkout.
    pub payment_id: PaymentId,
    /// The part it collects.
    pub part_id: PartId,
    /// The order the buyer sees.
    pub order_id: OrderId,
    /// Whose goods.
    pub seller_id: SellerId,
    /// 1, 2, … within the payment.
    pub n: i64,
    /// Our number at the channel, unique for ever.
    pub merchant_no: String,
    /// Where it was made.
    pub account_id: AccountId,
    /// By which method.
    pub method: Method,
    /// Of the amount.
    pub currency: Currency,
    /// Locked.
    pub amount: Minor,
    /// Where it stands.
    pub state: AttemptState,
    /// The channel's number, once known.
    pub channel_trade_no: Option<String>,
    /// What the cashier page shows.
    pub pay_kind: PayKind,
    /// A page of the channel.
    pub pay_url: Option<String>,
    /// The text of a code to scan.
    pub pay_qr: Option<String>,
    /// JSON of the failure: class, code, text.
    pub failure: Option<String>,
    /// JSON of the routing decision.
    pub decision: String,
    /// How often the channel was asked.
    pub checks: i64,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
    /// When it ends for the buyer, UTC.
    pub expires_at: Millis,
    /// When the channel is asked next; none = no more.
    pub next_check_at: Option<Millis>,
    /// Asked until here, also after it ended for the buyer.
    pub watched_until: Millis,
}

text_enum! {
    /// Who brought a fact about money.
    pub enum Source {
        /// A notice of the channel.
        Notice = "notice",
        /// The channel's answer when asked.
        Query = "query",
        /// The channel's answer when the buyer came back.
        Return = "return",
        /// A row of a bill.
        Bill = "bill",
        /// An operator, after the channel was asked.
        Staff = "staff",
    }
}

text_enum! {
    /// What a receipt was when it came.
    pub enum ReceiptKind {
        /// It paid its order.
        Captured = "captured",
        /// It came after the order had expired or was cancelled.
        Late = "late",
        /// The order was paid already.
        Duplicate = "duplicate",
        /// Less than asked.
        Short = "short",
        /// More than asked; it paid its order.
        Over = "over",
        /// In another currency than asked.
        WrongCurrency = "wrong_currency",
        /// Nobody knows what for.
        Unmatched = "unmatched",
    }
}

/// Confirmed money.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = receipt, treat_none_as_default_value = false)]
pub struct Receipt {
    /// The row.
    pub id: ReceiptId,
    /// Where it came in.
    pub account_id: AccountId,
    /// The channel's number: unique for the account.
    pub channel_trade_no: String,
    /// The attempt it belongs to.
    pub attempt_id: Option<AttemptId>,
    /// The checkout it belongs to.
    pub payment_id: Option<PaymentId>,
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// Whose goods.
    pub seller_id: SellerId,
    /// What it was when it came.
    pub kind: ReceiptKind,
    /// Who told us.
    pub source: Source,
    /// Of the amount.
    pub currency: Currency,
    /// What came.
    pub amount: Minor,
    /// Σ refunds of it that are on their way or done.
    pub refunding: Minor,
    /// By the channel's clock if it told, else when we learned of it; UTC.
    pub paid_at: Millis,
    /// UTC.
    pub created_at: Millis,
    /// When a bill confirmed it, UTC.
    pub reconciled_at: Option<Millis>,
}

/// Authenticated and confirmed: money of one attempt arrived.
#[derive(Debug, Clone)]
pub struct ReceiptFact {
    /// The attempt the channel named by our number.
    pub attempt: AttemptId,
    /// The account it came in at, which made the attempt.
    pub account: AccountId,
    /// The channel's number.
    pub channel_trade_no: String,
    /// What came.
    pub amount: Minor,
    /// In which currency.
    pub currency: Currency,
    /// When, by the channel's clock; UTC.
    pub paid_at: Option<Millis>,
    /// Who told us.
    pub source: Source,
    /// Whether the channel itself was asked and says so; a notice alone is a message.
    pub asked: bool,
    /// Whether the channel has given it back already, wholly or partly.
    pub given_back: bool,
}

/// Why a payment step did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The order takes no money now.
    #[error("the order is not payable")]
    NotPayable,
    /// No account can collect this.
    #[error("no payment channel is available")]
    NoChannel,
    /// The order has had as many attempts as it may.
    #[error("too many payment attempts for this order")]
    TooManyAttempts,
    /// There is no such attempt, case or order.
    #[error("not found")]
    Unknown,
    /// The action does not fit the case.
    #[error("{0}")]
    NotPossible(Why),
    /// Not one content for each unit that a person delivers.
    #[error("{owed} unit(s) of this order are owed by hand, one content each; {given} given")]
    Contents {
        /// How many units wait for a person.
        owed: i64,
        /// How many contents came.
        given: i64,
    },
    /// The order refused a change.
    #[error(transparent)]
    Order(crate::order::Error),
    /// A refund was not written.
    #[error(transparent)]
    Refund(crate::refund::Error),
    /// A posting refused itself.
    #[error("ledger: {0}")]
    Ledger(String),
    /// The amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A sealed value does not open.
    #[error(transparent)]
    Seal(#[from] crate::seal::SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
write_error!(Error);

impl Error {
    /// Whether the same step may succeed soon by itself: the database was away or busy. What
    /// does not pass is a defect of a row or of the code.
    pub fn passes(&self) -> bool {
        matches!(self, Error::Store(e) if e.is_unavailable() || e.is_conflict())
    }
}

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

impl From<crate::refund::Error> for Error {
    fn from(error: crate::refund::Error) -> Self {
        match error {
            crate::refund::Error::Store(error) => Error::Store(error),
            other => Error::Refund(other),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Error::Store(error.into())
    }
}
