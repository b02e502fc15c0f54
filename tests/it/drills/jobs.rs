//! F11, F43: promises that outlive their worker, parties that hang, and jobs that are poisoned.

use super::stage::{
    BUYER, FIVE, Goods, OWNER, SOON, account, alarmed, buy, cases, count, gateway, mailed,
    open_shop, quiet, set_up, sold_once, verified,
};
use crate::harness::{Engine, Sandbox, SmtpMode, TestShop, eventually, on_both_engines};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A seller's server: keeps every whole request, and answers while `answers` is true.
struct Seller {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<bool>>,
}

impl Seller {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let seller = Self {
            address,
            requests: Arc::default(),
            answers: Arc::default(),
        };
        let (requests, answers) = (Arc::clone(&seller.requests), Arc::clone(&seller.answers));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let (requests, answers) = (Arc::clone(&requests), Arc::clone(&answers));
                tokio::spawn(async move { take(line, &requests, &answers).await });
            }
        });
        seller
    }

    fn answer(&self, answers: bool) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    }

    /// The header of each request so far.
    fn headers(&self, name: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |request: &String| {
            let lines = request.lines().filter_map(|line| line.split_once(": "));
            let mut found = lines.filter(|(n, _)| n.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.to_owned())
        };
        requests.iter().filter_map(of).collect()
    }
}

async fn take(mut line: TcpStream, requests: &Mutex<Vec<String>>, answers: &Mutex<bool>) {
    let mut got = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = line.read(&mut piece).await {
        got.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&got).into_owned();
        if text.contains("\r\n\r\n") && text.trim_end().ends_with('}') {
            requests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(text);
            if *answers.lock().unwrap_or_else(PoisonError::into_inner) {
                let ok = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                let _ = line.write_all(ok).await;
                return;
            }
        }
    }
}

on_both_engines!(
    /// F11, K11: SIGKILL while the seller's server has the webhook and has not answered. Its
    /// lease runs out, and the same event comes once more. Fails when `claim` of
    /// `notify/outbox.rs` takes only waiting rows, without `running`.
    f11_in_the_middle_of_a_webhook, Weight::Shop, |engine| async move {
        let seller = Seller::start().await;
        let (shop, gateway) = told_of(engine, &seller, FIVE).await;
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        let goods = shop.goods(&placed).await;
        eventually(SOON, || async { seller.headers("webhook-id").len() == 1 }).await;
        shop.kill9();
        seller.answer(true);
        shop.start().await;
        // Nobody takes the row before the lease of the dead worker ends.
        shop.advance_clock(Duration::from_secs(60));
        let held = "outbox WHERE kind = 'webhook' AND state = 'running' AND tries = 1";
        assert_eq!(count(&shop, held), 1);
        shop.advance_clock(Duration::from_secs(5 * 60));
        quiet(&shop).await;
        let ids = seller.headers("webhook-id");
        assert_eq!(ids.len(), 2, "the one that died, and the one that was answered");
        assert_eq!(ids[0], ids[1], "the same event");
        let done = "outbox WHERE kind = 'webhook' AND state = 'done' AND tries = 2";
        assert_eq!(count(&shop, done), 1);
        sold_once(&shop);
        mailed(&shop, &goods, 2).await;
        verified(&shop).await;
    }
);

/// A shop that tells `seller` of each order, and its gateway.
async fn told_of(engine: Engine, seller: &Seller, goods: Goods) -> (TestShop, Sandbox) {
    let shop = TestShop::on(engine)
        .env("VENDGATE_WEBHOOK_HOSTS", &seller.address)
        .start()
        .await;
    let gateway = gateway(&shop).await;
    let settings = format!(
        "webhook_url = \"http://{}/hook\"\n\
         webhook_secret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"",
        seller.address
    );
    let accounts = account("m1", "alipay", 1, &gateway.url());
    open_shop(&shop, goods, &settings, &accounts).await;
    (shop, gateway)
}

/// Buys and pays for one unit as `email`, and has the goods.
async fn bought(shop: &TestShop, gateway: &Sandbox, email: &str) {
    let variant = shop.variant("editor").await;
    let placed = shop.place(&variant, 1, email, "alipay").await;
    gateway.pay(placed.pay_url()).await;
    shop.goods(&placed).await;
}

on_both_engines!(
    /// The mail server takes the line and says nothing while a hundred mails wait; the
    /// seller's system hears of the next order all the same. Then the seller's server is the one
    /// that says nothing, and mails go out. Fails when `claim` of `notify/outbox.rs` takes both
    /// kinds.
    who_hangs_holds_up_nobody_else, Weight::Heavy, |engine| async move {
        let seller = Seller::start().await;
        seller.answer(true);
        let goods = Goods { cards: 130, reserve: true };
        let (shop, gateway) = told_of(engine, &seller, goods).await;
        shop.smtp().set(SmtpMode::Hang);
        let buyers: Vec<String> = (0..100).map(|n| format!("b{n}@example.test")).collect();
        let buying = buyers.iter().map(|email| bought(&shop, &gateway, email));
        let _: Vec<()> = stream::iter(buying).buffer_unordered(8).collect().await;
        let hooked = || seller.headers("webhook-id").len();
        eventually(SOON, || async { hooked() == 100 }).await;
        let mails = "outbox WHERE kind = 'mail' AND state IN ('waiting', 'running')";
        assert_eq!(count(&shop, mails), 100);
        let began = Instant::now();
        bought(&shop, &gateway, "next@example.test").await;
        eventually(SOON, || async { hooked() == 101 }).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(3), "told after {took:?}");

        // The other way round, with more webhooks under way than there are places.
        seller.answer(false);
        shop.smtp().set(SmtpMode::Accept);
        // The lines that hang would only break when the shop's patience ends.
        shop.smtp().down();
        shop.smtp().up();
        let buying = buyers[..20].iter().map(|email| bought(&shop, &gateway, email));
        let _: Vec<()> = stream::iter(buying).buffer_unordered(8).collect().await;
        shop.advance_clock(Duration::from_secs(10 * 60));
        let began = Instant::now();
        bought(&shop, &gateway, "last@example.test").await;
        shop.smtp().first_mail_to("last@example.test").await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "mailed after {took:?}");
        seller.answer(true);
    }
);

