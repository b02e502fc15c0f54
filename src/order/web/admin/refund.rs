//! Giving the money of an order back: how much, then what exactly that does, then it is done.

use actix_web::{HttpRequest, HttpResponse, web};

use super::super::act::to_the_end;
use super::act::{failed, home, step, stopped};
use super::masked;
use super::page::email;
use super::read::{Whole, open};
use crate::account::AccountState;
use crate::app::App;
use crate::money::{Minor, Money};
use crate::payment::{self, Error, Refundable, Way, Why};
use crate::web::admin::prove::proved;
use crate::web::admin::step::{Input, Kind, Step};
use crate::web::admin::{Posted, SignedIn, done};
use crate::web::failure;
use crate::web::visitor::query_value;
use crate::web::words::Words;

const LONGEST_NOTE: usize = 500;

fn money(seen: &Whole, amount: Minor) -> String {
    Money::new(amount, seen.order.currency).display()
}

/// What may go back of the order, or the answer that nothing may.
fn refundable(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    seen: &Whole,
) -> Result<Refundable, Box<HttpResponse>> {
    let answer = match payment::refundable(&seen.order, &seen.items, &seen.refunds) {
        Ok(Ok(found)) => return Ok(found),
        Ok(Err(why)) => stopped(request, app, blank(request, app, signed, seen), why),
        Err(cause) => failure::internal(request, app, &cause),
    };
    Err(Box::new(answer))
}

fn blank(request: &HttpRequest, app: &App, signed: &SignedIn, seen: &Whole) -> Step {
    let mut blank = step(request, app, signed, seen, |w| w.refund_title().to_owned());
    blank.action = format!("{}/refund", home(seen));
    blank
}

/// `GET /admin/orders/{no}/refund`: how much, where there is a choice; else what it does.
pub async fn refund_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let found = match refundable(&request, &app, &signed, &seen) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let asked = query_value(&request, "amount");
    let amount = match (found, &asked) {
        (Refundable::Nothing, _) => Some(Minor::ZERO),
        (Refundable::Owed { rest, whole }, None) if rest == whole => Some(whole),
        (_, None) => None,
        (_, Some(text)) => Minor::parse(text, seen.order.currency).ok(),
    };
    match amount.map(|amount| (amount, found.way(amount))) {
        Some((amount, Ok(way))) => {
            let step = confirm(&request, &app, &signed, &seen, (amount, way));
            step.show(&request, &app)
        }
        _ => how_much(&request, &app, &signed, &seen, found).show(&request, &app),
    }
}

fn how_much(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    seen: &Whole,
    found: Refundable,
) -> Step {
    let mut step = step(request, app, signed, seen, |w| {
        w.refund_amount_title().to_owned()
    });
    let words = step.frame().w();
    let (hint, first) = match found {
        Refundable::Nothing => (String::new(), Minor::ZERO),
        Refundable::Owed { rest, whole } if rest > Minor::ZERO && rest < whole => {
            let hint = words.refund_amount_owed(&money(seen, rest), &money(seen, whole));
            (hint, rest)
        }
        Refundable::Owed { whole, .. } => (words.refund_amount_whole(&money(seen, whole)), whole),
        Refundable::Delivered { left, .. } => (words.refund_amount_hint(&money(seen, left)), left),
    };
    let currency = seen.order.currency;
    let label = words.refund_amount(currency.code());
    let input = Input::new("amount", label, Kind::Line)
        .hint(hint)
        .value(&first.decimal(currency));
    step.action = format!("{}/refund/amount", home(seen));
    step.inputs = vec![input];
    words.refund_go_on().clone_into(&mut step.button);
    step
}

/// `POST /admin/orders/{no}/refund/amount`: goes on to the page that says what it does.
pub async fn refund_amount(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let found = match refundable(&request, &app, &signed, &seen) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let currency = seen.order.currency;
    let parsed = Minor::parse(posted.get("amount").trim(), currency);
    let mut step = how_much(&request, &app, &signed, &seen, found);
    let words = step.frame().w();
    let wrong = match parsed.map(|amount| (amount, found.way(amount))) {
        Ok((amount, Ok(_))) => {
            let to = format!("{}/refund?amount={}", home(&seen), amount.decimal(currency));
            return HttpResponse::SeeOther()
                .insert_header(("location", to))
                .finish();
        }
        Ok((_, Err(why))) => words.why(why),
        Err(_) => words.refund_bad_amount(),
    };
    step.refused(&posted, vec![("amount".to_owned(), wrong.to_owned())]);
    step.show(&request, &app)
}

