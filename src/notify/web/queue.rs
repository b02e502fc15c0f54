//! `GET /admin/mail`: what was promised to whom, and what became of it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::words;
use crate::app::App;
use crate::ids::OutboxId;
use crate::notify::outbox::{self, Filter, Kind, State, Topic};
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Tag, Words};

struct Row {
    id: String,
    at: Stamp,
    topic: String,
    kind: &'static str,
    state: Tag,
    tries: i64,
    next: Option<Stamp>,
    error: String,
    may_resend: bool,
}

/// What may be chosen, and what is.
struct Choice {
    options: Vec<(&'static str, &'static str)>,
    chosen: String,
}

#[derive(Template)]
#[template(path = "admin/mail/queue.html")]
struct QueuePage {
    frame: Frame,
    kind: Choice,
    topic: Choice,
    state: Choice,
    filtered: bool,
    clear: String,
    by_time: SortLink,
    rows: Vec<Row>,
    pages: Pages,
}

/// `GET /admin/mail`
pub async fn queue(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let order = asked.order(&["at"], true);
    let filter = Filter {
        kind: Kind::parse(asked.get("kind")),
        state: State::parse(asked.get("state")),
        topic: Topic::parse(asked.get("topic")),
    };
    let cursor = asked.cursor().map(|cursor| OutboxId(cursor.id));
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let found = app
        .store
        .read(move |db| outbox::page(db, filter, !order.1, cursor.as_ref(), limit))
        .await;
    let mut found = match found {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut found, |row| Cursor {
        key: String::new(),
        id: row.id.0.clone(),
    });
    let frame = Frame::of(&request, &app, &signed, Section::Mail, Words::admin_mail);
    let w = frame.w();
    let rows = found.into_iter().map(|row| Row {
        at: frame.time(row.created_at),
        topic: words::topic_of(w, &row.topic),
        kind: words::kind(w, row.kind),
        state: words::state_tag(w, row.state),
        tries: row.tries,
        next: (row.state == State::Waiting).then(|| frame.time(row.next_at)),
        error: row.last_error.unwrap_or_default(),
        may_resend: row.state == State::Dead,
        id: row.id.0,
    });
    let choice = |options: Vec<(&'static str, &'static str)>, name: &str| Choice {
        options,
        chosen: asked.get(name).to_owned(),
    };
    let kinds = Kind::ALL.iter();
    let topics = Topic::ALL.iter();
    let states = State::ALL.iter();
    let page = QueuePage {
        rows: rows.collect(),
        kind: choice(
            kinds.map(|k| (k.as_str(), words::kind(w, *k))).collect(),
            "kind",
        ),
        topic: choice(
            topics.map(|t| (t.as_str(), words::topic(w, *t))).collect(),
            "topic",
        ),
        state: choice(
            states.map(|s| (s.as_str(), words::state(w, *s))).collect(),
            "state",
        ),
        filtered: asked.filtered(&["kind", "topic", "state"]),
        clear: asked.bare().to_owned(),
        by_time: asked.sort_link("at", order),
        pages,
        frame,
    };
    page.frame.show(&request, &app, &page)
}
