//! What buyers ask for after they have paid: something does not work, the money back, anything
//! else. One thread for each request, in which the buyer and the staff write in turn.
//!
//! Comes in: a paid order and words of its buyer ([`ask`], [`reply`]), or of the staff
//! ([`answer`], [`end`]). Goes out: rows, sealed, and promises: a mail to the owner when a
//! buyer has written, one to the buyer when the staff has. A request moves no money and no goods;
//! whoever answers it does that where it is done.

mod answer;
mod ask;
pub mod list;
mod model;
pub mod store;
pub mod web;

pub use answer::{Answer, answer, close, end};
pub use ask::{ask, reply};
pub use model::{
    Author, Error, LONGEST, MOST, MOST_MESSAGES, MOST_OPEN, Message, Request, RequestKind,
    RequestState, Thread, Tools, checked,
};
