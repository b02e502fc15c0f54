//! `GET /admin/mail/{id}`: one promise, and the mail as it would be sent now. On the page the goods
//! are hidden and the address is masked; the file that mail programs open has all of it, so it
//! asks for the password and leaves a line in the audit log.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::words;
use crate::app::App;
use crate::ids::OutboxId;
use crate::notify::outbox::{self, Kind, Matter, Promise, Resent, State};
use crate::notify::{self, Eyes, letter_of};
use crate::order;
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::prove::{self, proved};
use crate::web::admin::{Errors, Field, Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::Tag;

struct Letter {
    to: String,
    subject: String,
    text: String,
    html: String,
}

#[derive(Template)]
#[template(path = "admin/mail/one.html")]
struct OnePage {
    frame: Frame,
    id: String,
    state: Tag,
    kind: &'static str,
    tries: i64,
    created: Stamp,
    next: Option<Stamp>,
    done: Option<Stamp>,
    error: String,
    order_no: Option<String>,
    /// A worker has it in hand just now.
    running: bool,
    is_mail: bool,
    letter: Option<Letter>,
    /// Why there is no letter.
    unread: String,
    proof: Option<Field>,
    errors: Errors,
}

struct Found {
    promise: Promise,
    matter: Matter,
    order_no: Option<String>,
}

fn read(db: &mut Db, id: &OutboxId) -> Result<Option<Found>, StoreError> {
    let (Some(promise), Some(matter)) = (outbox::by_id(db, id)?, outbox::matter(db, id)?) else {
        return Ok(None);
    };
    let order_no = match &promise.order_id {
        Some(order) => order::store::find(db, order)?.map(|order| order.order_no.to_string()),
        None => None,
    };
    Ok(Some(Found {
        promise,
        matter,
        order_no,
    }))
}

async fn find(request: &HttpRequest, app: &App, id: &str) -> Result<Found, HttpResponse> {
    let id = OutboxId(id.to_owned());
    match app.store.read(move |db| read(db, &id)).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(failure::not_found(request, app)),
        Err(error) => Err(failure::store(request, app, &error)),
    }
}

/// `GET /admin/mail/{id}`
pub async fn one(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    match find(&request, &app, &id).await {
        Ok(found) => show(&request, &app, &signed, found, Errors::default()).await,
        Err(page) => page,
    }
}

/// `POST /admin/mail/{id}/resend`: due now, with all its tries before it.
pub async fn resend(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let line = signed.entry(&app, "mail.resend", ("outbox", id.as_str()));
    let (wanted, now) = (OutboxId(id.to_string()), app.clock.now());
    let resent = app
        .store
        .write(move |db| -> Result<Resent, StoreError> {
            let resent = outbox::resend(db, &wanted, now)?;
            if resent == Resent::Queued {
                line.write(db)?;
            }
            Ok(resent)
        })
        .await;
    let said = match resent {
        Ok(Resent::Queued) => words.mail_resent(),
        Ok(Resent::Running) => words.mail_in_hand(),
        Ok(Resent::Unknown) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    done(&app, &format!("/admin/mail/{id}"), said)
}

/// `POST /admin/mail/{id}/eml`: the whole mail as a file, goods and all.
pub async fn eml(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    id: web::Path<String>,
) -> HttpResponse {
    let found = match find(&request, &app, &id).await {
        Ok(found) if found.promise.kind == Kind::Mail => found,
        Ok(_) => return failure::not_found(&request, &app),
        Err(page) => return page,
    };
    let words = words_of(&request, &app);
    let mut errors = Errors::default();
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => {
            errors.add(prove::FIELD, words.proof_wrong());
            return show(&request, &app, &signed, found, errors).await;
        }
        Err(error) => return failure::store(&request, &app, &error),
    }
    // Before it is shown: what is seen is written down.
    let line = signed.entry(&app, "mail.reveal", ("outbox", id.as_str()));
    if let Err(error) = app.store.write(move |db| line.write(db)).await {
        return failure::store(&request, &app, &error);
    }
    let live = app.live();
    let bytes = match letter_of(&app, &live, &found.matter, Eyes::Receiver).await {
        Ok(Some(mail)) => notify::eml(&mail, &live.settings.mail_from).map_err(|e| e.said),
        Ok(None) => Err(words.mail_nobody().to_owned()),
        Err(broken) => Err(broken.said),
    };
    match bytes {
        Ok(bytes) => HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header((
                "content-disposition",
                format!("attachment; filename=\"{}.eml\"", found.matter.id),
            ))
            .body(bytes),
        Err(_) => show(&request, &app, &signed, found, errors).await,
    }
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    found: Found,
    errors: Errors,
) -> HttpResponse {
    let Found {
        promise,
        matter,
        order_no,
    } = found;
    let is_mail = promise.kind == Kind::Mail;
    let letter = match is_mail {
        true => Some(letter_of(app, &app.live(), &matter, Eyes::Staff).await),
        false => None,
    };
    let (letter, unread) = match letter {
        None => (None, String::new()),
        Some(Err(broken)) => (None, broken.said),
        Some(Ok(None)) => {
            let words = words_of(request, app);
            (None, words.mail_nobody().to_owned())
        }
        Some(Ok(Some(mail))) => (
            Some(Letter {
                to: mail.to,
                subject: mail.subject,
                text: mail.text,
                html: mail.html,
            }),
            String::new(),
        ),
    };
    let frame = Frame::of(request, app, signed, Section::Mail, |w| {
        words::topic_of(w, &promise.topic)
    });
    let w = frame.w();
    let ask = is_mail && !signed.has_proved(app.clock.now());
    let mut proof = ask.then(|| Field::proof(w));
    errors.mark(&mut proof);
    let status = errors.status();
    let page = OnePage {
        state: words::state_tag(w, promise.state),
        kind: words::kind(w, promise.kind),
        tries: promise.tries,
        created: frame.time(promise.created_at),
        next: (promise.state == State::Waiting).then(|| frame.time(promise.next_at)),
        done: promise.done_at.map(|at| frame.time(at)),
        error: promise.last_error.unwrap_or_default(),
        running: promise.state == State::Running,
        id: promise.id.0,
        order_no,
        is_mail,
        letter,
        unread,
        proof,
        errors,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}
