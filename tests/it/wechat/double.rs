//! A double of WeChat Pay: API v3 as the sheet writes it, of one merchant. It shares no code with
//! the adapter; it checks the signature of every request and signs what it answers.

use super::paper::{
    MCH, NEXT, OUR_SERIAL, SERIAL, certificates, credentials, keys, sealed, signed_by,
};
use crate::harness::TestShop;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::sha2::{Digest as _, Sha256};
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the double knows.
#[derive(Default)]
struct Books {
    orders: BTreeMap<String, Order>,
    refunds: BTreeMap<String, Value>,
    calls: Vec<String>,
    bodies: Vec<String>,
    /// So many create answers are lost after the order was made.
    lose: u32,
    rotated: bool,
    ahead_ms: i64,
}

struct Order {
    body: String,
    told: Value,
}

/// The double, listening.
#[derive(Clone)]
pub struct Double {
    books: Arc<Mutex<Books>>,
    port: u16,
}

impl Double {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let double = Double {
            books: Arc::default(),
            port,
        };
        let served = double.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let double = served.clone();
                tokio::spawn(async move { double.serve(stream).await });
            }
        });
        double
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An account at it.
    pub fn account(&self) -> String {
        let credentials =
            credentials().map(|(key, value)| format!("{key} = \"\"\"{value}\"\"\"\n"));
        format!(
            "\n[[channel_account]]\nid = \"wechat-main\"\nkind = \"wechat\"\nstate = \"enabled\"\n\
             methods = [\"wechat\"]\nbase_url = \"{}\"\n[channel_account.credentials]\n{}",
            self.url(),
            credentials.concat()
        )
    }

    /// Its clock shows what the shop's does.
    pub fn follow(&self, shop: &TestShop) {
        self.books().ahead_ms = shop.now_ms() - machine_ms();
    }

    /// The answers of so many create calls are lost on their way.
    pub fn lose(&self, times: u32) {
        self.books().lose = times;
    }

    /// A new certificate is there and signs everything from now on.
    pub fn rotate(&self) {
        self.books().rotated = true;
    }

    /// How often a call was made.
    pub fn calls(&self, begin: &str) -> usize {
        let books = self.books();
        books.calls.iter().filter(|c| c.starts_with(begin)).count()
    }

    /// The bodies of all calls, in order.
    pub fn bodies(&self) -> Vec<String> {
        self.books().bodies.clone()
    }

    /// The buyer has paid.
    pub fn pay(&self, no: &str) {
        let mut books = self.books();
        let order = books.orders.get_mut(no).expect("an order");
        order.told["trade_state"] = json!("SUCCESS");
        order.told["transaction_id"] = json!(format!("42{no}"));
        order.told["success_time"] = json!("2026-11-20T10:00:21+08:00");
    }

    /// Where a payment stands.
    pub fn state(&self, no: &str) -> String {
        let books = self.books();
        let state = &books.orders.get(no).expect("an order").told["trade_state"];
        state.as_str().expect("a state").to_owned()
    }

    /// The only refund has gone back.
    pub fn refunded(&self) {
        let mut books = self.books();
        assert_eq!(books.refunds.len(), 1);
        for refund in books.refunds.values_mut() {
            refund["status"] = json!("SUCCESS");
        }
    }

    /// The notice that a payment was made.
    pub fn paid_notice(&self, no: &str) -> Notice {
        let told = self.books().orders.get(no).expect("an order").told.clone();
        self.notice("TRANSACTION.SUCCESS", "transaction", &told)
    }

    /// The notice that the only refund ended.
    pub fn refund_notice(&self) -> Notice {
        let refunds = self.books().refunds.clone();
        let (_, refund) = refunds.first_key_value().expect("a refund");
        let mut told = refund.clone();
        told["refund_status"] = told["status"].take();
        told["mchid"] = json!(MCH);
        self.notice("REFUND.SUCCESS", "refund", &told)
    }

    /// A notice of any event.
    pub fn notice(&self, event: &str, kind: &str, plain: &Value) -> Notice {
        let body = json!({
            "id": "EV-1", "create_time": "2026-11-20T10:00:22+08:00",
            "event_type": event, "resource_type": "encrypt-resource", "summary": "支付成功",
            "resource": sealed(&plain.to_string(), kind, kind),
        });
        let body = body.to_string();
        let headers = self.signed(body.as_bytes());
        Notice { headers, body }
    }

    fn signed(&self, body: &[u8]) -> Vec<(String, String)> {
        let (rotated, at) = {
            let books = self.books();
            (books.rotated, (machine_ms() + books.ahead_ms) / 1_000)
        };
        let (key, serial) = match rotated {
            true => (&keys().next, NEXT),
            false => (&keys().platform, SERIAL),
        };
        signed_by(key, serial, at, body)
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(call) = Call::read(&mut stream).await else {
            return;
        };
        let Some((status, answer)) = self.answer(&call) else {
            return;
        };
        let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
        // Refusals carry no signature.
        if status < 300 {
            for (name, value) in self.signed(answer.as_bytes()) {
                head += &format!("{name}: {value}\r\n");
            }
        }
        if status != 204 {
            head += &format!("content-length: {}\r\n", answer.len());
        }
        let whole = format!("{head}\r\n{answer}");
        // A shop that hung up hears nothing.
        let _ = stream.write_all(whole.as_bytes()).await;
        let _ = stream.shutdown().await;
    }

    /// `None` = the answer is lost.
    fn answer(&self, call: &Call) -> Option<(u16, String)> {
        let mut books = self.books();
        books.calls.push(format!("{} {}", call.verb, call.target));
        books.bodies.push(call.body.clone());
        if !call.is_signed() || call.header("user-agent").is_empty() {
            return Some(no(401, "SIGN_ERROR"));
        }
        let path = call.target.split('?').next().unwrap_or_default();
        let orders = "/v3/pay/transactions/out-trade-no/";
        let refunds = "/v3/refund/domestic/refunds";
        Some(match (call.verb.as_str(), path) {
            ("POST", "/v3/pay/transactions/native") => {
                let answer = books.create(call);
                if books.lose > 0 {
                    books.lose -= 1;
                    return None;
                }
                answer
            }
            ("GET", "/v3/certificates") => (200, certificates(books.rotated)),
            ("POST", _) if path == refunds => books.refund(call),
            ("GET", _) if path.starts_with(refunds) => {
                let found = books.refunds.get(&path[refunds.len() + 1..]);
                found.map_or_else(|| no(404, "RESOURCE_NOT_EXISTS"), |r| (200, r.to_string()))
            }
            ("GET", _) if path.starts_with(orders) => {
                let found = books.orders.get(&path[orders.len()..]);
                let right = call.target.ends_with(&format!("?mchid={MCH}"));
                match found.filter(|_| right) {
                    Some(order) => (200, order.told.to_string()),
                    None => no(404, "ORDER_NOT_EXIST"),
                }
            }
            ("POST", _) if path.starts_with(orders) && path.ends_with("/close") => {
                books.close(path[orders.len()..].trim_end_matches("/close"))
            }
            _ => no(404, "NOT_FOUND"),
        })
    }
}

