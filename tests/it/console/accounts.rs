//! Channel accounts at the console: made, tested, let to take orders and stopped again.

use crate::drills::stage::{self, FIVE, OWNER, count, gateway};
use crate::harness::{self, Clerk, Demo, Reply, Sandbox, TestShop, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

/// At least 32 characters, as the gateway asks.
const KEY: &str = "typed-at-the-console-0123456789abcdef";
const OTHER: &str = "another-one-typed-there-9876543210fed";

/// A shop that sells something, collects through nobody, and a gateway that knows a merchant.
async fn without_accounts(shop: &TestShop) -> (Sandbox, Clerk) {
    let gateway = gateway(shop).await;
    gateway.merchant(json!({"id": "desk", "key": KEY})).await;
    stage::open_shop(shop, FIVE, &format!("admin_email = \"{OWNER}\""), "").await;
    let clerk = Clerk::first_of(shop).await;
    (gateway, clerk)
}

fn filled<'a>(url: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("kind", "sandbox"),
        ("id", "desk"),
        ("methods_alipay", "on"),
        ("base_url", url),
        ("currency", "CNY"),
        ("fee", "0.6"),
        ("fixed", "0.1"),
        ("min_amount", "1"),
        ("max_amount", ""),
        ("priority", "5"),
        ("cred_merchant", "desk"),
        ("cred_key", KEY),
    ];
    let kept = usual
        .into_iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more.iter().copied()).collect()
}

async fn add(clerk: &Clerk, url: &str, more: &[(&str, &str)]) -> Reply {
    let page = "/admin/accounts/new?kind=sandbox";
    clerk
        .post(page, "/admin/accounts/new", &filled(url, more))
        .await
}

async fn turn(clerk: &Clerk, from: &str, to: &str) -> Reply {
    let page = format!("/admin/accounts/desk/state/{to}");
    clerk.post(&page, &page, &[("from", from)]).await
}

async fn order(shop: &TestShop, method: &str) -> Reply {
    let variant = shop.variant("editor").await;
    shop.try_place(&json!({
        "variant": variant, "quantity": 1, "email": stage::BUYER, "method": method,
        "locale": "en", "fields": {},
    }))
    .await
}

/// No typed key stands anywhere but sealed: in no page, no audit line, no alert, no log.
async fn keys_stay_hidden(shop: &TestShop, clerk: &Clerk) {
    for page in [
        "/admin",
        "/admin/accounts",
        "/admin/accounts/desk",
        "/admin/accounts/desk/edit",
        "/admin/audit",
        "/admin/mail",
    ] {
        let text = clerk.get(page).await.expect(200).text();
        assert!(!text.contains(KEY) && !text.contains(OTHER), "{page}");
    }
    for key in [KEY, OTHER] {
        let told = format!(
            "(SELECT before AS text FROM audit UNION ALL SELECT after FROM audit UNION ALL SELECT \
             body FROM alert UNION ALL SELECT payload FROM outbox) t WHERE t.text LIKE '%{key}%'"
        );
        assert_eq!(count(shop, &told), 0);
        assert!(!shop.log().contains(key));
    }
}

