//! `GET /admin/requests/{id}`: what was said, beside the order it is about.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read::{Whole, open};
use crate::app::App;
use crate::money::{Minor, Money, MoneyError};
use crate::notify::masked;
use crate::order::Order;
use crate::payment;
use crate::request::{Author, LONGEST, MOST_MESSAGES, Message, Request, RequestState};
use crate::web::admin::{Frame, Section, SignedIn};
use crate::web::failure;
use crate::web::form::new_key;
use crate::web::layout::Stamp;
use crate::web::words::{Tag, request_tag, state_tag};

struct Said {
    staff: bool,
    by: String,
    at: Stamp,
    /// None = it does not open.
    text: Option<String>,
}

struct Other {
    id: String,
    about: &'static str,
    tag: Tag,
    at: Stamp,
}

/// The order beside the thread: its facts, and where something is done about it.
struct OrderCard {
    no: String,
    tag: Tag,
    amount: String,
    refunded: Option<String>,
    paid: Option<Stamp>,
    items: Vec<String>,
    email: Option<String>,
    goods: bool,
    refund: bool,
    resend: Option<String>,
}

/// What may be written into a thread now.
enum Form {
    /// An answer.
    Open,
    /// Nothing: it is as long as it may be.
    Full,
    /// Nothing: it is closed.
    Closed,
}

#[derive(Template)]
#[template(path = "admin/request.html")]
struct RequestPage {
    frame: Frame,
    id: String,
    about: &'static str,
    tag: Tag,
    asked: Stamp,
    changed: Stamp,
    closed: Option<Stamp>,
    messages: Vec<Said>,
    /// How many messages this page shows; goes back with its forms.
    seen: i64,
    form: Form,
    key: String,
    order: OrderCard,
    others: Vec<Other>,
    typed: String,
    wrong: Option<String>,
}

impl RequestPage {
    fn is_open(&self) -> bool {
        matches!(self.form, Form::Open)
    }

    fn is_closed(&self) -> bool {
        matches!(self.form, Form::Closed)
    }

    const fn longest(&self) -> usize {
        LONGEST
    }

    const fn most(&self) -> i64 {
        MOST_MESSAGES
    }
}

/// `GET /admin/requests/{id}`
pub async fn page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    show(&request, &app, &signed, &id, None).await
}

/// The page; with what was typed and why it was not taken, if it was not.
pub(super) async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    id: &str,
    refused: Option<(&str, String)>,
) -> HttpResponse {
    let whole = match open(request, app, id).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    let kind = whole.thread.request.kind;
    let frame = Frame::of(request, app, signed, Section::Requests, |w| {
        w.thread_title(w.thread_kind(kind))
    });
    let mut page = match fill(app, frame, &whole) {
        Ok(page) => page,
        Err(cause) => return failure::internal(request, app, &cause),
    };
    if let Some((typed, wrong)) = refused {
        typed.clone_into(&mut page.typed);
        page.wrong = Some(wrong);
    }
    let status = match page.wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

fn fill(app: &App, frame: Frame, seen: &Whole) -> Result<RequestPage, MoneyError> {
    let about = &seen.thread.request;
    let words = frame.w();
    let said = |message: &Message| Said {
        staff: message.author == Author::Staff,
        by: words.actor(&message.actor),
        at: frame.time(message.created_at),
        text: message.text(&app.sealer).ok(),
    };
    let other = |other: &Request| Other {
        id: other.id.to_string(),
        about: words.thread_kind(other.kind),
        tag: request_tag(other.state.as_str(), frame.lang),
        at: frame.time(other.created_at),
    };
    Ok(RequestPage {
        id: about.id.to_string(),
        about: words.thread_kind(about.kind),
        tag: request_tag(about.state.as_str(), frame.lang),
        asked: frame.time(about.created_at),
        changed: frame.time(about.changed_at),
        closed: about.closed_at.map(|at| frame.time(at)),
        messages: seen.thread.messages.iter().map(said).collect(),
        seen: about.messages,
        form: match about.state {
            RequestState::Closed => Form::Closed,
            _ if about.messages >= MOST_MESSAGES => Form::Full,
            _ => Form::Open,
        },
        key: new_key(&*app.random),
        order: order_card(app, &frame, seen)?,
        others: seen.others.iter().map(other).collect(),
        typed: String::new(),
        wrong: None,
        frame,
    })
}

/// The facts an answer needs, and the steps that are possible.
fn order_card(app: &App, frame: &Frame, seen: &Whole) -> Result<OrderCard, MoneyError> {
    let order = &seen.order;
    let email = app
        .sealer
        .open_text(&order.email, &Order::email_place(&order.id));
    let refunded = Money::new(order.refunded_amount, order.currency);
    Ok(OrderCard {
        no: order.order_no.to_string(),
        tag: state_tag(order.state.as_str(), frame.lang),
        amount: order.money().display(),
        refunded: (refunded.amount > Minor::ZERO).then(|| refunded.display()),
        paid: order.paid_at.map(|at| frame.time(at)),
        items: seen
            .items
            .iter()
            .map(|item| {
                let name = frame.pick(&item.name_zh, &item.name_en);
                format!("{name} × {}/{}", item.delivered, item.quantity)
            })
            .collect(),
        email: email.ok().map(|email| masked(&email)),
        goods: seen.items.iter().any(|item| item.delivered > 0),
        refund: payment::refundable(order, &seen.items, &seen.refunds)?.is_ok(),
        resend: seen.goods_mail.as_ref().map(|mail| mail.id.to_string()),
    })
}
