//! `POST /admin/requests/{id}`: an answer, or the end. Both bring how many messages their page
//! showed, so that nobody answers past what was said meanwhile.

use actix_web::{HttpRequest, HttpResponse, web};

use super::page::show;
use crate::app::App;
use crate::ids::RequestId;
use crate::request::{self, Answer, Error, LONGEST, MOST_MESSAGES, Tools};
use crate::store::StoreError;
use crate::web::admin::gate::words_of;
use crate::web::admin::{Posted, SignedIn, done};
use crate::web::failure;
use crate::web::pages::failure::Failure;
use crate::web::whole::whole;
use crate::web::words::Words;

/// What a form of the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Answer,
    Close,
}

/// `POST /admin/requests/{id}`, with `do=answer` or `do=close`.
pub async fn write(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    id: web::Path<String>,
) -> HttpResponse {
    let deed = match posted.get("do") {
        "answer" => Some(Deed::Answer),
        "close" => Some(Deed::Close),
        _ => None,
    };
    let (Some(deed), Some(key), Ok(seen)) = (deed, posted.form.key(), posted.get("seen").parse())
    else {
        return failure::page(&request, &app, Failure::BadRequest, None);
    };
    let about = RequestId(id.into_inner());
    let text = posted.get("message");
    let written = match deed {
        Deed::Answer => answer(&app, &signed, &about, text, seen, key).await,
        Deed::Close => close(&app, &signed, &about, seen).await,
    };
    let words = words_of(&request, &app);
    let why = match written {
        Err(error) => return failure::store(&request, &app, &error),
        Ok(Ok(())) => {
            let said = match deed {
                Deed::Answer => words.thread_answered(),
                Deed::Close => words.thread_ended(),
            };
            return done(&app, &format!("/admin/requests/{about}"), said);
        }
        Ok(Err(Error::Store(error))) => return failure::store(&request, &app, &error),
        Ok(Err(why)) => why,
    };
    match refusal(words, deed, &why) {
        Some(told) => show(&request, &app, &signed, about.as_str(), Some((text, told))).await,
        None => failure::not_found(&request, &app),
    }
}

async fn answer(
    app: &web::Data<App>,
    signed: &SignedIn,
    about: &RequestId,
    text: &str,
    seen: i64,
    key: &str,
) -> Result<Result<(), Error>, StoreError> {
    let line = signed.entry(app, "request.answer", ("request", about.as_str()));
    let (app, about) = (app.clone(), about.clone());
    let (text, key) = (text.to_owned(), key.to_owned());
    whole(async move {
        let tools = Tools {
            sealer: &app.sealer,
            clock: &*app.clock,
            random: &*app.random,
            promises: app.promises(),
        };
        let answer = Answer {
            text: &text,
            seen,
            key: &key,
        };
        request::answer(&app.store, &tools, &about, line, answer).await
    })
    .await
}

async fn close(
    app: &web::Data<App>,
    signed: &SignedIn,
    about: &RequestId,
    seen: i64,
) -> Result<Result<(), Error>, StoreError> {
    let line = signed.entry(app, "request.close", ("request", about.as_str()));
    let (app, about) = (app.clone(), about.clone());
    whole(async move { request::end(&app.store, &*app.clock, &about, line, seen).await }).await
}

/// Why nothing was written, in words; none = there is no such request.
fn refusal(words: Words, deed: Deed, why: &Error) -> Option<String> {
    Some(match (why, deed) {
        (Error::Words, _) => words.thread_err_words(LONGEST),
        (Error::Moved, Deed::Answer) => words.thread_err_moved().to_owned(),
        (Error::Moved, Deed::Close) => words.thread_err_moved_close().to_owned(),
        (Error::TooLong, _) => words.thread_full(MOST_MESSAGES),
        (Error::Closed, Deed::Answer) => words.thread_err_closed().to_owned(),
        (Error::Closed, Deed::Close) => words.thread_over().to_owned(),
        (Error::Unknown | Error::NotPaid | Error::TooManyOpen | Error::Store(_), _) => return None,
    })
}
