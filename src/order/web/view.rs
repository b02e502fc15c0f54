//! `GET /o/{order_no}`: who may see an order, and which of its two pages they get.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{cashier, result};
use crate::app::App;
use crate::catalog;
use crate::delivery::Content;
use crate::ids::{OrderNo, ViewToken};
use crate::notify::masked;
use crate::order::{self, Item, Order, State};
use crate::payment::{self, Attempt};
use crate::refund::{self, Refund};
use crate::request::{self, Thread};
use crate::store::{Db, StoreError};
use crate::web::visitor::{Visitor, query_value};
use crate::web::{checkout, client, failure, layout, order_cookie};

/// An order with all its pages show.
pub(super) struct Seen {
    pub(super) order: Order,
    pub(super) items: Vec<Item>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) refunds: Vec<Refund>,
    pub(super) goods: Vec<Content>,
    /// How to use the goods: 中文, English.
    pub(super) usage: Option<(String, String)>,
    /// Goods that a person prepares are promised within so many minutes; 0 = nothing is promised.
    pub(super) promised_minutes: i64,
    /// What the goods are called.
    pub(super) noun: layout::Noun,
    /// What the product asked the buyer.
    asked: Vec<catalog::Field>,
    /// The slug of the product, where it is still on sale: to order again.
    pub(super) again: Option<String>,
    /// What was asked about it after it was paid.
    pub(super) requests: Vec<Thread>,
}

/// Opens an order for whoever holds one of its tokens. The same work is done whether or not the
/// order exists. Misses are rationed, and never delay whoever has a token that opens (X12).
pub(super) async fn open(request: &HttpRequest, app: &App, no: &str) -> Result<Seen, HttpResponse> {
    let token = order_cookie::token(request);
    let no: Option<OrderNo> = no.parse().ok().filter(|n: &OrderNo| n.as_str() == no);
    let (Some(no), Some(token)) = (no, token) else {
        return Err(miss(request, app).await);
    };
    let hash = token.hash();
    let seen = match app.store.read(move |db| read(db, &no, &hash)).await {
        Ok(Some(seen)) => seen,
        Ok(None) => return Err(miss(request, app).await),
        Err(error) => return Err(failure::store(request, app, &error)),
    };
    let network = client::network(request, &app.config);
    match app.limits.status(&network).await {
        Ok(()) => Ok(seen),
        Err(wait) => Err(failure::too_many(request, app, wait)),
    }
}

/// The answer to a number and a token that open nothing.
async fn miss(request: &HttpRequest, app: &App) -> HttpResponse {
    let network = client::network(request, &app.config);
    match app.limits.lookup(&network).await {
        Ok(()) => failure::not_found(request, app),
        Err(wait) => failure::too_many(request, app, wait),
    }
}

fn read(db: &mut Db, no: &OrderNo, hash: &str) -> Result<Option<Seen>, StoreError> {
    let Some(order) = order::store::by_token(db, no, hash)? else {
        return Ok(None);
    };
    let items = order::store::items(db, &order.id)?;
    let product = match items.first() {
        Some(item) => Some(catalog::store::product_by_id(db, &item.product_id)?),
        None => None,
    };
    Ok(Some(Seen {
        promised_minutes: product.as_ref().map_or(0, |p| p.promised_minutes),
        noun: product
            .as_ref()
            .map_or(layout::Noun::Goods, |p| layout::Noun::by_icon(&p.picture)),
        asked: product
            .as_ref()
            .and_then(|p| p.asks().ok())
            .unwrap_or_default(),
        again: product
            .as_ref()
            .filter(|p| p.state == catalog::OnOff::On)
            .map(|p| p.slug.clone()),
        requests: match order.paid_at {
            Some(_) => request::store::of_order(db, &order.id)?,
            None => Vec::new(),
        },
        usage: product.map(|p| (p.usage_zh, p.usage_en)),
        items,
        attempts: payment::store::attempts_of(db, &order.id)?,
        refunds: refund::store::of_order(db, &order.id)?,
        goods: if order.shows_goods() {
            crate::delivery::store::of_order(db, &order.id)?
        } else {
            Vec::new()
        },
        order,
    }))
}

/// `GET /o/{order_no}`. A `?token=` of a mailed link moves into the cookie and out of the
/// address.
pub async fn order(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
) -> HttpResponse {
    if let Some(token) = query_value(&request, "token") {
        return take_token(&request, &app, &no, &token).await;
    }
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let visitor = Visitor::of(&request, &app);
    if let Err(error) = checkout::page_is_open(&app, &seen.order).await {
        tracing::warn!(cause = %error, "an open page could not hasten its polls");
    }
    let mut response = match seen.order.state {
        State::PendingPayment => {
            let page = cashier::page(&request, &app, &visitor, &seen);
            failure::render(&request, &app, &visitor, &page)
        }
        _ => result::show(&request, &app, &visitor, &seen, None).await,
    };
    private(&mut response);
    order_cookie::remember(&mut response, &request, &app, &seen.order.id);
    response
}

async fn take_token(request: &HttpRequest, app: &App, no: &str, token: &str) -> HttpResponse {
    let parsed: Option<OrderNo> = no.parse().ok();
    let (Some(no), Some(token)) = (parsed, ViewToken::from_client(token)) else {
        return miss(request, app).await;
    };
    let mut response = HttpResponse::SeeOther()
        .insert_header(("location", format!("/o/{no}")))
        .finish();
    private(&mut response);
    order_cookie::set(&mut response, app, &no, &token);
    response
}

/// Pages of orders are nobody's to keep.
pub(super) fn private(response: &mut HttpResponse) {
    use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The facts beside every page of an order.
pub(super) fn facts(app: &App, visitor: &Visitor, seen: &Seen) -> layout::OrderFacts {
    let order = &seen.order;
    let stamp = |at| visitor.stamp(at);
    let email = app
        .sealer
        .open_text(&order.email, &Order::email_place(&order.id))
        .ok()
        .map(|email| masked(&email));
    layout::OrderFacts {
        order_no: order.order_no.to_string(),
        items: seen
            .items
            .iter()
            .map(|item| {
                format!(
                    "{} × {}",
                    visitor.pick(&item.name_zh, &item.name_en),
                    item.quantity
                )
            })
            .collect(),
        email,
        amount: Some(order.money().display()),
        method: seen
            .attempts
            .last()
            .and_then(|attempt| crate::web::words::Method::parse(attempt.method.as_str()))
            .map(|method| method.name(visitor.lang).to_owned()),
        placed: Some(stamp(order.created_at)),
        paid: order.paid_at.map(stamp),
        more: answers(app, visitor, seen),
    }
}

/// What the buyer answered when ordering, by key.
pub(super) fn given(app: &App, order: &Order) -> BTreeMap<String, String> {
    let place = Order::fields_place(&order.id);
    let sealed = order.fields.as_ref();
    sealed
        .and_then(|sealed| app.sealer.open_text(sealed, &place).ok())
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default()
}

/// The same, as far as the product still asks it.
fn answers(app: &App, visitor: &Visitor, seen: &Seen) -> Vec<layout::Fact> {
    let given = given(app, &seen.order);
    let told = seen.asked.iter().filter_map(|field| {
        Some(layout::Fact {
            label: visitor.pick(&field.label_zh, &field.label_en).to_owned(),
            value: given.get(&field.key)?.clone(),
        })
    });
    told.collect()
}
