//! What became of an order: the goods first, or what happens next.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::{Layout, Noun, OrderFacts, Stamp};
use crate::web::pages::request::Requests;
use crate::web::words::{Tag, Tone, Words, state_tag};

/// `GET /o/{order_no}` once the order is no longer `pending_payment`.
///
/// Forms: those of [`Requests`], and [`Again`]. Download: `{order_path}/goods.txt`. While [`OrderState::moves_on`] the script listens at
/// `{order_path}/events` and reloads when `state` differs from the one shown.
#[derive(Template, Clone, Debug)]
#[template(path = "result.html")]
pub struct ResultPage {
    /// The frame.
    pub layout: Layout,
    /// `/o/{order_no}` without a slash at the end.
    pub order_path: String,
    /// `?token=…` where the page was opened by such a link, else empty; follows every address.
    pub order_query: String,
    /// Where the order stands.
    pub state: OrderState,
    /// What the line under the heading says instead of the usual, such as `words.auto_refund(..)`.
    pub notice: Option<String>,
    /// What its goods are called.
    pub noun: Noun,
    /// Delivered units, in order; of long deliveries one page.
    pub goods: Vec<Unit>,
    /// How many units stand on the pages before.
    pub goods_before: u64,
    /// The page before, of a long delivery.
    pub previous_url: Option<String>,
    /// The page after.
    pub next_url: Option<String>,
    /// How many units were delivered in all.
    pub goods_total: u64,
    /// Those of them that do not open, where there are any.
    pub unopened: Option<Unopened>,
    /// How many are still to come.
    pub missing: u64,
    /// How to use the goods, as plain text; line breaks are kept.
    pub usage: Option<String>,
    /// When the rest, or the answer, is promised.
    pub expected: Option<Stamp>,
    /// The refund, once there is one.
    pub refund: Option<RefundFact>,
    /// How the same can be ordered again, with the form kept.
    pub again: Option<Again>,
    /// What the buyer asks for after paying; none where nothing was paid.
    pub requests: Option<Requests>,
    /// For how many minutes the payment was awaited; said on the expired page.
    pub waited_minutes: u64,
    /// The order under it.
    pub facts: OrderFacts,
}

/// The checkout of an order that was not paid, filled in again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Again {
    /// Where it is sent.
    pub action: String,
    /// What was typed, beside `csrf`.
    pub fields: Vec<(String, String)>,
}

/// A delivered unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    /// What it is, where an order has several things.
    pub label: Option<String>,
    /// The goods themselves; none = they do not open.
    pub content: Option<String>,
}

/// Delivered units that do not open with the shop's keys.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Unopened {
    /// How many.
    pub units: u64,
    /// Whether the shop was told.
    pub told: bool,
}

/// Money on its way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundFact {
    /// How much, formatted.
    pub amount: String,
    /// Which way (“原路退回支付宝”).
    pub route: String,
    /// When it was asked for, or done.
    pub at: Option<Stamp>,
}

/// The states this page knows. An unknown one is shown as it is and never breaks the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderState {
    /// Paid; the goods come any moment.
    Paid,
    /// Being delivered (by a person, or in several steps).
    Delivering,
    /// All goods are here.
    Delivered,
    /// Some goods are here.
    PartiallyDelivered,
    /// Paid, but the stock is gone for now.
    AwaitingStock,
    /// A person looks at it.
    InReview,
    /// The money is on its way back.
    Refunding,
    /// The money is back.
    Refunded,
    /// Not paid in time.
    Expired,
    /// Cancelled before payment.
    Cancelled,
    /// From a newer version.
    Other(String),
}

impl OrderState {
    /// Reads a stored name.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "paid" => Self::Paid,
            "delivering" => Self::Delivering,
            "delivered" => Self::Delivered,
            "partially_delivered" => Self::PartiallyDelivered,
            "awaiting_stock" => Self::AwaitingStock,
            "in_review" => Self::InReview,
            "refunding" => Self::Refunding,
            "refunded" => Self::Refunded,
            "expired" => Self::Expired,
            "cancelled" => Self::Cancelled,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The stored name.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Paid => "paid",
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::PartiallyDelivered => "partially_delivered",
            Self::AwaitingStock => "awaiting_stock",
            Self::InReview => "in_review",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Other(code) => code,
        }
    }

    /// Whether the page should watch for the next state.
    #[must_use]
    pub const fn moves_on(&self) -> bool {
        matches!(
            self,
            Self::Paid
                | Self::Delivering
                | Self::AwaitingStock
                | Self::InReview
                | Self::PartiallyDelivered
        )
    }

    /// Whether it changes within seconds, so that a page without scripts reloads itself.
    const fn soon(&self) -> bool {
        matches!(self, Self::Paid)
    }

    const fn unpaid(&self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled)
    }

    const fn icon(&self) -> Icon {
        match self {
            Self::Delivered => icon::CHECK,
            Self::PartiallyDelivered | Self::AwaitingStock => icon::PACKAGE,
            Self::Paid | Self::Delivering => icon::CLOCK,
            Self::InReview => icon::PERSON,
            Self::Refunding | Self::Refunded => icon::REFUND,
            Self::Expired | Self::Cancelled => icon::CLOSED,
            Self::Other(_) => icon::INFO,
        }
    }
}

