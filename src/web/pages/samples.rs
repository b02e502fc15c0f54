//! Pages filled with believable and with awkward data, for the tests.

use askama::Template;

use super::cashier::{CashierPage, CashierView, PayWay};
use super::failure::{Failure, FailurePage};
use super::home::{CategoryLink, HomePage, ProductCard};
use super::lookup::LookupPage;
use super::orders::{OrderRow, OrdersPage};
use super::product::{
    BuyForm, CustomField, FieldError, FieldKind, MethodChoice, MoneyFormat, Offer, ProductPage, Quantity, TextInput, Tier,
    VariantChoice,
};
use super::result::{OrderState, RefundFact, ResultPage, Unit};
use crate::web::layout::{Delivery, Fact, Layout, Noun, OrderFacts, Picture, Stamp, StockBand};
use crate::web::qr::qr_svg;
use crate::web::words::{Lang, Method, state_tag};

/// Markup in disguise: must never come out as it went in.
pub const HOSTILE: &str = "<script>alert(1)</script>\" onload='x' style=\"a\" ＆ ";

fn t(lang: Lang, zh: &str, en: &str) -> String {
    if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() }
}

pub fn long() -> String {
    format!("{HOSTILE}{}", "超长名称VeryLongNameWithoutAnyBlanks".repeat(8))
}

fn layout(lang: Lang, title: &str, path: &str) -> Layout {
    Layout {
        description: Some(t(lang, "自动发货的数字商品", "Digital goods that deliver themselves")),
        contact_url: Some("mailto:help@example.com".to_owned()),
        policy_url: Some("/pages/refunds".to_owned()),
        footer_note: Some(t(lang, "工作日 10 分钟内回复", "Replies within 10 minutes on workdays")),
        year: "2026".to_owned(),
        csrf: "c5rf".to_owned(),
        ..Layout::new(lang, &t(lang, "云栈数码", "Cloudstack Digital"), title, path)
    }
}

fn stamp(lang: Lang) -> Stamp {
    Stamp::new("2026-11-22T08:01:00Z", &t(lang, "2026-11-22 16:01:00", "22 Nov 2026, 16:01"))
}

pub fn home(lang: Lang) -> HomePage {
    let rows = [
        ("notemaster", "笔记大师 Pro 终身授权码", "NoteMaster Pro lifetime licence", "Windows / macOS · 2 台设备", "Windows / macOS · 2 devices", "29.90", StockBand::Plenty),
        ("vpnroute", "星途云盘 1 TB 年卡", "Startrail cloud drive, 1 TB for a year", "自动续期可关，支持团队共享", "Renewal can be turned off; team sharing", "168.00", StockBand::Low),
        ("game-100", "像素旅人 100 点卡", "Pixel Traveller 100 points", "全区服通用，秒到账", "Works on every server", "9.90", StockBand::Plenty),
        ("music-q", "听海音乐季卡", "Seaside Music, three months", "手机、平板、电视", "Phone, tablet, television", "45.00", StockBand::SoldOut),
        ("domain", "企业邮箱代配置", "Business mail, set up for you", "由工程师在 2 小时内配置完成", "Configured by an engineer within 2 hours", "1,299.00", StockBand::Plenty),
        ("font-pack", "方圆字库 12 款打包", "Fangyuan typefaces, set of 12", "商用授权，终身更新，含可变字体与网页字体，附授权书与发票，支持 macOS、Windows、Linux", "Commercial licence with lifetime updates, variable and web fonts, certificate and invoice, for macOS, Windows, Linux", "399.00", StockBand::Plenty),
    ];
    let products = rows.iter().enumerate().map(|(i, (slug, zh, en, szh, sen, price, stock))| ProductCard {
        slug: (*slug).to_owned(),
        name: t(lang, zh, en),
        summary: t(lang, szh, sen),
        price: format!("¥{price}"),
        price_from: i == 0,
        stock: *stock,
        delivery: if i == 4 { Delivery::Manual } else { Delivery::Automatic },
        picture: None,
    });
    let categories = [("software", "软件授权", "Software"), ("games", "游戏点卡", "Games"), ("members", "会员订阅", "Memberships")];
    HomePage {
        layout: Layout { no_index: false, canonical: Some("https://shop.example.com/".to_owned()), ..layout(lang, "", "/") },
        intro: None,
        query: String::new(),
        category: None,
        categories: categories.iter().map(|(slug, zh, en)| CategoryLink { slug: (*slug).to_owned(), name: t(lang, zh, en) }).collect(),
        products: products.collect(),
    }
}

