//! Finding an order again.

use askama::Template;

use crate::web::assets::icon;
use crate::web::layout::Layout;
use crate::web::pages::orders::OrderRow;
use crate::web::words::Words;

/// `GET /orders`, and the answer to a `POST` there that did not find an order.
///
/// The form sends `csrf`, `order_no` and `secret`. With a number, `secret` is the email or the
/// order password, and a hit answers 303 to `/o/{order_no}`; without one it is an email, to which
/// a link is sent. Everything else shows this page again with a [`note`](Self::note).
#[derive(Template, Clone, Debug)]
#[template(path = "lookup.html")]
pub struct LookupPage {
    /// The frame.
    pub layout: Layout,
    /// The number that was typed.
    pub order_no: String,
    /// The email that was typed; a password is never sent back, so leave it empty if in doubt.
    pub secret: String,
    /// What came of it.
    pub note: LookupNote,
    /// Orders opened in this browser, newest first.
    pub recent: Vec<OrderRow>,
}

/// What the lookup page says above its form.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LookupNote {
    /// Nothing yet.
    Nothing,
    /// No order matches, whatever was wrong.
    Missed,
    /// Neither a number nor an email.
    NoEmail,
    /// A link was sent, if there is anything to show: the same words for every address.
    Sent,
    /// The link that led here is too old, or none.
    LinkOver,
    /// The order that was chosen asks for its password.
    Locked,
}

impl LookupPage {
    /// The sentence and what to do.
    fn said(&self, words: Words) -> Option<(&'static str, &'static str)> {
        match self.note {
            LookupNote::Nothing => None,
            LookupNote::Missed => Some((words.lookup_miss(), words.lookup_miss_hint())),
            LookupNote::NoEmail => Some((words.lookup_email(), words.lookup_email_hint())),
            LookupNote::Sent => Some((words.lookup_sent(), words.lookup_sent_hint())),
            LookupNote::LinkOver => Some((words.lookup_over(), words.lookup_over_hint())),
            LookupNote::Locked => Some((words.lookup_locked(), words.lookup_locked_hint())),
        }
    }

    fn number_wrong(&self) -> bool {
        self.note == LookupNote::Missed
    }

    fn secret_wrong(&self) -> bool {
        matches!(self.note, LookupNote::Missed | LookupNote::NoEmail)
    }

    fn tone(&self) -> &'static str {
        match self.note {
            LookupNote::Sent => "t-ok",
            LookupNote::LinkOver | LookupNote::Locked => "t-warn",
            _ => "t-bad",
        }
    }

    fn role(&self) -> &'static str {
        if self.secret_wrong() {
            "alert"
        } else {
            "status"
        }
    }
}
