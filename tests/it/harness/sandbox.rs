//! The sandbox gateway as its own process, and a person at its cashier page.
//! Its protocol and switches are told in `docs/SANDBOX.md`.

use super::http::{Http, Reply};
use super::ports::free_port;
use super::process::Process;
use super::servers::wait_for_port;
use super::shop::{TestShop, vendgate};
use super::temp::TempDir;
use regex::Regex;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The button a person presses on the cashier page.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// The money is paid.
    Pay,
    /// The bank says no.
    Decline,
    /// The buyer walks away.
    Cancel,
}

impl Outcome {
    fn value(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }
}

/// A gateway of the test's own.
pub struct Sandbox {
    process: Mutex<Option<Process>>,
    dir: TempDir,
    port: u16,
    http: Http,
    clock: Option<String>,
}

impl Sandbox {
    /// Starts one with an empty data folder.
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// The same, on the clock of `shop`: what moves one moves both.
    pub async fn on_the_clock_of(shop: &TestShop) -> Self {
        Self::with(shop.env("VENDGATE_CLOCK")).await
    }

    async fn with(clock: Option<String>) -> Self {
        let port = free_port();
        let sandbox = Self {
            process: Mutex::default(),
            dir: TempDir::new("gateway"),
            port,
            http: Http::new(&format!("http://127.0.0.1:{port}")),
            clock,
        };
        sandbox.up().await;
        sandbox
    }

    /// `http://127.0.0.1:PORT`; epay accounts use `{url}/epay`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The raw client.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Starts it (again) on the same port and data.
    pub async fn up(&self) {
        let mut command = vendgate();
        command.args([
            "sandbox",
            "--listen",
            &format!("127.0.0.1:{}", self.port),
            "--data",
        ]);
        command.arg(self.dir.join("data"));
        if let Some(clock) = &self.clock {
            command.env("VENDGATE_CLOCK", clock);
        }
        let log = self.dir.join("log");
        let mut process = Process::start(command, &log, "TERM");
        // It listens last, so an open port is a ready gateway.
        wait_for_port(self.port, &mut process, &log);
        *self.process() = Some(process);
    }

    /// SIGKILL. The port stays ours: connections are refused until [`Self::up`].
    pub fn kill9(&self) {
        if let Some(mut process) = self.process().take() {
            process.kill9();
        }
    }

    /// Everything it printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Makes a merchant, or changes its keys.
    pub async fn merchant(&self, merchant: Value) {
        self.control("merchants", merchant).await;
    }

    /// Sets fault switches.
    pub async fn switch(&self, switches: Value) {
        self.control("switches", switches).await;
    }

    /// All switches back to normal.
    pub async fn clear_switches(&self) {
        let reply = self
            .http
            .send("DELETE", "/control/switches", &[], b"")
            .await;
        assert!(reply.status < 300, "the switches clear: {}", reply.text());
    }

    /// Sends the paid notice of a payment again.
    pub async fn notify_again(&self, merchant_no: &str, times: u32) {
        self.control(
            "notify",
            json!({"merchant_no": merchant_no, "times": times}),
        )
        .await;
    }

    /// Pays without the page.
    pub async fn pay_at_once(&self, merchant_no: &str) {
        self.control("pay", json!({"merchant_no": merchant_no}))
            .await;
    }

    /// What came in and went out, for one payment or (empty) for all.
    pub async fn traffic(&self, merchant_no: &str) -> Value {
        let path = match merchant_no {
            "" => "/control/log".to_owned(),
            one => format!("/control/log?merchant_no={one}"),
        };
        self.http.get(&path).await.expect(200).json()
    }

    /// `POST /control/{what}`; panics when the gateway refuses.
    pub async fn control(&self, what: &str, body: Value) -> Reply {
        let reply = self
            .http
            .post_json(&format!("/control/{what}"), &[], &body)
            .await;
        assert!(
            reply.status < 300,
            "/control/{what} {body}: {}",
            reply.text()
        );
        reply
    }

    /// The same as [`press_at`].
    pub async fn press(&self, pay_url: &str, outcome: Outcome) -> Reply {
        press_at(pay_url, outcome).await
    }

    /// Pays.
    pub async fn pay(&self, pay_url: &str) {
        self.press(pay_url, Outcome::Pay).await;
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows a pay link like a person: redirects and hand-over forms on the
/// way, then the button on the cashier page. Returns the page after it.
pub async fn press_at(pay_url: &str, outcome: Outcome) -> Reply {
    let http = Http::new(pay_url);
    let mut page = http.get(pay_url).await;
    for _ in 0..6 {
        if let Some(next) = page.location() {
            page = http.get(next.as_str()).await;
            continue;
        }
        let form = Form::first_in(&page);
        let mut fields = form.hidden;
        let at_the_cashier = page.text().contains("name=\"outcome\"");
        if at_the_cashier {
            fields.push(("outcome".to_owned(), outcome.value().to_owned()));
        }
        page = if form.post {
            http.post_form(&form.action, &fields).await
        } else {
            let mut url = http.url(&form.action);
            url.query_pairs_mut().extend_pairs(&fields);
            http.get(url.as_str()).await
        };
        if at_the_cashier {
            assert!(
                page.status < 400,
                "the cashier answered {}: {}",
                page.status,
                page.text()
            );
            return page;
        }
    }
    panic!(
        "{pay_url} never came to a cashier page; last: {}",
        page.text()
    );
}

/// The first form of a page, as a browser reads it.
struct Form {
    action: String,
    post: bool,
    hidden: Vec<(String, String)>,
}

impl Form {
    fn first_in(page: &Reply) -> Self {
        let html = page.text();
        let form = Regex::new(r"(?is)<form\b([^>]*)>(.*?)</form>").expect("a pattern");
        let input = Regex::new(r"(?is)<input\b([^>]*)>").expect("a pattern");
        let Some(found) = form.captures(&html) else {
            panic!("{} ({}) shows no form: {html}", page.url, page.status);
        };
        let action = attribute(&found[1], "action").unwrap_or_default();
        let hidden = input.captures_iter(&found[2]).filter_map(|input| {
            let hidden = attribute(&input[1], "type").as_deref() == Some("hidden");
            let name = attribute(&input[1], "name").filter(|_| hidden)?;
            Some((name, attribute(&input[1], "value").unwrap_or_default()))
        });
        Self {
            action: page
                .url
                .join(&action)
                .expect("a form's action is a URL")
                .to_string(),
            post: attribute(&found[1], "method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
            hidden: hidden.collect(),
        }
    }
}

/// An attribute's value with the five entities of HTML undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let pattern = format!(r#"(?is)(?:^|\s){name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#);
    let found = Regex::new(&pattern).expect("a pattern").captures(tag)?;
    let value = found
        .get(1)
        .or_else(|| found.get(2))
        .or_else(|| found.get(3))?
        .as_str();
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
    ]
    .iter()
    .fold(value.to_owned(), |value, (entity, plain)| {
        value.replace(entity, plain)
    });
    Some(
        plain
            .replace("&#x27;", "'")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}
