//! The own second factor: setting it up, turning it off.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::seal::Secret;
use crate::staff::totp;
use crate::web::admin::gate::words_of;
use crate::web::admin::prove::proved;
use crate::web::admin::{Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::qr::{QrSvg, qr_svg};
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/second.html")]
struct SecondPage {
    frame: Frame,
    qr: Option<QrSvg>,
    secret: String,
    /// The secret as the form sends it back: sealed, so that it is the one that was shown.
    kept: String,
    code_wrong: bool,
    proof_wrong: bool,
    asks_proof: bool,
    on: bool,
}

const PLACE: &str = "staff/second";

/// `GET /admin/account/second`
pub async fn second(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let secret = totp::new_secret(&*app.random);
    show(&request, &app, &signed, &secret, Wrong::Nothing)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Code,
    Proof,
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    secret: &Secret,
    wrong: Wrong,
) -> HttpResponse {
    let frame = Frame::of(request, app, signed, Section::Account, Words::second_title);
    let url = totp::url(secret, &frame.shop_name, &signed.staff.email);
    let bound = format!("{PLACE}/{}", signed.staff.id);
    let kept = app
        .sealer
        .seal(secret.reveal().as_bytes(), &bound, &*app.random);
    let page = SecondPage {
        frame,
        qr: qr_svg(url.reveal()).ok(),
        secret: secret.reveal().to_owned(),
        kept: hex::encode(kept),
        code_wrong: wrong == Wrong::Code,
        proof_wrong: wrong == Wrong::Proof,
        asks_proof: !signed.has_proved(app.clock.now()),
        on: signed.staff.totp.is_some(),
    };
    let status = match wrong {
        Wrong::Nothing => StatusCode::OK,
        Wrong::Code | Wrong::Proof => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/account/second`: a right code of the secret that was shown turns it on.
pub async fn turn_on(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let bound = format!("{PLACE}/{}", signed.staff.id);
    let kept = hex::decode(posted.get("kept")).ok();
    let secret = kept.and_then(|kept| app.sealer.open_text(&kept, &bound).ok());
    let Some(secret) = secret.map(Secret::new) else {
        return failure::not_found(&request, &app);
    };
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => return show(&request, &app, &signed, &secret, Wrong::Proof),
        Err(error) => return failure::store(&request, &app, &error),
    }
    if totp::step_of(&secret, posted.get("code"), app.clock.now()).is_none() {
        return show(&request, &app, &signed, &secret, Wrong::Code);
    }
    let line = signed.entry(&app, "staff.totp_on", ("staff", signed.staff.id.as_str()));
    let (id, random) = (&signed.staff.id, &*app.random);
    match totp::turn_on(&app.store, &app.sealer, id, &secret, line, random).await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, "/admin/account", words.second_turned_on())
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/account/second/off`
pub async fn turn_off(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => {
            let secret = totp::new_secret(&*app.random);
            return show(&request, &app, &signed, &secret, Wrong::Proof);
        }
        Err(error) => return failure::store(&request, &app, &error),
    }
    let line = signed.entry(&app, "staff.totp_off", ("staff", signed.staff.id.as_str()));
    match totp::turn_off(&app.store, &signed.staff.id, line).await {
        Ok(()) => {
            let words = words_of(&request, &app);
            done(&app, "/admin/account", words.second_turned_off())
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}
