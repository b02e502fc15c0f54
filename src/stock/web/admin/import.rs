//! `/admin/stock/{variant}/import`: what is to be imported, pasted or as a file.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Known, Tabs, known, workshop};
use crate::app::App;
use crate::stock::Target;
use crate::stock::draft::{self, DraftError, Sent};
use crate::stock::import::Layout;
use crate::web::admin::{File, Frame, Posted, Section, SignedIn};
use crate::web::failure;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/stock/import.html")]
struct ImportPage {
    frame: Frame,
    tabs: Tabs,
    /// What is wrong: the field, and the sentence.
    refused: Option<(&'static str, &'static str)>,
    text: String,
}

/// What is wrong with a form: the field, and the sentence.
type Refused = fn(Words) -> (&'static str, &'static str);

/// The variant, if it sells cards of a pool.
pub(super) async fn pool(
    request: &HttpRequest,
    app: &App,
    id: &str,
) -> Result<Known, HttpResponse> {
    let known = known(request, app, id).await?;
    match known.is_pool() {
        true => Ok(known),
        false => Err(failure::not_found(request, app)),
    }
}

/// `GET /admin/stock/{variant}/import`
pub async fn import(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
) -> HttpResponse {
    match pool(&request, &app, &path).await {
        Ok(known) => show(&request, &app, &signed, &known, None, ""),
        Err(response) => response,
    }
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    known: &Known,
    refused: Option<Refused>,
    text: &str,
) -> HttpResponse {
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Stock,
        Words::stock_import_title,
    );
    let page = ImportPage {
        tabs: Tabs::of(known, "import"),
        refused: refused.map(|of| of(frame.w())),
        text: text.to_owned(),
        frame,
    };
    let status = match page.refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/stock/{variant}/import`: the dry run, kept until it is confirmed.
pub async fn read_import(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<String>,
    mut posted: Posted,
) -> HttpResponse {
    let known = match pool(&request, &app, &path).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let file = posted
        .files
        .remove("file")
        .filter(|file| !file.bytes.is_empty());
    let text = posted.get("text");
    let again = |refused: Refused| show(&request, &app, &signed, &known, Some(refused), text);
    let (source, sent) = match (file, text.trim().is_empty()) {
        (Some(_), false) => return again(|w| ("file", w.stock_import_both())),
        (Some(file), true) if !is_text(&file) => {
            return again(|w| ("file", w.stock_import_kind()));
        }
        (Some(file), true) => {
            let layout = Layout::of_file(&file.name);
            let bytes = file.bytes;
            (file_name(&file.name), Sent { bytes, layout })
        }
        (None, _) => {
            let (bytes, layout) = (text.as_bytes().to_vec(), Layout::Lines);
            ("@paste".to_owned(), Sent { bytes, layout })
        }
    };
    let target = Target {
        variant: known.variant.id.clone(),
        seller: known.variant.seller_id.clone(),
        source,
    };
    let kept = draft::keep(&app.store, &workshop(&app), &signed.staff.id, &target, sent).await;
    match kept {
        Ok(id) => HttpResponse::SeeOther()
            .insert_header(("location", format!("/admin/stock/imports/{id}")))
            .finish(),
        Err(DraftError::Empty) => again(|w| ("text", w.stock_import_empty())),
        Err(DraftError::TooManyLines) => again(|w| ("text", w.stock_import_many())),
        Err(DraftError::Store(error)) => failure::store(&request, &app, &error),
    }
}

/// A spreadsheet or a picture would be thousands of lines that are no text.
fn is_text(file: &File) -> bool {
    let name = file.name.to_ascii_lowercase();
    name.ends_with(".txt") || name.ends_with(".csv")
}

/// The name of a file without its folders, and without what is not to be shown.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    name.trim_start_matches('@').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_is_called_by_its_own_name() {
        assert_eq!(file_name("C:\\cards\\a b.txt"), "a b.txt");
        assert_eq!(file_name("../../etc/passwd.txt"), "passwd.txt");
        assert_eq!(file_name("@paste.txt"), "paste.txt");
        assert_eq!(file_name("\u{7}x.csv"), "x.csv");
    }
}
