//! Opening a case: one row and one alert for each cause.

use super::model::{CaseKind, MoneyCase};
use super::store;
use crate::clock::{HOUR, Millis};
use crate::ids::{AccountId, AttemptId, CaseId, OrderId, ReceiptId, RefundId};
use crate::money::Money;
use crate::notify::alert::Severity;
use crate::notify::{Alarm, Promises};
use crate::random::Random;
use crate::store::{Db, StoreError};

/// A case to open.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// Why.
    pub kind: CaseKind,
    /// What exactly: one case for each.
    pub cause: String,
    /// What it is about.
    pub money: Money,
    /// What we would do.
    pub proposal: &'static str,
    /// In words, with what to do.
    pub summary: String,
    /// The order, if known.
    pub order_id: Option<OrderId>,
    /// The attempt, if known.
    pub attempt_id: Option<AttemptId>,
    /// The money, if confirmed.
    pub receipt_id: Option<ReceiptId>,
    /// The refund on its way, if one is.
    pub refund_id: Option<RefundId>,
    /// Where it came in.
    pub account_id: Option<AccountId>,
}

/// Opens a case in the caller's transaction and raises its alert; false = this cause has one.
pub fn open(
    db: &mut Db,
    promises: &Promises,
    new: NewCase,
    random: &dyn Random,
    now: Millis,
) -> Result<bool, StoreError> {
    let critical = matches!(new.kind, CaseKind::Contradicted | CaseKind::Disputed);
    let severity = if critical {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let row = MoneyCase {
        id: CaseId::new(now, random),
        kind: new.kind,
        dedupe: new.cause,
        state: "open".to_owned(),
        severity: severity.as_str().to_owned(),
        order_id: new.order_id,
        attempt_id: new.attempt_id,
        receipt_id: new.receipt_id,
        refund_id: new.refund_id,
        account_id: new.account_id,
        currency: new.money.currency,
        amount: new.money.amount,
        owner: "finance".to_owned(),
        proposal: new.proposal.to_owned(),
        summary: new.summary,
        resolution: None,
        created_at: now,
        due_at: now + if critical { HOUR } else { 24 * HOUR },
        closed_at: None,
    };
    if !store::insert(db, &row)? {
        return Ok(false);
    }
    promises.alarm(
        db,
        random,
        Alarm {
            kind: &format!("case.{}", row.kind),
            cause: &format!("case/{}", row.dedupe),
            severity,
            body: row.summary,
        },
        now,
    )?;
    Ok(true)
}
