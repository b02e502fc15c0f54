use super::*;
use crate::ids::OutboxId;
use crate::notify::mail::{MailFacts, News, Unit};
use crate::notify::testing::{delivered, facts, html_words, order, unit};
use crate::notify::{AlertFacts, GoodsWord, LowStockFacts, Wait};

const KEY: &str = "NMPRO-7H2QX-PL6VC";

fn every_news() -> Vec<News> {
    vec![
        delivered(vec![unit(KEY)]),
        News::PaidWaiting {
            order: order(),
            wait: Wait::Stock,
        },
        News::Refunded {
            order: order(),
            refund: "¥29.90".to_owned(),
            refunded_at: "2026-11-22 19:00:00 UTC+8".to_owned(),
        },
        News::ExpiredRefund {
            order: order(),
            refund: "¥29.90".to_owned(),
        },
        News::Alert(AlertFacts {
            kind: "outbox.dead".to_owned(),
            severity: "warning".to_owned(),
            body: "A mail was given up after 10 tries.".to_owned(),
            at: "2026-11-22 18:42:10 UTC+8".to_owned(),
            link: "https://shop.example/admin/mail".to_owned(),
        }),
        News::LowStock(LowStockFacts {
            name: "NoteMaster Pro".to_owned(),
            left: 3,
            threshold: 5,
            at: "2026-11-22 18:42:10 UTC+8".to_owned(),
            link: String::new(),
        }),
    ]
}

#[test]
fn the_delivery_mail_in_chinese() {
    let mail = render(&facts(Lang::Zh, delivered(vec![unit(KEY)]))).expect("a mail");
    assert_eq!(mail.subject, "「云栈数码」授权码已发货 · K7Q2-94MX-31AB");
    assert_eq!(mail.message_id, "<0190a1b2-aaaa@shop.example>");
    let expected = "\
付款成功，授权码已发货

你购买的商品
NoteMaster Pro × 1　¥29.90

你的授权码
NMPRO-7H2QX-PL6VC

使用方法
1. Open Settings
2. Paste <the key> & restart

打开订单页
https://shop.example/o/K7Q2-94MX-31AB?t=abc&x=1

订单号：K7Q2-94MX-31AB
金额：¥29.90
付款时间：2026-11-22 18:42:10 UTC+8

需要帮助：help@shop.example

-- 
你收到这封邮件，是因为在「云栈数码」下单时填写了这个邮箱。";
    assert_eq!(mail.text.trim_end(), expected);
    assert!(mail.html.contains("<html lang=\"zh-CN\">"));
}

#[test]
fn the_delivery_mail_in_english() {
    let goods = vec![unit("AAAA"), unit("BBBB")];
    let mail = render(&facts(Lang::En, delivered(goods))).expect("a mail");
    assert_eq!(mail.subject, "Your keys from 云栈数码 · K7Q2-94MX-31AB");
    let expected = "\
Paid. Here are your keys

What you bought
NoteMaster Pro × 1, ¥29.90

Your 2 keys
AAAA
BBBB

How to use it
1. Open Settings
2. Paste <the key> & restart

Open your order
https://shop.example/o/K7Q2-94MX-31AB?t=abc&x=1

Order: K7Q2-94MX-31AB
Amount: ¥29.90
Paid: 2026-11-22 18:42:10 UTC+8

Help: help@shop.example

-- 
You are getting this because this address was given for an order at 云栈数码.";
    assert_eq!(mail.text.trim_end(), expected);
}

/// Both parts tell the same in the same order, in both languages, for every topic; no part
/// needs a picture or another server.
#[test]
fn both_parts_tell_the_same_in_the_same_order() {
    for lang in [Lang::Zh, Lang::En] {
        for news in every_news() {
            let mail = render(&facts(lang, news)).expect("a mail");
            let html = html_words(&mail.html);
            let mut from = 0;
            let lines = mail.text.lines().filter(|l| !l.is_empty() && *l != "-- ");
            for word in lines.flat_map(|l| l.split_inclusive(['：', ':'])) {
                let word = word.trim_end_matches('：').trim();
                let found = html[from..].find(word).or_else(|| {
                    let word = word.trim_end_matches(':');
                    html[from..].find(word)
                });
                let at = found.unwrap_or_else(|| panic!("{word:?} after {from} in {html}"));
                from += at + word.trim_end_matches(':').len();
            }
            for never in ["<img", "<script", "<link", "src=", "{{", "{%"] {
                assert!(!mail.html.contains(never), "{never}");
            }
            assert!(mail.html.contains("name=\"color-scheme\""));
            assert!(mail.html.contains("max-width:560px"));
            assert!(!mail.subject.chars().any(char::is_control));
        }
    }
}

