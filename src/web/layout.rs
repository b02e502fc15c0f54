//! What every page shares: the frame around it and the small pieces that several pages draw.

use std::fmt;

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::words::{Lang, Words};

/// The frame of a page: head, header, footer.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Language of the page.
    pub lang: Lang,
    /// Name of the shop.
    pub shop_name: String,
    /// Title of the page; empty on the home page, which carries the shop's name alone.
    pub title: String,
    /// Description for search engines.
    pub description: Option<String>,
    /// Absolute address of this page for search engines.
    pub canonical: Option<String>,
    /// The same page by language: tag (or `x-default`) and absolute address.
    pub alternates: Vec<(&'static str, String)>,
    /// Path and query of this page, to which the language switch returns.
    pub path: String,
    /// Whether search engines shall leave the page alone (orders, failures, search results).
    pub no_index: bool,
    /// Token every form of the page sends as `csrf`.
    pub csrf: String,
    /// Hashed style sheet with the shop's own colours.
    pub theme_url: Option<String>,
    /// Where to reach the seller (`mailto:` or a page).
    pub contact_url: Option<String>,
    /// The refund policy.
    pub policy_url: Option<String>,
    /// A line of the seller's own above the page.
    pub announcement: Option<String>,
    /// A line of the seller's own in the footer.
    pub footer_note: Option<String>,
    /// Year of the copyright line.
    pub year: String,
}

impl Layout {
    /// A frame with the needful; the rest is empty. Not indexed until `no_index` is taken back.
    #[must_use]
    pub fn new(lang: Lang, shop_name: &str, title: &str, path: &str) -> Self {
        Self {
            lang,
            shop_name: shop_name.to_owned(),
            title: title.to_owned(),
            description: None,
            canonical: None,
            alternates: Vec::new(),
            path: path.to_owned(),
            no_index: true,
            csrf: String::new(),
            theme_url: None,
            contact_url: None,
            policy_url: None,
            announcement: None,
            footer_note: None,
            year: String::new(),
        }
    }

    /// The texts in the page's language.
    #[must_use]
    pub const fn w(&self) -> Words {
        self.lang.words()
    }

    /// Address of the same page in the other language: `?lang=…` replaces an earlier choice. The
    /// server stores the choice in a cookie.
    #[must_use]
    pub fn switch_url(&self) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut url = format!("{path}?");
        for pair in query
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("lang="))
        {
            url.push_str(pair);
            url.push('&');
        }
        url.push_str("lang=");
        url.push_str(self.lang.other().tag());
        url
    }
}

/// A moment: machine form for `<time datetime>` and the form people read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// ISO 8601 in UTC.
    pub iso: String,
    /// In the viewer's zone and language.
    pub human: String,
}

impl Stamp {
    /// From the two forms.
    #[must_use]
    pub fn new(iso: &str, human: &str) -> Self {
        Self {
            iso: iso.to_owned(),
            human: human.to_owned(),
        }
    }
}

impl askama::filters::HtmlSafe for Stamp {}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let markup = Time { at: self };
        f.write_str(&markup.render().map_err(|_| fmt::Error)?)
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ at.iso }}">{{ at.human }}</time>"#
)]
struct Time<'a> {
    at: &'a Stamp,
}

/// A picture with its size, so that the page does not jump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Address on this host.
    pub url: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The big amount of a page: the currency before the figures is set smaller.
#[derive(Template, Clone, Debug)]
#[template(
    ext = "html",
    source = r#"<span class="amount{% if long() %} amount-long{% endif %}">{% if !sign.is_empty() %}<small>{{ sign }}</small>{% endif %}{{ figures }}</span>"#
)]
pub struct BigAmount<'a> {
    sign: &'a str,
    figures: &'a str,
}

impl<'a> BigAmount<'a> {
    /// Splits an amount that is already formatted (`¥29.90`, `USD 29.90`, `12.50 USDT`).
    #[must_use]
    pub fn new(amount: &'a str) -> Self {
        let at = amount.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (sign, figures) = amount.split_at(at);
        Self { sign, figures }
    }

    fn long(&self) -> bool {
        self.sign.chars().count() + self.figures.chars().count() > 12
    }
}

impl askama::filters::HtmlSafe for BigAmount<'_> {}

/// One line of a list of facts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
}

