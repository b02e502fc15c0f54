//! How often one may ask: what the limits of requests let through, whom they stop, and whom not.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::attacks::ground::{BUYER, buy, rows, stock_up};
use crate::attacks::person::Person;
use crate::harness::{
    Engine, Proxy, Redis, Reply, TestShop, Weight, eventually, on_both_engines, turn,
};

const SOON: Duration = Duration::from_secs(30);

/// A running shop acts on new settings within a second.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

/// The sum of a figure over its labels.
async fn figure(shop: &TestShop, name: &str, label: &str) -> f64 {
    let text = shop.http().get("/metrics").await.expect(200).text();
    let lines = text
        .lines()
        .filter(|line| line.starts_with(name) && line.contains(label));
    lines
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}

/// Asks for an order by the API, with this token and from this address.
async fn ask(shop: &TestShop, no: &str, token: &str, from: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-forwarded-for", from),
    ];
    let path = format!("/api/v1/orders/{no}");
    shop.http().send("GET", &path, &headers, b"").await
}

/// A token that opens nothing.
fn guess(n: usize) -> String {
    use base64::Engine as _;
    let bytes = (n as u128)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
        .to_be_bytes();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Sends many GETs over one line without waiting; how often each status came back.
async fn pipelined(shop: &TestShop, requests: &[(String, String)]) -> BTreeMap<u16, usize> {
    let host = shop.url().replace("http://", "");
    let mut line = TcpStream::connect(&host).await.expect("it listens");
    let mut sent = String::new();
    for (n, (path, headers)) in requests.iter().enumerate() {
        let last = n + 1 == requests.len();
        let end = if last { "connection: close\r\n" } else { "" };
        sent.push_str(&format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}{end}\r\n"
        ));
    }
    line.write_all(sent.as_bytes()).await.expect("sent");
    let mut heard = Vec::new();
    line.read_to_end(&mut heard).await.expect("answers");
    let mut statuses = BTreeMap::new();
    for part in String::from_utf8_lossy(&heard).split("HTTP/1.1 ").skip(1) {
        let status = part.get(..3).and_then(|code| code.parse().ok());
        *statuses.entry(status.expect("a status")).or_default() += 1;
    }
    statuses
}