impl ResultPage {
    fn to(&self, tail: &str) -> String {
        format!("{}{tail}{}", self.order_path, self.order_query)
    }

    fn to_request(&self, id: &str) -> String {
        self.to(&format!("/requests/{id}"))
    }

    fn tag(&self) -> Tag {
        state_tag(self.state.code(), self.layout.lang)
    }

    fn tone(&self) -> Tone {
        match self.unopened {
            Some(_) => Tone::Warn,
            None => self.tag().tone,
        }
    }

    fn icon(&self) -> Icon {
        match self.unopened {
            Some(_) => icon::ALERT,
            None => self.state.icon(),
        }
    }

    /// How many units of this page open.
    fn opened(&self) -> usize {
        let opened = self.goods.iter().filter(|unit| unit.content.is_some());
        opened.count()
    }

    /// Whether any of the goods can be downloaded.
    fn downloads(&self) -> bool {
        self.goods_total > self.unopened.map_or(0, |unopened| unopened.units)
    }

    fn heading(&self, words: Words) -> String {
        if self.unopened.is_some() {
            return words.unopened_title().to_owned();
        }
        match (&self.state, self.noun) {
            (OrderState::Delivered, Noun::Key) => words.done_key(self.goods_total),
            (OrderState::Delivered, Noun::Card) => words.done_card(self.goods_total),
            (OrderState::Delivered, Noun::Goods) => words.done_goods().to_owned(),
            (OrderState::Paid, _) => words.paid_title().to_owned(),
            (OrderState::Delivering, _) => words.delivering_title().to_owned(),
            (OrderState::PartiallyDelivered, _) => words.partial_title().to_owned(),
            (OrderState::AwaitingStock, _) => words.stock_wait_title().to_owned(),
            (OrderState::InReview, _) => words.review_title().to_owned(),
            (OrderState::Refunding, _) => words.refunding_title().to_owned(),
            (OrderState::Refunded, _) => words.refunded_title().to_owned(),
            (OrderState::Expired, _) => words.expired_title().to_owned(),
            (OrderState::Cancelled, _) => words.cancelled_title().to_owned(),
            (OrderState::Other(_), _) => words.other_title().to_owned(),
        }
    }

    fn sentence(&self, words: Words) -> String {
        if let Some(text) = &self.notice {
            return text.clone();
        }
        match self.unopened {
            Some(Unopened { units, told: true }) => return words.unopened_told(units),
            Some(Unopened { units, told: false }) => return words.unopened_untold(units),
            None => {}
        }
        match &self.state {
            OrderState::Delivered => match &self.facts.email {
                Some(email) => words.done_mailed(email),
                None => words.done_kept().to_owned(),
            },
            OrderState::Paid => words.paid_sentence().to_owned(),
            OrderState::Delivering => words.delivering_sentence().to_owned(),
            OrderState::PartiallyDelivered => {
                words.partial_sentence(self.goods_total, self.missing)
            }
            OrderState::AwaitingStock => words.stock_wait_sentence(self.missing.max(1)),
            OrderState::InReview => words.review_sentence().to_owned(),
            OrderState::Refunding => match &self.refund {
                Some(refund) => words.refunding_sentence(&refund.amount),
                None => words.refunding_plain().to_owned(),
            },
            OrderState::Refunded => match &self.refund {
                Some(refund) => words.refunded_sentence(&refund.amount),
                None => words.refunded_plain().to_owned(),
            },
            OrderState::Expired => words.expired_sentence(self.waited_minutes),
            OrderState::Cancelled => words.cancelled_sentence().to_owned(),
            OrderState::Other(_) => words.other_sentence().to_owned(),
        }
    }

    /// Whether the rest follows what is here already.
    fn more_to_come(&self) -> bool {
        self.missing > 0 && self.state == OrderState::PartiallyDelivered
    }

    fn cut_text(&self, words: Words) -> String {
        let from = self.goods_before + 1;
        let to = self.goods_before + self.goods.len() as u64;
        words.goods_cut(from, to, self.goods_total)
    }

    fn cut(&self) -> bool {
        (self.goods.len() as u64) < self.goods_total
    }
}
