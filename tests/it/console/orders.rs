//! Orders: found, read, asked about, cancelled, mailed again, and given back.

use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::drills::stage::{self, BUYER, FIVE, SOON, count, verified};
use crate::harness::{
    Clerk, OWNER, Placed, Reply, Sandbox, TestShop, eventually, field, on_both_engines,
};
use crate::scene::{Scene, Wares};

/// A shop with five cards, its gateway, and the first of its staff.
async fn open(shop: &TestShop) -> (Sandbox, Clerk) {
    let gateway = stage::set_up(shop, FIVE).await;
    (gateway, Clerk::first_of(shop).await)
}

fn at(placed: &Placed, rest: &str) -> String {
    format!("/admin/orders/{}{rest}", placed.order_no)
}

/// An order that is paid and delivered.
async fn sold(shop: &TestShop, gateway: &Sandbox) -> Placed {
    let placed = stage::buy(shop, "alipay").await;
    gateway.pay(placed.pay_url()).await;
    shop.goods(&placed).await;
    placed
}

/// Lines of the audit log about one kind of action.
pub(super) fn audited(shop: &TestShop, action: &str) -> i64 {
    count(shop, &format!("audit WHERE action = '{action}'"))
}

/// Every invariant of the book holds, and no more went back of any money than came.
pub(super) async fn books_hold(shop: &TestShop) {
    verified(shop).await;
    let wrong = "receipt r WHERE r.refunding > r.amount OR r.refunding <> (SELECT \
        COALESCE(SUM(f.amount), 0) FROM refund f WHERE f.receipt_id = r.id AND f.state <> 'failed')";
    assert_eq!(count(shop, wrong), 0, "refunds and receipts disagree");
}

/// What goes with the form of a confirm page of a refund.
fn confirmed(page: &Reply) -> (String, String) {
    let html = page.text();
    (field(&html, "amount"), field(&html, "seen"))
}

/// Gives so much of an order back, by its pages.
async fn give_back(clerk: &Clerk, placed: &Placed, amount: &str) -> Reply {
    let page = clerk
        .get(&at(placed, &format!("/refund?amount={amount}")))
        .await
        .expect(200);
    let (amount, seen) = confirmed(&page);
    let fields = [
        ("amount", amount.as_str()),
        ("seen", seen.as_str()),
        ("note", "they asked kindly"),
    ];
    clerk.send(&page, &at(placed, "/refund"), &fields).await
}

/// The order numbers of a list, page by page.
async fn walk(clerk: &Clerk, first: &str) -> Vec<String> {
    let (mut path, mut seen) = (first.to_owned(), Vec::new());
    loop {
        let html = clerk.get(&path).await.expect(200).text();
        let rows = html
            .split("<th scope=\"row\"><a href=\"/admin/orders/")
            .skip(1);
        seen.extend(rows.filter_map(|row| Some(row.split('"').next()?.to_owned())));
        let Some(next) = html
            .split("rel=\"next\"")
            .next()
            .filter(|all| all.len() < html.len())
        else {
            return seen;
        };
        let url = next.rsplit("href=\"").next().unwrap_or_default();
        let url = url.split('"').next().unwrap_or_default();
        path = url.replace("&#38;", "&").replace("&amp;", "&");
    }
}

