//! Live status of an open order page: a stream of events, or the same by polling.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use serde_json::json;

use super::cashier::view;
use super::view::{open, private};
use crate::app::App;
use crate::ids::OrderId;
use crate::order::State;
use crate::payment;
use crate::store::StoreError;
use crate::web::live::Live;
use crate::web::pages::cashier::CashierView;
use crate::web::visitor::Visitor;
use crate::web::words::Lang;

/// What the page is told.
async fn told(app: &App, id: &OrderId, lang: Lang) -> Result<(State, String), StoreError> {
    let wanted = id.clone();
    let (order, attempts) = app
        .store
        .read(move |db| -> Result<_, StoreError> {
            let order = super::super::store::by_id(db, &wanted)?;
            Ok((order, payment::store::attempts_of(db, &wanted)?))
        })
        .await?;
    let last = attempts.last();
    let words = lang.words();
    let (view, text) = match view(last, lang, app.clock.now()) {
        CashierView::Waiting => ("waiting", words.waiting().to_owned()),
        CashierView::Confirming(detail) => (
            "confirming",
            detail.unwrap_or_else(|| words.confirming().to_owned()),
        ),
        CashierView::Failed(reason) => ("failed", reason),
        CashierView::CreationFailed(reason) => ("failed", reason.unwrap_or_default()),
    };
    let text = match order.state {
        State::PendingPayment => text,
        State::Paid => words.paid_live().to_owned(),
        // The page is made anew, or says already what there is to say.
        _ => String::new(),
    };
    let attempt = last.map(|a| a.n.to_string()).unwrap_or_default();
    let body = json!({"state": order.state, "view": view, "text": text, "attempt": attempt});
    Ok((order.state, body.to_string()))
}

/// `GET /o/{order_no}/status`
pub async fn status(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let visitor = Visitor::of(&request, &app);
    if let Err(error) = crate::web::checkout::page_is_open(&app, &seen.order).await {
        tracing::warn!(cause = %error, "an open page could not hasten its polls");
    }
    let mut response = match told(&app, &seen.order.id, visitor.lang).await {
        Ok((_, body)) => HttpResponse::Ok()
            .content_type("application/json")
            .body(body),
        Err(error) => crate::web::failure::store(&request, &app, &error),
    };
    private(&mut response);
    response
}

/// Whether an order in this state may still move by itself while somebody looks.
fn moves_on(state: State) -> bool {
    !matches!(
        state,
        State::Delivered | State::Refunded | State::Expired | State::Cancelled
    )
}

/// `GET /o/{order_no}/events`: the state now, then each change, a comment every 20 s; ends when
/// the order is done or the server stops.
pub async fn events(
    request: HttpRequest,
    app: web::Data<App>,
    live: web::Data<Live>,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let lang = Visitor::of(&request, &app).lang;
    let changes = live.watch(&seen.order.id);
    let begun = Stream {
        app,
        order: seen.order,
        lang,
        changes,
        first: true,
        over: false,
    };
    let body = stream::unfold(begun, Stream::next);
    let mut response = HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header(("x-accel-buffering", "no"))
        .insert_header(("content-encoding", "identity"))
        .streaming(body);
    private(&mut response);
    response
}

struct Stream {
    app: web::Data<App>,
    order: crate::order::Order,
    lang: Lang,
    changes: tokio::sync::watch::Receiver<Option<crate::web::live::Status>>,
    first: bool,
    over: bool,
}

type Bytes = Result<web::Bytes, std::convert::Infallible>;

impl Stream {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if self.over {
            return None;
        }
        if !std::mem::take(&mut self.first) {
            let change = tokio::time::timeout(Duration::from_secs(20), self.changes.changed());
            match change.await {
                // The server stops.
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
                Err(_) => {
                    if let Err(error) =
                        crate::web::checkout::page_is_open(&self.app, &self.order).await
                    {
                        tracing::warn!(cause = %error, "an open page could not hasten its polls");
                    }
                    return Some((Ok(web::Bytes::from_static(b": still here\n\n")), self));
                }
            }
        }
        match told(&self.app, &self.order.id, self.lang).await {
            Ok((state, body)) => {
                self.over = !moves_on(state);
                let text = format!("retry: 3000\ndata: {body}\n\n");
                Some((Ok(web::Bytes::from(text)), self))
            }
            // The browser connects again and polls meanwhile.
            Err(_) => None,
        }
    }
}
