//! Steps left out, taken out of order, or taken at a price of the buyer's own.

use super::ground::{BUYER, PRICE, buy, goods, rows, stock_up, untouched};
use super::person::Person;
use crate::harness::on_both_engines;
use serde_json::json;

on_both_engines!(
    /// X11: "I call the last step first." Addresses that would deliver, confirm or waive do not
    /// exist, and those that exist do nothing before the money came, nor without the form's own
    /// token. Seen to fail without `if !is_ours(…)` of `begin` in order/web/act.rs.
    no_step_can_be_skipped,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        gateway.switch(json!({"callback": "none"})).await;
        let order = buy(&shop, "alipay").await;
        let mut thief = Person::with_order(&shop, &order);
        let page = format!("/o/{}", order.order_no);
        let csrf = thief.hidden(&page).await.remove("csrf").expect("a token");
        let lies = [
            ("csrf", csrf.as_str()),
            ("free_order", "1"),
            ("paid", "1"),
            ("state", "paid"),
            ("status", "success"),
            ("amount", "0"),
            ("method", "free"),
            ("trade_status", "TRADE_SUCCESS"),
        ];
        for step in [
            "deliver", "confirm", "pay", "paid", "complete", "capture", "free", "goods", "cards",
            "refund", "notify", "callback", "admin", "state", "ship", "settle",
        ] {
            let path = format!("{page}/{step}");
            for reply in [
                thief.post(&path, &lies).await,
                thief.post(&format!("{path}?free_order=1"), &lies).await,
                thief.get(&format!("{path}?free_order=1&paid=1")).await,
            ] {
                assert!(matches!(reply.status, 404 | 405), "{path}: {}", reply.status);
            }
            let bearer = format!("Bearer {}", order.view_token);
            let path = format!("/api/v1/orders/{}/{step}", order.order_no);
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                let headers = [("authorization", bearer.as_str())];
                let reply = shop.http().send(method, &path, &headers, b"{}").await;
                assert!(matches!(reply.status, 404 | 405), "{path}: {}", reply.status);
            }
        }
        for method in ["PUT", "PATCH", "DELETE", "POST"] {
            let path = format!("/api/v1/orders/{}", order.order_no);
            let body = json!({"state": "delivered", "amount": 0}).to_string();
            let reply = shop.http().send(method, &path, &[], body.as_bytes()).await;
            assert!(matches!(reply.status, 404 | 405), "{method}: {}", reply.status);
        }
        thief.get(&format!("{page}/goods.txt")).await.expect(404);
        let pay = thief.post(&format!("{page}/attempts"), &lies).await;
        assert_eq!(pay.status, 400, "no such method");
        // "I have paid" asks and says what is so.
        thief.post(&format!("{page}/check"), &lies).await.expect(303);
        thief.post(&page, &lies).await.expect(404);
        untouched(&shop, &order, "every step that could be guessed");
        let shown = thief.get(&page).await.expect(200).text();
        assert!(!shown.contains("CARD-"), "no goods: {shown}");

        // A stranger with the address alone, or without the form's token, moves nothing.
        let mut stranger = Person::at(&shop);
        stranger.get(&page).await.expect(404);
        stranger.post(&format!("{page}/cancel"), &lies).await.expect(403);
        let forged = [("csrf", "0".repeat(64))];
        thief.post(&format!("{page}/cancel"), &forged).await.expect(403);
        untouched(&shop, &order, "forms without their token");

        // After cancelling: no way back, and no way to the goods.
        let honest = [("csrf", csrf.as_str()), ("method", "alipay")];
        thief.post(&format!("{page}/cancel"), &honest).await.expect(303);
        shop.order_in(&order, "cancelled").await;
        thief.post(&format!("{page}/attempts"), &honest).await;
        thief.get(&format!("{page}/goods.txt")).await.expect(404);
        assert_eq!(rows(&shop, "delivery"), 0);
        assert_eq!(rows(&shop, "receipt"), 0);
    }
);

on_both_engines!(
    /// X16: "I send the price along." Whatever a form names beside what it asks for is not
    /// read: the order costs what the shop says. (The API refuses such fields.)
    the_price_is_the_shops,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let mut thief = Person::at(&shop);
        for field in [
            "price", "unit_price", "amount", "total", "discount", "money", "state", "status",
            "currency", "coupon", "free_order", "seller_id", "order_no", "expires_at", "fee",
            "balance", "role", "id",
        ] {
            for value in ["0", "-1990", "0.01", "paid"] {
                let mut form = thief.checkout("editor", &format!("{field}@example.test")).await;
                form.insert(field.to_owned(), value.to_owned());
                let reply = thief.order("editor", &form).await;
                assert_eq!(reply.status, 303, "{field}={value}");
                if value == "0" {
                    break;
                }
            }
        }
        let wrong = format!("SELECT count(*) FROM orders WHERE amount <> {PRICE}");
        assert_eq!(shop.scalar(&wrong).as_deref(), Some("0"));
        let wrong = "SELECT count(*) FROM orders WHERE state <> 'pending_payment'";
        assert_eq!(shop.scalar(wrong).as_deref(), Some("0"));
        let wrong = format!("SELECT count(*) FROM attempt WHERE amount <> {PRICE}");
        assert_eq!(shop.scalar(&wrong).as_deref(), Some("0"));
        assert_eq!(rows(&shop, "orders"), 18);
        // A field the product asks for cannot carry one either.
        let mut form = thief.checkout("editor", BUYER).await;
        form.insert("field_price".to_owned(), "0".to_owned());
        let reply = thief.order("editor", &form).await;
        assert!(reply.status >= 400, "{}", reply.status);
        assert_eq!(rows(&shop, "orders"), 18);
        assert!(goods("").contains("editor"));
    }
);
