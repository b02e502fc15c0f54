//! Coming in, staying in, going out; and what nobody else can do (X48–X51, X56).

use crate::harness::{Clerk, Engine, OWNER, TestShop, Weight, field, on_both_engines, turn};
use regex::Regex;
use std::time::Duration;

const SESSION: &str = "__Host-vg_staff";
const WRONG: &str = "not the password at all";

/// All addresses below `/admin` that answer to this verb, as `web/routes.rs` lists them.
fn addresses(verb: &str) -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/routes.rs");
    let text = std::fs::read_to_string(file).expect("the list of routes");
    let (_, console) = text.split_once("fn console(").expect("the console");
    let console = console.split("\n}").next().expect("its end");
    let route = Regex::new(&format!(r#""([^"]*)",?\s*web::{verb}\(\)"#)).expect("a pattern");
    let part = Regex::new(r"\{[^}]*\}").expect("a pattern");
    let found = route.captures_iter(console);
    found
        .map(|found| format!("/admin{}", part.replace_all(&found[1], "x")))
        .collect()
}

on_both_engines!(
    the_first_comes_by_a_link_that_works_once,
    |shop| async move {
        let link = shop.cli(&["staff", "first"]).await.ok();
        let replaced = shop.cli(&["staff", "first"]).await.ok();
        let (link, newer) = (link.trim(), replaced.trim());
        let stranger = Clerk::at(shop.http());
        // The newer link has replaced the older one.
        stranger.get(link).await.expect(404);
        assert!(
            stranger
                .get("/admin/login")
                .await
                .expect(200)
                .text()
                .contains("vendgate staff first")
        );

        // A short password or a bad address makes nobody.
        let page = stranger.get(newer).await.expect(200);
        let token = field(&page.text(), "token");
        for (email, password) in [("owner@example.com", "short"), ("no address", OWNER.1)] {
            let fields = [
                ("token", token.as_str()),
                ("email", email),
                ("password", password),
            ];
            stranger
                .send(&page, "/admin/link", &fields)
                .await
                .expect(422);
        }
        assert_eq!(
            shop.scalar("SELECT count(*) FROM staff").as_deref(),
            Some("0")
        );

        let owner = Clerk::by_link(shop.http(), newer).await;
        owner.get("/admin").await.expect(200);
        // X56: the second visit finds nothing, and there is no second first.
        stranger.get(newer).await.expect(404);
        let fields = [
            ("token", token.as_str()),
            ("email", "second@example.com"),
            ("password", OWNER.1),
        ];
        stranger
            .send(&page, "/admin/link", &fields)
            .await
            .expect(404);
        assert_eq!(
            shop.scalar("SELECT count(*) FROM staff").as_deref(),
            Some("1")
        );
        let again = shop.cli(&["staff", "first"]).await;
        assert_ne!(again.code, 0);
        assert!(again.err.contains("administrator already"), "{}", again.err);
        assert!(!shop.log().contains(&token), "a token in a log");
    }
);

on_both_engines!(
    of_two_who_use_first_links_at_once_one_is_first,
    |shop| async move {
        let link = shop.cli(&["staff", "first"]).await.ok();
        let tries = (0..8).map(|n| {
            let (http, link) = (shop.http().clone(), link.trim().to_owned());
            async move {
                let clerk = Clerk::at(&http);
                let page = clerk.get(&link).await;
                if page.status != 200 {
                    return false;
                }
                let token = field(&page.text(), "token");
                let email = format!("owner{n}@example.com");
                let fields = [
                    ("token", token.as_str()),
                    ("email", &email),
                    ("password", OWNER.1),
                ];
                clerk.send(&page, "/admin/link", &fields).await.status == 303
            }
        });
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|made| **made).count(), 1);
        assert_eq!(
            shop.scalar("SELECT count(*) FROM staff").as_deref(),
            Some("1")
        );
    }
);

