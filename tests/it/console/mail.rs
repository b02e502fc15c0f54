//! Mail at the console: the queue, one mail as it would be sent, and the owner's own texts.

use crate::attacks::pages::plain;
use crate::drills::stage::{self, BUYER, FIVE, SOON, count};
use crate::harness::on_both_engines;
use crate::harness::{self, Clerk, Mail, Placed, Reply, Sandbox, SmtpMode, TestShop, eventually};
use serde_json::json;
use std::time::Duration;

const TEXTS: &str = "/admin/mail/templates";

async fn write(clerk: &Clerk, lang: &str, texts: [&str; 3], how: &str) -> Reply {
    let page = format!("{TEXTS}/order.delivered/{lang}");
    let html = clerk.get(&page).await.expect(200).text();
    let seen = harness::field(&html, "seen");
    let [subject, opening, closing] = texts;
    let fields = [
        ("seen", seen.as_str()),
        ("subject", subject),
        ("opening", opening),
        ("closing", closing),
        ("do", how),
    ];
    clerk.post(&page, &page, &fields).await
}

async fn buy(shop: &TestShop, gateway: &Sandbox, locale: &str, email: &str) -> Placed {
    let variant = shop.variant("editor").await;
    let body = json!({
        "variant": variant, "quantity": 1, "email": email, "method": "alipay",
        "locale": locale, "fields": {},
    });
    let placed = shop.try_place(&body).await.expect(201);
    let placed: Placed = serde_json::from_slice(&placed.body).expect("an order");
    gateway.pay(placed.pay_url()).await;
    shop.goods(&placed).await;
    placed
}

fn subject(mail: &Mail) -> String {
    mail.header("subject").unwrap_or_default()
}

on_both_engines!(
    own_texts_are_in_both_parts_of_the_mails_in_both_languages,
    |shop| async move {
        let gateway = stage::set_up(&shop, FIVE).await;
        let clerk = Clerk::first_of(&shop).await;
        let zh = [
            "「{shop}」给你 {item}",
            "你好，\r\n谢谢购买 {item}。",
            "回头见，{order_no}",
        ];
        let en = [
            "{item} for you",
            "Hello from <b>{shop}</b> & {amount}",
            "{order_no}, \"bye\"",
        ];
        let look = write(&clerk, "zh", zh, "preview").await.expect(200).text();
        assert!(look.contains("示例商品"), "{look}");
        assert_eq!(count(&shop, "mail_template"), 0, "a preview writes nothing");
        write(&clerk, "zh", zh, "save").await.expect(303);
        write(&clerk, "en", en, "save").await.expect(303);

        let placed = buy(&shop, &gateway, "zh-CN", "zh@example.test").await;
        let mail = shop.smtp().first_mail_to("zh@example.test").await;
        assert_eq!(subject(&mail), "「演练」给你 编辑器");
        for part in [mail.text(), mail.html()] {
            assert!(
                part.contains("你好，") && part.contains("谢谢购买 编辑器。"),
                "{part}"
            );
            assert!(
                part.contains(&format!("回头见，{}", placed.order_no)),
                "{part}"
            );
            assert!(part.contains("CARD-"), "the goods stay: {part}");
            assert!(part.contains("你收到这封邮件"), "why it came stays: {part}");
        }
        let placed = buy(&shop, &gateway, "en", "en@example.test").await;
        let mail = shop.smtp().first_mail_to("en@example.test").await;
        assert_eq!(subject(&mail), "Editor for you");
        assert!(
            mail.text().contains("Hello from <b>演练</b> & ¥19.90"),
            "{}",
            mail.text()
        );
        let html = mail.html();
        assert!(
            !html.contains("<b>演练"),
            "X42: it is text, not markup: {html}"
        );
        assert!(
            plain(&html).contains("Hello from <b>演练</b> & ¥19.90"),
            "{html}"
        );
        assert!(plain(&html).contains(&format!("{}, \"bye\"", placed.order_no)));

        // A reset brings the usual subject back, and the log says what was.
        let page = format!("{TEXTS}/order.delivered/en");
        let seen = harness::field(&clerk.get(&page).await.text(), "seen");
        let reset = format!("{page}/reset");
        clerk
            .post(&page, &reset, &[("seen", &seen)])
            .await
            .expect(303);
        buy(&shop, &gateway, "en", "usual@example.test").await;
        let mail = shop.smtp().first_mail_to("usual@example.test").await;
        assert!(
            subject(&mail).contains("Your key from"),
            "{}",
            subject(&mail)
        );
        assert_eq!(count(&shop, "audit WHERE action = 'mail.template'"), 3);
        let list = clerk.get(TEXTS).await.expect(200).text();
        assert_eq!(list.matches("Own, since").count(), 1, "{list}");
    }
);

