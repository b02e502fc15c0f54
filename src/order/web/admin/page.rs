//! `GET /admin/orders/{no}`: one order with all that happened to it.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::masked;
use super::parts::{
    self, AttemptRow, CaseRow, Happened, Leg, MailRow, ReceiptRow, RefundRow, RequestRow, UnitRow,
    stamp,
};
use super::read::{Whole, open};
use crate::app::App;
use crate::case::CaseKind;
use crate::catalog::Delivery;
use crate::money::{Minor, Money, MoneyError};
use crate::order::{Order, State};
use crate::payment::{self, Refundable, Why};
use crate::web::admin::{Frame, Section, SignedIn};
use crate::web::ask::may_hold_money;
use crate::web::failure;
use crate::web::layout::{Fact, Stamp};
use crate::web::words::{Tag, state_tag};

struct ItemRow {
    name: String,
    how: &'static str,
    unit_price: String,
    quantity: i64,
    delivered: i64,
    sum: String,
}

/// What the buyer paid, and what became of it.
struct Sums {
    paid: String,
    refunded: String,
    on_its_way: Option<String>,
    open: String,
}

/// What can be done now: where, and what the link says.
struct Act {
    url: String,
    text: &'static str,
    danger: bool,
}

#[derive(Template)]
#[template(path = "admin/order.html")]
struct OrderPage {
    frame: Frame,
    no: String,
    tag: Tag,
    email: Option<String>,
    locale: String,
    placed: Stamp,
    expires: Stamp,
    paid: Option<Stamp>,
    delivered: Option<Stamp>,
    answers: Option<Vec<Fact>>,
    items: Vec<ItemRow>,
    amount: String,
    sums: Sums,
    acts: Vec<Act>,
    no_refund: Option<&'static str>,
    timeline: Vec<Happened>,
    attempts: Vec<AttemptRow>,
    receipts: Vec<ReceiptRow>,
    refunds: Vec<RefundRow>,
    units: Vec<UnitRow>,
    more_units: usize,
    mails: Vec<MailRow>,
    journal: Vec<Leg>,
    cases: Vec<CaseRow>,
    requests: Vec<RequestRow>,
}

/// `GET /admin/orders/{no}`
pub async fn page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let whole = match open(&request, &app, &no).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    let title_no = whole.order.order_no.to_string();
    let frame = Frame::of(&request, &app, &signed, Section::Orders, |w| {
        w.order_page_title(&title_no)
    });
    match fill(&app, frame, &whole) {
        Ok(page) => page.frame.show(&request, &app, &page),
        Err(cause) => failure::internal(&request, &app, &cause),
    }
}

fn fill(app: &App, frame: Frame, whole: &Whole) -> Result<OrderPage, MoneyError> {
    let order = &whole.order;
    let refundable = payment::refundable(order, &whole.items, &whole.refunds)?;
    let (units, more_units) = parts::units(app, &frame, whole);
    Ok(OrderPage {
        no: order.order_no.to_string(),
        tag: state_tag(order.state.as_str(), frame.lang),
        email: email(app, order).map(|email| masked(&email)),
        locale: order.locale.clone(),
        placed: frame.time(order.created_at),
        expires: frame.time(order.expires_at),
        paid: stamp(&frame, order.paid_at),
        delivered: stamp(&frame, order.delivered_at),
        answers: answers(app, &frame, whole),
        items: items(&frame, whole),
        amount: order.money().display(),
        sums: sums(whole, refundable)?,
        acts: acts(&frame, whole, refundable),
        no_refund: refundable.err().map(|why| frame.w().why(why)),
        timeline: parts::timeline(&frame, whole),
        attempts: parts::attempts(&frame, whole),
        receipts: parts::receipts(&frame, whole),
        refunds: parts::refunds(&frame, whole),
        units,
        more_units,
        mails: parts::mails(&frame, whole),
        journal: parts::journal(&frame, whole),
        cases: parts::cases(&frame, whole),
        requests: parts::requests(&frame, whole),
        frame,
    })
}

/// The buyer's address, opened; none = it does not open.
pub(super) fn email(app: &App, order: &Order) -> Option<String> {
    let place = Order::email_place(&order.id);
    app.sealer.open_text(&order.email, &place).ok()
}

