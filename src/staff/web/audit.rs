//! `GET /admin/audit`: who did what.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::staff::audit::{self, Filter, Line};
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::Words;

struct Row {
    at: Stamp,
    line: Line,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    filter: Filter,
    filtered: bool,
    clear: String,
    by_time: SortLink,
    rows: Vec<Row>,
    pages: Pages,
}

const FILTERS: &[&str] = &["actor", "action", "kind", "id"];

/// `GET /admin/audit`
pub async fn audit(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let order = asked.order(&["at"], true);
    let filter = Filter {
        actor: asked.get("actor").to_owned(),
        action: asked.get("action").to_owned(),
        object_kind: asked.get("kind").to_owned(),
        object_id: asked.get("id").to_owned(),
    };
    let (wanted, cursor) = (filter.clone(), asked.cursor());
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let found = app.store.read(move |db| {
        let cursor = cursor.as_ref().map(|cursor| cursor.id.as_str());
        audit::list(db, &wanted, !order.1, cursor, limit)
    });
    let mut lines = match found.await {
        Ok(lines) => lines,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut lines, |line| Cursor {
        key: String::new(),
        id: line.id.0.clone(),
    });
    let frame = Frame::of(&request, &app, &signed, Section::Audit, Words::admin_audit);
    let page = AuditPage {
        filtered: asked.filtered(FILTERS),
        clear: asked.bare().to_owned(),
        by_time: asked.sort_link("at", order),
        rows: lines
            .into_iter()
            .map(|line| Row {
                at: frame.time(line.at),
                line,
            })
            .collect(),
        pages,
        filter,
        frame,
    };
    page.frame.show(&request, &app, &page)
}
