//! A shop on a busy day: orders in every state that needs somebody, a mail that came back, money
//! that fits nowhere, cards that were taken back, an import that nobody has confirmed.

use crate::drills::stage::{SOON, count, merchant_no};
use crate::harness::{
    Clerk, Engine, OWNER, Placed, Sandbox, SmtpMode, TestShop, eventually, field,
};
use serde_json::{Value, json};
use std::time::Duration;

/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-desk-0123456789abcdef";
const BUYER: &str = "li.wei@example.com";
/// Cards of the batch that stays, and of the one that goes.
const MANY: i64 = 40;
const FEW: i64 = 7;
/// New, repeated, known and unreadable lines.
const IMPORT: &[u8] = b"NHPRO-NEW01-AAAAA\nNHPRO-NEW02-BBBBB\nNHPRO-NEW01-AAAAA\n\
    NHPRO-0003-FIRST\nNHPRO-\x07-BELL\nNHPRO-NEW03-CCCCC\n";

/// The shop, and what its pages are found by.
pub struct Day {
    /// It.
    pub shop: TestShop,
    /// Its owner, signed in.
    pub owner: Clerk,
    _gateway: Sandbox,
    /// Orders: delivered and partly refunded.
    pub sold: String,
    /// Paid for what is not there.
    pub waiting: String,
    /// Never paid.
    pub expired: String,
    /// Not paid yet.
    pub open: String,
    /// Cases: too much money.
    pub over: String,
    /// Goods that a person prepares.
    pub by_hand: String,
    /// Mails: sent.
    pub mail: String,
    /// Given up.
    pub bounced: String,
    /// The goods with cards, and their parts.
    pub product: String,
    pub variant: String,
    pub category: String,
    pub card: String,
    pub batch: String,
    pub withdrawn: String,
    /// The page of an import that waits to be confirmed.
    pub draft: String,
    /// A variant whose content everybody gets.
    pub reusable: String,
}

impl Day {
    /// Lives it.
    pub async fn begin() -> Self {
        let (shop, gateway) = open().await;
        let editor = variant(&shop, "noteharbor-pro");
        let owner = Clerk::first_of(&shop).await;
        let place = async |quantity: u32| shop.place(&editor, quantity, BUYER, "alipay").await;
        let (expired, late) = (place(1).await, place(1).await);
        shop.advance_clock(Duration::from_secs(16 * 60));
        for order in [&expired, &late] {
            shop.order_in(order, "expired").await;
        }
        owner.sign_in(OWNER.0, OWNER.1).await.expect(303);

        let sold = place(3).await;
        gateway.pay(sold.pay_url()).await;
        shop.goods(&sold).await;
        let mail = mail(&shop, &sold, "done").await;
        refund(&owner, &sold.order_no, "5.00").await;
        let by_hand = to_be_done(&shop, &gateway).await;
        let waiting = of_the_last_copy(&shop, &gateway).await;
        let over = paid_too_much(&shop, &gateway, &late).await;
        let bounced = bounced(&shop, &gateway, &place(1).await).await;
        let open = place(2).await;
        let (batch, withdrawn) = take_one_batch_back(&shop, &owner, &editor).await;
        let draft = read_an_import(&owner, &editor).await;
        let one = |query: &str| shop.scalar(query).expect("there is one");
        let product = one("SELECT id FROM product WHERE slug = 'noteharbor-pro'");
        Self {
            sold: sold.order_no,
            waiting,
            expired: expired.order_no,
            open: open.order_no,
            over,
            by_hand,
            mail,
            bounced,
            category: one("SELECT id FROM category WHERE slug = 'software'"),
            card: one(&format!(
                "SELECT id FROM card WHERE batch_id = '{batch}' AND state = 'available' LIMIT 1"
            )),
            reusable: variant(&shop, "quiet-wallpapers"),
            product,
            variant: editor,
            batch,
            withdrawn,
            draft,
            shop,
            owner,
            _gateway: gateway,
        }
    }
}

/// The demo's goods with cards of our own, and one dear thing of which one copy is left.
async fn open() -> (TestShop, Sandbox) {
    let shop = TestShop::on(Engine::Sqlite).start().await;
    let gateway = Sandbox::on_the_clock_of(&shop).await;
    gateway.merchant(json!({"id": "m1", "key": KEY})).await;
    let cards = |name: &str, many: i64| -> String {
        (0..many)
            .map(|n| format!("NHPRO-{n:04}-{name}\n"))
            .collect()
    };
    shop.write_file("first.txt", cards("FIRST", MANY));
    shop.write_file("second.txt", cards("SECOND", FEW));
    shop.write_file("last.txt", "https://dl.example/atlas/the-last-copy\n");
    let goods = include_str!("../../../src/demo/goods.toml");
    let owner = format!("[shop]\nadmin_email = \"{}\"", OWNER.0);
    let goods = goods.replacen("[shop]", &owner, 1);
    let url = gateway.url();
    shop.apply(&format!(
        r#"{goods}
[[product]]
slug = "last-copy"
category = "downloads"
name = {{ zh = "轨道测绘图集：典藏完整版（含全部扩展星图、原声音乐与三平台终身更新）", en = "Orbital Survey Atlas: Complete Collector's Edition with lifetime updates for three platforms" }}
delivery = "card_pool"
reserve = false
low_stock = 5
[[product.variant]]
sku = "last-copy-of-the-complete-collectors-edition"
price = "1234567.89"
currency = "CNY"

[[cards]]
variant = "noteharbor-pro"
file = "first.txt"

[[cards]]
variant = "noteharbor-pro"
file = "second.txt"

[[cards]]
variant = "last-copy-of-the-complete-collectors-edition"
file = "last.txt"

[[channel_account]]
id = "sandbox"
kind = "sandbox"
methods = ["alipay", "wechat", "card", "paypal", "bank"]
base_url = "{url}"
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"

[[channel_account]]
id = "an-account-with-a-name-that-goes-on"
kind = "sandbox"
state = "off"
methods = ["alipay"]
base_url = "{url}"
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"
"#
    ))
    .await;
    // A running shop acts on what a file says within a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    (shop, gateway)
}

