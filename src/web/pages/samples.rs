//! Pages filled with believable and with awkward data, for the tests.

use askama::Template;

use super::cashier::{CashierPage, CashierView, PayWay};
use super::failure::{Failure, FailurePage};
use super::home::{HomePage, Place, ProductCard};
use super::lookup::{LookupNote, LookupPage};
use super::orders::OrdersPage;
use super::policy::PolicyPage;
use super::result::{OrderState, Unit, Unopened};
use crate::web::layout::{Fact, Layout, Noun, Picture, Stamp, StockBand};
use crate::web::qr::qr_svg;
use crate::web::words::{Lang, Method};

mod orders;
mod shop;
pub use orders::{cashier, failure, lookup, result};
pub use shop::{home, product, product_with_errors};

/// Markup in disguise: must never come out as it went in.
pub const HOSTILE: &str = "<script>alert(1)</script>\" onload='x' style=\"a\" ＆ ";

fn t(lang: Lang, zh: &str, en: &str) -> String {
    if lang == Lang::Zh {
        zh.to_owned()
    } else {
        en.to_owned()
    }
}

pub fn long() -> String {
    format!(
        "{HOSTILE}{}",
        "超长名称VeryLongNameWithoutAnyBlanks".repeat(8)
    )
}

fn layout(lang: Lang, title: &str, path: &str) -> Layout {
    Layout {
        description: Some(t(
            lang,
            "自动发货的数字商品",
            "Digital goods that deliver themselves",
        )),
        contact_url: Some("mailto:help@example.com".to_owned()),
        policy_url: Some("/policy".to_owned()),
        announcement: Some(HOSTILE.to_owned()),
        alternates: vec![("en", "https://shop.example/?lang=en".to_owned())],
        canonical: Some("https://shop.example/".to_owned()),
        footer_note: Some(t(
            lang,
            "工作日 10 分钟内回复",
            "Replies within 10 minutes on workdays",
        )),
        year: "2026".to_owned(),
        csrf: "c5rf".to_owned(),
        ..Layout::new(
            lang,
            &t(lang, "云栈数码", "Cloudstack Digital"),
            title,
            path,
        )
    }
}

fn stamp(lang: Lang) -> Stamp {
    Stamp::new(
        "2026-11-22T08:01:00Z",
        &t(lang, "2026-11-22 16:01:00", "22 Nov 2026, 16:01"),
    )
}

