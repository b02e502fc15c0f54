//! Paying, as the requirements name it: by which way, until when, at whose price, and what is
//! kept of it.

use crate::attacks::forge::{Own, paid};
use crate::attacks::ground::{
    CARDS, KEY, KEY_2, PRICE, buy, callback, merchant_no, rows, stock_up, verdicts,
};
use crate::harness::{Placed, Reply, TestShop, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// A running shop acts on new settings within a second.
async fn apply(shop: &TestShop, toml: &str) {
    shop.apply(toml).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

async fn another(shop: &TestShop, order: &Placed, method: &str) -> Reply {
    let path = format!("/api/v1/orders/{}/attempts", order.order_no);
    let bearer = format!("Bearer {}", order.view_token);
    let headers = [("authorization", bearer.as_str())];
    shop.http()
        .post_json(&path, &headers, &json!({"method": method}))
        .await
}

on_both_engines!(
    /// R003: by online bank (网银), over epay V2, from the order to the goods.
    an_online_bank_pays,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "bank").await;
        let created = gateway.traffic(&merchant_no(&shop, &order)).await.to_string();
        assert!(created.contains("type=bank"), "{created}");
        gateway.pay(order.pay_url()).await;
        assert_eq!(shop.goods(&order).await.len(), 1);
        let account = shop.scalar("SELECT account_id FROM receipt");
        assert_eq!(account.as_deref(), Some("epay-2"));
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// R042: one number at two merchants is two payments; at the same merchant it is the same
    /// one, and pays no second order.
    one_trade_number_at_two_merchants,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        gateway.switch(json!({"query": "http_500"})).await;
        let first = buy(&shop, "alipay").await;
        let second = buy(&shop, "card").await;
        let third = buy(&shop, "alipay").await;
        let told = |order: &Placed, account: &str, merchant: &str, key: &str| {
            let body = paid(&merchant_no(&shop, order), "T-SAME", PRICE).to_string();
            Own {
                account: account.to_owned(),
                merchant: merchant.to_owned(),
                key: key.to_owned(),
                ..Own::with_body(&body)
            }
        };
        for _ in 0..2 {
            told(&first, "own-1", "m1", KEY).send(&shop).await.expect(200);
            told(&second, "own-2", "m2", KEY_2).send(&shop).await.expect(200);
            told(&third, "own-1", "m1", KEY).send(&shop).await.expect(400);
        }
        for order in [&first, &second] {
            assert_eq!(shop.goods(order).await.len(), 1);
        }
        assert_eq!(rows(&shop, "receipt WHERE channel_trade_no = 'T-SAME'"), 2);
        let third = shop.order(&third.order_no, &third.view_token).await;
        assert_eq!(third["state"], "pending_payment");
    }
);

on_both_engines!(
    /// R035: every notice is written down as it came, with its headers and what became of it;
    /// one that is too large is not taken at all.
    a_notice_is_kept_as_it_came,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let genuine = Own::of(&shop, &order, "T-KEPT");
        let forged = Own { signature: Some("0".repeat(64)), ..genuine.clone() };
        forged.send(&shop).await.expect(400);
        genuine.send(&shop).await.expect(200);
        let kept = |what: &str, verdict: &str| {
            let body = match shop.engine() {
                crate::harness::Engine::Sqlite => "CAST(body AS TEXT)",
                crate::harness::Engine::Postgres => "convert_from(body, 'UTF8')",
            };
            let what = what.replace("body", body);
            shop.scalar(&format!("SELECT {what} FROM notice WHERE verdict {verdict}"))
        };
        for (verdict, check) in [("= 'refused'", Some("signature")), ("<> 'refused'", None)] {
            assert_eq!(kept("count(*)", verdict).as_deref(), Some("1"), "{verdict}");
            assert_eq!(kept("body", verdict).as_deref(), Some(genuine.body.as_str()));
            assert_eq!(kept("verb", verdict).as_deref(), Some("POST"));
            assert_eq!(kept("failed_check", verdict).as_deref(), check);
            let headers = kept("headers", verdict).expect("headers");
            assert!(headers.contains("x-sandbox-timestamp"), "{headers}");
            assert!(headers.contains(&genuine.nonce), "{headers}");
        }
        let huge = Own { body: format!("{{\"event\":\"{}\"}}", "x".repeat(256 * 1024)), ..genuine };
        let refused = huge.send(&shop).await;
        assert!((400..500).contains(&refused.status), "{}", refused.status);
        assert_eq!(rows(&shop, "notice WHERE verdict <> 'refused'"), 1);
        assert_eq!(shop.goods(&order).await.len(), 1);
    }
);

fn moment(value: &Value) -> i64 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no time"));
    let at = chrono::DateTime::parse_from_rfc3339(text).expect("RFC 3339");
    at.timestamp_millis()
}