on_both_engines!(
    /// Each filter finds what it says and nothing else; what cannot be read is refused.
    a_list_finds_what_it_is_asked_for, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let paid = sold(&shop, &gateway).await;
        let open = stage::buy(&shop, "wechat").await;
        let numbers = |query: &str| {
            let path = format!("/admin/orders?{query}");
            let clerk = &clerk;
            async move { walk(clerk, &path).await }
        };
        let (paid_no, open_no) = (paid.order_no.clone(), open.order_no.clone());
        assert_eq!(numbers("").await, [open_no.clone(), paid_no.clone()]);
        assert_eq!(numbers("sort=created").await, [paid_no.clone(), open_no.clone()]);
        assert_eq!(numbers("sort=-paid").await, [paid_no.clone(), open_no.clone()]);
        let typed = paid.order_no.to_lowercase().replace('-', "%20");
        let merchant = stage::merchant_no(&shop, &paid, 1);
        let trade = shop.scalar("SELECT channel_trade_no FROM receipt").expect("one");
        let product = shop.scalar("SELECT id FROM product").expect("one");
        for query in [
            format!("no={typed}"), format!("no={merchant}"), format!("no={trade}"),
            "state=delivered".into(), "method=alipay".into(), "account=m1".into(),
        ] {
            assert_eq!(numbers(&query).await, std::slice::from_ref(&paid_no), "{query}");
        }
        for query in [
            format!("email={}", BUYER.to_uppercase()), format!("product={product}"),
            "least=19.90&most=19.90".into(), "from_day=2020-01-01&to_day=2099-01-01".into(),
        ] {
            assert_eq!(numbers(&query).await.len(), 2, "{query}");
        }
        for query in [
            "no=nothing", "email=stranger", "state=refunded", "account=m5", "product=p",
            "least=19.91", "most=19.89", "to_day=2020-01-01",
        ] {
            assert_eq!(numbers(query).await.len(), 0, "{query}");
        }
        for (query, field) in [
            ("from_day=soon", "from_day"), ("least=-1", "least"), ("most=1e9", "most"),
            ("state=odd", "state"),
        ] {
            let page = clerk.get(&format!("/admin/orders?{query}")).await.expect(422).text();
            assert!(page.contains("id=\"errors\"") && page.contains(&format!("href=\"#{field}\"")), "{page}");
        }
        // A cursor that is none is the first page, whatever the order.
        for query in ["from=zz", "from=eyJrZXkiOiJ4IiwiaWQiOiJ5In0", "sort=email_hash"] {
            assert_eq!(numbers(query).await.len(), 2, "{query}");
        }
        // Addresses are masked wherever nobody asked for one.
        let page = clerk.get("/admin/orders").await.expect(200).text();
        assert!(page.contains("st***@example.test") && !page.contains(BUYER));
    }
);

on_both_engines!(
    /// Pages are complete and stable while orders arrive: no row twice, none missing.
    pages_are_stable_while_orders_arrive,
    Weight::Shop,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let clerk = Clerk::first_of(&scene.shop).await;
        let many: Vec<usize> = (0..60).collect();
        let mut wanted = BTreeSet::new();
        for some in many.chunks(10) {
            let placed = join_all(some.iter().map(|n| scene.buys(*n, 1))).await;
            wanted.extend(placed.into_iter().map(|one| one.order_no));
        }
        // Sixty of one price, most of one millisecond or the next.
        for (sort, down) in [("created", true), ("amount", true), ("amount", false), ("paid", false)] {
            let sort = if down { format!("-{sort}") } else { sort.to_owned() };
            let first = clerk.get(&format!("/admin/orders?sort={sort}")).await.expect(200).text();
            assert!(first.contains("rel=\"next\""));
            let newcomer = scene.buys(100, 1).await.order_no;
            let seen = walk(&clerk, &format!("/admin/orders?sort={sort}")).await;
            let once: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(once.len(), seen.len(), "{sort}: a row twice");
            assert!(wanted.is_subset(&once), "{sort}: a row missing");
            wanted.insert(newcomer);
        }
        // Between two pages: who arrives comes before the first, and moves nothing.
        let (path, mut seen) = ("/admin/orders".to_owned(), BTreeSet::new());
        let html = clerk.get(&path).await.expect(200).text();
        for row in html.split("<th scope=\"row\"><a href=\"/admin/orders/").skip(1) {
            seen.insert(row.split('"').next().unwrap_or_default().to_owned());
        }
        let next = html.split("rel=\"next\"").next().unwrap_or_default();
        let next = next.rsplit("href=\"").next().unwrap_or_default();
        let next = next.split('"').next().unwrap_or_default();
        let next = next.replace("&#38;", "&").replace("&amp;", "&");
        for n in 0..5 {
            scene.buys(200 + n, 1).await;
        }
        let rest = walk(&clerk, &next).await;
        assert!(rest.iter().all(|no| seen.insert(no.clone())), "a row twice");
        assert_eq!(seen, wanted);
    }
);

