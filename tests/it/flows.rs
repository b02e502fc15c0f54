//! The walk of an order, from outside: place, pay at the gateway's page, have
//! the goods. The same stories on SQLite and on PostgreSQL with Redis.

use crate::harness::{Outcome, Placed, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// At least 32 characters, as the gateway asks.
const KEY: &str = "an-own-key-of-the-flows-0123456789abcdef";
const EPAY_KEY: &str = "0123456789abcdef0123456789abcdef";
const BUYER: &str = "stranger@example.test";

/// A shop with one product of ten cards, and a gateway with two accounts: the
/// sandbox's own protocol serves `alipay`, epay V1 serves `wechat`.
async fn stock_up(shop: &TestShop) -> Sandbox {
    let gateway = Sandbox::start().await;
    gateway.merchant(json!({"id": "m1", "key": KEY})).await;
    gateway
        .merchant(json!({"pid": "1001", "key": EPAY_KEY}))
        .await;
    let cards: String = (0..10).map(|n| format!("CARD-{n:04}-SECRET\n")).collect();
    shop.write_file("cards.txt", cards);
    shop.apply(&goods_and_accounts(&gateway)).await;
    gateway
}

fn goods_and_accounts(gateway: &Sandbox) -> String {
    let url = gateway.url();
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

[[product.variant]]
sku = "editor-1y"
price = 1990
currency = "CNY"

[[cards]]
variant = "editor-1y"
file = "cards.txt"

[[channel_account]]
id = "sandbox-1"
kind = "sandbox"
state = "enabled"
methods = ["alipay"]
base_url = "{url}"
priority = 1
[channel_account.credentials]
merchant = "m1"
key = "{KEY}"

[[channel_account]]
id = "epay-1"
kind = "epay"
state = "enabled"
methods = ["wechat"]
base_url = "{url}/epay"
priority = 2
[channel_account.credentials]
version = "v1"
pid = "1001"
key = "{EPAY_KEY}"
"#
    )
}

async fn buy(shop: &TestShop, quantity: u32, method: &str) -> Placed {
    let variant = shop.variant("editor").await;
    let placed = shop.place(&variant, quantity, BUYER, method).await;
    assert_eq!(placed.state, "pending_payment");
    assert_eq!(
        (placed.amount, placed.currency.as_str()),
        (1990 * i64::from(quantity), "CNY")
    );
    placed
}

async fn available(shop: &TestShop) -> Value {
    let list = shop.http().get("/api/v1/products").await.expect(200).json();
    list["products"][0]["variants"][0]["available"].clone()
}

on_both_engines!(a_stranger_buys_and_has_the_goods, |shop| async move {
    let gateway = stock_up(&shop).await;
    let placed = buy(&shop, 2, "alipay").await;
    assert_eq!(available(&shop).await, json!(8), "two are reserved");
    let before = shop.order(&placed.order_no, &placed.view_token).await;
    assert!(
        before.get("goods").is_none_or(Value::is_null),
        "nothing before the money"
    );

    gateway.pay(placed.pay_url()).await;
    let goods = shop.goods(&placed).await;
    assert_eq!(goods.len(), 2);
    assert_ne!(goods[0], goods[1]);
    assert!(
        goods
            .iter()
            .all(|card| card.starts_with("CARD-") && card.ends_with("-SECRET"))
    );

    let mail = shop.smtp().first_mail_to(BUYER).await;
    for card in &goods {
        assert!(mail.text().contains(card), "the mail carries {card}");
    }
    shop.cli(&["ledger", "verify"]).await.ok();
});

on_both_engines!(epay_v1_sells_the_same_goods, |shop| async move {
    let gateway = stock_up(&shop).await;
    let placed = buy(&shop, 1, "wechat").await;
    gateway.pay(placed.pay_url()).await;
    assert_eq!(shop.goods(&placed).await.len(), 1);
});

on_both_engines!(the_goods_come_without_any_callback, |shop| async move {
    let gateway = stock_up(&shop).await;
    gateway.switch(json!({"callback": "none"})).await;
    let placed = buy(&shop, 1, "alipay").await;
    gateway.pay(placed.pay_url()).await;
    assert_eq!(shop.goods(&placed).await.len(), 1);
});

on_both_engines!(a_declined_payment_can_be_tried_again, |shop| async move {
    let gateway = stock_up(&shop).await;
    let placed = buy(&shop, 1, "alipay").await;
    gateway.press(placed.pay_url(), Outcome::Decline).await;
    let path = format!("/api/v1/orders/{}/attempts", placed.order_no);
    let bearer = format!("Bearer {}", placed.view_token);
    let again = shop
        .http()
        .post_json(
            &path,
            &[("authorization", &bearer)],
            &json!({"method": "wechat"}),
        )
        .await;
    assert!((200..300).contains(&again.status), "{}", again.text());
    let again = again.json();
    gateway
        .pay(again["pay"]["url"].as_str().expect("a page to pay at"))
        .await;
    assert_eq!(shop.goods(&placed).await.len(), 1);
});

on_both_engines!(a_cancelled_order_gives_its_cards_back, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let placed = buy(&shop, 3, "alipay").await;
    let path = format!("/api/v1/orders/{}/cancel", placed.order_no);
    let bearer = format!("Bearer {}", placed.view_token);
    let answer = shop
        .http()
        .post_json(&path, &[("authorization", &bearer)], &json!({}))
        .await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    shop.order_in(&placed, "cancelled").await;
    assert_eq!(available(&shop).await, json!(10));
});

on_both_engines!(an_unpaid_order_expires, |shop| async move {
    let _gateway = stock_up(&shop).await;
    let placed = buy(&shop, 1, "alipay").await;
    shop.advance_clock(Duration::from_secs(2 * 60 * 60));
    shop.order_in(&placed, "expired").await;
    eventually(Duration::from_secs(30), || async {
        available(&shop).await == json!(10)
    })
    .await;
});

on_both_engines!(
    a_wrong_token_and_no_order_look_the_same,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let placed = buy(&shop, 1, "alipay").await;
        let wrong = shop
            .try_order(&placed.order_no, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
            .await
            .expect(404);
        let none = shop
            .try_order("2222-2222-2222", &placed.view_token)
            .await
            .expect(404);
        assert_eq!(wrong.text(), none.text());
    }
);

on_both_engines!(what_was_sold_survives_a_kill, |shop| async move {
    let gateway = stock_up(&shop).await;
    let placed = buy(&shop, 1, "alipay").await;
    gateway.pay(placed.pay_url()).await;
    let goods = shop.goods(&placed).await;
    shop.kill9();
    shop.start().await;
    assert_eq!(shop.goods(&placed).await, goods);
    shop.cli(&["ledger", "verify"]).await.ok();
    shop.stop();
});

on_both_engines!(
    applying_the_same_file_twice_changes_nothing,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        shop.apply(&goods_and_accounts(&gateway)).await;
        assert_eq!(available(&shop).await, json!(10));
        let refused = shop.try_apply("[shop]\nnmae = \"typo\"\n").await.refused();
        assert!(
            refused.contains("nmae"),
            "the refusal names the key: {refused}"
        );
    }
);
