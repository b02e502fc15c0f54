//! What a buyer can do on an order's page: pay another way, check, cancel, download.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::result::units;
use super::view::{Seen, open, private};
use crate::app::App;
use crate::channel::Method;
use crate::order::State;
use crate::payment::{self, Source};
use crate::web::ask::{ask_now, still_good};
use crate::web::form::Form;
use crate::web::pages::failure::Failure;
use crate::web::visitor::{Visitor, is_ours};
use crate::web::whole::whole;
use crate::web::{checkout, client, failure};

/// Reads the form of an order's page and opens the order; every such form is checked the same.
pub(super) async fn begin(
    request: &HttpRequest,
    app: &App,
    no: &str,
    body: &[u8],
) -> Result<(Seen, Form), HttpResponse> {
    let Ok(form) = Form::parse(body) else {
        return Err(failure::page(request, app, Failure::BadRequest, None));
    };
    if !is_ours(request, app, &form) {
        return Err(failure::page(request, app, Failure::Forbidden, None));
    }
    Ok((open(request, app, no).await?, form))
}

pub(super) fn back(seen: &Seen, query: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther()
        .insert_header(("location", format!("/o/{}{query}", seen.order.order_no)))
        .finish();
    private(&mut response);
    response
}

/// Does what was asked for to its end, also when the buyer closes the page meanwhile.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, payment::Error>> + Send + 'static,
) -> Result<T, payment::Error> {
    whole(work).await?
}

/// Asks the channels about the order.
async fn asked(app: &Arc<App>, seen: &Seen, source: Source) -> Result<(), payment::Error> {
    let (shop, order) = (Arc::clone(app), seen.order.clone());
    to_the_end(async move { ask_now(&shop, &order, source).await }).await
}

fn failed(request: &HttpRequest, app: &App, error: payment::Error) -> HttpResponse {
    match error {
        payment::Error::Store(error) => failure::store(request, app, &error),
        payment::Error::TooManyAttempts => failure::page(request, app, Failure::TooMany, None),
        payment::Error::NotPayable => failure::page(request, app, Failure::Gone, None),
        other => failure::internal(request, app, &other),
    }
}

/// `POST /o/{order_no}/attempts`: pay by another method; the old attempt stays payable.
pub async fn attempts(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let (seen, form) = match begin(&request, &app, &no, &body).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let method = match form.get("method") {
        "recommended" => None,
        asked => match Method::parse(asked) {
            Some(method) => Some(method),
            None => return failure::page(&request, &app, Failure::BadRequest, None),
        },
    };
    // A second click while the first attempt is still open shows that one (R140).
    if still_good(&seen.attempts, method, app.clock.now()).is_some() {
        return back(&seen, "");
    }
    let buyer = client::buyer(&request, &app.config);
    let network = client::network_of(buyer.ip);
    if let Err(wait) = app.limits.placement(&network, &seen.order.email_hash).await {
        return failure::too_many(&request, &app, wait);
    }
    let (shop, order) = (Arc::clone(&app), seen.order.clone());
    match to_the_end(async move { checkout::pay(&shop, &order, method, buyer).await }).await {
        Ok(_) | Err(payment::Error::NoChannel | payment::Error::NotPayable) => back(&seen, ""),
        Err(error) => failed(&request, &app, error),
    }
}

/// `POST /o/{order_no}/check`: "I have paid".
pub async fn check(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let (seen, _) = match begin(&request, &app, &no, &body).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    match asked(&app, &seen, Source::Query).await {
        Ok(()) => back(&seen, "?checked=1"),
        Err(error) => failed(&request, &app, error),
    }
}

/// `GET /o/{order_no}/return`: the buyer comes back from the channel. Whatever the address says
/// proves nothing (X07); the channel is asked.
pub async fn returned(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
) -> HttpResponse {
    match open(&request, &app, &no).await {
        Ok(seen) => {
            if seen.order.state == State::PendingPayment
                && let Err(error) = asked(&app, &seen, Source::Return).await
            {
                tracing::warn!(cause = %error, "the channel could not be asked on return");
            }
            back(&seen, "")
        }
        Err(response) => response,
    }
}

/// `POST /o/{order_no}/cancel`
pub async fn cancel(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let (seen, _) = match begin(&request, &app, &no, &body).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let (till, id) = (app.till(), seen.order.id.clone());
    match to_the_end(async move { payment::cancel(&till, &id, "buyer").await }).await {
        // Not cancelled means that it was paid, or over: its page says so.
        Ok(_) => back(&seen, ""),
        Err(error) => failed(&request, &app, error),
    }
}

/// `GET /o/{order_no}/goods.txt`: all units that open, one a line, byte for byte.
pub async fn goods(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) if !seen.goods.is_empty() => seen,
        Ok(_) => return failure::not_found(&request, &app),
        Err(response) => return response,
    };
    let visitor = Visitor::of(&request, &app);
    let units = units(&app, &visitor, &seen);
    // What does not open is told on the page; a line about it here would pass for goods.
    let opened: Vec<&String> = units.iter().filter_map(|u| u.content.as_ref()).collect();
    if opened.is_empty() {
        return failure::internal(&request, &app, &"none of the goods opens");
    }
    let mut text = String::new();
    for content in opened {
        text.push_str(content);
        text.push('\n');
    }
    let name = format!("attachment; filename=\"goods-{}.txt\"", seen.order.order_no);
    let mut response = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("content-disposition", name))
        .body(text);
    private(&mut response);
    response
}