on_both_engines!(
    /// X38: the file holds the rows of the list, and nothing that a spreadsheet would run.
    an_export_is_the_list_without_formulas, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let paid = sold(&shop, &gateway).await;
        stage::buy(&shop, "wechat").await;
        shop.tamper("UPDATE order_item SET name_en = '=1+1', name_zh = '=1+1'");
        let file = clerk.get("/admin/orders.csv?state=delivered").await.expect(200);
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"orders.csv\""));
        let text = file.text();
        let rows: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(rows.len(), 2, "{text}");
        assert!(rows[1].starts_with(&paid.order_no), "{text}");
        assert!(rows[1].contains("\"'=1+1 × 1\",19.90,0.00,CNY,st***@example.test"), "{text}");
        assert_eq!(audited(&shop, "order.export"), 1);
        clerk.get("/admin/orders.csv?least=odd").await.expect(422);
    }
);

on_both_engines!(
    /// Nobody outside sees or does anything; a form without its token does nothing.
    strangers_and_forged_forms_do_nothing, |shop| async move {
        let (_gateway, clerk) = open(&shop).await;
        let placed = stage::buy(&shop, "alipay").await;
        let stranger = Clerk::at(shop.http());
        for path in ["/admin/orders", "/admin/orders.csv", "/admin/cases", &at(&placed, ""), &at(&placed, "/goods")] {
            let reply = stranger.get(path).await.expect(303);
            assert!(reply.header("location").is_some_and(|to| to.starts_with("/admin/login")), "{path}");
        }
        for rest in ["/cancel", "/ask", "/refund", "/email"] {
            clerk.send_as(&at(&placed, rest), &[], &[]).await.expect(403);
            stranger.send_as(&at(&placed, rest), &[], &[]).await.expect(401);
        }
        for path in ["/admin/orders/NONE", "/admin/orders/K7Q2-94MX-31AB", "/admin/orders/K7Q2-94MX-31AB/refund"] {
            clerk.get(path).await.expect(404);
        }
        shop.order_in(&placed, "pending_payment").await;
        assert_eq!(count(&shop, "audit WHERE action LIKE 'order.%'"), 0);
    }
);

on_both_engines!(
    /// The page tells all: attempt, notice, receipt, journal, mail, unit; no secret of the buyer.
    an_order_tells_what_happened_to_it, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        stage::quiet(&shop).await;
        let page = clerk.get(&at(&placed, "")).await.expect(200).text();
        let merchant = stage::merchant_no(&shop, &placed, 1);
        let trade = shop.scalar("SELECT channel_trade_no FROM receipt").expect("one");
        for told in [
            merchant.as_str(), trade.as_str(), "Payment arrived", "All was delivered", "Awaiting payment → Paid",
            "J01", "J37", "liab:order_unfulfilled", "was preferred among 2 accounts", "The goods", "Accepted",
            "st***@example.test", "CAR••••ET", "Can still go back",
        ] {
            assert!(page.contains(told), "{told}");
        }
        let card = shop.goods(&placed).await.remove(0);
        assert!(!page.contains(&card) && !page.contains(BUYER));
    }
);

