//! What staff do about an unpaid order: ask the channels now, or cancel it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::super::act::to_the_end;
use super::read::{Whole, open};
use crate::app::App;
use crate::order::State;
use crate::payment::{self, Error, Source, Why};
use crate::store::StoreError;
use crate::web::admin::gate::words_of;
use crate::web::admin::step::Step;
use crate::web::admin::{Section, SignedIn, done};
use crate::web::ask::{ask_now, may_hold_money};
use crate::web::failure;
use crate::web::words::Words;

/// A step about an order, with the way back to it.
pub(super) fn step(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    seen: &Whole,
    title: impl FnOnce(Words) -> String,
) -> Step {
    let mut step = Step::new(request, app, signed, Section::Orders, title);
    let no = &seen.order.order_no;
    let name = step.frame().w().order_page_title(no.as_str());
    step.back = (format!("/admin/orders/{no}"), name);
    step
}

/// Where an order's page is.
pub(super) fn home(seen: &Whole) -> String {
    format!("/admin/orders/{}", seen.order.order_no)
}

/// The page for a step that failed. A reason is told with the way back; nothing was done.
pub(super) fn failed(request: &HttpRequest, app: &App, step: Step, error: Error) -> HttpResponse {
    match error {
        Error::NotPossible(why) => stopped(request, app, step, why),
        Error::Store(error) => failure::store(request, app, &error),
        other => failure::internal(request, app, &other),
    }
}

/// The page for a step that is not possible any more.
pub(super) fn stopped(request: &HttpRequest, app: &App, mut step: Step, why: Why) -> HttpResponse {
    step.effects.clear();
    step.inputs.clear();
    step.warning = None;
    step.button.clear();
    step.errors = vec![(String::new(), step.frame().w().why(why).to_owned())];
    step.show(request, app)
}

/// `GET /admin/orders/{no}/ask`
pub async fn ask_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let mut step = step(&request, &app, &signed, &seen, |w| w.order_ask().to_owned());
    let words = step.frame().w();
    let many = seen.attempts.iter().filter(|a| may_hold_money(a)).count();
    step.effects = vec![words.order_ask_effect(many)];
    words.order_ask().clone_into(&mut step.button);
    step.show(&request, &app)
}

/// `POST /admin/orders/{no}/ask`
pub async fn ask(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let line = signed.entry(&app, "order.ask", ("order", seen.order.id.as_str()));
    let (shop, order) = (Arc::clone(&app), seen.order.clone());
    let asked = to_the_end(async move {
        shop.store
            .write(move |db| -> Result<(), StoreError> { line.write(db) })
            .await?;
        ask_now(&shop, &order, Source::Staff).await
    });
    match asked.await {
        Ok(()) => {
            let text = words_of(&request, &app).order_asked();
            done(&app, &home(&seen), text)
        }
        Err(error) => {
            let step = step(&request, &app, &signed, &seen, |w| w.order_ask().to_owned());
            failed(&request, &app, step, error)
        }
    }
}

/// `GET /admin/orders/{no}/cancel`
pub async fn cancel_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    if seen.order.state != State::PendingPayment {
        let text = words_of(&request, &app).order_not_cancelled();
        return done(&app, &home(&seen), text);
    }
    let title = |w: Words| w.order_cancel().to_owned();
    let mut step = step(&request, &app, &signed, &seen, title);
    let words = step.frame().w();
    step.effects = [
        words.order_cancel_effect_stock(),
        words.order_cancel_effect_channel(),
        words.order_cancel_effect_late(),
    ]
    .map(str::to_owned)
    .to_vec();
    words.order_cancel().clone_into(&mut step.button);
    step.danger = true;
    step.show(&request, &app)
}

/// `POST /admin/orders/{no}/cancel`
pub async fn cancel(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let words = words_of(&request, &app);
    let id = seen.order.id.clone();
    let line = signed.entry(&app, "order.cancel", ("order", id.as_str()));
    let till = app.till();
    let cancelled = to_the_end(async move { payment::cancel_as(&till, &id, line).await });
    match cancelled.await {
        Ok(true) => done(&app, &home(&seen), words.order_cancelled()),
        Ok(false) => done(&app, &home(&seen), words.order_not_cancelled()),
        Err(error) => {
            let title = |w: Words| w.order_cancel().to_owned();
            let step = step(&request, &app, &signed, &seen, title);
            failed(&request, &app, step, error)
        }
    }
}
