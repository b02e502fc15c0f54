//! The pages of the staff, as one table like [`crate::browser_pages`], on a shop that has something
//! to show on each of them.

mod day;

use crate::browser_pages::{Act, Page};
use crate::harness::{Browser, Demo, OWNER};
pub use day::Day;

/// Follows the link that the demo printed, which makes the first administrator.
pub async fn enter_by_the_link(browser: &Browser, demo: &Demo) {
    browser.goto(&demo.admin).await.expect("the link opens");
    browser.fill("#email", OWNER.0).await;
    browser.fill("#password", OWNER.1).await;
    browser.click("main form .btn").await;
    browser.at(|url| url.ends_with("/admin")).await;
}

/// Signs in as its owner.
pub async fn sign_in(browser: &Browser, day: &Day) {
    let login = format!("{}/admin/login", day.shop.url());
    browser.goto(&login).await.expect("the page opens");
    browser.fill("#email", OWNER.0).await;
    browser.fill("#password", OWNER.1).await;
    browser.click("main form .btn").await;
    browser.at(|url| url.ends_with("/admin")).await;
}

/// The table. Who opens these pages is signed in.
pub fn desk_pages(day: &Day) -> Vec<Page> {
    let mut pages = orders(day);
    pages.extend(goods(day));
    pages.extend(stock(day));
    pages.extend(money(day));
    pages.extend(shop_and_staff());
    pages
}

fn desk(name: &'static str, path: impl AsRef<str>) -> Page {
    Page::of_the_desk(name, path.as_ref())
}

fn orders(day: &Day) -> Vec<Page> {
    let of = |name, no: &str, rest: &str| desk(name, format!("/admin/orders/{no}{rest}"));
    vec![
        desk("admin-home", "/admin"),
        desk("admin-orders", "/admin/orders"),
        desk("admin-orders-none", "/admin/orders?no=2222-2222-2222").showing("class=\"empty\""),
        desk("admin-orders-wrong", "/admin/orders?least=-1")
            .showing("id=\"errors\"")
            .answering(422),
        of("admin-order-delivered", &day.sold, ""),
        of("admin-order-waiting", &day.waiting, ""),
        of("admin-order-expired", &day.expired, ""),
        of("admin-order-open", &day.open, ""),
        of("admin-order-refund", &day.sold, "/refund"),
        of("admin-order-refund-sure", &day.sold, "/refund?amount=1.00"),
        of("admin-order-cancel", &day.open, "/cancel"),
        of("admin-order-ask", &day.open, "/ask"),
        of(
            "admin-order-resend",
            &day.sold,
            &format!("/mails/{}", day.mail),
        ),
        of("admin-order-email", &day.sold, "/email"),
        of("admin-order-goods", &day.sold, "/goods"),
        of("admin-order-goods-shown", &day.sold, "/goods")
            .showing("class=\"goods-shown\"")
            .after(&[Act::Press("form.step .btn")]),
        of("admin-order-nothing-to-refund", &day.expired, "/refund").answering(422),
        desk("admin-requests", "/admin/requests"),
        desk("admin-requests-none", "/admin/requests?kind=refund").showing("class=\"empty\""),
    ]
}

fn goods(day: &Day) -> Vec<Page> {
    let product = format!("/admin/products/{}", day.product);
    vec![
        desk("admin-products", "/admin/products"),
        desk("admin-products-none", "/admin/products?q=no-such-thing").showing("class=\"empty\""),
        desk("admin-product-new", "/admin/products/new"),
        desk("admin-product", &product),
        desk("admin-product-wrong", &product)
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#slug", "Not A Slug"),
                Act::Press("#goods .btn.primary"),
            ]),
        Page::of_the_shop("admin-product-preview", &product, "note t-warn")
            .weighing_as_a_desk()
            .after(&[Act::PressAside("[formaction]")]),
        desk("admin-variant-new", format!("{product}/variants/new")),
        desk(
            "admin-variant",
            format!("{product}/variants/{}", day.variant),
        ),
        desk("admin-categories", "/admin/categories"),
        desk(
            "admin-category",
            format!("/admin/categories/{}", day.category),
        ),
        desk(
            "admin-category-remove",
            format!("/admin/categories/{}/remove", day.category),
        )
        .answering(409),
        desk("admin-setup", "/admin/setup"),
        desk("admin-setup-shop", "/admin/setup/shop"),
        desk("admin-setup-channel", "/admin/setup/channel"),
        desk("admin-setup-mail", "/admin/setup/mail"),
        desk("admin-setup-product", "/admin/setup/product"),
        desk("admin-setup-finish", "/admin/setup/finish"),
    ]
}

