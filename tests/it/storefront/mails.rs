//! The mail of an order at a real mail server: in the buyer's language, in both parts, and in
//! the end, whatever the server says at first.

use crate::drills::stage::{FIVE, OWNER, SOON, alarmed, count, quiet, set_up};
use crate::harness::{Mail, SmtpMode, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

/// Places an order in a language and pays it; its number and its goods.
async fn bought(
    shop: &TestShop,
    gateway: &crate::harness::Sandbox,
    (email, locale): (&str, &str),
) -> (String, String) {
    let body = json!({
        "variant": shop.variant("editor").await, "quantity": 1, "email": email,
        "method": "alipay", "locale": locale, "fields": {},
    });
    let placed = shop.try_place(&body).await.expect(201);
    let placed: crate::harness::Placed = serde_json::from_slice(&placed.body).expect("an order");
    gateway.pay(placed.pay_url()).await;
    // Whatever the mail server does, the goods are on the page.
    let goods = shop.goods(&placed).await;
    (placed.order_no, goods[0].clone())
}

/// Panics unless both parts say the same facts, and the headers are what a mail needs.
#[track_caller]
fn says(mail: &Mail, facts: &[&str], subject: &str) {
    for fact in facts {
        assert!(mail.text().contains(fact), "{fact} in {}", mail.text());
        assert!(mail.html().contains(fact), "{fact} in {}", mail.html());
    }
    let header = |name| mail.header(name).unwrap_or_default();
    assert!(header("subject").contains(subject), "{}", header("subject"));
    assert!(!header("message-id").is_empty() && !header("date").is_empty());
    let kinds: Vec<String> = mail.parts().into_iter().map(|part| part.kind).collect();
    assert_eq!(kinds, ["text/plain", "text/html"]);
}

on_both_engines!(
    /// The mail arrives in both languages and both parts. While the server says "later" (451) the
    /// goods are on the page, and the mail comes when it says yes; an address it refuses for good
    /// (550) is told to the owner once; a server that hangs delays nobody's goods, and its mail
    /// comes after it. (Mails and webhooks behind a hanging server:
    /// tests/it/drills/jobs.rs::who_hangs_holds_up_nobody_else.)
    a_mail_arrives_whatever_the_server_says_at_first,
    |shop| async move {
        let gateway = set_up(&shop, FIVE).await;
        shop.apply("[shop]\nname = \"云栈\"\nname_en = \"Cloudstack\"\n").await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let zh = ("zh@example.test", "zh-CN");
        let (no, goods) = bought(&shop, &gateway, zh).await;
        let mail = shop.smtp().first_mail_to(zh.0).await;
        let page = format!("{}/o/{no}?token=", shop.url());
        says(&mail, &[&no, &goods, &page, "¥19.90", "你购买的商品"], "「云栈」授权码已发货");
        let en = ("en@example.test", "en");
        let (no, goods) = bought(&shop, &gateway, en).await;
        let mail = shop.smtp().first_mail_to(en.0).await;
        says(&mail, &[&no, &goods, "¥19.90", "What you bought"], "Your key from Cloudstack");
        assert_eq!(mail.to, [en.0]);

        shop.smtp().set(SmtpMode::Refuse(451));
        bought(&shop, &gateway, ("later@example.test", "en")).await;
        let tried = "outbox WHERE state = 'waiting' AND tries = 1";
        eventually(SOON, || async { count(&shop, tried) == 1 }).await;
        shop.smtp().set(SmtpMode::Accept);
        shop.advance_clock(Duration::from_secs(6));
        let mail = shop.smtp().first_mail_to("later@example.test").await;
        assert!(mail.text().contains("CARD-"));

        shop.smtp().set(SmtpMode::Refuse(550));
        bought(&shop, &gateway, ("never@example.test", "en")).await;
        eventually(SOON, || async { count(&shop, "outbox WHERE state = 'dead'") == 1 }).await;
        shop.smtp().set(SmtpMode::Accept);
        alarmed(&shop, "outbox_dead").await;
        shop.advance_clock(Duration::from_secs(6));
        let told = shop.smtp().first_mail_to(OWNER).await;
        assert!(told.text().contains("outbox_dead"), "{}", told.text());
        assert!(shop.smtp().mails_to("never@example.test").is_empty());

        shop.smtp().set(SmtpMode::Hang);
        bought(&shop, &gateway, ("hung@example.test", "zh-CN")).await;
        shop.smtp().set(SmtpMode::Accept);
        // The line that hangs would only break when the shop's patience ends.
        shop.smtp().down();
        shop.smtp().up();
        shop.advance_clock(Duration::from_secs(6 * 60));
        shop.smtp().first_mail_to("hung@example.test").await;
        quiet(&shop).await;
        // At least once, and known as one.
        let mails = shop.smtp().mails_to("hung@example.test");
        let ids: std::collections::BTreeSet<_> = mails.iter().map(|m| m.header("message-id")).collect();
        assert_eq!(ids.len(), 1);
    }
);
