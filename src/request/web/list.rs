//! `GET /admin/requests`

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::ids::{OrderId, RequestId};
use crate::order;
use crate::request::list::{self, Filter, Sort};
use crate::request::{Request, RequestKind, RequestState, store};
use crate::store::StoreError;
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Tag, Words, request_tag};

/// Those that wait are counted up to here.
const MOST: i64 = 100;

struct Line {
    id: String,
    about: &'static str,
    order_no: String,
    tag: Tag,
    messages: i64,
    asked: Stamp,
    changed: Stamp,
}

/// One choice of a list: its value, what it is called, whether it is chosen.
type Choice = (&'static str, String, bool);

#[derive(Template)]
#[template(path = "admin/requests.html")]
struct RequestsPage {
    frame: Frame,
    waiting: Option<String>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    sorted: String,
    filtered: bool,
    bare: String,
    all: String,
    by_asked: SortLink,
    by_changed: SortLink,
    rows: Vec<Line>,
    pages: Pages,
}

const FILTERS: &[&str] = &["state", "kind"];
const ALL: &str = "all";

/// `GET /admin/requests`: those that wait for an answer, the oldest first, unless others are
/// asked for.
pub async fn list(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let state = match asked.get("state") {
        "" => Some(RequestState::Open),
        other => RequestState::parse(other),
    };
    let filter = Filter {
        state,
        kind: RequestKind::parse(asked.get("kind")),
    };
    // Work is taken from its old end, what is done is looked up from its new one.
    let newest_first = state != Some(RequestState::Open);
    let (column, down) = asked.order(&["asked", "changed"], newest_first);
    let sort = match column {
        "changed" => Sort::Changed,
        _ => Sort::Asked,
    };
    let after = asked
        .cursor()
        .and_then(|cursor| Some((cursor.key.parse().ok()?, RequestId(cursor.id))));
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let read = app.store.read(move |db| {
        let rows = list::list(db, filter, (sort, down), after, limit)?;
        let orders: Vec<OrderId> = rows.iter().map(|row| row.order_id.clone()).collect();
        let numbers = order::store::numbers_of(db, &orders)?;
        Ok::<_, StoreError>((rows, numbers, store::waiting(db, MOST)?))
    });
    let (mut rows, numbers, waiting) = match read.await {
        Ok(read) => read,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut rows, |row| Cursor {
        key: sort.key(row).to_string(),
        id: row.id.0.clone(),
    });
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Requests,
        Words::admin_requests,
    );
    let words = frame.w();
    let page = RequestsPage {
        waiting: match waiting {
            0 => None,
            MOST.. => Some(words.threads_waiting_many(MOST)),
            n => Some(words.threads_waiting(n)),
        },
        states: states(&frame, state),
        kinds: kinds(words, filter.kind),
        sorted: asked.get("sort").to_owned(),
        filtered: asked.filtered(FILTERS),
        bare: asked.bare().to_owned(),
        all: asked.with(&[("state", Some(ALL)), ("from", None)]),
        by_asked: asked.sort_link("asked", (column, down)),
        by_changed: asked.sort_link("changed", (column, down)),
        rows: rows
            .into_iter()
            .map(|row| {
                let no = numbers.get(&row.order_id).map(ToString::to_string);
                line(&frame, &row, no.unwrap_or_default())
            })
            .collect(),
        pages,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

fn line(frame: &Frame, row: &Request, order_no: String) -> Line {
    Line {
        id: row.id.to_string(),
        about: frame.w().thread_kind(row.kind),
        order_no,
        tag: request_tag(row.state.as_str(), frame.lang),
        messages: row.messages,
        asked: frame.time(row.created_at),
        changed: frame.time(row.changed_at),
    }
}

/// A state that is none shows all of them.
fn states(frame: &Frame, chosen: Option<RequestState>) -> Vec<Choice> {
    let one = |state: &RequestState| {
        let name = request_tag(state.as_str(), frame.lang).text;
        (state.as_str(), name, Some(*state) == chosen)
    };
    let mut states: Vec<Choice> = RequestState::ALL.iter().map(one).collect();
    let all = frame.w().threads_all_states().to_owned();
    states.push((ALL, all, chosen.is_none()));
    states
}

fn kinds(words: Words, chosen: Option<RequestKind>) -> Vec<Choice> {
    let one = |kind: &RequestKind| {
        let name = words.thread_kind(*kind).to_owned();
        (kind.as_str(), name, Some(*kind) == chosen)
    };
    RequestKind::ALL.iter().map(one).collect()
}
