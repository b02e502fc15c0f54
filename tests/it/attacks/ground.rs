//! What the attacker finds: a shop with four accounts at one gateway, and what the tests alone
//! know of it, the keys they configured.

use crate::harness::{Placed, Reply, Sandbox, TestShop, eventually};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::json;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Keys of the sandbox's merchants `m1` and `m2`, at least 32 characters.
pub const KEY: &str = "an-own-key-of-the-attacks-0123456789abcd";
/// Of the second account.
pub const KEY_2: &str = "the-other-key-of-the-attacks-9876543210";
/// Of the epay V1 account.
pub const EPAY_KEY: &str = "0123456789abcdef0123456789abcdef";
/// Who buys.
pub const BUYER: &str = "stranger@example.test";
/// What one unit costs, in minor units.
pub const PRICE: i64 = 1990;
/// The same as epay writes it.
pub const MONEY: &str = "19.90";
/// Enough for every test.
pub const CARDS: usize = 40;

/// The keys of the epay V2 account, made once.
pub struct Rsa {
    /// What the shop signs with.
    pub merchant: RsaPrivateKey,
    /// What the platform signs with.
    pub platform: RsaPrivateKey,
}

/// The keys of all V2 accounts of these tests.
pub fn rsa() -> &'static Rsa {
    static KEYS: OnceLock<Rsa> = OnceLock::new();
    KEYS.get_or_init(|| {
        let new = || RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        Rsa {
            merchant: new(),
            platform: new(),
        }
    })
}

/// A private key as PEM.
pub fn private_pem(key: &RsaPrivateKey) -> String {
    key.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string()
}

/// Its public key as PEM.
pub fn public_pem(key: &RsaPrivateKey) -> String {
    RsaPublicKey::from(key)
        .to_public_key_pem(LineEnding::LF)
        .expect("PEM")
}

/// Text of a card; no other text of the shop looks like it.
pub fn card(n: usize) -> String {
    format!("CARD-{n:04}-QXZJ-SECRET")
}

/// Fills the shop: `editor` with cards, sold through `alipay` (sandbox m1), `card` (sandbox m2),
/// `wechat` (epay V1) and `bank` (epay V2).
pub async fn stock_up(shop: &TestShop) -> Sandbox {
    let gateway = Sandbox::start().await;
    for merchant in [
        json!({"id": "m1", "key": KEY}),
        json!({"id": "m2", "key": KEY_2}),
        json!({"pid": "1001", "key": EPAY_KEY}),
        json!({"pid": "1002", "merchant_public_key": public_pem(&rsa().merchant),
            "platform_private_key": private_pem(&rsa().platform)}),
    ] {
        gateway.merchant(merchant).await;
    }
    let cards: String = (0..CARDS).map(|n| card(n) + "\n").collect();
    shop.write_file("cards.txt", cards);
    shop.apply(&[goods(""), accounts(&gateway)].concat()).await;
    // A running shop follows its configuration within a second; its pages show when.
    eventually(Duration::from_secs(30), || async {
        let page = shop.http().get("/p/editor").await;
        page.text().contains("value=\"bank\"")
    })
    .await;
    gateway
}

/// The shop and its product; `more` goes into the product's variant.
pub fn goods(more: &str) -> String {
    format!(
        r#"
[shop]
name = "测试店"
name_en = "Test shop"
currency = "CNY"

[[category]]
slug = "keys"
name = {{ zh = "密钥", en = "Keys" }}

[[product]]
slug = "editor"
category = "keys"
name = {{ zh = "编辑器", en = "Editor" }}
delivery = "card_pool"

[[product.field]]
key = "note"
label_zh = "备注"
label_en = "Note"
kind = "text"

[[product.variant]]
sku = "editor-1y"
price = {PRICE}
currency = "CNY"
{more}

[[cards]]
variant = "editor-1y"
file = "cards.txt"
"#
    )
}

