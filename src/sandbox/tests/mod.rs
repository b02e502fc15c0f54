//! A gateway on a free port, a small shop that notes what it is told, and a client that signs
//! with its own arithmetic.

mod epay;
mod epay_v2;
mod load;
mod own;
mod restart;
mod switches;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Config, Merchant, Running, start};

pub(super) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(super) const MERCHANT: &str = "m1";
/// Longest a test waits for something that must come.
const DEADLINE: Duration = Duration::from_secs(20);

static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// A folder nobody else uses.
pub(super) fn folder() -> PathBuf {
    let n = COUNTER.fetch_add(1, Ordering::SeqCst);
    let folder = std::env::temp_dir().join(format!("vendgate-sandbox-{}-{n}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// A gateway in this folder.
pub(super) async fn gateway_in(folder: &std::path::Path) -> Running {
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: folder.to_owned(),
        control: false,
        base_url: None,
    };
    start(config).await.unwrap()
}

/// A new gateway with one merchant of the own protocol.
pub(super) async fn gateway() -> Running {
    let running = gateway_in(&folder()).await;
    running
        .ensure_merchant(Merchant::own(MERCHANT, KEY))
        .await
        .unwrap();
    running
}

/// What the shop was sent.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) verb: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Told {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Rule = Box<dyn Fn(usize) -> (u16, String) + Send>;

#[derive(Clone)]
pub(super) struct Shop {
    pub(super) addr: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
    rule: Arc<Mutex<Rule>>,
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    pause: Arc<AtomicUsize>,
}

impl Shop {
    /// A shop that takes every notice of the own protocol.
    pub(super) fn open() -> Shop {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let shop = Shop {
            addr: listener.local_addr().unwrap(),
            told: Arc::default(),
            rule: Arc::new(Mutex::new(Box::new(|_| (200, r#"{"ok":true}"#.to_owned())))),
            inside: Arc::default(),
            most: Arc::default(),
            pause: Arc::default(),
        };
        let data = web::Data::new(shop.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(listen))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        tokio::spawn(server);
        shop
    }

    /// Answers by the number of what came before.
    pub(super) fn answers(&self, rule: impl Fn(usize) -> (u16, &'static str) + Send + 'static) {
        let rule: Rule = Box::new(move |n| (rule(n).0, rule(n).1.to_owned()));
        *self.rule.lock().unwrap() = rule;
    }

    pub(super) fn pauses(&self, ms: usize) {
        self.pause.store(ms, Ordering::SeqCst);
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Waits until it was told `n` times.
    pub(super) async fn wait(&self, n: usize) -> Vec<Told> {
        until("the shop to be told", || async {
            self.told.lock().unwrap().len() >= n
        })
        .await;
        self.told()
    }
}

async fn listen(shop: web::Data<Shop>, req: HttpRequest, body: web::Bytes) -> HttpResponse {
    let inside = shop.inside.fetch_add(1, Ordering::SeqCst) + 1;
    shop.most.fetch_max(inside, Ordering::SeqCst);
    let pause = shop.pause.load(Ordering::SeqCst);
    if pause > 0 {
        tokio::time::sleep(Duration::from_millis(pause as u64)).await;
    }
    let header = |(name, value): (
        &actix_web::http::header::HeaderName,
        &actix_web::http::header::HeaderValue,
    )| {
        (
            name.to_string(),
            value.to_str().unwrap_or_default().to_owned(),
        )
    };
    let n = {
        let mut told = shop.told.lock().unwrap();
        told.push(Told {
            verb: req.method().to_string(),
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
            headers: req.headers().iter().map(header).collect(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        told.len() - 1
    };
    let (status, body) = (shop.rule.lock().unwrap())(n);
    shop.inside.fetch_sub(1, Ordering::SeqCst);
    HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).body(body)
}

/// Polls until it holds, at most [`DEADLINE`].
pub(super) async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < DEADLINE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) fn hmac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn nonce() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).unwrap();
    hex::encode(bytes)
}

/// A client that gives up after `ms`.
pub(super) fn client(ms: u64) -> reqwest::Client {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_millis(ms))
        .build()
        .unwrap()
}

/// One signed call of the own protocol, as a request that can still be spoilt.
pub(super) struct Ask {
    pub(super) url: String,
    pub(super) path: String,
    pub(super) merchant: String,
    pub(super) key: String,
    pub(super) timestamp: i64,
    pub(super) nonce: String,
    pub(super) body: String,
    pub(super) patience: u64,
}

impl Ask {
    pub(super) fn new(base: &str, path: &str, body: &Value) -> Ask {
        Ask {
            url: format!("{base}{path}"),
            path: path.to_owned(),
            merchant: MERCHANT.to_owned(),
            key: KEY.to_owned(),
            timestamp: now() / 1_000,
            nonce: nonce(),
            body: body.to_string(),
            patience: 10_000,
        }
    }

    /// Sends it; checks the answer's signature when there is one.
    pub(super) async fn send(&self) -> Result<(u16, Value, bool), reqwest::Error> {
        let Ask {
            timestamp,
            nonce,
            path,
            body,
            key,
            ..
        } = self;
        let signed = format!("{timestamp}\n{nonce}\nPOST {path}\n{body}");
        let response = client(self.patience)
            .post(&self.url)
            .header("x-sandbox-merchant", &self.merchant)
            .header("x-sandbox-timestamp", timestamp.to_string())
            .header("x-sandbox-nonce", nonce)
            .header("x-sandbox-signature", hmac(key, &signed))
            .body(body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let header = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        let text = response.text().await?;
        let signed = match header("x-sandbox-signature") {
            Some(signature) => {
                assert_eq!(header("x-sandbox-nonce").as_ref(), Some(nonce));
                let at = header("x-sandbox-timestamp").unwrap();
                assert_eq!(
                    signature,
                    hmac(KEY, &format!("{at}\n{nonce}\n{status}\n{text}"))
                );
                true
            }
            None => false,
        };
        Ok((
            status,
            serde_json::from_str(&text).unwrap_or(Value::Null),
            signed,
        ))
    }
}

/// A call that must be answered and signed.
pub(super) async fn call(base: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, body, signed) = Ask::new(base, path, body).send().await.unwrap();
    assert!(signed, "{path} {status} {body}");
    (status, body)
}

/// A payment of ¥12.34 whose notices go to the shop.
pub(super) fn order(shop: &Shop, no: &str) -> Value {
    json!({
        "merchant_no": no, "amount": 1_234, "currency": "CNY", "method": "alipay",
        "subject": "会员 <b>VIP</b>", "notify_url": shop.url("/callback/abc"),
        "return_url": shop.url("/back?o=1"), "expires_at": now() + 600_000,
    })
}

pub(super) async fn control(base: &str, path: &str, body: &Value) -> Value {
    let request = client(10_000)
        .post(format!("{base}/control/{path}"))
        .body(body.to_string());
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

pub(super) async fn look(base: &str, path: &str) -> Value {
    let response = client(10_000)
        .get(format!("{base}/control/{path}"))
        .send()
        .await
        .unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// The state of a payment, as the shop may ask for it.
pub(super) async fn state(base: &str, no: &str) -> String {
    let (status, body) = call(base, "/v1/payments/query", &json!({ "merchant_no": no })).await;
    if status == 404 {
        "none".to_owned()
    } else {
        body["state"].as_str().unwrap().to_owned()
    }
}
