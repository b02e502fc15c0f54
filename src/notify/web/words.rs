//! What topics, languages and states of promises are called.

use crate::notify::Lang;
use crate::notify::outbox::{Kind, State, Topic};
use crate::web::words::{Shape, Tag, Tone, Words};

/// What a topic is called.
pub(super) const fn topic(words: Words, topic: Topic) -> &'static str {
    match topic {
        Topic::OrderDelivered => words.mail_delivered(),
        Topic::OrderPaidWaiting => words.mail_paid_waiting(),
        Topic::OrderRefunded => words.mail_refunded(),
        Topic::OrderExpiredRefund => words.mail_expired_refund(),
        Topic::AdminAlert => words.mail_admin_alert(),
        Topic::AdminLowStock => words.mail_low_stock(),
        Topic::BuyerLink => words.mail_buyer_link(),
        Topic::BuyerReply => words.mail_buyer_reply(),
        Topic::AdminRequest => words.mail_admin_request(),
        Topic::MailTest => words.mail_test_topic(),
    }
}

/// The same for a topic as stored; one that this version does not know is shown as it is.
pub(super) fn topic_of(words: Words, stored: &str) -> String {
    Topic::parse(stored).map_or_else(|| stored.to_owned(), |known| topic(words, known).to_owned())
}

/// Which way a promise goes.
pub(super) const fn kind(words: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => words.mail_kind_mail(),
        Kind::Webhook => words.mail_kind_webhook(),
    }
}

/// What a state is called.
pub(super) const fn state(words: Words, state: State) -> &'static str {
    match state {
        State::Waiting => words.mail_waiting(),
        State::Running => words.mail_running(),
        State::Done => words.mail_done(),
        State::Dead => words.mail_dead(),
    }
}

/// A state as a coloured word.
pub(super) fn state_tag(words: Words, of: State) -> Tag {
    let (tone, shape) = match of {
        State::Waiting => (Tone::Info, Shape::Ring),
        State::Running => (Tone::Info, Shape::Dot),
        State::Done => (Tone::Ok, Shape::Dot),
        State::Dead => (Tone::Bad, Shape::Square),
    };
    Tag {
        text: state(words, of).to_owned(),
        tone,
        shape,
    }
}

/// What a language is called, in itself.
pub(super) const fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "中文",
        Lang::En => "English",
    }
}