fn method(lang: Lang, method: Method, chosen: bool) -> MethodChoice {
    let usdt = method == Method::Usdt;
    MethodChoice {
        method,
        chosen,
        fee: if usdt { "+1%".to_owned() } else { lang.words().fee_none().to_owned() },
        hint: None,
        unavailable: None,
        fee_ppm: if usdt { 10_000 } else { 0 },
        fee_minor: 0,
    }
}

fn variant(id: &str, name: String, price: &str, unit_minor: i64, chosen: bool) -> VariantChoice {
    VariantChoice { id: id.to_owned(), name, price: price.to_owned(), unit_minor, chosen, stock: StockBand::Plenty, max: 20, tiers: Vec::new() }
}

pub fn product(lang: Lang) -> ProductPage {
    ProductPage {
        layout: Layout { no_index: false, ..layout(lang, &t(lang, "笔记大师 Pro 终身授权码", "NoteMaster Pro lifetime licence"), "/p/notemaster") },
        slug: "notemaster".to_owned(),
        name: t(lang, "笔记大师 Pro 终身授权码", "NoteMaster Pro lifetime licence"),
        summary: t(lang, "Windows / macOS · 2 台设备 · 含大版本升级", "Windows / macOS · 2 devices · major upgrades included"),
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
        offer: Some(Offer { price: "29.90".to_owned(), currency: "CNY".to_owned() }),
        buy: BuyForm {
            key: "0193-key".to_owned(),
            price: "¥29.90".to_owned(),
            notice: None,
            errors: Vec::new(),
            variants: vec![
                VariantChoice {
                    tiers: vec![
                        Tier { from: 5, price: "¥26.90".to_owned(), unit_minor: 2690 },
                        Tier { from: 10, price: "¥24.90".to_owned(), unit_minor: 2490 },
                    ],
                    ..variant("solo", t(lang, "个人版", "Personal"), "¥29.90", 2990, true)
                },
                VariantChoice { stock: StockBand::Low, ..variant("family", t(lang, "家庭版，5 台设备", "Family, 5 devices"), "¥69.00", 6900, false) },
            ],
            quantity: Quantity { value: "1".to_owned(), min: 1, max: 20, error: None },
            methods: vec![method(lang, Method::Alipay, true), method(lang, Method::Wechat, false), method(lang, Method::Usdt, false)],
            email: TextInput::default(),
            fields: Vec::new(),
            password_error: None,
            total: Some("¥29.90".to_owned()),
            money: MoneyFormat { pattern: "¥{}".to_owned(), exponent: 2 },
            hold_minutes: 15,
        },
    }
}

pub fn product_with_errors(lang: Lang) -> ProductPage {
    let words = lang.words();
    let mut page = product(lang);
    let field = |id: &str, label: &str, kind| CustomField {
        id: id.to_owned(), label: label.to_owned(), hint: None, error: None, required: true, kind };
    page.buy.fields = vec![
        CustomField {
            hint: Some(t(lang, "登录后在「账户」里可以看到", "Shown under “Account” after logging in")),
            error: Some(words.err_pattern(&t(lang, "游戏账号", "Player ID"))),
            ..field("player", &t(lang, "游戏账号", "Player ID"), FieldKind::Text { value: "??".to_owned(), max: 40, pattern: Some("[a-z0-9]{4,20}".to_owned()) })
        },
        field("zone", &t(lang, "区服", "Server"), FieldKind::Select { value: "EU".to_owned(), options: vec!["CN".to_owned(), "EU".to_owned()] }),
    ];
    page.buy.notice = Some(words.price_changed("¥28.90", "¥29.90"));
    page.buy.email = TextInput { value: "li@example".to_owned(), error: Some(words.err_email().to_owned()) };
    page.buy.quantity.error = Some(words.err_stock_left(3));
    page.buy.methods[1].unavailable = Some(words.err_method_off().to_owned());
    page.buy.errors = vec![
        FieldError { id: "quantity".to_owned(), text: words.err_stock_left(3) },
        FieldError { id: "email".to_owned(), text: words.err_email().to_owned() },
        FieldError { id: "field_player".to_owned(), text: words.err_pattern(&t(lang, "游戏账号", "Player ID")) },
    ];
    page
}