on_both_engines!(
    /// X12: "I try numbers and tokens until one opens." Ten thousand guesses, half of them with a
    /// number that exists, find nothing; after the first few all are told to wait; and whoever
    /// has the token is served all the while, from the same network. Fails without `miss` of
    /// `order/web/view.rs` and `api/orders.rs`.
    ten_thousand_guesses_find_nothing,
    Weight::Heavy,
    |engine| async move {
        let shop = TestShop::on(engine).with_default_limits().start().await;
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let (began, mut seen) = (Instant::now(), BTreeMap::new());
        for round in 0..50 {
            let requests: Vec<(String, String)> = (0..200)
                .map(|n| {
                    let n = round * 200 + n;
                    let no = match n % 2 {
                        0 => order.order_no.clone(),
                        _ => format!("{:04}-2222-2345", 2222 + n % 7000).replace(['0', '1'], "A"),
                    };
                    let token = guess(n + 1);
                    match n % 10 {
                        0 => (format!("/o/{no}"), format!("cookie: vg_order={token}\r\n")),
                        1 => (format!("/o/{no}?token=short"), String::new()),
                        2 => (format!("/o/{no}/goods.txt"), format!("cookie: vg_order={token}\r\n")),
                        3 => (format!("/o/{no}/status"), String::new()),
                        _ => (format!("/api/v1/orders/{no}"), format!("authorization: Bearer {token}\r\n")),
                    }
                })
                .collect();
            for (status, count) in pipelined(&shop, &requests).await {
                *seen.entry(status).or_insert(0) += count;
            }
            if round % 10 == 0 {
                shop.order(&order.order_no, &order.view_token).await;
                let mut buyer = Person::with_order(&shop, &order);
                buyer.get(&format!("/o/{}", order.order_no)).await.expect(200);
            }
        }
        let heard = seen.get(&404).copied().unwrap_or(0);
        let waited = seen.get(&429).copied().unwrap_or(0);
        assert_eq!(heard + waited, 10_000, "nothing else was answered: {seen:?}");
        // Ten at once, and twenty a minute.
        let most = 11 + usize::try_from(began.elapsed().as_secs()).expect("seconds") / 3;
        assert!((10..=most).contains(&heard), "{heard} of at most {most}");
        let told = ask(&shop, &order.order_no, &guess(1), "").await.expect(429);
        assert_eq!(told.json()["type"], "urn:vendgate:problem:too-many-requests");
        assert_eq!(told.header("content-type"), Some("application/problem+json"));
        let wait: u64 = told.header("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
        assert!((1..=3).contains(&wait), "one comes back every three seconds: {wait}");
        assert_eq!(told.json()["retry_after"], wait);
        assert!(figure(&shop, "vendgate_limited_total", "kind=\"lookup\"").await >= waited as f64);
    }
);

on_both_engines!(
    /// R011: a flood of orders is refused with a page, or a document, that says when to come
    /// again; the same order sent again counts as well, and so do attempts. Payments of those
    /// who were before it are heard meanwhile.
    a_flood_of_orders_is_refused_and_payments_are_heard,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).with_default_limits().start().await;
        let gateway = stock_up(&shop).await;
        let early = buy(&shop, "alipay").await;
        shop.apply("[shop]\nlimit_placement = \"4, 1/h\"\nunpaid_per_network = 1000\n").await;
        settle().await;
        let variant = shop.variant("editor").await;
        let body = |n: usize| json!({"variant": variant, "quantity": 1, "method": "alipay",
            "email": format!("flood-{n}@example.test"), "locale": "en", "fields": {}});
        let same = [("idempotency-key", "the-same")];
        for status in [201, 201] {
            shop.http().post_json("/api/v1/orders", &same, &body(0)).await.expect(status);
        }
        let mut one = Person::at(&shop);
        let form = one.checkout("editor", "form@example.test").await;
        one.order("editor", &form).await.expect(303);
        one.order("editor", &form).await.expect(303);
        // Four: from now on nothing is placed.
        let placed = rows(&shop, "orders");
        assert_eq!(placed, 3);
        for n in 0..30 {
            let told = shop.http().post_json("/api/v1/orders", &[], &body(n)).await.expect(429);
            assert_eq!(told.json()["type"], "urn:vendgate:problem:too-many-requests");
            let wait: u64 = told.header("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
            assert!((3_000..=3_600).contains(&wait), "{wait}");
        }
        let again = one.order("editor", &form).await.expect(429);
        let wait = again.header("retry-after").expect("a time").to_owned();
        let page = again.text();
        for part in ["操作太频繁", "没有产生订单或扣款", &format!("请在 {wait} 秒后重试")] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let mut english = Person::with_order(&shop, &early);
        let path = format!("/o/{}", early.order_no);
        let mut form = english.hidden(&path).await;
        form.insert("method".to_owned(), "wechat".to_owned());
        let fields: Vec<_> = form.iter().collect();
        let told = english.post(&format!("{path}/attempts"), &fields).await.expect(429);
        assert!(told.text().contains("Try again in 3"), "{}", told.text());
        let bearer = format!("Bearer {}", early.view_token);
        let attempts = format!("/api/v1/orders/{}/attempts", early.order_no);
        let headers = [("authorization", bearer.as_str())];
        let asked = json!({"method": "wechat"});
        shop.http().post_json(&attempts, &headers, &asked).await.expect(429);
        assert_eq!(rows(&shop, "orders"), placed, "nothing was placed");
        assert_eq!(rows(&shop, "attempt"), placed, "nor any attempt made");
        // The update of a total places nothing and costs nothing.
        let mut form = one.checkout("editor", "form@example.test").await;
        form.insert("update".to_owned(), "1".to_owned());
        one.order("editor", &form).await.expect(200);

        gateway.pay(early.pay_url()).await;
        assert_eq!(shop.goods(&early).await.len(), 1);
        assert!(figure(&shop, "vendgate_limited_total", "kind=\"placement\"").await >= 33.0);
    }
);

on_both_engines!(
    /// X44: "I write another address each time." A thousand requests whose `X-Forwarded-For` is
    /// invented are those of one network; what stood there is kept nowhere.
    a_thousand_invented_addresses_are_one,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).with_default_limits().start().await;
        let began = Instant::now();
        let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
        for round in 0..5 {
            let requests: Vec<(String, String)> = (0..200)
                .map(|n| {
                    let (a, b) = (round * 40 + n / 5, n);
                    let from = match n % 4 {
                        0 => format!("{}.{}.{}.{b}", 1 + a % 200, a % 250, b % 250),
                        1 => format!("2001:db8:{a:x}:{b:x}::1"),
                        2 => format!("' OR '1'='1 xffmark{n}"),
                        _ => format!("127.0.0.1, 198.51.100.{b}"),
                    };
                    let token = guess(round * 200 + n + 1);
                    let headers = format!(
                        "authorization: Bearer {token}\r\nx-forwarded-for: {from}\r\nx-real-ip: {from}\r\n"
                    );
                    ("/api/v1/orders/2222-2222-2222".to_owned(), headers)
                })
                .collect();
            for (status, count) in pipelined(&shop, &requests).await {
                *seen.entry(status).or_default() += count;
            }
        }
        let most = 11 + usize::try_from(began.elapsed().as_secs()).expect("seconds") / 3;
        let heard = seen.get(&404).copied().unwrap_or(0);
        assert!((10..=most).contains(&heard), "{seen:?}");
        assert_eq!(heard + seen.get(&429).copied().unwrap_or(0), 1_000, "{seen:?}");
        assert!(!shop.log().contains("xffmark"), "nor is it in the log");
        let figures = shop.http().get("/metrics").await.expect(200).text();
        assert!(!figures.contains("xffmark") && !figures.contains("198.51.100"));
    }
);