on_both_engines!(
    an_account_is_made_tested_enabled_drained_and_turned_off,
    |shop| async move {
        let (gateway, clerk) = without_accounts(&shop).await;
        let empty = clerk.get("/admin/accounts").await.expect(200).text();
        assert!(empty.contains("There is no channel account yet"), "{empty}");
        let kinds = clerk.get("/admin/accounts/new").await.expect(200).text();
        assert!(kinds.contains("kind=epay") && kinds.contains("kind=sandbox"));

        add(&clerk, &gateway.url(), &[]).await.expect(303);
        let page = clerk.get("/admin/accounts/desk").await.expect(200).text();
        assert!(page.contains("It does nothing"), "a new one is off: {page}");
        assert!(page.contains("/callback/"), "{page}");
        assert!(page.contains("0.6% + ¥0.10"), "{page}");
        order(&shop, "alipay").await;
        assert_eq!(count(&shop, "attempt"), 0, "it takes none");
        // X57: the owner's address hears of a place where money goes.
        eventually(stage::SOON, || async {
            let mails = shop.smtp().mails_to(OWNER);
            mails
                .iter()
                .any(|mail| mail.text().contains("account_changed"))
        })
        .await;

        let test = "/admin/accounts/desk/test";
        let tested = clerk.post("/admin/accounts/desk", test, &[]).await;
        let tested = tested.expect(200).text();
        assert!(tested.contains("The test passed"), "{tested}");
        assert_eq!(stage::log(&gateway, "", "query").await.len(), 1);
        assert_eq!(
            stage::log(&gateway, "", "create").await.len(),
            0,
            "no payment"
        );

        let confirm = clerk.get("/admin/accounts/desk/state/enabled").await;
        assert!(confirm.expect(200).text().contains("Within a second"));
        turn(&clerk, "off", "enabled").await.expect(303);
        let open = stage::buy(&shop, "alipay").await;
        let late = stage::buy(&shop, "alipay").await;

        let confirm = clerk.get("/admin/accounts/desk/state/draining").await;
        let confirm = confirm.expect(200).text();
        assert!(confirm.contains("2 payments are open now"), "{confirm}");
        assert!(
            confirm.contains("No other account offers Alipay"),
            "{confirm}"
        );
        turn(&clerk, "enabled", "draining").await.expect(303);
        order(&shop, "alipay").await;
        assert_eq!(count(&shop, "attempt"), 2, "no new orders");
        gateway.pay(open.pay_url()).await;
        assert_eq!(shop.goods(&open).await.len(), 1, "the open one goes on");

        turn(&clerk, "draining", "off").await.expect(303);
        gateway.pay(late.pay_url()).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(count(&shop, "receipt"), 1, "its notices are refused");
        turn(&clerk, "off", "enabled").await.expect(303);
        shop.advance_clock(Duration::from_secs(120));
        assert_eq!(shop.goods(&late).await.len(), 1, "and nothing is lost");

        let stale = turn(&clerk, "off", "draining").await.expect(422).text();
        assert!(stale.contains("Somebody changed this account"), "{stale}");
        assert_eq!(count(&shop, "audit WHERE action = 'account.state'"), 4);
        assert_eq!(count(&shop, "audit WHERE action = 'account.create'"), 1);
        assert_eq!(count(&shop, "audit WHERE action = 'account.test'"), 1);
        keys_stay_hidden(&shop, &clerk).await;
        let list = clerk.get("/admin/accounts?state=enabled&sort=-name").await;
        assert!(list.expect(200).text().contains("/admin/accounts/desk"));
        let none = clerk.get("/admin/accounts?state=off").await.expect(200);
        assert!(none.text().contains("Nothing matches"));
    }
);

