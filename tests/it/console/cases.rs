//! Money cases: found, understood, decided, once.

use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

use super::orders::{audited, books_hold};
use crate::drills::stage::{self, FIVE, SOON, account, count, merchant_no};
use crate::harness::{
    Clerk, Engine, OWNER, Placed, Sandbox, TestShop, eventually, on_both_engines,
};
use crate::scene::{Scene, Wares};

/// The open case of a kind, once there is one.
async fn case(shop: &TestShop, kind: &str) -> String {
    let wanted = format!("SELECT id FROM money_case WHERE kind = '{kind}' AND state = 'open'");
    eventually(SOON, || async { shop.scalar(&wanted) }).await
}

/// The case is closed, soon.
async fn closed(shop: &TestShop, id: &str) {
    let wanted = format!("money_case WHERE id = '{id}' AND state = 'closed'");
    eventually(SOON, || async { count(shop, &wanted) == 1 }).await;
}

/// A shop that sells what a person prepares, for so much.
async fn by_hand(shop: &TestShop, price: i64) -> (Sandbox, Clerk) {
    let gateway = stage::gateway(shop).await;
    let goods = format!(
        "[[product]]\nslug = \"course\"\ncategory = \"keys\"\n\
         name = {{ zh = \"陪跑课\", en = \"Course\" }}\ndelivery = \"manual\"\n\
         [[product.variant]]\nsku = \"course-1\"\nprice = {price}\n"
    );
    let rest = format!("{goods}{}", account("m1", "alipay", 1, &gateway.url()));
    stage::open_shop(shop, FIVE, "", &rest).await;
    (gateway, Clerk::first_of(shop).await)
}

async fn course(shop: &TestShop, quantity: u32) -> Placed {
    let variant = shop.variant("course").await;
    shop.place(&variant, quantity, stage::BUYER, "alipay").await
}

/// An order that ended, and then got so much; the case of its kind.
async fn late(shop: &TestShop, amount: i64, kind: &str) -> (Sandbox, Clerk, Placed, String) {
    let gateway = stage::gateway(shop).await;
    let account = account("m1", "alipay", 1, &gateway.url());
    stage::open_shop(shop, FIVE, "", &account).await;
    let clerk = Clerk::first_of(shop).await;
    let order = stage::buy(shop, "alipay").await;
    shop.advance_clock(Duration::from_secs(16 * 60));
    shop.order_in(&order, "expired").await;
    let told = json!({"wrong_amount": amount - 1_990, "query": {"amount": amount}});
    gateway.switch(told).await;
    let no = merchant_no(shop, &order, 1);
    let pay = json!({"merchant_no": no, "late": true});
    gateway.control("pay", pay).await;
    let id = case(shop, kind).await;
    (gateway, clerk, order, id)
}