on_both_engines!(
    /// X44: behind a proxy that is trusted by its network each client has a limit of its own, and
    /// an IPv6 line is one client.
    behind_a_proxy_each_client_has_its_own_limit,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine)
            .with_default_limits()
            .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.0/8")
            .prepare();
        shop.apply("[shop]\nlimit_lookup = \"2, 1/h\"\n").await;
        shop.start().await;
        let tries = async |from: &str| {
            let mut seen = Vec::new();
            for n in 0..4 {
                seen.push(ask(&shop, "2222-2222-2222", &guess(n), from).await.status);
            }
            seen
        };
        for client in 0..20 {
            let from = format!("203.0.113.{client}");
            assert_eq!(tries(&from).await, [404, 404, 429, 429], "{from}");
        }
        assert_eq!(tries("6.6.6.6, 203.0.113.0").await, [429; 4], "a lie in front of it");
        assert_eq!(tries("2001:db8:1:2::1").await, [404, 404, 429, 429]);
        assert_eq!(tries("2001:db8:1:2:ffff::9").await, [429; 4], "the same line");
        assert_eq!(tries("2001:db8:1:3::1").await, [404, 404, 429, 429], "a neighbour");
    }
);

on_both_engines!(
    /// X51, as far as buyers go: guessing the password of an order is stopped, and neither the
    /// buyer elsewhere nor the holder of its token is kept out by it.
    guessing_a_password_is_stopped_and_locks_nobody_out,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine)
            .with_default_limits()
            .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1, ::1/128")
            .start()
            .await;
        let _gateway = stock_up(&shop).await;
        let mut buyer = Person::at(&shop);
        let mut form = buyer.checkout("editor", BUYER).await;
        form.insert("password".to_owned(), "open sesame".to_owned());
        let page = buyer.order("editor", &form).await.expect(303);
        let page = page.header("location").expect("a page").to_owned();
        let no = page.trim_start_matches("/o/").to_owned();
        let look = async |from: &str, secret: String| {
            let mut person = Person::at(&shop);
            person.forwarded = Some(from.to_owned());
            let mut form = person.hidden("/orders").await;
            form.insert("order_no".to_owned(), no.clone());
            form.insert("secret".to_owned(), secret);
            let fields: Vec<_> = form.iter().collect();
            person.post("/orders", &fields).await
        };
        let (began, mut heard) = (Instant::now(), 0);
        for n in 0..40 {
            let reply = look("203.0.113.66", format!("sesame {n}")).await;
            match reply.status {
                200 => heard += 1,
                429 => assert!(reply.header("retry-after").is_some()),
                other => panic!("{other}: {}", reply.text()),
            }
        }
        let most = 11 + began.elapsed().as_secs() / 3;
        assert!((10..=most).contains(&heard), "{heard} of at most {most}");
        // Not even with the right word: who guessed waits.
        look("203.0.113.66", "open sesame".to_owned()).await.expect(429);
        look("192.0.2.1", "open sesame".to_owned()).await.expect(303);
        buyer.forwarded = Some("203.0.113.66".to_owned());
        buyer.get(&page).await.expect(200);
    }
);