pub fn facts(lang: Lang) -> OrderFacts {
    OrderFacts {
        order_no: "K7Q2-94MX-31".to_owned(),
        items: vec![t(lang, "笔记大师 Pro 终身授权码 × 1", "NoteMaster Pro lifetime licence × 1")],
        email: Some("li***@example.com".to_owned()),
        amount: None,
        method: None,
        placed: None,
        paid: None,
        more: Vec::new(),
    }
}

pub fn cashier(lang: Lang) -> CashierPage {
    CashierPage {
        layout: layout(lang, lang.words().cashier_title(), "/o/K7Q2-94MX-31"),
        order_path: "/o/K7Q2-94MX-31".to_owned(),
        order_query: String::new(),
        amount: "¥29.90".to_owned(),
        deadline: Stamp::new("2026-11-22T08:01:00Z", "16:01"),
        seconds_left: 895,
        view: CashierView::Waiting,
        attempt: "1".to_owned(),
        method: Some(Method::Alipay),
        pay: PayWay::Qr { qr: qr_svg("https://qr.alipay.example.com/bax0193k7q294mx31").unwrap(), url: Some("https://gateway.example.com/pay/1".to_owned()) },
        payee: Some(t(lang, "云栈数码", "Cloudstack Digital")),
        other_methods: vec![method(lang, Method::Wechat, true), method(lang, Method::Usdt, false)],
        facts: facts(lang),
    }
}

pub fn result(lang: Lang, state: OrderState) -> ResultPage {
    let has_goods = matches!(state, OrderState::Delivered | OrderState::PartiallyDelivered);
    let waits = matches!(state, OrderState::PartiallyDelivered | OrderState::AwaitingStock);
    let refunds = matches!(state, OrderState::Refunding | OrderState::Refunded);
    let keys = ["NMPRO-7H2QX-4KD9M-WZ83T-PL6VC", "NMPRO-93KXA-QQ7M2-HT4WE-8ZRND"];
    ResultPage {
        layout: layout(lang, "K7Q2-94MX-31", "/o/K7Q2-94MX-31"),
        order_path: "/o/K7Q2-94MX-31".to_owned(),
        order_query: String::new(),
        noun: Noun::Key,
        goods: if has_goods { keys.iter().map(|k| Unit { label: None, content: (*k).to_owned() }).collect() } else { Vec::new() },
        goods_total: if has_goods { 2 } else { 0 },
        missing: u64::from(waits),
        usage: has_goods.then(|| t(lang, "打开笔记大师 → 设置 → 授权，粘贴授权码即可激活。\n换电脑时，先在旧设备上停用。", "Open NoteMaster → Settings → Licence, paste the key, done.\nChanging computers? Deactivate the old one first.")),
        expected: waits.then(|| stamp(lang)),
        refund: refunds.then(|| RefundFact { amount: "¥29.90".to_owned(), route: t(lang, "支付宝原路退回", "Alipay, the way it came"), at: Some(stamp(lang)) }),
        may_refund: waits,
        again_url: Some("/p/notemaster".to_owned()),
        waited_minutes: 15,
        facts: OrderFacts { amount: Some("¥59.80".to_owned()), method: Some(Method::Alipay.name(lang).to_owned()), placed: Some(stamp(lang)), paid: Some(stamp(lang)), ..facts(lang) },
        state,
    }
}

pub fn lookup(lang: Lang) -> LookupPage {
    let row = |state: &str| OrderRow {
        url: "/o/K7Q2-94MX-31".to_owned(), order_no: "K7Q2-94MX-31".to_owned(), item: t(lang, "笔记大师 Pro 终身授权码 × 1", "NoteMaster Pro lifetime licence × 1"),
        amount: "¥29.90".to_owned(), placed: stamp(lang), state: state_tag(state, lang) };
    LookupPage {
        layout: layout(lang, lang.words().lookup_title(), "/orders"),
        order_no: String::new(), secret: String::new(), missed: false,
        recent: vec![row("delivered"), row("pending_payment"), row("awaiting_stock"), row("in_review"), row("expired"), row("failed")],
    }
}