on_both_engines!(
    /// The walk of a person who delivers: what is missing is said, what was typed is kept, and
    /// the goods leave once.
    goods_are_delivered_by_hand, |shop| async move {
        let (gateway, clerk) = by_hand(&shop, 5_000).await;
        let placed = course(&shop, 2).await;
        gateway.pay(placed.pay_url()).await;
        shop.order_in(&placed, "delivering").await;
        let id = case(&shop, "no_stock").await;
        let list = clerk.get("/admin/cases").await.expect(200).text();
        assert!(list.contains(&format!("/admin/cases/{id}")) && list.contains(&placed.order_no), "{list}");
        let order = clerk.get(&format!("/admin/orders/{}", placed.order_no)).await.expect(200).text();
        let path = format!("/admin/cases/{id}/deliver");
        assert!(order.contains(&path), "{order}");
        let page = clerk.get(&path).await.expect(200);
        assert!(page.text().contains("id=\"content_2\"") && page.text().contains("is owed 2 units"));

        let sent = |first: &str, second: &str, note: &str| [
            ("content_1".to_owned(), first.to_owned()), ("content_2".to_owned(), second.to_owned()),
            ("note".to_owned(), note.to_owned()),
        ];
        for (first, second, note) in [("login: a", "  ", "done"), ("login: a", "login: b", " "), ("login: a", "", "done")] {
            let fields = sent(first, second, note);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let refused = clerk.send(&page, &path, &fields).await.expect(422).text();
            assert!(refused.contains("id=\"errors\"") && refused.contains("login: a</textarea>"), "{refused}");
        }
        assert_eq!((count(&shop, "delivery"), audited(&shop, "case.deliver")), (0, 0));
        let fields = sent("login: a\r\npassword: ONE", "login: b", "prepared");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        clerk.send(&page, &path, &fields).await.expect(303);
        assert_eq!(shop.goods(&placed).await, ["login: a\npassword: ONE", "login: b"]);
        // The second click sees what happened.
        let second = clerk.send(&page, &path, &fields).await.expect(422).text();
        assert!(second.contains("The case is closed"), "{second}");
        assert_eq!((count(&shop, "delivery"), audited(&shop, "case.deliver")), (2, 1));
        let secret = "audit WHERE before LIKE '%ONE%' OR after LIKE '%ONE%'";
        assert_eq!(count(&shop, secret), 0, "no goods in the log");
        let notes = "case_note WHERE actor = 'staff:owner@example.com' AND body = 'prepared'";
        assert_eq!(count(&shop, notes), 1);
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// An order of nothing whose goods never come is ended, by its case or by its own page.
    an_order_of_nothing_can_be_ended, |shop| async move {
        let (_gateway, clerk) = by_hand(&shop, 0).await;
        let first = course(&shop, 1).await;
        shop.order_in(&first, "delivering").await;
        let id = case(&shop, "no_stock").await;
        // Not by putting the case away: goods are owed.
        let page = clerk.get(&format!("/admin/cases/{id}")).await.expect(200).text();
        assert!(page.contains("Goods are still owed") && page.contains("End the order"), "{page}");
        let path = format!("/admin/cases/{id}/refund");
        clerk.post(&path, &path, &[("note", "it never comes")]).await.expect(303);
        shop.order_in(&first, "refunded").await;
        closed(&shop, &id).await;

        let second = course(&shop, 1).await;
        shop.order_in(&second, "delivering").await;
        let id = case(&shop, "no_stock").await;
        let path = format!("/admin/orders/{}/refund", second.order_no);
        let page = clerk.get(&path).await.expect(200);
        assert!(page.text().contains("no money moves"));
        let sent = [("amount", "0.00"), ("seen", "0"), ("note", "it never comes")];
        clerk.send(&page, &path, &sent).await.expect(303);
        shop.order_in(&second, "refunded").await;
        closed(&shop, &id).await;
        clerk.send(&page, &path, &sent).await.expect(422);
        assert_eq!((count(&shop, "refund"), count(&shop, "journal")), (0, 0));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// Money that is held: the page says what may be done, and why the rest may not; two clerks
    /// at once decide once, and the other sees what happened.
    two_clerks_decide_about_held_money_once, |shop| async move {
        let (_gateway, clerk, order, id) = late(&shop, 2_240, "over").await;
        let page = clerk.get(&format!("/admin/cases/{id}")).await.expect(200).text();
        for told in ["Too much", "¥22.40", "Deliver", "Refund", "Its money is neither delivered for", &order.order_no] {
            assert!(page.contains(told), "{told}: {page}");
        }
        clerk.get(&format!("/admin/cases/{id}/close")).await.expect(422);
        clerk.get(&format!("/admin/cases/{id}/odd")).await.expect(404);
        clerk.get("/admin/cases/none").await.expect(404);

        let other = Clerk::at(shop.http());
        other.sign_in(OWNER.0, OWNER.1).await.expect(303);
        let deliver = format!("/admin/cases/{id}/deliver");
        let (a, b) = (clerk.get(&deliver).await.expect(200), other.get(&deliver).await.expect(200));
        assert!(a.text().contains("¥2.50 beyond the price goes back"), "{}", a.text());
        let note = [("note", "mine"), ("proof", OWNER.1)];
        let answers = join_all([clerk.send(&a, &deliver, &note), other.send(&b, &deliver, &note)]).await;
        let statuses: Vec<u16> = answers.iter().map(|reply| reply.status).collect();
        assert!(statuses.contains(&303) && statuses.contains(&422), "{statuses:?}");
        let lost = answers.iter().find(|reply| reply.status == 422).expect("one");
        assert!(lost.text().contains("id=\"errors\""));
        closed(&shop, &id).await;
        assert_eq!((audited(&shop, "case.deliver"), shop.goods(&order).await.len()), (1, 1));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// An old password, no reason, a stranger, a form without its token: nothing is decided.
    what_is_refused_changes_nothing, |shop| async move {
        let (_gateway, clerk, _order, id) = late(&shop, 1_740, "short").await;
        shop.advance_clock(Duration::from_secs(11 * 60));
        let path = format!("/admin/cases/{id}/refund");
        let page = clerk.get(&path).await.expect(200);
        assert!(page.text().contains("name=\"proof\""));
        for sent in [vec![("note", "why")], vec![("note", "why"), ("proof", "wrong")], vec![("proof", OWNER.1)]] {
            clerk.send(&page, &path, &sent).await.expect(422);
        }
        clerk.send_as(&path, &[("note", "why"), ("proof", OWNER.1)], &[]).await.expect(403);
        Clerk::at(shop.http()).send_as(&path, &[("note", "why")], &[]).await.expect(401);
        assert_eq!((count(&shop, "refund"), count(&shop, "case_note"), audited(&shop, "case.refund")), (0, 0, 0));
        clerk.send(&page, &path, &[("note", "why"), ("proof", OWNER.1)]).await.expect(303);
        closed(&shop, &id).await;
        assert_eq!((count(&shop, "refund WHERE state = 'done'"), audited(&shop, "case.refund")), (1, 1));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// A lost refund is ended by whoever saw it in the channel's console; notes are kept.
    a_refund_that_went_back_is_booked_by_a_person, |shop| async move {
        let (gateway, clerk, _order, id) = late(&shop, 1_740, "short").await;
        gateway.switch(json!({"refund": "fail"})).await;
        let refund = format!("/admin/cases/{id}/refund");
        clerk.post(&refund, &refund, &[("note", "too late"), ("proof", OWNER.1)]).await.expect(303);
        case(&shop, "refund_failed").await;
        let page = clerk.get(&format!("/admin/cases/{id}")).await.expect(200);
        let note = format!("/admin/cases/{id}/note");
        clerk.send(&page, &note, &[("body", "")]).await.expect(422);
        clerk.send(&page, &note, &[("body", "the channel's hotline was asked")]).await.expect(303);
        assert!(clerk.get(&format!("/admin/cases/{id}")).await.text().contains("hotline was asked"));
        let path = format!("/admin/cases/{id}/went-back");
        eventually(SOON, || async {
            let page = clerk.get(&path).await;
            page.status == 200 && clerk.send(&page, &path, &[("note", "seen")]).await.status == 303
        }).await;
        closed(&shop, &id).await;
        assert_eq!((audited(&shop, "case.went-back"), audited(&shop, "case.note")), (1, 1));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// The list filters, sorts and pages by its address; what is overdue is marked.
    cases_are_found_by_their_list,
    Weight::Shop,
    |engine| async move {
        let (scene, clerk) = many(engine).await;
        let shop = &scene.shop;
        let rows = |html: &str| html.matches("<th scope=\"row\"").count();
        let first = clerk.get("/admin/cases").await.expect(200).text();
        assert_eq!(rows(&first), 50);
        assert!(!first.contains("Overdue"));
        let next = first.split("rel=\"next\"").next().unwrap_or_default();
        let next = next.rsplit("href=\"").next().unwrap_or_default();
        let next = next.split('"').next().unwrap_or_default();
        let next = next.replace("&#38;", "&").replace("&amp;", "&");
        let second = clerk.get(&next).await.expect(200).text();
        assert_eq!(rows(&second), 3);
        for (query, found) in [
            ("kind=no_stock&sort=-amount", 50), ("kind=late", 0), ("severity=critical", 0),
            ("state=closed", 0), ("state=all", 50),
        ] {
            let html = clerk.get(&format!("/admin/cases?{query}")).await.expect(200).text();
            assert_eq!(rows(&html), found, "{query}");
        }
        shop.tamper("UPDATE money_case SET due_at = 1");
        assert!(clerk.get("/admin/cases").await.text().contains("Overdue"));
    }
);

/// A shop with fifty-three open cases.
async fn many(engine: Engine) -> (Scene, Clerk) {
    let wares = Wares {
        product: "delivery = \"manual\"",
        ..Wares::default()
    };
    let scene = Scene::open(engine, wares).await;
    let clerk = Clerk::first_of(&scene.shop).await;
    let order = scene.buys(1, 1).await;
    scene.gateway.pay(order.pay_url()).await;
    case(&scene.shop, "no_stock").await;
    let rows: String = (0..52)
        .map(|n| {
            format!(
                "INSERT INTO money_case SELECT 'copy-{n:02}', kind, 'copy-{n}', state, severity, \
                 order_id, attempt_id, receipt_id, refund_id, account_id, currency, amount, owner, \
                 proposal, summary, resolution, created_at, due_at, closed_at FROM money_case \
                 WHERE dedupe LIKE 'no_stock/%';"
            )
        })
        .collect();
    scene.shop.tamper(&rows);
    (scene, clerk)
}
