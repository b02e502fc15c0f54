//! Lists of orders: those of an address that proved itself by a mailed link, and those of this
//! browser. A list shows no goods; each order opens by itself.

use actix_web::{HttpRequest, HttpResponse, web};

use super::lookup::{enter, show};
use super::view::private;
use crate::app::App;
use crate::ids::{OrderId, OrderNo};
use crate::notify::masked;
use crate::order::{self, Item, Order, Proof};
use crate::store::{Db, StoreError};
use crate::web::pages::lookup::LookupNote;
use crate::web::pages::orders::{OrderRow, OrdersPage};
use crate::web::visitor::{Visitor, query_value};
use crate::web::words::state_tag;
use crate::web::{failure, order_cookie};

/// Orders on one page.
const ON_A_PAGE: i64 = 20;

/// An order with its lines.
pub(super) type Listed = (Order, Vec<Item>);

/// The orders with these ids, as far as they are there, in this order.
pub(super) fn by_ids(db: &mut Db, ids: &[OrderId]) -> Result<Vec<Listed>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(order) = order::store::find(db, id)? {
            let items = order::store::items(db, id)?;
            found.push((order, items));
        }
    }
    Ok(found)
}

/// Their rows; `url` leads to one.
pub(super) fn rows(
    visitor: &Visitor,
    listed: &[Listed],
    url: impl Fn(&OrderNo) -> String,
) -> Vec<OrderRow> {
    let row = |(order, items): &Listed| OrderRow {
        url: url(&order.order_no),
        order_no: order.order_no.to_string(),
        item: items.first().map_or_else(String::new, |item| {
            let name = visitor.pick(&item.name_zh, &item.name_en);
            format!("{name} × {}", item.quantity)
        }),
        amount: order.money().display(),
        placed: visitor.stamp(order.created_at),
        state: state_tag(order.state.as_str(), visitor.lang),
    };
    listed.iter().map(row).collect()
}

/// `GET /orders/mine`: the orders of an address. A `?link=` of a mail moves into a cookie and out
/// of the address; what is too old leads back to the look-up.
pub async fn mine(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if let Some(link) = query_value(&request, "link") {
        let Some(proof) = Proof::opened(&app.sealer, &link, app.clock.now()) else {
            return show(&request, &app, String::new(), LookupNote::LinkOver).await;
        };
        let mut response = to("/orders/mine");
        order_cookie::prove(&mut response, &app, &link, &proof);
        return response;
    }
    let Some(proof) = order_cookie::proof(&request, &app) else {
        return to("/orders");
    };
    // What is no id is no place in the list.
    let before = query_value(&request, "before")
        .filter(|id| uuid::Uuid::parse_str(id).is_ok())
        .map(OrderId);
    let found = app.store.read(move |db| -> Result<_, StoreError> {
        let hash = proof.email_hash;
        let orders = order::store::of_email(db, &hash, before.as_ref(), ON_A_PAGE + 1)?;
        let ids: Vec<OrderId> = orders.into_iter().map(|order| order.id).collect();
        by_ids(db, &ids)
    });
    let mut listed = match found.await {
        Ok(listed) => listed,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let on_a_page = usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX);
    let more = listed.len() > on_a_page;
    listed.truncate(on_a_page);
    let last = listed.last().filter(|_| more);
    let visitor = Visitor::of(&request, &app);
    let email = listed.first().and_then(|(order, _)| {
        let place = Order::email_place(&order.id);
        app.sealer.open_text(&order.email, &place).ok()
    });
    let page = OrdersPage {
        layout: visitor.layout(visitor.words().orders_title()),
        email: email.map(|email| masked(&email)),
        orders: rows(&visitor, &listed, |no| format!("/orders/mine/{no}")),
        older_url: last.map(|(order, _)| format!("/orders/mine?before={}", order.id)),
    };
    let mut response = failure::render(&request, &app, &visitor, &page);
    private(&mut response);
    response
}

/// `GET /orders/mine/{order_no}`: opens one of them. An order with a password asks for it all the
/// same; one of another address is not there.
pub async fn enter_mine(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
) -> HttpResponse {
    let Some(proof) = order_cookie::proof(&request, &app) else {
        return to("/orders");
    };
    let Ok(no) = no.parse::<OrderNo>() else {
        return failure::not_found(&request, &app);
    };
    let found = app.store.read(move |db| order::store::by_no(db, &no)).await;
    match found {
        Ok(Some(order)) if order.email_hash == proof.email_hash => match order.password_hash {
            Some(_) => to(&format!("/orders?no={}&locked=1", order.order_no)),
            None => enter(&request, &app, &order).await,
        },
        Ok(_) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn to(path: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther()
        .insert_header(("location", path.to_owned()))
        .finish();
    private(&mut response);
    response
}
