//! Authentic notices that name no attempt of their account: nothing leaves for them, and money
//! the channel confirms is not lost.

use super::forge::{Fields, query, send, signed_v1, v1_fields, with};
use super::ground::{EPAY_KEY, buy, callback, rows, stock_up, untouched, verdicts};
use crate::harness::{eventually, on_both_engines};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

on_both_engines!(
    /// Check 7: a payment that this shop never asked for, made at its own merchant account. It is
    /// refused as a notice, confirmed by asking, booked as unmatched, and delivers nothing. Fails
    /// when `stray::remember` is not called.
    money_for_nobody_is_booked_once,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "wechat").await;
        let notify = format!("{}{}", shop.url(), callback(&shop, "epay-1"));
        let fields: Fields = [
            ("pid", "1001"),
            ("type", "wxpay"),
            ("out_trade_no", "ELSEWHERE-1"),
            ("notify_url", notify.as_str()),
            ("return_url", "http://127.0.0.1/"),
            ("name", "order"),
            ("money", "19.90"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let path = format!("/epay/submit.php?{}", query(&signed_v1(fields, EPAY_KEY)));
        let page = gateway.http().get(&path).await;
        assert!(page.status < 400, "{}", page.text());
        gateway.pay_at_once("ELSEWHERE-1").await;
        eventually(SOON, || async { rows(&shop, "receipt") == 1 }).await;
        gateway.notify_again("ELSEWHERE-1", 5).await;

        let kind = "SELECT kind || '/' || source || '/' || amount FROM receipt";
        assert_eq!(shop.scalar(kind).as_deref(), Some("unmatched/query/1990"));
        eventually(SOON, || async { rows(&shop, "stray") == 0 }).await;
        assert_eq!(rows(&shop, "receipt"), 1);
        assert_eq!(rows(&shop, "money_case WHERE kind = 'unmatched'"), 1);
        assert_eq!(rows(&shop, "journal WHERE template = 'J56'"), 1);
        untouched(&shop, &order, "money for nobody");
        eventually(SOON, || async { rows(&shop, "unsealed") == 0 }).await;
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// The same words without the money: the channel is asked, and nothing is booked. A key that
    /// leaked fills no table: ten a minute are remembered.
    words_for_nobody_are_forgotten,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let before = verdicts(&shop, "epay-1", "attempt").await;
        for n in 0..40 {
            let forged = v1_fields(&format!("NOWHERE-{n}"), &format!("T-{n}"));
            let reply = send(&shop, "epay-1", &signed_v1(forged, EPAY_KEY)).await;
            assert_eq!(reply.text(), "fail");
        }
        assert_eq!(verdicts(&shop, "epay-1", "attempt").await, before + 40);
        assert!(rows(&shop, "stray") <= 20, "two minutes at most");
        eventually(SOON, || async {
            let asked = gateway.traffic("NOWHERE-0").await;
            asked["log"].as_array().is_some_and(|log| log.iter().any(|r| r["kind"] == "query"))
        })
        .await;
        // A forged signature is not even remembered.
        let strays = rows(&shop, "stray");
        let unsigned = with(v1_fields("NOWHERE-99", "T-99"), "sign", "00");
        send(&shop, "epay-1", &unsigned).await;
        assert_eq!(rows(&shop, "stray"), strays);
        // A day later the questions end.
        eventually(SOON, || async {
            shop.advance_clock(Duration::from_secs(1_800));
            rows(&shop, "stray") == 0
        })
        .await;
        assert_eq!(rows(&shop, "receipt"), 0);
        assert_eq!(rows(&shop, "money_case"), 0);
    }
);
