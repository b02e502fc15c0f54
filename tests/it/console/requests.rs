//! What buyers ask after paying, at the desk: found, answered once, ended, and refused.

use super::orders::audited;
use crate::attacks::pages::{harmless, plain};
use crate::attacks::person::Person;
use crate::drills::stage::{SOON, count};
use crate::harness::{
    Browser, Clerk, Engine, Look, OWNER, Placed, Reply, Weight, eventually, field, on_both_engines,
    turn,
};
use crate::scene::Scene;
use crate::storefront::requests::{self as buyers, WARES, bought, fields, form};
use std::collections::BTreeSet;
use vendgate::ids::{OrderId, RequestId};
use vendgate::request;

const WORDS: &str = "does not work <script>alert(1)</script>\n\"quoted\" {{7*7}}";

/// A bought order whose buyer has asked for help, and the request's id.
async fn asked(scene: &Scene, n: usize, kind: &str, text: &str) -> (Placed, String) {
    let order = bought(scene, n).await;
    let page = format!("/o/{}", order.order_no);
    let mut buyer = Person::with_order(&scene.shop, &order);
    let asked = form(&mut buyer, &page, kind, text).await;
    let to = format!("{page}/requests");
    buyer.post(&to, &fields(&asked)).await.expect(303);
    let query = format!(
        "SELECT r.id FROM request r JOIN orders o ON o.id = r.order_id WHERE o.order_no = '{}'",
        order.order_no
    );
    (order, scene.shop.scalar(&query).expect("a request"))
}

/// Sends a form of a request's page with the ids that page gave it.
async fn send(clerk: &Clerk, page: &Reply, to: &str, deed: &str, message: &str) -> Reply {
    let (key, seen) = (field(&page.text(), "key"), field(&page.text(), "seen"));
    let fields = [
        ("do", deed),
        ("key", &key),
        ("seen", &seen),
        ("message", message),
    ];
    clerk.send(page, to, &fields).await
}

/// The ids of a list's rows.
fn rows(html: &str) -> Vec<String> {
    let rows = html
        .split("<th scope=\"row\"><a href=\"/admin/requests/")
        .skip(1);
    rows.filter_map(|row| Some(row.split('"').next()?.to_owned()))
        .collect()
}

