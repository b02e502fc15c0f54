//! `GET /admin/cases/{id}`: the evidence, the notes, and what may be done now.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read::{Whole, open};
use crate::app::App;
use crate::ids::CaseId;
use crate::money::Money;
use crate::order::Order;
use crate::payment::{self, Deed, Error};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Method, Tag, state_tag};

const LONGEST_NOTE: usize = 2_000;
/// Letters of a notice that are shown.
const LETTERS: usize = 8 * 1024;

struct OrderLine {
    no: String,
    tag: Tag,
    amount: String,
    items: Vec<String>,
    /// What the buyer wrote into the form: who delivers by hand needs it.
    answers: BTreeMap<String, String>,
}

struct ReceiptLine {
    trade_no: String,
    account: String,
    kind: String,
    source: String,
    amount: String,
    at: Stamp,
}

struct AttemptLine {
    merchant_no: String,
    account: String,
    method: String,
    tag: Tag,
    amount: String,
}

struct RefundLine {
    no: String,
    account: String,
    tag: Tag,
    amount: String,
    tries: i64,
    failure: String,
}

struct NoticeLine {
    at: Stamp,
    verdict: Tag,
    failed: Option<String>,
    from: String,
    body: String,
}

/// What may be done: its address and name; or its name and why it may not.
struct Deeds {
    may: Vec<(&'static str, &'static str)>,
    may_not: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "admin/case.html")]
struct CasePage {
    frame: Frame,
    id: String,
    tag: Tag,
    severity: Tag,
    what: &'static str,
    overdue: bool,
    amount: String,
    held: Option<String>,
    opened: Stamp,
    due: Stamp,
    closed: Option<Stamp>,
    owner: String,
    proposal: String,
    resolution: Option<String>,
    summary: String,
    order: Option<OrderLine>,
    receipt: Option<ReceiptLine>,
    attempt: Option<AttemptLine>,
    refund: Option<RefundLine>,
    notices: Vec<NoticeLine>,
    notes: Vec<(Stamp, String, String)>,
    deeds: Deeds,
    typed: String,
    wrong: Option<&'static str>,
}