on_both_engines!(
    nothing_of_the_console_opens_without_a_session,
    |shop| async move {
        let stranger = Clerk::at(shop.http());
        let open = ["/admin/login", "/admin/login/code", "/admin/link"];
        let pages = addresses("get");
        assert!(pages.len() >= 5, "{pages:?}");
        for path in pages.iter().filter(|path| !open.contains(&path.as_str())) {
            let reply = stranger.get(path).await;
            assert_eq!(reply.status, 303, "{path}");
            let to = reply.header("location").expect("a way").to_owned();
            assert!(to.starts_with("/admin/login?next="), "{path} leads to {to}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        }
        // What is not there is no more visible than what is.
        stranger.get("/admin/no-such-page").await.expect(303);
        let forms = addresses("post");
        assert!(forms.len() >= 5, "{forms:?}");
        for path in forms.iter().filter(|path| !open.contains(&path.as_str())) {
            let reply = stranger.send_as(path, &[("csrf", "x")], &[]).await;
            assert_eq!(reply.status, 401, "{path}");
        }
        assert_eq!(
            shop.scalar("SELECT count(*) FROM audit").as_deref(),
            Some("0")
        );
    }
);

// X48
on_both_engines!(
    a_form_is_taken_with_its_own_token_from_our_own_pages,
    |shop| async move {
        let owner = Clerk::first_of(&shop).await;
        let other = Clerk::at(shop.http());
        other.sign_in(OWNER.0, OWNER.1).await.expect(303);
        let own = field(&owner.get("/admin/account").await.text(), "csrf");
        let others = field(&other.get("/admin/account").await.text(), "csrf");
        assert_ne!(own, others);
        let lines = shop.scalar("SELECT count(*) FROM audit");
        for path in addresses("post") {
            for (token, headers) in [
                ("", &[][..]),
                ("x", &[]),
                (others.as_str(), &[]),
                (own.as_str(), &[("origin", "https://evil.example")]),
                (
                    own.as_str(),
                    &[("origin", "null"), ("sec-fetch-site", "cross-site")],
                ),
                (own.as_str(), &[("sec-fetch-site", "same-site")]),
            ] {
                let reply = owner.send_as(&path, &[("csrf", token)], headers).await;
                assert_eq!(reply.status, 403, "{path} with {token:?} {headers:?}");
            }
        }
        assert_eq!(shop.scalar("SELECT count(*) FROM audit"), lines);
        owner.get("/admin").await.expect(200);
    }
);

// X49, X50
on_both_engines!(
    a_session_is_new_at_each_log_in_and_ends_when_it_should,
    |shop| async move {
        let owner = Clerk::first_of(&shop).await;
        let first = owner.cookie(SESSION).expect("a session");
        let reply = owner.sign_in(OWNER.0, OWNER.1).await.expect(303);
        let set = reply
            .headers
            .iter()
            .find(|(n, v)| n == "set-cookie" && v.starts_with(SESSION));
        let set = &set.expect("a new session").1;
        for mark in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(set.contains(mark), "{set}");
        }
        assert!(!set.contains("Domain"), "{set}");
        let second = owner.cookie(SESSION).expect("a session");
        assert_ne!(first, second);
        let thief = Clerk::at(shop.http());
        thief.put_cookie(SESSION, &first);
        thief.get("/admin").await.expect(303);
        // A token somebody planted before is not taken over by a log-in.
        let planted = Clerk::at(shop.http());
        planted.put_cookie(SESSION, "AAAAAAAAAAAAAAAAAAAAAA");
        planted.sign_in(OWNER.0, OWNER.1).await.expect(303);
        assert_ne!(
            planted.cookie(SESSION).as_deref(),
            Some("AAAAAAAAAAAAAAAAAAAAAA")
        );

        // One device of two, by its button.
        let page = owner.get("/admin/account").await.expect(200);
        let id = field(&page.text(), "id");
        owner
            .send(&page, "/admin/account/end", &[("id", &id)])
            .await
            .expect(303);
        planted.get("/admin").await.expect(303);
        assert!(
            owner
                .get("/admin/account")
                .await
                .expect(200)
                .text()
                .contains("That device was signed out")
        );
        assert!(
            !owner
                .get("/admin/account")
                .await
                .text()
                .contains("That device was signed out"),
            "told once"
        );

        // Signed out, the token opens nothing, wherever it is.
        let held = owner.cookie(SESSION).expect("a session");
        owner.post("/admin", "/admin/leave", &[]).await.expect(303);
        assert_eq!(owner.cookie(SESSION), None);
        thief.put_cookie(SESSION, &held);
        thief.get("/admin").await.expect(303);

        // Everywhere at once.
        let (one, two) = (Clerk::at(shop.http()), Clerk::at(shop.http()));
        one.sign_in(OWNER.0, OWNER.1).await.expect(303);
        two.sign_in(OWNER.0, OWNER.1).await.expect(303);
        one.post("/admin/account", "/admin/account/end-all", &[])
            .await
            .expect(303);
        two.get("/admin").await.expect(303);

        // Half an hour without use; half a day with.
        one.sign_in(OWNER.0, OWNER.1).await.expect(303);
        shop.advance_clock(Duration::from_secs(29 * 60));
        one.get("/admin").await.expect(200);
        shop.advance_clock(Duration::from_secs(29 * 60));
        one.get("/admin").await.expect(200);
        shop.advance_clock(Duration::from_secs(31 * 60));
        one.get("/admin").await.expect(303);
        one.sign_in(OWNER.0, OWNER.1).await.expect(303);
        for _ in 0..24 {
            shop.advance_clock(Duration::from_secs(29 * 60));
            one.get("/admin").await.expect(200);
        }
        shop.advance_clock(Duration::from_secs(29 * 60));
        one.get("/admin").await.expect(303);
    }
);

on_both_engines!(a_new_password_ends_every_other_session, |shop| async move {
    let owner = Clerk::first_of(&shop).await;
    let other = Clerk::at(shop.http());
    other.sign_in(OWNER.0, OWNER.1).await.expect(303);
    let change = "/admin/account/password";
    for (old, new) in [(WRONG, "another long password"), (OWNER.1, "short")] {
        let fields = [("old", old), ("new", new)];
        owner
            .post("/admin/account", change, &fields)
            .await
            .expect(422);
    }
    other.get("/admin").await.expect(200);
    let fields = [("old", OWNER.1), ("new", "another long password")];
    owner
        .post("/admin/account", change, &fields)
        .await
        .expect(303);
    owner.get("/admin").await.expect(200);
    other.get("/admin").await.expect(303);
    other.sign_in(OWNER.0, OWNER.1).await.expect(422);
    other
        .sign_in(OWNER.0, "another long password")
        .await
        .expect(303);

    // A lost one: by a link of the machine, which ends all sessions.
    assert_ne!(
        shop.cli(&["staff", "reset", "nobody@example.com"])
            .await
            .code,
        0
    );
    let link = shop
        .cli(&["staff", "reset", "Owner@Example.com"])
        .await
        .ok();
    let found = Clerk::at(shop.http());
    let page = found.get(link.trim()).await.expect(200);
    let token = field(&page.text(), "token");
    // Whoever has the link chooses a password, not whose.
    let fields = [
        ("token", token.as_str()),
        ("email", "thief@example.com"),
        ("password", "a third long password"),
    ];
    found.send(&page, "/admin/link", &fields).await.expect(303);
    owner.get("/admin").await.expect(303);
    other.get("/admin").await.expect(303);
    found.get("/admin").await.expect(200);
    assert_eq!(
        shop.scalar("SELECT email FROM staff").as_deref(),
        Some(OWNER.0)
    );
    found.get(link.trim()).await.expect(404);
    let late = shop.cli(&["staff", "reset", OWNER.0]).await.ok();
    shop.advance_clock(Duration::from_secs(31 * 60));
    found.get(late.trim()).await.expect(404);
});

// X51, X52
on_both_engines!(a_failed_log_in_tells_nothing, |shop| async move {
    Clerk::first_of(&shop).await;
    let stranger = Clerk::at(shop.http());
    let page = stranger.get("/admin/login").await.expect(200);
    let csrf = field(&page.text(), "csrf");
    let mut told = Vec::new();
    for email in [OWNER.0, "nobody@example.com"] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("email", email),
            ("password", WRONG),
        ];
        let reply = stranger
            .send_as("/admin/login", &fields, &[])
            .await
            .expect(422);
        told.push(reply.text().replace(email, "EMAIL"));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(stranger.cookie(SESSION), None);
    // X54: wherever a link to the log-in says to go on to.
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/admin/../x",
    ] {
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = stranger
            .get(&format!("/admin/login?next={query}"))
            .await
            .expect(200);
        let fields = [("email", OWNER.0), ("password", OWNER.1), ("next", next)];
        let reply = stranger
            .send(&page, "/admin/login", &fields)
            .await
            .expect(303);
        assert_eq!(reply.header("location"), Some("/admin"), "{next}");
    }
});