pub fn failure(lang: Lang, failure: Failure) -> FailurePage {
    FailurePage {
        layout: layout(lang, failure.title(lang.words()), "/x"),
        failure, detail: None,
        retry_after: (failure == Failure::TooMany).then_some(30), request_id: "req-7H2QX4KD".to_owned(),
    }
}

/// Every page in every state, in one language, with its name.
pub fn pages(lang: Lang) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |name: &str, html: askama::Result<String>| out.push((name.to_owned(), html.unwrap()));
    add("home", home(lang).render());
    add("home-empty", HomePage { products: Vec::new(), categories: Vec::new(), ..home(lang) }.render());
    add("home-filtered", HomePage { query: HOSTILE.to_owned(), products: Vec::new(), ..home(lang) }.render());
    let mut found = HomePage { category: Some("games".to_owned()), ..home(lang) };
    found.products[0] = ProductCard { name: long(), summary: long(), price: "¥9,007,199,254,740,991.00".to_owned(), picture: Some(Picture { url: "/media/a.webp".to_owned(), width: 160, height: 160 }), ..found.products[0].clone() };
    add("home-found", found.render());

    add("product", product(lang).render());
    add("product-errors", product_with_errors(lang).render());
    let mut gone = product(lang);
    gone.stock = StockBand::SoldOut;
    gone.buy.variants.iter_mut().for_each(|v| v.stock = StockBand::SoldOut);
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
    add("cashier-link", CashierPage { pay: PayWay::Link { url: "https://gateway.example.com/pay/1".to_owned() }, method: Some(Method::Card), amount: "¥9,007,199,254,740,991.00".to_owned(), ..cashier(lang) }.render());
    let address = vec![Fact { label: t(lang, "地址（TRON）", "Address (TRON)"), value: "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf".to_owned() }, Fact { label: t(lang, "金额", "Amount"), value: "4.123456".to_owned() }];
    add("cashier-transfer", CashierPage { pay: PayWay::Transfer { qr: qr_svg("TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf").ok(), lines: address }, method: Some(Method::Usdt), amount: "4.123456 USDT".to_owned(), ..cashier(lang) }.render());
    add("cashier-confirming", CashierPage { view: CashierView::Confirming(None), seconds_left: 50, ..cashier(lang) }.render());
    add("cashier-failed", CashierPage { view: CashierView::Failed(t(lang, "余额不足", "Insufficient balance")), ..cashier(lang) }.render());
    add("cashier-nothing", CashierPage { view: CashierView::CreationFailed(None), pay: PayWay::Nothing, method: None, attempt: String::new(), payee: Some(long()), ..cashier(lang) }.render());

    for code in ["paid", "delivering", "delivered", "partially_delivered", "awaiting_stock", "in_review", "refunding", "refunded", "expired", "cancelled", "split_<b>"] {
        add(&format!("result-{}", code.trim_end_matches("_<b>")), result(lang, OrderState::from_code(code)).render());
    }
    let mut bulky = result(lang, OrderState::Delivered);
    bulky.goods = (0..40).map(|n| Unit { label: Some(format!("#{n}")), content: long() }).collect();
    (bulky.goods_total, bulky.noun, bulky.facts.items) = (1000, Noun::Card, vec![long(), long()]);
    add("result-bulky", bulky.render());

    add("lookup", lookup(lang).render());
    add("lookup-miss", LookupPage { missed: true, order_no: long(), secret: "li@example.com".to_owned(), recent: Vec::new(), ..lookup(lang) }.render());
    add("orders", OrdersPage { layout: layout(lang, lang.words().orders_title(), "/orders/mine"), email: Some("li***@example.com".to_owned()), orders: lookup(lang).recent, older_url: Some("/orders/mine?before=1".to_owned()) }.render());
    add("orders-empty", OrdersPage { layout: layout(lang, lang.words().orders_title(), "/orders/mine"), email: None, orders: Vec::new(), older_url: None }.render());
    for kind in Failure::ALL {
        add(&format!("failure-{}", kind.status()), failure(lang, kind).render());
    }
    add("failure-detail", FailurePage { detail: Some(long()), ..failure(lang, Failure::Refused) }.render());
    out
}