/// Every page in every state, in one language, with its name.
pub fn pages(lang: Lang) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add =
        |name: &str, html: askama::Result<String>| out.push((name.to_owned(), html.unwrap()));
    add("home", home(lang).render());
    add(
        "home-empty",
        HomePage {
            products: Vec::new(),
            place: Place::of(None, 0),
            categories: Vec::new(),
            ..home(lang)
        }
        .render(),
    );
    add(
        "home-filtered",
        HomePage {
            query: HOSTILE.to_owned(),
            products: Vec::new(),
            place: Place::of(None, 0),
            ..home(lang)
        }
        .render(),
    );
    let mut found = HomePage {
        category: Some("games".to_owned()),
        ..home(lang)
    };
    found.products[0] = ProductCard {
        name: long(),
        summary: long(),
        price: "¥9,007,199,254,740,991.00".to_owned(),
        picture: Some(Picture {
            url: "/media/a.webp".to_owned(),
            width: 160,
            height: 160,
        }),
        ..found.products[0].clone()
    };
    add("home-found", found.render());

    add("product", product(lang).render());
    add("product-errors", product_with_errors(lang).render());
    let mut gone = product(lang);
    gone.stock = StockBand::SoldOut;
    gone.buy
        .variants
        .iter_mut()
        .for_each(|v| v.stock = StockBand::SoldOut);
    add("product-gone", gone.render());
    let mut bare = product(lang);
    bare.buy.variants.truncate(1);
    bare.buy.variants[0].tiers.clear();
    bare.buy.methods.clear();
    bare.buy.total = None;
    bare.description_html.clear();
    bare.offer = None;
    add("product-free", bare.render());
    let mut huge = product_with_errors(lang);
    (huge.name, huge.summary, huge.slug) = (long(), long(), "a/\"b".to_owned());
    huge.buy.variants[1].name = long();
    huge.buy.price = "¥9,007,199,254,740,991.00".to_owned();
    huge.buy.total = Some("¥9,007,199,254,740,991.00".to_owned());
    huge.buy.email.value = long();
    add("product-huge", huge.render());

    add("cashier", cashier(lang).render());
    add(
        "cashier-link",
        CashierPage {
            pay: PayWay::Link {
                url: "https://gateway.example.com/pay/1".to_owned(),
            },
            method: Some(Method::Card),
            amount: "¥9,007,199,254,740,991.00".to_owned(),
            ..cashier(lang)
        }
        .render(),
    );
    let address = vec![
        Fact {
            label: t(lang, "地址（TRON）", "Address (TRON)"),
            value: "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf".to_owned(),
        },
        Fact {
            label: t(lang, "金额", "Amount"),
            value: "4.123456".to_owned(),
        },
    ];
    add(
        "cashier-transfer",
        CashierPage {
            pay: PayWay::Transfer {
                qr: qr_svg("TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf").ok(),
                lines: address,
            },
            method: Some(Method::Usdt),
            amount: "4.123456 USDT".to_owned(),
            ..cashier(lang)
        }
        .render(),
    );
    add(
        "cashier-confirming",
        CashierPage {
            view: CashierView::Confirming(None),
            seconds_left: 50,
            ..cashier(lang)
        }
        .render(),
    );
    add(
        "cashier-failed",
        CashierPage {
            view: CashierView::Failed(t(lang, "余额不足", "Insufficient balance")),
            ..cashier(lang)
        }
        .render(),
    );
    add(
        "cashier-nothing",
        CashierPage {
            view: CashierView::CreationFailed(None),
            pay: PayWay::Nothing,
            method: None,
            attempt: String::new(),
            payee: Some(long()),
            ..cashier(lang)
        }
        .render(),
    );

    for code in [
        "paid",
        "delivering",
        "delivered",
        "partially_delivered",
        "awaiting_stock",
        "in_review",
        "refunding",
        "refunded",
        "expired",
        "cancelled",
        "split_<b>",
    ] {
        add(
            &format!("result-{}", code.trim_end_matches("_<b>")),
            result(lang, OrderState::from_code(code)).render(),
        );
    }
    let mut bulky = result(lang, OrderState::Delivered);
    bulky.goods = (0..40)
        .map(|n| Unit {
            label: Some(format!("#{n}")),
            content: Some(long()),
        })
        .collect();
    (bulky.goods_total, bulky.noun, bulky.facts.items) = (1000, Noun::Card, vec![long(), long()]);
    bulky.goods_before = 50;
    bulky.previous_url = Some("/o/K7Q2-94MX-31".to_owned());
    bulky.next_url = Some("/o/K7Q2-94MX-31?page=3".to_owned());
    add("result-bulky", bulky.render());

    let mut unopened = result(lang, OrderState::Delivered);
    unopened.goods[0].content = None;
    unopened.unopened = Some(Unopened {
        units: 1,
        told: true,
    });
    add("result-unopened", unopened.render());

    add("lookup", lookup(lang).render());
    add(
        "lookup-miss",
        LookupPage {
            note: LookupNote::Missed,
            order_no: long(),
            secret: "li@example.com".to_owned(),
            recent: Vec::new(),
            ..lookup(lang)
        }
        .render(),
    );
    for (name, note) in [
        ("sent", LookupNote::Sent),
        ("no-email", LookupNote::NoEmail),
        ("over", LookupNote::LinkOver),
        ("locked", LookupNote::Locked),
    ] {
        add(
            &format!("lookup-{name}"),
            LookupPage {
                note,
                ..lookup(lang)
            }
            .render(),
        );
    }
    add(
        "policy",
        PolicyPage {
            layout: Layout {
                no_index: false,
                ..layout(lang, lang.words().policy_title(), "/policy")
            },
            policy_html: "<h2>1</h2><p>2</p>".to_owned(),
        }
        .render(),
    );
    add(
        "orders",
        OrdersPage {
            layout: layout(lang, lang.words().orders_title(), "/orders/mine"),
            email: Some("li***@example.com".to_owned()),
            orders: lookup(lang).recent,
            older_url: Some("/orders/mine?before=1".to_owned()),
        }
        .render(),
    );
    add(
        "orders-empty",
        OrdersPage {
            layout: layout(lang, lang.words().orders_title(), "/orders/mine"),
            email: None,
            orders: Vec::new(),
            older_url: None,
        }
        .render(),
    );
    for kind in Failure::ALL {
        add(
            &format!("failure-{}", kind.status()),
            failure(lang, kind).render(),
        );
    }
    add(
        "failure-detail",
        FailurePage {
            detail: Some(long()),
            ..failure(lang, Failure::Refused)
        }
        .render(),
    );
    out
}