/// `GET /admin/cases/{id}`
pub async fn page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    show(&request, &app, &signed, &id, None).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    id: &str,
    refused: Option<(&str, &'static str)>,
) -> HttpResponse {
    let whole = match open(request, app, id).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    let kind = whole.view.case.kind.as_str();
    let frame = Frame::of(request, app, signed, Section::Cases, |w| {
        w.case_title(w.case_kind(kind).0)
    });
    let mut page = fill(app, frame, &whole);
    if let Some((typed, wrong)) = refused {
        typed.clone_into(&mut page.typed);
        page.wrong = Some(wrong);
    }
    let status = match page.wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

fn fill(app: &App, frame: Frame, whole: &Whole) -> CasePage {
    let (view, words) = (&whole.view, frame.w());
    let case = &view.case;
    CasePage {
        id: case.id.to_string(),
        tag: words.case_tag(&case.state),
        severity: words.severity_tag(&case.severity),
        what: words.case_kind(case.kind.as_str()).1,
        overdue: case.state == "open" && case.due_at < app.clock.now(),
        amount: Money::new(case.amount, case.currency).display(),
        held: view.facts.held.map(Money::display),
        opened: frame.time(case.created_at),
        due: frame.time(case.due_at),
        closed: case.closed_at.map(|at| frame.time(at)),
        owner: match case.owner.as_str() {
            "finance" => words.case_owner_finance().to_owned(),
            other => other.to_owned(),
        },
        proposal: words.case_proposal_word(&case.proposal).to_owned(),
        resolution: case
            .resolution
            .as_ref()
            .map(|text| words.case_ended(text).to_owned()),
        summary: case.summary.clone(),
        order: order_line(app, &frame, whole),
        receipt: receipt_line(&frame, whole),
        attempt: attempt_line(&frame, whole),
        refund: refund_line(&frame, whole),
        notices: notices(&frame, whole),
        notes: view
            .notes
            .iter()
            .map(|(at, who, what)| (frame.time(*at), words.actor(who), what.clone()))
            .collect(),
        deeds: deeds(&frame, whole),
        typed: String::new(),
        wrong: None,
        frame,
    }
}

fn order_line(app: &App, frame: &Frame, whole: &Whole) -> Option<OrderLine> {
    let (order, items) = whole.view.order.as_ref()?;
    Some(OrderLine {
        no: order.order_no.to_string(),
        tag: state_tag(order.state.as_str(), frame.lang),
        amount: order.money().display(),
        items: items
            .iter()
            .map(|item| {
                let name = frame.pick(&item.name_zh, &item.name_en);
                format!("{name} × {}/{}", item.delivered, item.quantity)
            })
            .collect(),
        answers: order
            .fields
            .as_ref()
            .and_then(|sealed| {
                let place = Order::fields_place(&order.id);
                app.sealer.open_text(sealed, &place).ok()
            })
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
    })
}

fn receipt_line(frame: &Frame, whole: &Whole) -> Option<ReceiptLine> {
    let (receipt, words) = (whole.receipt.as_ref()?, frame.w());
    Some(ReceiptLine {
        trade_no: receipt.channel_trade_no.clone(),
        account: receipt.account_id.to_string(),
        kind: words.receipt_word(receipt.kind.as_str()).to_owned(),
        source: words.source_word(receipt.source.as_str()).to_owned(),
        amount: Money::new(receipt.amount, receipt.currency).display(),
        at: frame.time(receipt.paid_at),
    })
}

fn attempt_line(frame: &Frame, whole: &Whole) -> Option<AttemptLine> {
    let attempt = whole.attempt.as_ref()?;
    let code = attempt.method.as_str();
    let method = Method::parse(code).map_or(code, |method| method.name(frame.lang));
    Some(AttemptLine {
        merchant_no: attempt.merchant_no.clone(),
        account: attempt.account_id.to_string(),
        method: method.to_owned(),
        tag: frame.w().attempt_tag(attempt.state.as_str()),
        amount: Money::new(attempt.amount, attempt.currency).display(),
    })
}

fn refund_line(frame: &Frame, whole: &Whole) -> Option<RefundLine> {
    let refund = whole.view.refund.as_ref()?;
    Some(RefundLine {
        no: refund.merchant_refund_no.clone(),
        account: refund.account_id.to_string(),
        tag: frame.w().refund_tag(refund.state.as_str()),
        amount: Money::new(refund.amount, refund.currency).display(),
        tries: refund.tries,
        failure: refund.failure.clone().unwrap_or_default(),
    })
}

fn notices(frame: &Frame, whole: &Whole) -> Vec<NoticeLine> {
    let words = frame.w();
    let one = |heard: &payment::heard::Heard| NoticeLine {
        at: frame.time(heard.at),
        verdict: words.verdict_tag(&heard.verdict),
        failed: heard
            .failed_check
            .as_ref()
            .map(|check| words.notice_failed_check(words.notice_check(check))),
        from: heard.source_ip.clone(),
        body: heard.text(LETTERS),
    };
    whole.notices.iter().map(one).collect()
}

fn deeds(frame: &Frame, whole: &Whole) -> Deeds {
    let (words, facts) = (frame.w(), &whole.view.facts);
    let free = facts.order.is_some_and(|order| order.is_free());
    let name = |deed: Deed| match deed {
        Deed::Refund if free => words.deed_end(),
        deed => words.deed(deed),
    };
    let mut deeds = Deeds {
        may: Vec::new(),
        may_not: Vec::new(),
    };
    for deed in Deed::ALL {
        match facts.allows(*deed) {
            Ok(()) => deeds.may.push((deed.as_str(), name(*deed))),
            // A closed case says once that it is closed.
            Err(_) if !facts.open => {}
            Err(why) => deeds.may_not.push((name(*deed), words.why(why))),
        }
    }
    deeds
}

/// `POST /admin/cases/{id}/note`
pub async fn note(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    id: web::Path<String>,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let body = posted.get("body").trim();
    let wrong = match body.chars().count() {
        0 => Some(words.case_note_missing()),
        n if n > LONGEST_NOTE => Some(words.case_note_long()),
        _ => None,
    };
    if let Some(wrong) = wrong {
        return show(&request, &app, &signed, &id, Some((body, wrong))).await;
    }
    let case = CaseId(id.into_inner());
    let line = signed.entry(&app, "case.note", ("case", case.as_str()));
    match payment::add_note_as(&app.till(), &case, line, body).await {
        Ok(()) => done(&app, &format!("/admin/cases/{case}"), words.case_noted()),
        Err(Error::Unknown) => failure::not_found(&request, &app),
        Err(Error::Store(error)) => failure::store(&request, &app, &error),
        Err(other) => failure::internal(&request, &app, &other),
    }
}
