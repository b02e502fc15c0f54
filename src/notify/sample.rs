//! A mail as it would look: made-up facts, for previews and test mails.

use super::mail::{GoodsWord, ItemLine, Lang, News, OrderFacts, Unit, Wait};
use super::outbox::Topic;
use crate::seal::Secret;

/// News of this topic about an order that nobody placed; none for topics that are not to buyers.
/// `base_url` is the shop's own, `paid_at` a time in the reader's form.
pub fn sample(topic: Topic, lang: Lang, base_url: &str, paid_at: &str) -> Option<News> {
    let order = OrderFacts {
        order_no: "SAMP-LE00-0000".to_owned(),
        link: format!("{base_url}/orders"),
        items: vec![ItemLine {
            name: match lang {
                Lang::Zh => "示例商品 一年".to_owned(),
                Lang::En => "Sample product, one year".to_owned(),
            },
            quantity: 1,
            amount: "¥29.90".to_owned(),
        }],
        amount: "¥29.90".to_owned(),
        paid_at: paid_at.to_owned(),
    };
    let refund = "¥29.90".to_owned();
    match topic {
        Topic::OrderDelivered => Some(News::Delivered {
            order,
            word: GoodsWord::Key,
            goods: vec![Unit {
                label: String::new(),
                content: Secret::new("SAMPLE-0000-0000"),
            }],
            include_goods: true,
            usage: String::new(),
        }),
        Topic::OrderPaidWaiting => Some(News::PaidWaiting {
            order,
            wait: Wait::Stock,
        }),
        Topic::OrderRefunded => Some(News::Refunded {
            order,
            refund,
            refunded_at: paid_at.to_owned(),
        }),
        Topic::OrderExpiredRefund => Some(News::ExpiredRefund { order, refund }),
        Topic::BuyerLink
        | Topic::BuyerReply
        | Topic::AdminAlert
        | Topic::AdminLowStock
        | Topic::AdminRequest
        | Topic::MailTest => None,
    }
}
