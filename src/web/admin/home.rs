//! `GET /admin`: what is to be done.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::gate::SignedIn;
use crate::app::App;
use crate::case;
use crate::store::{Db, StoreError};
use crate::web::failure;
use crate::web::words::Words;

/// Open work is counted up to here.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    frame: Frame,
    cases: usize,
}

fn read(db: &mut Db) -> Result<usize, StoreError> {
    Ok(case::store::list(db, true, MOST)?.len())
}

/// `GET /admin`
pub async fn home(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let cases = match app.store.read(read).await {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let frame = Frame::of(&request, &app, &signed, Section::Home, Words::admin_home);
    let page = HomePage { frame, cases };
    page.frame.show(&request, &app, &page)
}
