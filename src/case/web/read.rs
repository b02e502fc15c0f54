//! A case with what it stands on, read at one moment.

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::clock::Millis;
use crate::ids::CaseId;
use crate::payment::heard::{self, Heard};
use crate::payment::{self, Attempt, CaseView, Error, Receipt};
use crate::store::Db;
use crate::web::failure;

/// Notices that a case's page shows.
const NOTICES: i64 = 20;

/// A case with its evidence.
pub(super) struct Whole {
    pub(super) view: CaseView,
    pub(super) receipt: Option<Receipt>,
    pub(super) attempt: Option<Attempt>,
    pub(super) notices: Vec<Heard>,
}

/// Reads the case of an address, or answers that there is none.
pub(super) async fn open(
    request: &HttpRequest,
    app: &App,
    id: &str,
) -> Result<Whole, HttpResponse> {
    let (id, now) = (CaseId(id.to_owned()), app.clock.now());
    match app.store.read(move |db| read(db, &id, now)).await {
        Ok(Some(whole)) => Ok(whole),
        Ok(None) => Err(failure::not_found(request, app)),
        Err(Error::Store(error)) => Err(failure::store(request, app, &error)),
        Err(other) => Err(failure::internal(request, app, &other)),
    }
}

fn read(db: &mut Db, id: &CaseId, now: Millis) -> Result<Option<Whole>, Error> {
    let Some(view) = payment::case_view(db, id, now)? else {
        return Ok(None);
    };
    let receipt = match &view.case.receipt_id {
        Some(id) => Some(payment::store::receipt(db, id)?),
        None => None,
    };
    let of_receipt = receipt.as_ref().and_then(|r| r.attempt_id.clone());
    let attempt = match view.case.attempt_id.clone().or(of_receipt) {
        Some(id) => Some(payment::store::attempt(db, &id)?),
        None => None,
    };
    let notices = match &attempt {
        Some(attempt) => {
            let ids = std::slice::from_ref(&attempt.id);
            heard::notices_of(db, ids, NOTICES)?
        }
        None => Vec::new(),
    };
    Ok(Some(Whole {
        view,
        receipt,
        attempt,
        notices,
    }))
}
