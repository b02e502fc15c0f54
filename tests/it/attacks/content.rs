//! Text that wants to be more than text: in mail headers and in templates.

use super::ground::{buy, goods, rows, stock_up};
use super::pages::{harmless, plain};
use super::person::Person;
use crate::harness::on_both_engines;
use regex::Regex;
use serde_json::json;

/// Cards that template engines, spreadsheets, mail servers and browsers would act on.
const CARDS: &[&str] = &[
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{% raw %}",
    "{{constructor.constructor('x')()}}",
    "%s%n%x",
    "<script>alert(1337)</script>",
    "\"><img src=x onerror=alert(1337)>",
    "&lt;b&gt;&amp;",
    "=1+1",
    "=?utf-8?q?x?=",
    "=3D=20",
    "javascript:alert(1337)",
    ".",
    "..",
    "--",
    "-- x",
    "From me",
    "密钥\u{202e}gnp",
];

on_both_engines!(
    /// X41: "My text is a template." Cards that every template engine, mail server and browser
    /// would act on arrive byte for byte: on the page, in the download, through the API, in the
    /// mail and in its attachment. Seen to fail with `{{ g.content|safe }}` on the page.
    goods_are_data,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        shop.write_file("evil.txt", CARDS.join("\n"));
        let evil = goods("")
            .replace("\"editor\"", "\"evil\"")
            .replace("editor-1y", "evil-1")
            .replace("cards.txt", "evil.txt");
        shop.apply(&evil).await;
        let variant = shop.variant("evil").await;
        let count = u32::try_from(CARDS.len()).expect("a number");
        shop.apply("[shop]\nunpaid_per_email = 100\nunpaid_per_network = 100\n").await;
        buy(&shop, "alipay").await;
        let email = "reader@example.test";
        let order = shop.place(&variant, count, email, "alipay").await;
        gateway.pay(order.pay_url()).await;
        let got = shop.goods(&order).await;
        let mut sorted = got.clone();
        sorted.sort();
        let mut wanted: Vec<String> = CARDS.iter().map(|card| (*card).to_owned()).collect();
        wanted.sort();
        assert_eq!(sorted, wanted);

        let mut reader = Person::with_order(&shop, &order);
        let path = format!("/o/{}", order.order_no);
        let file = reader.get(&format!("{path}/goods.txt")).await.expect(200);
        assert_eq!(file.text(), got.join("\n") + "\n");
        assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
        let disposition = file.header("content-disposition").unwrap_or_default();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        let page = reader.get(&path).await.expect(200);
        harmless(&page);
        let shown = Regex::new("<code data-copy>([^<]*)</code>").expect("a pattern");
        let html = page.text();
        let shown: Vec<String> = shown.captures_iter(&html).map(|c| plain(&c[1])).collect();
        assert_eq!(shown, got);

        let mail = shop.smtp().first_mail_to(email).await;
        let text = mail.text();
        let lines: Vec<&str> = text.lines().collect();
        for card in &got {
            assert!(lines.contains(&card.as_str()), "{card} in {text}");
            assert!(plain(&mail.html()).contains(card.as_str()), "{card}");
        }
        assert!(!mail.html().contains("<script"), "{}", mail.html());
        let long = (0..30).map(|n| format!("{{{{{n}*7}}}} <b>{n}</b>\n")).collect::<String>();
        shop.write_file("evil.txt", &long);
        shop.apply(&evil).await;
        let order = shop.place(&variant, 30, "long@example.test", "alipay").await;
        gateway.pay(order.pay_url()).await;
        let got = shop.goods(&order).await;
        let mail = shop.smtp().first_mail_to("long@example.test").await;
        let file = mail.file(&format!("goods-{}.txt", order.order_no));
        assert_eq!(file, Some((got.join("\n") + "\n").into_bytes()));
    }
);

