//! A person's browser: Chromium, without a window, with an empty profile.

use super::http::Http;
use super::ports::free_port;
use super::process::Process;
use super::servers::{wait_for_port, we_are_root};
use super::temp::TempDir;
use super::wait::eventually;
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::ops::Deref;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a page may take on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// How long a look at a long page may take beside other tests, in milliseconds.
const SCRIPTS_MS: u64 = 120_000;

/// Through what eyes a page is seen.
#[derive(Clone, Debug)]
pub struct Look {
    /// Whether scripts run.
    pub javascript: bool,
    /// Of the page, in CSS pixels.
    pub size: (u32, u32),
    /// The browser's language: `en`, `zh-CN`.
    pub locale: String,
    /// Whether its owner asked for dark pages.
    pub dark: bool,
}

impl Look {
    /// Whether a finger points, on a small screen.
    pub fn is_a_phone(&self) -> bool {
        self.size.0 < 600
    }
}

impl Default for Look {
    fn default() -> Self {
        Self {
            javascript: true,
            size: (1280, 900),
            locale: "en".to_owned(),
            dark: false,
        }
    }
}

/// One browser; everything of [`Client`] can be asked of it. Dropped, it is gone.
pub struct Browser {
    client: Client,
    pub(super) driver_http: Http,
    /// Whether the pages' own scripts run.
    pub(super) scripts: bool,
    look: Look,
    // In this order: the driver ends first, then what it wrote goes.
    _driver: Process,
    _dir: TempDir,
}

impl Browser {
    /// A desktop browser in English.
    pub async fn start() -> Self {
        Self::with(Look::default()).await
    }

    /// The same, with scripts forbidden.
    pub async fn without_javascript() -> Self {
        Self::with(Look {
            javascript: false,
            ..Look::default()
        })
        .await
    }

    /// A browser of any look.
    pub async fn with(look: Look) -> Self {
        let dir = TempDir::new("web");
        let (port, log) = (free_port(), dir.join("log"));
        let mut command = Command::new("chromedriver");
        // Profiles, caches and crash dumps stay inside the test's folder.
        command
            .arg(format!("--port={port}"))
            .env("HOME", dir.path())
            .env("TMPDIR", dir.path());
        let mut driver = Process::start(command, &log, "TERM");
        wait_for_port(port, &mut driver, &log);

        let mut args = vec![
            "--headless".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            // A pipe instead of a port: the browser ends with its driver.
            "--remote-debugging-pipe".to_owned(),
            format!("--user-data-dir={}", dir.join("profile").display()),
            format!("--lang={}", look.locale),
        ];
        if we_are_root() {
            args.push("--no-sandbox".to_owned());
        }
        let prefs = json!({"intl.accept_languages": look.locale});
        // A window is never narrower than 500 pixels; a page on a phone is. A tap on a page
        // without scripts never ends: there the driver clicks.
        let metrics = json!({
            "width": look.size.0, "height": look.size.1, "pixelRatio": 1.0,
            "mobile": look.is_a_phone(), "touch": look.is_a_phone() && look.javascript,
        });
        let wanted = json!({"goog:chromeOptions": {
            "args": args, "prefs": prefs, "mobileEmulation": {"deviceMetrics": metrics},
        }, "goog:loggingPrefs": {"browser": "ALL"}, "timeouts": {"script": SCRIPTS_MS}});
        let Some(wanted) = wanted.as_object().cloned() else {
            unreachable!("an object was written above");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = client.unwrap_or_else(|error| {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            panic!("Chromium did not start: {error}\n{log}");
        });
        let browser = Self {
            client,
            scripts: look.javascript,
            look: look.clone(),
            driver_http: Http::new(&format!("http://127.0.0.1:{port}")),
            _driver: driver,
            _dir: dir,
        };
        browser.see_through(&look).await;
        browser
    }

    /// The text of the first element that matches, waiting until there is one.
    pub async fn text(&self, css: &str) -> String {
        self.element(css)
            .await
            .text()
            .await
            .expect("the element has a text")
    }

    /// Clicks it.
    pub async fn click(&self, css: &str) {
        self.element(css)
            .await
            .click()
            .await
            .expect("the element can be clicked");
    }

    /// Clicks what opens another window, and looks there from now on.
    pub async fn click_aside(&self, css: &str) {
        self.click(css).await;
        let other = eventually(LONG, || async {
            let open = self.client.windows().await.unwrap_or_default();
            (open.len() > 1).then(|| open.into_iter().last()).flatten()
        });
        let there = self.client.switch_to_window(other.await).await;
        there.expect("the other window is there");
        self.see_through(&self.look).await;
    }

    /// Closes every window but the first, and looks there.
    pub async fn leave_other_windows(&self) {
        let open = self.client.windows().await.expect("windows");
        let (first, others) = open.split_first().expect("one window");
        if others.is_empty() {
            return;
        }
        for other in others {
            let there = self.client.switch_to_window(other.clone()).await;
            there.expect("the other window is there");
            self.client.close_window().await.expect("it is closed");
        }
        let back = self.client.switch_to_window(first.clone()).await;
        back.expect("the first window is there");
        self.to_the_front().await;
    }

    /// Presses the mouse on it twice, as fast as the browser can.
    pub async fn double_click(&self, css: &str) {
        let element = self.element(css).await;
        let (left, hold) = (MOUSE_BUTTON_LEFT, None);
        let to_it = PointerAction::MoveToElement {
            element,
            duration: hold,
            x: 0.0,
            y: 0.0,
        };
        let down = PointerAction::Down { button: left };
        let up = PointerAction::Up { button: left };
        let hand = MouseActions::new("hand".to_owned())
            .then(to_it)
            .then(down.clone())
            .then(up.clone())
            .then(down)
            .then(up);
        let done = self.client.perform_actions(hand).await;
        done.expect("the mouse is pressed");
    }

    /// Waits until the first element that matches has this text.
    pub async fn reads(&self, css: &str, text: &str) {
        let began = Instant::now();
        loop {
            // It may be gone with its page at this moment.
            let now = match self.client.find(Locator::Css(css)).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if now == text {
                return;
            }
            assert!(began.elapsed() < LONG, "{css} reads {now:?}, not {text:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many elements match now.
    pub async fn count(&self, css: &str) -> usize {
        let found = self.client.find_all(Locator::Css(css)).await;
        found.expect("the page can be searched").len()
    }

    /// Waits until the address fits, and returns it.
    pub async fn at(&self, fits: impl Fn(&str) -> bool) -> String {
        let fits = &fits;
        eventually(LONG, || async move {
            let now = self.client.current_url().await;
            now.ok().map(String::from).filter(|url| fits(url))
        })
        .await
    }

    /// Types into it, over what was there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.expect("the field can be cleared");
        field.send_keys(text).await.expect("the field takes keys");
    }

    async fn element(&self, css: &str) -> fantoccini::elements::Element {
        let found = self
            .client
            .wait()
            .at_most(LONG)
            .for_element(Locator::Css(css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let page = self.client.source().await.unwrap_or_default();
                panic!("no {css}: {error}\n{page}");
            }
        }
    }
}

impl Deref for Browser {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}
