//! The words of the book: accounts, sides, legs, a checked posting, and the rows.

use std::collections::BTreeMap;
use std::fmt;

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{AccountId, JournalId, SellerId, text_enum};
use crate::money::{Currency, Minor, Money, MoneyError};
use crate::store::schema::{balance, journal, journal_entry};
use crate::store::{StoreError, write_error};

/// Why something could not be posted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A transaction has at least two legs.
    #[error("a posting has at least two legs")]
    TooFewLegs,
    /// A leg moves nothing, or a negative amount.
    #[error("the amount of {0} is not above zero")]
    NotPositive(Account),
    /// The debits and the credits of a currency differ.
    #[error("debits and credits differ in {0}")]
    Unbalanced(Currency),
    /// A sum that no row can hold.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(Error);

/// An account of the chart (spec/ledger.md 4.2). Prints as its name in rows:
/// `asset:clearing:epay-main`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// 1001: the buyer paid, the channel owes us.
    Clearing(AccountId),
    /// 2001: paid, goods not delivered.
    OrderUnfulfilled,
    /// 2006: a refund is accepted and not yet confirmed by the channel.
    RefundPayable,
    /// 2008: money that awaits a decision.
    Unallocated,
    /// 4001: the shop's own sales.
    Sales,
    /// 5001: what a channel account keeps for itself.
    ChannelFee(AccountId),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Clearing(account) => write!(f, "asset:clearing:{account}"),
            Account::OrderUnfulfilled => f.write_str("liab:order_unfulfilled"),
            Account::RefundPayable => f.write_str("liab:refund_payable"),
            Account::Unallocated => f.write_str("liab:unallocated"),
            Account::Sales => f.write_str("rev:sales"),
            Account::ChannelFee(account) => write!(f, "exp:channel_fee:{account}"),
        }
    }
}

text_enum! {
    /// The side of a leg.
    pub enum Side {
        /// Debit (借).
        Debit = "D",
        /// Credit (贷).
        Credit = "C",
    }
}

text_enum! {
    /// What a posting is about.
    pub enum SourceKind {
        /// Confirmed money: `source_id` is a receipt.
        Receipt = "receipt",
        /// `source_id` is an order.
        Order = "order",
        /// `source_id` is a refund.
        Refund = "refund",
    }
}

text_enum! {
    /// What happened to the source. One posting per source and op, for ever.
    pub enum Op {
        /// Money came in. Every receipt of every kind has exactly one.
        Charge = "charge",
        /// What the channel keeps of a receipt.
        Fee = "fee",
        /// Money without an order was given to one.
        Allocate = "allocate",
        /// An order's goods are out.
        Deliver = "deliver",
        /// A refund was accepted: from now on the buyer is owed it.
        Accept = "accept",
        /// The channel confirmed a refund.
        Confirm = "confirm",
        /// A refund was finally refused: its acceptance is undone.
        Refuse = "refuse",
        /// The rest of a refunded order was delivered, and stays sold.
        Sold = "sold",
        /// Such a refund was refused: the rest is owed again together with the whole.
        Unsold = "unsold",
    }
}

/// One line of a posting. The amount is in minor units and above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The account it moves.
    pub account: Account,
    /// Debit or credit.
    pub side: Side,
    /// How much, of what.
    pub money: Money,
}

impl Leg {
    /// A debit.
    pub fn debit(account: Account, money: Money) -> Self {
        let side = Side::Debit;
        Leg {
            account,
            side,
            money,
        }
    }

    /// A credit.
    pub fn credit(account: Account, money: Money) -> Self {
        let side = Side::Credit;
        Leg {
            account,
            side,
            money,
        }
    }
}

/// A transaction that may be posted: at least two legs, each above zero, and zero per currency.
/// Only [`Posting::new`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    source_kind: SourceKind,
    source_id: String,
    op: Op,
    template: &'static str,
    seller_id: SellerId,
    legs: Vec<Leg>,
}

impl Posting {
    /// Checks the legs. `template` names the row of spec/ledger.md 4.3 (`J01`).
    pub fn new(
        (source_kind, source_id, op): (SourceKind, &str, Op),
        template: &'static str,
        seller_id: &SellerId,
        legs: Vec<Leg>,
    ) -> Result<Self, Error> {
        if legs.len() < 2 {
            return Err(Error::TooFewLegs);
        }
        let mut net: BTreeMap<Currency, Minor> = BTreeMap::new();
        for leg in &legs {
            if leg.money.amount <= Minor::ZERO {
                return Err(Error::NotPositive(leg.account.clone()));
            }
            let net = net.entry(leg.money.currency).or_default();
            *net = match leg.side {
                Side::Debit => net.plus(leg.money.amount)?,
                Side::Credit => net.minus(leg.money.amount)?,
            };
        }
        if let Some((currency, _)) = net.iter().find(|(_, net)| **net != Minor::ZERO) {
            return Err(Error::Unbalanced(*currency));
        }
        Ok(Posting {
            source_kind,
            source_id: source_id.to_owned(),
            op,
            template,
            seller_id: seller_id.clone(),
            legs,
        })
    }

    /// Source and op: what makes a posting one of a kind.
    pub fn key(&self) -> (SourceKind, &str, Op) {
        (self.source_kind, &self.source_id, self.op)
    }

    /// The row of spec/ledger.md 4.3 it follows.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// Whose goods or money it is about.
    pub fn seller_id(&self) -> &SellerId {
        &self.seller_id
    }

    /// The lines, in the order they are stored in.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }
}

/// A row of `journal`, as it lies there: words are plain text, because a book is also read when
/// somebody has altered it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
pub struct Journal {
    /// The transaction.
    pub id: JournalId,
    /// A [`SourceKind`].
    pub source_kind: String,
    /// Its id.
    pub source_id: String,
    /// An [`Op`].
    pub op: String,
    /// The row of spec/ledger.md 4.3.
    pub template: String,
    /// Whose it is.
    pub seller_id: SellerId,
    /// When it was posted, UTC.
    pub at: Millis,
    /// SHA-256 of [`super::canonical`], hex.
    pub hash: String,
}

/// A row of `journal_entry`, as it lies there.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_entry, treat_none_as_default_value = false)]
pub struct Entry {
    /// The transaction.
    pub journal_id: JournalId,
    /// From 1, without gaps.
    pub leg: i32,
    /// The name of an [`Account`].
    pub account: String,
    /// `D` or `C`.
    pub side: String,
    /// A code of [`Currency`].
    pub currency: String,
    /// Minor units, above zero.
    pub amount: i64,
}

/// A row of `balance`: what sealed transactions have moved on one account so far.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = balance, treat_none_as_default_value = false)]
pub struct Balance {
    /// The name of an [`Account`].
    pub account: String,
    /// A code of [`Currency`].
    pub currency: String,
    /// Sum of the debits, minor units.
    pub debit: i64,
    /// Sum of the credits, minor units.
    pub credit: i64,
    /// The last sealed row that moved it.
    pub seal_seq: i64,
}
