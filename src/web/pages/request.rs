//! What a buyer asks for after paying, as the result page shows it.

use crate::web::layout::Stamp;
use crate::web::words::Tag;

/// The requests of one order, and the form for a new one.
///
/// Forms: `POST {order_path}/requests` with `csrf`, `key`, `kind` and `message`; in a thread
/// `POST {order_path}/requests/{id}` with `csrf`, `key` and `message`, or `close=1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requests {
    /// What was asked so far, oldest first.
    pub threads: Vec<RequestView>,
    /// Whether one more may be asked.
    pub may_ask: bool,
    /// What it can be about.
    pub kinds: Vec<KindChoice>,
    /// Whether the buyer waits for stock and has not asked yet: then the money back is offered.
    pub waits: bool,
    /// Tells this form from the same form sent twice.
    pub key: String,
    /// What was typed, where it could not be sent.
    pub typed: String,
    /// Why it could not.
    pub error: Option<String>,
}

/// What a request can be about.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct KindChoice {
    /// Value of the field `kind`.
    pub code: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// One request with all that was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestView {
    /// Part of its address.
    pub id: String,
    /// What it is about.
    pub title: &'static str,
    /// Where it stands.
    pub state: Tag,
    /// Whether more can be said.
    pub open: bool,
    /// What was said, oldest first.
    pub messages: Vec<MessageView>,
    /// Tells this form from the same form sent twice.
    pub key: String,
    /// What was typed, where it could not be sent.
    pub typed: String,
    /// Why it could not.
    pub error: Option<String>,
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageView {
    /// Whether the seller wrote it.
    pub staff: bool,
    /// Who wrote it.
    pub by: &'static str,
    /// When.
    pub at: Stamp,
    /// The words, as plain text; line breaks are kept. None = they do not open.
    pub text: Option<String>,
}

impl Requests {
    /// Whether the form for a new one stands open.
    pub(super) fn form_open(&self) -> bool {
        self.error.is_some()
    }
}
