//! Finding an order again: by its number and the email address or the order password, by a link
//! that is mailed to the address, by what was opened in this browser.

use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq;

use super::list::{self, rows};
use super::view::private;
use crate::app::App;
use crate::ids::OrderNo;
use crate::notify::Lang;
use crate::order;
use crate::random::{Derived, Random};
use crate::seal::Secret;
use crate::store::StoreError;
use crate::web::form::Form;
use crate::web::pages::failure::Failure;
use crate::web::pages::lookup::{LookupNote, LookupPage};
use crate::web::visitor::{Visitor, is_ours, query_value};
use crate::web::whole::whole;
use crate::web::{checkout, client, failure, order_cookie};

/// `GET /orders`
pub async fn lookup(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let order_no = query_value(&request, "no").unwrap_or_default();
    let note = match query_value(&request, "locked") {
        Some(_) => LookupNote::Locked,
        None => LookupNote::Nothing,
    };
    show(&request, &app, order_no, note).await
}

/// The page with what was typed; never a password.
pub(super) async fn show(
    request: &HttpRequest,
    app: &App,
    order_no: String,
    note: LookupNote,
) -> HttpResponse {
    let visitor = Visitor::of(request, app);
    let known = order_cookie::recent(request, app);
    let recent = match known.is_empty() {
        true => Ok(Vec::new()),
        false => app.store.read(move |db| list::by_ids(db, &known)).await,
    };
    let recent = match recent {
        Ok(recent) => rows(&visitor, &recent, |no| format!("/o/{no}")),
        Err(error) => return failure::store(request, app, &error),
    };
    let mut layout = visitor.layout(visitor.words().lookup_title());
    "/orders".clone_into(&mut layout.path);
    let page = LookupPage {
        layout,
        order_no,
        secret: String::new(),
        note,
        recent,
    };
    let mut response = failure::render(request, app, &visitor, &page);
    private(&mut response);
    response
}

/// `POST /orders`. An order with a password opens by its password alone, any other by the
/// address it was placed with; a miss says nothing about which part was wrong, and costs the
/// same. Without a number, a link goes to the address.
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
    if typed.trim().is_empty() {
        return send_link(&request, &app, &network, &secret).await;
    }
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
        return show(&request, &app, typed, LookupNote::Missed).await;
    };
    enter(&request, &app, &order).await
}

/// Leads to an order's page and lets this browser open it.
pub(super) async fn enter(request: &HttpRequest, app: &App, order: &order::Order) -> HttpResponse {
    match order_cookie::token_of(app, &order.id).await {
        Ok(token) => {
            let mut response = HttpResponse::SeeOther()
                .insert_header(("location", format!("/o/{}", order.order_no)))
                .finish();
            private(&mut response);
            order_cookie::set(&mut response, app, &order.order_no, &token);
            response
        }
        Err(error) => failure::store(request, app, &error),
    }
}

/// Promises a link to an address. The same is done, written and said whether or not it has
/// orders (X52): who reads its mail finds out.
async fn send_link(request: &HttpRequest, app: &App, network: &str, email: &str) -> HttpResponse {
    if checkout::check_email(email).is_err() {
        return show(request, app, String::new(), LookupNote::NoEmail).await;
    }
    let hash = order::email_hash(&app.sealer, email);
    if let Err(wait) = app.limits.link(network, &hash).await {
        return failure::too_many(request, app, wait);
    }
    let visitor = Visitor::of(request, app);
    let lang = Lang::of_tag(visitor.lang.tag());
    let (promises, now, store) = (app.promises(), app.clock.now(), app.store.clone());
    let random: &dyn Random = &*app.random;
    let seed: [u8; 32] = random.bytes();
    let promised = whole(async move {
        store
            .write(move |db| -> Result<(), StoreError> {
                promises.link(db, &Derived::from_seed(seed), &hash, lang, now)
            })
            .await
    });
    match promised.await {
        Ok(Ok(())) => show(request, app, String::new(), LookupNote::Sent).await,
        Ok(Err(error)) | Err(error) => failure::store(request, app, &error),
    }
}
