//! Authentic words of the wrong speaker: another account, another gateway, another merchant,
//! and the buyer's own return.

use super::forge::{
    Own, genuine_v1, genuine_v2, paid, send, signed_v1, signed_v2, v1_fields, v2_fields, with,
};
use super::ground::{
    EPAY_KEY, KEY, KEY_2, buy, callback, fails, merchant_no, rsa, stock_up, untouched, verdicts,
};
use crate::harness::on_both_engines;
use serde_json::json;

on_both_engines!(
    /// X04: "I own an account at the same shop, so I have a valid key." What it signs counts for
    /// attempts of that account alone, whichever path it comes by. Seen to fail without
    /// `if attempt.account_id != account.facts.id` of payment/callback.rs.
    the_key_of_another_account_pays_nothing,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let mine = Own {
            account: "own-2".to_owned(),
            merchant: "m2".to_owned(),
            key: KEY_2.to_owned(),
            ..Own::of(&shop, &order, "T-1")
        };
        let refused = verdicts(&shop, "own-2", "attempt").await;
        fails(&mine.send(&shop).await.expect(400), "by the own path");
        assert_eq!(verdicts(&shop, "own-2", "attempt").await, refused + 1);

        let refused = verdicts(&shop, "own-1", "signature").await;
        for merchant in ["m1", "m2"] {
            let forged = Own {
                account: "own-1".to_owned(),
                merchant: merchant.to_owned(),
                ..mine.clone()
            };
            fails(&forged.send(&shop).await.expect(400), "by the other's path");
        }
        assert_eq!(verdicts(&shop, "own-1", "signature").await, refused + 2);
        untouched(&shop, &order, "the key of another account");

        // The same words for an attempt of that account are believed.
        let theirs = buy(&shop, "card").await;
        let body = paid(&merchant_no(&shop, &theirs), "T-2", theirs.amount).to_string();
        Own { body, ..mine }.send(&shop).await.expect(200);
        shop.order_in(&theirs, "delivered").await;
        untouched(&shop, &order, "a payment of another order");
    }
);

on_both_engines!(
    /// X06: "A real event of one gateway names an order of another one." Every pair of gateways:
    /// authentic, and refused at the attempt. Seen to fail with the line of X04 gone.
    no_gateway_speaks_for_another,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let methods = [("alipay", "own-1"), ("wechat", "epay-1"), ("bank", "epay-2")];
        let mut orders = Vec::new();
        for (method, account) in methods {
            orders.push((account, buy(&shop, method).await));
        }
        for (at, (owner, order)) in orders.iter().enumerate() {
            let (no, trade_no) = (merchant_no(&shop, order), format!("CROSS-{at}"));
            for (account, _) in orders.iter().filter(|(account, _)| account != owner) {
                let before = verdicts(&shop, account, "attempt").await;
                let reply = match *account {
                    "own-1" => Own::of(&shop, order, &trade_no).send(&shop).await,
                    "epay-1" => {
                        let fields = signed_v1(v1_fields(&no, &trade_no), EPAY_KEY);
                        send(&shop, account, &fields).await
                    }
                    _ => {
                        let fields = signed_v2(v2_fields(&no, &trade_no), &rsa().platform);
                        send(&shop, account, &fields).await
                    }
                };
                fails(&reply, account);
                let refused = verdicts(&shop, account, "attempt").await;
                assert_eq!(refused, before + 1, "{account} on an order of {owner}");
            }
        }
        for (owner, order) in &orders {
            untouched(&shop, order, owner);
        }
        // An authentic notice for an order nobody knows is no better.
        let nobody = signed_v2(v2_fields("VG404", "CROSS-9"), &rsa().platform);
        assert_eq!(send(&shop, "epay-2", &nobody).await.text(), "fail");
    }
);

on_both_engines!(
    /// X08: "The platform signs for every merchant; I am one of them." A notice under the right
    /// platform key for another pid is refused at the merchant. Seen to fail without
    /// `if !ours` of epay/notice.rs and `if !is_ours` of sandbox/notice.rs.
    a_platform_speaks_only_for_its_merchant,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "bank").await;
        let full = genuine_v2(&shop, &order);
        let before = verdicts(&shop, "epay-2", "merchant").await;
        for pid in ["1001", "9999", "01002", "1002.0"] {
            let forged = signed_v2(with(full.clone(), "pid", pid), &rsa().platform);
            assert_eq!(send(&shop, "epay-2", &forged).await.text(), "fail", "{pid}");
        }
        assert_eq!(verdicts(&shop, "epay-2", "merchant").await, before + 4);
        untouched(&shop, &order, "notices for other merchants");
        assert_eq!(send(&shop, "epay-2", &full).await.text(), "success");

        let order = buy(&shop, "wechat").await;
        let full = genuine_v1(&shop, &order);
        let before = verdicts(&shop, "epay-1", "merchant").await;
        for pid in ["1002", "9999"] {
            let forged = signed_v1(with(full.clone(), "pid", pid), EPAY_KEY);
            assert_eq!(send(&shop, "epay-1", &forged).await.text(), "fail", "{pid}");
        }
        assert_eq!(verdicts(&shop, "epay-1", "merchant").await, before + 2);
        untouched(&shop, &order, "notices for other merchants");

        let order = buy(&shop, "alipay").await;
        let before = verdicts(&shop, "own-1", "merchant").await;
        for merchant in ["m2", "M1", "m1 ,m2", ""] {
            let forged = Own {
                merchant: merchant.to_owned(),
                key: KEY.to_owned(),
                ..Own::of(&shop, &order, "T-1")
            };
            fails(&forged.send(&shop).await.expect(400), merchant);
        }
        assert_eq!(verdicts(&shop, "own-1", "merchant").await, before + 4);
        untouched(&shop, &order, "notices for other merchants");
    }
);

on_both_engines!(
    /// X07: "I come back from the gateway with all that a paid buyer brings, a hundred times."
    /// The return shows the order and asks the channel; it is no proof, not even with a genuine
    /// signature in it.
    coming_back_is_no_payment,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        gateway.switch(json!({"callback": "none"})).await;
        let order = buy(&shop, "bank").await;
        let cookie = format!("vg_order={}", order.view_token);
        let signed = super::forge::query(&genuine_v2(&shop, &order));
        let page = format!("/o/{}", order.order_no);
        for n in 0..100 {
            let query = match n % 4 {
                0 => signed.as_str(),
                1 => "status=success&paid=1&trade_status=TRADE_SUCCESS&money=19.90",
                2 => "state=delivered&redirect_status=succeeded&code=1",
                _ => "",
            };
            let path = format!("{page}/return?{query}");
            let headers = [("cookie", cookie.as_str())];
            let reply = shop.http().send("GET", &path, &headers, b"").await;
            assert_eq!(reply.header("location"), Some(page.as_str()));
        }
        untouched(&shop, &order, "a hundred returns");
        // Without the token there is nothing to return to.
        let path = format!("{page}/return?{signed}");
        shop.http().get(&path).await.expect(404);
        // The return of a buyer who has paid finds the money at once, by asking.
        gateway.pay(order.pay_url()).await;
        tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
        let headers = [("cookie", cookie.as_str())];
        let path = format!("{page}/return");
        shop.http().send("GET", &path, &headers, b"").await.expect(303);
        shop.order_in(&order, "delivered").await;
        assert!(callback(&shop, "epay-2").starts_with("/callback/"));
    }
);
