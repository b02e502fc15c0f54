//! Buying through WeChat Pay itself, against a double of it.

mod console;
mod double;
mod paper;

use crate::attacks::ground::{BUYER, CARDS, PRICE, callback, card, goods, merchant_no, rows};
use crate::harness::{Placed, Reply, TestShop, eventually, on_both_engines};
use double::{Double, Notice};
use paper::{SERIAL, keys, signed_by};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// A shop that sells `editor` through WeChat Pay.
async fn open(shop: &TestShop) -> Double {
    open_with(shop, CARDS).await
}

async fn open_with(shop: &TestShop, cards: usize) -> Double {
    let double = Double::start().await;
    let cards: String = (0..cards).map(|n| card(n) + "\n").collect();
    shop.write_file("cards.txt", cards);
    shop.apply(&[goods(""), double.account()].concat()).await;
    eventually(SOON, || async {
        let page = shop.http().get("/p/editor").await;
        page.text().contains("value=\"wechat\"")
    })
    .await;
    double
}

async fn buy(shop: &TestShop) -> Placed {
    let variant = shop.variant("editor").await;
    shop.place(&variant, 1, BUYER, "wechat").await
}

async fn send(shop: &TestShop, notice: &Notice) -> Reply {
    let headers: Vec<(&str, &str)> = notice
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let path = callback(shop, "wechat-main");
    let body = notice.body.as_bytes();
    shop.http().send("POST", &path, &headers, body).await
}

fn ahead(shop: &TestShop, double: &Double, by: Duration) {
    shop.advance_clock(by);
    double.follow(shop);
}

