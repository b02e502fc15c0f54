//! Telling people and machines: mail, webhooks out and alerts, all from the outbox.
//!
//! Comes in: promises, written in the transaction that makes them ([`outbox::enqueue`]), and
//! the facts of a mail as plain data. Goes out: mails and signed requests, at least once each
//! and known by the same id every time. A worker takes one step as: [`outbox::claim`] → render
//! or sign → send → [`outbox::finish`] or [`outbox::fail`]. Source: design.md §7, ui.md §8.

pub mod alert;
pub mod job;
mod letter;
mod mail;
mod mailer;
mod mime;
pub mod outbox;
mod promises;
mod queue;
mod render;
mod sample;
mod smtp;
pub mod template;
mod test_mail;
#[cfg(test)]
mod testing;
pub mod web;
pub mod webhook;
mod words;

pub use job::{Broken, Eyes, letter_of};
pub use mail::{
    AlertFacts, AskedFacts, Attachment, GoodsWord, ItemLine, Lang, LowStockFacts, Mail, MailFacts,
    News, OrderFacts, Unit, Wait, masked,
};
pub use mailer::{FileMailer, MailError, Mailer};
pub use mime::{eml, is_address, is_sender};
pub use promises::{Alarm, LowStock, Promises};
pub use render::{RenderError, render, render_with};
pub use sample::sample;
pub use smtp::{BadSmtpUrl, SmtpMailer};
pub use test_mail::{NewTest, PER_HOUR, TestMail};
