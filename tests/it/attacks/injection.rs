//! SQL, log lines and monsters in every field and address; and what answers give away.

use super::forge::{Own, genuine_v2, send, signed_v2, v2_fields, with};
use super::ground::{BUYER, buy, rows, rsa, stock_up};
use super::pages::plain;
use super::person::Person;
use crate::harness::{Reply, TestShop, on_both_engines};
use regex::Regex;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// Puts `evil` wherever a stranger can write; the answers.
async fn everywhere(shop: &TestShop, evil: &str) -> Vec<Reply> {
    let mut thief = Person::at(shop);
    let mut replies = Vec::new();
    let e = encoded(evil);
    for path in [
        format!("/p/{e}"),
        format!("/o/{e}"),
        format!("/o/{e}?token={e}"),
        format!("/o/{e}/goods.txt"),
        format!("/o/{e}/return?{e}={e}"),
        format!("/?q={e}&category={e}&lang={e}"),
        format!("/orders?no={e}"),
        format!("/static/{e}"),
        format!("/callback/{e}?{e}={e}"),
        format!("/api/v1/products?{e}={e}"),
        format!("/api/v1/orders/{e}"),
        format!("/{e}/{e}"),
    ] {
        replies.push(thief.get(&path).await);
    }
    let form = thief.checkout("editor", BUYER).await;
    let named = [
        "csrf",
        "key",
        "variant",
        "quantity",
        "email",
        "method",
        "field_note",
        "field_x",
        "password",
        "update",
        "other",
    ];
    for name in named {
        let mut form = form.clone();
        form.insert(name.to_owned(), evil.to_owned());
        // What may be taken goes to a buyer of its own.
        form.entry("email".to_owned()).and_modify(|email| {
            if name != "email" {
                *email = format!("{}@example.test", name.replace('_', "-"));
            }
        });
        form.insert(
            "quantity".to_owned(),
            if name == "quantity" { evil } else { "2000" }.to_owned(),
        );
        replies.push(thief.order("editor", &form).await);
    }
    let search = thief.hidden("/orders").await;
    for name in ["order_no", "secret", "csrf"] {
        let mut search = search.clone();
        search.insert("order_no".to_owned(), "2222-2222-2222".to_owned());
        search.insert(name.to_owned(), evil.to_owned());
        let fields: Vec<_> = search.iter().collect();
        replies.push(thief.post("/orders", &fields).await);
    }
    let good = json!({"variant": form["variant"], "quantity": 2000, "email": BUYER,
        "method": "alipay", "locale": "en", "fields": {}});
    for name in [
        "variant", "email", "method", "locale", "password", "quantity",
    ] {
        let mut body = good.clone();
        body[name] = Value::String(evil.to_owned());
        replies.push(shop.try_place(&body).await);
    }
    for fields in [json!({"note": evil}), json!({evil: "x"})] {
        let mut body = good.clone();
        body["fields"] = fields;
        replies.push(shop.try_place(&body).await);
    }
    replies.push(shop.try_order("2222-2222-2222", &e).await);
    for fields in [
        with(v2_fields(evil, "T-1"), "name", "x"),
        v2_fields("VG1", evil),
        with(v2_fields("VG1", "T-1"), "pid", evil),
        with(v2_fields("VG1", "T-1"), "param", evil),
        with(v2_fields("VG1", "T-1"), "trade_status", evil),
    ] {
        // Under a right signature too: a gateway may be made to pass things on.
        replies.push(send(shop, "epay-2", &signed_v2(fields.clone(), &rsa().platform)).await);
        replies.push(send(shop, "epay-2", &fields).await);
    }
    for (name, value) in [
        ("merchant_no", evil),
        ("trade_no", evil),
        ("event", evil),
        ("status", evil),
    ] {
        let mut body = super::forge::paid("VG1", "T-1", 1);
        body[name] = json!(value);
        replies.push(Own::with_body(&body.to_string()).send(shop).await);
    }
    replies
}

on_both_engines!(
    /// X67: "I put SQL where text belongs", in every field, address and notice, also under a
    /// right signature. Nothing sleeps, nothing fails inside, nothing is changed. A zero byte,
    /// which PostgreSQL does not take as text, is answered like any other stranger's word.
    sql_is_text,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        buy(&shop, "alipay").await;
        let tables = ["orders", "card", "variant", "channel_account", "attempt", "setting"];
        let before = tables.map(|table| rows(&shop, table));
        for evil in [
            "' OR '1'='1",
            "'; DROP TABLE orders; --",
            "1; UPDATE orders SET state = 'paid'; --",
            "' UNION SELECT content FROM card --",
            "\"; DELETE FROM card; --",
            "%' OR pg_sleep(5) IS NULL --",
            "') OR (SELECT pg_sleep(5)) IS NULL --",
            "$$; DROP TABLE card; $$",
            "\\'; DROP TABLE card; --",
            "a\0b",
            "\u{1}\u{7f}",
            "%00%27",
            "\u{202e}\u{feff}𝕏",
        ] {
            let began = Instant::now();
            for reply in everywhere(&shop, evil).await {
                assert!(reply.status < 500, "{evil:?} at {}: {}", reply.url, reply.status);
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{evil:?}");
        }
        assert_eq!(tables.map(|table| rows(&shop, table)), before);
        let paid = "SELECT count(*) FROM orders WHERE state <> 'pending_payment'";
        assert_eq!(shop.scalar(paid).as_deref(), Some("0"));
    }
);

