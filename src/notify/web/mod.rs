//! The pages of mail: the queue with what became of each, one promise as it would be sent now,
//! and the owner's own texts.

mod one;
mod queue;
mod template;
mod words;

pub use one::{eml, one, resend};
pub use queue::queue;
pub use template::{edit, reset, save, templates, test};
