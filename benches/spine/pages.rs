//! Pages as buyers ask for them, against a static reply of the same bytes; and the status of an
//! order while many pages are open.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vendgate::demo::GOODS;

use crate::generator::{resident, send_all};
use crate::harness::{Engine, Placed, Sandbox, TestShop};
use crate::{CALLERS, report};

const KEY: &str = "a-key-of-the-benchmark-0123456789abcdef";
const PRODUCT: &str = "/p/noteharbor-pro";
/// Pages that are open at once, and the orders they are of.
const OPEN_PAGES: usize = 500;
const ORDERS: usize = 250;

/// Measures the demo's goods in a shop on this engine.
pub async fn measure(engine: Engine, requests: usize) {
    println!("\n## pages, {engine:?}, {CALLERS} connections");
    // Behind a proxy that is trusted, one generator is many buyers.
    let shop = TestShop::on(engine).env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1");
    let (shop, gateway) = (shop.start().await, Sandbox::start().await);
    gateway.merchant(json!({"id": "m1", "key": KEY})).await;
    shop.apply(&configuration(&shop, &gateway.url())).await;
    // A running shop acts on new settings within a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for path in [PRODUCT, "/"] {
        against_static(&shop, path, 5 * requests).await;
    }
    with_open_pages(&shop, requests).await;
    shop.stop();
}

fn configuration(shop: &TestShop, gateway: &str) -> String {
    let mut toml = GOODS.to_owned();
    for sku in ["noteharbor-pro", "lumen-1y", "starforge-60", "papaya-50"] {
        let cards: String = (0..500).map(|n| format!("{sku}-{n:05}\n")).collect();
        shop.write_file(&format!("{sku}.txt"), cards);
        toml.push_str(&format!(
            "\n[[cards]]\nvariant = \"{sku}\"\nfile = \"{sku}.txt\"\n"
        ));
    }
    toml.push_str(&format!(
        "\n[[channel_account]]\nid = \"sandbox-1\"\nkind = \"sandbox\"\n\
         methods = [\"alipay\", \"wechat\", \"card\"]\nbase_url = \"{gateway}\"\n\
         [channel_account.credentials]\nmerchant = \"m1\"\nkey = \"{KEY}\"\n"
    ));
    toml
}

/// A page, plain and as browsers ask for it, and a handler that answers with the page's bytes.
async fn against_static(shop: &TestShop, path: &str, requests: usize) {
    let addr = shop.url().trim_start_matches("http://").to_owned();
    let page = shop.http().get(path).await.expect(200).body;
    println!("{path}: {} bytes", page.len());
    let ask = |addr: &str, coding: &str| {
        (0..requests)
            .map(|n| get(addr, path, n, &format!("Accept-Encoding: {coding}\r\n")))
            .collect()
    };
    let (still, stop) = static_server(page);
    // Warm, and in turns: what else the machine does falls on both.
    send_all(addr.clone(), ask(&addr, "identity"), CALLERS, shop.pid()).await;
    let fixed = send_all(still.clone(), ask(&still, "identity"), CALLERS, 0).await;
    let plain = send_all(addr.clone(), ask(&addr, "identity"), CALLERS, shop.pid()).await;
    let packed = send_all(addr.clone(), ask(&addr, "gzip, br"), CALLERS, shop.pid()).await;
    stop.stop(true).await;
    report("    the page", &plain.times, Some(&plain));
    report("    the same bytes from a handler", &fixed.times, None);
    report(
        "    the page, packed for a browser",
        &packed.times,
        Some(&packed),
    );
    println!(
        "    ratio: {:.2}",
        plain.times.per_second() / fixed.times.per_second()
    );
}

/// A server in this process that answers everything with these bytes.
fn static_server(bytes: Vec<u8>) -> (String, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = listener.local_addr().expect("an address").to_string();
    let (told, handle) = std::sync::mpsc::channel();
    let bytes = web::Bytes::from(bytes);
    std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let bytes = bytes.clone();
                App::new().default_service(web::to(move || {
                    let bytes = bytes.clone();
                    async move {
                        HttpResponse::Ok()
                            .content_type("text/html; charset=utf-8")
                            .body(bytes)
                    }
                }))
            });
            let server = server.workers(2).disable_signals().listen(listener);
            let server = server.expect("a server").run();
            told.send(server.handle()).expect("somebody waits for it");
            server.await.expect("it serves");
        });
    });
    (addr, handle.recv().expect("it begins"))
}

/// The status of orders, with no page open and with many.
async fn with_open_pages(shop: &TestShop, requests: usize) {
    let addr = shop.url().trim_start_matches("http://").to_owned();
    let variant = shop.variant("noteharbor-pro").await;
    let mut orders = Vec::new();
    for n in 0..ORDERS {
        orders.push(place(shop, &variant, n).await);
    }
    let ask = || -> Vec<Vec<u8>> {
        let ask = |n: usize| of_order(&addr, &orders[n % ORDERS], "status", n);
        (0..requests).map(ask).collect()
    };
    send_all(addr.clone(), ask(), CALLERS, shop.pid()).await;
    let before = resident(shop.pid());
    let alone = send_all(addr.clone(), ask(), CALLERS, shop.pid()).await;
    report("status of an order", &alone.times, None);
    let mut open = Vec::new();
    for n in 0..OPEN_PAGES {
        open.push(stream(&addr, &of_order(&addr, &orders[n % ORDERS], "events", n)).await);
    }
    let opened = resident(shop.pid());
    let crowded = send_all(addr.clone(), ask(), CALLERS, shop.pid()).await;
    report(
        "status of an order, 500 streams open",
        &crowded.times,
        Some(&crowded),
    );
    println!(
        "memory: {} MiB before, {} MiB with the streams, {} MiB after the load beside them",
        before / 1_024,
        opened / 1_024,
        resident(shop.pid()) / 1_024
    );
}

async fn place(shop: &TestShop, variant: &str, n: usize) -> Placed {
    let body = json!({
        "variant": variant, "quantity": 1, "email": format!("buyer-{n}@example.test"),
        "method": "alipay", "locale": "en", "fields": {},
    });
    let (key, from) = (format!("page-{n}"), network(n));
    let headers = [
        ("idempotency-key", key.as_str()),
        ("x-forwarded-for", from.as_str()),
    ];
    let placed = shop
        .http()
        .post_json("/api/v1/orders", &headers, &body)
        .await
        .expect(201);
    serde_json::from_value(placed.json()).expect("a placed order")
}

/// Opens a stream and waits for its first event.
async fn stream(addr: &str, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.expect("the server listens");
    stream.write_all(request).await.expect("sent");
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains("pending_payment") {
        let read = stream.read_buf(&mut told).await.expect("an answer");
        assert!(read > 0, "no stream: {}", String::from_utf8_lossy(&told));
    }
    stream
}

fn of_order(addr: &str, order: &Placed, what: &str, n: usize) -> Vec<u8> {
    let cookie = format!("Cookie: vg_order={}\r\n", order.view_token);
    get(addr, &format!("/o/{}/{what}", order.order_no), n, &cookie)
}

fn get(addr: &str, path: &str, n: usize, headers: &str) -> Vec<u8> {
    let from = network(n);
    format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nX-Forwarded-For: {from}\r\n{headers}\r\n")
        .into_bytes()
}

/// The address of the n-th buyer.
fn network(n: usize) -> String {
    format!("10.{}.{}.{}", n / 62_500 % 250, n / 250 % 250, n % 250 + 1)
}