on_both_engines!(
    /// The walk of an answer: from the owner's mail to the thread beside its order, and from
    /// there to the buyer, once. What a stranger wrote stays text; the log names the answer
    /// without its words.
    a_request_is_answered_once_and_ended,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, WARES).await;
        let shop = &scene.shop;
        let clerk = Clerk::first_of(shop).await;
        let empty = clerk.get("/admin/requests").await.expect(200).text();
        assert!(empty.contains("No request waits for an answer"), "{empty}");
        assert!(empty.contains("href=\"/admin/requests?state=all\""), "{empty}");
        let (order, id) = asked(&scene, 1, "not_working", WORDS).await;
        let at = format!("/admin/requests/{id}");

        // The owner's mail leads here, through the log-in for whoever is not signed in.
        let mail = eventually(SOON, || async {
            let mails = shop.smtp().mails_to(buyers::OWNER);
            mails.into_iter().find(|mail| mail.text().contains(&order.order_no))
        })
        .await;
        assert!(mail.text().contains(&format!("{}{at}", shop.url())), "{}", mail.text());
        let stranger = Clerk::at(shop.http());
        let next: String = url::form_urlencoded::byte_serialize(at.as_bytes()).collect();
        let led = stranger.get(&at).await.expect(303);
        assert_eq!(led.header("location"), Some(format!("/admin/login?next={next}").as_str()));
        stranger.get("/admin/requests").await.expect(303);
        stranger.send_as(&at, &[("do", "close"), ("seen", "1")], &[]).await.expect(401);

        let home = clerk.get("/admin").await.expect(200).text();
        assert!(home.contains("1 buyer waits for an answer"), "{home}");
        let list = clerk.get("/admin/requests").await.expect(200);
        assert_eq!(rows(&list.text()), [id.as_str()]);
        assert!(list.text().contains("1 request waits for an answer from you"));
        assert!(list.text().contains("href=\"/admin/requests\" aria-current=\"page\""));
        let page = clerk.get(&at).await.expect(200);
        harmless(&page);
        assert!(plain(&page.text()).contains(WORDS), "as it was written: {}", page.text());
        let theirs = format!("/admin/orders/{}", order.order_no);
        let mail_id = "SELECT id FROM outbox WHERE topic = 'order.delivered' AND kind = 'mail'";
        let mail_id = shop.scalar(mail_id).expect("a mail");
        for rest in ["", "/refund", "/goods", &format!("/mails/{mail_id}")] {
            let link = format!("href=\"{theirs}{rest}\"");
            assert!(page.text().contains(&link), "{link}: {}", page.text());
        }
        assert!(!page.text().contains("buyer-1@example.test"), "the address is masked");
        let shown = clerk.get(&theirs).await.expect(200).text();
        assert!(shown.contains(&format!("href=\"{at}\"")), "{shown}");

        // What is refused changes nothing, and keeps what was typed.
        for wrong in ["", " \n ", "a\u{0}b", &"字".repeat(2_001)] {
            let told = send(&clerk, &page, &at, "answer", wrong).await.expect(422).text();
            assert!(told.contains("id=\"errors\"") && told.contains(wrong.trim()), "{wrong:?}");
        }
        let (key, answer) = (field(&page.text(), "key"), "Use NEW-0001 <b>instead</b>");
        let form = [("do", "answer"), ("key", key.as_str()), ("seen", "1"), ("message", answer)];
        clerk.send_as(&at, &form, &[]).await.expect(403);
        for (name, value) in [("do", "shout"), ("key", "short"), ("seen", "many")] {
            let mut form = form;
            for field in &mut form {
                if field.0 == name {
                    field.1 = value;
                }
            }
            clerk.send(&page, &at, &form).await.expect(400);
        }
        let nowhere = "/admin/requests/00000000-0000-7000-8000-000000000000";
        clerk.get(nowhere).await.expect(404);
        send(&clerk, &page, nowhere, "answer", answer).await.expect(404);
        assert_eq!(count(shop, "request_message"), 1);
        assert_eq!(audited(shop, "request.answer"), 0);

        // Sent twice, it is one answer and one mail.
        for _ in 0..2 {
            send(&clerk, &page, &at, "answer", answer).await.expect(303);
        }
        let told = clerk.get(&at).await.expect(200);
        harmless(&told);
        assert!(plain(&told.text()).contains(answer) && told.text().contains("Answered."));
        let mails = "outbox WHERE topic = 'buyer.reply'";
        assert_eq!((count(shop, "request_message"), count(shop, mails)), (2, 1));
        assert_eq!(audited(shop, "request.answer"), 1);
        assert_eq!(count(shop, "audit WHERE after LIKE '%NEW-0001%'"), 0, "no words in the log");
        eventually(SOON, || async {
            let mails = shop.smtp().mails_to("buyer-1@example.test");
            mails.into_iter().find(|mail| mail.text().contains("NEW-0001"))
        })
        .await;
        assert!(rows(&clerk.get("/admin/requests").await.text()).is_empty());
        let answered = clerk.get("/admin/requests?state=answered").await.text();
        assert_eq!(rows(&answered), [id.as_str()]);

        // The buyer writes while a page is open: neither an answer nor the end passes it.
        let stale = clerk.get(&at).await.expect(200);
        let app = scene.beside().await;
        let kit = buyers::tools(&app);
        let about = RequestId(id.clone());
        let query = format!("SELECT id FROM orders WHERE order_no = '{}'", order.order_no);
        let of = OrderId(shop.scalar(&query).expect("an order"));
        request::reply(&app.store, &kit, &of, &about, "it works now", "r1").await.expect("said");
        for deed in ["answer", "close"] {
            let told = send(&clerk, &stale, &at, deed, "kept <words>").await.expect(422).text();
            assert!(told.contains("More was said") && told.contains("it works now"), "{told}");
            assert!(told.contains("kept &#60;words&#62;</textarea>"), "{told}");
        }
        assert_eq!((count(shop, "request_message"), audited(shop, "request.close")), (3, 0));
        let fresh = clerk.get(&at).await.expect(200);
        send(&clerk, &fresh, &at, "close", "").await.expect(303);
        let over = clerk.get(&at).await.expect(200).text();
        assert!(over.contains("takes no more messages") && !over.contains("<textarea"), "{over}");
        for deed in ["close", "answer"] {
            let told = send(&clerk, &fresh, &at, deed, "too late").await.expect(422).text();
            assert!(told.contains("closed"), "{told}");
        }
        assert_eq!((count(shop, "request_message"), audited(shop, "request.close")), (3, 1));
        assert_eq!(count(shop, "request WHERE state = 'closed'"), 1);
        scene.books_hold().await;
    }
);