on_both_engines!(
    /// R002: from the code on the page to the goods, once, however often WeChat Pay tells it;
    /// what others tell pays nothing.
    wechat_pay_sells,
    |shop| async move {
        let double = open(&shop).await;
        let order = buy(&shop).await;
        let no = merchant_no(&shop, &order);
        let pay = order.pay.as_ref().expect("a way to pay");
        assert_eq!((pay.kind.as_str(), pay.url.as_deref()), ("qr", None));
        assert_eq!(pay.qr.as_deref(), Some(format!("weixin://wxpay/bizpayurl?pr={no}").as_str()));

        double.pay(&no);
        let genuine = double.paid_notice(&no);
        let at = shop.now_ms() / 1_000;
        let forged = Notice {
            headers: signed_by(&keys().merchant, SERIAL, at, genuine.body.as_bytes()),
            ..genuine.clone()
        };
        let mut probe = genuine.clone();
        for (name, value) in &mut probe.headers {
            if name == "Wechatpay-Signature" {
                *value = format!("WECHATPAY/SIGNTEST/{value}");
            }
        }
        for wrong in [&forged, &probe] {
            let refused = send(&shop, wrong).await.expect(400).json();
            assert_eq!(refused["code"], "FAIL");
        }
        // A kind of event nobody here waits for is heard and moves nothing.
        let other = double.notice("COUPON.USE", "coupon", &json!({}));
        assert!(send(&shop, &other).await.expect(204).body.is_empty());
        assert_eq!(rows(&shop, "receipt"), 0);

        for _ in 0..3 {
            assert!(send(&shop, &genuine).await.expect(204).body.is_empty());
        }
        assert_eq!(shop.goods(&order).await.len(), 1);
        assert_eq!(rows(&shop, &format!("receipt WHERE amount = {PRICE}")), 1);
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// F27: an answer that was lost is asked about, and the very bytes of the first call are
    /// sent again; WeChat Pay refuses any others under one number.
    a_lost_create_answer_repeats_its_bytes,
    |shop| async move {
        let double = open(&shop).await;
        double.lose(1);
        let order = buy(&shop).await;
        assert_eq!(order.pay.as_ref().map(|pay| pay.kind.as_str()), Some("qr"));
        assert_eq!(double.calls("POST /v3/pay/transactions/native"), 2);
        let bodies = double.bodies();
        let created: Vec<&String> = bodies.iter().filter(|b| b.contains("time_expire")).collect();
        assert_eq!(created[0], created[1]);
        assert_eq!(rows(&shop, "attempt WHERE state = 'created'"), 1);
    }
);

on_both_engines!(
    /// A poll finds money that no notice told of; an order nobody paid is closed at the channel.
    polls_find_money_and_ends_are_closed,
    |shop| async move {
        let double = open(&shop).await;
        let (paid, unpaid) = (buy(&shop).await, buy(&shop).await);
        let no = merchant_no(&shop, &paid);
        double.pay(&no);
        assert_eq!(shop.goods(&paid).await.len(), 1);
        ahead(&shop, &double, Duration::from_secs(16 * 60));
        shop.order_in(&unpaid, "expired").await;
        assert_eq!(double.state(&merchant_no(&shop, &unpaid)), "CLOSED");
        assert_eq!(rows(&shop, "attempt WHERE state = 'closed'"), 1);
    }
);

on_both_engines!(
    /// WeChat Pay changes its certificate: the first notice it signs makes the shop ask for it;
    /// a serial that nobody has makes it ask no more than once a minute.
    a_new_certificate_is_learned_at_once,
    |shop| async move {
        let double = open(&shop).await;
        let order = buy(&shop).await;
        let no = merchant_no(&shop, &order);
        double.rotate();
        ahead(&shop, &double, Duration::from_secs(61));
        double.pay(&no);
        send(&shop, &double.paid_notice(&no)).await.expect(204);
        assert_eq!(shop.goods(&order).await.len(), 1);
        let asked = double.calls("GET /v3/certificates");
        assert!(asked >= 1);
        for serial in ["7B7B7B7B7B7B7B7B", "8C8C8C8C8C8C8C8C"] {
            let genuine = double.paid_notice(&no);
            let at = shop.now_ms() / 1_000;
            let forged = Notice {
                headers: signed_by(&keys().merchant, serial, at, genuine.body.as_bytes()),
                ..genuine
            };
            send(&shop, &forged).await.expect(400);
        }
        assert_eq!(double.calls("GET /v3/certificates"), asked);
    }
);

on_both_engines!(
    /// R044: a refund that WeChat Pay works on is asked about as soon as a notice tells of it, and
    /// never sent twice.
    a_refund_notice_hastens_its_question,
    |shop| async move {
        let double = open_with(&shop, 1).await;
        let late = buy(&shop).await;
        ahead(&shop, &double, Duration::from_secs(16 * 60));
        shop.order_in(&late, "expired").await;
        let quick = buy(&shop).await;
        // The second has the only goods: the money of the first goes back.
        for order in [&quick, &late] {
            let no = merchant_no(&shop, order);
            double.pay(&no);
            send(&shop, &double.paid_notice(&no)).await.expect(204);
        }
        assert_eq!(shop.goods(&quick).await.len(), 1);
        let pending = "refund WHERE state = 'pending' AND tries";
        eventually(SOON, || async { rows(&shop, &format!("{pending} >= 1")) == 1 }).await;
        // Far enough that the next question is minutes away.
        for tries in 2..=3 {
            ahead(&shop, &double, Duration::from_secs(40));
            eventually(SOON, || async { rows(&shop, &format!("{pending} >= {tries}")) == 1 }).await;
        }
        double.refunded();
        assert_eq!(rows(&shop, "refund WHERE state = 'done'"), 0);
        send(&shop, &double.refund_notice()).await.expect(204);
        eventually(SOON, || async { rows(&shop, "refund WHERE state = 'done'") == 1 }).await;
        let sent = double.calls("POST /v3/refund/domestic/refunds");
        assert_eq!(sent, 1, "one number, sent once");
        let told = double.bodies().into_iter().find(|body| body.contains("out_refund_no"));
        let told = told.expect("a refund");
        assert!(told.contains(&callback(&shop, "wechat-main")), "{told}");
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);
