//! `/admin/stock/cards/{card}`: one card, masked, until somebody asks to see it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::cards::is_id;
use super::{Beside, CardRow, Known, Tabs, content, missing};
use crate::app::App;
use crate::ids::CardId;
use crate::stock::store::shelf as rows;
use crate::stock::{Card, CardState};
use crate::store::{Db, StoreError};
use crate::web::admin::prove::proved;
use crate::web::admin::{Frame, Posted, Section, SignedIn};
use crate::web::failure;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/stock/card.html")]
struct CardPage {
    frame: Frame,
    tabs: Tabs,
    row: CardRow,
    deed: Option<(&'static str, &'static str)>,
    /// Whether the password is asked for.
    asks: bool,
    /// Whether it was wrong.
    wrong: bool,
    content: Option<String>,
}

struct Found {
    card: Card,
    known: Known,
    beside: Beside,
}

fn read(db: &mut Db, id: &CardId) -> Result<Found, StoreError> {
    if !is_id(id.as_str()) {
        return Err(StoreError::NotFound);
    }
    let card = rows::find_card(db, id)?.ok_or(StoreError::NotFound)?;
    Ok(Found {
        known: Known::read(db, card.variant_id.as_str())?,
        beside: Beside::read(db, std::slice::from_ref(&card))?,
        card,
    })
}

async fn find(request: &HttpRequest, app: &App, id: &str) -> Result<Found, HttpResponse> {
    let id = CardId(id.to_owned());
    let found = app.store.read(move |db| read(db, &id)).await;
    found.map_err(|error| missing(request, app, &error))
}

/// `GET /admin/stock/cards/{card}`
pub async fn card(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    match find(&request, &app, &path).await {
        Ok(found) => show(&request, &app, &signed, &found, false, None),
        Err(response) => response,
    }
}

/// `POST /admin/stock/cards/{card}/reveal`: the whole content, once the audit log knows of it.
pub async fn reveal(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let found = match find(&request, &app, &path).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => return show(&request, &app, &signed, &found, true, None),
        Err(error) => return failure::store(&request, &app, &error),
    }
    let text = match content(&app.sealer, &found.card) {
        Ok(text) => text,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let line = signed.entry(&app, "card.reveal", ("card", found.card.id.as_str()));
    match app.store.write(move |db| line.write(db)).await {
        Ok(()) => show(&request, &app, &signed, &found, false, Some(text)),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    found: &Found,
    wrong: bool,
    content: Option<String>,
) -> HttpResponse {
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Stock,
        Words::stock_card_title,
    );
    let w = frame.w();
    let page = CardPage {
        tabs: Tabs::of(&found.known, "card"),
        row: found.beside.row(&frame, &app.sealer, &found.card),
        deed: match found.card.state {
            CardState::Available => Some(("withdraw", w.stock_card_withdraw())),
            CardState::Withdrawn => Some(("restore", w.stock_card_restore())),
            CardState::Reserved | CardState::Delivered => None,
        },
        asks: !signed.has_proved(app.clock.now()),
        wrong,
        content,
        frame,
    };
    let status = match wrong {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}
