//! Rows of requests, what a message may hold, and the room's error.

use diesel::prelude::*;

use crate::clock::{Clock, Millis};
use crate::ids::{MessageId, OrderId, RequestId, text_enum};
use crate::notify::Promises;
use crate::random::Random;
use crate::seal::{SealError, Sealer};
use crate::store::schema::{request, request_message};
use crate::store::{StoreError, write_error};

/// The longest message, in characters.
pub const LONGEST: usize = 2_000;
/// Most requests of one order that are not closed.
pub const MOST_OPEN: i64 = 3;
/// Most requests of one order in all.
pub const MOST: i64 = 20;
/// Most messages of one request.
pub const MOST_MESSAGES: i64 = 60;

text_enum! {
    /// What a request is about.
    pub enum RequestKind {
        /// The goods do not work.
        NotWorking = "not_working",
        /// The buyer wants the money back.
        Refund = "refund",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// Where a request stands.
    pub enum RequestState {
        /// The buyer has the last word: the staff is asked.
        Open = "open",
        /// The staff has the last word.
        Answered = "answered",
        /// Nothing more is said.
        Closed = "closed",
    }
}

text_enum! {
    /// Who wrote a message.
    pub enum Author {
        /// Whoever holds a token of the order.
        Buyer = "buyer",
        /// A person of the shop.
        Staff = "staff",
    }
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = request, treat_none_as_default_value = false)]
pub struct Request {
    /// The row; also the cursor of [`list`](super::list::list).
    pub id: RequestId,
    /// The paid order it is about.
    pub order_id: OrderId,
    /// What about.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// How many messages it has.
    pub messages: i64,
    /// UTC.
    pub created_at: Millis,
    /// When somebody last wrote or closed it, UTC.
    pub changed_at: Millis,
    /// UTC.
    pub closed_at: Option<Millis>,
}

/// One message of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = request_message)]
pub struct Message {
    /// The row.
    pub id: MessageId,
    /// Its request.
    pub request_id: RequestId,
    /// Who wrote it.
    pub author: Author,
    /// `buyer`, or the name of the person of the staff.
    pub actor: String,
    /// Sealed for [`Message::place`]; [`Message::text`] opens it.
    pub body: Vec<u8>,
    /// One message for each key of a form.
    pub dedupe: String,
    /// UTC.
    pub created_at: Millis,
}

impl Message {
    /// The associated data a body is sealed with.
    pub fn place(id: &MessageId) -> String {
        format!("request_message/{id}/body")
    }

    /// What it says.
    pub fn text(&self, sealer: &Sealer) -> Result<String, SealError> {
        sealer.open_text(&self.body, &Message::place(&self.id))
    }
}

/// A request with all that was said, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The request.
    pub request: Request,
    /// Its messages.
    pub messages: Vec<Message>,
}

/// What writing needs from outside.
pub struct Tools<'a> {
    /// Seals the words.
    pub sealer: &'a Sealer,
    /// Tells now.
    pub clock: &'a dyn Clock,
    /// Makes ids.
    pub random: &'a dyn Random,
    /// Who is told.
    pub promises: Promises,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was paid for this order: there is nothing to ask about.
    #[error("the order is not paid")]
    NotPaid,
    /// As many requests of this order are open as may be, or were made at all.
    #[error("at most {MOST_OPEN} requests of one order are open at once, and {MOST} are made")]
    TooManyOpen,
    /// The thread is as long as it may be.
    #[error("a request has at most {MOST_MESSAGES} messages")]
    TooLong,
    /// It is closed.
    #[error("the request is closed")]
    Closed,
    /// More was said than whoever decided had read.
    #[error("something was said meanwhile")]
    Moved,
    /// There is no such request, or not of this order.
    #[error("no such request")]
    Unknown,
    /// The words are none, too many, or hold control characters.
    #[error("a message is 1 to {LONGEST} characters without control characters")]
    Words,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
write_error!(Error);

/// The words of a message as they are kept: line ends as `\n`, nothing around them. Control
/// characters, and those that turn the direction of what follows, are refused.
pub fn checked(text: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(bad) {
        return Err(Error::Words);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain_text_of_some_length() {
        assert_eq!(checked("  a\r\nb\n").ok().as_deref(), Some("a\nb"));
        assert!(checked(&"字".repeat(LONGEST)).is_ok());
        for bad in [
            "",
            " \n ",
            "a\0b",
            "a\u{1b}[31m",
            "a\rb",
            "a\tb",
            "\u{202e}txt.exe",
            &"字".repeat(LONGEST + 1),
        ] {
            assert!(checked(bad).is_err(), "{bad:?}");
        }
    }
}
