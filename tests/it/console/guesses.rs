//! Who guesses at the console: a second factor, and limits that lock nobody out (X51).

use crate::harness::{Clerk, Engine, OWNER, TestShop, field, on_both_engines};
use std::time::Duration;

const SESSION: &str = "__Host-vg_staff";
const WRONG: &str = "not the password at all";

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
