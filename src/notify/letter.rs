//! What each mail says, as a list of blocks that both parts are made of.

use super::mail::{Attachment, Lang, MailFacts, News, OrderFacts, Unit};
use super::render::{RenderError, web_address};
use super::words;

/// More letters of goods than this go into an attachment.
const LETTERS_IN_BODY: usize = 2_000;
/// More units than this go into an attachment.
const UNITS_IN_BODY: usize = 20;

/// A piece of a mail.
pub(super) enum Block {
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
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) title: String,
    pub(super) preheader: String,
    pub(super) blocks: Vec<Block>,
    pub(super) why: String,
    pub(super) attachment: Option<Attachment>,
}

/// What the mail of these facts says.
pub(super) fn letter(facts: &MailFacts) -> Result<Letter, RenderError> {
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
                blocks.push(Block::Lines(words::usage(lang), lines_of(usage)));
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
        News::ExpiredRefund { order, refund } => {
            let told = words::expired_text(lang, refund);
            let blocks = vec![bought(lang, order), Block::Text(told)];
            let more = vec![(words::refund(lang), refund.clone())];
            let subject = words::expired_subject(lang, shop, &order.order_no);
            let title = words::expired_title(lang);
            let preheader = words::order_preheader(lang, &order.order_no);
            of_order(facts, order, subject, title, preheader, blocks, more)
        }
        News::Refunded {
            order,
            refund,
            refunded_at,
        } => {
            let told = words::refunded_text(lang, refund);
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
        News::Link { url, minutes } => {
            web_address("the link", url)?;
            Ok(Letter {
                subject: words::link_subject(lang, shop),
                title: words::link_title(lang),
                preheader: words::link_preheader(lang),
                blocks: vec![
                    Block::Text(words::link_text(lang, *minutes)),
                    Block::Link(words::link_open(lang), url.clone()),
                ],
                why: words::why_link(lang, shop),
                attachment: None,
            })
        }
        News::Answered { order, text } => {
            let blocks = vec![
                Block::Lines(words::answered_lines(lang), lines_of(text)),
                bought(lang, order),
            ];
            let subject = words::answered_subject(lang, shop, &order.order_no);
            let title = words::answered_title(lang);
            let preheader = words::order_preheader(lang, &order.order_no);
            of_order(facts, order, subject, title, preheader, blocks, Vec::new())
        }
        News::Asked(asked) => {
            let rows = vec![
                (words::order_no(lang), asked.order_no.clone()),
                (
                    words::asked_about(lang),
                    words::asked_kind(lang, &asked.kind),
                ),
                (words::happened_at(lang), asked.at.clone()),
            ];
            let mut blocks = vec![Block::Lines(
                words::asked_lines(lang),
                lines_of(&asked.text),
            )];
            if !asked.link.is_empty() {
                web_address("the admin link", &asked.link)?;
                blocks.push(Block::Link(words::asked_answer(lang), asked.link.clone()));
            }
            blocks.push(Block::Rows(rows));
            Ok(Letter {
                subject: words::asked_subject(lang, shop, &asked.order_no),
                title: words::asked_title(lang),
                preheader: words::order_preheader(lang, &asked.order_no),
                blocks,
                why: words::why_admin(lang, shop),
                attachment: None,
            })
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

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
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
