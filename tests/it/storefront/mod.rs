//! What a buyer finds beside the walk of an order: the order again, help with it, the seller's
//! own rules and colours, and what the shop tells search engines and says when it fails.

mod failures;
mod goods;
mod lookup;
mod mails;
mod pages;
pub mod requests;
mod seo;
mod unopened;

use crate::attacks::person::Person;
use crate::harness::{Placed, Reply, Sandbox, TestShop};

/// Buys one `editor` on the product's page, as a person does; the order's page.
async fn buys_on_the_page(person: &mut Person<'_>, email: &str) -> String {
    let form = person.checkout("editor", email).await;
    let placed = person.order("editor", &form).await.expect(303);
    placed.header("location").expect("a page").to_owned()
}

/// Pays the newest attempt of an order at the gateway; nobody looks at the page any more.
async fn paid_elsewhere(shop: &TestShop, gateway: &Sandbox, page: &str) {
    let no = page.trim_start_matches("/o/");
    let query = format!(
        "SELECT merchant_no FROM attempt WHERE order_id = \
         (SELECT id FROM orders WHERE order_no = '{no}') ORDER BY n DESC LIMIT 1"
    );
    let merchant_no = shop.scalar(&query).expect("an attempt");
    gateway.pay_at_once(&merchant_no).await;
    delivered(shop, no).await;
}

async fn delivered(shop: &TestShop, no: &str) {
    let query = format!("SELECT state FROM orders WHERE order_no = '{no}'");
    crate::harness::eventually(std::time::Duration::from_secs(60), || async {
        shop.scalar(&query).as_deref() == Some("delivered")
    })
    .await;
}

/// Looks for an order on the page for it.
async fn looks_up(person: &mut Person<'_>, no: &str, secret: &str) -> Reply {
    let mut form = person.hidden("/orders").await;
    form.insert("order_no".to_owned(), no.to_owned());
    form.insert("secret".to_owned(), secret.to_owned());
    let fields: Vec<_> = form.iter().collect();
    person.post("/orders", &fields).await
}

/// The path of the first link of a text that begins with this path on the shop's own address.
fn link_in(shop: &TestShop, text: &str, path: &str) -> String {
    let whole = format!("{}{path}", shop.url());
    let at = text
        .find(&whole)
        .unwrap_or_else(|| panic!("no {whole} in {text}"));
    let rest = &text[at + shop.url().len()..];
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The page of an order as whoever holds its token sees it.
fn page_of(placed: &Placed) -> String {
    format!("/o/{}", placed.order_no)
}