on_both_engines!(
    a_wrong_form_of_an_account_changes_nothing,
    |shop| async move {
        let (gateway, clerk) = without_accounts(&shop).await;
        let url = gateway.url();
        let wrong = [
            (
                &[("cred_key", "short")][..],
                "Key is shorter than 32 characters",
            ),
            (&[("id", "not a name")], "A name has 1 to 40"),
            (&[("fee", "101")], "The fee is a number"),
            (&[("fixed", "0.001")], "has more decimals than CNY"),
            (
                &[("min_amount", "5"), ("max_amount", "2")],
                "Largest payment is below the smallest",
            ),
            (&[("base_url", "http://pay.example")], "must be https"),
            (&[("methods_alipay", "")], "Choose at least one"),
            (&[("priority", "soon")], "The priority is"),
        ];
        for (more, told) in wrong {
            let refused = add(&clerk, &url, more).await.expect(422).text();
            assert!(refused.contains(told), "{told}: {refused}");
            assert!(refused.contains("id=\"errors\""), "{refused}");
            assert!(!refused.contains(KEY), "a typed key is never shown");
            // Whatever else was typed is still there.
            assert!(refused.contains("name=\"fee\" type=\"text\""), "{refused}");
            assert!(more[0].0 == "priority" || refused.contains("value=\"5\""));
        }
        assert_eq!(count(&shop, "channel_account"), 0);
        assert_eq!(count(&shop, "audit WHERE action LIKE 'account%'"), 0);
        // In Chinese the same is told in Chinese.
        let page = clerk
            .get("/admin/accounts/new?kind=sandbox&lang=zh-CN")
            .await;
        let (fields, to) = (
            filled(&url, &[("cred_key", "short")]),
            "/admin/accounts/new?lang=zh-CN",
        );
        let refused = clerk.send(&page.expect(200), to, &fields).await;
        assert!(
            refused
                .expect(422)
                .text()
                .contains("「密钥」少于 32 个字符")
        );
        clerk.get("/admin/accounts?lang=en").await.expect(200);

        // A form without its token, and nobody signed in.
        let bare = clerk
            .send_as("/admin/accounts/new", &filled(&url, &[]), &[])
            .await;
        bare.expect(403);
        let stranger = Clerk::at(shop.http());
        let to = stranger.get("/admin/accounts").await.expect(303);
        assert!(
            to.header("location")
                .is_some_and(|to| to.starts_with("/admin/login"))
        );
        for unknown in ["/admin/accounts/none", "/admin/accounts/a%20b/edit"] {
            clerk.get(unknown).await.expect(404);
        }
        clerk
            .get("/admin/accounts/new?kind=nothing&sort=%00&from=zz")
            .await
            .expect(200);
        assert_eq!(count(&shop, "channel_account"), 0);

        add(&clerk, &url, &[]).await.expect(303);
        let twice = add(&clerk, &url, &[]).await.expect(422).text();
        assert!(
            twice.contains("There is an account of this name already"),
            "{twice}"
        );
    }
);

on_both_engines!(
    keys_are_kept_unless_they_are_typed_and_ask_for_the_password,
    |shop| async move {
        let (gateway, clerk) = without_accounts(&shop).await;
        let url = gateway.url();
        add(&clerk, &url, &[]).await.expect(303);
        let edit = "/admin/accounts/desk/edit";
        let works = async || {
            shop.advance_clock(Duration::from_secs(3));
            let tested = clerk
                .post("/admin/accounts/desk", "/admin/accounts/desk/test", &[])
                .await;
            tested.expect(200).text().contains("The test passed")
        };
        let change = async |more: &[(&str, &str)]| {
            let page = clerk.get(edit).await.expect(200);
            let seen = harness::field(&page.text(), "seen");
            let kept = [
                ("seen", seen.as_str()),
                ("cred_merchant", ""),
                ("cred_key", ""),
                ("fee", "0.38"),
            ];
            let more = [&kept[..], more].concat();
            let last = |name: &str| more.iter().rposition(|(other, _)| *other == name);
            let more: Vec<(&str, &str)> = more
                .iter()
                .enumerate()
                .filter(|(at, (name, _))| last(name) == Some(*at))
                .map(|(_, pair)| *pair)
                .collect();
            clerk.send(&page, edit, &filled(&url, &more)).await
        };
        // Ten minutes later nobody is believed without a password, where money or keys go.
        shop.advance_clock(Duration::from_secs(11 * 60));
        change(&[("fee", "0.38")]).await.expect(303);
        assert!(works().await, "the key is kept");
        let fee = shop.scalar("SELECT fee FROM channel_account");
        assert_eq!(fee.as_deref(), Some("0.0038"));
        let refused = change(&[("cred_key", OTHER)]).await.expect(422).text();
        assert!(refused.contains("That is not your password"), "{refused}");
        let elsewhere = [("base_url", "https://elsewhere.example")];
        change(&elsewhere).await.expect(422);
        let stolen = [elsewhere[0], ("proof", "a wrong password")];
        change(&stolen).await.expect(422);
        assert!(works().await, "the old key is still there");
        let proof = [("cred_key", OTHER), ("proof", harness::OWNER.1)];
        change(&proof).await.expect(303);
        assert!(!works().await, "the gateway does not know the new one");
        gateway.merchant(json!({"id": "desk", "key": OTHER})).await;
        assert!(works().await);
        let changed = shop.scalar(
            "SELECT after FROM audit WHERE action = 'account.save' ORDER BY id DESC LIMIT 1",
        );
        assert_eq!(
            changed.as_deref(),
            Some("{\"credentials.key\":\"changed\"}")
        );
        keys_stay_hidden(&shop, &clerk).await;

        // Two people at one form: the second is told.
        let page = clerk.get(edit).await.expect(200);
        let seen = harness::field(&page.text(), "seen");
        shop.advance_clock(Duration::from_secs(1));
        change(&[("priority", "7")]).await.expect(303);
        let more = [
            ("seen", seen.as_str()),
            ("cred_merchant", ""),
            ("cred_key", ""),
        ];
        let late = clerk.send(&page, edit, &filled(&url, &more)).await;
        assert!(
            late.expect(422)
                .text()
                .contains("Somebody changed this account")
        );
        let priority = shop.scalar("SELECT priority FROM channel_account");
        assert_eq!(priority.as_deref(), Some("7"));
    }
);