fn items(frame: &Frame, whole: &Whole) -> Vec<ItemRow> {
    let words = frame.w();
    let money = |amount| Money::new(amount, whole.order.currency).display();
    whole
        .items
        .iter()
        .map(|item| ItemRow {
            name: frame.pick(&item.name_zh, &item.name_en).to_owned(),
            how: match item.delivery {
                Delivery::Manual => words.delivery_manual(),
                Delivery::CardPool | Delivery::Reusable => words.delivery_automatic(),
            },
            unit_price: money(item.unit_price),
            quantity: item.quantity,
            delivered: item.delivered,
            sum: money(item.amount),
        })
        .collect()
}

/// What the buyer wrote into the form, under the product's questions as far as it still asks
/// them; none = it does not open.
fn answers(app: &App, frame: &Frame, whole: &Whole) -> Option<Vec<Fact>> {
    let Some(sealed) = &whole.order.fields else {
        return Some(Vec::new());
    };
    let place = Order::fields_place(&whole.order.id);
    let text = app.sealer.open_text(sealed, &place).ok()?;
    let given: BTreeMap<String, String> = serde_json::from_str(&text).ok()?;
    let label = |key: &str| {
        let field = whole.asked.iter().find(|field| field.key == key);
        field
            .map_or(key, |field| frame.pick(&field.label_zh, &field.label_en))
            .to_owned()
    };
    let told = given.into_iter().map(|(key, value)| Fact {
        label: label(&key),
        value,
    });
    Some(told.collect())
}

fn sums(whole: &Whole, refundable: Result<Refundable, Why>) -> Result<Sums, MoneyError> {
    let order = &whole.order;
    let money = |amount| Money::new(amount, order.currency).display();
    let on_its_way = whole
        .refunds
        .iter()
        .filter(|refund| refund.is_of_the_order() && !refund.state.is_final())
        .map(|refund| refund.amount);
    let on_its_way = Minor::sum(on_its_way)?;
    let open = match refundable {
        Ok(Refundable::Owed { whole, .. }) => whole,
        Ok(Refundable::Delivered { left, .. }) => left,
        _ => Minor::ZERO,
    };
    Ok(Sums {
        paid: money(match order.paid_at {
            Some(_) => order.amount,
            None => Minor::ZERO,
        }),
        refunded: money(order.refunded_amount),
        on_its_way: (on_its_way > Minor::ZERO).then(|| money(on_its_way)),
        open: money(open),
    })
}

fn acts(frame: &Frame, whole: &Whole, refundable: Result<Refundable, Why>) -> Vec<Act> {
    let (words, order) = (frame.w(), &whole.order);
    let at = |rest: &str| format!("/admin/orders/{}/{rest}", order.order_no);
    let act = |url, text, danger| Act { url, text, danger };
    let mut acts = Vec::new();
    let askable = matches!(
        order.state,
        State::PendingPayment | State::Expired | State::Cancelled
    );
    if askable && whole.attempts.iter().any(may_hold_money) {
        acts.push(act(at("ask"), words.order_ask(), false));
    }
    if order.state.owes_goods()
        && let Some(case) = by_hand(whole)
    {
        let url = format!("/admin/cases/{case}/deliver");
        acts.push(act(url, words.order_deliver(), false));
    }
    match refundable {
        Ok(Refundable::Nothing) => acts.push(act(at("refund"), words.refund_end_title(), true)),
        Ok(_) => acts.push(act(at("refund"), words.refund_title(), true)),
        Err(_) => {}
    }
    if order.state == State::PendingPayment {
        acts.push(act(at("cancel"), words.order_cancel(), true));
    }
    acts
}

/// The open case of an order with units that a person delivers.
fn by_hand(whole: &Whole) -> Option<&str> {
    let owed = whole
        .items
        .iter()
        .any(|item| item.delivery == Delivery::Manual && item.delivered < item.quantity);
    let case = whole
        .cases
        .iter()
        .find(|case| case.kind == CaseKind::NoStock && case.state == "open");
    case.filter(|_| owed).map(|case| case.id.as_str())
}