/// The key is in the body and nowhere that a lock screen shows.
#[test]
fn the_key_is_neither_in_the_subject_nor_in_the_preheader() {
    for lang in [Lang::Zh, Lang::En] {
        let mail = render(&facts(lang, delivered(vec![unit(KEY)]))).expect("a mail");
        assert!(!mail.subject.contains(KEY));
        let preheader = mail
            .html
            .split("mso-hide:all\">")
            .nth(1)
            .and_then(|rest| rest.split("</div>").next())
            .expect("a preheader");
        assert!(preheader.contains("K7Q2-94MX-31AB") && !preheader.contains(KEY));
        let head = mail.html.split(KEY).next().expect("before the key");
        assert!(head.contains("NoteMaster Pro"));
        assert_eq!(mail.html.matches(KEY).count(), 1);
        assert!(!format!("{mail:?}").contains(KEY));
    }
}

#[test]
fn link_only_holds_no_goods() {
    let mut news = delivered(vec![unit(KEY)]);
    if let News::Delivered { include_goods, .. } = &mut news {
        *include_goods = false;
    }
    for lang in [Lang::Zh, Lang::En] {
        let mail = render(&facts(lang, news.clone())).expect("a mail");
        assert!(!mail.html.contains(KEY) && !mail.text.contains(KEY));
        assert!(mail.attachment.is_none());
        assert!(
            mail.text
                .contains("https://shop.example/o/K7Q2-94MX-31AB?t=abc&x=1")
        );
    }
    let none = render(&facts(Lang::En, delivered(Vec::new()))).expect("a mail");
    assert!(none.text.contains("on the order page"));
}

/// X41: what looks like a template, a tag or an entity is content like any other.
#[test]
fn a_card_is_never_read_as_a_template() {
    let cards = [
        "{{7*7}}",
        "{% raw %}{{ shop }}{% endraw %}",
        "${jndi:ldap://x}",
        "#{1+1} <%= 1 %> {shop} {no}",
        "<b>\"A&amp;B\"</b> 'x' \\n %s",
        "  two  blanks\tand a tab  ",
        "第一行\nsecond line",
    ];
    for card in cards {
        let mail = render(&facts(Lang::En, delivered(vec![unit(card)]))).expect("a mail");
        assert!(
            mail.text.contains(&format!("\nYour key\n{card}\n\n")),
            "{card}: {}",
            mail.text
        );
        assert!(html_words(&mail.html).contains(card), "{card}");
        assert!(!mail.html.contains("<b>") && !mail.html.contains("49"));
    }
    let mut named = facts(Lang::En, delivered(vec![unit("{{ title }}")]));
    named.shop = "{{7*7}} <i>".to_owned();
    let mail = render(&named).expect("a mail");
    assert_eq!(mail.subject, "Your key from {{7*7}} <i> · K7Q2-94MX-31AB");
    assert!(!mail.html.contains("<i>"));
}