impl Books {
    fn create(&mut self, call: &Call) -> (u16, String) {
        let body = call.json();
        let name = body["out_trade_no"].as_str().expect("a number").to_owned();
        let told = json!({
            "mchid": body["mchid"], "appid": body["appid"], "out_trade_no": name,
            "trade_state": "NOTPAY", "transaction_id": "",
            "amount": {"total": body["amount"]["total"], "currency": "CNY"},
        });
        let order = self.orders.entry(name.clone()).or_insert(Order {
            body: call.body.clone(),
            told,
        });
        if order.body != call.body {
            return no(403, "OUT_TRADE_NO_USED");
        }
        let code = json!({"code_url": format!("weixin://wxpay/bizpayurl?pr={name}")});
        (200, code.to_string())
    }

    fn close(&mut self, name: &str) -> (u16, String) {
        let Some(order) = self.orders.get_mut(name) else {
            return no(404, "ORDER_NOT_EXIST");
        };
        if order.told["trade_state"] == "SUCCESS" {
            return no(400, "ORDERPAID");
        }
        order.told["trade_state"] = json!("CLOSED");
        (204, String::new())
    }

    fn refund(&mut self, call: &Call) -> (u16, String) {
        let body = call.json();
        let name = body["out_refund_no"].as_str().expect("a number");
        let order = body["out_trade_no"].as_str().expect("a number");
        let Some(paid) = self.orders.get(order) else {
            return no(404, "RESOURCE_NOT_EXISTS");
        };
        let told = json!({
            "refund_id": format!("50{name}"), "out_refund_no": name, "out_trade_no": order,
            "transaction_id": paid.told["transaction_id"], "status": "PROCESSING",
            "amount": body["amount"],
        });
        let known = self.refunds.entry(name.to_owned()).or_insert(told);
        (200, known.to_string())
    }
}

/// A notice, ready to send.
#[derive(Clone)]
pub struct Notice {
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: String,
}

struct Call {
    verb: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Call {
    async fn read(stream: &mut TcpStream) -> Option<Call> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                break end;
            }
            (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        };
        let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (verb, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut call = Call {
            verb,
            target,
            headers,
            body: String::new(),
        };
        let length: usize = call.header("content-length").parse().unwrap_or(0);
        while bytes.len() < head + 4 + length {
            (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        }
        call.body = String::from_utf8(bytes[head + 4..].to_vec()).ok()?;
        Some(call)
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Whether the shop signed the very line and body that came.
    fn is_signed(&self) -> bool {
        let Some(fields) = self
            .header("authorization")
            .strip_prefix("WECHATPAY2-SHA256-RSA2048 ")
        else {
            return false;
        };
        let field = |name: &str| {
            let found = fields
                .split(',')
                .find_map(|f| f.strip_prefix(&format!("{name}=\"")));
            found.unwrap_or_default().trim_end_matches('"').to_owned()
        };
        let (at, nonce) = (field("timestamp"), field("nonce_str"));
        let text = format!(
            "{}\n{}\n{at}\n{nonce}\n{}\n",
            self.verb, self.target, self.body
        );
        let ours = field("mchid") == MCH && field("serial_no") == OUR_SERIAL;
        let signature = STANDARD.decode(field("signature")).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        let padding = Pkcs1v15Sign::new::<Sha256>();
        let key = RsaPublicKey::from(&keys().merchant);
        ours && key.verify(padding, &digest, &signature).is_ok()
    }
}

fn no(status: u16, code: &str) -> (u16, String) {
    (status, json!({"code": code, "message": "原因"}).to_string())
}

fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_millis()).expect("a time of today")
}
