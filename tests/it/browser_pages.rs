//! Every page of the demo that can be looked at, as one table: its name, how to get there, and
//! what tells that it is the page that is meant. The walk, the budget and the pictures read it;
//! a new page is a row here.

use crate::harness::{Browser, Demo, Http, Outcome, Placed, Reply, eventually, press_at};
use serde_json::{Value, json};
use std::time::Duration;

/// What a page of the shop may weigh with all it loads, in bytes of brotli.
const SHOP: usize = 20 * 1_024;
/// The same of a page of the staff.
const DESK: usize = 40 * 1_024;

/// One page.
pub struct Page {
    /// Its pictures are called so.
    pub name: &'static str,
    /// Where it is.
    pub path: String,
    /// What opens it, where it is an order's.
    pub token: Option<String>,
    /// A piece of its source that no other answer at this address has.
    pub shows: &'static str,
    /// What is done on it first.
    pub then: &'static [Act],
    /// How the server answers.
    pub status: u16,
    /// What it may weigh on a first visit.
    pub budget: usize,
}

/// Something a person does on a page.
#[derive(Clone, Copy)]
pub enum Act {
    /// Types a text into what the selector names.
    Type(&'static str, &'static str),
    /// Presses what the selector names.
    Press(&'static str),
    /// The same where the answer comes in another window.
    PressAside(&'static str),
}

impl Page {
    /// A page that everybody may see.
    pub fn of_the_shop(name: &'static str, path: &str, shows: &'static str) -> Self {
        Self {
            name,
            path: path.to_owned(),
            token: None,
            shows,
            then: &[],
            status: 200,
            budget: SHOP,
        }
    }

    /// A page of the staff; who opens it is signed in.
    pub fn of_the_desk(name: &'static str, path: &str) -> Self {
        Self {
            budget: DESK,
            ..Self::of_the_shop(name, path, "class=\"desk\"")
        }
    }

    /// The page of an order.
    pub fn of_an_order(name: &'static str, order: &Placed, shows: &'static str) -> Self {
        Self {
            token: Some(order.view_token.clone()),
            ..Self::of_the_shop(name, &format!("/o/{}", order.order_no), shows)
        }
    }

    /// What is done on it first.
    pub fn after(self, then: &'static [Act]) -> Self {
        Self { then, ..self }
    }

    /// How the server answers.
    pub fn answering(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// A piece of its source that no other answer at this address has.
    pub fn showing(self, shows: &'static str) -> Self {
        Self { shows, ..self }
    }

    /// A page with the face of the shop, on the way to which there is one of the desk.
    pub fn weighing_as_a_desk(self) -> Self {
        Self {
            budget: DESK,
            ..self
        }
    }

    /// The page as it is sent to somebody who has been there, or is signed in by this cookie;
    /// nothing is done on it.
    pub async fn plainly(&self, shop: &Http, lang: &str, coding: &str, staff: &str) -> Reply {
        let order = self.token.as_ref().map(|token| format!("vg_order={token}"));
        let cookie = order.as_deref().unwrap_or(staff);
        let headers = [
            ("accept-encoding", coding),
            ("accept-language", lang),
            ("cookie", cookie),
        ];
        shop.send("GET", &self.path, &headers, b"")
            .await
            .expect(self.status)
    }

    /// Goes there as a person does, by a mailed link where it is an order's.
    pub async fn open(&self, browser: &Browser, shop: &str) {
        let token = self.token.as_ref().map(|token| format!("?token={token}"));
        let url = format!("{shop}{}{}", self.path, token.unwrap_or_default());
        browser.leave_other_windows().await;
        browser.goto(&url).await.expect("the page opens");
        for act in self.then {
            match act {
                Act::Type(css, text) => browser.fill(css, text).await,
                Act::Press(css) => browser.click(css).await,
                Act::PressAside(css) => browser.click_aside(css).await,
            }
        }
        let came = eventually(Duration::from_secs(30), || async {
            let source = browser.source().await.unwrap_or_default();
            source.contains(self.shows)
        });
        came.await;
    }
}

/// Makes the demo show each of its pages, and lists them.
pub async fn pages(demo: &Demo) -> Vec<Page> {
    let shop = Page::of_the_shop;
    let mut pages = vec![
        shop("home", "/", "class=\"card goods"),
        shop(
            "home-category",
            "/?category=gift-cards",
            "class=\"card goods",
        ),
        shop("search", "/?q=pro", "class=\"card goods"),
        shop("search-empty", "/?q=no-such-thing", "class=\"empty card\""),
        shop("product", "/p/noteharbor-pro", "id=\"pay\""),
        shop("product-variants", "/p/lumen-office", "id=\"variant-"),
        shop("product-asks", "/p/riverland-topup", "id=\"field_"),
        shop("product-free", "/p/draftpad-trial", "id=\"pay\""),
        shop("product-long-name", "/p/orbital-atlas", "id=\"pay\""),
        shop("product-sold-out", "/p/tunefield-1y", "note t-mute"),
        shop("product-errors", "/p/noteharbor-pro", "id=\"email-e\"").after(&[
            // An address to a browser, and none to a mail server.
            Act::Type("#email", "li.wei@example"),
            Act::Press("#pay"),
        ]),
        shop("lookup", "/orders", "id=\"order_no\""),
        shop("lookup-miss", "/orders", "id=\"errors\"").after(&[
            Act::Type("#order_no", "2222-2222-2222"),
            Act::Type("#secret", "li.wei@example.org"),
            Act::Press("main form .btn"),
        ]),
        shop("lookup-sent", "/orders", "id=\"errors\"").after(&[
            Act::Type("#secret", "li.wei@example.org"),
            Act::Press("main form .btn"),
        ]),
        shop("policy", "/policy", "class=\"card prose\""),
        Page::of_the_desk("admin-login-first", "/admin/login").showing("note t-info"),
        Page::of_the_desk("admin-link", demo.admin.trim_start_matches(&demo.shop))
            .showing("name=\"token\""),
        shop("not-found", "/nowhere", "404 · ").answering(404),
    ];
    pages.extend(orders(demo).await);
    pages
}

/// Orders in every state that the demo itself can bring about.
async fn orders(demo: &Demo) -> Vec<Page> {
    let order = Page::of_an_order;
    let editor =
        async |email: &str, method: &str| demo.place("noteharbor-pro", email, method).await;
    let waiting = editor("waits@example.com", "alipay").await;
    let link = demo
        .place("lumen-office", "links@example.com", "card")
        .await;
    let declined = editor("declined@example.com", "alipay").await;
    press_at(declined.pay_url(), Outcome::Decline).await;
    let one = demo
        .place("streambay-30d", "one@example.com", "alipay")
        .await;
    let many = place(demo, "noteharbor-pro", 20, json!({})).await;
    let asked = json!({"link": "https://files.example/cv.odt", "language": "English"});
    let by_hand = place(demo, "cv-review", 1, asked).await;
    for paid in [&one, &many, &by_hand] {
        press_at(paid.pay_url(), Outcome::Pay).await;
    }
    let cancelled = demo
        .place("shieldline", "cancels@example.com", "alipay")
        .await;
    let path = format!("/api/v1/orders/{}/cancel", cancelled.order_no);
    let bearer = format!("Bearer {}", cancelled.view_token);
    let bearer = [("authorization", bearer.as_str())];
    demo.http()
        .post_json(&path, &bearer, &json!({}))
        .await
        .expect(200);
    // Last, because an account that refuses is asked less.
    let control = Http::new(&demo.sandbox);
    let refuse = json!({"create": "refuse"});
    control.post_json("/control/switches", &[], &refuse).await;
    let refused = editor("refused@example.com", "wechat").await;
    control.send("DELETE", "/control/switches", &[], b"").await;

    let pages = vec![
        order("cashier", &waiting, "class=\"qr"),
        order("cashier-link", &link, "class=\"card till"),
        order("cashier-declined", &declined, "note t-bad"),
        order("cashier-refused", &refused, "note t-bad"),
        order("result", &one, "class=\"keys"),
        order("result-many", &many, "id=\"copy-all\""),
        order("result-by-hand", &by_hand, "data-state=\"delivering\""),
        order("result-cancelled", &cancelled, "class=\"badge t-mute"),
    ];
    for page in &pages {
        let came = eventually(Duration::from_secs(60), || async {
            page.plainly(demo.http(), "en", "identity", "")
                .await
                .text()
                .contains(page.shows)
        });
        came.await;
    }
    pages
}

/// So many of a thing, for a buyer who answers what it asks.
async fn place(demo: &Demo, slug: &str, quantity: u32, fields: Value) -> Placed {
    let variant = demo.variant(slug).await["id"].clone();
    let asked = json!({
        "variant": variant, "quantity": quantity, "email": "li.wei@example.com",
        "method": "alipay", "locale": "en", "fields": fields,
    });
    let key = [("idempotency-key", slug)];
    let placed = demo.http().post_json("/api/v1/orders", &key, &asked).await;
    serde_json::from_value(placed.expect(201).json()).expect("a placed order")
}
