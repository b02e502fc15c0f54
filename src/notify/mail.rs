//! The words of mail: the facts that another room fills in, and the mail that comes of them.

use std::fmt;

use crate::clock::Millis;
use crate::ids::{OutboxId, text_enum};
use crate::seal::Secret;

text_enum! {
    /// The language of a mail.
    pub enum Lang {
        /// 中文.
        Zh = "zh",
        /// English.
        En = "en",
    }
}

impl Lang {
    /// The language of a tag as orders keep it (`zh`, `zh-CN`, `en`, `en_GB`); English for any
    /// other.
    pub fn of_tag(tag: &str) -> Lang {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        if first.eq_ignore_ascii_case("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    }

    /// The tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

/// Everything one mail says, as plain data; amounts and times are text for the reader's eye.
#[derive(Clone, PartialEq, Eq)]
pub struct MailFacts {
    /// The promise; the Message-ID is made of it.
    pub id: OutboxId,
    /// The Date of the mail, UTC.
    pub at: Millis,
    /// The reader's language.
    pub lang: Lang,
    /// To whom: one address, nothing else.
    pub to: String,
    /// The shop's name in that language.
    pub shop: String,
    /// Where the shop is, `https://shop.example`.
    pub base_url: String,
    /// How to reach a person, as the shop wrote it; left out if empty.
    pub support: String,
    /// What happened.
    pub news: News,
}

impl fmt::Debug for MailFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.news {
            News::Delivered { .. } => "delivered",
            News::PaidWaiting { .. } => "paid_waiting",
            News::Refunded { .. } => "refunded",
            News::ExpiredRefund { .. } => "expired_refund",
            News::Link { .. } => "link",
            News::Answered { .. } => "answered",
            News::Asked(_) => "asked",
            News::Alert(_) => "alert",
            News::LowStock(_) => "low_stock",
        };
        write!(f, "MailFacts({}, {kind})", self.id)
    }
}

/// What a mail is about.
#[derive(Clone, PartialEq, Eq)]
pub enum News {
    /// `order.delivered`.
    Delivered {
        /// The order.
        order: OrderFacts,
        /// What the shop calls one unit.
        word: GoodsWord,
        /// The units, in the order of delivery. Empty reads as link only.
        goods: Vec<Unit>,
        /// The shop's setting: whether goods are in the mail, or only the link to them.
        include_goods: bool,
        /// How to use it, as the seller wrote it; left out if empty.
        usage: String,
    },
    /// `order.paid_waiting`.
    PaidWaiting {
        /// The order.
        order: OrderFacts,
        /// For what it waits.
        wait: Wait,
    },
    /// `order.refunded`.
    Refunded {
        /// The order.
        order: OrderFacts,
        /// What goes back, `¥29.90`.
        refund: String,
        /// When it was sent back.
        refunded_at: String,
    },
    /// `order.expired_refund`: money that came after the order had expired is to go back. That
    /// it did is told by [`News::Refunded`].
    ExpiredRefund {
        /// The order.
        order: OrderFacts,
        /// What goes back.
        refund: String,
    },
    /// `buyer.link`: a link that shows the orders of the address it is sent to.
    Link {
        /// The whole address, with its proof.
        url: String,
        /// For how many minutes it opens anything.
        minutes: i64,
    },
    /// `buyer.reply`.
    Answered {
        /// The order.
        order: OrderFacts,
        /// What the staff wrote.
        text: String,
    },
    /// `admin.request`.
    Asked(AskedFacts),
    /// `admin.alert`.
    Alert(AlertFacts),
    /// `admin.low_stock`.
    LowStock(LowStockFacts),
}

impl News {
    /// The order it is about.
    pub fn order(&self) -> Option<&OrderFacts> {
        match self {
            News::Delivered { order, .. }
            | News::PaidWaiting { order, .. }
            | News::Refunded { order, .. }
            | News::ExpiredRefund { order, .. }
            | News::Answered { order, .. } => Some(order),
            News::Link { .. } | News::Asked(_) | News::Alert(_) | News::LowStock(_) => None,
        }
    }
}

/// An address as staff may see it: `li***@example.com`.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let shown: String = local.chars().take(2).collect();
    format!("{shown}***@{domain}")
}

/// An order as its buyer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// `K7Q2-94MX-31AB`.
    pub order_no: String,
    /// The whole address that opens it.
    pub link: String,
    /// What was bought.
    pub items: Vec<ItemLine>,
    /// The whole amount, `¥29.90`.
    pub amount: String,
    /// When it was paid, with the zone.
    pub paid_at: String,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLine {
    /// Product and variant, in the reader's language.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// For all of them, `¥29.90`.
    pub amount: String,
}

/// One delivered unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which one it is, where an order has different goods; empty shows nothing.
    pub label: String,
    /// The goods: data, shown as they are.
    pub content: Secret,
}

text_enum! {
    /// What the shop calls one unit of goods.
    pub enum GoodsWord {
        /// 授权码, a key.
        Key = "key",
        /// 卡密, a code.
        Code = "code",
    }
}

text_enum! {
    /// Why a paid order has no goods yet.
    pub enum Wait {
        /// No stock at the moment.
        Stock = "stock",
        /// A person delivers it.
        Person = "person",
        /// A person checks it first.
        Review = "review",
    }
}

/// What a buyer wrote about a paid order.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedFacts {
    /// The order's number.
    pub order_no: String,
    /// What it is about, as requests call it: `refund`.
    pub kind: String,
    /// What was written.
    pub text: String,
    /// When.
    pub at: String,
    /// Where to answer; left out if empty.
    pub link: String,
}

/// Something that needs the shopkeeper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertFacts {
    /// The kind, `outbox.dead`.
    pub kind: String,
    /// How soon, `warning`.
    pub severity: String,
    /// What happened and what to do.
    pub body: String,
    /// When it happened first.
    pub at: String,
    /// Where to look; left out if empty.
    pub link: String,
}

/// A variant that is running out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowStockFacts {
    /// Product and variant.
    pub name: String,
    /// Cards left.
    pub left: i64,
    /// The mark it fell below.
    pub threshold: i64,
    /// When.
    pub at: String,
    /// Where to add cards; left out if empty.
    pub link: String,
}

/// A mail, ready for a [`Mailer`](super::Mailer). `Debug` shows its id only.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The promise; names the file of the file mailer.
    pub id: OutboxId,
    /// `<{id}@{host}>`, the same at every try.
    pub message_id: String,
    /// The Date, UTC.
    pub at: Millis,
    /// The one recipient.
    pub to: String,
    /// The name beside the sender's address.
    pub from_name: String,
    /// The subject.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The plain part: the same facts in the same order.
    pub text: String,
    /// Goods too long for the body.
    pub attachment: Option<Attachment>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.id)
    }
}

/// A text file that goes with a mail, UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `goods-K7Q2-94MX-31AB.txt`.
    pub name: String,
    /// The bytes, exactly.
    pub content: String,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.name, self.content.len())
    }
}