on_both_engines!(
    /// A secret is shown to whoever typed their password, and the log keeps that they looked.
    what_is_secret_is_revealed_once_and_audited, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        let card = shop.goods(&placed).await.remove(0);
        // The password that was typed when signing in has grown old.
        shop.advance_clock(Duration::from_secs(11 * 60));
        for (rest, action, secret) in [("/email", "order.email", BUYER), ("/goods", "order.goods", card.as_str())] {
            let page = clerk.get(&at(&placed, rest)).await.expect(200);
            assert!(page.text().contains("name=\"proof\"") && !page.text().contains(secret));
            for wrong in ["", "not my password"] {
                let refused = clerk.send(&page, &at(&placed, rest), &[("proof", wrong)]).await.expect(422);
                assert!(refused.text().contains("id=\"errors\"") && !refused.text().contains(secret));
            }
            assert_eq!(audited(&shop, action), 0);
            let shown = clerk.send(&page, &at(&placed, rest), &[("proof", OWNER.1)]).await.expect(200);
            assert!(shown.text().contains(secret));
            assert_eq!(shown.header("cache-control"), Some("no-store"));
            assert_eq!(audited(&shop, action), 1);
            shop.advance_clock(Duration::from_secs(11 * 60));
        }
        let lines = format!("audit WHERE before LIKE '%{card}%' OR after LIKE '%{card}%' OR after LIKE '%{BUYER}%'");
        assert_eq!(count(&shop, &lines), 0, "no secret in the log");
    }
);

on_both_engines!(
    /// Cancelled once, with its stock; a second click changes nothing; paid money is delivered.
    an_unpaid_order_is_cancelled_by_staff, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = stage::buy(&shop, "alipay").await;
        let page = clerk.get(&at(&placed, "/cancel")).await.expect(200);
        clerk.send(&page, &at(&placed, "/cancel"), &[]).await.expect(303);
        shop.order_in(&placed, "cancelled").await;
        clerk.send(&page, &at(&placed, "/cancel"), &[]).await.expect(303);
        assert_eq!(audited(&shop, "order.cancel"), 1);
        assert_eq!(count(&shop, "card WHERE state = 'available'"), 5);
        assert_eq!(count(&shop, "order_event WHERE kind = 'cancel_asked' AND actor = 'staff:owner@example.com'"), 1);

        // Paid at the channel, and nobody knows yet: cancelling finds the money.
        gateway.switch(serde_json::json!({"callback": "none"})).await;
        let other = stage::buy(&shop, "alipay").await;
        let page = clerk.get(&at(&other, "/cancel")).await.expect(200);
        gateway.pay(other.pay_url()).await;
        clerk.send(&page, &at(&other, "/cancel"), &[]).await.expect(303);
        shop.goods(&other).await;
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// The channels are asked at once; money they know of is booked.
    asking_the_channels_finds_lost_money, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        gateway.switch(serde_json::json!({"callback": "none"})).await;
        let placed = stage::buy(&shop, "alipay").await;
        let page = clerk.get(&at(&placed, "/ask")).await.expect(200);
        gateway.pay(placed.pay_url()).await;
        clerk.send(&page, &at(&placed, "/ask"), &[]).await.expect(303);
        shop.goods(&placed).await;
        assert_eq!(audited(&shop, "order.ask"), 1);
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// The goods go out again under their id, while the order shows them.
    a_mail_is_sent_again, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        shop.smtp().first_mail_to(BUYER).await;
        stage::quiet(&shop).await;
        let id = shop.scalar("SELECT id FROM outbox WHERE topic = 'order.delivered'").expect("one");
        let path = at(&placed, &format!("/mails/{id}"));
        clerk.post(&path, &path, &[]).await.expect(303);
        eventually(SOON, || async { shop.smtp().mails_to(BUYER).len() == 2 }).await;
        let mails = shop.smtp().mails_to(BUYER);
        assert_eq!(mails[0].header("message-id"), mails[1].header("message-id"));
        assert_eq!(audited(&shop, "order.resend"), 1);
        clerk.get(&at(&placed, "/mails/none")).await.expect(404);

        give_back(&clerk, &placed, "19.90").await.expect(303);
        shop.order_in(&placed, "refunded").await;
        stage::quiet(&shop).await;
        let before = shop.smtp().mails_to(BUYER).len();
        let page = clerk.get(&at(&placed, "")).await.expect(200);
        clerk.send(&page, &path, &[]).await.expect(303);
        stage::quiet(&shop).await;
        assert_eq!(shop.smtp().mails_to(BUYER).len(), before, "goods of a refunded order stay hidden");
        assert_eq!(audited(&shop, "order.resend"), 1);
    }
);

