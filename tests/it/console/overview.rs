//! The start page: the day in figures, and what waits for somebody.

use crate::drills::stage::{self, FIVE, SOON};
use crate::harness::{Clerk, SmtpMode, eventually, on_both_engines};
use std::time::Duration;

on_both_engines!(the_day_is_counted_and_work_is_named, |shop| async move {
    let gateway = stage::set_up(&shop, FIVE).await;
    let clerk = Clerk::first_of(&shop).await;
    let page = clerk.get("/admin").await.expect(200).text();
    assert!(page.contains("¥0.00 · 0 orders"), "{page}");
    // What is missing before the shop sells, and not what is there.
    assert!(
        page.contains("href=\"/admin/setup\"") && page.contains("href=\"/admin/setup/finish\""),
        "{page}"
    );
    assert!(!page.contains("href=\"/admin/setup/shop\""), "{page}");
    assert!(
        page.contains("Nothing to do") && page.contains("No orders yet"),
        "{page}"
    );
    // A running shop acts on a file within a second.
    eventually(SOON, || async {
        let page = clerk.get("/admin").await.expect(200).text();
        page.contains("/admin/accounts/m1") && page.contains("Taking orders")
    })
    .await;

    // Nobody's midnight is between the two orders: the clock first goes to noon of tomorrow.
    let noon = 12 * 3_600_000;
    let day = 24 * 3_600_000;
    let shanghai = shop.now_ms() + 8 * 3_600_000;
    let to_noon = (noon - shanghai.rem_euclid(day)).rem_euclid(day);
    shop.advance_clock(Duration::from_millis(
        u64::try_from(to_noon).expect("ahead"),
    ));
    let clerk = {
        drop(clerk);
        let clerk = Clerk::at(shop.http());
        let (email, password) = crate::harness::OWNER;
        clerk.sign_in(email, password).await.expect(303);
        clerk
    };
    let first = stage::buy(&shop, "alipay").await;
    gateway.pay(first.pay_url()).await;
    shop.goods(&first).await;
    let page = clerk.get("/admin").await.expect(200).text();
    assert!(page.contains("¥19.90 · 1 order<"), "{page}");
    assert!(
        page.contains("Yesterday by this time ¥0.00, 0 orders"),
        "{page}"
    );
    assert!(page.contains("95% within"), "{page}");
    assert!(
        page.contains(&format!("/admin/orders/{}", first.order_no)),
        "{page}"
    );

    // With its first order mailed, the shop is set up.
    eventually(SOON, || async {
        let page = clerk.get("/admin").await.expect(200).text();
        !page.contains("/admin/setup")
    })
    .await;

    // A mail that no server takes, and stock that runs out.
    shop.smtp().set(SmtpMode::Refuse(550));
    let second = stage::buy(&shop, "wechat").await;
    gateway.pay(second.pay_url()).await;
    shop.goods(&second).await;
    shop.tamper("UPDATE product SET low_stock = 3");
    eventually(SOON, || async {
        let page = clerk.get("/admin").await.expect(200).text();
        let alarmed = page.contains("outbox_dead");
        alarmed && page.contains("given up") && page.contains("1 variant runs out of stock")
    })
    .await;
    shop.smtp().set(SmtpMode::Accept);
    let page = clerk.get("/admin").await.expect(200).text();
    assert!(page.contains("¥39.80 · 2 orders"), "{page}");
    assert!(
        page.contains("A mail or a notice was not delivered"),
        "{page}"
    );

    // A day later it is yesterday's.
    shop.advance_clock(Duration::from_secs(24 * 3_600 + 60));
    let clerk = Clerk::at(shop.http());
    let (email, password) = crate::harness::OWNER;
    clerk.sign_in(email, password).await.expect(303);
    let page = clerk.get("/admin").await.expect(200).text();
    assert!(page.contains("¥0.00 · 0 orders"), "{page}");
    assert!(
        page.contains("Yesterday by this time ¥39.80, 2 orders"),
        "{page}"
    );
});

on_both_engines!(
    /// What cannot be shown is told to staff in their own frame, and to nobody else.
    a_failure_leaves_staff_in_the_console,
    |shop| async move {
        let clerk = Clerk::first_of(&shop).await;
        let nowhere = clerk.get("/admin/nowhere").await.expect(404).text();
        for told in ["class=\"desk failed\"", "href=\"/admin/orders\"", "404 · ", "Nothing was changed"] {
            assert!(nowhere.contains(told), "{told}: {nowhere}");
        }
        let forged = clerk.send_as("/admin/settings", &[("name", "x")], &[]).await;
        assert!(forged.expect(403).text().contains("class=\"desk failed\""));
        let shop_page = clerk.get("/nowhere").await.expect(404).text();
        assert!(!shop_page.contains("class=\"desk"), "{shop_page}");
        let stranger = Clerk::at(shop.http());
        stranger.get("/admin/nowhere").await.expect(303);
        let account = clerk.get("/admin/account").await.expect(200).text();
        assert!(account.contains("Unknown browser"), "{account}");
    }
);
