//! `/admin/cases/{id}/{deed}`: what a decision does exactly, and the decision.

use actix_web::{HttpRequest, HttpResponse, web};

use super::read::{Whole, open};
use crate::app::App;
use crate::catalog::Delivery;
use crate::money::{Minor, Money};
use crate::order::Item;
use crate::payment::{self, CaseAction, Deed, Error, Why};
use crate::refund;
use crate::seal::Secret;
use crate::web::admin::prove::proved;
use crate::web::admin::step::{Input, Kind, Step};
use crate::web::admin::{Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::whole::whole;
use crate::web::words::Words;

const LONGEST_NOTE: usize = 500;

fn name(words: Words, deed: Deed, seen: &Whole) -> &'static str {
    match deed {
        Deed::Refund if is_free(seen) => words.deed_end(),
        deed => words.deed(deed),
    }
}

fn is_free(seen: &Whole) -> bool {
    let order = seen.view.facts.order;
    order.is_some_and(|order| order.is_free())
}

/// Units that a person delivers: the lines that owe some, and how many.
fn owed_by_hand(seen: &Whole) -> Vec<(&Item, i64)> {
    let Some((_, items)) = &seen.view.order else {
        return Vec::new();
    };
    items
        .iter()
        .filter(|item| item.delivery == Delivery::Manual)
        .map(|item| (item, item.quantity - item.delivered))
        .filter(|(_, owed)| *owed > 0)
        .collect()
}

/// The page of a deed, whether or not it may be done.
fn step(request: &HttpRequest, app: &App, signed: &SignedIn, seen: &Whole, deed: Deed) -> Step {
    let mut step = Step::new(request, app, signed, Section::Cases, |w| {
        name(w, deed, seen).to_owned()
    });
    let words = step.frame().w();
    let case = &seen.view.case;
    let kind = words.case_kind(case.kind.as_str()).0.to_owned();
    step.back = (format!("/admin/cases/{}", case.id), words.case_title(&kind));
    step.action = format!("/admin/cases/{}/{deed}", case.id);
    step.effects = effects(words, seen, deed);
    if deed == Deed::Deliver {
        step.inputs = contents(&step, seen);
    }
    let note = Input::new("note", words.refund_note(), Kind::Area).hint(words.deed_note_hint());
    step.inputs.push(note);
    name(words, deed, seen).clone_into(&mut step.button);
    step.danger = !matches!(deed, Deed::Deliver | Deed::Close);
    if deed != Deed::Close {
        step.asks_for_proof(app, signed);
    }
    if let Err(why) = seen.view.facts.allows(deed) {
        stop(&mut step, why);
    }
    step
}

/// A step that is not possible (any more) says why, and offers nothing but the way back.
fn stop(step: &mut Step, why: Why) {
    step.effects.clear();
    step.inputs.clear();
    step.button.clear();
    step.errors = vec![(String::new(), step.frame().w().why(why).to_owned())];
}

fn contents(step: &Step, seen: &Whole) -> Vec<Input> {
    let words = step.frame().w();
    let mut inputs = Vec::new();
    for (item, owed) in owed_by_hand(seen) {
        let name = step.frame().pick(&item.name_zh, &item.name_en);
        for _ in 0..owed {
            let n = inputs.len() + 1;
            let label = words.unit_content(n, name);
            let mut input = Input::new(&format!("content_{n}"), label, Kind::Code)
                .hint(words.unit_content_hint());
            input.most = None;
            inputs.push(input);
        }
    }
    inputs
}

fn effects(words: Words, seen: &Whole, deed: Deed) -> Vec<String> {
    let view = &seen.view;
    let refund = view.refund.as_ref().map(|refund| {
        let amount = Money::new(refund.amount, refund.currency).display();
        (refund.merchant_refund_no.clone(), amount)
    });
    let (no, amount) = refund.unwrap_or_default();
    match deed {
        Deed::Deliver => delivers(words, seen),
        Deed::Refund => refunds(words, seen),
        Deed::WentBack => vec![words.effect_went_back(&no, &amount)],
        Deed::DidNotGoBack => vec![words.effect_did_not(&no, &amount)],
        Deed::GiveUp => vec![words.effect_give_up(&no, &amount)],
        Deed::Close => vec![words.effect_close().to_owned()],
    }
}

fn delivers(words: Words, seen: &Whole) -> Vec<String> {
    let Some((order, items)) = &seen.view.order else {
        return Vec::new();
    };
    let no = order.order_no.as_str();
    let mut told = Vec::new();
    if let Some(held) = seen.view.facts.held {
        told.push(words.effect_deliver_held(&order.money().display(), no));
        let excess = held.amount.minus(order.amount).unwrap_or_default();
        if excess > Minor::ZERO {
            let excess = Money::new(excess, order.currency).display();
            told.push(words.effect_deliver_excess(&excess));
        }
    } else {
        let owed = items.iter().map(|item| item.quantity - item.delivered);
        told.push(words.effect_deliver(owed.sum(), no));
    }
    let by_hand: i64 = owed_by_hand(seen).iter().map(|(_, owed)| owed).sum();
    if by_hand > 0 {
        told.push(words.effect_deliver_by_hand(by_hand));
    }
    told.push(words.effect_deliver_mail().to_owned());
    told
}

