//! What an owner says in mails beside their facts: an own subject, an opening and a closing, plain
//! text with a few placeholders. Everything else of a mail stays as it is: the goods, the link to
//! the order, why somebody gets it.
//!
//! A text is checked before it is stored and once more when it is used; what is put into a
//! placeholder is never read for placeholders again (X41), and no control character reaches a
//! header (X40).

pub mod store;

use super::mail::{Lang, OrderFacts};
use super::outbox::Topic;
use super::render::starts_or_hides_a_line;

/// The mails that can have texts of their own: those to buyers.
pub const TOPICS: &[Topic] = &[
    Topic::OrderDelivered,
    Topic::OrderPaidWaiting,
    Topic::OrderRefunded,
    Topic::OrderExpiredRefund,
];

/// What may stand in braces.
pub const PLACEHOLDERS: &[&str] = &["shop", "order_no", "item", "amount"];

/// Letters of a subject.
pub const LONGEST_SUBJECT: usize = 150;
/// Letters of an opening or a closing.
pub const LONGEST_TEXT: usize = 2_000;

/// The own texts of one mail in one language. Empty = the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    /// Instead of the usual subject.
    pub subject: String,
    /// Before everything else.
    pub opening: String,
    /// After everything but how to get help and why the mail came.
    pub closing: String,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It holds a character that starts or hides a line.
    #[error("it holds a control character")]
    Control,
    /// It has too many characters.
    #[error("it has more than {0} characters")]
    TooLong(usize),
    /// A brace opens something that is no placeholder.
    #[error("{{{0}}} is no placeholder")]
    Placeholder(String),
}

/// What the placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The shop's name.
    pub shop: &'a str,
    /// The order's number.
    pub order_no: &'a str,
    /// What was bought.
    pub item: &'a str,
    /// The whole amount.
    pub amount: &'a str,
}

impl Wording {
    /// Whether it says nothing of its own.
    pub fn is_empty(&self) -> bool {
        self.subject.is_empty() && self.opening.is_empty() && self.closing.is_empty()
    }

    /// The first thing that is wrong, with the field it is wrong in.
    pub fn check(&self) -> Vec<(&'static str, Fault)> {
        let fields = [
            ("subject", &self.subject, LONGEST_SUBJECT, false),
            ("opening", &self.opening, LONGEST_TEXT, true),
            ("closing", &self.closing, LONGEST_TEXT, true),
        ];
        let faults = fields.into_iter().filter_map(|(name, text, most, lines)| {
            let fault = sound(text, most, lines).err()?;
            Some((name, fault))
        });
        faults.collect()
    }
}

/// The text of what was bought, for the placeholder.
pub(super) fn bought(order: &OrderFacts, lang: Lang) -> String {
    let names: Vec<&str> = order.items.iter().map(|item| item.name.as_str()).collect();
    names.join(match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    })
}

fn sound(text: &str, most: usize, lines: bool) -> Result<(), Fault> {
    if text.chars().count() > most {
        return Err(Fault::TooLong(most));
    }
    let bad = |c: char| starts_or_hides_a_line(c) && !(lines && c == '\n');
    if text.chars().any(bad) {
        return Err(Fault::Control);
    }
    for part in pieces(text) {
        if let Piece::Unknown(name) = part {
            return Err(Fault::Placeholder(name.chars().take(40).collect()));
        }
    }
    Ok(())
}

enum Piece<'a> {
    Plain(&'a str),
    Known(&'a str),
    Unknown(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        found.push(Piece::Plain(before));
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        found.push(match PLACEHOLDERS.contains(&name) && after.contains('}') {
            true => Piece::Known(name),
            false => Piece::Unknown(name),
        });
        rest = behind;
    }
    found.push(Piece::Plain(rest));
    found
}

/// Puts the values into a text, each once; an unknown placeholder stays as it was written.
pub fn fill(text: &str, values: &Values<'_>) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => filled.push_str(plain),
            Piece::Known("shop") => filled.push_str(values.shop),
            Piece::Known("order_no") => filled.push_str(values.order_no),
            Piece::Known("item") => filled.push_str(values.item),
            Piece::Known(_) => filled.push_str(values.amount),
            Piece::Unknown(name) => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'static> = Values {
        shop: "云栈{amount}",
        order_no: "K7Q2",
        item: "<b>编辑器</b>",
        amount: "¥29.90",
    };

    /// X41: what is put in is data, whatever it looks like.
    #[test]
    fn a_value_is_never_read_for_placeholders() {
        let text = "{shop}: {item} {order_no} {amount}{";
        assert_eq!(
            fill("{shop}: {item} {order_no}, {amount}", &VALUES),
            "云栈{amount}: <b>编辑器</b> K7Q2, ¥29.90"
        );
        let template = Wording {
            subject: text.to_owned(),
            ..Wording::default()
        };
        assert_eq!(
            template.check(),
            [("subject", Fault::Placeholder(String::new()))]
        );
    }

    /// X40: nothing that starts another header, or hides one, is stored.
    #[test]
    fn what_is_unknown_or_starts_a_line_is_named() {
        let of = |subject: &str, opening: &str| {
            let template = Wording {
                subject: subject.to_owned(),
                opening: opening.to_owned(),
                closing: String::new(),
            };
            template.check()
        };
        assert_eq!(of("Your {item}", "Hello,\nthank you"), []);
        assert_eq!(of("a\r\nBcc: x@y.z", ""), [("subject", Fault::Control)]);
        assert_eq!(of("a\nb", ""), [("subject", Fault::Control)]);
        assert_eq!(of("", "a\u{202e}b"), [("opening", Fault::Control)]);
        assert_eq!(
            of("{{7*7}}", "{password}"),
            [
                ("subject", Fault::Placeholder("{7*7".to_owned())),
                ("opening", Fault::Placeholder("password".to_owned())),
            ]
        );
        let long = "字".repeat(LONGEST_SUBJECT + 1);
        assert_eq!(
            of(&long, ""),
            [("subject", Fault::TooLong(LONGEST_SUBJECT))]
        );
    }
}