fn stock(day: &Day) -> Vec<Page> {
    let cards = format!("/admin/stock/{}", day.variant);
    vec![
        desk("admin-stock", "/admin/stock"),
        desk("admin-stock-none", "/admin/stock?q=no-such-thing").showing("class=\"empty\""),
        desk("admin-stock-unknown-card", "/admin/stock")
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#content", "NHPRO-NOBODY-KNOWS"),
                Act::Press("form[action$=find] .btn"),
            ]),
        desk("admin-cards", &cards),
        desk(
            "admin-cards-none",
            format!("{cards}?state=delivered&batch={}", day.withdrawn),
        ),
        desk("admin-cards-bin", format!("{cards}?state=withdrawn")),
        desk("admin-card", format!("/admin/stock/cards/{}", day.card)),
        desk(
            "admin-card-shown",
            format!("/admin/stock/cards/{}", day.card),
        )
        .showing("class=\"stock-content\"")
        .after(&[Act::Press("form[action$=reveal] .btn")]),
        desk("admin-batches", format!("{cards}/batches")),
        desk("admin-batch", format!("{cards}/batches/{}", day.batch)),
        desk(
            "admin-batch-withdrawn",
            format!("{cards}/batches/{}", day.withdrawn),
        ),
        desk("admin-import", format!("{cards}/import")),
        desk("admin-import-empty", format!("{cards}/import"))
            .showing("id=\"errors\"")
            .after(&[Act::Press("main form .btn.primary")]),
        desk("admin-import-dry-run", &day.draft),
        desk("admin-stock-export", format!("{cards}/export")),
        desk("admin-stock-move", format!("{cards}/move")),
        desk(
            "admin-reusable",
            format!("/admin/stock/{}/reusable", day.reusable),
        ),
    ]
}

fn money(day: &Day) -> Vec<Page> {
    let of = |name, id: &str, rest: &str| desk(name, format!("/admin/cases/{id}{rest}"));
    vec![
        desk("admin-cases", "/admin/cases"),
        desk("admin-cases-none", "/admin/cases?kind=late").showing("class=\"empty\""),
        of("admin-case-over", &day.over, ""),
        of("admin-case-over-refund", &day.over, "/refund"),
        of("admin-case-by-hand", &day.by_hand, ""),
        of("admin-case-deliver", &day.by_hand, "/deliver"),
        desk("admin-accounts", "/admin/accounts"),
        desk("admin-accounts-none", "/admin/accounts?state=draining").showing("class=\"empty\""),
        desk("admin-account-kinds", "/admin/accounts/new"),
        desk("admin-account-new", "/admin/accounts/new?kind=epay"),
        desk("admin-account-one", "/admin/accounts/sandbox"),
        desk("admin-account-tested", "/admin/accounts/sandbox")
            .showing("id=\"trial\"")
            .after(&[Act::Press("form[action$=test] .btn")]),
        desk("admin-account-edit", "/admin/accounts/sandbox/edit"),
        desk("admin-account-wrong", "/admin/accounts/sandbox/edit")
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#base_url", "https://name:word@gateway.example"),
                Act::Press("main form .btn.primary"),
            ]),
        desk(
            "admin-account-stop",
            "/admin/accounts/sandbox/state/draining",
        ),
        desk("admin-mail", "/admin/mail"),
        desk("admin-mail-none", "/admin/mail?topic=mail.test").showing("class=\"empty\""),
        desk("admin-mail-one", format!("/admin/mail/{}", day.mail)),
        desk("admin-mail-dead", format!("/admin/mail/{}", day.bounced)),
        desk("admin-mail-templates", "/admin/mail/templates"),
        desk("admin-mail-template", TEMPLATE),
        desk("admin-mail-template-preview", TEMPLATE)
            .showing("class=\"letter\"")
            .after(&[Act::Press("[value=preview]")]),
        desk("admin-mail-template-wrong", TEMPLATE)
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#subject", "{nobody_knows_this}"),
                Act::Press("main form .btn.primary"),
            ]),
    ]
}

const TEMPLATE: &str = "/admin/mail/templates/order.delivered/zh";

fn shop_and_staff() -> Vec<Page> {
    vec![
        desk("admin-settings", "/admin/settings"),
        desk("admin-settings-wrong", "/admin/settings")
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#minutes_to_pay", "soon"),
                Act::Press("main form > .row .btn.primary"),
            ]),
        desk("admin-webhook-secret", "/admin/settings/webhook-secret"),
        desk("admin-audit", "/admin/audit"),
        desk("admin-audit-none", "/admin/audit?actor=nobody").showing("class=\"empty\""),
        desk("admin-account", "/admin/account"),
        desk("admin-account-wrong-password", "/admin/account")
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#old", "not the password at all"),
                Act::Type("#new", "another long password"),
                Act::Press(".form .btn.primary"),
            ]),
        desk("admin-second", "/admin/account/second"),
        desk("admin-not-found", "/admin/nowhere")
            .showing("404 · ")
            .answering(404),
        desk("admin-login", "/admin/login").showing("class=\"bare\""),
        desk("admin-login-refused", "/admin/login")
            .showing("id=\"errors\"")
            .after(&[
                Act::Type("#email", "somebody@example.com"),
                Act::Type("#password", "not the password"),
                Act::Press("main form .btn"),
            ]),
    ]
}
