//! The parts of an order's page, as its template draws them.

use serde_json::Value;

use super::read::Whole;
use crate::app::App;
use crate::clock::Millis;
use crate::ids::AttemptId;
use crate::ledger::Side;
use crate::money::{Currency, Minor, Money};
use crate::notify::about;
use crate::order::OrderEvent;
use crate::payment::Attempt;
use crate::payment::heard::Heard;
use crate::web::admin::Frame;
use crate::web::layout::Stamp;
use crate::web::words::{Lang, Method, Tag, request_tag, state_tag};

/// Letters of a notice that are shown.
const LETTERS: usize = 8 * 1024;
/// Delivered units that are listed.
const UNITS: usize = 50;

/// A line of the timeline.
pub(super) struct Happened {
    pub(super) at: Stamp,
    pub(super) tone: &'static str,
    /// `buyer`, `staff`, `channel`, or the shop itself.
    pub(super) by: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) states: String,
    pub(super) note: String,
}

/// A notice of a channel.
pub(super) struct NoticeRow {
    pub(super) at: Stamp,
    pub(super) verdict: Tag,
    pub(super) failed: Option<String>,
    pub(super) from: String,
    pub(super) verb: String,
    pub(super) query: String,
    pub(super) body: String,
    pub(super) headers: Vec<(String, String)>,
}

/// An attempt.
pub(super) struct AttemptRow {
    pub(super) title: String,
    pub(super) tag: Tag,
    pub(super) method: String,
    pub(super) account: String,
    pub(super) merchant_no: String,
    pub(super) trade_no: String,
    pub(super) amount: String,
    pub(super) created: Stamp,
    pub(super) checks: String,
    pub(super) next: Option<Stamp>,
    pub(super) failure: String,
    pub(super) routed: Vec<String>,
    pub(super) notices: Vec<NoticeRow>,
}

/// Money that came.
pub(super) struct ReceiptRow {
    pub(super) trade_no: String,
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) source: String,
    pub(super) amount: String,
    pub(super) at: Stamp,
}

/// Money that goes back.
pub(super) struct RefundRow {
    pub(super) no: String,
    pub(super) account: String,
    pub(super) tag: Tag,
    pub(super) grounds: String,
    pub(super) amount: String,
    pub(super) tries: i64,
    pub(super) failure: String,
    pub(super) at: Stamp,
}

/// A delivered unit.
pub(super) struct UnitRow {
    pub(super) name: String,
    pub(super) unit: i64,
    pub(super) at: Stamp,
    /// None = it does not open.
    pub(super) masked: Option<String>,
}

/// A promise.
pub(super) struct MailRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) topic: String,
    pub(super) tag: Tag,
    pub(super) tries: i64,
    pub(super) error: String,
    pub(super) at: Stamp,
    pub(super) again: bool,
}

/// A leg of the journal; only the first of a transaction carries its name and time.
pub(super) struct Leg {
    pub(super) head: Option<(String, Stamp)>,
    pub(super) account: String,
    pub(super) debit: String,
    pub(super) credit: String,
}

/// A money case.
pub(super) struct CaseRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) tag: Tag,
    pub(super) amount: String,
}

/// What the buyer asked for.
pub(super) struct RequestRow {
    pub(super) id: String,
    pub(super) about: &'static str,
    pub(super) tag: Tag,
    pub(super) at: Stamp,
}

pub(super) fn method_name(code: &str, lang: Lang) -> String {
    Method::parse(code).map_or_else(|| code.to_owned(), |method| method.name(lang).to_owned())
}

pub(super) fn timeline(frame: &Frame, whole: &Whole) -> Vec<Happened> {
    let told = |event: &OrderEvent| happened(frame, event, whole.order.currency);
    whole.events.iter().map(told).collect()
}

