//! Finding an order again: its number, and the email address or the order password.

use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq;

use super::view::private;
use crate::app::App;
use crate::ids::OrderNo;
use crate::order;
use crate::seal::Secret;
use crate::web::form::Form;
use crate::web::pages::failure::Failure;
use crate::web::pages::lookup::LookupPage;
use crate::web::visitor::{Visitor, is_ours, query_value};
use crate::web::{checkout, client, failure, order_cookie};

/// `GET /orders`
pub async fn lookup(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let order_no = query_value(&request, "no").unwrap_or_default();
    show(&request, &app, order_no, false)
}

fn show(request: &HttpRequest, app: &App, order_no: String, missed: bool) -> HttpResponse {
    let visitor = Visitor::of(request, app);
    let page = LookupPage {
        layout: visitor.layout(visitor.words().lookup_title()),
        order_no,
        secret: String::new(),
        missed,
        recent: Vec::new(),
    };
    let mut response = failure::render(request, app, &visitor, &page);
    private(&mut response);
    response
}

/// `POST /orders`. An order with a password opens by its password alone, any other by the
/// address it was placed with; a miss says nothing about which part was wrong, and costs the
/// same.
pub async fn find(request: HttpRequest, app: web::Data<App>, body: web::Bytes) -> HttpResponse {
    let Ok(form) = Form::parse(&body) else {
        return failure::page(&request, &app, Failure::BadRequest, None);
    };
    if !is_ours(&request, &app, &form) {
        return failure::page(&request, &app, Failure::Forbidden, None);
    }
    // Before the password is looked at, which takes a whole core.
    let network = client::network(&request, &app.config);
    if let Err(wait) = app.limits.lookup(&network).await {
        return failure::too_many(&request, &app, wait);
    }
    let typed = form.get("order_no").to_owned();
    let secret = form.get("secret").trim().to_owned();
    let parsed: Option<OrderNo> = typed.parse().ok();
    let found = match parsed {
        Some(no) => app.store.read(move |db| order::store::by_no(db, &no)).await,
        None => Ok(None),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let by_email = found.as_ref().is_some_and(|order| {
        let hash = order::email_hash(&app.sealer, &secret);
        order.password_hash.is_none()
            && bool::from(hash.as_bytes().ct_eq(order.email_hash.as_bytes()))
    });
    let by_password = match checkout::is_password(found.as_ref(), Secret::new(secret)).await {
        Ok(is) => is,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let Some(order) = found.filter(|_| by_email || by_password) else {
        return show(&request, &app, typed, true);
    };
    match order_cookie::token_of(&app, &order.id).await {
        Ok(token) => {
            let mut response = HttpResponse::SeeOther()
                .insert_header(("location", format!("/o/{}", order.order_no)))
                .finish();
            private(&mut response);
            order_cookie::set(&mut response, &app, &order.order_no, &token);
            response
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}
