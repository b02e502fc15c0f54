//! An order of which something does not open: its page still shows everything else.

use super::page_of;
use super::requests::{OWNER, WARES, fields, form};
use crate::attacks::pages::harmless;
use crate::attacks::person::Person;
use crate::harness::{Engine, Outcome, eventually, on_both_engines, press_at};
use crate::scene::Scene;
use std::time::Duration;

on_both_engines!(
    /// A card that was sealed with a key which is lost: the buyer reads what happened, keeps the
    /// other card, the facts and the thread with the seller; the shop is told, once.
    a_card_that_does_not_open_takes_nothing_else_away,
    |shop| async move {
        let engine = shop.engine();
        drop(shop);
        let scene = Scene::open(engine, WARES).await;
        let placed = scene.buys(1, 2).await;
        press_at(placed.pay_url(), Outcome::Pay).await;
        let goods = scene.shop.goods(&placed).await;
        let page = page_of(&placed);
        let mut buyer = Person::with_order(&scene.shop, &placed);
        let asked = form(&mut buyer, &page, "other", "the words of a thread").await;
        buyer.post(&format!("{page}/requests"), &fields(&asked)).await.expect(303);

        // The first byte of a sealed value names its key; the ring has no such key.
        let sealed = format!("C8{}", "00".repeat(60));
        let lost = match engine {
            Engine::Sqlite => format!("X'{sealed}'"),
            Engine::Postgres => format!("'\\x{sealed}'"),
        };
        let first = "(SELECT card_id FROM delivery WHERE unit_no = 1)";
        let kept = goods[1].as_str();
        scene.shop.tamper(&format!("UPDATE card SET content = {lost} WHERE id = {first}"));
        for _ in 0..3 {
            let shown = buyer.get(&page).await.expect(200);
            harmless(&shown);
            let shown = shown.text();
            for told in [
                "not all of it can be shown", "1 item does not open right now",
                "the seller was told", "This item does not open right now", kept,
                &placed.order_no, "the words of a thread", "/goods.txt",
            ] {
                assert!(shown.contains(told), "{told}: {shown}");
            }
            assert!(!shown.contains(&goods[0]) && !shown.contains("Here are your"), "{shown}");
        }
        let file = buyer.get(&format!("{page}/goods.txt")).await.expect(200).text();
        assert_eq!(file, format!("{kept}\n"), "what opens, and nothing that could pass for goods");
        let alerts = "SELECT count(*) FROM alert WHERE kind = 'unopened' AND severity = 'critical'";
        assert_eq!(scene.count(alerts), 1);
        let mail = eventually(Duration::from_secs(60), || async {
            let mails = scene.shop.smtp().mails_to(OWNER);
            mails.into_iter().find(|mail| mail.text().contains("do not open"))
        })
        .await;
        assert!(mail.text().contains(&placed.order_no), "{}", mail.text());
        assert_eq!(scene.count("SELECT count(*) FROM outbox WHERE dedupe LIKE 'alert/unopened/%'"), 1);

        // None opens, nor does what was said: the rest of the page is there.
        scene.shop.tamper(&format!("UPDATE card SET content = {lost} WHERE state = 'delivered'"));
        scene.shop.tamper(&format!("UPDATE request_message SET body = {lost}"));
        let shown = buyer.get(&page).await.expect(200).text();
        assert!(shown.contains("2 items do not open") && !shown.contains("/goods.txt"), "{shown}");
        assert!(shown.contains("This message does not open"), "{shown}");
        assert!(shown.contains(&format!("action=\"{page}/requests\"")), "the buyer can still ask");
        buyer.get(&format!("{page}/goods.txt")).await.expect(500);
        assert_eq!(scene.count(alerts), 1, "told once");
    }
);
