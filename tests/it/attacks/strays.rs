//! Authentic notices that name no attempt of their account: nothing leaves for them, and money
//! the channel confirms is not lost.

use super::forge::{Fields, genuine_v1, query, send, signed_v1, v1_fields, with};
use super::ground::{EPAY_KEY, buy, callback, merchant_no, rows, stock_up, untouched, verdicts};
use crate::harness::{Sandbox, eventually, on_both_engines};
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
        eventually(SOON, || async { asked_about(&gateway, "NOWHERE-0").await > 0 }).await;
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

on_both_engines!(
    /// Two accounts of one merchant: a notice that comes by the other's path is asked about, and
    /// the money, which is booked where it was asked for, is not booked again. Fails when
    /// `take_in` of `payment/stray.rs` does not look at the attempt of that number.
    money_seen_by_two_accounts_is_booked_once,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "wechat").await;
        gateway.pay(order.pay_url()).await;
        shop.goods(&order).await;
        let twin = format!(
            "[[channel_account]]\nid = \"epay-9\"\nkind = \"epay\"\nstate = \"draining\"\n\
             methods = [\"wechat\"]\nbase_url = \"{}/epay\"\n[channel_account.credentials]\n\
             version = \"v1\"\npid = \"1001\"\nkey = \"{EPAY_KEY}\"\n",
            gateway.url()
        );
        shop.apply(&twin).await;
        let trade_no = shop.scalar("SELECT channel_trade_no FROM receipt").expect("one");
        let no = merchant_no(&shop, &order);
        let before = asked_about(&gateway, &no).await;
        let told = signed_v1(v1_fields(&no, &trade_no), EPAY_KEY);
        assert_eq!(send(&shop, "epay-9", &told).await.text(), "fail");
        eventually(SOON, || async { asked_about(&gateway, &no).await > before }).await;
        eventually(SOON, || async { rows(&shop, "stray") == 0 }).await;
        assert_eq!(rows(&shop, "receipt"), 1);
        assert_eq!(rows(&shop, "money_case"), 0);
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);

on_both_engines!(
    /// A clock that is set back does not put the questions off. Fails when `stray::bring_back` is
    /// not called.
    strays_are_asked_about_after_the_clock_was_set_back,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let forged = signed_v1(v1_fields("NOWHERE-1", "T-1"), EPAY_KEY);
        assert_eq!(send(&shop, "epay-1", &forged).await.text(), "fail");
        eventually(SOON, || async { asked_about(&gateway, "NOWHERE-1").await == 1 }).await;
        shop.set_clock_back(Duration::from_secs(5 * 3_600));
        eventually(SOON, || async { asked_about(&gateway, "NOWHERE-1").await >= 2 }).await;
    }
);

on_both_engines!(
    /// Notices the channel does not confirm are kept like all that are refused: short, and ten a
    /// minute, however long they are and however many come with a key that leaked. Fails when
    /// `Verdict::Unconfirmed` of `payment/callback.rs` stores them by itself.
    unconfirmed_words_fill_no_disk,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "wechat").await;
        let long = with(genuine_v1(&shop, &order), "param", &"x".repeat(12_000));
        let long = signed_v1(long, EPAY_KEY);
        let sent = (0..40).map(|_| send(&shop, "epay-1", &long));
        for reply in futures_util::future::join_all(sent).await {
            assert_eq!(reply.text(), "fail");
        }
        let kept = rows(&shop, "notice WHERE verdict = 'contradicted'");
        assert!((1..=20).contains(&kept), "{kept} of 40 in two minutes at most");
        assert_eq!(rows(&shop, "notice WHERE length(query) > 8192"), 0);
        assert_eq!(rows(&shop, "money_case WHERE kind = 'contradicted'"), 1);
        untouched(&shop, &order, "words of a leaked key");
    }
);

/// How often the gateway was asked about a number.
async fn asked_about(gateway: &Sandbox, no: &str) -> usize {
    let asked = gateway.traffic(no).await;
    let log = asked["log"].as_array().cloned().unwrap_or_default();
    log.iter().filter(|row| row["kind"] == "query").count()
}
