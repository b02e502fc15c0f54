//! Rows of cases.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{AccountId, AttemptId, CaseId, OrderId, ReceiptId, RefundId, text_enum};
use crate::money::{Currency, Minor};
use crate::store::schema::money_case;

text_enum! {
    /// Why money needs a decision.
    pub enum CaseKind {
        /// After expiry or cancellation.
        Late = "late",
        /// A second payment of one order.
        Duplicate = "duplicate",
        /// Less than asked.
        Short = "short",
        /// More than asked.
        Over = "over",
        /// Another currency than asked.
        WrongCurrency = "wrong_currency",
        /// Paid, and nothing to hand out.
        NoStock = "no_stock",
        /// Nobody knows what for.
        Unmatched = "unmatched",
        /// Contested by the payer.
        Disputed = "disputed",
        /// The notice says paid, the channel says not.
        Contradicted = "contradicted",
        /// A refund that finally failed or cannot be known.
        RefundFailed = "refund_failed",
    }
}

/// Money that needs a decision: numbered, owned, due.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = money_case, treat_none_as_default_value = false)]
pub struct MoneyCase {
    /// The row.
    pub id: CaseId,
    /// Why.
    pub kind: CaseKind,
    /// One case for one cause.
    #[serde(skip)]
    pub dedupe: String,
    /// `open` or `closed`.
    pub state: String,
    /// `critical`, `warning` or `notice`.
    pub severity: String,
    /// The order, if known.
    pub order_id: Option<OrderId>,
    /// The attempt, if known.
    pub attempt_id: Option<AttemptId>,
    /// The money, if it is confirmed.
    pub receipt_id: Option<ReceiptId>,
    /// The refund that is on its way, if one is.
    pub refund_id: Option<RefundId>,
    /// Where it came in.
    pub account_id: Option<AccountId>,
    /// Of the amount.
    pub currency: Currency,
    /// What it is about.
    pub amount: Minor,
    /// Who has to act.
    pub owner: String,
    /// What we would do: `refund`, `deliver`, `restock_or_refund`, `investigate`, `none`.
    pub proposal: String,
    /// In words.
    pub summary: String,
    /// How it ended.
    pub resolution: Option<String>,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub due_at: Millis,
    /// UTC.
    pub closed_at: Option<Millis>,
}