on_both_engines!(a_test_says_what_is_wrong, |shop| async move {
    let (gateway, clerk) = without_accounts(&shop).await;
    let test = async |id: &str| {
        shop.advance_clock(Duration::from_secs(3));
        let page = format!("/admin/accounts/{id}");
        let tested = clerk.post(&page, &format!("{page}/test"), &[]).await;
        tested.expect(200).text()
    };
    gateway.merchant(json!({"pid": "2002", "key": KEY})).await;
    let epay = format!("{}/epay", gateway.url());
    let typed = |id: &'static str, url: &str, key: &'static str| {
        let fields = [
            ("kind", "epay"),
            ("id", id),
            ("methods_wechat", "on"),
            ("base_url", url),
            ("currency", "CNY"),
            ("cred_version", "v1"),
            ("cred_pid", "2002"),
            ("cred_key", key),
        ];
        fields.map(|(name, value)| (name, value.to_owned()))
    };
    for (id, url, key) in [
        ("right", epay.as_str(), KEY),
        ("wrong-key", epay.as_str(), OTHER),
        ("nobody", "http://127.0.0.1:9/epay", KEY),
    ] {
        let fields = typed(id, url, key);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let page = "/admin/accounts/new?kind=epay";
        clerk
            .post(page, "/admin/accounts/new", &fields)
            .await
            .expect(303);
    }
    assert!(test("right").await.contains("The test passed"));
    let refused = test("wrong-key").await;
    assert!(refused.contains("The gateway refused"), "{refused}");
    assert!(!refused.contains(OTHER), "{refused}");
    let silent = test("nobody").await;
    assert!(silent.contains("The gateway was not reached"), "{silent}");
    assert_eq!(count(&shop, "attempt"), 0, "a test is no payment");
});

/// The demo has an account of each kind and protocol.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_account_passes_its_test() {
    let _turn = harness::turn(harness::Weight::Shop).await;
    let demo = Demo::start().await;
    let clerk = Clerk::by_link(demo.http(), &demo.admin).await;
    let list = clerk.get("/admin/accounts").await.expect(200).text();
    let mut ids: Vec<&str> = list
        .split("href=\"/admin/accounts/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| *id != "new")
        .collect();
    ids.sort_unstable();
    assert_eq!(ids.len(), 3, "{ids:?}");
    for id in ids {
        let page = format!("/admin/accounts/{id}");
        let tested = clerk.post(&page, &format!("{page}/test"), &[]).await;
        let tested = tested.expect(200).text();
        assert!(tested.contains("The test passed"), "{id}: {tested}");
    }
}
