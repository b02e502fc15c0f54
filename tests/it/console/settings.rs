//! Settings at the console: they act within a second, and what is wrong changes nothing.

use crate::attacks::pages::plain;
use crate::drills::stage::{SOON, count};
use crate::harness::{self, Clerk, Engine, Reply, TestShop, eventually, on_both_engines};
use std::time::Duration;

const PAGE: &str = "/admin/settings";

/// The settings as the page shows them, with some of them typed anew.
async fn filled(clerk: &Clerk, typed: &[(&str, &str)]) -> (Reply, Vec<(String, String)>) {
    let page = clerk.get(PAGE).await.expect(200);
    let html = page.text();
    let mut fields = vec![
        ("seen".to_owned(), harness::field(&html, "seen")),
        ("currency".to_owned(), "CNY".to_owned()),
        ("late_money".to_owned(), "deliver".to_owned()),
        ("mail_goods".to_owned(), "on".to_owned()),
    ];
    for name in [
        "name",
        "name_en",
        "time_zone",
        "contact",
        "mail_from",
        "admin_email",
        "minutes_to_pay",
        "unpaid_per_network",
        "unpaid_per_email",
        "webhook_url",
    ] {
        let kind = format!("name=\"{name}\" type=\"");
        let from = html.split(&kind).nth(1).expect("the field is there");
        let value = from
            .split("value=\"")
            .nth(1)
            .and_then(|v| v.split('"').next());
        fields.push((name.to_owned(), plain(value.unwrap_or_default())));
    }
    for (name, value) in typed {
        fields.retain(|(other, _)| other != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    (page, fields)
}

async fn send(clerk: &Clerk, (page, fields): &(Reply, Vec<(String, String)>)) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
    clerk.send(page, PAGE, &fields).await
}

async fn save(clerk: &Clerk, typed: &[(&str, &str)]) -> Reply {
    send(clerk, &filled(clerk, typed).await).await
}

fn version(shop: &TestShop) -> Option<String> {
    shop.scalar("SELECT version FROM config_version")
}

on_both_engines!(a_change_acts_at_once_on_every_node, |shop| async move {
    let clerk = Clerk::first_of(&shop).await;
    // Two servers are for PostgreSQL.
    let other = match shop.engine() {
        Engine::Postgres => Some(shop.second_node().await),
        Engine::Sqlite => None,
    };
    let typed = [
        ("name", "晴天小店"),
        ("minutes_to_pay", "7"),
        ("mail_from", "晴天 <a@shop.example>"),
    ];
    save(&clerk, &typed).await.expect(303);
    let home = shop.http().get("/").await.expect(200).text();
    assert!(home.contains("晴天小店"), "at once where it was saved");
    if let Some(other) = other {
        eventually(Duration::from_secs(3), || async {
            other.http().get("/").await.text().contains("晴天小店")
        })
        .await;
    }
    let page = clerk.get(PAGE).await.expect(200).text();
    assert!(page.contains("value=\"7\""), "{page}");
    let told = shop.scalar("SELECT after FROM audit WHERE action = 'settings.save'");
    let told = told.expect("a line");
    assert!(told.contains("\"minutes_to_pay\":\"7\""), "{told}");
    assert!(!told.contains("currency"), "only what changed: {told}");
    let before = version(&shop);
    save(&clerk, &[]).await.expect(303);
    assert_eq!(version(&shop), before, "saving the same changes nothing");
});

on_both_engines!(
    /// Colour, lines and policy: buyers see them; a form that does not send one leaves it alone.
    what_the_shop_looks_like_is_set_here,
    |shop| async move {
        let clerk = Clerk::first_of(&shop).await;
        let seen = async |path: &str| shop.http().get(path).await.expect(200).text();
        let bare = seen("/").await;
        shop.http().get("/policy").await.expect(404);
        for (typed, told) in [
            (("brand_colour", "blue"), "Colour is a colour such as #2b50c8"),
            (("announcement", &*"长".repeat(201)), "Announcement is at most 200 characters"),
            (("policy", &*"x".repeat(20_001)), "The policy is at most 20000 bytes"),
        ] {
            let refused = save(&clerk, &[typed]).await.expect(422).text();
            assert!(refused.contains(told), "{told}: {refused}");
        }
        assert_eq!(seen("/").await.matches("theme").count(), bare.matches("theme").count());

        let typed = [
            ("brand_colour", "#0a6b4f"),
            ("announcement", "国庆 <b>不打烊</b>"),
            ("footer_note", "工作日回复"),
            ("policy", "# 退款\r\n\r\n七天内**可退**。"),
            ("policy_en", "# Refunds\r\n\r\nWithin **seven days**."),
        ];
        save(&clerk, &typed).await.expect(303);
        let home = seen("/").await;
        assert!(home.contains("国庆 &#60;b&#62;不打烊&#60;/b&#62;"), "{home}");
        assert!(home.contains("工作日回复") && home.contains("href=\"/theme."), "{home}");
        assert!(seen("/policy").await.contains("<strong>可退</strong>"));
        let page = clerk.get(PAGE).await.expect(200).text();
        assert!(page.contains("value=\"#0a6b4f\"") && page.contains("七天内**可退**。</textarea>"), "{page}");

        // The form as it was before these fields: they stay. The same text again is no change.
        let before = version(&shop);
        save(&clerk, &[]).await.expect(303);
        save(&clerk, &typed).await.expect(303);
        assert_eq!(version(&shop), before);
        save(&clerk, &[("policy", ""), ("policy_en", "")]).await.expect(303);
        shop.http().get("/policy").await.expect(404);
        assert!(seen("/").await.contains("工作日回复"));
    }
);

on_both_engines!(a_bad_setting_changes_nothing, |shop| async move {
    let clerk = Clerk::first_of(&shop).await;
    let before = version(&shop);
    let wrong = [
        (("name", ""), "Shop name is 1 to 60 characters"),
        (("time_zone", "Mars/Base"), "Time zone is a time zone"),
        (("minutes_to_pay", "0"), "Minutes to pay is from 1 to 1440"),
        (
            ("minutes_to_pay", "soon"),
            "Minutes to pay is a whole number",
        ),
        (
            ("unpaid_per_email", "-1"),
            "Unpaid units per address is at least 1",
        ),
        (("mail_from", "foo@"), "Sender is an email address"),
        (
            ("mail_from", "a@b\r\nBcc: c@d"),
            "Sender is an email address",
        ),
        (
            ("admin_email", "nobody"),
            "Where alerts go is an email address",
        ),
        (
            ("webhook_url", "ftp://x.example"),
            "Address is an http or https address",
        ),
        (
            ("webhook_url", "https://x.example"),
            "Signing secret begins with whsec_",
        ),
        (
            ("webhook_secret", "whsec_short"),
            "Signing secret is whsec_ and 24 to 64",
        ),
        (("late_money", "keep"), "Money that comes after"),
    ];
    for (typed, told) in wrong {
        let typed = [typed, ("contact", "typed@shop.example")];
        let refused = save(&clerk, &typed).await.expect(422).text();
        assert!(refused.contains(told), "{told}: {refused}");
        assert!(refused.contains("id=\"errors\""));
        assert!(
            refused.contains("value=\"typed@shop.example\""),
            "what was typed is kept"
        );
    }
    let (_, fields) = filled(&clerk, &[("name", "x")]).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
    clerk.send_as(PAGE, &fields, &[]).await.expect(403);
    let stranger = Clerk::at(shop.http());
    stranger.get(PAGE).await.expect(303);
    assert_eq!(version(&shop), before);
    assert_eq!(count(&shop, "audit WHERE action = 'settings.save'"), 0);
    // The second of two who change at once is told.
    let first = filled(&clerk, &[("name", "第一")]).await;
    let second = filled(&clerk, &[("name", "第二")]).await;
    send(&clerk, &first).await.expect(303);
    let late = send(&clerk, &second).await.expect(422).text();
    assert!(
        late.contains("Somebody changed the settings before you"),
        "{late}"
    );
    let home = shop.http().get("/").await.expect(200).text();
    assert!(home.contains("第一"), "the first change stands");
});

on_both_engines!(
    a_webhook_secret_is_shown_once_and_asks_for_the_password,
    |shop| async move {
        let clerk = Clerk::first_of(&shop).await;
        save(&clerk, &[("admin_email", "owner@shop.example")])
            .await
            .expect(303);
        let make = "/admin/settings/webhook-secret";
        shop.advance_clock(Duration::from_secs(11 * 60));
        clerk.post(make, make, &[]).await.expect(422);
        let wrong = clerk
            .post(make, make, &[("proof", "not the password")])
            .await;
        assert!(
            wrong
                .expect(422)
                .text()
                .contains("That is not your password")
        );
        assert_eq!(
            count(
                &shop,
                "setting WHERE name = 'webhook_secret' AND value LIKE '%whsec%'"
            ),
            0
        );
        save(&clerk, &[("admin_email", "thief@shop.example")])
            .await
            .expect(422);
        let made = clerk.post(make, make, &[("proof", harness::OWNER.1)]).await;
        let made = made.expect(200).text();
        let secret = made
            .split("whsec_")
            .nth(1)
            .and_then(|rest| rest.split('<').next());
        let secret = secret.expect("it is shown").to_owned();
        assert!(secret.len() > 30, "{secret}");
        save(&clerk, &[("webhook_url", "https://hooks.example/in")])
            .await
            .expect(303);
        for page in [PAGE, make, "/admin/audit", "/admin", "/admin/mail"] {
            let text = clerk.get(page).await.expect(200).text();
            assert!(!text.contains(&secret), "{page}");
        }
        let told = "(SELECT before AS text FROM audit UNION ALL SELECT after FROM audit UNION ALL \
                SELECT value FROM setting UNION ALL SELECT body FROM alert) t";
        assert_eq!(
            count(&shop, &format!("{told} WHERE t.text LIKE '%{secret}%'")),
            0
        );
        assert!(!shop.log().contains(&secret));
        eventually(SOON, || async {
            let mails = shop.smtp().mails_to("owner@shop.example");
            mails
                .iter()
                .any(|mail| mail.text().contains("settings_changed"))
        })
        .await;
    }
);