on_both_engines!(
    /// J13, J14: parts leave the order delivered, the last of it ends it, and never more than all.
    a_delivered_order_goes_back_in_parts_and_whole, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        // How much, first: what cannot be is refused with what was typed.
        let page = clerk.get(&at(&placed, "/refund")).await.expect(200);
        for wrong in ["", "odd", "0", "-1", "19.91", "1.999"] {
            let fields = [("amount", wrong)];
            let refused = clerk.send(&page, &at(&placed, "/refund/amount"), &fields).await.expect(422);
            assert!(refused.text().contains(&format!("value=\"{wrong}\"")), "{wrong}");
        }
        let on = clerk.send(&page, &at(&placed, "/refund/amount"), &[("amount", "5")]).await.expect(303);
        assert_eq!(on.header("location"), Some(at(&placed, "/refund?amount=5.00").as_str()));
        let confirm = clerk.get(&at(&placed, "/refund?amount=5.00")).await.expect(200).text();
        assert!(confirm.contains("¥5.00 goes back") && confirm.contains("¥14.90 could still go back"), "{confirm}");

        // Without a reason, and with an old password: nothing.
        let page = clerk.get(&at(&placed, "/refund?amount=5.00")).await.expect(200);
        let (amount, seen) = confirmed(&page);
        let sent = [("amount", amount.as_str()), ("seen", seen.as_str()), ("note", " ")];
        clerk.send(&page, &at(&placed, "/refund"), &sent).await.expect(422);
        shop.advance_clock(Duration::from_secs(11 * 60));
        let sent = [("amount", amount.as_str()), ("seen", seen.as_str()), ("note", "why"), ("proof", "wrong")];
        let refused = clerk.send(&page, &at(&placed, "/refund"), &sent).await.expect(422).text();
        assert!(refused.contains("why</textarea>"), "{refused}");
        assert_eq!((count(&shop, "refund"), audited(&shop, "order.refund")), (0, 0));

        // Twice the same click is one refund.
        let sent = [("amount", amount.as_str()), ("seen", seen.as_str()), ("note", "why"), ("proof", OWNER.1)];
        clerk.send(&page, &at(&placed, "/refund"), &sent).await.expect(303);
        let second = clerk.send(&page, &at(&placed, "/refund"), &sent).await.expect(422).text();
        assert!(second.contains("Something changed about this order"), "{second}");
        books_hold(&shop).await;
        let order = shop.order_in(&placed, "delivered").await;
        assert_eq!(order["refunded_amount"], 500);
        assert_eq!(shop.goods(&placed).await.len(), 1, "the goods stay");

        // More than is left is refused; the rest ends the order and hides its goods.
        let page = clerk.get(&at(&placed, "/refund?amount=14.90")).await.expect(200);
        let (_, seen) = confirmed(&page);
        let sent = [("amount", "14.91"), ("seen", seen.as_str()), ("note", "why")];
        clerk.send(&page, &at(&placed, "/refund"), &sent).await.expect(422);
        give_back(&clerk, &placed, "14.90").await.expect(303);
        let order = shop.order_in(&placed, "refunded").await;
        assert_eq!(order["refunded_amount"], 1_990);
        assert!(order["goods"].as_array().is_none_or(Vec::is_empty), "{order}");
        books_hold(&shop).await;
        let templates = |name: &str| count(&shop, &format!("journal WHERE template = '{name}'"));
        assert_eq!((templates("J13"), templates("J14"), templates("J41")), (2, 2, 0));
        assert_eq!(audited(&shop, "order.refund"), 2);
        let sales = "SELECT CAST(SUM(CASE side WHEN 'C' THEN amount ELSE -amount END) AS BIGINT) \
            FROM journal_entry WHERE account = 'rev:sales'";
        assert_eq!(shop.scalar(sales).as_deref(), Some("0"));
        clerk.get(&at(&placed, "/refund")).await.expect(422);
    }
);

