//! Money that comes in odd ways: given back before anybody looked, confirmed only a moment later,
//! late for somebody who has bought enough, or for content that does not open.

use super::stage::{
    FIVE, SOON, alarmed, all_taken, buy, cases, count, log, merchant_no, set_up, verified,
};
use crate::harness::{Placed, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

const PAST_THE_DEADLINE: Duration = Duration::from_secs(16 * 60);

on_both_engines!(
    /// Money that a clerk gave back in the platform's console before the shop heard of it buys
    /// nothing: it is stored, held and told. Fails when `if standing.given_back` of
    /// `payment/judge.rs` is removed.
    given_back_money_buys_nothing, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        gateway.switch(json!({"callback": "none"})).await;
        for (amount, method) in [(None, "alipay"), (Some(1), "wechat")] {
            let before = count(&shop, "receipt");
            let placed = buy(&shop, method).await;
            let no = merchant_no(&shop, &placed, 1);
            // The channel does not answer until the clerk has done it.
            gateway.switch(json!({"query": "http_500"})).await;
            gateway.pay_at_once(&no).await;
            let mut ask = json!({"merchant_no": no});
            if let Some(amount) = amount {
                ask["amount"] = json!(amount);
            }
            gateway.control("give_back", ask).await;
            gateway.switch(json!({"query": "normal"})).await;
            eventually(SOON, || async {
                shop.advance_clock(Duration::from_secs(5));
                count(&shop, "receipt") == before + 1
            })
            .await;
            let order = shop.order(&placed.order_no, &placed.view_token).await;
            assert_eq!(order["state"], "pending_payment");
        }
        assert_eq!(count(&shop, "receipt WHERE kind = 'unmatched'"), 2);
        assert_eq!(count(&shop, "delivery"), 0);
        let told = cases(&shop, "unmatched", false).await;
        assert_eq!(told.len(), 2);
        assert!(told[0]["summary"].as_str().is_some_and(|s| s.contains("given back")));
        alarmed(&shop, "case.unmatched").await;
        verified(&shop).await;
        // The books follow what the clerk did: asked for, and seen in the console.
        let case = told[0]["id"].as_str().expect("an id");
        let deliver = shop.cli(&["case", "deliver", case, "--note", "no"]).await;
        assert_ne!(deliver.code, 0, "goods for money that went back");
        shop.cli(&["case", "refund", case, "--note", "the clerk did it"]).await.ok();
        eventually(SOON, || async {
            let args = ["case", "went-back", case, "--note", "seen in the console"];
            shop.cli(&args).await.code == 0 || count(&shop, "refund WHERE state = 'done'") == 1
        })
        .await;
        assert_eq!(cases(&shop, "unmatched", false).await.len(), 1);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// A refund after the goods have left changes nothing when the channel is asked again.
    what_was_delivered_stays_delivered, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        shop.goods(&placed).await;
        let no = merchant_no(&shop, &placed, 1);
        gateway.control("give_back", json!({"merchant_no": no})).await;
        gateway.notify_again(&no, 3).await;
        all_taken(&gateway, &no).await;
        shop.order_in(&placed, "delivered").await;
        assert_eq!(count(&shop, "receipt"), 1);
        assert_eq!(count(&shop, "money_case"), 0);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// A notice a moment ahead of the channel's own books is no contradiction, and however many
    /// notices come at once, the channel is asked in one flight. Fails when `twice` of
    /// `payment/callback/confirm.rs` returns its first answer.
    a_channel_may_lag_behind_its_notice, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let url = gateway.url();
        let epay = super::stage::account("epay-1", "bank", 1, &url);
        shop.apply(&epay).await;
        gateway.switch(json!({"callback": "none"})).await;
        let placed = eventually(SOON, || async {
            let variant = shop.variant("editor").await;
            let body = json!({"variant": variant, "quantity": 1, "email": super::stage::BUYER,
                "method": "bank", "locale": "en", "fields": {}});
            let reply = shop.try_place(&body).await;
            (reply.status == 201).then(|| {
                serde_json::from_slice::<Placed>(&reply.body).expect("an order")
            })
        })
        .await;
        let no = merchant_no(&shop, &placed, 1);
        let before = log(&gateway, &no, "query").await.len();
        gateway.switch(json!({"query": "not_found", "times": 1})).await;
        gateway.pay_at_once(&no).await;
        let many = json!({"merchant_no": no, "times": 60, "parallel": 60});
        gateway.control("notify", many).await;
        shop.goods(&placed).await;
        all_taken(&gateway, &no).await;
        assert_eq!(count(&shop, "money_case"), 0);
        assert_eq!(count(&shop, "delivery"), 1);
        let asked = log(&gateway, &no, "query").await.len() - before;
        assert!(asked <= 12, "the channel was asked {asked} times");
        verified(&shop).await;
    }
);