on_both_engines!(what_staff_do_is_written_down_for_good, |shop| async move {
    let owner = Clerk::first_of(&shop).await;
    let fields = [("old", OWNER.1), ("new", "another long password")];
    owner
        .post("/admin/account", "/admin/account/password", &fields)
        .await
        .expect(303);
    let log = owner.get("/admin/audit").await.expect(200).text();
    for word in [
        "staff.first",
        "staff.sign_in",
        "staff.new_password",
        "staff:owner@example.com",
    ] {
        assert!(log.contains(word), "{word} is missing");
    }
    assert!(!log.contains("another long password") && !log.contains("argon2"));
    let some = owner
        .get("/admin/audit?action=staff.first")
        .await
        .expect(200)
        .text();
    assert!(some.contains("staff.first") && !some.contains("staff.new_password"));
    let family = owner
        .get("/admin/audit?action=staff&sort=at")
        .await
        .expect(200)
        .text();
    let (first, last) = (
        family.find("staff.first"),
        family.find("staff.new_password"),
    );
    assert!(first < last && first.is_some(), "oldest first");
    let none = owner
        .get("/admin/audit?actor=nobody")
        .await
        .expect(200)
        .text();
    assert!(none.contains("Nothing matches"));
    // A cursor that is none is the beginning.
    owner
        .get("/admin/audit?from=rubbish&sort=password")
        .await
        .expect(200);

    // The chain holds it.
    let verify = async || shop.cli(&["ledger", "verify"]).await;
    let told = verify().await;
    assert_eq!(told.code, 0, "{}", told.out);
    assert!(told.out.contains("I20a ok"), "{}", told.out);
    for change in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        assert!(shop.try_tamper(change).is_err(), "{change}");
    }
    // Somebody who takes the lock away is seen all the same.
    let (unlock, change) = match shop.engine() {
        Engine::Sqlite => (
            "DROP TRIGGER audit_is_append_only_update",
            "UPDATE audit SET actor = 'x' WHERE action = 'staff.new_password'",
        ),
        Engine::Postgres => (
            "DROP TRIGGER audit_is_append_only_delete ON audit",
            "DELETE FROM audit WHERE action = 'staff.new_password'",
        ),
    };
    shop.tamper(unlock);
    shop.tamper(change);
    let told = verify().await;
    assert_ne!(told.code, 0);
    assert!(told.out.contains("I20a BROKEN"), "{}", told.out);
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_in_where_passwords_travel_in_the_clear() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite)
        .env("VENDGATE_BASE_URL", "http://shop.example")
        .start()
        .await;
    let link = shop.cli(&["staff", "first"]).await.ok();
    let path = link.trim().trim_start_matches("http://shop.example");
    let stranger = Clerk::at(shop.http());
    for page in ["/admin/login", path] {
        let reply = stranger.get(page).await.expect(403);
        assert!(reply.text().contains("allow_insecure_admin"), "{page}");
    }
    shop.stop();
    shop.set_env("VENDGATE_ALLOW_INSECURE_ADMIN", Some("true"));
    shop.start().await;
    let owner = Clerk::by_link(shop.http(), path).await;
    assert!(
        owner.cookie("vg_staff").is_some(),
        "a name browsers take over http"
    );
    owner.get("/admin").await.expect(200);
}

