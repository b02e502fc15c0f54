//! Payment: from "the buyer wants to pay" to "the goods have left".
//!
//! Comes in: a payable order (`open` makes an attempt at a channel), and facts about money,
//! whoever brings them: a notice (`callback`), an answer when we asked (`poll`), an operator.
//! Goes out: receipts, captured orders, handed-out goods, journal rows and promises in the
//! outbox, all in one write. [`settle()`] is the only place where money turns into goods; money
//! that fits nowhere becomes a money case, never nothing. Source: design.md §1, §4,
//! spec/standard.md.

mod by_hand;
pub mod callback;
mod cases;
mod deeds;
mod due;
mod expire;
mod fulfil;
mod give_back;
pub mod heard;
mod hearing;
pub mod job;
mod judge;
mod keys;
mod model;
mod open;
mod plan;
mod poll;
mod refund_order;
mod settle;
mod standing;
pub mod store;
mod stray;
mod till;
mod unheard;
pub mod web;
mod why;

pub use by_hand::LONGEST_CONTENT;
pub use cases::{CaseAction, act, act_as, add_note, add_note_as};
pub use deeds::{CaseFacts, Deed, OrderFacts};
pub use expire::{cancel, cancel_as, claim_orders, end_due, finish, orders_due};
pub use fulfil::{Handed, deliver_waiting};
pub use hearing::Hearing;
pub use judge::{Meaning, Standing, judge};
pub use keys::renew;
pub use model::{Attempt, AttemptState, Error, Receipt, ReceiptFact, ReceiptKind, Source};
pub use open::{Choice, Opened, open};
pub use plan::{WATCH, next_check};
pub use poll::{Found, accounts_due, ask, ask_due, brief, claim, hasten, hasten_open_pages};
pub use refund_order::{Refundable, Way, refund_order, refundable};
pub use settle::{Settled, settle, settle_free};
pub use standing::{CaseView, view as case_view};
pub use till::Till;
pub use why::Why;