/// The four accounts.
pub fn accounts(gateway: &Sandbox) -> String {
    let url = gateway.url();
    let account = |id: &str, kind: &str, method: &str, base: String, credentials: String| {
        format!(
            "\n[[channel_account]]\nid = \"{id}\"\nkind = \"{kind}\"\nstate = \"enabled\"\n\
             methods = [\"{method}\"]\nbase_url = \"{base}\"\n\
             [channel_account.credentials]\n{credentials}\n"
        )
    };
    let own = |merchant: &str, key: &str| format!("merchant = \"{merchant}\"\nkey = \"{key}\"");
    let v2 = format!(
        "version = \"v2\"\npid = \"1002\"\nmerchant_private_key = \"\"\"{}\"\"\"\n\
         platform_public_key = \"\"\"{}\"\"\"",
        private_pem(&rsa().merchant),
        public_pem(&rsa().platform)
    );
    let v1 = format!("version = \"v1\"\npid = \"1001\"\nkey = \"{EPAY_KEY}\"");
    [
        account("own-1", "sandbox", "alipay", url.clone(), own("m1", KEY)),
        account("own-2", "sandbox", "card", url.clone(), own("m2", KEY_2)),
        account("epay-1", "epay", "wechat", format!("{url}/epay"), v1),
        account("epay-2", "epay", "bank", format!("{url}/epay"), v2),
    ]
    .concat()
}

/// Places an order for one unit.
pub async fn buy(shop: &TestShop, method: &str) -> Placed {
    let variant = shop.variant("editor").await;
    let placed = shop.place(&variant, 1, BUYER, method).await;
    assert_eq!(
        (placed.state.as_str(), placed.amount),
        ("pending_payment", PRICE)
    );
    placed
}

/// Where the notices of an account arrive: an attacker may have learnt it.
pub fn callback(shop: &TestShop, account: &str) -> String {
    let token = format!("SELECT path_token FROM channel_account WHERE id = '{account}'");
    format!("/callback/{}", shop.scalar(&token).expect("an account"))
}

/// The number by which the channel knows the newest attempt of an order: it stands in the
/// address of the cashier page.
pub fn merchant_no(shop: &TestShop, placed: &Placed) -> String {
    let no = &placed.order_no;
    let query = format!(
        "SELECT merchant_no FROM attempt WHERE order_id = \
         (SELECT id FROM orders WHERE order_no = '{no}') ORDER BY n DESC LIMIT 1"
    );
    shop.scalar(&query).expect("an attempt")
}

/// How many rows a table has.
pub fn rows(shop: &TestShop, table: &str) -> i64 {
    let count = shop.scalar(&format!("SELECT count(*) FROM {table}"));
    count.expect("a number").parse().expect("a number")
}

/// Panics unless the order waits for its money and nothing was ever paid or handed out for it.
#[track_caller]
pub fn untouched(shop: &TestShop, placed: &Placed, after: &str) {
    let no = &placed.order_no;
    let value = |what: &str| shop.scalar(&what.replace("{no}", no)).unwrap_or_default();
    let id = "(SELECT id FROM orders WHERE order_no = '{no}')";
    let state = value("SELECT state FROM orders WHERE order_no = '{no}'");
    assert_eq!(state, "pending_payment", "after {after}");
    for table in ["receipt", "delivery"] {
        let count = value(&format!(
            "SELECT count(*) FROM {table} WHERE order_id = {id}"
        ));
        assert_eq!(count, "0", "a {table} after {after}");
    }
}

/// What the counter of this account's callbacks with this verdict shows.
pub async fn verdicts(shop: &TestShop, account: &str, verdict: &str) -> u64 {
    let text = shop.http().get("/metrics").await.expect(200).text();
    let labels = [
        format!("account=\"{account}\""),
        format!("verdict=\"{verdict}\""),
    ];
    text.lines()
        .filter(|line| line.starts_with("vendgate_callbacks_total{"))
        .filter(|line| labels.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
        .sum()
}

/// Unix seconds.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.expect("after 1970").as_secs()).expect("seconds")
}

/// Panics unless the answer is the failure literal of an epay account.
#[track_caller]
pub fn fails(reply: &Reply, what: &str) {
    assert_ne!(reply.text(), "success", "{what}");
    assert!(
        !reply.text().contains("\"ok\":true"),
        "{what}: {}",
        reply.text()
    );
}
