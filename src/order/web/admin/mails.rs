//! Sending a mail or a webhook of an order again.

use actix_web::{HttpRequest, HttpResponse, web};

use super::act::{home, step};
use super::masked;
use super::page::email;
use super::read::{Whole, open};
use crate::app::App;
use crate::bus::Hint;
use crate::ids::OutboxId;
use crate::notify::about;
use crate::notify::outbox::{Kind, Promise, Resent};
use crate::order;
use crate::store::StoreError;
use crate::web::admin::gate::words_of;
use crate::web::admin::{SignedIn, done};
use crate::web::failure;
use crate::web::words::Words;

fn promise<'a>(seen: &'a Whole, id: &str) -> Option<&'a Promise> {
    seen.promises
        .iter()
        .find(|promise| promise.id.as_str() == id)
}

/// `GET /admin/orders/{no}/mails/{id}`
pub async fn resend_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (no, id) = path.into_inner();
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let Some(promise) = promise(&seen, &id) else {
        return failure::not_found(&request, &app);
    };
    if !about::may_go_again(&seen.order, promise) {
        let text = words_of(&request, &app).order_resend_hidden();
        return done(&app, &home(&seen), text);
    }
    let title = |w: Words| w.order_resend_title().to_owned();
    let mut step = step(&request, &app, &signed, &seen, title);
    let words = step.frame().w();
    let topic = words.topic_word(&promise.topic);
    let to = email(&app, &seen.order).map(|email| masked(&email));
    let effect = match promise.kind {
        Kind::Mail => words.order_resend_effect(topic, &to.unwrap_or_default()),
        Kind::Webhook => words.order_resend_hook(topic),
    };
    step.effects = vec![effect, words.order_resend_effect_same().to_owned()];
    words.order_resend_title().clone_into(&mut step.button);
    step.show(&request, &app)
}

/// `POST /admin/orders/{no}/mails/{id}`
pub async fn resend(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (no, id) = path.into_inner();
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let Some(promise) = promise(&seen, &id) else {
        return failure::not_found(&request, &app);
    };
    let line = signed
        .entry(&app, "order.resend", ("order", seen.order.id.as_str()))
        .changed(
            &serde_json::json!({}),
            &serde_json::json!({"promise": promise.id, "topic": promise.topic}),
        );
    let (order_id, id, now) = (seen.order.id.clone(), OutboxId(id), app.clock.now());
    let resent = app.store.write(move |db| {
        let order = order::store::lock(db, &order_id)?;
        let resent = about::resend(db, &order, &id, now)?;
        if resent == Some(Resent::Queued) {
            line.write(db)?;
        }
        Ok::<_, StoreError>(resent)
    });
    let words = words_of(&request, &app);
    match resent.await {
        Ok(Some(Resent::Queued)) => {
            app.till().bus.tell(Hint::Work);
            done(&app, &home(&seen), words.order_resent())
        }
        Ok(Some(Resent::Running)) => done(&app, &home(&seen), words.order_resend_running()),
        Ok(Some(Resent::Unknown)) => failure::not_found(&request, &app),
        Ok(None) => done(&app, &home(&seen), words.order_resend_hidden()),
        Err(error) => failure::store(&request, &app, &error),
    }
}