on_both_engines!(
    /// X40: "My address ends in a line break and a Bcc." No control character gets into an
    /// address, a field or a name; a name that imitates an address stays a name. One order, one
    /// mail, one recipient. Seen to fail when `check_email` takes whatever holds an @.
    mail_has_one_recipient,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let before = rows(&shop, "orders");
        let mut thief = Person::at(&shop);
        for email in [
            "a@b.cn\r\nBcc: evil@evil.test",
            "a@b.cn\nBcc: evil@evil.test",
            "a@b.cn\rBcc:evil@evil.test",
            "a@b.cn\0",
            "a@b.cn, evil@evil.test",
            "a@b.cn;evil@evil.test",
            "<evil@evil.test>",
            "\"x\r\nBcc: evil@evil.test\"@b.cn",
            "a@b.cn> RCPT TO:<evil@evil.test",
            "a@b.cn\u{2028}Bcc: evil@evil.test",
            "a@b.cn evil@evil.test",
        ] {
            let form = thief.checkout("editor", email).await;
            assert_eq!(thief.order("editor", &form).await.status, 422, "{email:?}");
            let variant = &form["variant"];
            let body = json!({"variant": variant, "quantity": 1, "email": email, "method": "alipay"});
            let reply = shop.try_place(&body).await;
            assert_eq!(reply.status, 422, "{email:?}: {}", reply.text());
        }
        for note in ["x\r\nBcc: evil@evil.test", "x\nBcc: y", "x\u{1b}[31m", "x\0"] {
            let mut form = thief.checkout("editor", "a@b.cn").await;
            form.insert("field_note".to_owned(), note.to_owned());
            assert_eq!(thief.order("editor", &form).await.status, 422, "{note:?}");
        }
        assert_eq!(rows(&shop, "orders"), before);
        for (key, value) in [
            ("name", "\"Shop\\r\\nBcc: evil@evil.test\""),
            ("name_en", "\"Shop\\nBcc: evil@evil.test\""),
            ("mail_from", "\"a@b.cn\\r\\nBcc: evil@evil.test\""),
            ("admin_email", "\"a@b.cn\\r\\nBcc: evil@evil.test\""),
        ] {
            let refused = shop.try_apply(&format!("[shop]\n{key} = {value}\n")).await;
            let refused = refused.refused();
            assert!(refused.contains(&format!("shop.{key}")), "{refused}");
        }
        let name = r#""Evil\" <evil@evil.test>, \"x" "#;
        shop.apply(&format!("[shop]\nname = {name}\nname_en = {name}\n")).await;
        buy(&shop, "alipay").await;
        let mut form = thief.checkout("editor", "honest%0d%0abcc=x@example.test").await;
        form.insert("field_note".to_owned(), "Bcc: evil@evil.test".to_owned());
        let reply = thief.order("editor", &form).await.expect(303);
        let no = reply.location().expect("an order").path().replace("/o/", "");
        let merchant = format!(
            "SELECT merchant_no FROM attempt WHERE order_id = \
             (SELECT id FROM orders WHERE order_no = '{no}')"
        );
        gateway.pay_at_once(&shop.scalar(&merchant).expect("an attempt")).await;
        let mail = shop.smtp().first_mail_to("honest%0d%0abcc=x@example.test").await;
        assert_eq!(mail.to.len(), 1);
        let raw = String::from_utf8_lossy(&mail.raw).into_owned();
        let (head, _) = raw.split_once("\r\n\r\n").expect("a head");
        let named = |name: &str| {
            let lines = head.lines().filter(|line| line.to_lowercase().starts_with(name));
            lines.count()
        };
        let counts = ["from:", "to:", "subject:", "bcc:", "cc:", "reply-to:"].map(named);
        assert_eq!(counts, [1, 1, 1, 0, 0, 0], "{head}");
        assert!(!mail.from.contains("evil"), "{}", mail.from);
        let from = head.lines().find(|line| line.starts_with("From:")).expect("From");
        let quoted = Regex::new(r#""(?:[^"\\]|\\.)*"|=\?[^?]*\?[^?]*\?[^?]*\?="#).expect("ok");
        assert!(!quoted.replace_all(from, "").contains("evil"), "{from}");
        assert!(shop.smtp().mails_to("evil@evil.test").is_empty());
    }
);
