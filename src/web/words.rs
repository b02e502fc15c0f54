//! The one catalogue of all texts a buyer reads, in Chinese and English.
//!
//! Every text is one line of a `catalogue!` list that holds both languages: a missing translation
//! does not parse, and a placeholder is a function argument that both sentences must use. Pages
//! never build a sentence from pieces.

mod account;
mod admin;
mod admin_accounts;
mod admin_cases;
mod admin_goods;
mod admin_home;
mod admin_mail;
mod admin_orders;
mod admin_requests;
mod admin_settings;
mod admin_setup;
mod admin_stock;
mod admin_wechat;
mod alert;
mod method;
mod pay;
mod reason;
mod shop;
mod state;

pub use method::Method;
pub use state::{STATES, Shape, StateWord, Tag, Tone, request_tag, state_tag};

/// A language of the shop.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Lang {
    /// Chinese as written in mainland China.
    Zh,
    /// British English.
    En,
}

impl Lang {
    /// BCP 47 tag, for `lang` attributes and storage.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language the switch link offers.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// Reads a tag such as `zh`, `zh-Hans-CN`, `en_GB`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The best of the two for an `Accept-Language` header; `None` if it asks for neither, so that
    /// the shop's default decides.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for item in header.split(',') {
            let mut parts = item.split(';');
            let lang = parts.next().and_then(Self::parse);
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q=").map(weight))
                .unwrap_or(1000);
            if let Some(lang) = lang
                && weight > 0
                && best.is_none_or(|(top, _)| weight > top)
            {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// The texts in this language.
    #[must_use]
    pub const fn words(self) -> Words {
        Words(self)
    }
}

/// A quality value in thousandths; nonsense counts as zero.
fn weight(q: &str) -> u32 {
    let (whole, part) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    let thousandths = digits.parse::<u32>().unwrap_or(0);
    whole
        .parse::<u32>()
        .map_or(0, |w| w.min(1) * 1000 + thousandths)
        .min(1000)
}

/// All texts in one language; each method is one text.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Words(Lang);

impl Words {
    /// Which language this is.
    #[must_use]
    pub const fn lang(self) -> Lang {
        self.0
    }
}

/// Lines of the form `name: "中文", "English";`, `name(a: &str): "…{a}…", "…{a}…";` or, where
/// English counts, `name(n: u64): "…{n}…", one "…{n}…", many "…{n}…";`.
macro_rules! catalogue {
    ($( $name:ident $(( $($arg:ident : $ty:ty),+ ))? : $zh:literal, $en:tt $($one:literal, many $many:literal)? ; )+) => {
        impl crate::web::words::Words {
            $( crate::web::words::word! { $name [$($($arg: $ty),+)?] $zh, $en $($one, $many)? } )+
        }
    };
}

macro_rules! word {
    ($name:ident [] $zh:literal, $en:literal) => {
        #[doc = concat!("“", $en, "”")]
        #[must_use]
        pub const fn $name(self) -> &'static str {
            match self.lang() {
                crate::web::words::Lang::Zh => $zh,
                crate::web::words::Lang::En => $en,
            }
        }
    };
    ($name:ident [$($arg:ident: $ty:ty),+] $zh:literal, $en:literal) => {
        #[doc = concat!("“", $en, "”")]
        #[must_use]
        pub fn $name(self, $($arg: $ty),+) -> String {
            #[deny(unused_variables)]
            fn zh($($arg: $ty),+) -> String { format!($zh) }
            #[deny(unused_variables)]
            fn en($($arg: $ty),+) -> String { format!($en) }
            match self.lang() {
                crate::web::words::Lang::Zh => zh($($arg),+),
                crate::web::words::Lang::En => en($($arg),+),
            }
        }
    };
    ($name:ident [$count:ident: $cty:ty $(, $arg:ident: $ty:ty)*] $zh:literal, one $one:literal, $many:literal) => {
        #[doc = concat!("“", $many, "”")]
        #[must_use]
        pub fn $name(self, $count: $cty $(, $arg: $ty)*) -> String {
            #[deny(unused_variables)]
            fn zh($count: $cty $(, $arg: $ty)*) -> String { format!($zh) }
            #[deny(unused_variables)]
            fn one($count: $cty $(, $arg: $ty)*) -> String {
                let _ = $count; // “Here is your key” need not say the figure
                format!($one)
            }
            #[deny(unused_variables)]
            fn many($count: $cty $(, $arg: $ty)*) -> String { format!($many) }
            match (self.lang(), $count) {
                (crate::web::words::Lang::Zh, n) => zh(n $(, $arg)*),
                (crate::web::words::Lang::En, 1) => one(1 $(, $arg)*),
                (crate::web::words::Lang::En, n) => many(n $(, $arg)*),
            }
        }
    };
}

use {catalogue, word};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_from_tags_and_headers() {
        assert_eq!(Lang::parse("zh-Hans-CN"), Some(Lang::Zh));
        assert_eq!(Lang::parse("EN_gb"), Some(Lang::En));
        assert_eq!(Lang::parse("fr"), None);
        let header = Lang::from_accept_language;
        assert_eq!(header("fr-FR,en;q=0.7,zh-CN;q=0.9"), Some(Lang::Zh));
        assert_eq!(header("en-GB,zh"), Some(Lang::En));
        assert_eq!(header("zh;q=0, en;q=0.1"), Some(Lang::En));
        assert_eq!(header("zh;q=abc"), None);
        assert_eq!(header("fr, de;q=0.5, *"), None);
        assert_eq!(header(""), None);
        assert_eq!(Lang::parse(Lang::Zh.tag()), Some(Lang::Zh));
    }

    #[test]
    fn placeholders_and_plurals() {
        assert_eq!(
            Lang::Zh.words().pay_button("支付宝", "¥29.90"),
            "用支付宝支付 ¥29.90"
        );
        assert_eq!(
            Lang::En.words().pay_button("Alipay", "¥29.90"),
            "Pay ¥29.90 with Alipay"
        );
        assert_eq!(Lang::En.words().results(1), "1 product");
        assert_eq!(Lang::En.words().results(12), "12 products");
    }
}
