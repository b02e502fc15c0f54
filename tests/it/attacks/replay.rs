//! Genuine words again: of yesterday, for another order, after the money went back.

use super::forge::{Own, genuine_v2, paid, send, signed_v2, with};
use super::ground::{buy, fails, merchant_no, now, rows, rsa, stock_up, untouched, verdicts};
use crate::harness::{Placed, TestShop, on_both_engines};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

fn of_order(shop: &TestShop, order: &Placed, what: &str) -> String {
    let no = &order.order_no;
    let query = format!("SELECT {what} FROM orders WHERE order_no = '{no}'");
    shop.scalar(&query).unwrap_or_default()
}

on_both_engines!(
    /// X10: "I keep a genuine notice and send it again", for the same order forty times at once:
    /// forty times success and one delivery; for another order: refused, with a critical alert
    /// and no goods. Seen to fail without the `TradeNoTaken` branch (`known` in
    /// payment/settle.rs) and without the unique number of receipts.
    a_replay_pays_nothing_twice,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        gateway.pay(order.pay_url()).await;
        let goods = shop.goods(&order).await;
        let trade_no = shop.scalar("SELECT channel_trade_no FROM receipt").expect("a receipt");
        let again = Own::of(&shop, &order, &trade_no);
        let books = ["receipt", "delivery", "journal", "refund", "money_case"];
        let before = books.map(|table| rows(&shop, table));
        for reply in join_all((0..40).map(|_| again.send(&shop))).await {
            assert_eq!(reply.expect(200).text(), "{\"ok\":true}");
        }
        assert_eq!(books.map(|table| rows(&shop, table)), before);
        assert_eq!(shop.goods(&order).await, goods);
        assert_eq!(shop.smtp().mails_to(super::ground::BUYER).len(), 1);

        let other = buy(&shop, "alipay").await;
        let body = paid(&merchant_no(&shop, &other), &trade_no, other.amount).to_string();
        let stolen = Own { body, ..again.clone() };
        for _ in 0..3 {
            fails(&stolen.send(&shop).await.expect(400), "another order's payment");
        }
        assert_eq!(verdicts(&shop, "own-1", "trade_no").await, 3);
        untouched(&shop, &other, "another order's payment");
        let alerts = "SELECT count(*) FROM alert WHERE kind = 'trade_no_taken'";
        assert_eq!(shop.scalar(alerts).as_deref(), Some("1"));
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// X10: "My money came back; now I send the old notice once more." Success to the gateway,
    /// nothing else: the order stays refunded.
    a_refunded_order_stays_refunded,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        shop.apply("[shop]\nminutes_to_pay = 1\nlate_money = \"refund\"\n").await;
        // Opening an attempt reads the new configuration, and the next order has it.
        buy(&shop, "alipay").await;
        let order = buy(&shop, "alipay").await;
        // Less than the five minutes by which the gateway's clock may differ.
        shop.advance_clock(Duration::from_secs(90));
        shop.order_in(&order, "expired").await;
        let no = merchant_no(&shop, &order);
        gateway.control("pay", json!({"merchant_no": no, "late": true})).await;
        shop.order_in(&order, "refunded").await;
        let trade_no = shop.scalar("SELECT channel_trade_no FROM receipt").expect("a receipt");
        let books = ["receipt", "delivery", "journal", "refund"];
        let before = books.map(|table| rows(&shop, table));
        for _ in 0..5 {
            let again = Own {
                at: now() + 90,
                ..Own::of(&shop, &order, &trade_no)
            };
            again.send(&shop).await.expect(200);
        }
        assert_eq!(of_order(&shop, &order, "state"), "refunded");
        assert_eq!(books.map(|table| rows(&shop, table)), before);
        assert_eq!(rows(&shop, "delivery"), 0);
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// X14: "I kept a genuine notice for a rainy day", or made its time up. More than 300 s away
    /// either way is refused at the freshness and only asked about. Seen to fail without
    /// `if !is_fresh` of sandbox/notice.rs and `&& !is_fresh` of epay/notice.rs.
    stale_notices_are_refused,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let before = verdicts(&shop, "own-1", "freshness").await;
        for away in [-301, -3_600, -86_400, 303, 3_600, i64::MAX / 2_000_000] {
            let stale = Own {
                at: now() + away,
                ..Own::of(&shop, &order, "T-1")
            };
            fails(&stale.send(&shop).await.expect(400), "a stale notice");
        }
        assert_eq!(verdicts(&shop, "own-1", "freshness").await, before + 6);
        untouched(&shop, &order, "stale notices");
        // It is asked about, for dropping it could drop money.
        let asked = gateway.traffic(&merchant_no(&shop, &order)).await;
        let log = asked["log"].as_array().cloned().unwrap_or_default();
        assert!(log.iter().all(|row| row["kind"] != "press"), "nobody paid: {asked}");
        let fresh = Own {
            at: now() - 240,
            ..Own::of(&shop, &order, "T-1")
        };
        fresh.send(&shop).await.expect(200);
        shop.order_in(&order, "delivered").await;

        let order = buy(&shop, "bank").await;
        let full = genuine_v2(&shop, &order);
        let times = [now() - 301, now() + 303, 0, now() * 1_000];
        let times = times.map(|at| at.to_string());
        let words = ["", "-1", "now", "1e9"].map(str::to_owned);
        let before = verdicts(&shop, "epay-2", "freshness").await;
        for at in times.iter().chain(&words) {
            let stale = signed_v2(with(full.clone(), "timestamp", at), &rsa().platform);
            assert_eq!(send(&shop, "epay-2", &stale).await.text(), "fail", "{at}");
        }
        assert_eq!(verdicts(&shop, "epay-2", "freshness").await, before + 8);
        untouched(&shop, &order, "stale notices");
    }
);
