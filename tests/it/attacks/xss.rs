//! Text that wants to run in the pages of others.

use super::forge::Own;
use super::ground::{BUYER, accounts, buy, goods, stock_up};
use super::pages::harmless;
use super::person::Person;
use crate::harness::{Sandbox, eventually, on_both_engines};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A gateway that says whatever it wants to whoever pays.
async fn evil_gateway(answers: &'static [&'static str]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut next = 0;
        while let Ok((mut line, _)) = listener.accept().await {
            let mut asked = vec![0; 16 * 1024];
            let size = line.read(&mut asked).await.unwrap_or(0);
            let created = String::from_utf8_lossy(&asked[..size]).contains("/mapi.php");
            let body = if created {
                answers[next % answers.len()]
            } else {
                "{\"code\":-1}"
            };
            next += usize::from(created);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            let _ = line.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = line.shutdown().await;
        }
    });
    url
}

/// What it answers: errors, pages and codes that are scripts.
const ANSWERS: &[&str] = &[
    "{\"code\":-1,\"msg\":\"<script>alert(1337)</script>\"}",
    "{\"code\":-1,\"msg\":\"\\\"><img src=x onerror=alert(1337)> 金额\"}",
    "{\"code\":1,\"trade_no\":\"1\",\"payurl\":\"javascript:alert(1337)\"}",
    "{\"code\":1,\"trade_no\":\"2\",\"payurl\":\"data:text/html,<script>alert(1337)</script>\"}",
    "{\"code\":1,\"trade_no\":\"3\",\"qrcode\":\"javascript:alert(1337)\"}",
    "{\"code\":1,\"trade_no\":\"4\",\"payurl\":\"https://x.test/\\\"><script>alert(1337)</script>\"}",
    "{\"code\":1,\"trade_no\":\"5\",\"urlscheme\":\"javascript:alert(1337)\"}",
    "{\"code\":1,\"trade_no\":\"6\",\"payurl\":\" java\\tscript:alert(1337)\"}",
];

/// A product all of whose texts are scripts, and an account at the evil gateway.
fn evil_shop(gateway: &Sandbox, evil: &str) -> String {
    let script = "<script>alert(1337)</script>\\\"><img src=x onerror=alert(1337)>";
    let markdown = format!(
        "{script} [a](javascript:alert(1337)) ![b](data:text/html,x) <a href=javascript:alert(1337)>c</a> \
         <style>*{{display:none}}</style> [d](vbscript:x) <svg onload=alert(1337)>"
    );
    let product = goods("")
        .replace("密钥", script)
        .replace("\"Keys\"", &format!("\"{script}\""))
        .replace("编辑器", script)
        .replace("\"Editor\"", &format!("\"{script}\""))
        .replace("\"Note\"", &format!("\"{script}\""))
        .replace(
            "kind = \"text\"",
            &format!("kind = \"select\"\noptions = [\"{script}\"]\nhint = \"{script}\""),
        )
        .replace(
            "delivery = \"card_pool\"",
            &format!(
                "delivery = \"card_pool\"\nsummary = {{ zh = \"{script}\", en = \"{script}\" }}\n\
                 description = {{ zh = \"{markdown}\", en = \"{markdown}\" }}\n\
                 usage = {{ zh = \"{script}\", en = \"{script}\" }}"
            ),
        )
        .replace("测试店", "<script>alert(1337)</script>")
        .replace("Test shop", "<img src=x onerror=alert(1337)>");
    let account = accounts(gateway)
        .split("\n[[channel_account]]")
        .find(|account| account.contains("\"epay-1\""))
        .expect("the account")
        .replace("epay-1", "evil-1")
        .replace("wechat", "usdt")
        .replace(&format!("{}/epay", gateway.url()), evil);
    format!("{product}\n[[channel_account]]{account}")
}

on_both_engines!(
    /// X42: "My text is a script": in every text of the goods and the shop, in the gateway's
    /// errors, addresses and codes, in what a visitor types and in the address itself. On every
    /// page nothing of it runs, and the policy forbids what would stand in the page. Seen to
    /// fail with `{{ name|safe }}` in product.html.
    no_text_becomes_a_script,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let evil = evil_gateway(ANSWERS).await;
        let text = evil_shop(&gateway, &evil);
        let mut visitor = Person::at(&shop);
        shop.apply(&text).await;
        eventually(Duration::from_secs(30), || async {
            shop.http().get("/p/editor").await.text().contains("value=\"usdt\"")
        })
        .await;
        let typed = "\"><script>alert(1337)</script><img src=x onerror=alert(1337)>";
        let encoded = "%22%3E%3Cscript%3Ealert(1337)%3C/script%3E%3Cimg%20src=x%20onerror=alert(1337)%3E";
        for path in [
            "/", "/p/editor", "/orders", "/p/editor?lang=en", "/nowhere", "/static/nothing.js",
            "/healthz", "/metrics", "/api/v1/products", "/api/v1/openapi.json",
        ] {
            harmless(&visitor.get(path).await);
        }
        for path in ["/", "/p/editor", "/orders", "/nowhere", "/o/x", "/callback/x", "/api/v1/orders/x"] {
            for name in ["q", "no", "lang", "category", "token", "checked", "next"] {
                harmless(&visitor.get(&format!("{path}?{name}={encoded}")).await);
            }
            harmless(&visitor.get(&format!("{}/{encoded}", path.trim_end_matches('/'))).await);
        }
        let mut form = visitor.checkout("editor", typed).await;
        for name in ["quantity", "method", "field_note", "variant"] {
            form.insert(name.to_owned(), typed.to_owned());
        }
        harmless(&visitor.order("editor", &form).await.expect(422));
        let mut search = visitor.hidden("/orders").await;
        search.insert("order_no".to_owned(), typed.to_owned());
        search.insert("secret".to_owned(), typed.to_owned());
        let fields: Vec<_> = search.iter().collect();
        harmless(&visitor.post("/orders", &fields).await);

        // The gateway's words, once for each of its answers.
        for (n, answer) in ANSWERS.iter().enumerate() {
            let mut buyer = Person::at(&shop);
            let mut form = buyer.checkout("editor", &format!("b{n}@example.test")).await;
            form.insert("method".to_owned(), "usdt".to_owned());
            form.insert("field_note".to_owned(), String::new());
            let reply = buyer.order("editor", &form).await.expect(303);
            let page = reply.location().expect("a page").path().to_owned();
            let page = buyer.get(&page).await.expect(200);
            harmless(&page);
            assert!(!page.text().contains("alert(1337)\""), "{answer}: {}", page.text());
        }
        // The goods' page and mail.
        let order = buy(&shop, "alipay").await;
        Own::of(&shop, &order, "T-1").send(&shop).await.expect(200);
        shop.order_in(&order, "delivered").await;
        let path = format!("/o/{}", order.order_no);
        harmless(&Person::with_order(&shop, &order).get(&path).await.expect(200));
        let mail = shop.smtp().first_mail_to(BUYER).await;
        assert!(!mail.html().contains("<script"), "{}", mail.html());
        assert!(!mail.html().contains("<img src=x"), "{}", mail.html());
    }
);