fn happened(frame: &Frame, event: &OrderEvent, currency: Currency) -> Happened {
    let words = frame.w();
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
    let state = |code: &str| state_tag(code, frame.lang);
    let to = state(&event.state_to);
    let by = event.actor.split(':').next().unwrap_or_default();
    let amount = detail["amount"].as_i64().filter(|amount| *amount > 0);
    let amount = amount.map(|amount| Money::new(Minor(amount), currency).display());
    let note = detail["note"].as_str().map(str::to_owned);
    Happened {
        at: frame.time(event.at),
        tone: to.tone.class(),
        by: by.to_owned(),
        who: words.actor(&event.actor),
        what: words.order_event(&event.kind).to_owned(),
        states: match event.state_from.as_str() {
            "" => to.text,
            from => words.from_to(&state(from).text, &to.text),
        },
        note: amount
            .into_iter()
            .chain(note)
            .collect::<Vec<_>>()
            .join(" · "),
    }
}

pub(super) fn attempts(frame: &Frame, whole: &Whole) -> Vec<AttemptRow> {
    let told = |attempt: &Attempt| attempt_row(frame, attempt, &whole.notices);
    whole.attempts.iter().rev().map(told).collect()
}

fn attempt_row(frame: &Frame, attempt: &Attempt, notices: &[Heard]) -> AttemptRow {
    let words = frame.w();
    let of = |id: &Option<AttemptId>| id.as_ref() == Some(&attempt.id);
    AttemptRow {
        title: words.order_attempt_n(attempt.n),
        tag: words.attempt_tag(attempt.state.as_str()),
        method: method_name(attempt.method.as_str(), frame.lang),
        account: attempt.account_id.to_string(),
        merchant_no: attempt.merchant_no.clone(),
        trade_no: attempt.channel_trade_no.clone().unwrap_or_default(),
        amount: Money::new(attempt.amount, attempt.currency).display(),
        created: frame.time(attempt.created_at),
        checks: words.attempt_checked(attempt.checks),
        next: attempt.next_check_at.map(|at| frame.time(at)),
        failure: failure_of(attempt, frame.lang),
        routed: routed(frame, attempt),
        notices: notices
            .iter()
            .filter(|heard| of(&heard.attempt_id))
            .map(|heard| notice_row(frame, heard))
            .collect(),
    }
}

/// What the channel's failure is called, with its code.
fn failure_of(attempt: &Attempt, lang: Lang) -> String {
    let Some(text) = &attempt.failure else {
        return String::new();
    };
    let failure: Value = serde_json::from_str(text).unwrap_or_default();
    let said = match lang {
        Lang::Zh => failure["zh"].as_str(),
        Lang::En => failure["en"].as_str(),
    };
    let code = failure["code"].as_str().unwrap_or_default();
    match said {
        Some(said) if code.is_empty() => said.to_owned(),
        Some(said) => format!("{said} ({code})"),
        None => text.clone(),
    }
}

/// The routing decision in sentences.
fn routed(frame: &Frame, attempt: &Attempt) -> Vec<String> {
    let words = frame.w();
    let decision: Value = serde_json::from_str(&attempt.decision).unwrap_or_default();
    let Some(candidates) = decision["candidates"].as_array() else {
        return Vec::new();
    };
    let chosen = attempt.account_id.as_str();
    let mut told = vec![words.attempt_routed(candidates.len(), chosen)];
    for candidate in candidates {
        let account = candidate["account"].as_str().unwrap_or_default();
        if let Some(reason) = candidate["reason"].as_str() {
            told.push(words.attempt_passed_over(account, words.route_reason(reason)));
        }
    }
    told
}

fn notice_row(frame: &Frame, heard: &Heard) -> NoticeRow {
    let words = frame.w();
    NoticeRow {
        at: frame.time(heard.at),
        verdict: words.verdict_tag(&heard.verdict),
        failed: heard
            .failed_check
            .as_ref()
            .map(|check| words.notice_failed_check(words.notice_check(check))),
        from: heard.source_ip.clone(),
        verb: heard.verb.clone(),
        query: heard.query.clone(),
        body: heard.text(LETTERS),
        headers: heard.headers(),
    }
}

pub(super) fn receipts(frame: &Frame, whole: &Whole) -> Vec<ReceiptRow> {
    let words = frame.w();
    let row = |receipt: &crate::payment::Receipt| ReceiptRow {
        trade_no: receipt.channel_trade_no.clone(),
        account: receipt.account_id.to_string(),
        kind: words.receipt_word(receipt.kind.as_str()).to_owned(),
        source: words.source_word(receipt.source.as_str()).to_owned(),
        amount: Money::new(receipt.amount, receipt.currency).display(),
        at: frame.time(receipt.paid_at),
    };
    whole.receipts.iter().map(row).collect()
}

