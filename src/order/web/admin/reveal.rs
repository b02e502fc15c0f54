//! What is somebody else's secret: the buyer's address, and the goods that left. It is shown
//! after the password was typed again, once, and the audit log keeps who looked.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::act::{home, step};
use super::page::email as address;
use super::read::{Whole, open};
use crate::app::App;
use crate::web::admin::prove::proved;
use crate::web::admin::step::Step;
use crate::web::admin::{Frame, Posted, Section, SignedIn};
use crate::web::failure;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/order/shown.html")]
struct ShownPage {
    frame: Frame,
    back: (String, String),
    /// What each is, and its content; none = it does not open.
    shown: Vec<(String, Option<String>)>,
}

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Email,
    Goods,
}

impl What {
    const fn title(self, words: Words) -> &'static str {
        match self {
            What::Email => words.order_email_title(),
            What::Goods => words.order_goods_title(),
        }
    }

    const fn action(self) -> &'static str {
        match self {
            What::Email => "order.email",
            What::Goods => "order.goods",
        }
    }
}

fn asks(request: &HttpRequest, app: &App, signed: &SignedIn, seen: &Whole, what: What) -> Step {
    let mut step = step(request, app, signed, seen, |w| what.title(w).to_owned());
    let words = step.frame().w();
    step.effects = vec![match what {
        What::Email => words.order_email_effect(seen.order.order_no.as_str()),
        What::Goods => words.order_goods_effect(seen.goods.len()),
    }];
    what.title(words).clone_into(&mut step.button);
    step.asks_for_proof(app, signed);
    step
}

async fn show_step(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: &str,
    what: What,
) -> HttpResponse {
    match open(&request, &app, no).await {
        Ok(seen) if what == What::Goods && seen.goods.is_empty() => {
            failure::not_found(&request, &app)
        }
        Ok(seen) => asks(&request, &app, &signed, &seen, what).show(&request, &app),
        Err(response) => response,
    }
}

async fn reveal(
    request: HttpRequest,
    app: web::Data<App>,
    (signed, posted): (SignedIn, Posted),
    no: &str,
    what: What,
) -> HttpResponse {
    let seen = match open(&request, &app, no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => {
            let mut step = asks(&request, &app, &signed, &seen, what);
            step.not_proved(&posted);
            return step.show(&request, &app);
        }
        Err(error) => return failure::store(&request, &app, &error),
    }
    let line = signed
        .entry(&app, what.action(), ("order", seen.order.id.as_str()))
        .changed(
            &serde_json::json!({}),
            &serde_json::json!({"order_no": seen.order.order_no, "units": match what {
                What::Email => None,
                What::Goods => Some(seen.goods.len()),
            }}),
        );
    // Nothing is shown that the log does not tell of.
    if let Err(error) = app.store.write(move |db| line.write(db)).await {
        return failure::store(&request, &app, &error);
    }
    let frame = Frame::of(&request, &app, &signed, Section::Orders, |w| what.title(w));
    let shown = match what {
        What::Email => {
            let name = frame.w().order_email_shown().to_owned();
            vec![(name, address(&app, &seen.order))]
        }
        What::Goods => units(&app, &frame, &seen),
    };
    let name = frame.w().order_page_title(seen.order.order_no.as_str());
    let page = ShownPage {
        back: (home(&seen), name),
        shown,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

fn units(app: &App, frame: &Frame, seen: &Whole) -> Vec<(String, Option<String>)> {
    let shown = seen.goods.iter().map(|content| {
        let item = seen.items.iter().find(|item| item.id == content.item_id);
        let name = item.map_or("", |item| frame.pick(&item.name_zh, &item.name_en));
        let unit = content.open(&app.sealer).ok();
        (
            format!("{name} · {}", content.unit_no),
            unit.map(|unit| unit.content),
        )
    });
    shown.collect()
}

/// `GET /admin/orders/{no}/email`
pub async fn email_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    show_step(request, app, signed, &no, What::Email).await
}

/// `POST /admin/orders/{no}/email`
pub async fn email(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    no: web::Path<String>,
) -> HttpResponse {
    reveal(request, app, (signed, posted), &no, What::Email).await
}

/// `GET /admin/orders/{no}/goods`
pub async fn goods_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    show_step(request, app, signed, &no, What::Goods).await
}

/// `POST /admin/orders/{no}/goods`
pub async fn goods(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    no: web::Path<String>,
) -> HttpResponse {
    reveal(request, app, (signed, posted), &no, What::Goods).await
}
