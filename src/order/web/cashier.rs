//! The cashier: how to pay, until when, and what else can be done.

use actix_web::HttpRequest;

use super::view::{Seen, facts};
use crate::app::App;
use crate::channel::PayKind;
use crate::clock::{Millis, SECOND};
use crate::payment::{Attempt, AttemptState};
use crate::web::layout::Stamp;
use crate::web::methods::method_choices;
use crate::web::pages::cashier::{CashierPage, CashierView, PayWay};
use crate::web::qr::qr_svg;
use crate::web::visitor::{Visitor, query_value};
use crate::web::words::{Lang, Method};

/// An attempt whose making nobody answered for is being asked about this long before the buyer
/// is offered another method.
const ASKING: Millis = 5 * SECOND;

/// Fills the cashier page.
pub(super) fn page(
    request: &HttpRequest,
    app: &App,
    visitor: &Visitor,
    seen: &Seen,
) -> CashierPage {
    let order = &seen.order;
    let now = app.clock.now();
    let zone = visitor.zone();
    let attempt = seen.attempts.last();
    let method = attempt.and_then(|a| Method::parse(a.method.as_str()));
    let view = view(attempt, visitor.lang, now);
    let asked = match view {
        CashierView::Failed(_) | CashierView::CreationFailed(_) => method.map(Method::code),
        _ => None,
    };
    let mut others = method_choices(app, visitor, order.currency, asked.unwrap_or_default());
    if asked.is_none() {
        others.retain(|choice| Some(choice.method) != method);
        if let Some(first) = others.first_mut() {
            first.chosen = true;
        }
    }
    let words = visitor.words();
    let mut layout = visitor.layout(words.cashier_title());
    layout.no_index = true;
    CashierPage {
        layout,
        order_path: format!("/o/{}", order.order_no),
        order_query: String::new(),
        amount: order.money().display(),
        deadline: Stamp {
            iso: crate::zone::iso(order.expires_at),
            human: zone.time(order.expires_at),
        },
        seconds_left: u64::try_from((order.expires_at - now) / SECOND).unwrap_or(0),
        pay: match view {
            CashierView::Waiting | CashierView::Confirming(_) => way(attempt),
            _ => PayWay::Nothing,
        },
        view,
        notice: query_value(request, "checked").map(|_| words.check_pending().to_owned()),
        attempt: attempt.map(|a| a.n.to_string()).unwrap_or_default(),
        method,
        payee: None,
        other_methods: others,
        facts: facts(app, visitor, seen),
    }
}

/// Which view of `pending_payment` this is.
pub(super) fn view(attempt: Option<&Attempt>, lang: Lang, now: Millis) -> CashierView {
    let Some(attempt) = attempt else {
        return CashierView::CreationFailed(None);
    };
    match attempt.state {
        AttemptState::Created | AttemptState::Paid => CashierView::Waiting,
        AttemptState::Planned | AttemptState::Unknown if now < attempt.created_at + ASKING => {
            CashierView::Confirming(None)
        }
        AttemptState::Planned | AttemptState::Unknown | AttemptState::Refused => {
            CashierView::CreationFailed(told(attempt, lang))
        }
        AttemptState::Failed | AttemptState::Closed | AttemptState::Expired => {
            let fallback = lang.words().failed_hint().to_owned();
            CashierView::Failed(told(attempt, lang).unwrap_or(fallback))
        }
    }
}

/// What the channel's failure is called for buyers.
fn told(attempt: &Attempt, lang: Lang) -> Option<String> {
    let failure: serde_json::Value = serde_json::from_str(attempt.failure.as_ref()?).ok()?;
    let key = match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    };
    failure[key].as_str().map(str::to_owned)
}

fn way(attempt: Option<&Attempt>) -> PayWay {
    let Some(attempt) = attempt else {
        return PayWay::Nothing;
    };
    let code = attempt.pay_qr.as_deref().and_then(|text| qr_svg(text).ok());
    match (attempt.pay_kind, code, attempt.pay_url.clone()) {
        (PayKind::Qr, Some(qr), url) => PayWay::Qr { qr, url },
        (_, _, Some(url)) => PayWay::Link { url },
        _ => PayWay::Nothing,
    }
}