pub(super) fn refunds(frame: &Frame, whole: &Whole) -> Vec<RefundRow> {
    let words = frame.w();
    let row = |refund: &crate::refund::Refund| RefundRow {
        no: refund.merchant_refund_no.clone(),
        account: refund.account_id.to_string(),
        tag: words.refund_tag(refund.state.as_str()),
        grounds: words.grounds_word(refund.grounds.as_str()).to_owned(),
        amount: Money::new(refund.amount, refund.currency).display(),
        tries: refund.tries,
        failure: refund.failure.clone().unwrap_or_default(),
        at: frame.time(refund.created_at),
    };
    whole.refunds.iter().map(row).collect()
}

/// The first units, masked, and how many more there are.
pub(super) fn units(app: &App, frame: &Frame, whole: &Whole) -> (Vec<UnitRow>, usize) {
    let row = |content: &crate::delivery::Content| {
        let item = whole.items.iter().find(|item| item.id == content.item_id);
        UnitRow {
            name: item.map_or_else(String::new, |item| {
                frame.pick(&item.name_zh, &item.name_en).to_owned()
            }),
            unit: content.unit_no,
            at: frame.time(content.at),
            masked: content.open(&app.sealer).ok().map(|unit| unit.masked()),
        }
    };
    let rows = whole.goods.iter().take(UNITS).map(row).collect();
    (rows, whole.goods.len().saturating_sub(UNITS))
}

pub(super) fn mails(frame: &Frame, whole: &Whole) -> Vec<MailRow> {
    let words = frame.w();
    let row = |promise: &crate::notify::outbox::Promise| MailRow {
        id: promise.id.to_string(),
        kind: words.promise_kind(promise.kind.as_str()).to_owned(),
        topic: words.topic_word(&promise.topic).to_owned(),
        tag: words.mail_tag(promise.state.as_str()),
        tries: promise.tries,
        error: promise.last_error.clone().unwrap_or_default(),
        at: frame.time(promise.done_at.unwrap_or(promise.created_at)),
        again: about::may_go_again(&whole.order, promise),
    };
    whole.promises.iter().map(row).collect()
}

pub(super) fn journal(frame: &Frame, whole: &Whole) -> Vec<Leg> {
    let mut legs = Vec::new();
    for (row, entries) in &whole.journal {
        for (at, entry) in entries.iter().enumerate() {
            let amount = match entry.currency.parse::<Currency>() {
                Ok(currency) => Money::new(Minor(entry.amount), currency).display(),
                Err(_) => format!("{} {}", entry.amount, entry.currency),
            };
            let debit = entry.side == Side::Debit.as_str();
            let (debit, credit) = match debit {
                true => (amount, String::new()),
                false => (String::new(), amount),
            };
            legs.push(Leg {
                head: (at == 0).then(|| (row.template.clone(), frame.time(row.at))),
                account: entry.account.clone(),
                debit,
                credit,
            });
        }
    }
    legs
}

pub(super) fn cases(frame: &Frame, whole: &Whole) -> Vec<CaseRow> {
    let words = frame.w();
    let row = |case: &crate::case::MoneyCase| CaseRow {
        id: case.id.to_string(),
        kind: words.case_kind(case.kind.as_str()).0.to_owned(),
        tag: words.case_tag(&case.state),
        amount: Money::new(case.amount, case.currency).display(),
    };
    whole.cases.iter().map(row).collect()
}

pub(super) fn requests(frame: &Frame, whole: &Whole) -> Vec<RequestRow> {
    let row = |request: &crate::request::Request| RequestRow {
        id: request.id.to_string(),
        about: frame.w().thread_kind(request.kind),
        tag: request_tag(request.state.as_str(), frame.lang),
        at: frame.time(request.changed_at),
    };
    whole.requests.iter().map(row).collect()
}

/// A moment, if there was one.
pub(super) fn stamp(frame: &Frame, at: Option<Millis>) -> Option<Stamp> {
    at.map(|at| frame.time(at))
}