on_both_engines!(
    /// Two of the staff answer one request at once: the buyer gets one answer, and the other
    /// person sees it with their own words kept.
    two_clerks_answer_once,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, WARES).await;
        let one = Clerk::first_of(&scene.shop).await;
        let other = Clerk::at(scene.shop.http());
        other.sign_in(OWNER.0, OWNER.1).await.expect(303);
        let (_, id) = asked(&scene, 1, "refund", "please").await;
        let at = format!("/admin/requests/{id}");
        let (a, b) = (one.get(&at).await.expect(200), other.get(&at).await.expect(200));
        let sent = futures_util::future::join(
            send(&one, &a, &at, "answer", "words of one"),
            send(&other, &b, &at, "answer", "words of other"),
        );
        let sent = sent.await;
        let statuses = BTreeSet::from([sent.0.status, sent.1.status]);
        assert_eq!(statuses, BTreeSet::from([303, 422]));
        let lost = if sent.0.status == 422 { &sent.0 } else { &sent.1 };
        let lost = lost.text();
        assert!(lost.contains("words of one") && lost.contains("words of other"), "{lost}");
        let said = "request_message WHERE author = 'staff'";
        assert_eq!((count(&scene.shop, said), audited(&scene.shop, "request.answer")), (1, 1));
    }
);

on_both_engines!(
    /// The list filters, sorts and pages by its address; those that wait come first by age. A
    /// thread that is as long as it may be, with the longest words, is shown whole and ended.
    requests_are_found_by_their_list,
    Weight::Shop,
    |engine| async move {
        let scene = Scene::open(engine, WARES).await;
        let shop = &scene.shop;
        let clerk = Clerk::first_of(shop).await;
        let longest = "字".repeat(2_000);
        let (order, id) = asked(&scene, 1, "not_working", &longest).await;
        let copies: String = (0..52)
            .map(|n| {
                format!(
                    "INSERT INTO request SELECT 'copy-{n:02}', order_id, 'refund', state, messages, \
                     created_at + {n}, changed_at - {n}, closed_at FROM request \
                     WHERE id NOT LIKE 'copy-%';"
                )
            })
            .collect();
        shop.tamper(&copies);
        shop.tamper("UPDATE request SET state = 'answered' WHERE id = 'copy-51'");

        let first = clerk.get("/admin/requests").await.expect(200).text();
        let mut seen = rows(&first);
        assert_eq!((seen.len(), seen[0].as_str()), (50, id.as_str()), "the oldest first");
        assert!(first.contains("52 requests wait for an answer"), "{first}");
        let next = first.split("rel=\"next\"").next().unwrap_or_default();
        let next = next.rsplit("href=\"").next().unwrap_or_default();
        let next = next.split('"').next().unwrap_or_default().replace("&#38;", "&");
        seen.extend(rows(&clerk.get(&next).await.expect(200).text()));
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (52, 52));
        for (query, found, top) in [
            ("state=answered", 1, Some("copy-51")),
            ("state=closed", 0, None),
            ("state=all", 50, Some("copy-51")),
            ("kind=not_working", 1, Some(id.as_str())),
            ("kind=refund&sort=-asked", 50, Some("copy-50")),
            ("kind=refund&sort=changed", 50, Some("copy-50")),
            ("state=all&sort=-changed", 50, None),
            ("kind=other", 0, None),
            ("state=all&from=bm9uc2Vuc2U", 50, None),
        ] {
            let html = clerk.get(&format!("/admin/requests?{query}")).await.expect(200).text();
            let rows = rows(&html);
            assert_eq!(rows.len(), found, "{query}");
            if let Some(top) = top {
                assert_eq!(rows[0], top, "{query}");
            }
            assert_eq!(html.contains("Nothing matches"), found == 0, "{query}");
        }

        let app = scene.beside().await;
        let kit = buyers::tools(&app);
        let about = RequestId(id.clone());
        let query = format!("SELECT id FROM orders WHERE order_no = '{}'", order.order_no);
        let of = OrderId(shop.scalar(&query).expect("an order"));
        for n in 1..60 {
            let key = format!("r{n}");
            request::reply(&app.store, &kit, &of, &about, &longest, &key).await.expect("said");
        }
        let at = format!("/admin/requests/{id}");
        let page = clerk.get(&at).await.expect(200);
        assert_eq!(page.text().matches(&longest).count(), 60);
        assert!(page.text().contains("has 60 messages") && !page.text().contains("<textarea"));
        let told = send(&clerk, &page, &at, "answer", "one more").await.expect(422).text();
        assert!(told.contains("has 60 messages") && told.contains("one more"), "{told}");
        send(&clerk, &page, &at, "close", "").await.expect(303);
        assert_eq!(count(shop, "request WHERE state = 'closed'"), 1);
    }
);

