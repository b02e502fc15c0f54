//! From facts to a mail: pure. Both parts are made of one list of blocks, so that they say the
//! same in the same order.
//!
//! What comes from outside is data: it is escaped in HTML, unchanged in text, and never read as
//! a template (X41). What goes into a header is refused if it holds a control character, before
//! the mail library sees it (X40).

use askama::Template;
use url::Url;

use super::mail::{Attachment, Lang, Mail, MailFacts, News, OrderFacts, Unit};
use super::words;

/// More letters of goods than this go into an attachment.
const LETTERS_IN_BODY: usize = 2_000;
/// More units than this go into an attachment.
const UNITS_IN_BODY: usize = 20;

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

/// A piece of a mail.
enum Block {
    /// A paragraph.
    Text(String),
    /// A heading with lines below.
    Lines(String, Vec<String>),
    /// A heading with one box for each unit.
    Goods(String, Vec<Unit>),
    /// A link, shown whole.
    Link(String, String),
    /// Names and values.
    Rows(Vec<(String, String)>),
}

/// What differs from topic to topic.
struct Letter {
    subject: String,
    title: String,
    preheader: String,
    blocks: Vec<Block>,
    why: String,
    attachment: Option<Attachment>,
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
    plain("the recipient", &facts.to)?;
    plain("the shop's name", &facts.shop)?;
    if facts.to.parse::<lettre::Address>().is_err() {
        return Err(RenderError::Address);
    }
    let host = web_address("the shop's address", &facts.base_url)?
        .host_str()
        .map(str::to_owned)
        .ok_or(RenderError::Link("the shop's address"))?;
    let letter = letter(facts)?;
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

fn letter(facts: &MailFacts) -> Result<Letter, RenderError> {
    let (lang, shop) = (facts.lang, facts.shop.as_str());
    match &facts.news {
        News::Delivered {
            order,
            word,
            goods,
            include_goods,
            usage,
        } => {
            let units = goods.len();
            let mut attachment = None;
            let mut blocks = vec![bought(lang, order)];
            if !include_goods || goods.is_empty() {
                blocks.push(Block::Text(words::link_only(lang, *word)));
            } else if is_long(goods) {
                let name = format!("goods-{}.txt", order.order_no);
                blocks.push(Block::Text(words::attached(lang, *word, units, &name)));
                attachment = Some(Attachment {
                    name,
                    content: file_of(goods),
                });
            } else {
                blocks.push(Block::Goods(
                    words::goods(lang, *word, units),
                    goods.clone(),
                ));
            }
            if !usage.is_empty() {
                let lines = usage.lines().map(str::to_owned).collect();
                blocks.push(Block::Lines(words::usage(lang), lines));
            }
            let subject = words::delivered_subject(lang, *word, units, shop, &order.order_no);
            let title = words::delivered_title(lang, *word, units);
            let preheader = words::delivered_preheader(lang, &order.order_no);
            let more = Vec::new();
            let letter = of_order(facts, order, subject, title, preheader, blocks, more)?;
            Ok(Letter {
                attachment,
                ..letter
            })
        }
        News::PaidWaiting { order, wait } => {
            let blocks = vec![
                bought(lang, order),
                Block::Text(words::waiting(lang, *wait)),
            ];
            let subject = words::paid_subject(lang, shop, &order.order_no);
            let title = words::paid_title(lang);
            let preheader = words::order_preheader(lang, &order.order_no);
            of_order(facts, order, subject, title, preheader, blocks, Vec::new())
        }
        News::Refunded {
            order,
            refund,
            refunded_at,
        }
        | News::ExpiredRefund {
            order,
            refund,
            refunded_at,
        } => {
            let told = match facts.news {
                News::ExpiredRefund { .. } => words::expired_text(lang, refund),
                _ => words::refunded_text(lang, refund),
            };
            let blocks = vec![bought(lang, order), Block::Text(told)];
            let more = vec![
                (words::refund(lang), refund.clone()),
                (words::refunded_at(lang), refunded_at.clone()),
            ];
            let subject = words::refunded_subject(lang, shop, &order.order_no);
            let title = words::refunded_title(lang);
            let preheader = words::order_preheader(lang, &order.order_no);
            of_order(facts, order, subject, title, preheader, blocks, more)
        }
        News::Alert(alert) => {
            let rows = vec![
                (words::kind(lang), alert.kind.clone()),
                (words::severity(lang), alert.severity.clone()),
                (words::happened_at(lang), alert.at.clone()),
            ];
            Ok(Letter {
                subject: words::alert_subject(lang, shop, &alert.kind),
                title: words::alert_title(lang, &alert.kind),
                preheader: words::alert_preheader(lang, &alert.at),
                blocks: for_admin(lang, alert.body.clone(), rows, &alert.link)?,
                why: words::why_admin(lang, shop),
                attachment: None,
            })
        }
        News::LowStock(low) => {
            let rows = vec![
                (words::product(lang), low.name.clone()),
                (words::left(lang), low.left.to_string()),
                (words::threshold(lang), low.threshold.to_string()),
                (words::happened_at(lang), low.at.clone()),
            ];
            let told = words::low_stock_text(lang, &low.name, low.left);
            Ok(Letter {
                subject: words::low_stock_subject(lang, shop, &low.name),
                title: words::low_stock_title(lang),
                preheader: words::low_stock_preheader(lang),
                blocks: for_admin(lang, told, rows, &low.link)?,
                why: words::why_admin(lang, shop),
                attachment: None,
            })
        }
    }
}

/// A mail to a buyer: `blocks`, then the link, the order's rows and `more` of them.
fn of_order(
    facts: &MailFacts,
    order: &OrderFacts,
    subject: String,
    title: String,
    preheader: String,
    mut blocks: Vec<Block>,
    more: Vec<(String, String)>,
) -> Result<Letter, RenderError> {
    let lang = facts.lang;
    let named = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if order.order_no.is_empty() || !order.order_no.bytes().all(named) {
        return Err(RenderError::OrderNo);
    }
    web_address("the order's link", &order.link)?;
    blocks.push(Block::Link(words::open_order(lang), order.link.clone()));
    let mut rows = vec![
        (words::order_no(lang), order.order_no.clone()),
        (words::amount(lang), order.amount.clone()),
        (words::paid_at(lang), order.paid_at.clone()),
    ];
    rows.extend(more);
    blocks.push(Block::Rows(rows));
    Ok(Letter {
        subject,
        title,
        preheader,
        blocks,
        why: words::why_buyer(lang, &facts.shop),
        attachment: None,
    })
}

fn bought(lang: Lang, order: &OrderFacts) -> Block {
    let lines = order
        .items
        .iter()
        .map(|item| words::item(lang, &item.name, item.quantity, &item.amount))
        .collect();
    Block::Lines(words::bought(lang), lines)
}

fn for_admin(
    lang: Lang,
    told: String,
    rows: Vec<(String, String)>,
    link: &str,
) -> Result<Vec<Block>, RenderError> {
    let mut blocks = vec![Block::Text(told), Block::Rows(rows)];
    if !link.is_empty() {
        web_address("the admin link", link)?;
        blocks.push(Block::Link(words::open_admin(lang), link.to_owned()));
    }
    Ok(blocks)
}

fn is_long(goods: &[Unit]) -> bool {
    let letters: usize = goods
        .iter()
        .map(|unit| unit.content.reveal().chars().count())
        .sum();
    goods.len() > UNITS_IN_BODY || letters > LETTERS_IN_BODY
}

/// The attached file: one unit on each line, or one paragraph each where a unit has lines or a
/// label of its own.
fn file_of(goods: &[Unit]) -> String {
    let simple = |unit: &Unit| unit.label.is_empty() && !unit.content.reveal().contains('\n');
    let between = if goods.iter().all(simple) { "" } else { "\n" };
    let mut file = String::new();
    for (at, unit) in goods.iter().enumerate() {
        if at > 0 {
            file.push_str(between);
        }
        if !unit.label.is_empty() {
            file.push_str(&unit.label);
            file.push('\n');
        }
        file.push_str(unit.content.reveal());
        file.push('\n');
    }
    file
}

/// Refuses what could start another header or hide one.
fn plain(what: &'static str, text: &str) -> Result<(), RenderError> {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.is_empty() || text.chars().any(bad) {
        return Err(RenderError::Control(what));
    }
    Ok(())
}

fn web_address(what: &'static str, text: &str) -> Result<Url, RenderError> {
    let clean = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    Url::parse(text)
        .ok()
        .filter(|url| clean && matches!(url.scheme(), "http" | "https"))
        .ok_or(RenderError::Link(what))
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
