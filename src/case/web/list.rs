//! `GET /admin/cases`

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::case::list::{self, Filter, Sort};
use crate::case::{CaseKind, MoneyCase};
use crate::clock::Millis;
use crate::ids::{CaseId, OrderId};
use crate::money::Money;
use crate::order;
use crate::store::StoreError;
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Tag, Words};

struct Line {
    id: String,
    kind: String,
    what: &'static str,
    tag: Tag,
    severity: Tag,
    overdue: bool,
    amount: String,
    due: Stamp,
    order_no: Option<String>,
}

/// One choice of a list: its value, what it is called, whether it is chosen.
type Choice = (&'static str, String, bool);

#[derive(Template)]
#[template(path = "admin/cases.html")]
struct CasesPage {
    frame: Frame,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    severities: Vec<Choice>,
    sorted: String,
    filtered: bool,
    bare: String,
    closed: String,
    by_due: SortLink,
    by_amount: SortLink,
    rows: Vec<Line>,
    pages: Pages,
}

const FILTERS: &[&str] = &["state", "kind", "severity"];
const STATES: [&str; 3] = ["open", "closed", "all"];
const SEVERITIES: [&str; 3] = ["critical", "warning", "notice"];

/// `GET /admin/cases`: open ones, unless others are asked for.
pub async fn list(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let (column, down) = asked.order(&["due", "amount"], false);
    let sort = match column {
        "amount" => Sort::Amount,
        _ => Sort::Due,
    };
    let state = match asked.get("state") {
        "" => "open",
        other => other,
    };
    let filter = Filter {
        state: (state != "all").then(|| state.to_owned()),
        kind: CaseKind::parse(asked.get("kind")),
        severity: Some(asked.get("severity").to_owned()).filter(|text| !text.is_empty()),
    };
    let after = asked
        .cursor()
        .and_then(|cursor| Some((cursor.key.parse().ok()?, CaseId(cursor.id))));
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let read = app.store.read(move |db| {
        let cases = list::list(db, &filter, (sort, down), after, limit)?;
        let orders: Vec<OrderId> = cases.iter().filter_map(|c| c.order_id.clone()).collect();
        let numbers = order::store::numbers_of(db, &orders)?;
        Ok::<_, StoreError>((cases, numbers))
    });
    let (mut cases, numbers) = match read.await {
        Ok(read) => read,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut cases, |case| Cursor {
        key: sort.key(case).to_string(),
        id: case.id.0.clone(),
    });
    let frame = Frame::of(&request, &app, &signed, Section::Cases, Words::admin_cases);
    let now = app.clock.now();
    let rows = cases
        .into_iter()
        .map(|case| {
            let no = case.order_id.as_ref().and_then(|id| numbers.get(id));
            line(&frame, &case, no.map(ToString::to_string), now)
        })
        .collect();
    let page = CasesPage {
        states: states(&frame, state),
        kinds: kinds(&frame, asked.get("kind")),
        severities: severities(&frame, asked.get("severity")),
        sorted: asked.get("sort").to_owned(),
        filtered: asked.filtered(FILTERS),
        bare: asked.bare().to_owned(),
        closed: asked.with(&[("state", Some("all")), ("from", None)]),
        by_due: asked.sort_link("due", (column, down)),
        by_amount: asked.sort_link("amount", (column, down)),
        rows,
        pages,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

fn line(frame: &Frame, case: &MoneyCase, order_no: Option<String>, now: Millis) -> Line {
    let words = frame.w();
    let (kind, what) = words.case_kind(case.kind.as_str());
    Line {
        id: case.id.to_string(),
        kind: kind.to_owned(),
        what,
        tag: words.case_tag(&case.state),
        severity: words.severity_tag(&case.severity),
        overdue: case.state == "open" && case.due_at < now,
        amount: Money::new(case.amount, case.currency).display(),
        due: frame.time(case.due_at),
        order_no,
    }
}

fn states(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let words = frame.w();
    let name = |code: &str| match code {
        "all" => words.case_both().to_owned(),
        code => words.case_tag(code).text,
    };
    let one = |code: &'static str| (code, name(code), code == chosen);
    STATES.into_iter().map(one).collect()
}

fn kinds(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let one = |kind: &CaseKind| {
        let code = kind.as_str();
        (code, frame.w().case_kind(code).0.to_owned(), code == chosen)
    };
    CaseKind::ALL.iter().map(one).collect()
}

fn severities(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let one = |code: &'static str| (code, frame.w().severity_tag(code).text, code == chosen);
    SEVERITIES.into_iter().map(one).collect()
}