/// The way of an answer in a browser: on a phone without scripts, and at a desk in the dark.
/// axe-core finds nothing, nothing runs over the edge, the policy refuses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_is_answered_on_a_phone_without_scripts() {
    let _turn = turn(Weight::Heavy).await;
    let scene = Scene::open(Engine::Sqlite, WARES).await;
    Clerk::first_of(&scene.shop).await;
    let long = format!("{WORDS} {}", "AWordWithoutAnyGap".repeat(40));
    let (order, id) = asked(&scene, 1, "not_working", &long).await;
    let at = |path: &str| format!("{}{path}", scene.shop.url());
    let mut found = Vec::new();
    for (size, locale, javascript, dark) in [
        ((390, 844), "zh-CN", false, false),
        ((1440, 900), "en", true, true),
    ] {
        let browser = Browser::with(Look {
            javascript,
            size,
            locale: locale.to_owned(),
            dark,
        })
        .await;
        browser
            .goto(&at("/admin/login"))
            .await
            .expect("the page opens");
        browser.fill("#email", OWNER.0).await;
        browser.fill("#password", OWNER.1).await;
        browser.click("main form .btn").await;
        browser.at(|url| url.ends_with("/admin")).await;
        let thread = format!("a[href=\"/admin/requests/{id}\"]");
        for page in [
            "/admin",
            "/admin/requests",
            "/admin/requests?state=all",
            &format!("/admin/orders/{}", order.order_no),
        ] {
            browser.goto(&at(page)).await.expect("the page opens");
            browser.text("h1").await;
            found.extend(looked(&browser, page).await);
        }
        browser.click(&thread).await;
        browser.fill("#message", "回复 & an answer").await;
        found.extend(looked(&browser, "the thread").await);
        browser.click("main form .btn.primary").await;
        browser.text(".note.t-ok").await;
        found.extend(looked(&browser, "the answer").await);
        browser.complains_of_nothing_but(&[]).await;
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    assert_eq!(audited(&scene.shop, "request.answer"), 2);
}

/// What is wrong with a page as it stands.
async fn looked(browser: &Browser, page: &str) -> Vec<String> {
    let over = browser.overhang().await;
    let wrong = over.into_iter().chain(browser.axe(&[]).await);
    wrong.map(|wrong| format!("{page}: {wrong}")).collect()
}
