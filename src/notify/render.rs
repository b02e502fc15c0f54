//! From facts to a mail: pure. Both parts are made of one list of blocks, so that they say the
//! same in the same order.
//!
//! What comes from outside is data: it is escaped in HTML, unchanged in text, and never read as
//! a template (X41). What goes into a header is refused if it holds a control character, before
//! the mail library sees it (X40).

use askama::Template;
use url::Url;

use super::letter::{Block, Letter, letter};
use super::mail::{Lang, Mail, MailFacts};
use super::template::{self, Values, Wording};
use super::words;

/// Why a mail cannot be made. Trying again would fail the same way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A text that goes into a header is empty or holds a control character.
    #[error("{0} is empty or holds a control character")]
    Control(&'static str),
    /// The recipient is not one plain address.
    #[error("the recipient is not an address")]
    Address,
    /// The shop's address or a link is not an http(s) address.
    #[error("{0} is not an http(s) address")]
    Link(&'static str),
    /// The order number is not letters, digits and dashes.
    #[error("the order number is not one")]
    OrderNo,
    /// The template failed.
    #[error("the template failed: {0}")]
    Template(String),
}

#[derive(Template)]
#[template(path = "mail/letter.html", whitespace = "preserve")]
struct Html<'a> {
    lang: &'static str,
    line_height: &'static str,
    subject: &'a str,
    title: &'a str,
    preheader: &'a str,
    blocks: &'a [Block],
    help: &'a str,
    why: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", whitespace = "preserve")]
struct Text<'a> {
    title: &'a str,
    colon: &'static str,
    blocks: &'a [Block],
    help: &'a str,
    why: &'a str,
}

/// Makes the mail, or says why there can be none.
pub fn render(facts: &MailFacts) -> Result<Mail, RenderError> {
    render_with(facts, &Wording::default())
}

/// The same with the owner's own texts, where the mail is about an order.
pub fn render_with(facts: &MailFacts, own: &Wording) -> Result<Mail, RenderError> {
    plain("the recipient", &facts.to)?;
    plain("the shop's name", &facts.shop)?;
    if facts.to.parse::<lettre::Address>().is_err() {
        return Err(RenderError::Address);
    }
    let host = web_address("the shop's address", &facts.base_url)?
        .host_str()
        .map(str::to_owned)
        .ok_or(RenderError::Link("the shop's address"))?;
    let letter = spoken(letter(facts)?, facts, own);
    plain("the subject", &letter.subject)?;
    let help = match facts.support.as_str() {
        "" => String::new(),
        support => words::help(facts.lang, support),
    };
    let html = Html {
        lang: facts.lang.tag(),
        line_height: match facts.lang {
            Lang::Zh => "1.7",
            Lang::En => "1.55",
        },
        subject: &letter.subject,
        title: &letter.title,
        preheader: &letter.preheader,
        blocks: &letter.blocks,
        help: &help,
        why: &letter.why,
    };
    let text = Text {
        title: &letter.title,
        colon: match facts.lang {
            Lang::Zh => "：",
            Lang::En => ": ",
        },
        blocks: &letter.blocks,
        help: &help,
        why: &letter.why,
    };
    let failed = |error: askama::Error| RenderError::Template(error.to_string());
    Ok(Mail {
        html: html.render().map_err(failed)?,
        text: text.render().map_err(failed)?,
        id: facts.id.clone(),
        message_id: format!("<{}@{host}>", facts.id),
        at: facts.at,
        to: facts.to.clone(),
        from_name: facts.shop.clone(),
        subject: letter.subject,
        attachment: letter.attachment,
    })
}

/// Puts the owner's texts around what the letter says.
fn spoken(mut letter: Letter, facts: &MailFacts, own: &Wording) -> Letter {
    let Some(order) = facts.news.order() else {
        return letter;
    };
    let item = template::bought(order, facts.lang);
    let values = Values {
        shop: &facts.shop,
        order_no: &order.order_no,
        item: &item,
        amount: &order.amount,
    };
    if !own.subject.is_empty() {
        letter.subject = template::fill(&own.subject, &values);
    }
    if !own.opening.is_empty() {
        let opening = template::fill(&own.opening, &values);
        letter.blocks.insert(0, Block::Text(opening));
    }
    if !own.closing.is_empty() {
        let closing = template::fill(&own.closing, &values);
        letter.blocks.push(Block::Text(closing));
    }
    letter
}

/// A character that starts another line, or makes one look other than it is.
pub(super) fn starts_or_hides_a_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Refuses what could start another header or hide one.
fn plain(what: &'static str, text: &str) -> Result<(), RenderError> {
    if text.is_empty() || text.chars().any(starts_or_hides_a_line) {
        return Err(RenderError::Control(what));
    }
    Ok(())
}

pub(super) fn web_address(what: &'static str, text: &str) -> Result<Url, RenderError> {
    let clean = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    Url::parse(text)
        .ok()
        .filter(|url| clean && matches!(url.scheme(), "http" | "https"))
        .ok_or(RenderError::Link(what))
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
