//! From the one-time link of a new shop to its first order, step by step (A01).

use serde_json::json;

use crate::harness::{Clerk, OWNER, Sandbox, TestShop, eventually, field, on_both_engines};
use std::time::Duration;

const KEY: &str = "a-key-of-the-sandbox-0123456789abcdef";

/// How many steps the list shows as done.
async fn done(clerk: &Clerk) -> usize {
    let list = clerk.get("/admin/setup").await.expect(200).text();
    list.matches("<li class=\"done\">").count()
}

fn one(shop: &TestShop, query: &str) -> String {
    shop.scalar(query).unwrap_or_default()
}

on_both_engines!(a_new_shop_is_set_up_to_its_first_order, |shop| async move {
    let gateway = Sandbox::start().await;
    gateway.merchant(json!({"id": "m1", "key": KEY})).await;

    // The first of the staff is led here, because nothing is there yet.
    let clerk = Clerk::at(shop.http());
    let link = shop.cli(&["staff", "first"]).await.ok();
    let page = clerk.get(link.trim()).await.expect(200);
    let token = field(&page.text(), "token");
    let typed = [
        ("token", token.as_str()),
        ("email", OWNER.0),
        ("password", OWNER.1),
    ];
    let entered = clerk.send(&page, "/admin/link", &typed).await.expect(303);
    assert_eq!(entered.header("location"), Some("/admin/setup"));
    assert_eq!(done(&clerk).await, 0);

    // Each step can be left out.
    for step in ["shop", "channel", "mail", "product"] {
        let text = clerk
            .get(&format!("/admin/setup/{step}"))
            .await
            .expect(200)
            .text();
        assert!(text.contains(">Skip<"), "{step}: {text}");
    }

    // The shop.
    let at = "/admin/setup/shop";
    let wrong = [
        ("name", ""),
        ("name_en", "Kept"),
        ("currency", "XXX"),
        ("time_zone", "Mars/Base"),
        ("contact", "x"),
    ];
    let refused = clerk.post(at, at, &wrong).await.expect(422).text();
    for part in [
        "href=\"#name\"",
        "href=\"#currency\"",
        "href=\"#time_zone\"",
        "value=\"Kept\"",
    ] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    assert_eq!(
        one(
            &shop,
            "SELECT CAST(COUNT(*) AS TEXT) FROM setting WHERE value LIKE '%Kept%'"
        ),
        "0"
    );
    let right = [
        ("name", "云栈数码"),
        ("name_en", "Cloudstack"),
        ("currency", "CNY"),
        ("time_zone", "Asia/Shanghai"),
        ("contact", "help@example.com"),
        ("role", "owner"),
        ("webhook_url", "https://evil.example/"),
    ];
    clerk.post(at, at, &right).await.expect(303);
    assert_eq!(
        one(&shop, "SELECT value FROM setting WHERE name = 'name_en'"),
        "\"Cloudstack\""
    );
    assert_eq!(
        one(
            &shop,
            "SELECT value FROM setting WHERE name = 'webhook_url'"
        ),
        "\"\""
    );
    assert_eq!(done(&clerk).await, 1);

    // The channel: what cannot work is refused, and no key comes back.
    let at = "/admin/setup/channel?kind=sandbox";
    let url = gateway.url();
    let base = [
        ("id", "sandbox"),
        ("base_url", url.as_str()),
        ("method-alipay", "1"),
        ("merchant", "m1"),
        ("key", "too short to be a key"),
    ];
    let refused = clerk.post(at, at, &base).await.expect(422).text();
    assert!(
        refused.contains("href=\"#key\"") && !refused.contains("too short to be"),
        "{refused}"
    );
    let mut fields = base;
    fields[4] = ("key", KEY);
    fields[1] = ("base_url", "http://pay.example.com");
    let refused = clerk.post(at, at, &fields).await.expect(422).text();
    assert!(refused.contains("href=\"#base_url\""), "{refused}");
    assert_eq!(
        one(&shop, "SELECT CAST(COUNT(*) AS TEXT) FROM channel_account"),
        "0"
    );
    fields[1] = ("base_url", url.as_str());
    clerk.post(at, at, &fields).await.expect(303);
    let again = clerk.post(at, at, &fields).await.expect(422).text();
    assert!(again.contains("href=\"#id\""), "{again}");
    let log = one(
        &shop,
        "SELECT after FROM audit WHERE action = 'account.create'",
    );
    assert!(log.contains("sandbox") && !log.contains(KEY), "{log}");
    assert_eq!(done(&clerk).await, 2);

    // The mail.
    let at = "/admin/setup/mail";
    let wrong = [
        ("mail_from", "x\r\nBcc: y@example.com"),
        ("admin_email", "nobody"),
    ];
    let refused = clerk.post(at, at, &wrong).await.expect(422).text();
    assert!(
        refused.contains("#mail_from") && refused.contains("#admin_email"),
        "{refused}"
    );
    let right = [
        ("mail_from", "Cloudstack <shop@example.com>"),
        ("admin_email", "li@example.com"),
        ("do", "test"),
    ];
    clerk.post(at, at, &right).await.expect(303);
    let mail = shop.smtp().first_mail_to("li@example.com").await;
    assert!(mail.text().contains("test mail"), "{}", mail.text());
    eventually(Duration::from_secs(20), || async {
        (done(&clerk).await == 3).then_some(())
    })
    .await;

    // Something to sell.
    let at = "/admin/setup/product";
    let mut fields = [
        ("name_zh", "授权码"),
        ("name_en", "Licence"),
        ("slug", "licence"),
        ("price", "29.905"),
        ("cards", "CARD-1\nCARD-2\nCARD-1\nbad\u{7}card\n"),
    ];
    let refused = clerk.post(at, at, &fields).await.expect(422).text();
    assert!(
        refused.contains("href=\"#price\"") && refused.contains("href=\"#cards\""),
        "{refused}"
    );
    assert_eq!(
        one(&shop, "SELECT CAST(COUNT(*) AS TEXT) FROM product"),
        "0"
    );
    fields[3] = ("price", "29.90");
    fields[4] = ("cards", "CARD-1\r\nCARD-2\r\nCARD-1\r\n");
    clerk.post(at, at, &fields).await.expect(303);
    clerk.post(at, at, &fields).await.expect(422);
    assert_eq!(one(&shop, "SELECT CAST(COUNT(*) AS TEXT) FROM card"), "2");
    assert_eq!(done(&clerk).await, 4);

    // An order of one's own, for the smallest price there is.
    let at = "/admin/setup/finish";
    let text = clerk.get(at).await.expect(200).text();
    assert!(
        text.contains("href=\"/p/licence\"") && text.contains("nothing real"),
        "{text}"
    );
    clerk.post(at, at, &[]).await.expect(303);
    clerk.post(at, at, &[]).await.expect(303);
    let query = "SELECT CAST(COUNT(*) AS TEXT) FROM variant WHERE sku = 'test-order' AND price = 1";
    assert_eq!(one(&shop, query), "1");
    let variant = shop.variant("test-order").await;
    let placed = shop.place(&variant, 1, "li@example.com", "alipay").await;
    gateway.pay(placed.pay_url()).await;
    assert_eq!(
        shop.goods(&placed).await,
        ["It works: the payment arrived and the goods left."]
    );
    assert_eq!(done(&clerk).await, 5);
    let text = clerk.get("/admin/setup").await.expect(200).text();
    assert!(text.contains("All done"), "{text}");
});
