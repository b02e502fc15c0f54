//! The HTTP edge: who is told the figures, what a form that is sent twice leaves behind, and what
//! becomes of work whose client has gone.

use crate::attacks::ground::{BUYER, buy, callback, rows, stock_up};
use crate::attacks::person::Person;
use crate::harness::{Engine, Reply, TestShop, Weight, eventually, on_both_engines, turn};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

async fn figures(shop: &TestShop, headers: &[(&str, &str)]) -> Reply {
    shop.http().send("GET", "/metrics", headers, b"").await
}

/// "I read what the shop sells in an hour." A stranger comes through a proxy, and a proxy on the
/// same machine comes over loopback: neither its headers nor their absence open the figures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_for_this_machine_or_the_token() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite)
        .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    let told = figures(&shop, &[]).await.expect(200);
    assert!(told.text().contains("vendgate_http_seconds"));
    for header in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("via", "1.1 proxy"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "shop.example"),
    ] {
        let refused = figures(&shop, &[header]).await;
        assert_eq!(refused.status, 403, "{header:?}");
        assert!(!refused.text().contains("vendgate_"), "{header:?}");
    }
    let guessed = [("x-real-ip", "203.0.113.9"), ("authorization", "Bearer ")];
    assert_eq!(figures(&shop, &guessed).await.status, 403);
    shop.stop();

    // Reached under a public name: there is a proxy, whatever it says of itself.
    shop.set_env("VENDGATE_BASE_URL", Some("https://shop.example"));
    shop.start().await;
    assert_eq!(figures(&shop, &[]).await.status, 403);
    shop.stop();

    let token = "a-token-of-the-scraper-0123456789";
    shop.set_env("VENDGATE_METRICS_TOKEN", Some(token));
    shop.start().await;
    let bearer = format!("Bearer {token}");
    let proxied = [
        ("x-forwarded-for", "203.0.113.9"),
        ("authorization", bearer.as_str()),
    ];
    let told = figures(&shop, &proxied).await.expect(200);
    assert!(told.text().contains("vendgate_http_seconds"));
    for wrong in [
        "",
        "Bearer",
        "Bearer a-token-of-the-scraper-012345678",
        "Bearer a-token-of-the-scraper-01234567890",
        &format!("Basic {token}"),
        token,
    ] {
        let refused = figures(&shop, &[("authorization", wrong)]).await;
        assert_eq!(refused.status, 403, "{wrong:?}");
    }
    assert!(!shop.log().contains(token));
    shop.stop();
    shop.set_env("VENDGATE_METRICS_TOKEN", Some("short"));
    let why = shop.cli(&["case", "list"]).await.refused();
    assert!(why.contains("metrics_token"), "{why}");
}

fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let set = reply.headers.iter().filter(|(n, _)| n == "set-cookie");
    let pairs = set.filter_map(|(_, value)| value.split(';').next()?.split_once('='));
    let mut found = pairs.filter(|(n, _)| *n == name);
    found.next().map(|(_, value)| value.to_owned())
}

on_both_engines!(
    /// R140: a form that is sent again and again leads to one order by one token, and leaves no
    /// row behind. Looking an order up does not either.
    a_repeated_form_adds_no_rows,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let mut buyer = Person::at(&shop);
        let form = buyer.checkout("editor", BUYER).await;
        let first = buyer.order("editor", &form).await.expect(303);
        let token = cookie(&first, "vg_order").expect("a token");
        let mut counts = Vec::new();
        for _ in 0..5 {
            let again = buyer.order("editor", &form).await.expect(303);
            assert_eq!(again.header("location"), first.header("location"));
            assert_eq!(cookie(&again, "vg_order").as_ref(), Some(&token));
            assert_eq!(again.header("cache-control"), Some("no-store"));
        }
        let no = first.header("location").expect("a page").trim_start_matches("/o/").to_owned();
        for _ in 0..3 {
            let mut form = buyer.hidden("/orders").await;
            form.insert("order_no".to_owned(), no.clone());
            form.insert("secret".to_owned(), BUYER.to_owned());
            let fields: Vec<_> = form.iter().collect();
            let found = buyer.post("/orders", &fields).await.expect(303);
            assert_eq!(cookie(&found, "vg_order").as_ref(), Some(&token));
        }
        for table in ["orders", "attempt", "idempotency", "view_token"] {
            counts.push((table, rows(&shop, table)));
        }
        let one = ["orders", "attempt", "idempotency", "view_token"].map(|table| (table, 1));
        assert_eq!(counts, one);
        shop.order(&no, &token).await;
    }
);