fn refunds(words: Words, seen: &Whole) -> Vec<String> {
    if is_free(seen) {
        return vec![words.refund_effect_end().to_owned()];
    }
    let facts = &seen.view.facts;
    let account = seen.receipt.as_ref().map(|receipt| &receipt.account_id);
    let account = account.map(ToString::to_string).unwrap_or_default();
    match (facts.held, &seen.view.order) {
        (Some(held), _) => vec![
            words.effect_refund(&held.display(), &account),
            words.effect_refund_held().to_owned(),
        ],
        (None, Some((order, _))) => {
            let rest = facts.order.map_or(Minor::ZERO, |order| order.undelivered);
            let rest = Money::new(rest, order.currency).display();
            vec![
                words.effect_refund_order(&rest),
                words.effect_refund_rest(order.order_no.as_str()),
                words.refund_effect_mail().to_owned(),
            ]
        }
        (None, None) => Vec::new(),
    }
}

/// `GET /admin/cases/{id}/{deed}`
pub async fn deed_page(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (id, deed) = path.into_inner();
    let Some(deed) = Deed::parse(&deed) else {
        return failure::not_found(&request, &app);
    };
    match open(&request, &app, &id).await {
        Ok(seen) => step(&request, &app, &signed, &seen, deed).show(&request, &app),
        Err(response) => response,
    }
}

/// `POST /admin/cases/{id}/{deed}`
pub async fn deed(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (id, deed) = path.into_inner();
    let Some(deed) = Deed::parse(&deed) else {
        return failure::not_found(&request, &app);
    };
    let seen = match open(&request, &app, &id).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let mut step = step(&request, &app, &signed, &seen, deed);
    if !step.errors.is_empty() {
        return step.show(&request, &app);
    }
    let words = step.frame().w();
    let note = posted.get("note").trim().to_owned();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE {
        let text = words.refund_note_missing().to_owned();
        step.refused(&posted, vec![("note".to_owned(), text)]);
        return step.show(&request, &app);
    }
    if deed != Deed::Close {
        match proved(&app, &signed, &posted).await {
            Ok(true) => {}
            Ok(false) => {
                step.not_proved(&posted);
                return step.show(&request, &app);
            }
            Err(error) => return failure::store(&request, &app, &error),
        }
    }
    let action = match deed {
        Deed::Deliver => CaseAction::Deliver(typed(&step, &posted)),
        Deed::Refund => CaseAction::Refund,
        Deed::WentBack => CaseAction::WentBack,
        Deed::DidNotGoBack => CaseAction::DidNotGoBack,
        Deed::GiveUp => CaseAction::GiveUp,
        Deed::Close => CaseAction::Close(note.clone()),
    };
    let case = seen.view.case.id.clone();
    let line = signed.entry(&app, &format!("case.{deed}"), ("case", case.as_str()));
    let till = app.till();
    let acted = whole(async move { payment::act_as(&till, &case, action, line, &note).await });
    match acted.await.map_err(Error::from).and_then(|acted| acted) {
        Ok(_) => {
            let text = match deed {
                Deed::Refund if is_free(&seen) => words.deed_done_end(),
                deed => words.deed_done(deed),
            };
            done(&app, &format!("/admin/cases/{id}"), text)
        }
        Err(error) => match reason(words, &error) {
            Some(text) => {
                // Looked at again: another hand may have been first.
                let fresh = match open(&request, &app, &id).await {
                    Ok(fresh) => fresh,
                    Err(response) => return response,
                };
                let mut step = self::step(&request, &app, &signed, &fresh, deed);
                if step.errors.is_empty() {
                    step.refused(&posted, vec![(String::new(), text)]);
                }
                step.show(&request, &app)
            }
            None => match error {
                Error::Store(error) => failure::store(&request, &app, &error),
                other => failure::internal(&request, &app, &other),
            },
        },
    }
}

/// What was typed into the fields of contents. Browsers send lines with two letters between
/// them; the buyer gets them with one, as they were typed.
fn typed(step: &Step, posted: &Posted) -> Vec<Secret> {
    step.inputs
        .iter()
        .filter(|input| input.kind == Kind::Code)
        .map(|input| {
            let text = posted.get(&input.name).replace("\r\n", "\n");
            Secret::new(text.strip_suffix('\n').unwrap_or(&text))
        })
        .collect()
}

/// Why a decision was refused, in words; none = it is a defect.
fn reason(words: Words, error: &Error) -> Option<String> {
    let why = match error {
        Error::NotPossible(why) => *why,
        Error::Contents { owed, given } => return Some(words.why_contents(*owed, *given)),
        Error::Refund(refund::Error::Ended) => Why::RefundEnded,
        Error::Refund(refund::Error::Held) => Why::RefundHeld,
        Error::Refund(refund::Error::Pending) => Why::ChannelWorks,
        Error::Refund(refund::Error::ExceedsPaid) => Why::NothingToRefund,
        _ => return None,
    };
    Some(words.why(why).to_owned())
}
