//! The cashier: an order that waits for its payment.

use askama::Template;

use crate::web::assets::icon;
use crate::web::layout::{BigAmount, Layout, OrderFacts, Stamp};
use crate::web::pages::product::MethodChoice;
use crate::web::qr::QrSvg;
use crate::web::words::{Method, Words};

/// `GET /o/{order_no}` while the order is `pending_payment`.
///
/// Forms: `POST {order_path}/check`, `/attempts` (field `method`), `/cancel`; each with `csrf`.
/// The script listens at `{order_path}/events` (SSE, default event, JSON data) and falls back to
/// `GET {order_path}/status` (the same JSON): `{"state":"pending_payment","view":"waiting|confirming|failed","text":"…"}`.
/// It reloads the page when `state` differs from `pending_payment`, or when `view` becomes or stops
/// being `failed`; else it shows `text` in the live bar. A field `attempt` that differs from
/// [`attempt`](Self::attempt) reloads as well.
#[derive(Template, Clone, Debug)]
#[template(path = "cashier.html")]
pub struct CashierPage {
    /// The frame.
    pub layout: Layout,
    /// `/o/{order_no}` without a slash at the end.
    pub order_path: String,
    /// `?token=…` where the page was opened by such a link, else empty; follows every address.
    pub order_query: String,
    /// Amount to pay, formatted.
    pub amount: String,
    /// Until when.
    pub deadline: Stamp,
    /// Seconds left when the page was made.
    pub seconds_left: u64,
    /// What the page is about just now.
    pub view: CashierView,
    /// What the live bar says instead of “waiting”, such as `words.check_pending()` after a check.
    pub notice: Option<String>,
    /// Number of the present attempt; empty if there is none.
    pub attempt: String,
    /// The method of the present attempt.
    pub method: Option<Method>,
    /// How this attempt is paid.
    pub pay: PayWay,
    /// Name the wallet will show as the receiver, if the channel told it.
    pub payee: Option<String>,
    /// Methods the buyer can change to; after a failure the same method again as well, chosen.
    pub other_methods: Vec<MethodChoice>,
    /// The order beside it.
    pub facts: OrderFacts,
}

/// The views of `pending_payment`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CashierView {
    /// Nothing has been seen yet.
    Waiting,
    /// Something was seen (a scan, a chain transfer) and is being confirmed; a sentence of detail.
    Confirming(Option<String>),
    /// The last attempt failed, for this reason.
    Failed(String),
    /// No attempt could be created; another method is needed. The reason, if it helps.
    CreationFailed(Option<String>),
}

/// How an attempt is paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PayWay {
    /// A code to scan, and a link that opens the app or the page where there is one.
    Qr {
        /// The code.
        qr: QrSvg,
        /// The link.
        url: Option<String>,
    },
    /// A page of the gateway, opened by a plain link.
    Link {
        /// Its address.
        url: String,
    },
    /// Something to transfer by hand: account, address, reference.
    Transfer {
        /// A code for the same, if any.
        qr: Option<QrSvg>,
        /// The lines to copy.
        lines: Vec<crate::web::layout::Fact>,
    },
    /// Nothing to show: no attempt, or one that needs no action.
    Nothing,
}

impl CashierPage {
    fn to(&self, tail: &str) -> String {
        format!("{}{tail}{}", self.order_path, self.order_query)
    }

    fn view_code(&self) -> &'static str {
        match self.view {
            CashierView::Waiting => "waiting",
            CashierView::Confirming(_) => "confirming",
            CashierView::Failed(_) | CashierView::CreationFailed(_) => "failed",
        }
    }

    /// Whether there has been something that could be paid.
    fn attempted(&self) -> bool {
        !self.attempt.is_empty()
    }

    fn stopped(&self) -> bool {
        self.view_code() == "failed"
    }

    fn qr(&self) -> Option<&QrSvg> {
        match &self.pay {
            PayWay::Qr { qr, .. } => Some(qr),
            PayWay::Transfer { qr, .. } => qr.as_ref(),
            PayWay::Link { .. } | PayWay::Nothing => None,
        }
    }

    fn url(&self) -> Option<&str> {
        match &self.pay {
            PayWay::Qr { url, .. } => url.as_deref(),
            PayWay::Link { url } => Some(url),
            PayWay::Transfer { .. } | PayWay::Nothing => None,
        }
    }

    fn lines(&self) -> &[crate::web::layout::Fact] {
        match &self.pay {
            PayWay::Transfer { lines, .. } => lines,
            _ => &[],
        }
    }

    fn method_name(&self, words: Words) -> &'static str {
        self.method
            .unwrap_or(Method::Recommended)
            .name(words.lang())
    }

    /// Text of the link to the gateway.
    fn open_text(&self, words: Words) -> String {
        match (&self.pay, self.method) {
            (PayWay::Qr { .. }, Some(method)) => words.open_app(method.name(words.lang())),
            _ => words.open_gateway(&self.amount),
        }
    }

    fn qr_label(&self, words: Words) -> String {
        words.qr_label(self.method_name(words), &self.amount)
    }

    /// How to pay what is shown.
    fn guide(&self, words: Words) -> String {
        match (&self.pay, self.method, &self.payee) {
            (PayWay::Qr { .. }, Some(Method::Alipay), Some(payee)) => {
                words.guide_alipay_payee(payee)
            }
            (PayWay::Qr { .. }, Some(Method::Alipay), None) => words.guide_alipay().to_owned(),
            (PayWay::Qr { .. }, Some(Method::Wechat), Some(payee)) => {
                words.guide_wechat_payee(payee)
            }
            (PayWay::Qr { .. }, Some(Method::Wechat), None) => words.guide_wechat().to_owned(),
            (PayWay::Qr { .. }, _, Some(payee)) => words.guide_scan_payee(payee),
            (PayWay::Qr { .. }, _, None) => words.guide_scan().to_owned(),
            (PayWay::Link { .. }, _, _) => words.guide_link().to_owned(),
            (PayWay::Transfer { .. }, _, _) => words.guide_transfer().to_owned(),
            (PayWay::Nothing, _, _) => String::new(),
        }
    }
}
