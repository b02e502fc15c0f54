//! `/admin/stock/imports/{draft}`: what an import would do, then how far it is, then what it did.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::cards::is_id;
use super::{Known, Tabs, count, missing, source_words};
use crate::app::App;
use crate::ids::{DraftId, StaffId};
use crate::payment;
use crate::stock::draft::{self, DraftState, Lines, Told, WAITS};
use crate::stock::import::Fault;
use crate::stock::store::draft::{Standing, of_staff};
use crate::stock::store::{self, shelf as rows};
use crate::store::{Db, StoreError};
use crate::web::admin::{Frame, Posted, Section, SignedIn};
use crate::web::failure;
use crate::web::words::Words;

/// Lines of one kind: their name, the first of them, and how many are not listed.
type Repeated = (&'static str, Vec<u64>, Option<String>);

#[derive(Template)]
#[template(path = "admin/stock/draft.html")]
struct DraftPage {
    frame: Frame,
    tabs: Tabs,
    here: String,
    state: &'static str,
    /// It has waited for too long to be confirmed.
    over: bool,
    from: String,
    told: Told,
    faults: Vec<(u64, &'static str)>,
    more_faults: Option<String>,
    repeated: Vec<Repeated>,
    confirm: String,
    progress: String,
    results: Vec<String>,
}

struct Found {
    draft: Standing,
    told: Told,
    known: Known,
    /// Cards written so far.
    written: i64,
    /// Orders that were waiting and got cards of it.
    served: usize,
    /// Orders that wait still.
    waiting: i64,
}

fn read(db: &mut Db, id: &DraftId, staff: &StaffId) -> Result<Found, StoreError> {
    if !is_id(id.as_str()) {
        return Err(StoreError::NotFound);
    }
    let draft = of_staff(db, id, staff)?.ok_or(StoreError::NotFound)?;
    let (mut written, mut served) = (0, 0);
    if draft.state == DraftState::Loading {
        // Its import is the newest of the variant that is loading.
        let loading = Some(crate::stock::BatchState::Loading);
        let newest = rows::batches(db, &draft.variant_id, loading, true, None, 1)?;
        if let Some(batch) = newest.first() {
            written = store::count_batch(db, &batch.id)?;
        }
    }
    if let Some(id) = &draft.batch_id
        && let Some(batch) = rows::find_batch(db, id)?
    {
        served = rows::served_by(db, id, batch.changed_at)?;
    }
    let waiting = payment::store::waiting_by_variant(db)?;
    Ok(Found {
        told: Told::read(&draft.told)?,
        known: Known::read(db, draft.variant_id.as_str())?,
        written,
        served,
        waiting: waiting.get(&draft.variant_id).copied().unwrap_or(0),
        draft,
    })
}

async fn find(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    id: &str,
) -> Result<Found, HttpResponse> {
    let (id, staff) = (DraftId(id.to_owned()), signed.staff.id.clone());
    let found = app.store.read(move |db| read(db, &id, &staff)).await;
    found.map_err(|error| missing(request, app, &error))
}

/// `GET /admin/stock/imports/{draft}`
pub async fn draft(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    match find(&request, &app, &signed, &path).await {
        Ok(found) => show(&request, &app, &signed, found),
        Err(response) => response,
    }
}

/// `POST /admin/stock/imports/{draft}`: confirms it. Whoever confirms twice sees what became of
/// the first time.
pub async fn confirm(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    _posted: Posted,
) -> HttpResponse {
    let found = match find(&request, &app, &signed, &path).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let after = json!({
        "source": found.draft.source,
        "new": found.told.new,
        "import": found.draft.id,
    });
    let variant = ("variant", found.draft.variant_id.as_str());
    let line = signed.changed(&app, "stock.import", variant, &json!({}), &after);
    let begun = draft::confirm(
        &app.store,
        &*app.clock,
        &found.draft.id,
        &signed.staff.id,
        move |db| line.write(db),
    );
    match begun.await {
        Ok(begun) if begun || found.draft.state != DraftState::Ready => {
            let here = format!("/admin/stock/imports/{}", found.draft.id);
            HttpResponse::SeeOther()
                .insert_header(("location", here))
                .finish()
        }
        // Confirmed by another click, or too old.
        Ok(_) => match find(&request, &app, &signed, &path).await {
            Ok(found) => show(&request, &app, &signed, found),
            Err(response) => response,
        },
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show(request: &HttpRequest, app: &App, signed: &SignedIn, found: Found) -> HttpResponse {
    let Found {
        draft, told, known, ..
    } = &found;
    let title = match draft.state {
        DraftState::Ready => Words::stock_draft_title,
        DraftState::Loading => Words::stock_draft_loading,
        DraftState::Done | DraftState::Failed => Words::stock_draft_done,
    };
    let frame = Frame::of(request, app, signed, Section::Stock, title);
    let w = frame.w();
    let over = draft.state == DraftState::Ready && app.clock.now() - draft.created_at > WAITS;
    let mut results = vec![w.stock_draft_loaded(told.new)];
    if found.served > 0 {
        results.push(w.stock_draft_served(found.served));
    }
    if found.waiting > 0 {
        results.push(w.stock_draft_still(found.waiting));
    }
    let page = DraftPage {
        tabs: Tabs::of(known, "import"),
        here: format!("/admin/stock/imports/{}", draft.id),
        state: draft.state.as_str(),
        over,
        from: w.stock_draft_from(&source_words(&draft.source, w)),
        faults: told
            .faults
            .iter()
            .map(|(line, fault)| (*line, reason(*fault, w)))
            .collect(),
        more_faults: more(told.malformed, told.faults.len(), w),
        repeated: [
            (w.stock_draft_twice(), &told.duplicate_in_file),
            (w.stock_draft_known(), &told.already_in_stock),
        ]
        .into_iter()
        .filter(|(_, lines)| lines.count > 0)
        .map(|(name, lines)| repeated(name, lines, w))
        .collect(),
        confirm: w.stock_draft_confirm(told.new),
        progress: w.stock_draft_progress(&found.written.min(count(told.new)), &told.new),
        results,
        told: told.clone(),
        frame,
    };
    let status = match over {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

fn repeated(name: &'static str, lines: &Lines, w: Words) -> Repeated {
    let more = more(lines.count, lines.first.len(), w);
    (name, lines.first.clone(), more)
}

fn more(all: usize, listed: usize, w: Words) -> Option<String> {
    (all > listed).then(|| w.stock_draft_more(all - listed))
}

fn reason(fault: Fault, w: Words) -> &'static str {
    match fault {
        Fault::DuplicateInFile => w.stock_fault_twice(),
        Fault::TooLong => w.stock_fault_too_long(),
        Fault::ControlCharacter => w.stock_fault_control(),
        Fault::NotCsv => w.stock_fault_csv(),
        Fault::NotText => w.stock_fault_text(),
    }
}