on_both_engines!(
    /// R050, R051: the order's deadline and the attempt's are both told, and whoever clicks in the
    /// last minute gets what is left of it, not a quarter of an hour.
    both_deadlines_end_together,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let seen = shop.order(&order.order_no, &order.view_token).await;
        let deadline = moment(&seen["expires_at"]);
        let left = deadline - shop.now_ms();
        assert!((14 * 60_000..=15 * 60_000).contains(&left), "{left} ms");
        assert_eq!(moment(&seen["attempts"][0]["expires_at"]), deadline);
        shop.advance_clock(Duration::from_secs(14 * 60));
        let late = another(&shop, &order, "card").await.expect(201).json();
        assert_eq!(moment(&late["attempts"][1]["expires_at"]), deadline);
        assert_eq!(moment(&late["expires_at"]), deadline, "the order's has not moved");
        let asked = gateway.traffic(&merchant_no(&shop, &order)).await;
        let rows = asked["log"].as_array().expect("a log");
        let create = rows.iter().find(|row| row["kind"] == "create").expect("a create");
        let body = create["body"].as_str().expect("a body");
        let until = Value::from(body.split("\"expires_at\":").nth(1).unwrap_or_default());
        let digits: String = until.as_str().unwrap_or_default().chars()
            .take_while(char::is_ascii_digit).collect();
        let until: i64 = digits.parse().unwrap_or_else(|_| panic!("{body}"));
        assert!(until - shop.now_ms() <= 60_000, "{until}");
        assert!((until - deadline).abs() < 1_000, "{until} and {deadline}");
        // And afterwards nothing is opened at all.
        shop.advance_clock(Duration::from_secs(2 * 60));
        assert_eq!(another(&shop, &order, "wechat").await.status, 409);
    }
);

on_both_engines!(
    /// X18, R033: the price is frozen when the order is placed; who pays a later one pays that.
    /// One unit less is in stock, exactly.
    the_price_is_frozen_with_the_order,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let cheap = buy(&shop, "alipay").await;
        apply(&shop, "[[product]]\nslug = \"editor\"\n[[product.variant]]\nsku = \"editor-1y\"\nprice = 9900\n").await;
        shop.advance_clock(Duration::from_secs(4 * 60));
        let again = another(&shop, &cheap, "card").await.expect(201).json();
        assert_eq!((&again["amount"], &again["attempts"][1]["amount"]), (&json!(PRICE), &json!(PRICE)));
        gateway.pay(cheap.pay_url()).await;
        assert_eq!(shop.goods(&cheap).await.len(), 1);
        let variant = shop.variant("editor").await;
        let dear = shop.place(&variant, 1, "later@example.test", "alipay").await;
        assert_eq!(dear.amount, 9_900);
        let left = i64::try_from(CARDS).expect("few") - 1;
        assert_eq!(rows(&shop, "card WHERE state <> 'delivered'"), left);
        // What was placed for less is not paid by less than it was placed for.
        let short = paid(&merchant_no(&shop, &dear), "T-SHORT", PRICE).to_string();
        Own::with_body(&short).send(&shop).await.expect(400);
        assert_eq!(verdicts(&shop, "own-1", "amount").await, 1);
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// R129, the shop's half of it: an account that is closed takes no new order, which goes to
    /// the next one in the same click; what it had been asked for before still counts.
    a_closed_account_stops_no_sale,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let before = buy(&shop, "alipay").await;
        apply(&shop, "[[channel_account]]\nid = \"own-2\"\nmethods = [\"card\", \"alipay\"]\n\
            [[channel_account]]\nid = \"own-1\"\nstate = \"draining\"\n").await;
        let after = buy(&shop, "alipay").await;
        let account = |order: &Placed| {
            let no = merchant_no(&shop, order);
            shop.scalar(&format!("SELECT account_id FROM attempt WHERE merchant_no = '{no}'"))
        };
        assert_eq!(account(&before).as_deref(), Some("own-1"));
        assert_eq!(account(&after).as_deref(), Some("own-2"));
        for order in [&before, &after] {
            gateway.pay(order.pay_url()).await;
            assert_eq!(shop.goods(order).await.len(), 1);
        }
        apply(&shop, "[[channel_account]]\nid = \"own-2\"\nstate = \"off\"\n").await;
        let variant = shop.variant("editor").await;
        let body = json!({"variant": variant, "quantity": 1, "email": "x@example.test",
            "method": "alipay", "locale": "en", "fields": {}});
        let nobody = shop.try_place(&body).await;
        let told = nobody.json();
        assert!(nobody.status >= 400 || told["failure"]["text"].is_string(), "{told}");
        let path = callback(&shop, "own-2");
        eventually(Duration::from_secs(30), || async {
            shop.http().send("POST", &path, &[("content-type", "application/json")], b"{}").await.status >= 400
        })
        .await;
    }
);
