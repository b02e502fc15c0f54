//! Every sentence of a mail in both languages, side by side. Whole sentences only: what comes
//! in from outside is put into them, never read for placeholders.

use super::mail::{GoodsWord, Lang, Wait};

/// A text without parameters: the two languages on one line each.
macro_rules! fixed {
    ($($name:ident = $zh:literal, $en:literal;)+) => {$(
        pub(super) fn $name(lang: Lang) -> String {
            match lang { Lang::Zh => $zh, Lang::En => $en }.to_owned()
        }
    )+};
}

/// A text with parameters, each used by both languages.
macro_rules! with {
    ($($name:ident($($arg:ident: $type:ty),+) = $zh:literal, $en:literal;)+) => {$(
        pub(super) fn $name(lang: Lang, $($arg: $type),+) -> String {
            match lang { Lang::Zh => format!($zh), Lang::En => format!($en) }
        }
    )+};
}

fixed! {
    bought = "你购买的商品", "What you bought";
    usage = "使用方法", "How to use it";
    open_order = "打开订单页", "Open your order";
    order_no = "订单号", "Order";
    amount = "金额", "Amount";
    paid_at = "付款时间", "Paid";
    refund = "退款金额", "Refund";
    refunded_at = "退款时间", "Sent back";
    link_title = "查看你的订单", "See your orders";
    link_open = "查看我的订单", "See my orders";
    link_preheader = "链接只在短时间内有效", "The link works for a short time only";
    answered_title = "卖家回复了你", "The seller has answered";
    answered_lines = "回复内容", "What they wrote";
    asked_title = "买家有售后请求", "A buyer asks for help";
    asked_about = "问题类型", "About";
    asked_answer = "打开并回复", "Read and answer";
    asked_lines = "买家写道", "What the buyer wrote";
    product = "商品", "Product";
    left = "剩余", "Left";
    threshold = "提醒线", "Notice below";
    kind = "类型", "Kind";
    severity = "级别", "Severity";
    happened_at = "时间", "Time";
    open_admin = "打开后台", "Open the admin";
    low_stock_title = "库存不足", "Stock is running low";
    low_stock_preheader = "补充卡密后，等待中的订单会自动发货", "Orders that wait are delivered as soon as you add cards";
    paid_title = "已收到付款", "Payment received";
    refunded_title = "已退款", "Refunded";
    expired_title = "款项将原路退回", "Your money goes back";
}

with! {
    item(name: &str, quantity: i64, amount: &str) = "{name} × {quantity}　{amount}", "{name} × {quantity}, {amount}";
    paid_subject(shop: &str, no: &str) = "「{shop}」已收到付款 · {no}", "Payment received at {shop} · {no}";
    refunded_subject(shop: &str, no: &str) = "「{shop}」已退款 · {no}", "Your refund from {shop} · {no}";
    link_subject(shop: &str) = "「{shop}」查订单的链接", "Your orders at {shop}";
    link_text(minutes: i64) = "打开下面的链接，可以看到用这个邮箱下的订单。链接 {minutes} 分钟内有效。", "Open the link below to see the orders placed with this address. It works for {minutes} minutes.";
    why_link(shop: &str) = "你收到这封邮件，是因为有人在「{shop}」用这个邮箱查订单。如果不是你，不用理会：没有这封邮件的人看不到你的订单。", "You are getting this because somebody asked {shop} for the orders of this address. If it was not you, you can ignore it: without this email nobody sees your orders.";
    answered_subject(shop: &str, no: &str) = "「{shop}」回复了你的请求 · {no}", "{shop} has answered you · {no}";
    asked_subject(shop: &str, no: &str) = "「{shop}」买家有售后请求 · {no}", "A buyer of {shop} asks for help · {no}";
    alert_subject(shop: &str, kind: &str) = "「{shop}」需要处理：{kind}", "{shop} needs you: {kind}";
    alert_title(kind: &str) = "需要处理：{kind}", "Needs you: {kind}";
    low_stock_subject(shop: &str, name: &str) = "「{shop}」库存不足：{name}", "Low stock at {shop}: {name}";
    refunded_text(refund: &str) = "{refund} 已原路退回，到账时间以支付渠道为准。", "{refund} went back the way you paid. It may take the provider some days to show it.";
    expired_subject(shop: &str, no: &str) = "「{shop}」款项将退回 · {no}", "{shop} sends your money back · {no}";
    expired_text(refund: &str) = "这笔款项到账时订单已过期，没有发货。{refund} 会原路退回，退回后再发邮件告诉你。", "Your payment came after the order had expired; nothing was delivered. {refund} goes back the way you paid, and we will email you when it has.";
    low_stock_text(name: &str, left: i64) = "「{name}」还剩 {left} 份。", "{name}: {left} left.";
    help(support: &str) = "需要帮助：{support}", "Help: {support}";
    why_buyer(shop: &str) = "你收到这封邮件，是因为在「{shop}」下单时填写了这个邮箱。", "You are getting this because this address was given for an order at {shop}.";
    why_admin(shop: &str) = "你收到这封邮件，是因为「{shop}」的通知发到这个邮箱。", "You are getting this because notices of {shop} go to this address.";
    delivered_preheader(no: &str) = "订单 {no} 已付款并发货", "Order {no} is paid and delivered";
    alert_preheader(at: &str) = "发生于 {at}", "Since {at}";
    order_preheader(no: &str) = "订单 {no}", "Order {no}";
}