on_both_engines!(
    a_hostile_text_is_refused_and_changes_nothing,
    |shop| async move {
        let clerk = Clerk::first_of(&shop).await;
        let wrong = [
            (
                ["Hi\r\nBcc: thief@example.test", "", ""],
                "control characters",
            ),
            (["", "a\u{202e}b", ""], "control characters"),
            (["{{7*7}}", "", ""], "{{7*7} is nothing that can be put in"),
            (
                ["", "", "{password}"],
                "{password} is nothing that can be put in",
            ),
            (["", "{shop", ""], "is nothing that can be put in"),
        ];
        for (texts, told) in wrong {
            let refused = write(&clerk, "en", texts, "save").await.expect(422).text();
            assert!(plain(&refused).contains(told), "{told}: {refused}");
            assert!(refused.contains("id=\"errors\""));
        }
        let markup = write(
            &clerk,
            "en",
            ["<script>alert(1)</script>", "<img src=x>", ""],
            "preview",
        );
        crate::attacks::pages::harmless(&markup.await.expect(200));
        assert_eq!(count(&shop, "mail_template"), 0);
        for unknown in ["admin.alert/en", "order.delivered/fr", "nothing/zh"] {
            clerk.get(&format!("{TEXTS}/{unknown}")).await.expect(404);
        }
        let page = format!("{TEXTS}/order.delivered/en");
        clerk
            .send_as(&page, &[("subject", "x")], &[])
            .await
            .expect(403);
        Clerk::at(shop.http()).get(&page).await.expect(303);
        // The second of two who write at once is told.
        write(&clerk, "en", ["first", "", ""], "save")
            .await
            .expect(303);
        let fields = [
            ("seen", ""),
            ("subject", "second"),
            ("opening", ""),
            ("closing", ""),
            ("do", "save"),
        ];
        let late = clerk.post(&page, &page, &fields).await.expect(422).text();
        assert!(late.contains("Somebody changed these texts"), "{late}");
        let subject = shop.scalar("SELECT subject FROM mail_template");
        assert_eq!(subject.as_deref(), Some("first"));
    }
);

on_both_engines!(
    test_mails_go_out_and_only_a_few_in_an_hour,
    |shop| async move {
        let clerk = Clerk::first_of(&shop).await;
        let page = format!("{TEXTS}/order.delivered/zh");
        write(&clerk, "zh", ["试一试 {item}", "", ""], "save")
            .await
            .expect(303);
        let test = format!("{page}/test");
        for wrong in ["", "nobody", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f"] {
            clerk.post(&page, &test, &[("to", wrong)]).await.expect(422);
        }
        // Not across the turn of an hour.
        let into = shop.now_ms().rem_euclid(3_600_000);
        let ahead = u64::try_from(3_600_000 - into).expect("positive");
        shop.advance_clock(Duration::from_millis(ahead));
        let clerk = Clerk::at(shop.http());
        clerk
            .sign_in(harness::OWNER.0, harness::OWNER.1)
            .await
            .expect(303);
        for _ in 0..10 {
            clerk
                .post(&page, &test, &[("to", "me@example.test")])
                .await
                .expect(303);
        }
        let limited = clerk.post(&page, &test, &[("to", "me@example.test")]).await;
        assert!(
            limited
                .expect(422)
                .text()
                .contains("10 test mails went out")
        );
        let mail = shop.smtp().first_mail_to("me@example.test").await;
        assert!(
            subject(&mail).starts_with("试一试 示例商品"),
            "{}",
            subject(&mail)
        );
        assert!(mail.text().contains("SAMPLE-0000-0000"));
        eventually(SOON, || async {
            shop.smtp().mails_to("me@example.test").len() == 10
        })
        .await;
        assert_eq!(
            count(&shop, "outbox WHERE payload LIKE '%me@example%'"),
            0,
            "sealed"
        );
        assert_eq!(count(&shop, "audit WHERE action = 'mail.test'"), 10);
        let id = shop.scalar("SELECT id FROM outbox WHERE topic = 'mail.test' LIMIT 1");
        let one = clerk
            .get(&format!("/admin/mail/{}", id.expect("one")))
            .await
            .expect(200);
        assert!(one.text().contains("me***@example.test"), "{}", one.text());
    }
);

