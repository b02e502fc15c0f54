//! A whole shop under fire: files that are applied, and requests of every kind over the wire.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vendgate::apply::{ApplyError, Tools, apply};
use vendgate::clock::SystemClock;
use vendgate::random::{Random, SystemRandom};
use vendgate::seal::Sealer;
use vendgate::store::Store;

use super::mutate::Mutator;
use super::{Limit, corpus, keep, play, seed};
use crate::attacks::forge::Own;
use crate::attacks::ground::{buy, callback, rows, stock_up};
use crate::harness::{TempDir, TestShop, on_both_engines};

/// What the process of a small shop may take, whatever it is sent.
const MOST_KIB: u64 = 512 * 1024;

/// A configuration file is applied or refused with its keys; a dry run writes nothing.
#[test]
fn configuration_files() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let dir = TempDir::new("fuzz");
    std::fs::write(dir.join("cards.txt"), "A-1\nA-2\n").expect("written");
    let url = format!("sqlite:{}", dir.join("shop.db").display());
    let (store, _) = runtime
        .block_on(async { Store::open(&url.parse().expect("a URL")) })
        .expect("a store");
    let random: &dyn Random = &SystemRandom;
    let sealer = Sealer::from_ring(&Sealer::new_ring(random)).expect("a key");
    let tools = Tools {
        store: &store,
        sealer: &sealer,
        clock: &SystemClock,
        random: &SystemRandom,
    };
    let file = dir.join("shop.toml");
    let words = [
        "[[product.variant]]\n",
        "price = ",
        "[shop]\n",
        "\"\"\"",
        "[[[[",
        "{ zh = ",
        "= -1\n",
        "inf",
        "2026-11-22T00:00:00Z",
        "tiers = [",
        "state = \"off\"\n",
        "\\u0000",
        "a.b.c = 1\n",
    ];
    play("apply", corpus("apply"), &words, |case| {
        // A name of a file outside of the folder is the operator's own affair.
        if case.windows(5).any(|w| w == b"_file") || case.windows(5).any(|w| w == b"/dev/") {
            return;
        }
        std::fs::write(&file, case).expect("written");
        match runtime.block_on(apply(tools, Path::new(&file), true)) {
            Ok(report) => assert!(report.dry_run),
            Err(ApplyError::Problems(problems)) => {
                assert!(!problems.is_empty() && problems.len() <= case.len() + 1);
            }
            Err(other) => panic!("neither applied nor refused: {other:?}"),
        }
    });
}

/// One request as it is written to the line.
struct Shape {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    /// Which corpus its body is mutated from.
    body: &'static str,
}

/// Everything a stranger can send something to.
fn shapes(shop: &TestShop, order: &str, token: &str) -> Vec<Shape> {
    let shape = |method, path: &str, kind: &str, body| {
        let mut headers = vec![(
            "cookie",
            format!("vg_order={token}; vg_csrf=0123; vg_lang=en"),
        )];
        headers.push(("authorization", format!("Bearer {token}")));
        headers.push(("idempotency-key", "fuzz-1".to_owned()));
        headers.push(("accept-language", "en, zh;q=0.5".to_owned()));
        headers.push(("x-forwarded-for", "203.0.113.9".to_owned()));
        if !kind.is_empty() {
            headers.push(("content-type", kind.to_owned()));
        }
        Shape {
            method,
            path: path.to_owned(),
            headers,
            body,
        }
    };
    let form = "application/x-www-form-urlencoded";
    let own = callback(shop, "own-1");
    let epay = callback(shop, "epay-1");
    vec![
        shape("POST", "/api/v1/orders", "application/json", "api"),
        shape(
            "POST",
            &format!("/api/v1/orders/{order}/attempts"),
            "application/json",
            "api",
        ),
        shape(
            "POST",
            &format!("/api/v1/orders/{order}/check"),
            "application/json",
            "api",
        ),
        shape("GET", &format!("/api/v1/orders/{order}"), "", ""),
        shape("GET", "/api/v1/products", "", ""),
        shape("POST", "/p/editor", form, "forms"),
        shape("POST", "/orders", form, "forms"),
        shape("GET", &format!("/o/{order}?token={token}"), "", ""),
        shape("GET", &format!("/o/{order}/status"), "", ""),
        shape("POST", &format!("/o/{order}/attempts"), form, "forms"),
        shape("POST", &format!("/o/{order}/requests"), form, "forms"),
        shape(
            "POST",
            &format!("/o/{order}/requests/{order}"),
            form,
            "forms",
        ),
        shape("GET", "/orders/mine?before=x&link=x", "", ""),
        shape("GET", &format!("/orders/mine/{order}"), "", ""),
        shape("GET", "/theme.0123456789.css", "", ""),
        shape("GET", "/?lang=en", "", ""),
        shape("POST", &own, "application/json", "notices-own"),
        shape("POST", &epay, form, "notices-epay"),
        shape(
            "GET",
            &format!("{epay}?pid=1001&out_trade_no=X&trade_no=T&money=1.00"),
            "",
            "",
        ),
    ]
}