fn code(secret: &str, at_ms: i64) -> String {
    let bytes = totp_rs::Secret::Encoded(secret.to_owned()).to_bytes();
    let bytes = bytes.expect("a secret in base 32");
    let totp = totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 1, 30, bytes);
    let seconds = u64::try_from(at_ms / 1_000).expect("after 1970");
    totp.expect("a long secret").generate(seconds)
}

// X51
on_both_engines!(
    a_second_factor_asks_for_a_code_that_works_once,
    |shop| async move {
        let owner = Clerk::first_of(&shop).await;
        let (set_up, off) = ("/admin/account/second", "/admin/account/second/off");
        let page = owner.get(set_up).await.expect(200);
        let html = page.text();
        let kept = field(&html, "kept");
        let secret = html
            .split("<code class=\"no\">")
            .nth(1)
            .and_then(|rest| rest.split('<').next());
        let secret = secret.expect("the secret").to_owned();
        assert!(html.contains("<svg"), "a picture for the app");
        let wrong = [("kept", kept.as_str()), ("code", "000000")];
        owner.send(&page, set_up, &wrong).await.expect(422);
        let other = [("kept", "00"), ("code", "000000")];
        owner.send(&page, set_up, &other).await.expect(404);
        let now = code(&secret, shop.now());
        let right = [("kept", kept.as_str()), ("code", now.as_str())];
        owner.send(&page, set_up, &right).await.expect(303);

        // A password alone opens nothing any more.
        let device = Clerk::at(shop.http());
        let asked = device.sign_in(OWNER.0, OWNER.1).await.expect(200);
        assert_eq!(device.cookie(SESSION), None);
        device.get("/admin").await.expect(303);
        let pending = field(&asked.text(), "pending");
        let to = "/admin/login/code";
        let typed = async |code: &str| {
            let fields = [("pending", pending.as_str()), ("code", code)];
            device.send(&asked, to, &fields).await.status
        };
        assert_eq!(typed("000000").await, 422);
        assert_eq!(
            typed(&code(&secret, shop.now() - 120_000)).await,
            422,
            "an old one"
        );
        let now = code(&secret, shop.now());
        assert_eq!(typed(&now).await, 303);
        device.get("/admin").await.expect(200);
        assert_eq!(typed(&now).await, 422, "whoever looked over a shoulder");
        shop.advance_clock(Duration::from_secs(61));
        assert_eq!(typed(&code(&secret, shop.now())).await, 303);
        // The password has to be right first, and lately.
        let forged = [("pending", "00"), ("code", now.as_str())];
        device.send(&asked, to, &forged).await.expect(422);
        shop.advance_clock(Duration::from_secs(5 * 60));
        assert_eq!(typed(&code(&secret, shop.now())).await, 422);
        // The database holds no secret in the clear.
        let stored = match shop.engine() {
            Engine::Sqlite => "SELECT hex(totp) FROM staff",
            Engine::Postgres => "SELECT encode(totp, 'hex') FROM staff",
        };
        let stored = shop.scalar(stored).expect("a sealed secret").to_lowercase();
        assert!(!stored.contains(&hex::encode(&secret)));

        // Off: by their own password, which was typed too long ago to count.
        shop.advance_clock(Duration::from_secs(11 * 60));
        owner.get("/admin").await.expect(200);
        owner.post(set_up, off, &[]).await.expect(422);
        owner
            .post(set_up, off, &[("proof", WRONG)])
            .await
            .expect(422);
        owner
            .post(set_up, off, &[("proof", OWNER.1)])
            .await
            .expect(303);
        let free = Clerk::at(shop.http());
        free.sign_in(OWNER.0, OWNER.1).await.expect(303);
        assert_ne!(
            shop.cli(&["staff", "totp-off", "nobody@example.com"])
                .await
                .code,
            0
        );
        shop.cli(&["staff", "totp-off", OWNER.0]).await.ok();
    }
);

