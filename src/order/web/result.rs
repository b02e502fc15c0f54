//! What became of an order: the goods first, or what happens next.

use actix_web::{HttpRequest, HttpResponse};

use super::request::requests;
use super::unopened;
use super::view::{Seen, facts, given};
use crate::app::App;
use crate::clock::MINUTE;
use crate::delivery::Content;
use crate::ids::RequestId;
use crate::money::Money;
use crate::order::{Order, State};
use crate::refund::{Refund, RefundState};
use crate::request::RequestKind;
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::pages::result::{Again, OrderState, RefundFact, ResultPage, Unit, Unopened};
use crate::web::visitor::{Visitor, query_value};

/// Units on one page; the download holds all.
const SHOWN: usize = 50;

/// What the buyer wrote and could not be taken.
pub(super) struct Wrong {
    /// In which request; none = a new one.
    pub(super) about: Option<RequestId>,
    /// What a new one is about.
    pub(super) kind: Option<RequestKind>,
    /// The words.
    pub(super) typed: String,
    /// What is wrong with them.
    pub(super) text: String,
}

/// The result page, with what could not be taken.
pub(super) async fn show(
    request: &HttpRequest,
    app: &App,
    visitor: &Visitor,
    seen: &Seen,
    wrong: Option<&Wrong>,
) -> HttpResponse {
    let told = unopened::tell(app, seen).await;
    let page = page(request, app, visitor, seen, (wrong, told));
    failure::render(request, app, visitor, &page)
}

fn page(
    request: &HttpRequest,
    app: &App,
    visitor: &Visitor,
    seen: &Seen,
    (wrong, told): (Option<&Wrong>, bool),
) -> ResultPage {
    let order = &seen.order;
    let words = visitor.words();
    let units = units(app, visitor, seen);
    let shut = units.iter().filter(|unit| unit.content.is_none()).count();
    let bought: i64 = seen.items.iter().map(|item| item.quantity).sum();
    let delivered: i64 = seen.items.iter().map(|item| item.delivered).sum();
    let facts = facts(app, visitor, seen);
    let given_up = |refund: &&Refund| refund.state == RefundState::Failed;
    let going = seen.refunds.iter().rev().find(|refund| !given_up(refund));
    let refund = going.map(|refund| RefundFact {
        amount: Money::new(refund.amount, refund.currency).display(),
        route: words.refund_route(&facts.method.clone().unwrap_or_default()),
        at: Some(visitor.stamp(refund.changed_at)),
    });
    let state = OrderState::from_code(order.state.as_str());
    let title = crate::web::words::state_tag(order.state.as_str(), visitor.lang).text;
    let mut layout = visitor.layout(&title);
    let order_path = format!("/o/{}", order.order_no);
    let pages = units.len().div_ceil(SHOWN).max(1);
    let asked = query_value(request, "page").and_then(|page| page.parse().ok());
    let at: usize = asked.unwrap_or(1).clamp(1, pages);
    let leaf = |page: usize| match page {
        1 => String::new(),
        page => format!("?page={page}"),
    };
    // Whatever led here, the other language is that of the order's own page.
    layout.path = format!("{order_path}{}", leaf(at));
    ResultPage {
        layout,
        order_query: String::new(),
        notice: query_value(request, "checked")
            .filter(|_| matches!(state, OrderState::Expired | OrderState::Cancelled))
            .map(|_| words.check_pending().to_owned()),
        state,
        noun: seen.noun,
        goods_total: u64::try_from(units.len()).unwrap_or(0),
        unopened: (shut > 0).then(|| Unopened {
            units: u64::try_from(shut).unwrap_or(0),
            told,
        }),
        goods_before: u64::try_from((at - 1) * SHOWN).unwrap_or(0),
        previous_url: (at > 1).then(|| format!("{order_path}{}", leaf(at - 1))),
        next_url: (at < pages).then(|| format!("{order_path}{}", leaf(at + 1))),
        goods: units
            .into_iter()
            .skip((at - 1) * SHOWN)
            .take(SHOWN)
            .collect(),
        missing: u64::try_from(bought - delivered).unwrap_or(0),
        usage: usage(visitor, seen),
        expected: expected(app, visitor, seen),
        refund,
        again: again(app, seen),
        requests: requests(app, visitor, seen, wrong),
        order_path,
        waited_minutes: u64::try_from((order.expires_at - order.created_at) / MINUTE).unwrap_or(0),
        facts,
    }
}

/// The form that fills the checkout in again, as it was, without placing anything.
fn again(app: &App, seen: &Seen) -> Option<Again> {
    let slug = seen.again.as_ref()?;
    let item = seen.items.first()?;
    let place = Order::email_place(&seen.order.id);
    let email = app.sealer.open_text(&seen.order.email, &place).ok();
    let mut fields = vec![
        ("update".to_owned(), "1".to_owned()),
        ("variant".to_owned(), item.variant_id.to_string()),
        ("quantity".to_owned(), item.quantity.to_string()),
        ("email".to_owned(), email.unwrap_or_default()),
    ];
    if let Some(attempt) = seen.attempts.last() {
        fields.push(("method".to_owned(), attempt.method.to_string()));
    }
    let given = given(app, &seen.order).into_iter();
    fields.extend(given.map(|(key, value)| (format!("field_{key}"), value)));
    Some(Again {
        action: format!("/p/{slug}"),
        fields,
    })
}

/// Until when a person has promised the goods; nothing once they are there or the time is over.
fn expected(app: &App, visitor: &Visitor, seen: &Seen) -> Option<Stamp> {
    let waits = matches!(
        seen.order.state,
        State::Delivering | State::PartiallyDelivered
    );
    let by = seen.order.paid_at? + seen.promised_minutes * MINUTE;
    (waits && seen.promised_minutes > 0 && by > app.clock.now()).then(|| visitor.stamp(by))
}

fn usage(visitor: &Visitor, seen: &Seen) -> Option<String> {
    let (zh, en) = seen.usage.as_ref()?;
    let text = visitor.pick(zh, en);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The delivered units, opened as far as they open.
pub(super) fn units(app: &App, visitor: &Visitor, seen: &Seen) -> Vec<Unit> {
    let many = seen.items.len() > 1;
    let unit = |content: &Content| {
        let item = seen.items.iter().find(|item| item.id == content.item_id);
        Unit {
            label: item
                .filter(|_| many)
                .map(|item| visitor.pick(&item.name_zh, &item.name_en).to_owned()),
            content: content.open(&app.sealer).ok().map(|unit| unit.content),
        }
    };
    seen.goods.iter().map(unit).collect()
}