on_both_engines!(
    /// An order whose token an older version drew opens by both, and gets one row more for it.
    an_order_with_a_drawn_token_opens_by_both,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let mut buyer = Person::at(&shop);
        let form = buyer.checkout("editor", BUYER).await;
        let first = buyer.order("editor", &form).await.expect(303);
        let token = cookie(&first, "vg_order").expect("a token");
        let no = first.header("location").expect("a page").trim_start_matches("/o/").to_owned();
        // SHA-256 of AAAAAAAAAAAAAAAAAAAAAA, which is 16 bytes of nothing.
        let drawn = "AAAAAAAAAAAAAAAAAAAAAA";
        let hash = {
            use sha2::{Digest, Sha256};
            hex::encode(Sha256::digest(drawn.as_bytes()))
        };
        let old = format!("UPDATE view_token SET hash = '{hash}'");
        shop.tamper(&old);
        assert_eq!(shop.try_order(&no, &token).await.status, 404);
        for _ in 0..3 {
            let again = buyer.order("editor", &form).await.expect(303);
            assert_eq!(cookie(&again, "vg_order").as_ref(), Some(&token));
        }
        shop.order(&no, &token).await;
        shop.order(&no, drawn).await;
        assert_eq!(rows(&shop, "view_token"), 2);
    }
);

on_both_engines!(
    /// A buyer who closes the browser while the channel is asked for a payment has an order with
    /// an attempt, and the same form leads there at once. Seen to fail when `once` does not run
    /// its work as a task of its own.
    an_order_is_finished_after_the_buyer_has_gone,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let lost = json!({"merchant": "m1", "create": "timeout_done", "times": 1});
        gateway.switch(lost).await;
        let mut buyer = Person::at(&shop);
        let form = buyer.checkout("editor", BUYER).await;
        let fields: Vec<_> = form.iter().collect();
        let placed = eventually(SOON, || async { rows(&shop, "attempt") == 1 });
        buyer.post_and_leave("/p/editor", &fields, placed).await;
        let before = shop.scalar("SELECT count(*) FROM idempotency WHERE status = 303");
        assert_eq!(before.as_deref(), Some("0"), "it was still being worked on");
        eventually(Duration::from_secs(30), || async {
            let done = "SELECT count(*) FROM idempotency WHERE status = 303";
            shop.scalar(done).as_deref() == Some("1")
        })
        .await;
        let again = buyer.order("editor", &form).await.expect(303);
        let page = again.header("location").expect("a page").to_owned();
        buyer.get(&page).await.expect(200);
        assert_eq!((rows(&shop, "orders"), rows(&shop, "attempt")), (1, 1));
    }
);

on_both_engines!(
    /// The same for "cancel": what was begun is done, although the channel takes its time.
    a_cancellation_is_finished_after_the_buyer_has_gone,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let placed = buy(&shop, "alipay").await;
        gateway.switch(json!({"merchant": "m1", "close": "timeout_done"})).await;
        let mut buyer = Person::with_order(&shop, &placed);
        let path = format!("/o/{}", placed.order_no);
        let form = buyer.hidden(&path).await;
        let fields: Vec<_> = form.iter().collect();
        // The first query is over; the close is next.
        let asked = eventually(SOON, || async {
            shop.scalar("SELECT max(checks) FROM attempt").as_deref() != Some("0")
        });
        buyer.post_and_leave(&format!("{path}/cancel"), &fields, asked).await;
        let now = shop.order(&placed.order_no, &placed.view_token).await;
        assert_eq!(now["state"], "pending_payment", "it was still being worked on");
        shop.order_in(&placed, "cancelled").await;
    }
);