/// The page that says what exactly a refund does.
fn confirm(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    seen: &Whole,
    (amount, way): (Minor, Way),
) -> Step {
    let title = |w: Words| match way {
        Way::End => w.refund_end_title().to_owned(),
        _ => w.refund_title().to_owned(),
    };
    let mut step = step(request, app, signed, seen, title);
    let words = step.frame().w();
    let shown = money(seen, amount);
    step.action = format!("{}/refund", home(seen));
    step.effects = effects(app, words, seen, (amount, way));
    step.warning = warning(app, words, seen).filter(|_| way != Way::End);
    step.hidden = vec![
        ("amount", amount.decimal(seen.order.currency)),
        ("seen", seen.refunds.len().to_string()),
    ];
    let note = Input::new("note", words.refund_note(), Kind::Area).hint(words.refund_note_hint());
    step.inputs = vec![note];
    step.button = match way {
        Way::End => words.refund_end_title().to_owned(),
        _ => words.refund_do(&shown),
    };
    step.danger = true;
    step.asks_for_proof(app, signed);
    step
}

fn effects(app: &App, words: Words, seen: &Whole, (amount, way): (Minor, Way)) -> Vec<String> {
    if way == Way::End {
        return vec![words.refund_effect_end().to_owned()];
    }
    let to = email(app, &seen.order).map(|email| masked(&email));
    let mut told = vec![words.refund_effect_amount(&money(seen, amount), &to.unwrap_or_default())];
    if let Some(receipt) = paid_by(seen) {
        let account = receipt.account_id.as_str();
        told.push(words.refund_effect_route(account, &receipt.channel_trade_no));
    }
    match way {
        Way::Whole => told.push(words.refund_effect_whole().to_owned()),
        Way::Part => {
            let left = payment::refundable(&seen.order, &seen.items, &seen.refunds);
            if let Ok(Ok(Refundable::Delivered { left, .. })) = left
                && let Ok(left) = left.minus(amount)
            {
                told.push(words.refund_effect_part(&money(seen, left)));
            }
        }
        Way::Owed | Way::End => {
            told.push(words.refund_effect_owed().to_owned());
            let left: i64 = seen.items.iter().map(|item| item.delivered).sum();
            if left > 0 {
                told.push(words.refund_effect_owed_part(left));
            }
        }
    }
    told.push(words.refund_effect_mail().to_owned());
    told
}

/// The money that paid the order, as far as its page can tell: the books decide.
fn paid_by(seen: &Whole) -> Option<&payment::Receipt> {
    use crate::ledger::{Account, Side};
    let account = Account::OrderUnfulfilled.to_string();
    let gave = |id: &str| {
        seen.journal
            .iter()
            .filter(|(row, _)| row.source_id == id)
            .flat_map(|(_, entries)| entries)
            .any(|entry| entry.account == account && entry.side == Side::Credit.as_str())
    };
    seen.receipts
        .iter()
        .find(|receipt| gave(receipt.id.as_str()))
}

/// What makes the way back longer than usual.
fn warning(app: &App, words: Words, seen: &Whole) -> Option<String> {
    let receipt = paid_by(seen)?;
    let account = app.accounts.by_id(&receipt.account_id);
    let account = account.filter(|account| account.facts.state != AccountState::Off);
    let text = match account.as_ref().map(|account| account.channel.as_ref()) {
        Some(Ok(channel)) if channel.refunds().is_some() => return None,
        Some(Ok(_)) => words.refund_no_api(),
        Some(Err(_)) | None => words.refund_account_off(),
    };
    Some(text.to_owned())
}

/// `POST /admin/orders/{no}/refund`
pub async fn refund(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    no: web::Path<String>,
) -> HttpResponse {
    let seen = match open(&request, &app, &no).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let found = match refundable(&request, &app, &signed, &seen) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let amount = Minor::parse(posted.get("amount"), seen.order.currency);
    let (Ok(amount), Ok(known)) = (amount, posted.get("seen").parse::<usize>()) else {
        let blank = blank(&request, &app, &signed, &seen);
        return stopped(&request, &app, blank, Why::OutOfRange);
    };
    let blank = || blank(&request, &app, &signed, &seen);
    if known != seen.refunds.len() {
        return stopped(&request, &app, blank(), Why::Meanwhile);
    }
    let way = match found.way(amount) {
        Ok(way) => way,
        Err(why) => return stopped(&request, &app, blank(), why),
    };
    let note = posted.get("note").trim().to_owned();
    let mut step = confirm(&request, &app, &signed, &seen, (amount, way));
    let words = step.frame().w();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE {
        let text = words.refund_note_missing().to_owned();
        step.refused(&posted, vec![("note".to_owned(), text)]);
        return step.show(&request, &app);
    }
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => {
            step.not_proved(&posted);
            return step.show(&request, &app);
        }
        Err(error) => return failure::store(&request, &app, &error),
    }
    let id = seen.order.id.clone();
    let line = signed.entry(&app, "order.refund", ("order", id.as_str()));
    let till = app.till();
    let done_or_not: Result<_, Error> =
        to_the_end(
            async move { payment::refund_order(&till, &id, (amount, known), line, &note).await },
        )
        .await;
    match done_or_not {
        Ok(Some(_)) => {
            let text = words.refund_started(&money(&seen, amount));
            done(&app, &home(&seen), &text)
        }
        Ok(None) => done(&app, &home(&seen), words.refund_ended()),
        Err(error) => failed(&request, &app, blank(), error),
    }
}