on_both_engines!(
    a_mail_that_was_given_up_is_seen_and_sent_again,
    |shop| async move {
        let gateway = stage::set_up(&shop, FIVE).await;
        let clerk = Clerk::first_of(&shop).await;
        let empty = clerk.get("/admin/mail").await.expect(200).text();
        assert!(empty.contains("There is no mail yet"), "{empty}");
        shop.smtp().set(SmtpMode::Refuse(550));
        let placed = buy(&shop, &gateway, "en", BUYER).await;
        let dead = "outbox WHERE topic = 'order.delivered' AND state = 'dead'";
        eventually(SOON, || async { count(&shop, dead) == 1 }).await;
        shop.smtp().set(SmtpMode::Accept);

        let list = "/admin/mail?state=dead&topic=order.delivered&kind=mail&sort=at";
        let page = clerk.get(list).await.expect(200).text();
        assert!(
            page.contains("Given up") && page.contains("Send again"),
            "{page}"
        );
        assert!(!page.contains(BUYER), "no address: {page}");
        let none = clerk
            .get("/admin/mail?kind=webhook&from=zz")
            .await
            .expect(200)
            .text();
        assert!(none.contains("Nothing matches"), "{none}");
        let id = shop.scalar("SELECT id FROM outbox WHERE topic = 'order.delivered'");
        let one = format!("/admin/mail/{}", id.expect("a mail"));

        // On the page no goods, no whole address, and no link that opens the order.
        let page = clerk.get(&one).await.expect(200).text();
        assert!(
            page.contains("st***@example.test") && !page.contains(BUYER),
            "{page}"
        );
        assert!(page.contains(&placed.order_no), "{page}");
        assert!(
            !page.contains("CARD-") && !page.contains("token="),
            "{page}"
        );
        // The whole mail asks for the password and is written down.
        shop.advance_clock(Duration::from_secs(11 * 60));
        let eml = format!("{one}/eml");
        clerk.post(&one, &eml, &[]).await.expect(422);
        assert_eq!(count(&shop, "audit WHERE action = 'mail.reveal'"), 0);
        let file = clerk
            .post(&one, &eml, &[("proof", harness::OWNER.1)])
            .await
            .expect(200);
        assert!(
            file.header("content-disposition")
                .is_some_and(|d| d.starts_with("attachment"))
        );
        assert_eq!(file.header("cache-control"), Some("no-store"));
        assert!(file.text().contains("CARD-") && file.text().contains(BUYER));
        assert_eq!(count(&shop, "audit WHERE action = 'mail.reveal'"), 1);

        clerk
            .post(&one, &format!("{one}/resend"), &[])
            .await
            .expect(303);
        let mail = shop.smtp().first_mail_to(BUYER).await;
        assert!(mail.text().contains("CARD-"));
        assert_eq!(count(&shop, "audit WHERE action = 'mail.resend'"), 1);
        clerk
            .send_as(&format!("{one}/resend"), &[], &[])
            .await
            .expect(403);
        clerk.get("/admin/mail/nothing").await.expect(404);
        clerk
            .post(&one, "/admin/mail/nothing/resend", &[])
            .await
            .expect(404);
    }
);