// X51
on_both_engines!(
    guessing_at_the_console_is_stopped_and_locks_nobody_out,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine)
            .with_default_limits()
            .env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1, ::1/128")
            .start()
            .await;
        let at_home = "198.51.100.7";
        let owner = Clerk::first_of(&shop).await.from(at_home);
        owner.sign_in(OWNER.0, OWNER.1).await.expect(303);
        let guess = async |from: &str, word: &str| {
            let stranger = Clerk::at(shop.http()).from(from);
            stranger.sign_in(OWNER.0, word).await
        };
        let mut heard = 0;
        for n in 0..20 {
            let reply = guess("203.0.113.66", &format!("{WRONG} {n}")).await;
            match reply.status {
                422 => heard += 1,
                429 => assert!(reply.header("retry-after").is_some()),
                other => panic!("{other}: {}", reply.text()),
            }
        }
        assert!((4..=8).contains(&heard), "{heard} guesses were looked at");
        // Many networks, one account: the account's own limit.
        let mut heard = 0;
        for n in 0..20 {
            let reply = guess(&format!("203.0.113.{n}"), WRONG).await;
            heard += u32::from(reply.status == 422);
        }
        assert!(heard <= 8, "{heard} guesses were looked at");
        // Not even the right word helps a stranger now; the owner at home comes in.
        guess("203.0.113.99", OWNER.1).await.expect(429);
        guess(at_home, OWNER.1).await.expect(303);
        owner.get("/admin").await.expect(200);
    }
);
