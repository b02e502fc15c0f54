//! More than one may have: by repeated fields, by several orders, by hoarding, by haste.

use super::ground::{CARDS, buy, card, goods, rows, stock_up};
use super::person::Person;
use crate::harness::{TestShop, on_both_engines};
use futures_util::future::join_all;
use std::collections::BTreeSet;

fn encode(form: &std::collections::BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

on_both_engines!(
    /// X22: "The check reads the first quantity, the shop the second." A field that stands twice
    /// is refused, the address is not read, and the limit of a buyer counts over all orders,
    /// however the address is written. Seen to fail without `BadForm::Repeated` of web/form.rs.
    limits_hold_over_fields_and_orders,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        shop.apply(&goods("max_quantity = 2\nbuyer_limit = 3")).await;
        let mut thief = Person::at(&shop);
        for twice in [
            "quantity=50",
            "quantity=1",
            "%71uantity=50",
            "quantit%79=1",
            "variant=other",
            "email=other%40example.test",
            "method=bank",
            "key=other",
        ] {
            let form = encode(&thief.checkout("editor", "a@example.test").await);
            for body in [format!("{form}&{twice}"), format!("{twice}&{form}")] {
                let reply = thief.post_raw("/p/editor", &body).await;
                assert_eq!(reply.status, 400, "{twice}");
            }
        }
        for array in ["quantity[]=50", "quantity%5B0%5D=50", "Quantity=50", "field_note=1&field_note=2"] {
            let form = encode(&thief.checkout("editor", &format!("{}@x.test", array.len())).await);
            thief.post_raw("/p/editor", &format!("{form}&{array}")).await;
        }
        let form = thief.checkout("editor", "b@example.test").await;
        let fields: Vec<_> = form.iter().collect();
        thief.post("/p/editor?quantity=50&variant=x", &fields).await.expect(303);
        let most = "SELECT max(quantity) FROM order_item";
        assert_eq!(shop.scalar(most).as_deref(), Some("1"));

        let mut placed = 0;
        for email in [
            "greedy@example.test",
            "GREEDY@example.test",
            "Greedy@Example.Test",
            " greedy@example.test ",
            "greedy@example.TEST",
        ] {
            let form = thief.checkout("editor", email).await;
            let reply = thief.order("editor", &form).await;
            assert!(matches!(reply.status, 303 | 422), "{}", reply.status);
            placed += usize::from(reply.status == 303);
        }
        assert_eq!(placed, 3, "as many as one buyer may");
    }
);

on_both_engines!(
    /// X29: "I reserve everything and pay nothing." What unpaid orders hold is capped for an
    /// address and for a network; another name in front of the same network, an invented
    /// `X-Forwarded-For` in front of the proxy's own, or another host of one IPv6 network does
    /// not help. Seen to fail without `take(db, &by_network, …)` of order/place.rs.
    nobody_can_hoard_the_stock,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine)
            .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1")
            .start()
            .await;
        let _gateway = stock_up(&shop).await;
        shop.apply("[shop]\nunpaid_per_network = 4\nunpaid_per_email = 2\n").await;
        // Opening an attempt reads the new configuration.
        let other = buy(&shop, "alipay").await;
        assert_eq!(other.state, "pending_payment");

        let mut n = 0;
        let mut hoard = async |address: String, email: Option<&str>| {
            n += 1;
            let unique = format!("hoarder-{n}@example.test");
            let mut thief = Person::at(&shop);
            thief.forwarded = Some(address);
            let form = thief.checkout("editor", email.unwrap_or(&unique)).await;
            thief.order("editor", &form).await.status
        };
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(hoard("203.0.113.7".to_owned(), None).await);
        }
        assert_eq!(statuses, [303, 303, 303, 303, 422, 422, 422, 422], "one network");
        for lie in [
            "198.51.100.1, 203.0.113.7",
            "127.0.0.1, 203.0.113.7",
            "::1,203.0.113.7 ",
            "8.8.8.8, 9.9.9.9, 203.0.113.7, 127.0.0.1",
            "::ffff:203.0.113.7",
        ] {
            let status = hoard(lie.to_owned(), None).await;
            assert_eq!(status, 422, "{lie}");
        }
        statuses.clear();
        for host in 0..6 {
            statuses.push(hoard(format!("2001:db8:1:2:{host}::{host}"), None).await);
        }
        assert_eq!(statuses, [303, 303, 303, 303, 422, 422], "one IPv6 network");
        statuses.clear();
        for host in 0..4 {
            let address = format!("198.51.100.{host}");
            statuses.push(hoard(address, Some("one@example.test")).await);
        }
        assert_eq!(statuses, [303, 303, 422, 422], "one address of mail");
        // Whoever is neither still buys, and time gives everything back.
        assert_eq!(hoard("192.0.2.1".to_owned(), None).await, 303);
        shop.advance_clock(std::time::Duration::from_secs(16 * 60));
        shop.order_in(&other, "expired").await;
        let held = "SELECT count(*) FROM card WHERE state = 'reserved'";
        crate::harness::eventually(std::time::Duration::from_secs(60), || async {
            shop.scalar(held).as_deref() == Some("0")
        })
        .await;
        assert_eq!(hoard("203.0.113.7".to_owned(), None).await, 303);
    }
);

on_both_engines!(
    /// X28: "We all pay at once for the last ones." Eighty buyers of a product that reserves
    /// nothing, forty cards: forty deliveries, all different, and forty cases, none silent.
    /// (F17 is the same with five hundred.)
    no_card_is_sold_twice,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stock_up(&shop).await;
        let free = "delivery = \"card_pool\"\nreserve = false";
        shop.apply(&goods("").replace("delivery = \"card_pool\"", free)).await;
        let variant = shop.variant("editor").await;
        let mut placed = Vec::new();
        for n in 0..2 * CARDS {
            let email = format!("racer-{n}@example.test");
            placed.push(shop.place(&variant, 1, &email, "alipay").await);
        }
        join_all(placed.iter().map(|order| gateway.pay(order.pay_url()))).await;
        let open = "SELECT count(*) FROM orders WHERE state = 'pending_payment'";
        crate::harness::eventually(std::time::Duration::from_secs(120), || async {
            shop.scalar(open).as_deref() == Some("0")
        })
        .await;
        let mut got = Vec::new();
        let mut waiting = 0;
        for order in &placed {
            let seen = shop.order(&order.order_no, &order.view_token).await;
            match seen["state"].as_str() {
                Some("delivered") => {
                    let unit = seen["goods"][0]["content"].as_str();
                    got.push(unit.expect("a card").to_owned());
                }
                Some("awaiting_stock") => waiting += 1,
                other => panic!("{other:?}"),
            }
        }
        let distinct: BTreeSet<String> = got.iter().cloned().collect();
        assert_eq!((got.len(), distinct.len(), waiting), (CARDS, CARDS, CARDS));
        assert_eq!(distinct, (0..CARDS).map(card).collect());
        assert_eq!(rows(&shop, "delivery"), i64::try_from(CARDS).expect("a number"));
        let cases = "SELECT count(*) FROM money_case WHERE kind = 'no_stock' AND state = 'open'";
        assert_eq!(shop.scalar(cases), Some(CARDS.to_string()));
        shop.cli(&["ledger", "verify"]).await.ok();
    }
);
