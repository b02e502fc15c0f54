//! An order as the API shows it to whoever holds its token.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{AttemptStates, Classes, Currencies, Methods, OrderStates, PayKinds};
use crate::app::App;
use crate::channel::{Class, Method, PayKind};
use crate::clock::Millis;
use crate::delivery;
use crate::ids::{AccountId, OrderId, OrderNo, ViewToken};
use crate::money::{Currency, Minor};
use crate::order::{self, Order, State};
use crate::payment::{self, Attempt, AttemptState};
use crate::store::StoreError;
use crate::web::problem::Problem;
use crate::zone;

/// An order.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderView {
    /// What people call it; it opens nothing.
    #[schema(value_type = String, example = "K7Q2-94MX-31AB")]
    order_no: OrderNo,
    /// Opens the order; only in the answer that placed it. Keep it: the shop stores its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rQ3xk0W9b2mZJt8yV5cNlA")]
    view_token: Option<String>,
    /// Where it stands.
    #[schema(value_type = OrderStates)]
    state: State,
    /// What is to be paid, in minor units, frozen when it was placed.
    #[schema(value_type = i64, example = 1990)]
    amount: Minor,
    /// Of all its amounts.
    #[schema(value_type = Currencies)]
    currency: Currency,
    /// What has gone back, in minor units.
    #[schema(value_type = i64, example = 0)]
    refunded_amount: Minor,
    /// The deadline for paying (RFC 3339, UTC).
    #[schema(example = "2026-11-22T10:43:50Z")]
    expires_at: String,
    /// How to pay now.
    pay: PayView,
    /// Whether a channel is being asked just now whether the newest attempt exists: look again
    /// in a few seconds.
    checking: bool,
    /// Why the newest attempt cannot be paid, if it cannot. The order stays payable until its
    /// deadline: choose another method.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    /// Every attempt to pay it, oldest first.
    attempts: Vec<AttemptView>,
    /// What was delivered; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    goods: Option<Vec<UnitView>>,
}

/// How to pay now.
#[derive(Serialize, ToSchema)]
pub(super) struct PayView {
    /// `redirect`: open `url`; `qr`: show `qr` as a code; `wallet`: send to the address in `qr`;
    /// `none`: there is nothing to pay by now.
    #[schema(value_type = PayKinds)]
    kind: PayKind,
    /// The page to pay at, whenever there is one (for `qr` as well).
    url: Option<String>,
    /// The text of the code.
    qr: Option<String>,
    /// Until when it can be paid this way (RFC 3339, UTC).
    expires_at: Option<String>,
    /// The channel account that collects.
    #[schema(value_type = Option<String>, example = "epay-main")]
    channel: Option<AccountId>,
    /// Which attempt it is.
    attempt: Option<i64>,
}

/// Why an attempt failed.
#[derive(Serialize, ToSchema)]
pub(super) struct FailureView {
    /// What it means.
    #[schema(value_type = Classes)]
    class: Class,
    /// In words for the buyer, in the order's language.
    text: String,
}

/// One attempt to pay.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptView {
    /// 1, 2, …
    n: i64,
    /// By which method.
    #[schema(value_type = Methods)]
    method: Method,
    /// The channel account that collects.
    #[schema(value_type = String, example = "epay-main")]
    channel: AccountId,
    /// Where it stands.
    #[schema(value_type = AttemptStates)]
    state: AttemptState,
    /// In minor units of the order's currency.
    #[schema(value_type = i64, example = 1990)]
    amount: Minor,
    /// When it ends (RFC 3339, UTC).
    expires_at: String,
}

/// One delivered unit.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitView {
    /// 1, 2, … over the whole order.
    unit: usize,
    /// What was bought, byte for byte.
    content: String,
}

