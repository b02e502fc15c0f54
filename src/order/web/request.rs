//! What a buyer asks for after paying: a thread with the seller on the order's page.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};

use super::act::{back, begin};
use super::result::{self, Wrong};
use super::view::{Seen, private};
use crate::app::App;
use crate::ids::RequestId;
use crate::order::State;
use crate::request::{self, Author, Message, RequestKind, RequestState, Thread, Tools};
use crate::risk::limiter::Wait;
use crate::web::form::{Form, new_key};
use crate::web::pages::failure::Failure;
use crate::web::pages::request::{KindChoice, MessageView, RequestView, Requests};
use crate::web::visitor::Visitor;
use crate::web::whole::whole;
use crate::web::words::{Words, request_tag};
use crate::web::{client, failure};

/// `POST /o/{order_no}/requests`: a new request.
pub async fn ask(
    request: HttpRequest,
    app: web::Data<App>,
    no: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let (seen, form) = match begin(&request, &app, &no, &body).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let (Some(kind), Some(key)) = (RequestKind::parse(form.get("kind")), form.key()) else {
        return failure::page(&request, &app, Failure::BadRequest, None);
    };
    let network = client::network(&request, &app.config);
    if let Err(wait) = app.limits.ask(&network).await {
        return hasty(&request, &app, &seen, &form, None, wait).await;
    }
    let (shop, order) = (app.clone().into_inner(), seen.order.id.clone());
    let (text, key) = (form.get("message").to_owned(), key.to_owned());
    let asked = whole(async move {
        request::ask(&shop.store, &tools(&shop), &order, kind, &text, &key)
            .await
            .map(|_| ())
    });
    let written = match asked.await {
        Ok(written) => written,
        Err(error) => return failure::store(&request, &app, &error),
    };
    told(&request, &app, &seen, &form, None, written).await
}

/// `POST /o/{order_no}/requests/{id}`: one more message, or `close=1`: the end of it.
pub async fn reply(
    request: HttpRequest,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    body: web::Bytes,
) -> HttpResponse {
    let (no, id) = path.into_inner();
    let (seen, form) = match begin(&request, &app, &no, &body).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(key) = form.key().map(str::to_owned) else {
        return failure::page(&request, &app, Failure::BadRequest, None);
    };
    if uuid::Uuid::parse_str(&id).is_err() {
        return failure::not_found(&request, &app);
    }
    let id = RequestId(id);
    let network = client::network(&request, &app.config);
    if let Err(wait) = app.limits.ask(&network).await {
        return hasty(&request, &app, &seen, &form, Some(id), wait).await;
    }
    let (shop, order) = (app.clone().into_inner(), seen.order.id.clone());
    let (text, ends) = (form.get("message").to_owned(), form.get("close") == "1");
    let about = id.clone();
    let said = whole(async move {
        match ends {
            true => request::close(&shop.store, &*shop.clock, &order, &id).await,
            false => request::reply(&shop.store, &tools(&shop), &order, &id, &text, &key).await,
        }
    });
    let written = match said.await {
        Ok(written) => written,
        Err(error) => return failure::store(&request, &app, &error),
    };
    told(&request, &app, &seen, &form, Some(about), written).await
}

fn tools(app: &App) -> Tools<'_> {
    Tools {
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
        promises: app.promises(),
    }
}

/// Back to the order's page; with what was typed where it was not written.
async fn told(
    request: &HttpRequest,
    app: &App,
    seen: &Seen,
    form: &Form,
    about: Option<RequestId>,
    written: Result<(), request::Error>,
) -> HttpResponse {
    let words = Visitor::of(request, app).words();
    let text = match written {
        Ok(()) => return back(seen, "#requests"),
        Err(request::Error::Words) => words.err_message(request::LONGEST as u64),
        Err(request::Error::TooManyOpen) => words.err_requests_open().to_owned(),
        Err(request::Error::TooLong) => words.err_thread_long().to_owned(),
        // The page says so by itself.
        Err(request::Error::Closed | request::Error::Moved) => return back(seen, "#requests"),
        Err(request::Error::NotPaid | request::Error::Unknown) => {
            return failure::not_found(request, app);
        }
        Err(request::Error::Store(error)) => return failure::store(request, app, &error),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    again(request, app, seen, form, about, (status, text)).await
}

/// Too many messages of one network: the page with what was typed, and when to send it again.
async fn hasty(
    request: &HttpRequest,
    app: &App,
    seen: &Seen,
    form: &Form,
    about: Option<RequestId>,
    wait: Wait,
) -> HttpResponse {
    let words = Visitor::of(request, app).words();
    let text = words.err_ask_wait(wait.seconds());
    let why = (StatusCode::TOO_MANY_REQUESTS, text);
    let mut response = again(request, app, seen, form, about, why).await;
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(wait.seconds()));
    response
}