on_both_engines!(
    /// Many hands at once: one refund for what they all saw, and never more than was paid.
    many_hands_refund_an_order_once, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        let page = clerk.get(&at(&placed, "/refund?amount=15.00")).await.expect(200);
        let (amount, seen) = confirmed(&page);
        let sent = [("amount", amount.as_str()), ("seen", seen.as_str()), ("note", "mine")];
        let to = at(&placed, "/refund");
        let all = (0..12).map(|_| clerk.send(&page, &to, &sent));
        let answers: Vec<u16> = join_all(all).await.iter().map(|reply| reply.status).collect();
        assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 303 | 422)), "{answers:?}");
        assert_eq!((count(&shop, "refund"), audited(&shop, "order.refund")), (1, 1));
        books_hold(&shop).await;
    }
);

on_both_engines!(
    /// J41: an order that waits goes back whole, and its case closes with the refund.
    an_order_that_waits_goes_back,
    Weight::Shop,
    |engine| async move {
        let wares = Wares { cards: 1, product: "reserve = false", ..Wares::default() };
        let scene = Scene::open(engine, wares).await;
        let shop = &scene.shop;
        let clerk = Clerk::first_of(shop).await;
        let (quick, slow) = (scene.buys(1, 1).await, scene.buys(2, 1).await);
        scene.gateway.pay(quick.pay_url()).await;
        shop.goods(&quick).await;
        scene.gateway.pay(slow.pay_url()).await;
        shop.order_in(&slow, "awaiting_stock").await;
        // A part of an order that is owed is no way out.
        let part = clerk.get(&at(&slow, "/refund?amount=5.00")).await.expect(200).text();
        assert!(part.contains("all of it goes back"), "{part}");
        give_back(&clerk, &slow, "19.90").await.expect(303);
        shop.order_in(&slow, "refunded").await;
        eventually(SOON, || async { count(shop, "money_case WHERE state = 'closed' AND resolution = 'refunded'") == 1 }).await;
        books_hold(shop).await;
        assert_eq!(count(shop, "journal WHERE template = 'J41'"), 1);
    }
);

on_both_engines!(
    /// A refund that the channel never does is given up, and the order stands where it stood.
    a_whole_refund_that_is_given_up_leaves_the_order_delivered, |shop| async move {
        let (gateway, clerk) = open(&shop).await;
        let placed = sold(&shop, &gateway).await;
        gateway.switch(serde_json::json!({"refund": "fail"})).await;
        give_back(&clerk, &placed, "19.90").await.expect(303);
        shop.order_in(&placed, "refunding").await;
        let id = eventually(SOON, || async {
            shop.scalar("SELECT id FROM money_case WHERE kind = 'refund_failed'")
        }).await;
        let path = format!("/admin/cases/{id}/give-up");
        eventually(SOON, || async {
            let page = clerk.get(&path).await;
            page.status == 200 && clerk.send(&page, &path, &[("note", "the channel never will")]).await.status == 303
        }).await;
        shop.order_in(&placed, "delivered").await;
        assert_eq!(shop.goods(&placed).await.len(), 1);
        books_hold(&shop).await;
        assert_eq!(count(&shop, "journal WHERE template = 'J13r'"), 1);
        gateway.clear_switches().await;
        give_back(&clerk, &placed, "19.90").await.expect(303);
        shop.order_in(&placed, "refunded").await;
        books_hold(&shop).await;
    }
);
