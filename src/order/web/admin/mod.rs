//! Orders as staff see them: the list and its export, one order with all that happened to it,
//! and what they can do about it.

mod act;
mod export;
mod filter;
mod list;
mod mails;
mod page;
mod parts;
mod read;
mod refund;
mod reveal;

pub use act::{ask, ask_page, cancel, cancel_page};
pub use export::export;
pub use list::list;
pub use mails::{resend, resend_page};
pub use page::page;
pub use refund::{refund, refund_amount, refund_page};
pub use reveal::{email, email_page, goods, goods_page};

use crate::notify::masked;