/// The order's page with what was typed, and why it was not taken.
async fn again(
    request: &HttpRequest,
    app: &App,
    seen: &Seen,
    form: &Form,
    about: Option<RequestId>,
    (status, text): (StatusCode, String),
) -> HttpResponse {
    let wrong = Wrong {
        about,
        kind: RequestKind::parse(form.get("kind")),
        typed: form.get("message").to_owned(),
        text,
    };
    let visitor = Visitor::of(request, app);
    let mut response = result::show(request, app, &visitor, seen, Some(&wrong)).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    private(&mut response);
    response
}

/// The requests of an order as its page shows them; none where nothing was paid.
pub(super) fn requests(
    app: &App,
    visitor: &Visitor,
    seen: &Seen,
    wrong: Option<&Wrong>,
) -> Option<Requests> {
    seen.order.paid_at?;
    let words = visitor.words();
    let new = wrong.filter(|wrong| wrong.about.is_none());
    let waits = seen.order.state == State::AwaitingStock;
    let chosen = match new.and_then(|wrong| wrong.kind) {
        Some(kind) => kind,
        None if waits => RequestKind::Refund,
        None => RequestKind::NotWorking,
    };
    let open = seen
        .requests
        .iter()
        .filter(|thread| thread.request.state != RequestState::Closed)
        .count();
    let threads = seen.requests.iter();
    Some(Requests {
        may_ask: i64::try_from(open).is_ok_and(|open| open < request::MOST_OPEN)
            && i64::try_from(seen.requests.len()).is_ok_and(|all| all < request::MOST),
        kinds: RequestKind::ALL
            .iter()
            .map(|kind| KindChoice {
                code: kind.as_str(),
                label: kind_word(words, *kind),
                chosen: *kind == chosen,
            })
            .collect(),
        waits: waits && seen.requests.is_empty(),
        key: new_key(&*app.random),
        typed: new.map(|wrong| wrong.typed.clone()).unwrap_or_default(),
        error: new.map(|wrong| wrong.text.clone()),
        threads: threads
            .map(|thread| view(app, visitor, thread, wrong))
            .collect(),
    })
}

fn view(app: &App, visitor: &Visitor, thread: &Thread, wrong: Option<&Wrong>) -> RequestView {
    let words = visitor.words();
    let mine = wrong.filter(|wrong| wrong.about.as_ref() == Some(&thread.request.id));
    let said = |message: &Message| MessageView {
        staff: message.author == Author::Staff,
        by: match message.author {
            Author::Buyer => words.message_by_you(),
            Author::Staff => words.message_by_seller(),
        },
        at: visitor.stamp(message.created_at),
        text: message.text(&app.sealer).ok(),
    };
    RequestView {
        id: thread.request.id.to_string(),
        title: kind_word(words, thread.request.kind),
        state: request_tag(thread.request.state.as_str(), visitor.lang),
        open: thread.request.state != RequestState::Closed,
        messages: thread.messages.iter().map(said).collect(),
        key: new_key(&*app.random),
        typed: mine.map(|wrong| wrong.typed.clone()).unwrap_or_default(),
        error: mine.map(|wrong| wrong.text.clone()),
    }
}

fn kind_word(words: Words, kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::NotWorking => words.request_not_working(),
        RequestKind::Refund => words.request_refund(),
        RequestKind::Other => words.request_other(),
    }
}