on_both_engines!(
    /// Check 11: once an order has ended, a signed notice alone pays nothing, not even where the
    /// account is believed without asking. Fails when `Settled::AskFirst` of `payment/settle.rs` is
    /// not returned.
    words_about_an_ended_order_are_checked, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&placed, "expired").await;
        let no = merchant_no(&shop, &placed, 1);
        gateway.notify_again(&no, 1).await;
        alarmed(&shop, "case.contradicted").await;
        shop.order_in(&placed, "expired").await;
        assert_eq!(count(&shop, "receipt"), 0);
        assert_eq!(cases(&shop, "contradicted", false).await.len(), 1);
        verified(&shop).await;
    }
);

on_both_engines!(
    /// X22, R053: late money does not lift a buyer's limit; it goes back. Fails when
    /// `order::hold_again` of `payment/settle.rs` is removed.
    late_money_lifts_no_limit, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let limit = "[[product]]\nslug = \"editor\"\n[[product.variant]]\n\
            sku = \"editor-1y\"\nbuyer_limit = 1\n";
        shop.apply(limit).await;
        let late = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&late, "expired").await;
        let quick = buy(&shop, "alipay").await;
        gateway.pay(quick.pay_url()).await;
        shop.goods(&quick).await;

        let no = merchant_no(&shop, &late, 1);
        gateway.control("pay", json!({"merchant_no": no, "late": true})).await;
        shop.order_in(&late, "refunded").await;
        assert_eq!(count(&shop, "delivery"), 1);
        let used = shop.scalar("SELECT used FROM counter WHERE name LIKE 'bought/%'");
        assert_eq!(used.as_deref(), Some("1"));
        verified(&shop).await;

        // Where nothing was bought meanwhile, late money still delivers, and counts.
        shop.apply(&limit.replace("buyer_limit = 1", "buyer_limit = 2")).await;
        let second = buy(&shop, "alipay").await;
        shop.advance_clock(PAST_THE_DEADLINE);
        shop.order_in(&second, "expired").await;
        let no = merchant_no(&shop, &second, 1);
        gateway.control("pay", json!({"merchant_no": no, "late": true})).await;
        shop.order_in(&second, "delivered").await;
        let used = shop.scalar("SELECT used FROM counter WHERE name LIKE 'bought/%'");
        assert_eq!(used.as_deref(), Some("2"));
        verified(&shop).await;
    }
);

on_both_engines!(
    /// Content that does not open with the shop's key delays the goods, never the money: the
    /// receipt is stored, a person is told, and the goods leave once the content is whole again.
    /// A gift (nothing to pay) is owed in the same way.
    unreadable_content_loses_no_money, |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        let video = "[[product]]\nslug = \"video\"\ncategory = \"keys\"\n\
            name = { zh = \"视频\", en = \"Video\" }\ndelivery = \"reusable\"\n\
            [[product.variant]]\nsku = \"video\"\nname = { zh = \"全\", en = \"All\" }\n\
            price = 500\nuse_limit = 1\ncontent = \"https://goods.example/v\"\n\
            [[product.variant]]\nsku = \"teaser\"\nname = { zh = \"试\", en = \"Try\" }\n\
            price = 0\ncontent = \"https://goods.example/t\"\n";
        shop.apply(video).await;
        let whole = match shop.engine() {
            crate::harness::Engine::Sqlite => "content = content || x'00'",
            crate::harness::Engine::Postgres => "content = content || '\\x00'::bytea",
        };
        shop.tamper(&format!("UPDATE reusable SET {whole}"));
        let mut placed = Vec::new();
        for (sku, method) in [("video", "alipay"), ("teaser", "recommended")] {
            let order = shop.place(sku, 1, super::stage::BUYER, method).await;
            if sku == "video" {
                gateway.pay(order.pay_url()).await;
            }
            shop.order_in(&order, "awaiting_stock").await;
            placed.push(order);
        }
        assert_eq!(count(&shop, "receipt WHERE kind = 'captured'"), 1);
        let told = cases(&shop, "no_stock", false).await;
        assert_eq!(told.len(), 2);
        assert!(told[0]["summary"].as_str().is_some_and(|s| s.contains("does not open")));
        verified(&shop).await;

        shop.apply(video).await;
        for order in &placed {
            assert_eq!(shop.goods(order).await.len(), 1);
        }
        assert_eq!(cases(&shop, "no_stock", false).await.len(), 0);
        verified(&shop).await;
    }
);