/// What an order is about; shown beside the cashier and under the goods.
#[derive(Clone, Debug)]
pub struct OrderFacts {
    /// Human order number, grouped.
    pub order_no: String,
    /// Lines such as `NoteMaster Pro × 1`.
    pub items: Vec<String>,
    /// Masked address (`li***@example.com`).
    pub email: Option<String>,
    /// Amount, formatted; shown by the result page only.
    pub amount: Option<String>,
    /// Payment method in words.
    pub method: Option<String>,
    /// When it was placed.
    pub placed: Option<Stamp>,
    /// When it was paid.
    pub paid: Option<Stamp>,
    /// Anything else (custom fields).
    pub more: Vec<Fact>,
}

/// How much is left, in the buyer's three words.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum StockBand {
    /// 充足
    Plenty,
    /// 紧张
    Low,
    /// 售罄
    SoldOut,
}

impl StockBand {
    /// The word.
    #[must_use]
    pub const fn word(self, words: Words) -> &'static str {
        match self {
            Self::Plenty => words.stock_plenty(),
            Self::Low => words.stock_low(),
            Self::SoldOut => words.stock_none(),
        }
    }

    /// Class with colour and shape.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plenty => "t-ok sh-dot",
            Self::Low => "t-warn sh-diamond",
            Self::SoldOut => "t-mute sh-dot",
        }
    }

    /// The same for search engines.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Plenty => "https://schema.org/InStock",
            Self::Low => "https://schema.org/LimitedAvailability",
            Self::SoldOut => "https://schema.org/OutOfStock",
        }
    }
}

/// How the goods reach the buyer.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// By the shop itself, as soon as the payment is seen.
    Automatic,
    /// By a person.
    Manual,
}

impl Delivery {
    /// The words for it.
    #[must_use]
    pub const fn word(self, words: Words) -> &'static str {
        match self {
            Self::Automatic => words.delivery_automatic(),
            Self::Manual => words.delivery_manual(),
        }
    }

    /// The same under a heading that says “Delivery” already.
    #[must_use]
    pub const fn short(self, words: Words) -> &'static str {
        match self {
            Self::Automatic => words.delivery_automatic_short(),
            Self::Manual => words.delivery_manual_short(),
        }
    }
}

/// What the product's kind of goods is called.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Noun {
    /// 授权码, licence key.
    Key,
    /// 卡密, card code.
    Card,
    /// Anything else.
    Goods,
}

impl Noun {
    /// What a product is called by the icon its seller gave it; a word that may be wrong is worse
    /// than the general one.
    #[must_use]
    pub fn by_icon(name: &str) -> Self {
        match name {
            "key" => Self::Key,
            "card" => Self::Card,
            _ => Self::Goods,
        }
    }
}

/// The drawing on the tile of a product: the icon it names, else one that says how it is delivered.
#[must_use]
pub fn tile_icon(name: &str, delivery: Delivery) -> Icon {
    let known = icon::ALL.iter().find(|(_, drawing)| drawing.id() == name);
    match (known, delivery) {
        (Some((_, drawing)), _) => *drawing,
        (None, Delivery::Automatic) => icon::KEY,
        (None, Delivery::Manual) => icon::PACKAGE,
    }
}

/// One of four soft colours for the tile of a product without a picture, always the same for a slug.
#[must_use]
pub fn tile_class(slug: &str) -> &'static str {
    const CLASSES: [&str; 4] = ["k1", "k2", "k3", "k4"];
    let sum = slug.bytes().fold(0_usize, |sum, b| {
        (sum ^ usize::from(b)).wrapping_mul(0x0100_0193)
    });
    CLASSES[(sum >> 13) % CLASSES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_keeps_the_query_and_replaces_the_choice() {
        let url = |path: &str, lang| Layout::new(lang, "s", "t", path).switch_url();
        assert_eq!(url("/", Lang::Zh), "/?lang=en");
        assert_eq!(url("/?q=a&lang=en&c=b", Lang::En), "/?q=a&c=b&lang=zh-CN");
    }

    #[test]
    fn amounts_split_before_the_first_digit() {
        let html = |amount| BigAmount::new(amount).to_string();
        assert_eq!(
            html("¥29.90"),
            "<span class=\"amount\"><small>¥</small>29.90</span>"
        );
        assert_eq!(
            html("USD 1"),
            "<span class=\"amount\"><small>USD </small>1</span>"
        );
        assert_eq!(html("12.5 USDT"), "<span class=\"amount\">12.5 USDT</span>");
        assert!(html("¥999,999,999,999.99").contains("amount-long"));
    }

    #[test]
    fn moments_are_escaped() {
        assert_eq!(
            Stamp::new("2026", "<b>").to_string(),
            "<time datetime=\"2026\">&#60;b&#62;</time>"
        );
    }
}
