//! The stage: a shop with goods, orders and attempts, made through the crate itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vendgate::app::App;
use vendgate::catalog;
use vendgate::channel::{Method, PayKind};
use vendgate::clock::{Clock, DAY, SystemClock};
use vendgate::config::Config;
use vendgate::ids::{AttemptId, OrderId, SellerId, VariantId, external_no};
use vendgate::money::{Currency, Minor};
use vendgate::order::{self, Limits, Order, Placement, Terms, Tools};
use vendgate::payment::{self, Attempt, AttemptState};
use vendgate::random::SystemRandom;
use vendgate::seal::hmac;
use vendgate::stock;
use vendgate::store::StoreError;

use crate::Times;
use crate::generator::{self, Run};
use crate::harness::{Engine, TestShop};

const KEY: &str = "a-key-of-the-benchmark-0123456789abcdef";
const PRICE: i64 = 2_990;

/// One shop and what was made in it.
pub struct Stage {
    shop: TestShop,
    /// The shop, opened in this process.
    pub app: Arc<App>,
    variant: VariantId,
    path_token: String,
    orders: Vec<Order>,
    attempts: Vec<Attempt>,
}

fn config(shop: &TestShop) -> Config {
    let env = |name: &str| shop.env(name);
    Config::read(&env, None, Some("127.0.0.1:0".to_owned())).expect("a configuration")
}

impl Stage {
    /// A shop with `cards` cards of one product and one sandbox account.
    pub async fn build(engine: Engine, cards: usize) -> Self {
        let shop = TestShop::on(engine).prepare();
        shop.widen_limits().await;
        let lines: String = (0..cards).map(|n| format!("CARD-{n:08}\n")).collect();
        shop.write_file("cards.txt", lines);
        shop.apply(&format!(
            "[shop]\nunpaid_per_network = 1000000000\nunpaid_per_email = 1000000000\n\
             [[category]]\nslug = \"keys\"\nname = {{ zh = \"密钥\", en = \"Keys\" }}\n\
             [[product]]\nslug = \"editor\"\ncategory = \"keys\"\n\
             name = {{ zh = \"编辑器\", en = \"Editor\" }}\ndelivery = \"card_pool\"\n\
             [[product.variant]]\nsku = \"editor-1y\"\nprice = {PRICE}\ncurrency = \"CNY\"\n\
             [[cards]]\nvariant = \"editor-1y\"\nfile = \"cards.txt\"\n\
             [[channel_account]]\nid = \"sandbox-1\"\nkind = \"sandbox\"\nstate = \"enabled\"\n\
             methods = [\"alipay\"]\nbase_url = \"http://127.0.0.1:9\"\nfee = \"0.006\"\n\
             [channel_account.credentials]\nmerchant = \"m1\"\nkey = \"{KEY}\"\n"
        ))
        .await;
        let app = App::open_beside(config(&shop), shop.url())
            .await
            .expect("the shop opens");
        let variant = app
            .store
            .read(|db| catalog::store::variant_by_sku(db, "editor-1y"))
            .await
            .expect("read")
            .expect("a variant");
        let path_token = app.accounts.all()[0].facts.path_token.clone();
        Stage {
            shop,
            app: Arc::new(app),
            variant: variant.id,
            path_token,
            orders: Vec::new(),
            attempts: Vec::new(),
        }
    }

