//! The payment methods a buyer can pick, with their names and marks.

use super::{Lang, Words};
use crate::web::assets::{Icon, icon};

/// What the buyer picks; which channel account serves it is decided later.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// The shop picks the method that works best just now.
    Recommended,
    /// Alipay.
    Alipay,
    /// WeChat Pay.
    Wechat,
    /// Bank card.
    Card,
    /// PayPal.
    Paypal,
    /// USDT on a chain.
    Usdt,
    /// Bank transfer.
    Bank,
    /// Balance in the shop.
    Wallet,
}

impl Method {
    /// All, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::Recommended,
        Self::Alipay,
        Self::Wechat,
        Self::Card,
        Self::Paypal,
        Self::Usdt,
        Self::Bank,
        Self::Wallet,
    ];

    /// The name used in forms, the API and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Alipay => "alipay",
            Self::Wechat => "wechat",
            Self::Card => "card",
            Self::Paypal => "paypal",
            Self::Usdt => "usdt",
            Self::Bank => "bank",
            Self::Wallet => "wallet",
        }
    }

    /// Reads a [`code`](Self::code).
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// Its mark.
    #[must_use]
    pub const fn mark(self) -> Icon {
        match self {
            Self::Recommended => icon::RECOMMENDED,
            Self::Alipay => icon::ALIPAY,
            Self::Wechat => icon::WECHAT,
            Self::Card => icon::CARD,
            Self::Paypal => icon::PAYPAL,
            Self::Usdt => icon::TETHER,
            Self::Bank => icon::BANK,
            Self::Wallet => icon::WALLET,
        }
    }

    const fn texts(self) -> &'static Texts {
        &TEXTS[self as usize]
    }

    /// Name in a list: “WeChat Pay”.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        pick(self.texts().name, lang)
    }

    /// Name inside a sentence such as the pay button: 用**微信**支付, with **card**.
    #[must_use]
    pub const fn in_sentence(self, lang: Lang) -> &'static str {
        pick(self.texts().inside, lang)
    }

    /// One line on how paying works.
    #[must_use]
    pub const fn hint(self, lang: Lang) -> &'static str {
        pick(self.texts().hint, lang)
    }

    /// The text of the button that pays this amount.
    #[must_use]
    pub fn pay_button(self, words: Words, amount: &str) -> String {
        words.pay_button(self.in_sentence(words.lang()), amount)
    }
}

const fn pick(pair: (&'static str, &'static str), lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => pair.0,
        Lang::En => pair.1,
    }
}

struct Texts {
    name: (&'static str, &'static str),
    inside: (&'static str, &'static str),
    hint: (&'static str, &'static str),
}

/// One row for each method, in the order of the enum.
const TEXTS: [Texts; 8] = [
    Texts {
        name: ("推荐方式", "Recommended"),
        inside: ("推荐方式", "the recommended method"),
        hint: (
            "自动选择当前最顺畅的支付方式",
            "We pick what works best right now",
        ),
    },
    Texts {
        name: ("支付宝", "Alipay"),
        inside: ("支付宝", "Alipay"),
        hint: ("扫码或打开支付宝 App", "Scan a code or open the app"),
    },
    Texts {
        name: ("微信支付", "WeChat Pay"),
        inside: ("微信", "WeChat"),
        hint: ("用微信扫一扫", "Scan with WeChat"),
    },
    Texts {
        name: ("银行卡", "Card"),
        inside: ("银行卡", "card"),
        hint: (
            "信用卡或借记卡，在支付页填写",
            "Credit or debit, entered on the payment page",
        ),
    },
    Texts {
        name: ("PayPal", "PayPal"),
        inside: (" PayPal ", "PayPal"),
        hint: ("登录 PayPal 后确认", "Confirm after logging in to PayPal"),
    },
    Texts {
        name: ("USDT", "USDT"),
        inside: (" USDT ", "USDT"),
        hint: (
            "链上转账，确认后发货",
            "On-chain transfer, delivered once confirmed",
        ),
    },
    Texts {
        name: ("银行转账", "Bank transfer"),
        inside: ("银行转账", "bank transfer"),
        hint: ("转账到账后发货", "Delivered when the transfer arrives"),
    },
    Texts {
        name: ("余额", "Wallet balance"),
        inside: ("余额", "wallet balance"),
        hint: ("用本店账户余额支付", "From your balance in this shop"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_round_and_rows_match_the_enum() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.code()), Some(method));
        }
        assert_eq!(Method::ALL.map(|m| m as usize), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(Method::Wallet.name(Lang::Zh), "余额");
        assert_eq!(Method::Usdt.mark(), icon::TETHER);
        assert_eq!(Method::parse("cash"), None);
    }
}