on_both_engines!(
    /// F43: a job that always panics is tried again with growing pauses and raises an alarm;
    /// the others go on, and it goes on too once it is cured. Fails when `tell` of
    /// `jobs/mod.rs` is not called, or a panicking step ends its loop.
    f43_a_poisoned_job, Weight::Shop, |engine| async move {
        let shop = TestShop::on(engine).fail("job/expire=panic@*").start().await;
        let gateway = set_up(&shop, FIVE).await;
        let forgotten = buy(&shop, "wechat").await;
        let placed = buy(&shop, "alipay").await;
        gateway.pay(placed.pay_url()).await;
        let goods = shop.goods(&placed).await;
        mailed(&shop, &goods, 1).await;
        alarmed(&shop, "job_failing").await;
        assert_eq!(count(&shop, "alert"), 1, "one alert, however often it fails");
        let metrics = shop.http().get("/metrics").await.expect(200).text();
        let failed = metrics.lines().find_map(|line| {
            line.strip_prefix("vendgate_job_failures_total{job=\"expire\"} ")
        });
        let failed: f64 = failed.and_then(|n| n.parse().ok()).unwrap_or_default();
        assert!((5.0..=8.0).contains(&failed), "{failed} tries in the first seconds");

        shop.advance_clock(Duration::from_secs(20 * 60));
        shop.kill9();
        shop.set_env("VENDGATE_FAIL", None);
        shop.start().await;
        // Whatever the dead process had in hand is free again.
        shop.advance_clock(Duration::from_secs(6 * 60));
        shop.order_in(&forgotten, "expired").await;
        verified(&shop).await;
    }
);

on_both_engines!(
    /// F43: one promise that always panics stops no other; after its tries it is in a person's
    /// hands, who can send it when the cause is gone. Fails when `apart` around `send` of
    /// `notify/job.rs` is removed: the panic takes the whole batch with it.
    f43_a_poisoned_promise, Weight::Shop, |engine| async move {
        let shop = TestShop::on(engine)
            .fail("before_send/order.paid_waiting=panic@*")
            .start()
            .await;
        let gateway = set_up(&shop, Goods { cards: 1, reserve: false }).await;
        let unlucky = buy(&shop, "alipay").await;
        let variant = shop.variant("editor").await;
        let lucky = shop.place(&variant, 1, "lucky@example.test", "alipay").await;
        gateway.pay(lucky.pay_url()).await;
        shop.order_in(&lucky, "delivered").await;
        gateway.pay(unlucky.pay_url()).await;
        shop.order_in(&unlucky, "awaiting_stock").await;
        // Written in the same transaction as the poisoned one, and not stopped by it.
        alarmed(&shop, "case.no_stock").await;
        shop.smtp().first_mail_to("lucky@example.test").await;
        let hours = |n: u64| n * 3_600;
        let gaps = [
            5, 300, 1_800, hours(2), hours(5), hours(10), hours(14), hours(20), hours(24),
        ];
        for (tries, gap) in (1..).zip(gaps) {
            let tried = format!(
                "outbox WHERE topic = 'order.paid_waiting' AND state = 'waiting' AND tries = {tries}"
            );
            eventually(SOON, || async { count(&shop, &tried) == 1 }).await;
            shop.advance_clock(Duration::from_secs(gap + 1));
        }
        alarmed(&shop, "outbox_dead").await;
        assert_eq!(count(&shop, "outbox WHERE state = 'dead'"), 1);
        assert_eq!(shop.smtp().mails_to("lucky@example.test").len(), 1);
        assert_eq!(shop.smtp().mails_to(BUYER).len(), 0);
        assert_eq!(shop.smtp().mails_to(OWNER).len(), 2, "no stock, and a dead promise");

        shop.kill9();
        shop.set_env("VENDGATE_FAIL", None);
        shop.start().await;
        // Whatever the dead process had in hand is free again.
        shop.advance_clock(Duration::from_secs(6 * 60));
        let list = shop.cli(&["mail", "list", "--json"]).await.ok();
        let rows: Vec<Value> = serde_json::from_str(&list).expect("a list of mails");
        let dead = rows.iter().find(|row| row["state"] == json!("dead"));
        let id = dead.and_then(|row| row["id"].as_str()).expect("it is on the list");
        shop.cli(&["mail", "resend", id]).await.ok();
        shop.smtp().first_mail_to(BUYER).await;
        assert_eq!(cases(&shop, "no_stock", false).await.len(), 1);
        verified(&shop).await;
    }
);