on_both_engines!(
    /// A valid token has a wide limit of its own; limits are settings that act while the shop
    /// runs, are exported, and cannot be nonsense.
    limits_are_settings,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).with_default_limits().start().await;
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let told = shop.cli(&["export"]).await.ok();
        for line in [
            "limit_placement = \"20, 60/min\"",
            "limit_lookup = \"10, 20/min\"",
            "limit_status = \"200, 50/s\"",
            "limit_login = \"5, 10/min\"",
            "limit_login_all = \"100, 200/min\"",
            "limit_link = \"10, 20/min\"",
            "limit_link_email = \"3, 6/h\"",
            "limit_ask = \"5, 10/min\"",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        for wrong in ["\"0, 60/min\"", "\"20\"", "\"20, 60/day\"", "20", "\"500, 1/h\""] {
            let refused = shop.try_apply(&format!("[shop]\nlimit_status = {wrong}\n")).await.refused();
            assert!(refused.contains("shop.limit_status"), "{wrong}: {refused}");
        }
        let mut buyer = Person::with_order(&shop, &order);
        let page = format!("/o/{}", order.order_no);
        for _ in 0..60 {
            buyer.get(&page).await.expect(200);
        }
        shop.apply("[shop]\nlimit_status = \"3, 1/h\"\n").await;
        settle().await;
        let mut seen = Vec::new();
        for path in ["", "/status", "/goods.txt", "/status", "", "/events"] {
            seen.push(buyer.get(&format!("{page}{path}")).await.status);
        }
        assert_eq!(seen, [200, 200, 404, 429, 429, 429]);
        let told = ask(&shop, &order.order_no, &order.view_token, "").await.expect(429);
        assert!(told.header("retry-after").is_some());
        shop.apply("[shop]\nlimit_status = \"200, 50/s\"\n").await;
        eventually(SOON, || async {
            shop.try_order(&order.order_no, &order.view_token).await.status == 200
        })
        .await;
        assert!(figure(&shop, "vendgate_limited_total", "kind=\"status\"").await >= 4.0);
    }
);

/// Two nodes limit together through Redis. When it hangs or is gone each limits by itself, at
/// once; when it is there again they limit together again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_one_limit() {
    let _turn = turn(Weight::Heavy).await;
    let redis = Redis::start();
    let (line, through) = Proxy::before(&format!("{}/0", redis.url())).await;
    let first = TestShop::on(Engine::Postgres)
        .with_default_limits()
        .env("VENDGATE_REDIS_URL", &through)
        .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1")
        .prepare();
    first.apply("[shop]\nlimit_lookup = \"10, 1/h\"\n").await;
    first.start().await;
    let second = first.second_node().await;
    let nodes = [&first, &second];
    let shared = async |yes: f64| {
        eventually(SOON, || async {
            let mut all = true;
            for node in nodes {
                all &= figure(node, "vendgate_limits_shared", "").await == yes;
            }
            all
        })
        .await;
    };
    // How many of forty guesses of one client are heard, by both nodes in turn.
    let heard = async |from: &str| {
        let mut heard = 0;
        for n in 0..40 {
            let asked = Instant::now();
            let reply = ask(nodes[n % 2], "2222-2222-2222", &guess(n), from).await;
            assert!(matches!(reply.status, 404 | 429), "{}", reply.status);
            assert!(
                asked.elapsed() < Duration::from_secs(1),
                "{:?}",
                asked.elapsed()
            );
            heard += usize::from(reply.status == 404);
        }
        heard
    };
    shared(1.0).await;
    assert_eq!(heard("203.0.113.1").await, 10, "together");

    line.silence();
    assert_eq!(heard("203.0.113.2").await, 20, "each by itself");
    shared(0.0).await;
    assert_eq!(
        heard("203.0.113.1").await,
        0,
        "what a node counted, it still knows"
    );
    assert!(first.log().contains("Redis is away"));
    assert!(figure(&first, "vendgate_limits_redis_lost_total", "").await >= 1.0);

    line.restore();
    shared(1.0).await;
    assert_eq!(heard("203.0.113.3").await, 10, "together again");
    line.cut();
    assert_eq!(heard("203.0.113.4").await, 20, "each by itself again");
    line.restore();
    shared(1.0).await;
    assert_eq!(heard("203.0.113.5").await, 10);

    // A node that starts without Redis does not wait for it.
    line.silence();
    second.stop();
    let began = Instant::now();
    second.start().await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    let told = ask(&second, "2222-2222-2222", &guess(1), "203.0.113.6").await;
    assert_eq!(told.status, 404);
}

/// The demo trusts this machine as a proxy: `X-Forwarded-For` tells its buyers apart, and its
/// limits are those of every new shop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buyers_of_the_demo_are_told_apart() {
    let _turn = turn(Weight::Shop).await;
    let demo = crate::harness::Demo::start().await;
    let guessed = async |from: &str| -> Vec<u16> {
        let mut seen = Vec::new();
        for n in 0..14 {
            let bearer = format!("Bearer {}", guess(n));
            let headers = [
                ("authorization", bearer.as_str()),
                ("x-forwarded-for", from),
            ];
            let path = "/api/v1/orders/2222-2222-2222";
            seen.push(demo.http().send("GET", path, &headers, b"").await.status);
        }
        seen
    };
    for from in ["203.0.113.1", "203.0.113.2"] {
        let seen = guessed(from).await;
        assert_eq!(seen[..10], [404; 10], "{from}");
        assert_eq!(seen[13], 429, "{from}");
    }
    let lookups: Value = demo.http().get("/api/v1/products").await.expect(200).json();
    assert!(lookups["products"].is_array());
}
