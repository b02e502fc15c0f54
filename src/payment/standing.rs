//! What a case stands on, as the rows and the book have it: for whoever decides, and for whoever
//! looks.

use super::deeds::{CaseFacts, Deed, OrderFacts, undelivered};
use super::model::Error;
use super::store;
use crate::case::{self, MoneyCase};
use crate::clock::Millis;
use crate::ids::{CaseId, ReceiptId};
use crate::ledger::{self, Account, SourceKind};
use crate::money::{Minor, Money};
use crate::order::{self, Item, Order};
use crate::refund::{self, Refund};
use crate::store::{Db, StoreError};

/// A case with all that a person decides by.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The case.
    pub case: MoneyCase,
    /// When, who, what: oldest first.
    pub notes: Vec<(Millis, String, String)>,
    /// Its order with its lines.
    pub order: Option<(Order, Vec<Item>)>,
    /// The refund that is to settle it.
    pub refund: Option<Refund>,
    /// What may be done now.
    pub deeds: Vec<Deed>,
    /// What it stands on.
    pub facts: CaseFacts,
}

/// A case as a person sees it; none = there is no such case.
pub fn view(db: &mut Db, id: &CaseId, now: Millis) -> Result<Option<CaseView>, Error> {
    let Some(found) = case::store::by_id(db, id)? else {
        return Ok(None);
    };
    let order = match &found.order_id {
        Some(id) => order::store::find(db, id)?,
        None => None,
    };
    let facts = facts(db, &found, order.as_ref(), now)?;
    let order = match order {
        Some(order) => {
            let items = order::store::items(db, &order.id)?;
            Some((order, items))
        }
        None => None,
    };
    let refund = match &found.refund_id {
        Some(id) => Some(refund::store::by_id(db, id)?),
        None => None,
    };
    Ok(Some(CaseView {
        notes: case::store::notes(db, id)?,
        case: found,
        order,
        refund,
        deeds: facts.deeds(),
        facts,
    }))
}

/// What a case stands on now. Whoever acts on it holds the order's lock.
pub(super) fn facts(
    db: &mut Db,
    case: &MoneyCase,
    order: Option<&Order>,
    now: Millis,
) -> Result<CaseFacts, Error> {
    let held = match &case.receipt_id {
        Some(receipt) => Some(held(db, receipt)?),
        None => None,
    };
    let order = match order {
        Some(order) => {
            let items = order::store::items(db, &order.id)?;
            Some(OrderFacts {
                state: order.state,
                amount: order.money(),
                paid: order.paid_at.is_some(),
                undelivered: undelivered(order.amount, order.refunded_amount, &items)?,
            })
        }
        None => None,
    };
    let refund = match &case.refund_id {
        Some(id) => Some(refund::store::by_id(db, id)?),
        None => None,
    };
    Ok(CaseFacts {
        kind: case.kind,
        open: case.state == "open",
        order,
        held,
        sending: refund.as_ref().is_some_and(|refund| refund.is_held(now)),
        refund: refund.map(|refund| refund.state),
    })
}

/// What of a receipt lies with the shop without an order, as the book has it.
fn held(db: &mut Db, id: &ReceiptId) -> Result<Money, Error> {
    let receipt = store::receipt(db, id)?;
    let refunds: Vec<String> = match &receipt.order_id {
        Some(order) => refund::store::of_order(db, order)?
            .into_iter()
            .filter(|refund| refund.receipt_id == *id)
            .map(|refund| refund.id.0)
            .collect(),
        None => Vec::new(),
    };
    let mut held = 0;
    for (kind, ids) in [
        (SourceKind::Receipt, vec![id.0.clone()]),
        (SourceKind::Refund, refunds),
    ] {
        held += ledger::moved(db, kind, &ids, &Account::Unallocated)?
            .values()
            .sum::<i128>();
    }
    let amount = i64::try_from(held)
        .map_err(|_| StoreError::corrupt(format!("the book holds {held} for receipt {id}")))?;
    Ok(Money::new(Minor(amount), receipt.currency))
}
