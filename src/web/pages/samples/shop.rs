//! Home and product.

use super::{layout, t};
use crate::web::assets::icon;
use crate::web::layout::{Delivery, Layout, StockBand};
use crate::web::pages::home::{CategoryLink, HomePage, Place, ProductCard};
use crate::web::pages::product::{
    BuyForm, CustomField, FieldError, FieldKind, MethodChoice, MoneyFormat, Offer, ProductPage,
    Quantity, TextInput, Tier, VariantChoice,
};
use crate::web::words::{Lang, Method};

pub fn home(lang: Lang) -> HomePage {
    let rows = [
        (
            "notemaster",
            "笔记大师 Pro 终身授权码",
            "NoteMaster Pro lifetime licence",
            "Windows / macOS · 2 台设备",
            "Windows / macOS · 2 devices",
            "29.90",
            StockBand::Plenty,
        ),
        (
            "vpnroute",
            "星途云盘 1 TB 年卡",
            "Startrail cloud drive, 1 TB for a year",
            "自动续期可关，支持团队共享",
            "Renewal can be turned off; team sharing",
            "168.00",
            StockBand::Low,
        ),
        (
            "game-100",
            "像素旅人 100 点卡",
            "Pixel Traveller 100 points",
            "全区服通用，秒到账",
            "Works on every server",
            "9.90",
            StockBand::Plenty,
        ),
        (
            "music-q",
            "听海音乐季卡",
            "Seaside Music, three months",
            "手机、平板、电视",
            "Phone, tablet, television",
            "45.00",
            StockBand::SoldOut,
        ),
        (
            "domain",
            "企业邮箱代配置",
            "Business mail, set up for you",
            "由工程师在 2 小时内配置完成",
            "Configured by an engineer within 2 hours",
            "1,299.00",
            StockBand::Plenty,
        ),
        (
            "font-pack",
            "方圆字库 12 款打包",
            "Fangyuan typefaces, set of 12",
            "商用授权，终身更新，含可变字体与网页字体，附授权书与发票，支持 macOS、Windows、Linux",
            "Commercial licence with lifetime updates, variable and web fonts, certificate and invoice, for macOS, Windows, Linux",
            "399.00",
            StockBand::Plenty,
        ),
    ];
    let products = rows
        .iter()
        .enumerate()
        .map(|(i, (slug, zh, en, szh, sen, price, stock))| ProductCard {
            slug: (*slug).to_owned(),
            name: t(lang, zh, en),
            summary: t(lang, szh, sen),
            price: format!("¥{price}"),
            price_from: i == 0,
            stock: *stock,
            delivery: if i == 4 {
                Delivery::Manual
            } else {
                Delivery::Automatic
            },
            icon: icon::KEY,
            picture: None,
        });
    let categories = [
        ("software", "软件授权", "Software"),
        ("games", "游戏点卡", "Games"),
        ("members", "会员订阅", "Memberships"),
    ];
    HomePage {
        layout: Layout {
            no_index: false,
            canonical: Some("https://shop.example.com/".to_owned()),
            ..layout(lang, "", "/")
        },
        intro: None,
        query: String::new(),
        category: None,
        categories: categories
            .iter()
            .map(|(slug, zh, en)| CategoryLink {
                slug: (*slug).to_owned(),
                name: t(lang, zh, en),
            })
            .collect(),
        products: products.collect(),
        place: Place::of(None, rows.len()),
    }
}

pub fn method(lang: Lang, method: Method, chosen: bool) -> MethodChoice {
    let usdt = method == Method::Usdt;
    MethodChoice {
        method,
        chosen,
        fee: if usdt {
            "+1%".to_owned()
        } else {
            lang.words().fee_none().to_owned()
        },
        hint: None,
        unavailable: None,
        fee_ppm: if usdt { 10_000 } else { 0 },
        fee_minor: 0,
    }
}

fn variant(id: &str, name: String, price: &str, unit_minor: i64, chosen: bool) -> VariantChoice {
    VariantChoice {
        id: id.to_owned(),
        name,
        price: price.to_owned(),
        unit_minor,
        chosen,
        stock: StockBand::Plenty,
        max: 20,
        tiers: Vec::new(),
    }
}

