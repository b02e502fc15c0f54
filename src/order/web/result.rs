//! What became of an order: the goods first, or what happens next.

use super::view::{Seen, facts};
use crate::app::App;
use crate::clock::MINUTE;
use crate::delivery;
use crate::money::Money;
use crate::order::State;
use crate::refund::{Refund, RefundState};
use crate::seal::SealError;
use crate::web::layout::Stamp;
use crate::web::pages::result::{OrderState, RefundFact, ResultPage, Unit};
use crate::web::visitor::Visitor;
use crate::web::words::Lang;

/// Units shown on the page; the download holds all.
const SHOWN: usize = 100;

/// Fills the result page.
pub(super) fn page(app: &App, visitor: &Visitor, seen: &Seen) -> Result<ResultPage, SealError> {
    let order = &seen.order;
    let words = visitor.words();
    let units = units(app, visitor, seen)?;
    let bought: i64 = seen.items.iter().map(|item| item.quantity).sum();
    let delivered: i64 = seen.items.iter().map(|item| item.delivered).sum();
    let facts = facts(app, visitor, seen);
    let given_up = |refund: &&Refund| refund.state == RefundState::Failed;
    let going = seen.refunds.iter().rev().find(|refund| !given_up(refund));
    let refund = going.map(|refund| {
        let zone = visitor.zone();
        RefundFact {
            amount: Money::new(refund.amount, refund.currency).display(),
            route: words.refund_route(&facts.method.clone().unwrap_or_default()),
            at: Some(Stamp {
                iso: crate::zone::iso(refund.changed_at),
                human: zone.date_time(refund.changed_at, visitor.lang == Lang::Zh),
            }),
        }
    });
    let state = OrderState::from_code(order.state.as_str());
    let title = crate::web::words::state_tag(order.state.as_str(), visitor.lang).text;
    let mut layout = visitor.layout(&title);
    layout.no_index = true;
    Ok(ResultPage {
        layout,
        order_path: format!("/o/{}", order.order_no),
        order_query: String::new(),
        state,
        notice: None,
        noun: seen.noun,
        goods_total: u64::try_from(units.len()).unwrap_or(0),
        goods: units.into_iter().take(SHOWN).collect(),
        missing: u64::try_from(bought - delivered).unwrap_or(0),
        usage: usage(visitor, seen),
        expected: expected(app, visitor, seen),
        refund,
        may_refund: false,
        again_url: seen.again.clone().map(|slug| format!("/p/{slug}")),
        waited_minutes: u64::try_from((order.expires_at - order.created_at) / MINUTE).unwrap_or(0),
        facts,
    })
}

/// Until when a person has promised the goods; nothing once they are there or the time is over.
fn expected(app: &App, visitor: &Visitor, seen: &Seen) -> Option<Stamp> {
    let waits = matches!(
        seen.order.state,
        State::Delivering | State::PartiallyDelivered
    );
    let by = seen.order.paid_at? + seen.promised_minutes * MINUTE;
    (waits && seen.promised_minutes > 0 && by > app.clock.now()).then(|| Stamp {
        iso: crate::zone::iso(by),
        human: visitor.zone().date_time(by, visitor.lang == Lang::Zh),
    })
}

fn usage(visitor: &Visitor, seen: &Seen) -> Option<String> {
    let (zh, en) = seen.usage.as_ref()?;
    let text = visitor.pick(zh, en);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The delivered units, opened.
pub(super) fn units(app: &App, visitor: &Visitor, seen: &Seen) -> Result<Vec<Unit>, SealError> {
    let many = seen.items.len() > 1;
    Ok(delivery::open_all(&app.sealer, &seen.goods)?
        .into_iter()
        .map(|unit| {
            let item = seen.items.iter().find(|item| item.id == unit.item_id);
            Unit {
                label: item
                    .filter(|_| many)
                    .map(|item| visitor.pick(&item.name_zh, &item.name_en).to_owned()),
                content: unit.content,
            }
        })
        .collect())
}
