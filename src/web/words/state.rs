//! The one table of order states: what a buyer, an email and an export call them.

use askama::Template;

use super::Lang;

/// Colour of a state. Never alone: see [`Shape`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Tone {
    /// In progress.
    Info,
    /// Done.
    Ok,
    /// Needs attention soon.
    Warn,
    /// Failed.
    Bad,
    /// Stopped for a person.
    Hold,
    /// Closed or unknown.
    Mute,
}

impl Tone {
    /// The class that carries the colours.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Info => "t-info",
            Self::Ok => "t-ok",
            Self::Warn => "t-warn",
            Self::Bad => "t-bad",
            Self::Hold => "t-hold",
            Self::Mute => "t-mute",
        }
    }
}

/// Second cue beside the colour.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Filled circle.
    Dot,
    /// Open circle.
    Ring,
    /// Square on its corner.
    Diamond,
    /// Upright bar.
    Bar,
    /// Square.
    Square,
}

impl Shape {
    /// The class that draws it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Dot => "sh-dot",
            Self::Ring => "sh-ring",
            Self::Diamond => "sh-diamond",
            Self::Bar => "sh-bar",
            Self::Square => "sh-square",
        }
    }
}

/// One row of the table.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct StateWord {
    /// The stored name, or the name of a view of `pending_payment`.
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// Colour.
    pub tone: Tone,
    /// Shape.
    pub shape: Shape,
}

const fn row(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    tone: Tone,
    shape: Shape,
) -> StateWord {
    StateWord {
        code,
        zh,
        en,
        tone,
        shape,
    }
}

/// All states; `confirming` and `failed` are views of `pending_payment` and never stored.
pub const STATES: [StateWord; 13] = [
    row(
        "pending_payment",
        "待付款",
        "Awaiting payment",
        Tone::Info,
        Shape::Ring,
    ),
    row(
        "confirming",
        "支付确认中",
        "Confirming payment",
        Tone::Info,
        Shape::Ring,
    ),
    row(
        "paid",
        "已付款，发货中",
        "Paid, delivering",
        Tone::Info,
        Shape::Ring,
    ),
    row(
        "delivering",
        "已付款，发货中",
        "Paid, delivering",
        Tone::Info,
        Shape::Ring,
    ),
    row(
        "awaiting_stock",
        "等待补货",
        "Waiting for stock",
        Tone::Warn,
        Shape::Diamond,
    ),
    row("delivered", "已发货", "Delivered", Tone::Ok, Shape::Dot),
    row(
        "partially_delivered",
        "部分发货",
        "Partly delivered",
        Tone::Warn,
        Shape::Diamond,
    ),
    row(
        "in_review",
        "人工确认中",
        "Being checked",
        Tone::Hold,
        Shape::Bar,
    ),
    row(
        "refunding",
        "退款中",
        "Refunding",
        Tone::Warn,
        Shape::Diamond,
    ),
    row("refunded", "已退款", "Refunded", Tone::Mute, Shape::Dot),
    row(
        "failed",
        "支付失败",
        "Payment failed",
        Tone::Bad,
        Shape::Square,
    ),
    row("expired", "已超时", "Expired", Tone::Mute, Shape::Dot),
    row("cancelled", "已取消", "Cancelled", Tone::Mute, Shape::Dot),
];

/// A state as a coloured word; prints itself as escaped markup.
#[derive(Template, Clone, PartialEq, Eq, Debug)]
#[template(
    ext = "html",
    source = r#"<span class="tag {{ tone.class() }} {{ shape.class() }}">{{ text }}</span>"#
)]
pub struct Tag {
    /// The word.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
    /// Its shape.
    pub shape: Shape,
}

impl askama::filters::HtmlSafe for Tag {}

/// The tag of a state. One that this version does not know is shown as it is, in mute.
#[must_use]
pub fn state_tag(code: &str, lang: Lang) -> Tag {
    STATES.iter().find(|s| s.code == code).map_or_else(
        || Tag {
            text: code.to_owned(),
            tone: Tone::Mute,
            shape: Shape::Dot,
        },
        |s| Tag {
            text: match lang {
                Lang::Zh => s.zh,
                Lang::En => s.en,
            }
            .to_owned(),
            tone: s.tone,
            shape: s.shape,
        },
    )
}

/// The tag of a request. One that this version does not know is shown as it is, in mute.
#[must_use]
pub fn request_tag(code: &str, lang: Lang) -> Tag {
    let words = lang.words();
    let (text, tone, shape) = match code {
        "open" => (words.request_open(), Tone::Info, Shape::Ring),
        "answered" => (words.request_answered(), Tone::Ok, Shape::Dot),
        "closed" => (words.request_closed(), Tone::Mute, Shape::Dot),
        other => (other, Tone::Mute, Shape::Dot),
    };
    Tag {
        text: text.to_owned(),
        tone,
        shape,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_state_is_in_the_table_once() {
        for code in [
            "pending_payment",
            "paid",
            "expired",
            "cancelled",
            "in_review",
            "delivering",
            "delivered",
            "partially_delivered",
            "awaiting_stock",
            "refunding",
            "refunded",
        ] {
            assert_eq!(
                STATES.iter().filter(|s| s.code == code).count(),
                1,
                "{code}"
            );
        }
    }

    #[test]
    fn an_unknown_state_is_mute_and_escaped() {
        let tag = state_tag("<new>", Lang::En);
        assert_eq!(tag.tone, Tone::Mute);
        assert!(tag.to_string().contains("&#60;new&#62;"), "{tag}");
        assert_eq!(state_tag("delivered", Lang::Zh).text, "已发货");
    }
}