#[test]
fn long_goods_are_attached_byte_for_byte() {
    let many: Vec<Unit> = (0..21)
        .map(|n| unit(&format!("CARD-{n:04}-{{{{7}}}}")))
        .collect();
    let long = vec![unit(&"长".repeat(2_001))];
    let labelled = vec![
        Unit {
            label: "A 1/1".to_owned(),
            ..unit(&format!("x\r\ny{}", "z".repeat(2_000)))
        },
        unit("second"),
    ];
    let lined: Vec<String> = many.iter().map(|u| u.content.reveal().to_owned()).collect();
    let files = [
        lined.join("\n") + "\n",
        "长".repeat(2_001) + "\n",
        format!("A 1/1\nx\r\ny{}\n\nsecond\n", "z".repeat(2_000)),
    ];
    for (goods, expected) in [many, long, labelled].into_iter().zip(files) {
        for lang in [Lang::Zh, Lang::En] {
            let first = goods[0].content.reveal().to_owned();
            let mail = render(&facts(lang, delivered(goods.clone()))).expect("a mail");
            let file = mail.attachment.expect("an attachment");
            assert_eq!(file.name, "goods-K7Q2-94MX-31AB.txt");
            assert_eq!(file.content, expected);
            assert!(mail.text.contains(&file.name) && mail.html.contains(&file.name));
            assert!(!mail.text.contains(&first) && !mail.html.contains(&first));
        }
    }
    let twenty = (0..20).map(|_| unit(&"x".repeat(100))).collect();
    let mail = render(&facts(Lang::En, delivered(twenty))).expect("a mail");
    assert!(mail.attachment.is_none());
}

/// X40: nothing that could start a header gets into one.
#[test]
fn header_injection_is_refused() {
    let good = facts(Lang::En, delivered(vec![unit(KEY)]));
    let changed = |change: &dyn Fn(&mut MailFacts)| {
        let mut bad = good.clone();
        change(&mut bad);
        render(&bad).map(|_| ())
    };
    for bad in [
        "a\r\nBcc: x@y.z",
        "a\nb",
        "a\0b",
        "a\u{2028}b",
        "a\u{202e}b",
        "",
    ] {
        let shop = changed(&|f| f.shop = bad.to_owned());
        assert_eq!(
            shop,
            Err(RenderError::Control("the shop's name")),
            "{bad:?}"
        );
        let to = changed(&|f| f.to = format!("li@example.com{bad}\r\nBcc: x@y.z"));
        assert_eq!(to, Err(RenderError::Control("the recipient")));
    }
    for bad in [
        "li",
        "a@b, c@d.example",
        "Li <li@example.com>",
        "a b@example.com",
    ] {
        let to = changed(&|f| f.to = bad.to_owned());
        assert_eq!(to, Err(RenderError::Address), "{bad}");
    }
    let no = changed(&|f| {
        if let News::Delivered { order, .. } = &mut f.news {
            order.order_no = "../x\r\nX: y".to_owned();
        }
    });
    assert_eq!(no, Err(RenderError::OrderNo));
    for bad in ["javascript:alert(1)", "shop", "https://x.example/\r\nA: b"] {
        let link = changed(&|f| {
            if let News::Delivered { order, .. } = &mut f.news {
                order.link = bad.to_owned();
            }
        });
        assert_eq!(link, Err(RenderError::Link("the order's link")), "{bad}");
        let base = changed(&|f| f.base_url = bad.to_owned());
        assert!(base.is_err(), "{bad}");
    }
    let low = changed(&|f| {
        f.news = News::LowStock(LowStockFacts {
            name: "Note\r\nBcc: x@y.z".to_owned(),
            left: 1,
            threshold: 2,
            at: String::new(),
            link: String::new(),
        });
    });
    assert_eq!(low, Err(RenderError::Control("the subject")));
}

/// A mail that is made again is the same mail.
#[test]
fn the_same_facts_make_the_same_mail() {
    let facts = facts(Lang::Zh, delivered(vec![unit(KEY)]));
    assert_eq!(render(&facts), render(&facts));
    let mut other = facts.clone();
    other.id = OutboxId("0190a1b2-bbbb".to_owned());
    let other = render(&other).expect("a mail");
    assert_eq!(other.message_id, "<0190a1b2-bbbb@shop.example>");
}

#[test]
fn what_waits_and_goods_have_their_words() {
    let mut seen = std::collections::HashSet::new();
    for lang in [Lang::Zh, Lang::En] {
        for wait in Wait::ALL {
            assert!(seen.insert(words::waiting(lang, *wait)));
        }
        for word in GoodsWord::ALL {
            for units in [1, 2] {
                seen.insert(words::goods(lang, *word, units));
                seen.insert(words::attached(lang, *word, units, "f"));
            }
            assert!(seen.insert(words::link_only(lang, *word)));
        }
    }
    assert_eq!(seen.len(), 6 + 16 + 4);
}