on_both_engines!(
    /// X44: a stranger with an IPv6 line has more addresses than there are rows: what counts is
    /// the /64, for unpaid stock and for the refused notices that are kept.
    an_ipv6_line_is_one_network,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine)
            .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1")
            .start()
            .await;
        let _gateway = stock_up(&shop).await;
        shop.apply("[shop]\nunpaid_per_network = 2\n").await;
        let variant = shop.variant("editor").await;
        let ask = |n: u32, from: String| {
            let (shop, variant) = (&shop, variant.clone());
            async move {
                let body = json!({"variant": variant, "quantity": 1, "method": "alipay",
                    "email": format!("buyer-{n}@example.test"), "locale": "en", "fields": {}});
                let headers = [("x-forwarded-for", from.as_str())];
                shop.http().post_json("/api/v1/orders", &headers, &body).await.status
            }
        };
        eventually(SOON, || async {
            // A running shop acts on new settings within a second.
            shop.http().get("/p/editor").await.status == 200
        })
        .await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let mut answers = Vec::new();
        for n in 0..4 {
            answers.push(ask(n, format!("2001:db8:1:2:{n:x}::{n:x}")).await);
        }
        assert_eq!(answers, [201, 201, 429, 429]);
        assert_eq!(ask(9, "2001:db8:1:3::1".to_owned()).await, 201, "a neighbour");
        // An IPv4 address written as IPv6 is that address, and no other.
        let mut answers = Vec::new();
        for (n, from) in (10..).zip(["203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9"]) {
            answers.push(ask(n, from.to_owned()).await);
        }
        assert_eq!(answers, [201, 201, 429]);
        assert_eq!(ask(20, "::ffff:203.0.113.10".to_owned()).await, 201);

        let path = callback(&shop, "own-1");
        for n in 0..30 {
            let from = format!("2001:db8:9:9:{n:x}::1");
            let headers = [("x-forwarded-for", from.as_str())];
            shop.http().send("POST", &path, &headers, b"{}").await;
        }
        let kept = rows(&shop, "notice");
        assert!((10..=20).contains(&kept), "{kept}: ten a minute, in one minute or two");
    }
);

on_both_engines!(
    /// Each buyer's counters go when nothing of theirs is held any more.
    counters_of_nothing_are_forgotten,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let placed = buy(&shop, "alipay").await;
        let held = buy(&shop, "alipay").await;
        let mut buyer = Person::with_order(&shop, &placed);
        let path = format!("/o/{}", placed.order_no);
        let form = buyer.hidden(&path).await;
        let fields: Vec<_> = form.iter().collect();
        buyer.post(&format!("{path}/cancel"), &fields).await.expect(303);
        shop.order_in(&placed, "cancelled").await;
        shop.tamper("INSERT INTO counter (name, used) VALUES ('idle', 0)");
        let before = rows(&shop, "counter");
        shop.stop();
        // The job looks when it begins, and then every hour.
        shop.start().await;
        eventually(SOON, || async { rows(&shop, "counter") == before - 1 }).await;
        let used = shop.scalar("SELECT min(used) FROM counter");
        assert_eq!(used.as_deref(), Some("1"), "what is held is still counted");
        shop.order_in(&held, "pending_payment").await;
    }
);

on_both_engines!(
    /// Hashing takes a whole core: whoever finds a long line before it is told to come again, so
    /// that nobody can pile up work that outlives its clients. Fails without the line of
    /// `web/checkout.rs`.
    a_long_line_of_passwords_is_cut,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let mut crowd = Vec::new();
        for _ in 0..400 {
            let mut one = Person::at(&shop);
            let mut form = one.hidden("/orders").await;
            form.insert("order_no".to_owned(), "2222-2222-2222".to_owned());
            form.insert("secret".to_owned(), "a guess".to_owned());
            crowd.push((one, form.into_iter().collect::<Vec<_>>()));
        }
        let sent = crowd
            .iter_mut()
            .map(|(one, fields)| one.post("/orders", fields));
        let replies = futures_util::future::join_all(sent).await;
        let cut = replies.iter().filter(|reply| reply.status == 503).count();
        let heard = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(cut + heard, 400, "a miss, or come again");
        assert!(cut > 0 && heard >= 64, "{cut} of 400 were sent away");
        let (late, fields) = &mut crowd[399];
        late.post("/orders", fields).await.expect(200);
    }
);