/// Reads an order as it is now.
pub(super) async fn load(app: &App, id: &OrderId) -> Result<OrderView, Problem> {
    let id = id.clone();
    let (order, attempts, contents) = app
        .store
        .read(move |db| -> Result<_, StoreError> {
            let order = order::store::by_id(db, &id)?;
            let attempts = payment::store::attempts_of(db, &id)?;
            let contents = match order.shows_goods() {
                true => Some(delivery::store::of_order(db, &id)?),
                false => None,
            };
            Ok((order, attempts, contents))
        })
        .await?;
    let units = contents
        .map(|contents| delivery::open_all(&app.sealer, &contents))
        .transpose()
        .map_err(|e| Problem::internal(&e))?;
    let mut view = OrderView::of(&order, &attempts, app.clock.now());
    view.goods = units.map(|units| {
        let numbered = units.into_iter().enumerate();
        numbered
            .map(|(at, unit)| UnitView {
                unit: at + 1,
                content: unit.content,
            })
            .collect()
    });
    Ok(view)
}

impl OrderView {
    /// Everything but the goods.
    fn of(order: &Order, attempts: &[Attempt], now: Millis) -> Self {
        use AttemptState::{Created, Paid, Planned, Unknown};
        let payable = order.state.is_payable() && now < order.expires_at;
        let newest = attempts.last().filter(|_| payable);
        let pay = newest
            .filter(|a| a.state.is_open() && now < a.expires_at)
            .map_or_else(PayView::none, |a| PayView::of(a, order));
        let checking = newest.is_some_and(|a| matches!(a.state, Planned | Unknown));
        let failure = newest
            .filter(|a| !matches!(a.state, Planned | Unknown | Created | Paid))
            .and_then(|a| FailureView::of(a.failure.as_deref()?, order));
        OrderView {
            order_no: order.order_no.clone(),
            view_token: None,
            state: order.state,
            amount: order.amount,
            currency: order.currency,
            refunded_amount: order.refunded_amount,
            expires_at: zone::iso(order.expires_at),
            pay,
            checking,
            failure,
            attempts: attempts.iter().map(AttemptView::of).collect(),
            goods: None,
        }
    }

    /// Where it stands.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// The answer that placed it: with the token, and why it cannot be paid yet. Goods are
    /// fetched with the token, never with the request that is sent again.
    pub(super) fn placed(mut self, token: &ViewToken, unpaid: bool, language: &str) -> Self {
        self.view_token = Some(token.reveal().to_owned());
        self.goods = None;
        if unpaid && self.failure.is_none() && !self.checking {
            let text = match language {
                "en" => {
                    "No payment channel can take this just now. The order is kept: choose \
                     another method, or try again later"
                }
                _ => "暂时没有可用的支付渠道。订单已保留：请换一种支付方式，或稍后再试",
            };
            self.failure = Some(FailureView {
                class: Class::Retryable,
                text: text.to_owned(),
            });
        }
        self
    }
}

impl PayView {
    fn none() -> Self {
        PayView {
            kind: PayKind::None,
            url: None,
            qr: None,
            expires_at: None,
            channel: None,
            attempt: None,
        }
    }

    fn of(attempt: &Attempt, order: &Order) -> Self {
        PayView {
            kind: attempt.pay_kind,
            url: attempt.pay_url.clone(),
            qr: attempt.pay_qr.clone(),
            expires_at: Some(zone::iso(attempt.expires_at.min(order.expires_at))),
            channel: Some(attempt.account_id.clone()),
            attempt: Some(attempt.n),
        }
    }
}

impl FailureView {
    /// From the stored failure; the channel's own code stays with the staff.
    fn of(stored: &str, order: &Order) -> Option<Self> {
        let stored: serde_json::Value = serde_json::from_str(stored).ok()?;
        let language = if order.locale == "en" { "en" } else { "zh" };
        Some(FailureView {
            class: Class::parse(stored["class"].as_str()?)?,
            text: stored[language].as_str()?.to_owned(),
        })
    }
}

impl AttemptView {
    fn of(attempt: &Attempt) -> Self {
        AttemptView {
            n: attempt.n,
            method: attempt.method,
            channel: attempt.account_id.clone(),
            state: attempt.state,
            amount: attempt.amount,
            expires_at: zone::iso(attempt.expires_at),
        }
    }
}