fn variant(shop: &TestShop, slug: &str) -> String {
    let found = shop.scalar(&format!(
        "SELECT v.id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.slug = '{slug}'"
    ));
    found.expect("a variant")
}

/// The mail about an order, once it is in this state.
async fn mail(shop: &TestShop, order: &Placed, state: &str) -> String {
    let no = &order.order_no;
    let wanted = format!(
        "SELECT b.id FROM outbox b JOIN orders o ON o.id = b.order_id \
         WHERE o.order_no = '{no}' AND b.topic = 'order.delivered' AND b.kind = 'mail' AND b.state = '{state}'"
    );
    eventually(SOON, || async {
        let there = count(shop, &format!("({wanted}) found"));
        (there > 0).then(|| shop.scalar(&wanted)).flatten()
    })
    .await
}

async fn case(shop: &TestShop, kind: &str, order: &str) -> String {
    let wanted = format!(
        "money_case c JOIN orders o ON o.id = c.order_id \
         WHERE c.kind = '{kind}' AND o.order_no = '{order}'"
    );
    eventually(SOON, || async { count(shop, &wanted) == 1 }).await;
    let found = shop.scalar(&format!("SELECT c.id FROM {wanted}"));
    found.expect("a case")
}

async fn refund(owner: &Clerk, no: &str, amount: &str) {
    let path = format!("/admin/orders/{no}/refund");
    let page = owner
        .get(&format!("{path}?amount={amount}"))
        .await
        .expect(200);
    let (amount, seen) = (field(&page.text(), "amount"), field(&page.text(), "seen"));
    let sent = [
        ("amount", amount.as_str()),
        ("seen", seen.as_str()),
        ("note", "one of three does not activate"),
    ];
    owner.send(&page, &path, &sent).await.expect(303);
}

/// An order that a person delivers; its case.
async fn to_be_done(shop: &TestShop, gateway: &Sandbox) -> String {
    let body = json!({
        "variant": variant(shop, "cv-review"), "quantity": 1, "email": BUYER, "method": "wechat",
        "locale": "zh-CN", "fields": {"link": "https://files.example/cv.odt", "language": "English"},
    });
    let order = placed(&shop.try_place(&body).await.expect(201).json());
    gateway.pay(order.pay_url()).await;
    shop.order_in(&order, "delivering").await;
    case(shop, "no_stock", &order.order_no).await
}

fn placed(told: &Value) -> Placed {
    serde_json::from_value(told.clone()).expect("a placed order")
}

/// Two buy the last copy of a thing; the order of the second.
async fn of_the_last_copy(shop: &TestShop, gateway: &Sandbox) -> String {
    let last = variant(shop, "last-copy");
    let buyer =
        "a-very-long-name-of-a-mailbox-that-goes-on@a-domain-that-goes-on-as-well.example.com";
    let first = shop.place(&last, 1, BUYER, "alipay").await;
    let second = shop.place(&last, 1, buyer, "alipay").await;
    gateway.pay(first.pay_url()).await;
    shop.goods(&first).await;
    gateway.pay(second.pay_url()).await;
    shop.order_in(&second, "awaiting_stock").await;
    second.order_no
}

/// An order that had expired gets more than it asked for; its case.
async fn paid_too_much(shop: &TestShop, gateway: &Sandbox, order: &Placed) -> String {
    let no = merchant_no(shop, order, 1);
    let told = json!({"merchant_no": no, "wrong_amount": 250, "query": {"amount": 3_240}});
    gateway.switch(told).await;
    gateway
        .control("pay", json!({"merchant_no": no, "late": true}))
        .await;
    case(shop, "over", &order.order_no).await
}

/// The mail of an order whose address nobody has.
async fn bounced(shop: &TestShop, gateway: &Sandbox, order: &Placed) -> String {
    shop.smtp().set(SmtpMode::Refuse(550));
    gateway.pay(order.pay_url()).await;
    shop.goods(order).await;
    let bounced = mail(shop, order, "dead").await;
    shop.smtp().set(SmtpMode::Accept);
    bounced
}

/// The batch that stays, and the one that was withdrawn.
async fn take_one_batch_back(shop: &TestShop, owner: &Clerk, variant: &str) -> (String, String) {
    let batch = |cards: i64| {
        let found = shop.scalar(&format!(
            "SELECT id FROM card_batch WHERE variant_id = '{variant}' AND cards = {cards}"
        ));
        found.expect("a batch")
    };
    let (stays, goes) = (batch(MANY), batch(FEW));
    let page = format!("/admin/stock/{variant}/batches/{goes}");
    owner.post(&page, &page, &[]).await.expect(303);
    (stays, goes)
}

async fn read_an_import(owner: &Clerk, variant: &str) -> String {
    let import = format!("/admin/stock/{variant}/import");
    let read = owner.upload(&import, &import, &[], ("november.txt", IMPORT));
    let read = read.await.expect(303);
    read.header("location").expect("an address").to_owned()
}