pub fn product(lang: Lang) -> ProductPage {
    ProductPage {
        preview: false,
        layout: Layout {
            no_index: false,
            ..layout(
                lang,
                &t(
                    lang,
                    "笔记大师 Pro 终身授权码",
                    "NoteMaster Pro lifetime licence",
                ),
                "/p/notemaster",
            )
        },
        slug: "notemaster".to_owned(),
        name: t(
            lang,
            "笔记大师 Pro 终身授权码",
            "NoteMaster Pro lifetime licence",
        ),
        summary: t(
            lang,
            "Windows / macOS · 2 台设备 · 含大版本升级",
            "Windows / macOS · 2 devices · major upgrades included",
        ),
        icon: icon::KEY,
        picture: None,
        description_html: t(
            lang,
            "<h2>买前请看</h2><p>授权码一经查看不支持无理由退款；无法激活时，7 天内联系我们，核实后补发或退款。</p><ul><li>支持离线激活</li><li>换电脑时先在旧设备停用</li></ul>",
            "<h2>Before you buy</h2><p>Once revealed, a key cannot be refunded for a change of mind. If it will not activate, tell us within 7 days and we will replace it or refund you.</p><ul><li>Activates offline</li><li>Changing computers: deactivate the old one first</li></ul>",
        ),
        delivery: Delivery::Automatic,
        delivery_time: Some(t(lang, "约 3 秒", "About 3 s")),
        stock: StockBand::Plenty,
        stock_count: Some(lang.words().stock_count(128)),
        offer: Some(Offer {
            price: "29.90".to_owned(),
            currency: "CNY".to_owned(),
            url: "https://shop.example/p/notemaster".to_owned(),
        }),
        buy: BuyForm {
            key: "0193-key".to_owned(),
            price: "¥29.90".to_owned(),
            notice: None,
            errors: Vec::new(),
            variants: vec![
                VariantChoice {
                    tiers: vec![
                        Tier {
                            from: 5,
                            price: "¥26.90".to_owned(),
                            unit_minor: 2690,
                        },
                        Tier {
                            from: 10,
                            price: "¥24.90".to_owned(),
                            unit_minor: 2490,
                        },
                    ],
                    ..variant("solo", t(lang, "个人版", "Personal"), "¥29.90", 2990, true)
                },
                VariantChoice {
                    stock: StockBand::Low,
                    ..variant(
                        "family",
                        t(lang, "家庭版，5 台设备", "Family, 5 devices"),
                        "¥69.00",
                        6900,
                        false,
                    )
                },
            ],
            variant_error: None,
            method_error: None,
            quantity: Quantity {
                value: "1".to_owned(),
                min: 1,
                max: 20,
                error: None,
            },
            methods: vec![
                method(lang, Method::Alipay, true),
                method(lang, Method::Wechat, false),
                method(lang, Method::Usdt, false),
            ],
            email: TextInput::default(),
            fields: Vec::new(),
            password_error: None,
            total: Some("¥29.90".to_owned()),
            money: MoneyFormat {
                pattern: "¥{}".to_owned(),
                exponent: 2,
            },
            hold_minutes: 15,
        },
    }
}

pub fn product_with_errors(lang: Lang) -> ProductPage {
    let words = lang.words();
    let mut page = product(lang);
    let field = |id: &str, label: &str, kind| CustomField {
        id: id.to_owned(),
        label: label.to_owned(),
        hint: None,
        error: None,
        required: true,
        kind,
    };
    page.buy.fields = vec![
        CustomField {
            hint: Some(t(
                lang,
                "登录后在「账户」里可以看到",
                "Shown under “Account” after logging in",
            )),
            error: Some(words.err_pattern(&t(lang, "游戏账号", "Player ID"))),
            ..field(
                "player",
                &t(lang, "游戏账号", "Player ID"),
                FieldKind::Text {
                    value: "??".to_owned(),
                    max: 40,
                    pattern: Some("[a-z0-9]{4,20}".to_owned()),
                },
            )
        },
        field(
            "zone",
            &t(lang, "区服", "Server"),
            FieldKind::Select {
                value: "EU".to_owned(),
                options: vec!["CN".to_owned(), "EU".to_owned()],
            },
        ),
    ];
    page.buy.method_error = Some(words.err_method_off().to_owned());
    page.buy.notice = Some(words.price_changed("¥28.90", "¥29.90"));
    page.buy.email = TextInput {
        value: "li@example".to_owned(),
        error: Some(words.err_email().to_owned()),
    };
    page.buy.quantity.error = Some(words.err_stock_left(3));
    page.buy.methods[1].unavailable = Some(words.err_method_off().to_owned());
    page.buy.errors = vec![
        FieldError {
            id: "quantity".to_owned(),
            text: words.err_stock_left(3),
        },
        FieldError {
            id: "email".to_owned(),
            text: words.err_email().to_owned(),
        },
        FieldError {
            id: "field_player".to_owned(),
            text: words.err_pattern(&t(lang, "游戏账号", "Player ID")),
        },
    ];
    page
}
