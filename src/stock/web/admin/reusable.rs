//! `/admin/stock/{variant}/reusable`: the one content that every buyer of a variant gets.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::{Known, Tabs, known, tools};
use crate::app::App;
use crate::catalog::Delivery;
use crate::stock::import::LONGEST_CARD;
use crate::stock::store::shelf as rows;
use crate::stock::{Reusable, ReuseError, change_reusable as change, mask};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::prove::proved;
use crate::web::admin::{Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/stock/reusable.html")]
struct ReusablePage {
    frame: Frame,
    tabs: Tabs,
    refused: Vec<(&'static str, String)>,
    bad_content: bool,
    bad_limit: bool,
    wrong: bool,
    /// As typed.
    content: String,
    limit: String,
    asks: bool,
    masked: Option<String>,
    shown: Option<String>,
    used: i64,
    limit_now: String,
}

/// What a page shows beside what is stored.
#[derive(Default)]
struct Typed {
    content: String,
    limit: Option<String>,
    refused: Vec<(&'static str, String)>,
    reveal: bool,
}

async fn find(
    request: &HttpRequest,
    app: &App,
    id: &str,
) -> Result<(Known, Option<Reusable>), HttpResponse> {
    let known = known(request, app, id).await?;
    if known.product.delivery != Delivery::Reusable {
        return Err(failure::not_found(request, app));
    }
    let of = known.variant.id.clone();
    let stored = app
        .store
        .read(move |db| rows::reusable_row(db, &of))
        .await
        .map_err(|error| failure::store(request, app, &error))?;
    Ok((known, stored))
}

/// What it says.
fn content(app: &App, row: &Reusable) -> Result<String, StoreError> {
    let place = Reusable::place(&row.variant_id, &row.seller_id);
    let opened = app.sealer.open_text(&row.content, &place);
    opened.map_err(|cause| StoreError::corrupt(format!("reusable {}: {cause}", row.variant_id)))
}

/// `GET /admin/stock/{variant}/reusable`
pub async fn reusable(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    match find(&request, &app, &path).await {
        Ok((known, stored)) => show(&request, &app, &signed, &known, stored, Typed::default()),
        Err(response) => response,
    }
}

/// `POST /admin/stock/{variant}/reusable/reveal`: the content, once the audit log knows of it.
pub async fn reveal_reusable(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let (known, stored) = match find(&request, &app, &path).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let w = words_of(&request, &app);
    let typed = match proved(&app, &signed, &posted).await {
        Ok(true) => {
            let variant = ("variant", known.variant.id.as_str());
            let line = signed.entry(&app, "reusable.reveal", variant);
            if let Err(error) = app.store.write(move |db| line.write(db)).await {
                return failure::store(&request, &app, &error);
            }
            Typed {
                reveal: true,
                ..Typed::default()
            }
        }
        Ok(false) => Typed {
            refused: vec![("proof-2", w.proof_wrong().to_owned())],
            ..Typed::default()
        },
        Err(error) => return failure::store(&request, &app, &error),
    };
    show(&request, &app, &signed, &known, stored, typed)
}

/// `POST /admin/stock/{variant}/reusable`: changes content and limit.
pub async fn change_reusable(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let (known, stored) = match find(&request, &app, &path).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let w = words_of(&request, &app);
    // Browsers send line ends as two characters.
    let text = posted.get("content").replace("\r\n", "\n");
    let text = text.trim();
    let limit = posted.get("limit").trim();
    let mut refused: Vec<(&'static str, String)> = Vec::new();
    let is_odd = |c: char| c.is_control() && !['\t', '\n'].contains(&c);
    if text.chars().count() > LONGEST_CARD || text.chars().any(is_odd) {
        refused.push(("content", w.stock_reuse_content_error().to_owned()));
    }
    let use_limit: Option<i64> = limit.parse().ok().filter(|n| *n > 0);
    if !limit.is_empty() && use_limit.is_none() {
        refused.push(("limit", w.stock_reuse_limit_error().to_owned()));
    }
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => refused.push(("proof", w.proof_wrong().to_owned())),
        Err(error) => return failure::store(&request, &app, &error),
    }
    if refused.is_empty() {
        let content = Some(text).filter(|text| !text.is_empty());
        match save(&app, &signed, &known, content, use_limit).await {
            Ok(()) => {
                let here = format!("/admin/stock/{}/reusable", known.variant.id);
                return done(&app, &here, w.stock_reuse_saved());
            }
            Err(ReuseError::NoContent) => {
                refused.push(("content", w.stock_reuse_content_missing().to_owned()));
            }
            Err(ReuseError::UsedMore(used)) => {
                refused.push(("limit", w.stock_reuse_limit_used(&used)));
            }
            Err(ReuseError::Store(error)) => return failure::store(&request, &app, &error),
        }
    }
    let typed = Typed {
        content: text.to_owned(),
        limit: Some(limit.to_owned()),
        refused,
        reveal: false,
    };
    show(&request, &app, &signed, &known, stored, typed)
}

async fn save(
    app: &App,
    signed: &SignedIn,
    known: &Known,
    content: Option<&str>,
    use_limit: Option<i64>,
) -> Result<(), ReuseError> {
    let line = signed.entry(app, "reusable.save", ("variant", known.variant.id.as_str()));
    // What it says is a secret; that it changed is none.
    let said = content.map(|_| "changed");
    let also = move |db: &mut Db, before: Option<&Reusable>| {
        let was = before.and_then(|row| row.use_limit);
        let before = json!({"use_limit": was, "content": null});
        let after = json!({"use_limit": use_limit, "content": said});
        line.clone().changed(&before, &after).write(db)
    };
    let of = (&known.variant.id, &known.variant.seller_id);
    change(&app.store, tools(app), of, content, use_limit, also).await
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    stored: Option<Reusable>,
    typed: Typed,
) -> HttpResponse {
    let opened = match stored.as_ref().map(|row| content(app, row)).transpose() {
        Ok(opened) => opened,
        Err(error) => return failure::store(request, app, &error),
    };
    let frame = Frame::of(request, app, signed, Section::Stock, |w: Words| {
        known.name(w.lang())
    });
    let stands = |field: &str| typed.refused.iter().any(|(of, _)| *of == field);
    let limit = stored.as_ref().and_then(|row| row.use_limit);
    let number = limit.map(|n| n.to_string());
    let page = ReusablePage {
        tabs: Tabs::of(known, "reusable"),
        bad_content: stands("content"),
        bad_limit: stands("limit"),
        wrong: stands("proof"),
        limit: typed
            .limit
            .unwrap_or_else(|| number.clone().unwrap_or_default()),
        content: typed.content,
        asks: !signed.has_proved(app.clock.now()),
        masked: opened.as_deref().map(mask),
        shown: opened.filter(|_| typed.reveal),
        used: stored.map_or(0, |row| row.used),
        limit_now: number.unwrap_or_else(|| frame.w().stock_endless().to_owned()),
        refused: typed.refused,
        frame,
    };
    let status = match page.refused.is_empty() {
        false => StatusCode::UNPROCESSABLE_ENTITY,
        true => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}