    /// Places one order for each card, at `callers` at once.
    pub async fn place_all(&mut self, callers: usize) -> Times {
        let cards = self
            .app
            .store
            .read({
                let variant = self.variant.clone();
                move |db| stock::store::batches(db, &variant)
            })
            .await
            .map(|batches| batches.iter().map(|b| b.cards).sum::<i64>())
            .expect("read");
        let cards = usize::try_from(cards).expect("cards");
        let began = Instant::now();
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (app, variant) = (Arc::clone(&self.app), self.variant.clone());
                let mine = cards / callers + usize::from(caller < cards % callers);
                tokio::spawn(async move {
                    let mut done = Vec::with_capacity(mine);
                    for n in 0..mine {
                        let began = Instant::now();
                        let order = place(&app, &variant, caller, n).await;
                        done.push((began.elapsed(), order));
                    }
                    done
                })
            })
            .collect();
        let mut each = Vec::with_capacity(cards);
        for task in tasks {
            for (took, order) in task.await.expect("a caller ends well") {
                each.push(took);
                self.orders.push(order);
            }
        }
        Times::new(each, began.elapsed())
    }

    /// Gives every order an attempt that the gateway is said to have made.
    pub async fn open_all(&mut self) {
        let now = SystemClock.now();
        for chunk in self.orders.chunks(200) {
            let wanted: Vec<Order> = chunk.to_vec();
            let made = self
                .app
                .store
                .write(move |db| -> Result<Vec<Attempt>, StoreError> {
                    let mut made = Vec::new();
                    for order in &wanted {
                        let (part, amount) =
                            payment::store::channel_part(db, &order.payment_id)?.expect("a part");
                        let attempt = attempt(order, part, amount, now);
                        payment::store::insert_attempt(db, &attempt)?;
                        made.push(attempt);
                    }
                    Ok(made)
                })
                .await
                .expect("attempts");
            self.attempts.extend(made);
        }
    }

    /// Half of the attempts for the server, half for the bare writes.
    pub fn split(&self) -> (Vec<Attempt>, Vec<(Order, Attempt)>) {
        let half = self.attempts.len() / 2;
        let bare = self.orders[half..]
            .iter()
            .cloned()
            .zip(self.attempts[half..].iter().cloned())
            .collect();
        (self.attempts[..half].to_vec(), bare)
    }

    /// Starts the server and sends it one signed notice for each attempt.
    pub async fn settle_over_http(&self, attempts: &[Attempt], callers: usize) -> Run {
        self.shop.start().await;
        let url = self.shop.url();
        let addr = url.trim_start_matches("http://").to_owned();
        let requests = attempts
            .iter()
            .enumerate()
            .map(|(n, attempt)| self.notice(&addr, n, attempt))
            .collect();
        let run = generator::send_all(addr, requests, callers, self.shop.pid()).await;
        self.shop.stop();
        run
    }

    fn notice(&self, addr: &str, n: usize, attempt: &Attempt) -> Vec<u8> {
        let path = format!("/callback/{}", self.path_token);
        let body = format!(
            r#"{{"event":"payment.paid","trade_no":"SB{n:010}","merchant_no":"{}","amount":{PRICE},"currency":"CNY","status":"paid","paid_at":{}}}"#,
            attempt.merchant_no,
            SystemClock.now()
        );
        let timestamp = (SystemClock.now() / 1_000).to_string();
        let nonce = format!("{n:032x}");
        let signed = format!("{timestamp}\n{nonce}\nPOST {path}\n{body}");
        let signature = hex::encode(hmac(KEY.as_bytes(), &[signed.as_bytes()]));
        format!(
            "POST {path} HTTP/1.1\r\nHost: {addr}\r\nContent-Type: application/json\r\n\
             X-Sandbox-Merchant: m1\r\nX-Sandbox-Timestamp: {timestamp}\r\n\
             X-Sandbox-Nonce: {nonce}\r\nX-Sandbox-Signature: {signature}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    /// Every settled order is delivered, once.
    pub async fn check(&self, settled: usize) {
        let delivered = self
            .shop
            .scalar("SELECT count(*) FROM orders WHERE state = 'delivered' AND version = 2");
        let receipts = self
            .shop
            .scalar("SELECT count(*) FROM receipt WHERE kind = 'captured'");
        println!("check: {settled} notices, delivered {delivered:?}, receipts {receipts:?}");
    }
}

async fn place(app: &App, variant: &VariantId, caller: usize, n: usize) -> Order {
    let tools = Tools {
        sealer: &app.sealer,
        clock: &SystemClock,
        random: &SystemRandom,
    };
    let terms = Terms {
        time_to_pay: DAY,
        limits: Limits {
            unpaid_per_network: i64::MAX / 2,
            unpaid_per_email: i64::MAX / 2,
        },
    };
    let placement = Placement {
        variant: variant.to_string(),
        quantity: 1,
        email: format!("buyer-{caller}-{n}@example.test"),
        locale: "zh-CN".to_owned(),
        fields: Default::default(),
        password_hash: None,
        network: format!("10.{caller}.{}.{}", n / 250, n % 250),
    };
    let id = OrderId::new(SystemClock.now(), &SystemRandom);
    order::place(&app.store, &tools, terms, id, placement)
        .await
        .expect("placed")
        .order
}

fn attempt(order: &Order, part: vendgate::ids::PartId, amount: Minor, now: i64) -> Attempt {
    Attempt {
        id: AttemptId::new(now, &SystemRandom),
        payment_id: order.payment_id.clone(),
        part_id: part,
        order_id: order.id.clone(),
        seller_id: SellerId::house(),
        n: 1,
        merchant_no: external_no("VG", now, &SystemRandom),
        account_id: "sandbox-1".parse().expect("a name"),
        method: Method::Alipay,
        currency: Currency::CNY,
        amount,
        state: AttemptState::Created,
        channel_trade_no: None,
        pay_kind: PayKind::Redirect,
        pay_url: None,
        pay_qr: None,
        failure: None,
        decision: "{}".to_owned(),
        checks: 0,
        created_at: now,
        changed_at: now,
        expires_at: order.expires_at,
        next_check_at: Some(now + DAY),
        watched_until: now + DAY,
    }
}

/// How long a server with an empty folder takes to its first page, and what it then holds in
/// memory (KiB).
pub async fn cold_start(shop: &TestShop) -> (Duration, u64) {
    let began = Instant::now();
    shop.start().await;
    let page = shop.http().get("/").await;
    assert_eq!(page.status, 200);
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let memory = generator::resident(shop.pid());
    shop.stop();
    (took, memory)
}