on_both_engines!(
    /// X66: "I write a line into the log", by line breaks, ANSI and JSON in every field, address
    /// and header. Every line of the log stays one JSON object, without a control character.
    /// (Fields of the API have a test of their own.)
    nobody_writes_lines_into_the_log,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        for evil in [
            "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
            "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\n",
            "\u{1b}[31mforged\u{1b}[0m",
            "\",\"level\":\"ERROR\",\"message\":\"forged\",\"x\":\"",
            "\u{2028}forged\u{85}\u{9b}31m",
        ] {
            everywhere(&shop, evil).await;
        }
        for header in ["user-agent", "x-forwarded-for", "x-request-id", "referer", "accept-language", "host"] {
            let value = "x\u{9b}31m\",\"level\":\"ERROR\",\"message\":\"forged";
            let headers = [(header, value)];
            let _ = shop.http().try_send("GET", "/p/nothing", &headers, b"").await;
        }
        let log = shop.log();
        assert!(log.lines().count() > 100);
        for line in log.lines() {
            let row: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            assert_ne!(row["message"], "forged", "{line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
);

/// A page without what differs from request to request.
fn essence(reply: &Reply, no: &str) -> String {
    let hex = Regex::new("[0-9a-f]{16,64}").expect("a pattern");
    let text = plain(&reply.text())
        .replace(no, "NUMBER")
        .replace(&encoded(no), "NUMBER");
    hex.replace_all(&text, "HEX").into_owned()
}

on_both_engines!(
    /// X12, X13: "The answer tells me whether the order exists." A wrong token and an unknown
    /// order are one page; an unknown order and a wrong signature are one answer to a notice.
    /// The time is not compared here: on a shared machine it would prove nothing.
    answers_give_nothing_away,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "bank").await;
        let mut thief = Person::with_order(&shop, &crate::harness::Placed {
            view_token: "AAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            ..order.clone()
        });
        let (known, unknown) = (order.order_no.as_str(), "2222-2222-2222");
        for step in ["", "/status", "/events", "/goods.txt", "/return", "?token=x"] {
            let one = thief.get(&format!("/o/{known}{step}")).await;
            let two = thief.get(&format!("/o/{unknown}{step}")).await;
            assert_eq!((one.status, two.status), (404, 404), "{step}");
            assert_eq!(essence(&one, known), essence(&two, unknown), "{step}");
        }
        let mut search = thief.hidden("/orders").await;
        search.insert("secret".to_owned(), "wrong@example.test".to_owned());
        let mut answers = Vec::new();
        for no in [known, unknown] {
            search.insert("order_no".to_owned(), no.to_owned());
            let fields: Vec<_> = search.iter().collect();
            let reply = thief.post("/orders", &fields).await;
            answers.push((reply.status, essence(&reply, no)));
        }
        assert_eq!(answers[0], answers[1]);

        let full = genuine_v2(&shop, &order);
        let nobody = signed_v2(v2_fields("VG404", "T-1"), &rsa().platform);
        let mut seen = Vec::new();
        for fields in [with(full.clone(), "sign", "AAAA"), with(nobody.clone(), "sign", "AAAA"), nobody] {
            let reply = send(&shop, "epay-2", &fields).await;
            let mut names: Vec<String> = reply.headers.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            seen.push((reply.status, reply.body, names));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[1], seen[2]);
    }
);

on_both_engines!(
    /// X68: "I send forms that take long to read." Ten thousand fields, a huge body, a field of
    /// a megabyte: a quick 4xx, and the shop serves on. Seen to fail without `MOST_FIELDS` of
    /// web/form.rs and without `LONGEST_FORM` of web/routes.rs.
    monstrous_forms_end_at_once,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let mut thief = Person::with_order(&shop, &order);
        let fields: String = (0..10_000).map(|n| format!("f{n}=&")).collect();
        let few: String = (0..250).map(|n| format!("g{n}=&")).collect();
        let page = format!("/o/{}", order.order_no);
        let began = Instant::now();
        for path in ["/p/editor", "/orders", &format!("{page}/check"), &format!("{page}/cancel")] {
            for body in [&fields, &few, &format!("a={}", "x".repeat(1 << 20)), &"a".repeat(100_000)] {
                let reply = thief.post_raw(path, body).await;
                assert!((400..500).contains(&reply.status), "{path}: {}", reply.status);
            }
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        shop.http().get("/readyz").await.expect(200);
        super::ground::untouched(&shop, &order, "monsters");
    }
);
