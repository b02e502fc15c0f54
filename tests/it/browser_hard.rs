//! Shops that are hard to show: names without an end or a gap, amounts of ten digits, thirty
//! variants, a hundred goods, nothing at all, and orders that came to an unusual end.

use crate::browser_pages::Page;
use crate::harness::{Browser, Engine, Look, Placed, Sandbox, TestShop, Weight, turn};
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-pages-0123456789abcdef";
/// Sixty and more characters in which no line can be broken at a space.
const LONG_ZH: &str = "永久授权旗舰典藏版含全部扩展包与季票以及未来所有大版本升级支持视窗与苹果双平台五台设备同时在线并附赠离线激活工具箱一份不含实体包装";
const LONG_EN: &str =
    "UltimateCollectorsLifetimeLicenceWithEveryExpansionPackAndSeasonPassIncludedForFiveDevices";
/// What is not sold out there.
const STOCKED: [&str; 5] = ["long", "huge", "variants", "variants-3", "goods-1"];

/// Two shops, one full of difficulties and one empty, and the gateway of the first.
pub struct Hard {
    full: TestShop,
    empty: TestShop,
    _gateway: Sandbox,
    orders: Vec<(&'static str, Placed, &'static str)>,
}

impl Hard {
    /// Opens both.
    pub async fn open() -> Self {
        let full = TestShop::on(Engine::Sqlite).start().await;
        let empty = TestShop::on(Engine::Sqlite).start().await;
        let gateway = Sandbox::on_the_clock_of(&full).await;
        gateway.merchant(json!({"id": "m1", "key": KEY})).await;
        for sku in STOCKED {
            let cards: String = (0..150)
                .map(|n| format!("{sku}-{n:04}-{LONG_EN}\n"))
                .collect();
            full.write_file(&format!("{sku}.txt"), cards);
        }
        full.apply(&goods(&gateway.url())).await;
        // A running shop acts on new settings within a second.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let mut hard = Self {
            full,
            empty,
            _gateway: gateway,
            orders: Vec::new(),
        };
        hard.order_things().await;
        hard
    }

    async fn order_things(&mut self) {
        let shop = &self.full;
        let long = shop.variant("long").await;
        let expired = shop.place(&long, 1, "expires@example.com", "alipay").await;
        shop.advance_clock(Duration::from_secs(2 * 60 * 60));
        shop.order_in(&expired, "expired").await;
        let cashier = shop.place("huge", 1, "huge@example.com", "alipay").await;
        let paid = shop.place(&long, 100, "a-very-long-name-of-a-mailbox-that-goes-on-and-on@a-domain-that-goes-on-as-well.example.com", "alipay").await;
        self._gateway.pay(paid.pay_url()).await;
        shop.order_in(&paid, "delivered").await;
        self.orders.extend([
            ("hard-expired", expired, "class=\"badge t-mute"),
            ("hard-cashier", cashier, "class=\"qr"),
            ("hard-result", paid, "id=\"copy-all\""),
        ]);
        // How these come about is told elsewhere; here their pages are looked at. A person delivers
        // them, so that nothing moves them on meanwhile.
        for (name, state) in [
            ("hard-in-review", "in_review"),
            ("hard-awaiting-stock", "awaiting_stock"),
            ("hard-partial", "partially_delivered"),
            ("hard-refunding", "refunding"),
            ("hard-refunded", "refunded"),
        ] {
            let order = shop
                .place("by-hand", 1, &format!("{state}@example.com"), "alipay")
                .await;
            let no = &order.order_no;
            shop.tamper(&format!(
                "UPDATE orders SET state = '{state}' WHERE order_no = '{no}'"
            ));
            self.orders.push((name, order, "class=\"outcome"));
        }
    }

    /// The pages, each with its shop.
    pub async fn pages(&self) -> Vec<(String, Page)> {
        let of = |name, path, shows| Page::of_the_shop(name, path, shows);
        let mut pages = vec![
            of("hard-home", "/", "class=\"card goods"),
            of("hard-home-2", "/?page=2", "rel=\"prev\""),
            of("hard-long-name", "/p/long", "id=\"pay\""),
            of("hard-huge-amount", "/p/huge", "id=\"pay\""),
            of("hard-variants", "/p/variants", "id=\"variant-"),
            of("hard-no-stock", "/p/sold-out", "note t-mute"),
        ];
        let orders = self.orders.iter();
        pages.extend(orders.map(|(name, placed, shows)| Page::of_an_order(name, placed, shows)));
        let full = self.full.url();
        let mut all: Vec<_> = pages.into_iter().map(|page| (full.clone(), page)).collect();
        let bare = of("hard-empty-shop", "/", "class=\"empty card\"");
        all.push((self.empty.url(), bare));
        all
    }
}