/// `「云栈数码」授权码已发货 · K7Q2-94MX-31AB`, `Your key from Cloudstack · K7Q2-94MX-31AB`.
pub(super) fn delivered_subject(
    lang: Lang,
    word: GoodsWord,
    units: usize,
    shop: &str,
    no: &str,
) -> String {
    match (lang, word, units) {
        (Lang::Zh, GoodsWord::Key, _) => format!("「{shop}」授权码已发货 · {no}"),
        (Lang::Zh, GoodsWord::Code, _) => format!("「{shop}」卡密已发货 · {no}"),
        (Lang::En, GoodsWord::Key, 0 | 1) => format!("Your key from {shop} · {no}"),
        (Lang::En, GoodsWord::Key, _) => format!("Your keys from {shop} · {no}"),
        (Lang::En, GoodsWord::Code, 0 | 1) => format!("Your code from {shop} · {no}"),
        (Lang::En, GoodsWord::Code, _) => format!("Your codes from {shop} · {no}"),
    }
}

/// The heading of the mail.
pub(super) fn delivered_title(lang: Lang, word: GoodsWord, units: usize) -> String {
    match (lang, word, units) {
        (Lang::Zh, GoodsWord::Key, _) => "付款成功，授权码已发货",
        (Lang::Zh, GoodsWord::Code, _) => "付款成功，卡密已发货",
        (Lang::En, GoodsWord::Key, 0 | 1) => "Paid. Here is your key",
        (Lang::En, GoodsWord::Key, _) => "Paid. Here are your keys",
        (Lang::En, GoodsWord::Code, 0 | 1) => "Paid. Here is your code",
        (Lang::En, GoodsWord::Code, _) => "Paid. Here are your codes",
    }
    .to_owned()
}

/// The heading over the goods.
pub(super) fn goods(lang: Lang, word: GoodsWord, units: usize) -> String {
    match (lang, word, units) {
        (Lang::Zh, GoodsWord::Key, 0 | 1) => "你的授权码".to_owned(),
        (Lang::Zh, GoodsWord::Key, n) => format!("你的授权码（{n} 份）"),
        (Lang::Zh, GoodsWord::Code, 0 | 1) => "你的卡密".to_owned(),
        (Lang::Zh, GoodsWord::Code, n) => format!("你的卡密（{n} 份）"),
        (Lang::En, GoodsWord::Key, 0 | 1) => "Your key".to_owned(),
        (Lang::En, GoodsWord::Key, n) => format!("Your {n} keys"),
        (Lang::En, GoodsWord::Code, 0 | 1) => "Your code".to_owned(),
        (Lang::En, GoodsWord::Code, n) => format!("Your {n} codes"),
    }
}

/// Instead of goods that are in the attachment.
pub(super) fn attached(lang: Lang, word: GoodsWord, units: usize, file: &str) -> String {
    match (lang, word, units) {
        (Lang::Zh, GoodsWord::Key, n) => format!("{n} 份授权码在附件 {file} 里。"),
        (Lang::Zh, GoodsWord::Code, n) => format!("{n} 份卡密在附件 {file} 里。"),
        (Lang::En, GoodsWord::Key, 1) => format!("Your key is in the attached file {file}."),
        (Lang::En, GoodsWord::Key, n) => format!("Your {n} keys are in the attached file {file}."),
        (Lang::En, GoodsWord::Code, 1) => format!("Your code is in the attached file {file}."),
        (Lang::En, GoodsWord::Code, n) => {
            format!("Your {n} codes are in the attached file {file}.")
        }
    }
}

/// Instead of goods that this shop shows on the order page only.
pub(super) fn link_only(lang: Lang, word: GoodsWord) -> String {
    match (lang, word) {
        (Lang::Zh, GoodsWord::Key) => "授权码在订单页里，请打开下面的链接查看。",
        (Lang::Zh, GoodsWord::Code) => "卡密在订单页里，请打开下面的链接查看。",
        (Lang::En, GoodsWord::Key) => "Your key is on the order page. Open the link below.",
        (Lang::En, GoodsWord::Code) => "Your code is on the order page. Open the link below.",
    }
    .to_owned()
}

/// Why a paid order has no goods yet.
pub(super) fn waiting(lang: Lang, wait: Wait) -> String {
    match (lang, wait) {
        (Lang::Zh, Wait::Stock) => "商品暂时缺货。补货后自动发货，发货时会再发邮件给你。",
        (Lang::Zh, Wait::Person) => "这件商品由人工发货，发货时会再发邮件给你。",
        (Lang::Zh, Wait::Review) => "订单需要人工确认，结果发到这个邮箱。",
        (Lang::En, Wait::Stock) => {
            "This is out of stock for now. It is delivered as soon as stock comes in, and we will \
             email you then."
        }
        (Lang::En, Wait::Person) => {
            "A person delivers this item. We will email you when it is done."
        }
        (Lang::En, Wait::Review) => "We are checking this order. We will email you the result.",
    }
    .to_owned()
}

/// What a request is about, by its stored word; one that this version does not know as it is.
pub(super) fn asked_kind(lang: Lang, kind: &str) -> String {
    match (lang, kind) {
        (Lang::Zh, "not_working") => "商品有问题",
        (Lang::Zh, "refund") => "申请退款",
        (Lang::Zh, "other") => "其他问题",
        (Lang::En, "not_working") => "Something does not work",
        (Lang::En, "refund") => "Money back",
        (Lang::En, "other") => "Something else",
        (_, unknown) => unknown,
    }
    .to_owned()
}