/// Bends the path, one header, or the body, and writes the whole request.
fn request(mutator: &mut Mutator, shape: &Shape, bodies: &[Vec<u8>]) -> Vec<u8> {
    let bend = mutator.below(4);
    let printable = |bytes: Vec<u8>| -> Vec<u8> {
        let keep = |b: &u8| *b > b' ' && *b != 0x7f;
        bytes.into_iter().filter(keep).collect()
    };
    let mut path = shape.path.clone().into_bytes();
    if bend == 0 {
        path = printable(mutator.bend(&path));
        if path.first() != Some(&b'/') {
            path.insert(0, b'/');
        }
    }
    let mut head = [
        shape.method.as_bytes(),
        b" ",
        &path,
        b" HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n",
    ]
    .concat();
    let bent = mutator.below(shape.headers.len());
    for (at, (name, value)) in shape.headers.iter().enumerate() {
        let mut value = value.clone().into_bytes();
        if bend == 1 && at == bent {
            value = mutator.bend(&value);
            value.retain(|b| !matches!(b, b'\r' | b'\n' | 0));
        }
        head.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
    }
    let mut body = Vec::new();
    if !bodies.is_empty() {
        body = bodies[mutator.below(bodies.len())].clone();
        if bend >= 2 {
            body = mutator.bend(&body);
        }
    }
    head.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    head.extend(body);
    head
}

/// The status of the answer; 0 where the line was closed without one.
async fn status(address: &str, request: &[u8]) -> u16 {
    let exchange = async {
        let mut line = TcpStream::connect(address).await?;
        line.write_all(request).await?;
        let mut answer = Vec::new();
        // The shop may close before it has read all; what it said counts.
        drop(line.read_to_end(&mut answer).await);
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = tokio::time::timeout(Duration::from_secs(30), exchange).await;
    let answer = answer.expect("an answer or an end within 30 s");
    let answer = answer.unwrap_or_default();
    let code = answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn resident_kib(shop: &TestShop) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", shop.pid())).expect("it lives");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.map(|line| line.trim().trim_end_matches(" kB").to_owned());
    digits
        .and_then(|d| d.parse().ok())
        .expect("a number of KiB")
}

on_both_engines!(
    /// Requests of every kind, bent: each gets an answer below 500, no panic stands in the log,
    /// nothing is paid or handed out, the process stays small, the books hold, and the next buyer
    /// is served.
    requests_of_strangers, Weight::Shop, |engine| async move {
        let shop = TestShop::on(engine).start().await;
        let gateway = stock_up(&shop).await;
        shop.apply("[shop]\nunpaid_per_network = 5\n").await;
        let sold = buy(&shop, "alipay").await;
        gateway.pay(sold.pay_url()).await;
        shop.goods(&sold).await;
        let waiting = buy(&shop, "wechat").await;
        // A genuine notice, signed for nobody's order, is bent as well.
        let genuine = Own::with_body(&json!({
            "event": "payment.paid", "trade_no": "T-FUZZ", "merchant_no": "VGNOBODY",
            "amount": 1990, "currency": "CNY", "status": "paid", "paid_at": 0,
        }).to_string());
        genuine.send(&shop).await.expect(400);
        let money = ["receipt", "delivery", "refund", "journal"];
        let before = money.map(|table| rows(&shop, table));

        let seed = seed();
        println!("FUZZ_SEED={seed} (requests)");
        let shapes: Vec<(Shape, Vec<Vec<u8>>)> = [&sold, &waiting]
            .iter()
            .flat_map(|order| shapes(&shop, &order.order_no, &order.view_token))
            .map(|shape| {
                let bodies = if shape.body.is_empty() { Vec::new() } else { corpus(shape.body) };
                (shape, bodies)
            })
            .collect();
        let words = ["\"quantity\":", "%2e%2e/", "vg_order=", "Bearer ", "\u{feff}", "'--", "%00"];
        let mut mutator = Mutator::new(seed, corpus("api"), &words);
        let address = shop.url().replace("http://", "");
        let limit = Limit::of(400);
        let mut played = 0;
        while !limit.is_over(played) {
            let (shape, bodies) = &shapes[mutator.below(shapes.len())];
            let request = request(&mut mutator, shape, bodies);
            let status = status(&address, &request).await;
            if status >= 500 {
                let file = keep("requests", &request);
                panic!(
                    "case {played} of FUZZ_SEED={seed} is answered {status}; it is kept in {}:\n{}\n{}",
                    file.display(), String::from_utf8_lossy(&request), shop.log()
                );
            }
            played += 1;
        }
        println!("requests: {played} cases, {} KiB", resident_kib(&shop));
        assert!(!shop.log().contains("panicked"), "{}", shop.log());
        assert_eq!(money.map(|table| rows(&shop, table)), before);
        assert!(resident_kib(&shop) < MOST_KIB);
        shop.cli(&["ledger", "verify"]).await.ok();
        gateway.pay(waiting.pay_url()).await;
        assert_eq!(shop.goods(&waiting).await.len(), 1);
    }
);