fn goods(gateway: &str) -> String {
    let mut toml = format!(
        r#"
[shop]
name = "名字很长很长很长的一家数字商品专卖店旗舰店"
name_en = "AShopWhoseNameHasNoGapAnywhereAndGoesOn"
currency = "CNY"
contact = "help@a-domain-that-goes-on-and-on.example"
unpaid_per_network = 100000
unpaid_per_email = 100000

[[category]]
slug = "long"
name = {{ zh = "一个名字长得放不下的商品分类一个名字长得放不下", en = "ACategoryWithANameThatHasNoGapAnywhere" }}

[[channel_account]]
id = "sandbox-1"
kind = "sandbox"
methods = ["alipay", "wechat"]
base_url = "{gateway}"
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"
"#
    );
    let mut product = |slug: &str, zh: &str, en: &str| {
        let delivery = match slug {
            "by-hand" => "manual",
            _ => "card_pool",
        };
        let written = write!(
            toml,
            "\n[[product]]\nslug = \"{slug}\"\ncategory = \"long\"\ndelivery = \"{delivery}\"\n\
             name = {{ zh = \"{zh}\", en = \"{en}\" }}\n\
             summary = {{ zh = \"{LONG_ZH}\", en = \"{LONG_EN}\" }}\n\
             description = {{ zh = \"{LONG_ZH}\", en = \"{LONG_EN}\" }}\n"
        );
        written.expect("written");
        let mut variants = vec![(slug.to_owned(), "19.90".to_owned())];
        match slug {
            "huge" => variants[0].1 = "9999999.99".to_owned(),
            "variants" => {
                variants.extend((1..30).map(|n| (format!("variants-{n}"), format!("{n}.00"))))
            }
            _ => {}
        }
        for (n, (sku, price)) in variants.iter().enumerate() {
            let written = write!(
                toml,
                "[[product.variant]]\nsku = \"{sku}\"\nprice = \"{price}\"\nmax_quantity = 100\n\
                 name = {{ zh = \"第 {n} 种{zh}\", en = \"{n} {en}\" }}\n"
            );
            written.expect("written");
        }
    };
    product("long", LONG_ZH, LONG_EN);
    product("huge", "很贵的商品", "Something dear");
    product("variants", "三十种规格", "Thirty kinds");
    product("by-hand", LONG_ZH, LONG_EN);
    product("sold-out", "卖完的商品", "Something gone");
    for n in 0..100 {
        product(
            &format!("goods-{n}"),
            &format!("第 {n} 号商品"),
            &format!("Goods {n}"),
        );
    }
    for sku in STOCKED {
        let written = write!(
            toml,
            "\n[[cards]]\nvariant = \"{sku}\"\nfile = \"{sku}.txt\"\n"
        );
        written.expect("written");
    }
    toml
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_runs_over_the_edge_of_a_phone() {
    let _turn = turn(Weight::Heavy).await;
    let hard = Hard::open().await;
    let pages = hard.pages().await;
    let mut found = Vec::new();
    for locale in ["zh-CN", "en"] {
        let browser = Browser::with(Look {
            size: (390, 844),
            locale: locale.to_owned(),
            ..Look::default()
        })
        .await;
        for (shop, page) in &pages {
            page.open(&browser, shop).await;
            let over = browser.overhang().await;
            for wrong in over.into_iter().chain(browser.axe(&[]).await) {
                found.push(format!("{} ({locale}): {wrong}", page.name));
            }
        }
        browser.complains_of_nothing_but(&[]).await;
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
