//! Alipay from outside: its page pay needs no gateway to begin, so a notice that its key signed
//! is all that stands between a buyer and the goods.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::attacks::forge::{Fields, query, sha256_rsa, with};
use crate::attacks::ground::{goods, merchant_no, private_pem, public_pem, rsa, untouched};
use crate::harness::{Placed, Reply, TestShop, eventually, free_port, on_both_engines};

const APP_ID: &str = "2021000000000001";
const SELLER: &str = "2088000000000001";

/// A shop that sells `editor` through Alipay alone, whose gateway answers nothing.
async fn stock_up(shop: &TestShop) -> String {
    let gateway = format!("http://127.0.0.1:{}/gateway.do", free_port());
    shop.write_file("cards.txt", "CARD-1\nCARD-2\nCARD-3\n");
    let account = format!(
        "\n[[channel_account]]\nid = \"alipay-1\"\nkind = \"alipay\"\nstate = \"enabled\"\n\
         methods = [\"alipay\"]\nbase_url = \"{gateway}\"\n[channel_account.credentials]\n\
         app_id = \"{APP_ID}\"\nseller_id = \"{SELLER}\"\n\
         app_private_key = \"\"\"{}\"\"\"\nalipay_public_key = \"\"\"{}\"\"\"\n",
        private_pem(&rsa().merchant),
        public_pem(&rsa().platform),
    );
    shop.apply(&[goods(""), account].concat()).await;
    eventually(Duration::from_secs(30), || async {
        let page = shop.http().get("/p/editor").await;
        page.text().contains("value=\"alipay\"")
    })
    .await;
    gateway
}

async fn buy(shop: &TestShop) -> Placed {
    let variant = shop.variant("editor").await;
    shop.place(&variant, 1, "stranger@example.test", "alipay")
        .await
}

/// What a notice says of an order that was paid, unsigned.
fn paid(shop: &TestShop, placed: &Placed, trade_no: &str) -> Fields {
    let no = merchant_no(shop, placed);
    let fields = [
        ("notify_type", "trade_status_sync"),
        ("notify_id", "2026112001222100022000777"),
        ("app_id", APP_ID),
        ("seller_id", SELLER),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("trade_no", trade_no),
        ("out_trade_no", &no),
        ("subject", "编辑器 × 1"),
        ("body", ""),
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "19.90"),
        ("gmt_payment", "2026-11-20 10:00:21"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    fields.into_iter().map(owned).collect()
}

/// As Alipay signs it: RSA2 over what is not empty.
fn signed(fields: Fields) -> Fields {
    let text = crate::attacks::forge::canonical(&fields);
    let sign = sha256_rsa(&text, &rsa().platform);
    with(with(fields, "sign", &sign), "sign_type", "RSA2")
}

/// Posts a notice where the link told Alipay to send it.
async fn tell(shop: &TestShop, placed: &Placed, fields: &Fields) -> Reply {
    let link = link_of(placed);
    let (_, path) = link["notify_url"]
        .rsplit_once("/callback/")
        .expect("our callback");
    let form: Vec<(String, String)> = fields.clone().into_iter().collect();
    shop.http()
        .post_form(&format!("/callback/{path}"), &form)
        .await
}

fn link_of(placed: &Placed) -> BTreeMap<String, String> {
    let url = url::Url::parse(placed.pay_url()).expect("a link");
    url.query_pairs().into_owned().collect()
}

// R034, X01, X08, X10: forged notices move nothing, the right one delivers, repeats and refunds
// deliver nothing more.
on_both_engines!(
    a_notice_of_alipay_brings_the_goods_once,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let placed = buy(&shop).await;
        assert!(
            placed.pay_url().starts_with(&format!("{gateway}?")),
            "{}",
            placed.pay_url()
        );
        let content: Value = serde_json::from_str(&link_of(&placed)["biz_content"]).expect("JSON");
        assert_eq!(content["out_trade_no"], json!(merchant_no(&shop, &placed)));
        assert_eq!(content["total_amount"], json!("19.90"));

        let right = signed(paid(&shop, &placed, "T1"));
        for (what, forged) in [
            ("unsigned", paid(&shop, &placed, "T1")),
            (
                "another amount",
                with(right.clone(), "total_amount", "0.01"),
            ),
            ("a weaker type", with(right.clone(), "sign_type", "RSA")),
            (
                "another merchant",
                signed(with(
                    paid(&shop, &placed, "T1"),
                    "app_id",
                    "2021000000009999",
                )),
            ),
            (
                "less, signed",
                signed(with(paid(&shop, &placed, "T1"), "total_amount", "0.01")),
            ),
            (
                "a stranger's order",
                signed(with(paid(&shop, &placed, "T1"), "out_trade_no", "VG0")),
            ),
        ] {
            assert_eq!(tell(&shop, &placed, &forged).await.text(), "fail", "{what}");
            untouched(&shop, &placed, what);
        }
        let path = format!("/callback/x?{}", query(&right));
        assert_eq!(shop.http().get(&path).await.status, 404, "no such account");

        assert_eq!(tell(&shop, &placed, &right).await.text(), "success");
        assert_eq!(shop.goods(&placed).await.len(), 1);
        let more = |name: &str, value: &str| signed(with(paid(&shop, &placed, "T1"), name, value));
        for (what, again) in [
            ("a repeat", right.clone()),
            ("finished", more("trade_status", "TRADE_FINISHED")),
            ("partly refunded", more("refund_fee", "3.00")),
            (
                "wholly refunded",
                signed(with(
                    with(paid(&shop, &placed, "T1"), "refund_fee", "19.90"),
                    "trade_status",
                    "TRADE_CLOSED",
                )),
            ),
        ] {
            assert_eq!(
                tell(&shop, &placed, &again).await.text(),
                "success",
                "{what}"
            );
        }
        let count = |table: &str| shop.scalar(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(count("receipt").as_deref(), Some("1"));
        assert_eq!(count("delivery").as_deref(), Some("1"));
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

// The first that is heard of a payment is that part of it went back: a person decides.
on_both_engines!(money_that_went_back_delivers_nothing, |shop| async move {
    stock_up(&shop).await;
    let placed = buy(&shop).await;
    let back = signed(with(paid(&shop, &placed, "T2"), "refund_fee", "3.00"));
    assert_eq!(tell(&shop, &placed, &back).await.text(), "success");
    let count = |table: &str| shop.scalar(&format!("SELECT count(*) FROM {table}"));
    assert_eq!(count("receipt").as_deref(), Some("1"));
    assert_eq!(count("delivery").as_deref(), Some("0"));
    let kind = shop.scalar("SELECT kind FROM receipt");
    assert_eq!(kind.as_deref(), Some("unmatched"));
    shop.cli(&["ledger", "verify"]).await.ok();
});
